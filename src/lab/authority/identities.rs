//! Who shows what: one certificate a host, in order or with a doubt about it, switched while the lab runs.
//!
//! A certificate is made when it is first shown: twenty of them would hold up the start of the program, and a session
//! rarely sees more than two. What the DNS pins is the key, which follows from the seed at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ServerConfig;

use super::super::zones::Pin;
use super::{Authority, Doubt, NotCertified};

/// What every host shows.
pub struct Identities {
    authority: Authority,
    /// By the host's name; nothing until it was asked for.
    shown: Mutex<HashMap<String, Option<Arc<ServerConfig>>>>,
}

impl Identities {
    /// A certificate in order for each host, and what TLSA records say of their keys.
    pub fn new<'a>(
        authority: Authority,
        hosts: impl IntoIterator<Item = &'a str>,
    ) -> Result<(Self, Vec<Pin>), NotCertified> {
        let (mut shown, mut pins) = (HashMap::new(), Vec::new());
        for host in hosts {
            pins.push(Pin { host: host.to_owned(), sha256: authority.spki_sha256(host)? });
            shown.insert(host.to_owned(), None);
        }
        Ok((Self { authority, shown: Mutex::new(shown) }, pins))
    }

    /// From its next session on the host shows this: a certificate with a doubt about it, or the one in order again.
    pub fn show(&self, host: &str, doubt: Option<Doubt>) -> Result<(), NotCertified> {
        let tls = self.authority.tls(host, doubt)?;
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let place = shown.get_mut(host).ok_or_else(|| NotCertified::NoHost(host.to_owned()))?;
        *place = Some(tls);
        Ok(())
    }

    /// TLS with a doubt about the certificate, for one session alone.
    pub fn doubtful(&self, host: &str, doubt: Doubt) -> Result<Arc<ServerConfig>, NotCertified> {
        self.authority.tls(host, Some(doubt))
    }

    /// TLS as a host speaks it now.
    pub fn tls(&self, host: &str) -> Result<Arc<ServerConfig>, NotCertified> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let place = shown.get_mut(host).ok_or_else(|| NotCertified::NoHost(host.to_owned()))?;
        if let Some(tls) = place {
            return Ok(Arc::clone(tls));
        }
        let tls = self.authority.tls(host, None)?;
        *place = Some(Arc::clone(&tls));
        Ok(tls)
    }
}
