//! ARC: those who pass a letter on and change it seal what they had found out before (RFC 8617).
//!
//! ```text
//! hop 1                              hop 2
//! ARC-Authentication-Results: i=1    ARC-Authentication-Results: i=2    what the hop found out
//! ARC-Message-Signature: i=1         ARC-Message-Signature: i=2         the letter as it left the hop
//! ARC-Seal: i=1; cv=none             ARC-Seal: i=2; cv=pass             all fields of all hops so far
//! ```

use std::fmt::Write as _;

use super::Answers;
use super::dkim::{Algorithm, Canon, Signature, Signer, Verdict, field as canonical, proves, vouches, without_proof};
use crate::dns::policy::tags::{octets, pairs};
use crate::dns::{Name, Question};
use crate::mail::field;

/// Hops that a chain has at most (RFC 8617 §4.2.1).
const MOST: usize = 50;

/// The fields of a hop, in the order in which they are sealed (RFC 8617 §5.1.1).
const FIELDS: [&[u8]; 3] = [b"ARC-Authentication-Results", b"ARC-Message-Signature", b"ARC-Seal"];

/// The status of a chain (RFC 8617 §4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Chain {
    /// Nobody sealed anything.
    None,
    /// It holds.
    Pass,
    /// It does not hold, and never will again.
    Fail,
}

impl Chain {
    /// The word in `cv=`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pass => "pass",
            Self::Fail => "fail",
        }
    }
}

/// A chain, judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arc {
    /// Whether it holds.
    pub chain: Chain,
    /// Who sealed, the first hop first; as far as the chain holds.
    pub sealers: Vec<Name>,
    /// Why it does not.
    pub why: Option<String>,
}

/// Judges the chain of a letter (RFC 8617 §5.2). All failures are for good (§5.2.1).
pub(super) fn verify(letter: &[u8], now: u64, answers: &Answers) -> Result<Arc, Question> {
    let failed = |why: String| Ok(Arc { chain: Chain::Fail, sealers: Vec::new(), why: Some(why) });
    let (fields, text) = field::split(letter);
    let hops = match hops(&fields) {
        Ok(hops) => hops,
        Err(why) => return failed(why),
    };
    let Some([_, newest, _]) = hops.last() else {
        return Ok(Arc { chain: Chain::None, sealers: Vec::new(), why: None });
    };
    for (hop, [.., seal]) in (1..).zip(&hops) {
        let said = tag(FIELDS[2], seal, "cv").unwrap_or_default();
        if said != if hop == 1 { &b"none"[..] } else { b"pass" } {
            let said: String =
                said.iter().filter(|octet| octet.is_ascii_alphanumeric()).copied().map(char::from).collect();
            return failed(format!("hop {hop} says cv={said}"));
        }
    }
    let last = hops.len();
    let signature = match Signature::read(field::value(newest, FIELDS[1]).unwrap_or_default()) {
        Ok(signature) => signature,
        Err(unreadable) => return failed(format!("the signature of hop {last}: {}", unreadable.why)),
    };
    let (verdict, why) = vouches(&signature, &fields, text, newest, now, answers)?;
    if verdict != Verdict::Pass {
        return failed(format!("the signature of hop {last}: {}", why.unwrap_or_default()));
    }
    let mut sealers = Vec::new();
    for hop in (1..=last).rev() {
        let sealed = hops.get(..hop).unwrap_or_default();
        let Some(seal) = sealed.last().and_then(|[.., seal]| read(seal)) else {
            return failed(format!("the seal of hop {hop} cannot be read"));
        };
        let (verdict, why) = proves(&seal, &chained(sealed), answers)?;
        if verdict != Verdict::Pass {
            return failed(format!("the seal of hop {hop}: {}", why.unwrap_or_default()));
        }
        sealers.push(seal.domain);
    }
    sealers.reverse();
    Ok(Arc { chain: Chain::Pass, sealers, why: None })
}

/// The hops in order, each with its three fields; or what is wrong with them.
fn hops<'l>(fields: &[&'l [u8]]) -> Result<Vec<[&'l [u8]; 3]>, String> {
    let mut found: Vec<[Vec<&[u8]>; 3]> = Vec::new();
    for line in fields {
        let Some(kind) = FIELDS.iter().position(|name| field::value(line, name).is_some()) else { continue };
        let number = FIELDS.get(kind).and_then(|name| tag(name, line, "i"));
        let number = number.and_then(|digits| std::str::from_utf8(&digits).ok()?.parse::<usize>().ok());
        let Some(number) = number.filter(|hop| (1..=MOST).contains(hop)) else {
            return Err(format!("a field has no hop from 1 to {MOST}"));
        };
        if found.len() < number {
            found.resize_with(number, Default::default);
        }
        if let Some(place) = found.get_mut(number - 1).and_then(|hop| hop.get_mut(kind)) {
            place.push(line);
        }
    }
    let whole = |(hop, fields): (usize, [Vec<&'l [u8]>; 3])| match fields.each_ref().map(Vec::as_slice) {
        [[results], [signature], [seal]] => Ok([*results, *signature, *seal]),
        _ => Err(format!("hop {hop} has not one of each of the three fields")),
    };
    (1..).zip(found).map(whole).collect()
}

/// A tag of one of the three fields. The results of a hop have theirs before the first semicolon.
fn tag(name: &[u8], line: &[u8], wanted: &str) -> Option<Vec<u8>> {
    let mut tags = pairs(field::value(line, name)?);
    tags.find(|(tag, _)| *tag == wanted.as_bytes()).map(|(_, value)| value.to_vec())
}

/// A seal, as a signature over nothing but the chain.
fn read(line: &[u8]) -> Option<Signature> {
    let word = |wanted: &str| tag(FIELDS[2], line, wanted);
    let text = |wanted: &str| String::from_utf8(word(wanted)?).ok();
    let domain = Name::ascii(&text("d")?);
    Some(Signature {
        algorithm: Algorithm::read(&word("a")?)?,
        proof: octets(&word("b")?)?,
        body_hash: Vec::new(),
        canon: [Canon::Relaxed; 2],
        identity: domain.clone(),
        domain,
        fields: Vec::new(),
        length: None,
        selector: text("s")?,
        expires: None,
    })
}

/// What a seal is made over: every field of every hop so far, its own without its `b=` and its end (RFC 8617 §5.1.1).
fn chained<L: AsRef<[u8]>>(hops: &[[L; 3]]) -> Vec<u8> {
    let mut chained = Vec::new();
    for (left, hop) in (0..hops.len()).rev().zip(hops) {
        for (kind, line) in hop.iter().enumerate() {
            let own = left == 0 && kind == 2;
            let line = line.as_ref();
            chained.extend(canonical(Canon::Relaxed, &if own { without_proof(line) } else { line.to_vec() }));
        }
    }
    chained.truncate(chained.strip_suffix(b"\r\n").map_or(chained.len(), <[u8]>::len));
    chained
}

/// The three fields of the next hop of a letter, to stand on top of it. `before` is what the chain was when the letter
/// came; `results` are the hop's own, from its name on. `when` is in seconds since 1970.
pub fn seal(letter: &[u8], signer: &Signer<'_>, before: Chain, results: &str, when: u64) -> String {
    let (fields, _) = field::split(letter);
    let before_it = hops(&fields).unwrap_or_default();
    let hop = before_it.len() + 1;
    let found = format!("ARC-Authentication-Results: i={hop}; {results}\r\n");
    let signature = signer.field(&format!("ARC-Message-Signature: i={hop};"), &["DKIM-Signature"], letter, when);
    let mut seal = format!(
        "ARC-Seal: i={hop}; a=ed25519-sha256; cv={}; d={}; s={};\r\n\tt={when};\r\n\tb=",
        before.word(),
        signer.domain,
        signer.selector
    );
    let mut hops: Vec<[Vec<u8>; 3]> = before_it.iter().map(|hop| hop.map(<[u8]>::to_vec)).collect();
    hops.push([found.clone(), signature.clone(), format!("{seal}\r\n")].map(String::into_bytes));
    // Writing to a string cannot fail.
    let _ = write!(seal, "{}\r\n", signer.proof(&chained(&hops)));
    seal + &signature + &found
}
