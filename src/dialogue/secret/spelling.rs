//! How a secret may be spelled, and where in some bytes one of many spellings stands.
//!
//! Looking costs about the same however many there are: a session may hold thousands of logins.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A value shorter than this is too common in ordinary text to be looked for.
const SHORTEST: usize = 4;

/// Spellings that are looked for.
#[derive(Clone, Default)]
pub(super) struct Spellings {
    /// How often each was learned: what two logins share stays until both are forgotten.
    learned: HashMap<Arc<[u8]>, u32>,
    /// How long those are that begin with these octets.
    lengths: HashMap<[u8; SHORTEST], BTreeSet<usize>>,
}

impl Spellings {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.learned.len()
    }

    /// Adds one of [`spellings`].
    pub(super) fn add(&mut self, spelling: Vec<u8>) -> Arc<[u8]> {
        if let Some(start) = spelling.first_chunk() {
            self.lengths.entry(*start).or_default().insert(spelling.len());
        }
        let spelling: Arc<[u8]> = spelling.into();
        *self.learned.entry(Arc::clone(&spelling)).or_default() += 1;
        spelling
    }

    /// Takes back one [`add`](Self::add).
    pub(super) fn remove(&mut self, spelling: &Arc<[u8]>) {
        let Some(times) = self.learned.get_mut(spelling) else { return };
        *times -= 1;
        if *times == 0 {
            self.learned.remove(spelling);
        }
    }

    /// Where they stand, by where they begin; where one is part of another, both are there.
    pub(super) fn find<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        let windows = bytes.windows(if self.learned.is_empty() { usize::MAX } else { SHORTEST });
        let starts = windows.enumerate().filter_map(|(at, window)| Some((at, self.lengths.get(window)?)));
        let ranges = starts.flat_map(|(at, lengths)| lengths.iter().map(move |length| at..at + length));
        ranges.filter(|range| bytes.get(range.clone()).is_some_and(|part| self.learned.contains_key(part)))
    }
}

/// A value in every spelling that mail software gives it; nothing of one that is too short to be looked for.
pub(super) fn spellings(value: &[u8]) -> Vec<Vec<u8>> {
    if value.len() < SHORTEST {
        return Vec::new();
    }
    let mut all = vec![value.to_vec()];
    for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
        all.push(engine.encode(value).into_bytes());
        all.extend((0..3).map(|before| inner_base64(&engine, value, before).into_bytes()));
    }
    all.push(hex(value, false).into_bytes());
    all.push(hex(value, true).into_bytes());
    all.push(percent(value).into_bytes());
    // Octets that are no text are widened one by one.
    let wide: Vec<u16> = std::str::from_utf8(value)
        .map_or_else(|_| value.iter().copied().map(u16::from).collect(), |text| text.encode_utf16().collect());
    all.push(wide.iter().flat_map(|unit| unit.to_le_bytes()).collect());
    all.push(wide.iter().flat_map(|unit| unit.to_be_bytes()).collect());
    all.retain(|spelling| spelling.len() >= SHORTEST);
    all
}

/// The base64 characters that a value has wherever it stands inside a longer one: `before` octets of three stand
/// before it, and the characters that share bits with its neighbours are left out.
fn inner_base64(engine: &impl base64::Engine, value: &[u8], before: usize) -> String {
    let padded: Vec<u8> = std::iter::repeat_n(0, before).chain(value.iter().copied()).collect();
    let shared_at_end = usize::from(!padded.len().is_multiple_of(3));
    let coded = engine.encode(&padded);
    let first = if before == 0 { 0 } else { before + 1 };
    coded.get(first..coded.len().saturating_sub(shared_at_end)).unwrap_or_default().to_owned()
}

fn hex(value: &[u8], upper: bool) -> String {
    value.iter().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }).collect()
}

/// Percent-encoding as URLs write it: what is not unreserved is `%XX` (RFC 3986 §2.1, §2.3).
fn percent(value: &[u8]) -> String {
    value
        .iter()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(*byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(known: &Spellings, bytes: &[u8]) -> Vec<(usize, usize)> {
        known.find(bytes).map(|range| (range.start, range.end)).collect()
    }

    #[test]
    fn one_that_is_part_of_another_is_found_beside_it() {
        let mut known = Spellings::default();
        assert_eq!(found(&known, b"sunshine").len(), 0);
        for value in ["sunshine", "sunsh", "shine"] {
            known.add(value.into());
        }
        assert_eq!(found(&known, b"a sunshine"), [(2, 7), (2, 10), (5, 10)]);
        assert_eq!(found(&known, b"sunshin"), [(0, 5)]);
        assert_eq!(found(&known, b"sun").len(), 0);
    }

    #[test]
    fn what_two_logins_share_stays_until_both_are_forgotten() {
        let mut known = Spellings::default();
        let shared = known.add(b"sunshine".to_vec());
        known.add(b"sunshine".to_vec());
        known.remove(&shared);
        assert_eq!(found(&known, b"sunshine"), [(0, 8)]);
        known.remove(&shared);
        assert_eq!((found(&known, b"sunshine"), known.len()), (Vec::new(), 0));
    }
}
