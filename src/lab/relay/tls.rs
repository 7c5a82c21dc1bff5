//! TLS as a relay speaks it: whatever the certificate, encrypted is better than plain (RFC 7435). Whether it was in order
//! is remembered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio::io::DuplexStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::lab::clock::Clock;
use crate::lab::post::seconds;

/// What is needed for handshakes of a relay.
pub(super) struct Client {
    verifier: Arc<Lenient>,
    config: Arc<ClientConfig>,
}

impl Client {
    /// Trusts the lab's authority, at the lab's time; nothing if the library refuses.
    pub(super) fn new(root: &CertificateDer<'static>, clock: Clock) -> Option<Self> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(root.clone()).ok()?;
        let strict =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().ok()?;
        let verifier = Arc::new(Lenient { strict, in_order: AtomicBool::new(false) });
        let config = ClientConfig::builder_with_details(provider, Arc::new(Time(clock)))
            .with_safe_default_protocol_versions()
            .ok()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&verifier) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        Some(Self { verifier, config: Arc::new(config) })
    }

    /// Shakes hands; gives the stream and whether the certificate is in order.
    pub(super) async fn shake(&self, stream: DuplexStream, name: &str) -> Option<(TlsStream<DuplexStream>, bool)> {
        let name = ServerName::try_from(name.to_owned()).ok()?;
        let stream = TlsConnector::from(Arc::clone(&self.config)).connect(name, stream).await.ok()?;
        Some((stream, self.verifier.in_order.load(Ordering::Relaxed)))
    }
}

/// The lab's time.
#[derive(Debug)]
struct Time(Clock);

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds(self.0.now()))))
    }
}

/// Lets every certificate pass and remembers whether it should; never lets a wrong signature pass.
#[derive(Debug)]
struct Lenient {
    strict: Arc<WebPkiServerVerifier>,
    in_order: AtomicBool,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.strict.verify_server_cert(leaf, others, name, ocsp, now);
        self.in_order.store(verdict.is_ok(), Ordering::Relaxed);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls12_signature(message, leaf, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.strict.verify_tls13_signature(message, leaf, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.strict.supported_verify_schemes()
    }
}
