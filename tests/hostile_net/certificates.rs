//! Authorities and certificates, made for each test.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use time::{Duration, OffsetDateTime};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

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

/// A server that vouches for itself.
pub(crate) fn self_signed(name: &str) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let certificate = params(name, -1..90).self_signed(&key).unwrap();
    acceptor(vec![certificate.der().clone()], &key)
}

fn params(name: &str, days: std::ops::Range<i64>) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (day(days.start), day(days.end));
    params
}

fn day(from_noon: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(i64::try_from(NOON).unwrap()).unwrap() + Duration::days(from_noon)
}

fn acceptor(chain: Vec<tokio_rustls::rustls::pki_types::CertificateDer<'static>>, key: &KeyPair) -> TlsAcceptor {
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivatePkcs8KeyDer::from(key.serialize_der()).into())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
