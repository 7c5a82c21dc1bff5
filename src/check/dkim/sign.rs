//! Signing a letter: Ed25519, relaxed forms, the fields that readers see (RFC 6376 §5, RFC 8463).

use aws_lc_rs::digest;
use aws_lc_rs::signature::Ed25519KeyPair;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::canonical::{Canon, body};
use super::signature::header_of;
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

/// Fields that a letter has once. Named once more than they stand, another one that is added on the way breaks the
/// signature: a second author could be what the reader sees (RFC 6376 §8.15).
const ONCE: [&str; 3] = ["From", "Subject", "Date"];

/// Who signs.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'k> {
    /// The domain that vouches.
    pub domain: &'k str,
    /// The name of its key in the DNS.
    pub selector: &'k str,
    /// The key.
    pub key: &'k Ed25519KeyPair,
}

impl Signer<'_> {
    /// The `DKIM-Signature` field for a letter, its end included. `when` is in seconds since 1970.
    pub fn sign(&self, letter: &[u8], when: u64) -> String {
        self.field("DKIM-Signature: v=1;", &[], letter, when)
    }

    /// A signature that begins so, over the text and the fields that readers see and these others besides.
    pub(in crate::check) fn field(&self, begins: &str, besides: &[&str], letter: &[u8], when: u64) -> String {
        let (fields, text) = field::split(letter);
        let stands = |name: &&&str| fields.iter().any(|line| field::value(line, name.as_bytes()).is_some());
        let names: Vec<&str> = FIELDS.iter().chain(besides).filter(stands).chain(&ONCE).copied().collect();
        let hash = digest::digest(&digest::SHA256, &body(Canon::Relaxed, text));
        let bare = format!(
            "{begins} a=ed25519-sha256; c=relaxed/relaxed; d={}; s={};\r\n\tt={when}; h={};\r\n\tbh={};\r\n\tb=",
            self.domain,
            self.selector,
            names.join(":"),
            BASE64_STANDARD.encode(hash),
        );
        let own = format!("{bare}\r\n").into_bytes();
        let hashed = header_of(&names, Canon::Relaxed, &fields, &own);
        format!("{bare}{}\r\n", self.proof(&hashed))
    }

    /// The `b=` over these octets.
    pub(in crate::check) fn proof(&self, signed: &[u8]) -> String {
        BASE64_STANDARD.encode(self.key.sign(digest::digest(&digest::SHA256, signed).as_ref()))
    }
}
