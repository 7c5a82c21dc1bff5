//! SCRAM: the attributes of its messages (RFC 5802 §5.1), as far as an explanation needs them.

use super::super::flaw::FlawKind;

/// Rounds of hashing that are done without asking (RFC 7677 §4 recommends 4,096 and more).
pub const MAX_ROUNDS: u64 = 600_000;

/// Attributes of a SCRAM message: a letter and its value each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attributes<'a>(Vec<(u8, &'a [u8])>);

impl<'a> Attributes<'a> {
    /// The value of an attribute, as of `i`, the number of rounds.
    pub fn get(&self, name: u8) -> Option<&'a [u8]> {
        self.0.iter().find(|(letter, _)| *letter == name).map(|(_, value)| *value)
    }

    /// All attributes in order.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &'a [u8])> {
        self.0.iter().copied()
    }

    /// The rounds of hashing that the server demands.
    pub fn rounds(&self) -> Option<u64> {
        std::str::from_utf8(self.get(b'i')?).ok()?.parse().ok()
    }
}

/// Reads the attributes of a decoded message. What is no attribute, as the GS2 header, is left out.
///
/// ```abnf
/// attr-val = ALPHA "=" value                             ; RFC 5802 §7
/// ```
pub fn attributes(message: &[u8]) -> Attributes<'_> {
    let attribute = |part: &'_ [u8]| matches!(part, [letter, b'=', ..] if letter.is_ascii_alphabetic());
    let parts = message.split(|octet| *octet == b',').filter(|part| attribute(part));
    Attributes(parts.filter_map(|part| Some((*part.first()?, part.get(2..)?))).collect())
}

/// What is odd about the server's first message.
pub fn server_first_flaws(challenge: &[u8]) -> Vec<FlawKind> {
    let costly = attributes(challenge).rounds().is_some_and(|rounds| rounds > MAX_ROUNDS);
    if costly { vec![FlawKind::ScramCost] } else { Vec::new() }
}
