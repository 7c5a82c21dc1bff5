//! Signing a letter: Ed25519, relaxed forms, the fields that readers see (RFC 6376 §5, RFC 8463).

use aws_lc_rs::digest;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::canonical::{Canon, body};
use super::signature::{Algorithm, Signature};
use crate::dns::Name;
use crate::mail::field;

/// Fields that are signed where they stand (RFC 6376 §5.4.1).
const FIELDS: [&str; 11] = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
];

/// The `DKIM-Signature` field for a letter, end included. `when` is in seconds since 1970.
pub fn sign(letter: &[u8], domain: &str, selector: &str, key: &Ed25519KeyPair, when: u64) -> String {
    let (fields, text) = field::split(letter);
    let present = FIELDS.iter().filter(|name| fields.iter().any(|line| field::value(line, name.as_bytes()).is_some()));
    let names: Vec<&str> = present.copied().collect();
    let body_hash = digest::digest(&digest::SHA256, &body(Canon::Relaxed, text));
    let bare = format!(
        "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed; d={domain}; s={selector};\r\n\tt={when}; h={};\r\n\tbh={};\r\n\tb=",
        names.join(":"),
        BASE64_STANDARD.encode(body_hash),
    );
    let signature = Signature {
        algorithm: Algorithm::Ed25519,
        proof: Vec::new(),
        body_hash: body_hash.as_ref().to_vec(),
        canon: [Canon::Relaxed; 2],
        domain: Name::ascii(domain),
        identity: Name::ascii(domain),
        fields: names.iter().map(|name| name.to_ascii_lowercase().into_bytes()).collect(),
        length: None,
        selector: selector.to_owned(),
        expires: None,
    };
    let signed = digest::digest(&digest::SHA256, &signature.header_of(&fields, format!("{bare}\r\n").as_bytes()));
    format!("{bare}{}\r\n", BASE64_STANDARD.encode(key.sign(signed.as_ref())))
}
