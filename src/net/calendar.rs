//! What day it is: for certificates, and to notice that the computer slept. The lab has a calendar of its own.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// A source of dates. Cheap to clone.
#[derive(Clone)]
pub struct Calendar(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Calendar {
    /// A calendar that asks `seconds` for the seconds since 1970.
    pub fn new(seconds: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(seconds))
    }

    /// The computer's own.
    pub fn system() -> Self {
        Self::new(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }

    /// Seconds since 1970.
    pub fn now(&self) -> u64 {
        (self.0)()
    }
}

impl Default for Calendar {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Calendar").field(&self.now()).finish()
    }
}
