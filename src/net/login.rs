//! What a led login needs from outside: random text, the data that tie it to TLS, and a thread for the slow part.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::{digest, rand};
use rustls::{ClientConnection, ProtocolVersion};
use tokio::task::JoinHandle;

use crate::dns::typed;
use crate::ports::net::{Authenticate, Target};
use crate::smtp::sasl::client::{Binding, Derivation, Exchange, SaltedPassword, Service, Setup, Trouble};
use crate::smtp::sasl::encode;

/// Octets of randomness in a nonce: in Base64 they need no padding.
const RANDOM: usize = 18;

/// A source of random text for SCRAM. Cheap to clone.
#[derive(Clone)]
pub struct Nonces(Arc<dyn Fn() -> String + Send + Sync>);

impl Nonces {
    /// From the system's generator.
    pub fn random() -> Self {
        Self(Arc::new(|| {
            let mut octets = [0; RANDOM];
            // Without randomness there is no nonce, and SCRAM refuses to begin.
            if rand::fill(&mut octets).is_ok() { encode(&octets) } else { String::new() }
        }))
    }

    /// The same ones in the same order for the same seed: for the lab, whose sessions repeat octet by octet.
    pub fn seeded(seed: u64) -> Self {
        let drawn = AtomicU64::new(0);
        Self(Arc::new(move || {
            let drawn = drawn.fetch_add(1, Ordering::Relaxed);
            let octets = [&b"ehlo nonce"[..], &seed.to_be_bytes(), &drawn.to_be_bytes()].concat();
            encode(digest::digest(&digest::SHA256, &octets).as_ref().get(..RANDOM).unwrap_or_default())
        }))
    }

    fn draw(&self) -> String {
        (self.0)()
    }
}

impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nonces")
    }
}

/// What one connection logs in with.
pub(super) struct Logins {
    nonces: Nonces,
    service: Option<Service>,
    /// `tls-exporter` (RFC 9266), once TLS 1.3 stands.
    exported: Option<[u8; 32]>,
    work: Option<JoinHandle<SaltedPassword>>,
}

impl Logins {
    /// Of a connection to `target`. A host that is an address has no name to say to OAUTHBEARER.
    pub(super) fn new(nonces: Nonces, target: &Target) -> Self {
        let named = typed::name(&target.host).ok().filter(|_| target.host.parse::<std::net::IpAddr>().is_err());
        let service = named.map(|named| Service { host: named.name.relative(), port: target.port });
        Self { nonces, service, exported: None, work: None }
    }

    /// TLS stands: logins can be tied to it.
    pub(super) fn secured(&mut self, tls: &ClientConnection) {
        self.exported = exported(tls);
    }

    /// The exchange of a login.
    pub(super) fn begin(&self, wanted: &Authenticate) -> Result<Exchange, Trouble> {
        let binding = match self.exported {
            None => Binding::Unable,
            // RFC 5802 §6: the server learns that we could, in case its list was shortened on the way.
            Some(_) if !wanted.mechanism.binds() && !wanted.plus_listed => Binding::NotOffered,
            Some(exported) => Binding::TlsExporter(exported),
        };
        let setup = Setup::new(wanted.mechanism, wanted.login.clone());
        Exchange::begin(&Setup { service: self.service.clone(), binding, nonce: self.nonces.draw(), ..setup })
    }

    /// Does the slow part where it keeps nobody waiting.
    pub(super) fn work(&mut self, derivation: Derivation) {
        self.work = Some(tokio::task::spawn_blocking(|| derivation.run()));
    }

    /// What the slow part came to; never, if there is none. Nothing is lost if the future is dropped.
    pub(super) async fn worked(&mut self) -> Option<SaltedPassword> {
        let Some(work) = &mut self.work else { return std::future::pending().await };
        let salted = work.await.ok();
        self.work = None;
        salted
    }
}

/// `tls-exporter`: only TLS 1.3 gives it without a further condition (RFC 9266 §4.2).
fn exported(tls: &ClientConnection) -> Option<[u8; 32]> {
    if tls.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
        return None;
    }
    tls.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b"")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeded_nonces_repeat_and_random_ones_do_not() {
        let drawn = |nonces: Nonces| [nonces.draw(), nonces.draw()];
        assert_eq!(drawn(Nonces::seeded(7)), drawn(Nonces::seeded(7)));
        let [first, second] = drawn(Nonces::seeded(7));
        assert_ne!(first, second);
        assert_ne!(first, Nonces::seeded(8).draw());
        let [first, second] = drawn(Nonces::random());
        assert_ne!(first, second);
        assert_eq!((first.len(), first.contains([',', '='])), (24, false));
    }
}
