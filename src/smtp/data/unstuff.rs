//! Reading a letter from the wire, strictly: only CR LF `.` CR LF ends it. A lenient reader, which takes LF for a line end
//! too, is there for those who want to see what comes of it.

use memchr::memchr;

use super::Lookout;

/// How far a piece of the wire was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Octets of the piece that belong to the letter and its end.
    pub used: usize,
    /// True if the letter has ended; the rest of the piece is commands.
    pub done: bool,
}

/// What was seen while a letter was received.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Received {
    /// Octets of the letter.
    pub octets: u64,
    /// Dots that were taken away.
    pub dots: u64,
    /// LF without a CR before it.
    pub lone_lf: u64,
    /// CR without a LF behind it.
    pub lone_cr: u64,
}

/// A filter from the wire to a letter.
#[derive(Debug, Clone)]
pub struct Unstuffer {
    state: State,
    lenient: bool,
    seen: Received,
    lookout: Lookout,
}

/// ```text
///            ┌──────────── CR LF ────────────┐
///            ▼                               │
///   ──▶  LineStart ── other ──▶ Inside ── CR ──▶ Cr
///            │ "."                ▲
///            ▼                    │ other: the dot goes
///           Dot ──────────────────┤
///            │ CR                 │ other: the dot goes, the CR stays
///            ▼                    │
///          DotCr ─────────────────┘
///            │ LF
///            ▼
///          Done
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    LineStart,
    Inside,
    Cr,
    Dot,
    DotCr,
    Done,
}

impl Default for Unstuffer {
    fn default() -> Self {
        Self { state: State::LineStart, lenient: false, seen: Received::default(), lookout: Lookout::default() }
    }
}

impl Unstuffer {
    /// A filter at the beginning of a letter.
    pub fn new() -> Self {
        Self::default()
    }

    /// A filter for which LF alone ends a line, and so LF `.` LF a letter, against RFC 5321 §2.3.8.
    pub fn lenient() -> Self {
        Self { lenient: true, ..Self::default() }
    }

    /// Takes a piece of the wire and appends what belongs to the letter. Stops at its end.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Step {
        let before = out.len();
        let mut rest = piece;
        while self.state != State::Done
            && let Some((first, tail)) = rest.split_first()
        {
            if self.state == State::Inside {
                rest = self.inside(rest, out);
            } else {
                self.step(*first, out);
                rest = tail;
            }
        }
        self.seen.octets += (out.len() - before) as u64;
        let used = piece.len() - rest.len();
        self.lookout.watch(piece.get(..used).unwrap_or_default());
        Step { used, done: self.state == State::Done }
    }

    /// What was seen so far.
    pub const fn seen(&self) -> &Received {
        &self.seen
    }

    /// What resembled the end of the letter; places are octets of the wire.
    pub const fn look_alikes(&self) -> &Lookout {
        &self.lookout
    }

    /// Copies up to and with the next CR, or what else ends a line.
    fn inside<'a>(&mut self, rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
        let end = if self.lenient { memchr::memchr2(b'\r', b'\n', rest) } else { memchr(b'\r', rest) };
        let end = end.map(|end| end + 1);
        let (text, tail) = rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or((rest, b""));
        if memchr(b'\n', text).is_some() {
            self.seen.lone_lf += memchr::memchr_iter(b'\n', text).count() as u64;
        }
        out.extend_from_slice(text);
        if end.is_some() {
            self.state = if text.ends_with(b"\n") { State::LineStart } else { State::Cr };
        }
        tail
    }

    fn step(&mut self, octet: u8, out: &mut Vec<u8>) {
        match (self.state, octet) {
            (State::LineStart, b'.') => self.state = State::Dot,
            (State::Dot, b'\r') => self.state = State::DotCr,
            (State::DotCr, b'\n') => self.state = State::Done,
            (State::Dot, b'\n') if self.lenient => self.state = State::Done,
            (State::Cr, b'\n') => {
                out.push(octet);
                self.state = State::LineStart;
            }
            (State::Dot, _) => {
                self.seen.dots += 1;
                self.letter(octet, out);
            }
            (State::DotCr, _) => {
                self.seen.dots += 1;
                self.seen.lone_cr += 1;
                out.push(b'\r');
                self.letter(octet, out);
            }
            (State::Cr, _) => {
                self.seen.lone_cr += 1;
                self.letter(octet, out);
            }
            _ => self.letter(octet, out),
        }
    }

    /// Writes an octet of the letter that does not stand at the beginning of a line.
    fn letter(&mut self, octet: u8, out: &mut Vec<u8>) {
        self.seen.lone_lf += u64::from(octet == b'\n');
        out.push(octet);
        self.state = match octet {
            b'\r' => State::Cr,
            b'\n' if self.lenient => State::LineStart,
            _ => State::Inside,
        };
    }
}
