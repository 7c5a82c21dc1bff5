//! DKIM key records (RFC 6376 §3.6.1, RFC 8301, RFC 8463).

use super::{Parsed, Policy, Trouble, tags};

const BAD: &str = "dkim/bad-tag";
const CITE: &str = "RFC 6376 §3.6.1";

/// Takes a DKIM key record apart.
pub fn parse(text: &[u8]) -> Parsed {
    let mut parsed = tags::parse(Policy::DkimKey, text, &["v", "h", "k", "n", "p", "s", "t", "g"], BAD, CITE);
    if parsed.value("v").is_some() {
        tags::version_first(&mut parsed, "DKIM1", BAD, CITE);
    }
    let kind = parsed.value("k").unwrap_or(b"rsa").to_ascii_lowercase();
    if kind != b"rsa" && kind != b"ed25519" {
        let says = "The key type is neither rsa nor ed25519; verifiers ignore the key.";
        parsed.troubles.push(Trouble::error(BAD, "RFC 8463 §4.1", says));
    }
    key(&mut parsed, &kind);
    if parsed.value("t").is_some_and(|flags| flags.split(|octet| *octet == b':').any(|flag| flag == b"y")) {
        let says = "t=y: the domain is testing; failures count like no signature.";
        parsed.troubles.push(Trouble::note("dkim/testing", CITE, says));
    }
    if parsed.value("h").is_some_and(|hashes| hashes.eq_ignore_ascii_case(b"sha1")) {
        let says = "Only sha1 is allowed, and that must not be used any more.";
        parsed.troubles.push(Trouble::error(BAD, "RFC 8301 §3.1", says));
    }
    parsed
}

fn key(parsed: &mut Parsed, kind: &[u8]) {
    let Some(index) = parsed.tags.iter().position(|tag| tag.key == Some("p")) else {
        parsed.troubles.push(Trouble::error(BAD, CITE, "There is no p= tag, so there is no key."));
        return;
    };
    let Some(key) = tags::octets(parsed.value("p").unwrap_or_default()) else {
        parsed.blame(index, Trouble::error(BAD, CITE, "p= is not base64; nobody can read the key."));
        return;
    };
    if key.is_empty() {
        let says = "p= is empty: the key was withdrawn.";
        parsed.blame(index, Trouble::note("dkim/revoked", CITE, says));
        return;
    }
    if let Some(trouble) = strength(kind, &key) {
        parsed.blame(index, trouble);
    }
}

/// What is to be said about the size of a key.
fn strength(kind: &[u8], key: &[u8]) -> Option<Trouble> {
    if kind == b"ed25519" {
        let says = format!("An Ed25519 key has 32 octets, this one {}.", key.len());
        return (key.len() != 32).then(|| Trouble::error(BAD, "RFC 8463 §4.2", says));
    }
    match rsa_bits(key) {
        None => Some(Trouble::error(BAD, CITE, "p= holds no RSA public key.")),
        Some(bits) if bits < 1024 => {
            let says = format!("The RSA key has {bits} bits; verifiers refuse less than 1024.");
            Some(Trouble::error("dkim/short-key", "RFC 8301 §3.2", says))
        }
        Some(bits) if bits < 2048 => {
            let says = format!("The RSA key has {bits} bits; 2048 are advised.");
            Some(Trouble::warning("dkim/short-key", "RFC 8301 §3.2", says))
        }
        Some(_) => None,
    }
}

/// Bits of the modulus in a `SubjectPublicKeyInfo` or a bare `RSAPublicKey` (X.690 DER).
fn rsa_bits(der: &[u8]) -> Option<usize> {
    let (outer, _) = element(der, 0x30)?;
    let modulus = match element(outer, 0x30) {
        Some((_, rest)) => {
            let (bits, _) = element(rest, 0x03)?;
            let (numbers, _) = element(bits.get(1..)?, 0x30)?;
            element(numbers, 0x02)?.0
        }
        None => element(outer, 0x02)?.0,
    };
    let first = modulus.iter().position(|octet| *octet != 0)?;
    let rest = modulus.get(first..)?;
    let unused = usize::try_from(rest.first()?.leading_zeros()).ok()?;
    Some(rest.len() * 8 - unused)
}

/// One DER element of this tag: its content, and what follows.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    if *found != tag {
        return None;
    }
    let (length, rest) = match usize::from(*length) {
        short @ 0..=0x7f => (short, rest),
        long => {
            let (digits, rest) = rest.split_at_checked(long & 0x7f)?;
            let length =
                digits.iter().try_fold(0_usize, |sum, digit| sum.checked_mul(256)?.checked_add((*digit).into()))?;
            (length, rest)
        }
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    /// A `SubjectPublicKeyInfo` of an RSA key with this many bits.
    fn rsa(bits: usize) -> String {
        fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
            let length = u16::try_from(content.len()).unwrap().to_be_bytes();
            [&[tag, 0x82, length[0], length[1]], content].concat()
        }
        let mut modulus = vec![0xff; bits / 8];
        modulus.insert(0, 0);
        let numbers = [wrap(2, &modulus), wrap(2, &[1, 0, 1])].concat();
        let bit_string = [vec![0], wrap(0x30, &numbers)].concat();
        let info = [wrap(0x30, &[6, 1, 0x2a]), wrap(3, &bit_string)].concat();
        BASE64_STANDARD.encode(wrap(0x30, &info))
    }

    fn ids(text: &str) -> Vec<&'static str> {
        parse(text.as_bytes()).troubles.iter().map(|trouble| trouble.id).collect()
    }

    #[test]
    fn the_size_of_a_key_is_judged() {
        assert!(ids(&format!("v=DKIM1; p={}", rsa(2048))).is_empty());
        assert_eq!(ids(&format!("k=rsa; p={}", rsa(1024))), ["dkim/short-key"]);
        assert_eq!(ids(&format!("p={}", rsa(512))), ["dkim/short-key"]);
        assert!(ids("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=").is_empty());
        assert_eq!(ids("v=DKIM1; k=ed25519; p=AAAA"), ["dkim/bad-tag"]);
    }

    #[test]
    fn withdrawn_testing_broken() {
        assert_eq!(ids("v=DKIM1; p="), ["dkim/revoked"]);
        assert_eq!(ids(&format!("v=DKIM1; t=s:y; p={}", rsa(2048))), ["dkim/testing"]);
        assert_eq!(ids("v=DKIM1; p=-----BEGIN PUBLIC KEY-----"), ["dkim/bad-tag"]);
        assert_eq!(ids("v=DKIM1; k=rsa"), ["dkim/bad-tag"]);
        assert_eq!(ids("p=AAAA"), ["dkim/bad-tag"]);
    }
}
