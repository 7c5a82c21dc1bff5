//! DKIM: a domain vouches for a letter with a signature over its text and some of its header (RFC 6376, RFC 8463).
//!
//! ```text
//! text  ─ canonical ─ SHA-256 ─▶ bh=
//! header fields of h=, canonical, then the signature field without its b= ─ SHA-256 ─ key ─▶ b=
//! ```

mod canonical;
mod sign;
mod signature;

pub use canonical::{Canon, body, field};
pub use sign::Signer;
pub use signature::{Algorithm, Signature};

pub(super) use signature::without_proof;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{ED25519, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, UnparsedPublicKey};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::dns::policy::{Policy, tags};
use crate::dns::{Kind, Name, Question};
use crate::mail::field;

use super::Answers;
use signature::Unreadable;

/// Signatures of one letter that are looked at; a letter with more is told apart from one that is checked whole.
const MOST: usize = 10;

/// What came of a signature (RFC 8601 §2.7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It fits.
    Pass,
    /// It does not fit the letter.
    Fail,
    /// It cannot be read.
    Neutral,
    /// It fits and is not accepted all the same.
    Policy,
    /// The DNS failed for now.
    TempError,
    /// It can never be verified.
    PermError,
}

impl Verdict {
    /// The word of RFC 8601 §2.7.1.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Neutral => "neutral",
            Self::Policy => "policy",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        }
    }
}

/// A signature, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What came of it.
    pub verdict: Verdict,
    /// Why, in words; for a pass, what could be better.
    pub why: Option<String>,
    /// Who signed (`d=`); the root if that cannot be read.
    pub domain: Name,
    /// The name of the key (`s=`).
    pub selector: String,
    /// The first characters of the signature, to tell two of one domain apart (RFC 6008).
    pub mark: String,
}

/// Judges every signature of a letter by itself; `now` is in seconds since 1970.
pub fn verify(letter: &[u8], now: u64, answers: &Answers) -> Result<Vec<Signed>, Question> {
    let (fields, text) = field::split(letter);
    let signatures = fields.iter().filter(|line| field::value(line, b"DKIM-Signature").is_some()).take(MOST);
    signatures.map(|line| one(&fields, text, line, now, answers)).collect()
}

fn one(fields: &[&[u8]], text: &[u8], line: &[u8], now: u64, answers: &Answers) -> Result<Signed, Question> {
    let signature = match Signature::read(field::value(line, b"DKIM-Signature").unwrap_or_default()) {
        Ok(signature) => signature,
        Err(Unreadable { domain, selector, why }) => {
            return Ok(Signed { verdict: Verdict::Neutral, why: Some(why), domain, selector, mark: String::new() });
        }
    };
    let (verdict, why) = vouches(&signature, fields, text, line, now, answers)?;
    let mark = BASE64_STANDARD.encode(&signature.proof).chars().take(8).collect();
    Ok(Signed { verdict, why, domain: signature.domain, selector: signature.selector, mark })
}

/// Whether a signature, the field `line` among the others, fits a letter; and why not, or what could be better.
pub(super) fn vouches(
    signature: &Signature,
    fields: &[&[u8]],
    text: &[u8],
    line: &[u8],
    now: u64,
    answers: &Answers,
) -> Result<(Verdict, Option<String>), Question> {
    if signature.expires.is_some_and(|end| end <= now) {
        return Ok((Verdict::Fail, Some("the signature has expired".to_owned())));
    }
    let proved = proves(signature, &signature.header_of(fields, line), answers)?;
    let hash = digest::digest(&digest::SHA256, &signature.body_of(text));
    if matches!(proved.0, Verdict::Pass | Verdict::Fail) && hash.as_ref() != signature.body_hash {
        return Ok((Verdict::Fail, Some("the text was changed: its hash is not the signed one".to_owned())));
    }
    Ok(proved)
}

/// Whether a signature was made over these octets with the key that its domain publishes.
pub(super) fn proves(
    signature: &Signature,
    signed: &[u8],
    answers: &Answers,
) -> Result<(Verdict, Option<String>), Question> {
    if signature.algorithm == Algorithm::RsaSha1 {
        let why = "rsa-sha1 must not be used any more (RFC 8301 §3.1)".to_owned();
        return Ok((Verdict::PermError, Some(why)));
    }
    let key = match key(signature, answers)? {
        Ok(key) => key,
        Err((verdict, why)) => return Ok((verdict, Some(why))),
    };
    let hash = digest::digest(&digest::SHA256, signed);
    let fits = match signature.algorithm {
        // RFC 8463 §3: what is signed is the hash.
        Algorithm::Ed25519 => UnparsedPublicKey::new(&ED25519, &key.octets).verify(hash.as_ref(), &signature.proof),
        Algorithm::RsaSha256 | Algorithm::RsaSha1 => {
            let rsa = &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY;
            UnparsedPublicKey::new(rsa, &key.octets).verify(signed, &signature.proof)
        }
    };
    Ok(match fits {
        Err(_) => (Verdict::Fail, Some("the header was changed, or another key signed".to_owned())),
        Ok(()) if key.testing => (Verdict::Pass, Some("the domain is still testing (t=y)".to_owned())),
        Ok(()) => (Verdict::Pass, key.weak),
    })
}

/// A public key from the DNS.
struct Key {
    octets: Vec<u8>,
    testing: bool,
    /// What is to be said about its strength.
    weak: Option<String>,
}

/// The key of a signature, or why there is none (RFC 6376 §6.1.2).
fn key(signature: &Signature, answers: &Answers) -> Result<Result<Key, (Verdict, String)>, Question> {
    let answer = answers.of(Question::new(signature.key_name(), Kind::TXT))?;
    if answer.outcome.is_temporary() {
        return Ok(Err((Verdict::TempError, format!("the DNS failed: {}", answer.outcome.word()))));
    }
    let never = |why: &str| Ok(Err((Verdict::PermError, why.to_owned())));
    let (records, _) = Policy::DkimKey.find(answer);
    let Some(record) = records.first() else { return never("there is no key of this name in the DNS") };
    let has = |tag: &str, word: &[u8]| {
        record.value(tag).is_some_and(|list| list.split(|octet| *octet == b':').any(|item| item.trim_ascii() == word))
    };
    if record.value("p").is_some_and(<[u8]>::is_empty) {
        return never("the key was withdrawn");
    }
    if let Some(trouble) = record.troubles.iter().find(|trouble| trouble.weight == crate::dns::Weight::Error) {
        return never(&trouble.text);
    }
    if record.value("k").unwrap_or(b"rsa") != signature.algorithm.key_type().as_bytes() {
        return never("the key is of another type than the signature");
    }
    if record.value("s").is_some() && !has("s", b"*") && !has("s", b"email") {
        return never("the key is not for mail");
    }
    if record.value("h").is_some() && !has("h", b"sha256") {
        return never("the key does not allow this hash");
    }
    if has("t", b"s") && signature.identity != signature.domain {
        return never("the key allows no other domain than its own (t=s)");
    }
    let weak =
        record.troubles.iter().find(|trouble| trouble.id == "dkim/short-key").map(|trouble| trouble.text.to_string());
    let octets = tags::octets(record.value("p").unwrap_or_default()).unwrap_or_default();
    Ok(Ok(Key { octets, testing: has("t", b"y"), weak }))
}
