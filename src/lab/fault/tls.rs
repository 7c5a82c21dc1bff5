//! TLS that goes wrong: no certificate at all, an old version, or a certificate with a doubt about it.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::TLS12;

use super::super::authority::identities::Identities;
use super::super::authority::{Doubt, NotCertified};

/// What is wrong with a server's TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoilt {
    /// The handshake is refused with an alert.
    Alert,
    /// No version above 1.2 is spoken.
    Old,
    /// There is a doubt about the certificate.
    Certificate(Doubt),
}

impl Spoilt {
    /// TLS as it is then, where `usual` is how the host speaks it otherwise.
    pub(in crate::lab) fn tls(
        self,
        host: &str,
        usual: &ServerConfig,
        identities: &Identities,
    ) -> Result<Arc<ServerConfig>, NotCertified> {
        let builder = || ServerConfig::builder_with_provider(Arc::clone(usual.crypto_provider()));
        let config = match self {
            Self::Certificate(doubt) => return identities.doubtful(host, doubt),
            Self::Alert => speechless(usual)?,
            Self::Old => builder()
                .with_protocol_versions(&[&TLS12])?
                .with_no_client_auth()
                .with_cert_resolver(Arc::clone(&usual.cert_resolver)),
        };
        Ok(Arc::new(config))
    }
}

/// TLS without a certificate.
pub(in crate::lab) fn speechless(usual: &ServerConfig) -> Result<ServerConfig, rustls::Error> {
    let builder = ServerConfig::builder_with_provider(Arc::clone(usual.crypto_provider()));
    let builder = builder.with_safe_default_protocol_versions()?;
    Ok(builder.with_no_client_auth().with_cert_resolver(Arc::new(NoCertificate)))
}

/// Has no certificate for anybody, so that every handshake ends with an alert.
#[derive(Debug)]
struct NoCertificate;

impl ResolvesServerCert for NoCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}
