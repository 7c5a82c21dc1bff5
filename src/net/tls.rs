//! TLS: a handshake that is always finished where that is possible at all, and what it showed.
//!
//! The certificate is never a reason to break off: chain, name and dates are judged afterwards, each on its own, and
//! the engine holds every line back until the user decides. The handshake signature, which proves that the peer has
//! the key, is always verified. Sessions are never resumed, so that every handshake shows its certificates.

mod answer;
mod certificate;
mod judge;
mod keys;
mod records;
mod roots;
mod trouble;
mod verifier;
mod witness;

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, SupportedProtocolVersion};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub(crate) use answer::{Answered, answer};
pub use keys::{BadIdentity, Identity, KeyLog, Keys};
pub use roots::{BadCa, Roots};
pub(crate) use witness::Witness;

use super::Calendar;
use super::connect::Stream;
use crate::dns::typed;
use crate::ports::net::{Handshake, Sni, Version};
use crate::tape::Side;
use crate::tape::peer::Peer;
use crate::tape::tls::{Checks, KeyLogging, Terms, TlsFacts, TlsFailure, TlsTrouble};
use keys::Shower;
pub(crate) use verifier::Verifier;

/// What is needed for handshakes: authorities, a calendar, what the user has set.
#[derive(Debug, Clone)]
pub(crate) struct Tls {
    pub(super) roots: Roots,
    pub(super) calendar: Calendar,
    pub(super) patience: Duration,
    pub(super) keys: Keys,
    pub(super) handshake: Handshake,
}

/// The name that a certificate must carry, and the one that goes into SNI.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    name: ServerName<'static>,
    sni: Option<ServerName<'static>>,
}

impl Expected {
    /// What the handshake names, else the name of `host`; the peer's address if the host is one, or is no name that a
    /// certificate could carry.
    pub(super) fn of(host: &str, peer: &Peer, handshake: &Handshake) -> Self {
        let host = server_name(host).filter(|name| matches!(name, ServerName::DnsName(_)));
        let here = IpAddr::from(Ipv4Addr::LOCALHOST);
        let host = host.unwrap_or_else(|| ServerName::IpAddress(peer.ip().unwrap_or(here).into()));
        let name = handshake.verify.as_deref().and_then(server_name).unwrap_or_else(|| host.clone());
        let sni = match &handshake.sni {
            Sni::Host => Some(host),
            Sni::Name(name) => server_name(name),
            Sni::None => None,
        };
        // Only host names are sent (RFC 6066 §3).
        Self { name, sni: sni.filter(|name| matches!(name, ServerName::DnsName(_))) }
    }

    /// The name that is sent in SNI.
    pub(crate) fn sni(&self) -> Option<String> {
        self.sni.as_ref().map(|name| name.to_str().into_owned())
    }

    /// The name for the library, which sends no other one.
    fn asked(&self) -> ServerName<'static> {
        self.sni.clone().unwrap_or_else(|| self.name.clone())
    }
}

/// True if a certificate could carry this name or address.
pub fn is_server_name(text: &str) -> bool {
    server_name(text).is_some()
}

/// A name, or an address with or without brackets.
fn server_name(text: &str) -> Option<ServerName<'static>> {
    if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Some(ServerName::IpAddress(address.into()));
    }
    let name = typed::name(text).ok()?.name.to_string();
    ServerName::try_from(name.trim_end_matches('.').to_owned()).ok()
}

impl Tls {
    /// Whoever goes on whatever the certificate (RFC 7435) and trusts `roots` alone; `seconds` tells the time since 1970.
    pub(crate) fn opportunistic(
        roots: Roots,
        patience: Duration,
        seconds: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Self {
        let handshake = Handshake { checks: Checks::None, ..Handshake::default() };
        Self { roots, calendar: Calendar::new(seconds), patience, keys: Keys::default(), handshake }
    }

    /// What the other end must show if it is `host`, at `peer`.
    pub(crate) fn expected(&self, host: &str, peer: &Peer) -> Expected {
        Expected::of(host, peer, &self.handshake)
    }

    /// Shakes hands over `stream`. `first` is true if no plain text went before.
    pub(crate) async fn shake(
        &self,
        stream: Box<dyn Stream>,
        expected: &Expected,
        first: bool,
    ) -> Result<(TlsStream<Witness>, Box<TlsFacts>), TlsFailure> {
        let started = Instant::now();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = Arc::new(Verifier::new(provider.signature_verification_algorithms));
        let shower = Arc::new(Shower::new(self.keys.identity.clone().filter(|_| self.handshake.identity)));
        let witness = Witness::new(stream, Side::Server);
        let records = witness.records();
        let failed = |why, detail| TlsFailure { why, detail, records: records.seen(), took: started.elapsed() };
        let config = self.config(&provider, Arc::clone(&verifier), Arc::clone(&shower));
        let mut config = config.map_err(|error| failed(TlsTrouble::Other, error.to_string()))?;
        config.enable_sni = expected.sni.is_some();
        let connecting = TlsConnector::from(Arc::new(config)).connect(expected.asked(), witness).into_fallible();
        match timeout(self.patience, connecting).await {
            Ok(Ok(stream)) => {
                let terms = self.terms(&shower);
                let facts = self.facts(&stream, &verifier, expected, terms);
                Ok((stream, Box::new(TlsFacts { took: started.elapsed(), ..facts })))
            }
            Ok(Err((error, witness))) => {
                let (why, detail) = trouble::of(&error, witness.head(), first, &verifier.chain());
                let detail = if why == TlsTrouble::Version { self.versions() } else { detail };
                Err(failed(why, detail))
            }
            Err(_) => Err(failed(TlsTrouble::TimedOut, String::new())),
        }
    }

    fn config(
        &self,
        provider: &Arc<CryptoProvider>,
        verifier: Arc<Verifier>,
        shower: Arc<Shower>,
    ) -> Result<ClientConfig, rustls::Error> {
        let offered: Vec<_> = self.offered().map(|(_, version)| version).collect();
        let mut config = ClientConfig::builder_with_provider(Arc::clone(provider))
            .with_protocol_versions(&offered)?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_client_cert_resolver(shower);
        config.resumption = Resumption::disabled();
        if let Some(log) = self.key_log() {
            config.key_log = Arc::new(log.clone());
        }
        Ok(config)
    }

    /// The versions that are offered, by their numbers.
    fn offered(&self) -> impl Iterator<Item = (&'static str, &'static SupportedProtocolVersion)> {
        let wanted = self.handshake.versions;
        let known =
            [(Version::Tls12, "1.2", &rustls::version::TLS12), (Version::Tls13, "1.3", &rustls::version::TLS13)];
        let offered = known.into_iter().filter(move |(it, ..)| (wanted.lowest..=wanted.highest).contains(it));
        offered.map(|(_, number, version)| (number, version))
    }

    /// `1.2, 1.3`.
    fn versions(&self) -> String {
        self.offered().map(|(number, _)| number).collect::<Vec<_>>().join(", ")
    }

    fn key_log(&self) -> Option<&KeyLog> {
        self.keys.log.as_ref().filter(|_| self.handshake.keys_logged)
    }

    fn terms(&self, shower: &Shower) -> Terms {
        let keys = self.key_log().map_or(KeyLogging::Off, KeyLog::told);
        Terms { checks: self.handshake.checks, client: shower.told(), keys }
    }

    fn facts(&self, stream: &TlsStream<Witness>, verifier: &Verifier, expected: &Expected, terms: Terms) -> TlsFacts {
        let (witness, session) = stream.get_ref();
        let (chain, now) = (verifier.chain(), self.calendar.now());
        let mut certificates: Vec<_> = chain.iter().map(|der| certificate::read(der)).collect();
        let case = judge::Case {
            chain: &chain,
            certificates: &certificates,
            expected: &expected.name,
            roots: self.roots.store(),
            now,
            algorithms: verifier.algorithms(),
        };
        let (trust, name, dates) = (case.trust(), case.name(), case.dates());
        let vouching: Vec<bool> = (0..chain.len()).map(|depth| case.vouches(depth)).collect();
        for (certificate, vouches) in certificates.iter_mut().zip(vouching) {
            certificate.vouches = vouches;
            certificate.seconds_left = judge::seconds_until(certificate.not_after, now);
        }
        TlsFacts {
            version: session.protocol_version().map_or_else(String::new, version),
            suite: session.negotiated_cipher_suite().map_or_else(String::new, |suite| suite_name(suite.suite())),
            group: session.negotiated_key_exchange_group().map(|group| format!("{:?}", group.name())),
            sni: expected.sni(),
            expected: expected.name.to_str().into_owned(),
            trust,
            name,
            dates,
            chain: certificates,
            records: witness.records().seen(),
            terms,
            took: Duration::ZERO,
        }
    }
}

fn version(version: rustls::ProtocolVersion) -> String {
    match version {
        rustls::ProtocolVersion::TLSv1_3 => "TLS 1.3".into(),
        rustls::ProtocolVersion::TLSv1_2 => "TLS 1.2".into(),
        other => format!("{other:?}"),
    }
}

/// The name in the registry: rustls puts the version into those of TLS 1.3.
pub(crate) fn suite_name(suite: rustls::CipherSuite) -> String {
    format!("{suite:?}").replacen("TLS13_", "TLS_", 1)
}

/// Octets that wait to be read before our first TLS record leaves: there must be none (RFC 3207 §4.2).
///
/// `Err` if the stream ended or broke instead.
pub(super) async fn surplus(stream: &mut dyn Stream) -> Result<Vec<u8>, TlsTrouble> {
    use tokio::io::AsyncReadExt;

    /// Long enough for the runtime to hear of octets that are there already.
    const GLANCE: Duration = Duration::from_millis(1);
    let mut octets = vec![0; 4096];
    match timeout(GLANCE, stream.read(&mut octets)).await {
        Err(_) => Ok(Vec::new()),
        Ok(Ok(0)) => Err(TlsTrouble::Closed),
        Ok(Ok(read)) => {
            octets.truncate(read);
            Ok(octets)
        }
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionReset => Err(TlsTrouble::Reset),
        Ok(Err(_)) => Err(TlsTrouble::Closed),
    }
}
