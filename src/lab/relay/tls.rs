//! TLS as a relay speaks it: whatever the certificate, encrypted is better than plain (RFC 7435). Whether it was in order
//! is judged afterwards.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::DuplexStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::lab::clock::Clock;
use crate::net::tls::Verifier;

/// What is needed for the handshake of a relay.
pub(super) struct Client {
    strict: Arc<WebPkiServerVerifier>,
    verifier: Arc<Verifier>,
    config: Arc<ClientConfig>,
    clock: Clock,
}

impl Client {
    /// Trusts the lab's authority, at the lab's time; nothing if the library refuses.
    pub(super) fn new(root: &CertificateDer<'static>, clock: Clock) -> Option<Self> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(root.clone()).ok()?;
        let strict =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().ok()?;
        let verifier = Arc::new(Verifier::new(provider.signature_verification_algorithms));
        let config = ClientConfig::builder_with_details(provider, Arc::new(Time(clock.clone())))
            .with_safe_default_protocol_versions()
            .ok()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&verifier) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        Some(Self { strict, verifier, config: Arc::new(config), clock })
    }

    /// Shakes hands; gives the stream and whether the certificate is in order.
    pub(super) async fn shake(&self, stream: DuplexStream, name: &str) -> Option<(TlsStream<DuplexStream>, bool)> {
        let name = ServerName::try_from(name.to_owned()).ok()?;
        let stream = TlsConnector::from(Arc::clone(&self.config)).connect(name.clone(), stream).await.ok()?;
        Some((stream, self.is_in_order(&name)))
    }

    fn is_in_order(&self, name: &ServerName<'_>) -> bool {
        let chain = self.verifier.chain();
        let Some((leaf, others)) = chain.split_first() else { return false };
        self.strict.verify_server_cert(leaf, others, name, &[], time(&self.clock)).is_ok()
    }
}

/// The lab's time.
#[derive(Debug)]
struct Time(Clock);

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        Some(time(&self.0))
    }
}

fn time(clock: &Clock) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(clock.seconds()))
}
