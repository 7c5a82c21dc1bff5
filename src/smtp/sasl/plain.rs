//! PLAIN: everything in one response.
//!
//! ```abnf
//! message = [authzid] UTF8NUL authcid UTF8NUL passwd     ; RFC 4616 §2
//! ```

use std::fmt;
use std::ops::Range;

use super::decode;

/// Where the parts of a decoded PLAIN response stand in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain {
    /// Whom to act for; mostly empty.
    pub authzid: Range<usize>,
    /// Who logs in.
    pub authcid: Range<usize>,
    /// The password.
    pub password: Range<usize>,
    /// What is odd about it, as servers would not say.
    pub trouble: Option<PlainTrouble>,
}

/// The usual mistakes of hand-made PLAIN responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlainTrouble {
    /// Fewer than two NUL: the parts cannot be told apart.
    MissingNul,
    /// More than two NUL.
    ExtraNul,
    /// The password ends with a line break: `echo` without `-n` put it there.
    LineBreak,
    /// The decoded text is Base64 again.
    Twice,
    /// There is no user name.
    NoUser,
}

impl Plain {
    /// Reads a decoded response.
    pub fn parse(decoded: &[u8]) -> Self {
        let nuls: Vec<usize> = memchr::memchr_iter(0, decoded).collect();
        let end = decoded.len();
        let (first, second) = match nuls[..] {
            [first, second, ..] => (first, second),
            // With one NUL, what stands before it is taken for the user.
            [only] => return Self::unparted(0..only, only + 1..end, PlainTrouble::MissingNul),
            [] => return Self::unparted(0..0, 0..end, without_nul(decoded)),
        };
        let password = decoded.get(second + 1..).unwrap_or_default();
        let trouble = if nuls.len() > 2 {
            Some(PlainTrouble::ExtraNul)
        } else if second == first + 1 {
            Some(PlainTrouble::NoUser)
        } else {
            password.ends_with(b"\n").then_some(PlainTrouble::LineBreak)
        };
        Self { authzid: 0..first, authcid: first + 1..second, password: second + 1..end, trouble }
    }

    fn unparted(authcid: Range<usize>, password: Range<usize>, trouble: PlainTrouble) -> Self {
        Self { authzid: 0..0, authcid, password, trouble: Some(trouble) }
    }
}

/// `\0user\0pass` typed with a backslash and a zero, or encoded twice, has no NUL either.
fn without_nul(decoded: &[u8]) -> PlainTrouble {
    let twice = decode(decoded).is_ok_and(|again| again.contains(&0));
    if twice { PlainTrouble::Twice } else { PlainTrouble::MissingNul }
}

/// The mistake in one sentence, without the secret.
impl fmt::Display for PlainTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingNul => "Two NUL octets should part the names and the password: NUL user NUL password.",
            Self::ExtraNul => "There are more than two NUL octets; neither names nor password may hold one.",
            Self::LineBreak => "The password ends with a line break; printf '\\0user\\0password' leaves it away.",
            Self::Twice => "This is Base64 within Base64: it was encoded twice.",
            Self::NoUser => "There is no user name between the two NUL octets.",
        })
    }
}
