//! What a certificate says, field by field; what cannot be read is kept as octets.

use std::net::IpAddr;

use aws_lc_rs::digest::{Algorithm, SHA256, SHA512, digest};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ExtendedKeyUsage, GeneralName, KeyUsage};
use x509_parser::objects::{oid_registry, oid2sn};
use x509_parser::public_key::PublicKey;
use x509_parser::x509::X509Version;

use crate::tape::tls::Certificate;

/// Reads one certificate.
pub(super) fn read(der: &[u8]) -> Certificate {
    let Ok((_, x509)) = x509_parser::parse_x509_certificate(der) else {
        return Certificate {
            sha256: hashed(&SHA256, der),
            sha512: hashed(&SHA512, der),
            der: der.to_vec(),
            ..Certificate::default()
        };
    };
    Certificate {
        subject: x509.subject().to_string(),
        issuer: x509.issuer().to_string(),
        names: names(&x509),
        not_before: x509.validity().not_before.timestamp(),
        not_after: x509.validity().not_after.timestamp(),
        key: key(&x509),
        usage: usage(&x509),
        signature: registered(&x509.signature_algorithm.algorithm),
        sha256: hashed(&SHA256, der),
        spki_sha256: hashed(&SHA256, x509.public_key().raw),
        sha512: hashed(&SHA512, der),
        spki_sha512: hashed(&SHA512, x509.public_key().raw),
        spki: x509.public_key().raw.to_vec(),
        der: der.to_vec(),
        // Known only once the chain is whole.
        vouches: false,
        seconds_left: 0,
        readable: true,
    }
}

/// True if the certificate names itself as its issuer.
pub(super) fn is_self_issued(certificate: &Certificate) -> bool {
    certificate.readable && certificate.subject == certificate.issuer
}

/// The smallest RSA key whose signatures are verified, in bits.
pub(super) const RSA_BITS: usize = 2048;

/// True for X.509 version 1, which has no extensions (RFC 5280 §4.1.2.1).
pub(super) fn is_version_1(der: &[u8]) -> bool {
    x509_parser::parse_x509_certificate(der).is_ok_and(|(_, x509)| x509.version() == X509Version::V1)
}

/// Bits of an RSA key, if it is one.
pub(super) fn rsa_bits(der: &[u8]) -> Option<usize> {
    let (_, x509) = x509_parser::parse_x509_certificate(der).ok()?;
    match x509.public_key().parsed().ok()? {
        PublicKey::RSA(key) => Some(key.key_size()),
        _ => None,
    }
}

fn names(x509: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = x509.subject_alternative_name() else { return Vec::new() };
    extension.value.general_names.iter().map(name).collect()
}

fn name(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName(name) | GeneralName::RFC822Name(name) | GeneralName::URI(name) => (*name).to_owned(),
        GeneralName::IPAddress(octets) => address(octets).map_or_else(|| hex(octets), |address| address.to_string()),
        other => other.to_string(),
    }
}

fn address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).ok().map(IpAddr::from);
    v4.or_else(|| <[u8; 16]>::try_from(octets).ok().map(IpAddr::from))
}

/// Kind and size of the key, as `ECDSA P-256`.
fn key(x509: &X509Certificate<'_>) -> String {
    let spki = x509.public_key();
    match spki.parsed() {
        Ok(PublicKey::RSA(key)) => format!("RSA {}", key.key_size()),
        Ok(PublicKey::EC(point)) => {
            let curve = spki.algorithm.parameters.as_ref().and_then(|parameters| parameters.as_oid().ok());
            let curve = curve.map(|curve| curve.to_id_string());
            match curve.as_deref() {
                Some("1.2.840.10045.3.1.7") => "ECDSA P-256".into(),
                Some("1.3.132.0.34") => "ECDSA P-384".into(),
                Some("1.3.132.0.35") => "ECDSA P-521".into(),
                _ => format!("ECDSA {}", point.key_size()),
            }
        }
        _ => match spki.algorithm.algorithm.to_id_string().as_str() {
            "1.3.101.112" => "Ed25519".into(),
            "1.3.101.113" => "Ed448".into(),
            "2.16.840.1.101.3.4.3.17" => "ML-DSA-44".into(),
            "2.16.840.1.101.3.4.3.18" => "ML-DSA-65".into(),
            "2.16.840.1.101.3.4.3.19" => "ML-DSA-87".into(),
            _ => registered(&spki.algorithm.algorithm),
        },
    }
}

/// What the key may be used for, in the names of RFC 5280 §4.2.1.3, §4.2.1.9 and §4.2.1.12; nothing if no extension says.
fn usage(x509: &X509Certificate<'_>) -> Vec<String> {
    let constraints = x509.basic_constraints().ok().flatten();
    let authority = constraints.is_some_and(|constraints| constraints.value.ca).then(|| "CA".to_owned());
    let key = x509.key_usage().ok().flatten().map(|usage| key_usage(*usage.value)).unwrap_or_default();
    let purposes = x509.extended_key_usage().ok().flatten().map(|usage| purposes(usage.value)).unwrap_or_default();
    authority.into_iter().chain(key).chain(purposes).collect()
}

fn key_usage(usage: KeyUsage) -> Vec<String> {
    let all = [
        (usage.digital_signature(), "digitalSignature"),
        (usage.non_repudiation(), "nonRepudiation"),
        (usage.key_encipherment(), "keyEncipherment"),
        (usage.data_encipherment(), "dataEncipherment"),
        (usage.key_agreement(), "keyAgreement"),
        (usage.key_cert_sign(), "keyCertSign"),
        (usage.crl_sign(), "cRLSign"),
        (usage.encipher_only(), "encipherOnly"),
        (usage.decipher_only(), "decipherOnly"),
    ];
    set(&all)
}

fn purposes(usage: &ExtendedKeyUsage<'_>) -> Vec<String> {
    let all = [
        (usage.any, "anyExtendedKeyUsage"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    set(&all).into_iter().chain(usage.other.iter().map(registered)).collect()
}

/// The names of what is set.
fn set(all: &[(bool, &str)]) -> Vec<String> {
    all.iter().filter(|(set, _)| *set).map(|(_, name)| (*name).to_owned()).collect()
}

fn registered(oid: &x509_parser::der_parser::oid::Oid<'_>) -> String {
    oid2sn(oid, oid_registry()).map_or_else(|_| oid.to_id_string(), ToOwned::to_owned)
}

fn hashed(algorithm: &'static Algorithm, octets: &[u8]) -> String {
    hex(digest(algorithm, octets).as_ref())
}

/// Octets in hex.
pub(super) fn hex(octets: &[u8]) -> String {
    use std::fmt::Write;

    octets.iter().fold(String::new(), |mut hex, octet| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{octet:02x}");
        hex
    })
}
