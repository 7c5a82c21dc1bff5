//! What is odd in the text of a reply: octets that are neither HT nor printable ASCII.

use super::super::flaw::{Flaw, FlawKind};
use crate::safe::{Finding, find};

/// Adds what is odd in the text of a line. Most lines are plain ASCII, which one pass over the octets shows.
pub(super) fn flaws(text: &[u8], flaws: &mut Vec<Flaw>) {
    if is_plain(text) {
        return;
    }
    for (finding, span) in find(text) {
        flaws.push(Flaw::new(kind(finding), span));
    }
}

/// True if every octet is SP to `~`. Written without a branch per octet so that it runs many octets at a time.
fn is_plain(text: &[u8]) -> bool {
    text.iter().fold(true, |plain, octet| plain & (octet.wrapping_sub(b' ') <= b'~' - b' '))
}

fn kind(finding: Finding) -> FlawKind {
    match finding {
        Finding::Escape => FlawKind::Escape,
        Finding::Control => FlawKind::Control,
        Finding::LoneCr => FlawKind::BareCr,
        Finding::NotUtf8 => FlawKind::NonUtf8,
        Finding::NotAscii => FlawKind::EightBit,
        Finding::Bidi => FlawKind::Bidi,
        Finding::Invisible => FlawKind::Invisible,
        Finding::Marks => FlawKind::Marks,
    }
}
