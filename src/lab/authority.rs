//! The lab's own certificate authority.
//!
//! Keys are Ed25519 made from the lab's seed, so that certificates and the TLSA records that pin them are the same on
//! every run. The authority vouches for lab names and loopback only (name constraints, RFC 5280 §4.2.1.10): a key that
//! leaked would be worth nothing outside. Nothing here is ever written to disk or offered to a trust store.
//!
//! A host can show something else than a certificate in order, on purpose: see [`Doubt`] and [`identities`].

pub mod identities;

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use crate::ports::lab::AUTHORITY;
pub use crate::ports::lab::change::Doubt;
use aws_lc_rs::digest;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree,
    IsCa, KeyPair, KeyUsagePurpose, NameConstraints, PKCS_ED25519, PublicKeyData as _, SerialNumber,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use time::{Duration, OffsetDateTime};

/// A certificate is valid this long before and after the scene's date.
const VALID: Duration = Duration::days(5 * 365);
/// The same of a lab that is served to programs from outside: clocks may differ a little, and a month is enough.
const SERVED: (Duration, Duration) = (Duration::days(1), Duration::days(30));

/// Why the authority could not be made.
#[derive(Debug, thiserror::Error)]
pub enum NotCertified {
    /// The certificate library refused.
    #[error("the lab's certificates could not be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The TLS library refused.
    #[error("the lab's TLS could not be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// Nobody is called that.
    #[error("no host of the lab is called {0}")]
    NoHost(String),
}

/// The authority.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// An authority below it, which signs what is served with a gap in the chain.
    below: CertifiedIssuer<'static, KeyPair>,
    seed: u64,
    today: OffsetDateTime,
    /// True for a lab that programs from outside reach on this machine.
    served: bool,
}

impl Authority {
    /// The authority of a lab; `today` is the scene's date.
    pub fn new(seed: u64, today: OffsetDateTime) -> Result<Self, NotCertified> {
        Self::build(seed, today, (VALID * 2, VALID * 2), false)
    }

    /// The authority of a lab that is served: valid for a month from `today`, and its certificates name this machine too.
    pub fn served(seed: u64, today: OffsetDateTime) -> Result<Self, NotCertified> {
        Self::build(seed, today, SERVED, true)
    }

    fn build(
        seed: u64,
        today: OffsetDateTime,
        (before, after): (Duration, Duration),
        served: bool,
    ) -> Result<Self, NotCertified> {
        let mut params = authority_params(seed, "Lab CA", 1);
        params.distinguished_name.push(DnType::OrganizationName, AUTHORITY);
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![
                GeneralSubtree::DnsName("test".into()),
                GeneralSubtree::DnsName("localhost".into()),
                GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(Ipv4Addr::LOCALHOST.into(), 8)),
                GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(Ipv6Addr::LOCALHOST.into(), 128)),
            ],
            excluded_subtrees: Vec::new(),
        });
        (params.not_before, params.not_after) = (today - before, today + after);
        let issuer = CertifiedIssuer::self_signed(params, key(seed, "Lab CA")?)?;
        let mut params = authority_params(seed, "Lab Intermediate CA", 0);
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) = (today - before, today + after);
        let below = CertifiedIssuer::signed_by(params, key(seed, "Lab Intermediate CA")?, &issuer)?;
        Ok(Self { issuer, below, seed, today, served })
    }

    /// The authority's own certificate, for whoever is to trust the lab.
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    /// The SHA-256 of a host's public key, for TLSA `3 1 1`.
    pub fn spki_sha256(&self, host: &str) -> Result<[u8; 32], NotCertified> {
        Ok(sha256(&[&key(self.seed, host)?.subject_public_key_info()]))
    }

    /// TLS as a host speaks it, with a certificate that is in order on the scene's date or with a doubt about it.
    pub fn tls(&self, host: &str, doubt: Option<Doubt>) -> Result<Arc<ServerConfig>, NotCertified> {
        let key = match doubt {
            Some(Doubt::NewKey) => key(self.seed, &format!("{host}, renewed")),
            _ => key(self.seed, host),
        }?;
        let named = match (doubt, host.split_once('.')) {
            (Some(Doubt::WrongName), Some((_, domain))) => format!("mail.{domain}"),
            _ => host.to_owned(),
        };
        let (from, to) = match doubt {
            Some(Doubt::Expired) => (self.today - VALID, self.today - Duration::days(3)),
            Some(Doubt::NotYetValid) => (self.today + Duration::days(2), self.today + VALID),
            Some(Doubt::EndsSoon) => (self.today - VALID, self.today + Duration::days(2)),
            _ if self.served => (self.today - SERVED.0, self.today + SERVED.1),
            _ => (self.today - VALID, self.today + VALID),
        };
        let local: &[&str] = if self.served && host == named { &["localhost", "127.0.0.1", "::1"] } else { &[] };
        let vouched = [named.as_str()].into_iter().chain(local.iter().copied()).map(str::to_owned);
        let mut params = CertificateParams::new(vouched.collect::<Vec<_>>())?;
        params.distinguished_name.push(DnType::CommonName, named);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(serial(self.seed, &format!("{host} {doubt:?}")));
        (params.not_before, params.not_after) = (from, to);
        let chain = match doubt {
            Some(Doubt::SelfSigned) => vec![params.self_signed(&key)?.der().clone()],
            Some(Doubt::Incomplete) => vec![params.signed_by(&key, &self.below)?.der().clone()],
            _ => vec![params.signed_by(&key, &self.issuer)?.der().clone(), self.certificate()],
        };
        let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, private)?;
        Ok(Arc::new(tls))
    }
}

/// What the certificate of an authority says; `below` is how many authorities there may be between it and a host.
fn authority_params(seed: u64, name: &str, below: u8) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.serial_number = Some(serial(seed, name));
    params
}

/// PKCS #8 of an Ed25519 key (RFC 8410 §7), up to the 32 octets of the key itself.
const PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The key of a host: a digest of the lab's seed and its name.
fn key(seed: u64, name: &str) -> Result<KeyPair, rcgen::Error> {
    let secret = sha256(&[b"ehlo lab certificate key\0", &seed.to_be_bytes(), name.as_bytes()]);
    let der = PrivatePkcs8KeyDer::from([&PKCS8[..], &secret].concat());
    KeyPair::from_pkcs8_der_and_sign_algo(&der, &PKCS_ED25519)
}

fn serial(seed: u64, name: &str) -> SerialNumber {
    let digest = sha256(&[b"ehlo lab serial\0", &seed.to_be_bytes(), name.as_bytes()]);
    // Positive and at most 20 octets (RFC 5280 §4.1.2.2).
    let mut number: Vec<u8> = digest.iter().copied().take(16).collect();
    if let Some(first) = number.first_mut() {
        *first &= 0x7f;
    }
    SerialNumber::from(number)
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn authority(seed: u64) -> Authority {
        Authority::new(seed, OffsetDateTime::from_unix_timestamp(1_767_261_900).expect("a date")).expect("an authority")
    }

    #[test]
    fn the_same_seed_gives_the_same_certificates() {
        assert_eq!(authority(1).certificate(), authority(1).certificate());
        assert_ne!(authority(1).certificate(), authority(2).certificate());
        let pin = |seed| authority(seed).spki_sha256("mx1.harbor.test").expect("a key");
        assert_eq!(pin(1), pin(1));
    }

    #[test]
    fn the_authority_vouches_for_lab_names_only() {
        let der = authority(1).certificate();
        let (_, parsed) = x509_parser::parse_x509_certificate(&der).expect("it parses");
        let constraints = parsed.name_constraints().expect("readable").expect("present");
        let permitted = constraints.value.permitted_subtrees.as_ref().expect("some");
        assert_eq!(permitted.len(), 4);
    }
}
