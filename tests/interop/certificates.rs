//! Certificates in every state, made when they are shown: the clock of a real server is the real one.

use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use time::{Duration, OffsetDateTime};

use crate::pem::pem;

/// What a server shows, in PEM.
pub(crate) struct Shown {
    pub(crate) chain: String,
    pub(crate) key: String,
}

impl Shown {
    fn of(certificate: &Certificate, key: &KeyPair) -> Self {
        let chain = pem("CERTIFICATE", certificate.der());
        Self { chain, key: pem("PRIVATE KEY", &key.serialize_der()) }
    }
}

/// An authority that a test trusts, and what it vouches for.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let params = authority("Authority of a test");
        let pem = pem("CERTIFICATE", params.self_signed(&key).expect("a certificate").der());
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// Its certificate.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// A certificate for this name, from so many days from now to so many.
    pub(crate) fn leaf(&self, name: &str, days: std::ops::Range<i64>) -> Shown {
        let key = KeyPair::generate().expect("a key");
        let leaf = leaf(name, days).signed_by(&key, &self.issuer).expect("a certificate");
        Shown::of(&leaf, &key)
    }

    /// A certificate of an intermediate authority, which is not shown.
    pub(crate) fn without_intermediate(&self, name: &str) -> Shown {
        let (between, key) = (KeyPair::generate().expect("a key"), KeyPair::generate().expect("a key"));
        let params = authority("Between");
        // It exists and is in order; only the server does not send it.
        params.signed_by(&between, &self.issuer).expect("a certificate");
        let leaf = leaf(name, -1..30).signed_by(&key, &Issuer::new(params, between));
        Shown::of(&leaf.expect("a certificate"), &key)
    }
}

/// A certificate that vouches for itself.
pub(crate) fn self_signed(name: &str) -> Shown {
    let key = KeyPair::generate().expect("a key");
    Shown::of(&leaf(name, -1..30).self_signed(&key).expect("a certificate"), &key)
}

fn authority(name: &str) -> CertificateParams {
    let mut params = leaf(name, -90..90);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn leaf(name: &str, days: std::ops::Range<i64>) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
    params.distinguished_name.push(DnType::CommonName, name);
    let now = OffsetDateTime::now_utc();
    (params.not_before, params.not_after) = (now + Duration::days(days.start), now + Duration::days(days.end));
    params
}
