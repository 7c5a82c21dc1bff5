//! Authorities and certificates, made for each test.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use time::{Duration, OffsetDateTime};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};

use crate::pem::pem;
use crate::stage::NOON;

/// An authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn named(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        (params.not_before, params.not_after) = (day(-1000), day(1000));
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn der(&self) -> &[u8] {
        self.0.der()
    }

    /// A server that shows a certificate for this name, valid for these days from noon.
    pub(crate) fn server(&self, name: &str, days: std::ops::Range<i64>) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let certificate = params(name, days).signed_by(&key, &self.0).unwrap();
        acceptor(vec![certificate.der().clone()], &key)
    }
}

/// What a server of ours speaks, and whether it asks for a certificate.
#[derive(Clone, Copy)]
pub(crate) struct Ways<'a> {
    pub(crate) versions: &'a [&'static SupportedProtocolVersion],
    /// It asks for a certificate of this authority.
    pub(crate) asks: Option<&'a Authority>,
}

impl Authority {
    /// A server for this name that speaks in these ways.
    pub(crate) fn server_with(&self, name: &str, ways: Ways<'_>) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let certificate = params(name, -1..90).signed_by(&key, &self.0).unwrap();
        let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(ways.versions)
            .unwrap();
        let builder = match ways.asks {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(CertificateDer::from(authority.der().to_vec())).unwrap();
                let provider = Arc::new(default_provider());
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
                builder.with_client_cert_verifier(verifier.allow_unauthenticated().build().unwrap())
            }
        };
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let config = builder.with_single_cert(vec![certificate.der().clone()], key.into()).unwrap();
        TlsAcceptor::from(Arc::new(config))
    }

    /// A certificate for a client and its key, in PEM. It is valid by the clock of the computer too.
    pub(crate) fn client(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let certificate = params(name, -900..900).signed_by(&key, &self.0).unwrap();
        (pem("CERTIFICATE", certificate.der()), pem("PRIVATE KEY", &key.serialize_der()))
    }
}

impl Authority {
    /// A certificate with this content, and its key.
    pub(crate) fn issue(&self, params: &CertificateParams) -> (Vec<u8>, KeyPair) {
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.0).unwrap().der().to_vec(), key)
    }

    /// An authority of this name in a house of that name.
    pub(crate) fn of_house(name: &str, house: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.distinguished_name.push(DnType::OrganizationName, house);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(1));
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }
}

/// A server that shows these octets as its chain, whatever they are, and has this key.
pub(crate) fn showing(chain: Vec<Vec<u8>>, key: &KeyPair) -> TlsAcceptor {
    let key = default_provider().key_provider.load_private_key(PrivatePkcs8KeyDer::from(key.serialize_der()).into());
    just(CertifiedKey::new(chain.into_iter().map(CertificateDer::from).collect(), key.unwrap()))
}

/// A server that shows just this.
fn just(shown: CertifiedKey) -> TlsAcceptor {
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(shown)));
    TlsAcceptor::from(Arc::new(config))
}

/// A server that vouches for itself.
pub(crate) fn self_signed(name: &str) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let certificate = params(name, -1..90).self_signed(&key).unwrap();
    acceptor(vec![certificate.der().clone()], &key)
}

/// An authority of [`weak`] that is strong itself.
pub(crate) const STRONG_CA: &[u8] = include_bytes!("weak/authority.der");
/// An authority with an RSA key of 1024 bits.
pub(crate) const WEAK_CA: &[u8] = include_bytes!("weak/weak_authority.der");
/// A root with the same key.
pub(crate) const WEAK_ROOT: &[u8] = include_bytes!("weak/weak_root.der");
/// Of X.509 version 1, signed by the strong authority and by itself.
pub(crate) const V1: [&[u8]; 2] = [include_bytes!("weak/v1.der"), include_bytes!("weak/v1_self.der")];
/// Signed by the weak authority and by the weak root.
pub(crate) const OF_WEAK: [&[u8]; 2] =
    [include_bytes!("weak/of_weak_authority.der"), include_bytes!("weak/of_weak_root.der")];

/// A server that shows certificates which rcgen does not make: `weak/make.sh` does.
pub(crate) fn weak(chain: &[&'static [u8]]) -> TlsAcceptor {
    let key = PrivatePkcs8KeyDer::from(&include_bytes!("weak/key.der")[..]);
    let key = default_provider().key_provider.load_private_key(key.into()).unwrap();
    just(CertifiedKey::new(chain.iter().map(|der| CertificateDer::from(*der)).collect(), key))
}

pub(crate) fn params(name: &str, days: std::ops::Range<i64>) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (day(days.start), day(days.end));
    params
}

fn day(from_noon: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(i64::try_from(NOON).unwrap()).unwrap() + Duration::days(from_noon)
}

fn acceptor(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> TlsAcceptor {
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
