//! One direction of a connection: bytes in segments, addressed by the octets since the tape began.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::{Side, Span};

/// A segment is closed at this size, so that a growing lane never copies what it holds.
const SEGMENT: usize = 64 * 1024;

/// An append-only byte lane. Addresses are octets since the beginning and never change.
#[derive(Debug, Clone)]
pub struct Lane {
    segments: VecDeque<Segment>,
    len: u64,
    kept: u64,
    capacity: u64,
}

#[derive(Debug, Clone)]
struct Segment {
    start: u64,
    bytes: Vec<u8>,
}

impl Segment {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl Lane {
    /// An empty lane that keeps about `capacity` octets.
    pub(super) fn new(capacity: u64) -> Self {
        Self { segments: VecDeque::new(), len: 0, kept: 0, capacity }
    }

    /// Octets that went through, kept or not.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Octets that are kept.
    pub fn kept(&self) -> u64 {
        self.kept
    }

    /// True if nothing went through.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The runs of kept bytes in order, each with the address of its first octet.
    pub fn runs(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.segments.iter().map(|segment| (segment.start, segment.bytes.as_slice()))
    }

    pub(super) fn push(&mut self, side: Side, bytes: &[u8]) -> Span {
        let start = self.len;
        let mut rest = bytes;
        while !rest.is_empty() {
            let open = match self.segments.back_mut() {
                Some(open) if open.end() == self.len && open.bytes.len() < SEGMENT => open,
                _ => {
                    self.segments.push_back(Segment { start: self.len, bytes: Vec::new() });
                    continue;
                }
            };
            let (now, later) = rest.split_at(rest.len().min(SEGMENT - open.bytes.len()));
            open.bytes.extend_from_slice(now);
            self.len += now.len() as u64;
            self.kept += now.len() as u64;
            rest = later;
        }
        self.forget();
        Span::new(side, start, self.len)
    }

    pub(super) fn elide(&mut self, side: Side, octets: u64) -> Span {
        let start = self.len;
        self.len += octets;
        Span::new(side, start, self.len)
    }

    /// The kept bytes between two addresses; borrowed when they lie in one segment.
    pub fn bytes(&self, start: u64, end: u64) -> Cow<'_, [u8]> {
        let mut found = Cow::Borrowed(&[][..]);
        for segment in self.segments.range(self.first_behind(start)..) {
            if segment.start >= end {
                break;
            }
            let part = segment.slice(start, end);
            if found.is_empty() {
                found = Cow::Borrowed(part);
            } else {
                found.to_mut().extend_from_slice(part);
            }
        }
        found
    }

    /// The index of the first segment that ends behind an address. Each segment is filled before the next begins, so it
    /// can be computed; only behind elided octets it is looked for.
    fn first_behind(&self, address: u64) -> usize {
        let oldest = self.segments.front().map_or(0, |oldest| oldest.start);
        let index = usize::try_from(address.saturating_sub(oldest) / SEGMENT as u64).unwrap_or(usize::MAX);
        match self.segments.get(index) {
            Some(segment) if (segment.start..segment.end()).contains(&address) => index,
            _ => self.segments.partition_point(|segment| segment.end() <= address),
        }
    }

    /// Drops whole segments, oldest first, but never the open one.
    fn forget(&mut self) {
        while self.kept > self.capacity && self.segments.len() > 1 {
            if let Some(oldest) = self.segments.pop_front() {
                self.kept -= oldest.bytes.len() as u64;
            }
        }
    }
}

impl Segment {
    fn slice(&self, start: u64, end: u64) -> &[u8] {
        let local = |address: u64| {
            usize::try_from(address.saturating_sub(self.start)).unwrap_or(usize::MAX).min(self.bytes.len())
        };
        self.bytes.get(local(start)..local(end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_found_before_and_behind_elided_and_dropped_ones() {
        const SHOWN: u64 = 50_000;
        const ELIDED: u64 = 30_000;
        let octet = |at: u64| u8::try_from(at % 251).unwrap();
        for capacity in [u64::MAX, 6 * SEGMENT as u64] {
            let mut lane = Lane::new(capacity);
            let plain = 3 * SHOWN;
            lane.push(Side::Client, &(0..plain).map(octet).collect::<Vec<_>>());
            for _ in 0..8 {
                lane.elide(Side::Client, ELIDED);
                let from = lane.len();
                lane.push(Side::Client, &(from..from + SHOWN).map(octet).collect::<Vec<_>>());
            }
            let oldest = lane.runs().next().unwrap().0;
            assert_eq!(oldest > 0, capacity < u64::MAX);
            for at in (0..lane.len()).step_by(499) {
                let shown = at >= oldest && (at < plain || (at - plain) % (ELIDED + SHOWN) >= ELIDED);
                let expected = if shown { vec![octet(at)] } else { vec![] };
                assert_eq!(&*lane.bytes(at, at + 1), expected, "{at}");
            }
        }
    }
}
