//! Who shows what: one certificate a host, in order or with a doubt about it, switched while the lab runs.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;

use super::super::zones::Pin;
use super::{Authority, Doubt, NotCertified};

/// What every host shows.
pub struct Identities {
    authority: Authority,
    shown: RwLock<HashMap<String, Arc<ServerConfig>>>,
}

impl Identities {
    /// A certificate in order for each host, and what TLSA records say of their keys.
    pub fn new<'a>(
        authority: Authority,
        hosts: impl IntoIterator<Item = &'a str>,
    ) -> Result<(Self, Vec<Pin>), NotCertified> {
        let (mut shown, mut pins) = (HashMap::new(), Vec::new());
        for host in hosts {
            let identity = authority.identity(host, None)?;
            pins.push(Pin { host: host.to_owned(), sha256: identity.spki_sha256 });
            shown.insert(host.to_owned(), identity.tls);
        }
        Ok((Self { authority, shown: RwLock::new(shown) }, pins))
    }

    /// From its next session on the host shows this: a certificate with a doubt about it, or the one in order again.
    pub fn show(&self, host: &str, doubt: Option<Doubt>) -> Result<(), NotCertified> {
        let tls = self.authority.identity(host, doubt)?.tls;
        let mut shown = self.shown.write().unwrap_or_else(PoisonError::into_inner);
        let place = shown.get_mut(host).ok_or_else(|| NotCertified::NoHost(host.to_owned()))?;
        *place = tls;
        Ok(())
    }

    /// TLS with a doubt about the certificate, for one session alone.
    pub fn doubtful(&self, host: &str, doubt: Doubt) -> Result<Arc<ServerConfig>, NotCertified> {
        Ok(self.authority.identity(host, Some(doubt))?.tls)
    }

    /// TLS as a host speaks it now.
    pub fn tls(&self, host: &str) -> Option<Arc<ServerConfig>> {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).get(host).cloned()
    }
}
