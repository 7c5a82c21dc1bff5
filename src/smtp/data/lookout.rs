//! What a faulty server could take for the end of a letter.
//!
//! A dot alone between two line breaks of any kind ends the letter for somebody: LF `.` LF, CR `.` CR, CR LF `.` CR CR LF
//! and the other sequences of SMTP smuggling, with NUL in between too. Only CR LF `.` CR LF ends it for all.

/// How many places are kept.
const KEPT: usize = 8;

/// Watches octets on the wire for ends that are none.
#[derive(Debug, Clone)]
pub struct Lookout {
    state: State,
    /// True while the break before, and what stands around the dot, is exactly what RFC 5321 asks for.
    strict: bool,
    at: u64,
    dot: u64,
    count: u64,
    places: Vec<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    Cr,
    /// Behind a line break: a dot here may be the end.
    Break,
    Dot,
    DotCr,
}

impl Default for Lookout {
    fn default() -> Self {
        // The line end of DATA stands before the first octet.
        Self { state: State::Break, strict: true, at: 0, dot: 0, count: 0, places: Vec::new() }
    }
}

impl Lookout {
    /// Watches more octets.
    pub fn watch(&mut self, octets: &[u8]) {
        let mut rest = octets;
        while let Some(octet) = rest.first() {
            if self.state == State::Text {
                // Nothing happens before the next line break.
                let text = memchr::memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
                self.at += text as u64;
                rest = rest.get(text..).unwrap_or_default();
                if text > 0 {
                    continue;
                }
            }
            self.step(*octet);
            self.at += 1;
            rest = rest.get(1..).unwrap_or_default();
        }
    }

    /// How many ends that are none went by.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Where the first few of them have their dots: octets since the beginning.
    pub fn places(&self) -> &[u64] {
        &self.places
    }

    fn step(&mut self, octet: u8) {
        self.state = match (self.state, octet) {
            (State::Break, b'.') => {
                self.dot = self.at;
                State::Dot
            }
            (State::Break | State::Dot, 0) => {
                self.strict = false;
                self.state
            }
            (State::Cr, b'.') => {
                self.strict = false;
                self.dot = self.at;
                State::Dot
            }
            (State::Dot, b'\r') => State::DotCr,
            (State::DotCr, b'\n') if self.strict => self.line_break(true),
            (State::Dot, b'\n') | (State::DotCr, _) => self.found(octet),
            (State::Cr, b'\n') => self.line_break(true),
            (_, b'\n') => self.line_break(false),
            (_, b'\r') => State::Cr,
            (State::Cr, 0) => {
                self.strict = false;
                State::Break
            }
            _ => State::Text,
        };
    }

    fn line_break(&mut self, strict: bool) -> State {
        self.strict = strict;
        State::Break
    }

    /// An end that is none; what follows is behind a break.
    fn found(&mut self, octet: u8) -> State {
        self.count += 1;
        if self.places.len() < KEPT {
            self.places.push(self.dot);
        }
        match octet {
            b'\r' => State::Cr,
            b'\n' => self.line_break(false),
            b'.' => {
                self.strict = false;
                self.dot = self.at;
                State::Dot
            }
            _ => State::Text,
        }
    }
}
