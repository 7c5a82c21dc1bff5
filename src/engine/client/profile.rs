//! What a connection is led with.

use crate::smtp::limits::{Limits, Timers};

/// How a connection is to be led.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Profile {
    /// What is taken from a server before reading stops.
    pub limits: Limits,
    /// How long to wait for what.
    pub timers: Timers,
    /// True if TLS comes before the first byte (RFC 8314 §3).
    pub tls_first: bool,
}
