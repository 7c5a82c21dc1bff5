//! What scripts that are servers show in TLS: certificates of an authority of their own, valid for a month from today, which
//! name this machine too.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use rustls::ServerConfig;
use time::OffsetDateTime;

use super::NotBuilt;
use super::authority::Authority;
use super::fault::speechless;
use crate::ports::net::{Certificate, Shown};
use crate::ports::pem;

/// Makes certificates for scripts.
pub struct Showing(Authority);

impl fmt::Debug for Showing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Showing")
    }
}

impl Showing {
    /// The authority that follows from a seed, today.
    pub fn new(seed: u64) -> Result<Self, NotBuilt> {
        let today = OffsetDateTime::from_unix_timestamp(Timestamp::now().as_second()).map_err(|_| NotBuilt::Date)?;
        Ok(Self(Authority::served(seed, today)?))
    }

    /// The authority's own certificate in PEM, for whoever is to trust it.
    pub fn authority(&self) -> String {
        pem::certificate(&self.0.certificate())
    }

    /// TLS as a server speaks it that shows this, or why there is none.
    pub fn tls(&self, shown: &Shown) -> Result<Arc<ServerConfig>, String> {
        let doubt = match shown.certificate {
            Certificate::Doubtful(doubt) => Some(doubt),
            Certificate::Good | Certificate::None => None,
        };
        let usual = self.0.tls(&shown.name, doubt).map_err(|why| why.to_string())?;
        match shown.certificate {
            Certificate::None => speechless(&usual).map(Arc::new).map_err(|why| why.to_string()),
            _ => Ok(usual),
        }
    }
}
