//! The fields `DKIM-Signature` and `ARC-Message-Signature` (RFC 6376 §3.5).

use super::canonical::{Canon, body, field as canonical_field};
use crate::dns::Name;
use crate::dns::policy::tags::{octets, pairs};
use crate::mail::field;

/// How a signature was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RFC 6376 §3.3.2.
    RsaSha256,
    /// RFC 8463 §3.
    Ed25519,
    /// Of old; not to be used (RFC 8301 §3.1).
    RsaSha1,
}

impl Algorithm {
    /// The `k=` of a key that fits.
    pub const fn key_type(self) -> &'static str {
        match self {
            Self::RsaSha256 | Self::RsaSha1 => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }

    /// The algorithm of an `a=`.
    pub(in crate::check) fn read(word: &[u8]) -> Option<Self> {
        match word {
            b"rsa-sha256" => Some(Self::RsaSha256),
            b"ed25519-sha256" => Some(Self::Ed25519),
            b"rsa-sha1" => Some(Self::RsaSha1),
            _ => None,
        }
    }
}

/// A signature as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// `a=`.
    pub algorithm: Algorithm,
    /// `b=`, decoded.
    pub proof: Vec<u8>,
    /// `bh=`, decoded.
    pub body_hash: Vec<u8>,
    /// `c=`: of the header and of the text.
    pub canon: [Canon; 2],
    /// `d=`.
    pub domain: Name,
    /// The domain of `i=`: the one that signs, or one below it.
    pub identity: Name,
    /// `h=`: the fields that are signed, in order.
    pub fields: Vec<Vec<u8>>,
    /// `l=`: octets of the text that are signed, if not all.
    pub length: Option<usize>,
    /// `s=`.
    pub selector: String,
    /// `x=`: when it ends, in seconds since 1970.
    pub expires: Option<u64>,
}

/// Why a signature cannot be read, and as much of it as can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::check) struct Unreadable {
    pub(super) domain: Name,
    pub(super) selector: String,
    pub(in crate::check) why: String,
}

impl Signature {
    /// Reads the value of the field.
    pub(in crate::check) fn read(value: &[u8]) -> Result<Self, Unreadable> {
        let tags: Vec<(&[u8], &[u8])> = pairs(value).collect();
        let tag = |name: &str| tags.iter().find(|(tag, _)| *tag == name.as_bytes()).map(|(_, value)| *value);
        let word = |name: &str| tag(name).and_then(|value| std::str::from_utf8(value).ok());
        let (domain, selector) = (Name::ascii(word("d").unwrap_or_default()), word("s").unwrap_or_default().to_owned());
        let unreadable = |why: String| Unreadable { domain: domain.clone(), selector: selector.clone(), why };
        if tag("v").is_some_and(|version| version != b"1") {
            return Err(unreadable("its version is not 1".into()));
        }
        if let Some(missing) = ["a", "b", "bh", "d", "h", "s"].into_iter().find(|name| tag(name).is_none()) {
            return Err(unreadable(format!("its tag {missing}= is missing")));
        }
        let decoded = |name: &str| {
            octets(tag(name).unwrap_or_default()).ok_or_else(|| unreadable(format!("its tag {name}= is not base64")))
        };
        let algorithm =
            tag("a").and_then(Algorithm::read).ok_or_else(|| unreadable("its algorithm is not known".into()))?;
        let canon = canon(tag("c").unwrap_or(b"simple")).ok_or_else(|| unreadable("its c= is not known".into()))?;
        let fields: Vec<Vec<u8>> = tag("h")
            .unwrap_or_default()
            .split(|octet| *octet == b':')
            .map(|name| name.trim_ascii().to_ascii_lowercase())
            .collect();
        if !fields.iter().any(|name| name == b"from") {
            return Err(unreadable("it does not sign From".into()));
        }
        let identity =
            word("i").and_then(|identity| identity.rsplit_once('@')).map_or(domain.clone(), |(_, at)| Name::ascii(at));
        if !identity.is_within(&domain) {
            return Err(unreadable("its i= is not within its d=".into()));
        }
        let (proof, body_hash) = (decoded("b")?, decoded("bh")?);
        let length = word("l").and_then(|octets| octets.parse().ok());
        let expires = word("x").and_then(|seconds| seconds.parse().ok());
        Ok(Self { algorithm, proof, body_hash, canon, domain, identity, fields, length, selector, expires })
    }

    /// Where its key is (RFC 6376 §3.6.2.1).
    pub fn key_name(&self) -> Name {
        self.domain.under(&format!("{}._domainkey", self.selector))
    }

    /// The text that is hashed.
    pub fn body_of(&self, text: &[u8]) -> Vec<u8> {
        let mut canonical = body(self.canon[1], text);
        canonical.truncate(self.length.unwrap_or(canonical.len()));
        canonical
    }

    /// The header that is hashed.
    pub fn header_of(&self, fields: &[&[u8]], own: &[u8]) -> Vec<u8> {
        header_of(&self.fields, self.canon[0], fields, own)
    }
}

/// The header that is hashed: each field that is named, the last one of its name first, then the signature itself with
/// nothing in its `b=` (RFC 6376 §3.7, §5.4.2).
pub(super) fn header_of<N: AsRef<[u8]>>(names: &[N], canon: Canon, fields: &[&[u8]], own: &[u8]) -> Vec<u8> {
    let mut left: Vec<&[u8]> = fields.iter().copied().filter(|line| !std::ptr::eq(*line, own)).collect();
    let mut hashed = Vec::new();
    for name in names {
        if let Some(at) = left.iter().rposition(|line| field::value(line, name.as_ref()).is_some()) {
            hashed.extend(canonical_field(canon, left.remove(at)));
        }
    }
    let bare = canonical_field(canon, &without_proof(own));
    hashed.extend_from_slice(bare.strip_suffix(b"\r\n").unwrap_or(&bare));
    hashed
}

/// `relaxed/simple`; the text is simple if only one is named.
fn canon(word: &[u8]) -> Option<[Canon; 2]> {
    let of = |word: &[u8]| match word {
        b"simple" => Some(Canon::Simple),
        b"relaxed" => Some(Canon::Relaxed),
        _ => None,
    };
    let mut halves = word.splitn(2, |octet| *octet == b'/');
    let (header, text) = (halves.next()?, halves.next().unwrap_or(b"simple"));
    Some([of(header)?, of(text)?])
}

/// The field with nothing between `b=` and the next semicolon.
pub(in crate::check) fn without_proof(own: &[u8]) -> Vec<u8> {
    let colon = own.iter().position(|octet| *octet == b':').map_or(0, |at| at + 1);
    let (name, value) = own.split_at_checked(colon).unwrap_or((own, b""));
    let mut bare = name.to_vec();
    let mut first = true;
    for piece in value.split(|octet| *octet == b';') {
        if !std::mem::take(&mut first) {
            bare.push(b';');
        }
        let equals = piece.iter().position(|octet| *octet == b'=').unwrap_or(piece.len());
        let (tag, rest) = piece.split_at_checked(equals).unwrap_or((piece, b""));
        bare.extend_from_slice(tag);
        if tag.trim_ascii() == b"b" {
            bare.push(b'=');
            // The end of the line is not part of the value.
            bare.extend_from_slice(if rest.ends_with(b"\r\n") { b"\r\n" } else { b"" });
        } else {
            bare.extend_from_slice(rest);
        }
    }
    bare
}
