//! TLS: a handshake that is always finished where that is possible at all, and what it showed.
//!
//! The certificate is never a reason to break off: chain, name and dates are judged afterwards, each on its own, and
//! the engine holds every line back until the user decides. The handshake signature, which proves that the peer has
//! the key, is always verified. Sessions are never resumed, so that every handshake shows its certificates.

mod certificate;
mod judge;
mod roots;
mod trouble;
mod verifier;
mod witness;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::ServerName;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub use roots::{BadCa, Roots};
pub(super) use witness::Witness;

use super::Calendar;
use super::connect::Stream;
use crate::dns::typed;
use crate::tape::tls::{TlsFacts, TlsFailure, TlsTrouble};
use verifier::Verifier;

/// What is needed for handshakes: authorities, a calendar, the crypto provider.
#[derive(Debug, Clone)]
pub(super) struct Tls {
    pub(super) roots: Roots,
    pub(super) calendar: Calendar,
    pub(super) patience: Duration,
}

/// The name that a certificate must carry, and whether it goes into SNI.
#[derive(Debug, Clone)]
pub(super) struct Expected {
    name: ServerName<'static>,
}

impl Expected {
    /// The name of `host`; the peer's address if the host is one, or is no name that a certificate could carry.
    pub(super) fn of(host: &str, peer: SocketAddr) -> Self {
        let address = || ServerName::IpAddress(peer.ip().into());
        if host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
            return Self { name: address() };
        }
        let ascii = typed::name(host).map(|typed| typed.name.to_string());
        let name = ascii.ok().and_then(|name| ServerName::try_from(name.trim_end_matches('.').to_owned()).ok());
        Self { name: name.unwrap_or_else(address) }
    }

    /// The name that is sent in SNI: only host names are (RFC 6066 §3).
    pub(super) fn sni(&self) -> Option<String> {
        matches!(self.name, ServerName::DnsName(_)).then(|| self.name.to_str().into_owned())
    }
}

impl Tls {
    /// Shakes hands over `stream`. `first` is true if no plain text went before.
    pub(super) async fn shake(
        &self,
        stream: Box<dyn Stream>,
        expected: &Expected,
        first: bool,
    ) -> Result<(TlsStream<Witness>, Box<TlsFacts>), TlsFailure> {
        let started = Instant::now();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = Arc::new(Verifier::new(provider.signature_verification_algorithms));
        let failed = |why, detail| TlsFailure { why, detail, took: started.elapsed() };
        let config =
            config(&provider, Arc::clone(&verifier)).map_err(|error| failed(TlsTrouble::Other, error.to_string()))?;
        let connecting =
            TlsConnector::from(Arc::new(config)).connect(expected.name.clone(), Witness::new(stream)).into_fallible();
        match timeout(self.patience, connecting).await {
            Ok(Ok(stream)) => {
                let facts = self.facts(&stream, &verifier, expected, started.elapsed());
                Ok((stream, Box::new(facts)))
            }
            Ok(Err((error, witness))) => {
                let (why, detail) = trouble::of(&error, witness.head(), first, &verifier.chain());
                Err(failed(why, detail))
            }
            Err(_) => Err(failed(TlsTrouble::TimedOut, String::new())),
        }
    }

    fn facts(&self, stream: &TlsStream<Witness>, verifier: &Verifier, expected: &Expected, took: Duration) -> TlsFacts {
        let (_, session) = stream.get_ref();
        let chain = verifier.chain();
        let certificates: Vec<_> = chain.iter().map(|der| certificate::read(der)).collect();
        let case = judge::Case {
            chain: &chain,
            certificates: &certificates,
            expected: &expected.name,
            roots: self.roots.store(),
            now: self.calendar.now(),
            algorithms: verifier.algorithms(),
        };
        TlsFacts {
            version: session.protocol_version().map_or_else(String::new, version),
            suite: session.negotiated_cipher_suite().map_or_else(String::new, |suite| suite_name(suite.suite())),
            group: session.negotiated_key_exchange_group().map(|group| format!("{:?}", group.name())),
            sni: expected.sni(),
            expected: expected.name.to_str().into_owned(),
            trust: case.trust(),
            name: case.name(),
            dates: case.dates(),
            chain: certificates,
            took,
        }
    }
}

fn config(provider: &Arc<CryptoProvider>, verifier: Arc<Verifier>) -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    Ok(config)
}

fn version(version: rustls::ProtocolVersion) -> String {
    match version {
        rustls::ProtocolVersion::TLSv1_3 => "TLS 1.3".into(),
        rustls::ProtocolVersion::TLSv1_2 => "TLS 1.2".into(),
        other => format!("{other:?}"),
    }
}

/// The name in the registry: rustls puts the version into those of TLS 1.3.
fn suite_name(suite: rustls::CipherSuite) -> String {
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
