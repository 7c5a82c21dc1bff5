//! The single source of truth of a session: every byte of both directions, when it came, and what else happened.
//!
//! A tape has two append-only byte lanes (client, server) and one log that orders their chunks and the marks
//! (opened, TLS ready, closed, timed out …) as they happened. A [`Span`] is a stable address of bytes: it survives
//! export and any other segmentation of the same bytes.

pub mod lane;
pub mod mark;
pub mod peer;
pub mod policy;
pub mod promise;
pub mod tls;
pub mod told;

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use lane::Lane;
use mark::Mark;
use serde::{Deserialize, Serialize};

/// Who spoke: the same in a live session, a lab server, a proxy and a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// The end that opened the connection and sends commands.
    Client,
    /// The end that greets and sends replies.
    Server,
}

impl Side {
    /// The other end.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// A moment on a tape: microseconds since the tape began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Moment(u64);

impl Moment {
    /// The beginning of the tape.
    pub const START: Self = Self(0);

    /// The moment `micros` microseconds after the tape began.
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// The moment `millis` milliseconds after the tape began.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1000))
    }

    /// Microseconds since the tape began.
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// Time since `earlier`; zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// This moment moved by `duration`.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)))
    }
}

/// Seconds with three decimals: `4.110`.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1_000_000, self.0 / 1000 % 1000)
    }
}

/// A range of bytes in one lane: octets since the tape began, `end` exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Whose bytes.
    pub side: Side,
    /// The first octet.
    pub start: u64,
    /// The octet after the last.
    pub end: u64,
}

impl Span {
    /// The span from `start` up to, not including, `end`.
    pub const fn new(side: Side, start: u64, end: u64) -> Self {
        Self { side, start, end }
    }

    /// Length in octets.
    pub const fn len(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// True for a span without octets.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// True if every octet of `other` lies in this span.
    pub fn contains(self, other: Self) -> bool {
        self.side == other.side && self.start <= other.start && other.end <= self.end
    }
}

/// Something that was appended to a tape; the log keeps them in the order in which they happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// Bytes of one side came or went.
    Chunk {
        /// When.
        at: Moment,
        /// Where they lie.
        span: Span,
    },
    /// Bytes went that are counted but not kept.
    Elided {
        /// When the last of them went.
        at: Moment,
        /// Where they would lie.
        span: Span,
    },
    /// Something else happened.
    Mark {
        /// When.
        at: Moment,
        /// Its index in [`Tape::marks`].
        index: usize,
    },
}

/// The record of one connection, from the look-up that led to it to its end.
#[derive(Debug, Clone)]
pub struct Tape {
    client: Lane,
    server: Lane,
    log: Vec<Entry>,
    marks: Vec<(Moment, Mark)>,
}

impl Tape {
    /// An empty tape that keeps at most `capacity` octets of each lane; older ones leave first.
    pub fn new(capacity: u64) -> Self {
        Self { client: Lane::new(capacity), server: Lane::new(capacity), log: Vec::new(), marks: Vec::new() }
    }

    /// Appends bytes that `side` sent.
    pub fn push(&mut self, side: Side, at: Moment, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let span = self.lane_mut(side).push(side, bytes);
        match self.log.last_mut() {
            // What one moment brought is one chunk, however the socket cut it.
            Some(Entry::Chunk { at: last, span: open }) if *last == at && open.side == side => open.end = span.end,
            _ => self.log.push(Entry::Chunk { at, span }),
        }
    }

    /// Counts `octets` that `side` sent without keeping them.
    pub fn elide(&mut self, side: Side, at: Moment, octets: u64) {
        if octets == 0 {
            return;
        }
        let span = self.lane_mut(side).elide(side, octets);
        match self.log.last_mut() {
            Some(Entry::Elided { at: last, span: open }) if open.side == side => {
                *last = at;
                open.end = span.end;
            }
            _ => self.log.push(Entry::Elided { at, span }),
        }
    }

    /// Appends something that is not bytes.
    pub fn mark(&mut self, at: Moment, mark: Mark) {
        self.log.push(Entry::Mark { at, index: self.marks.len() });
        self.marks.push((at, mark));
    }

    /// The log, in the order in which things happened.
    pub fn log(&self) -> &[Entry] {
        &self.log
    }

    /// The marks, in the order in which they were made.
    pub fn marks(&self) -> &[(Moment, Mark)] {
        &self.marks
    }

    /// The lane of one side.
    pub fn lane(&self, side: Side) -> &Lane {
        match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    /// The bytes of a span. Octets that were elided or have left memory are missing from the answer.
    pub fn bytes(&self, span: Span) -> Cow<'_, [u8]> {
        self.lane(span.side).bytes(span.start, span.end)
    }

    /// The moment of the last entry.
    pub fn end(&self) -> Moment {
        match self.log.last() {
            Some(Entry::Chunk { at, .. } | Entry::Elided { at, .. } | Entry::Mark { at, .. }) => *at,
            None => Moment::START,
        }
    }

    fn lane_mut(&mut self, side: Side) -> &mut Lane {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tape() -> Tape {
        let mut tape = Tape::new(1 << 20);
        tape.push(Side::Server, Moment::from_millis(1), b"220 mx1.harbor.test ESMTP\r\n");
        tape.push(Side::Client, Moment::from_millis(5), b"EHLO laptop.you.test\r\n");
        tape
    }

    #[test]
    fn a_span_names_the_same_bytes_for_ever() {
        let mut tape = tape();
        let span = Span::new(Side::Server, 4, 19);
        assert_eq!(&*tape.bytes(span), b"mx1.harbor.test");
        tape.push(Side::Server, Moment::from_millis(9), &vec![b'x'; 300_000]);
        assert_eq!(&*tape.bytes(span), b"mx1.harbor.test");
    }

    #[test]
    fn bytes_of_one_moment_are_one_chunk() {
        let mut tape = tape();
        tape.push(Side::Server, Moment::from_millis(7), b"250-a\r");
        tape.push(Side::Server, Moment::from_millis(7), b"\n");
        assert_eq!(tape.log().len(), 3);
    }

    #[test]
    fn a_capacity_drops_the_oldest_and_keeps_addresses() {
        let mut tape = Tape::new(100_000);
        for _ in 0..40 {
            tape.push(Side::Server, Moment::START, &[b'a'; 10_000]);
        }
        tape.push(Side::Server, Moment::START, b"tail");
        assert!(tape.bytes(Span::new(Side::Server, 0, 10)).is_empty());
        assert_eq!(&*tape.bytes(Span::new(Side::Server, 400_000, 400_004)), b"tail");
    }

    #[test]
    fn elided_octets_count_but_are_not_kept() {
        let mut tape = tape();
        let before = tape.lane(Side::Client).len();
        tape.elide(Side::Client, Moment::from_millis(8), 1_000_000);
        tape.push(Side::Client, Moment::from_millis(9), b".\r\n");
        assert_eq!(tape.lane(Side::Client).len(), before + 1_000_003);
        assert_eq!(&*tape.bytes(Span::new(Side::Client, before + 1_000_000, before + 1_000_003)), b".\r\n");
        assert!(tape.bytes(Span::new(Side::Client, before, before + 10)).is_empty());
    }

    #[test]
    fn moments_print_as_seconds() {
        assert_eq!(Moment::from_micros(4_110_999).to_string(), "4.110");
        assert_eq!(Moment::START.after(Duration::from_millis(61)).to_string(), "0.061");
    }
}
