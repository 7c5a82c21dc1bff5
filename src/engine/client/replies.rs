//! What the server writes: lines, and which of them end a reply. The same rules as the fold's.

use memchr::memchr;

use crate::smtp::limits::Limits;
use crate::smtp::line::Line;
use crate::smtp::reply::{Shape, shape};
use crate::tape::mark::Limit;

/// What one step of reading found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// The last line of a reply.
    Reply(Whole),
    /// A line that ends nothing.
    Line,
    /// A limit was reached.
    Limit(Limit),
}

/// A reply whose last line has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Whole {
    /// The code of its last line.
    pub(super) code: u16,
    /// True if its lines carry different codes: no success of a command that changes the session.
    pub(super) mixed: bool,
}

impl Whole {
    /// True for 2yz.
    pub(super) fn is_success(self) -> bool {
        (200..300).contains(&self.code)
    }
}

/// The server's lane as it comes.
#[derive(Debug, Default)]
pub(super) struct Replies {
    /// The line whose end has not come.
    line: Vec<u8>,
    /// What stands behind the code of the last line that was read.
    text: Vec<u8>,
    /// What the lines of the open reply came to so far.
    open: Option<Whole>,
    /// Octets since the last complete reply, those of the open line included.
    octets: usize,
    /// Lines since the last complete reply.
    lines: u32,
}

impl Replies {
    /// Reads at most one line; says how many octets it took and what they are. `asked` is true if a reply is due.
    pub(super) fn read(&mut self, octets: &[u8], asked: bool, limits: &Limits) -> (usize, Option<Read>) {
        let end = memchr(b'\n', octets).map(|lf| lf + 1);
        let part = octets.get(..end.unwrap_or(octets.len())).unwrap_or(octets);
        let room = self.room(asked, limits).min(part.len());
        let part = part.get(..room).unwrap_or(part);
        self.line.extend_from_slice(part);
        self.octets += part.len();
        if end != Some(part.len()) {
            return (part.len(), self.reached(asked, limits).map(Read::Limit));
        }
        self.lines += 1;
        let read = self.close();
        if asked && matches!(read, Read::Reply(_)) {
            (self.octets, self.lines) = (0, 0);
        }
        (part.len(), Some(self.reached(asked, limits).map_or(read, Read::Limit)))
    }

    /// What stands behind the code in the last line of the reply that was read last.
    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Begins anew: nothing of the plain-text epoch counts inside TLS.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// A question was asked: what came before it no longer counts against the limits.
    pub(super) fn asked(&mut self) {
        self.octets = self.line.len();
        self.lines = 0;
    }

    fn close(&mut self) -> Read {
        let part = match shape(Line::of(&self.line)) {
            Shape::Part(part) => {
                self.text.clear();
                self.text.extend_from_slice(part.text);
                Some((part.code.get(), part.more))
            }
            Shape::Malformed(_) => None,
        };
        self.line.clear();
        let Some((code, more)) = part else { return Read::Line };
        let mixed = self.open.take().is_some_and(|open| open.mixed || open.code != code);
        let whole = Whole { code, mixed };
        if more {
            self.open = Some(whole);
            Read::Line
        } else {
            Read::Reply(whole)
        }
    }

    /// How many octets may still come.
    fn room(&self, asked: bool, limits: &Limits) -> usize {
        let all = if asked { limits.reply } else { limits.unsolicited };
        limits.line.saturating_sub(self.line.len()).min(all.saturating_sub(self.octets))
    }

    fn reached(&self, asked: bool, limits: &Limits) -> Option<Limit> {
        if self.line.len() >= limits.line {
            return Some(Limit::Line);
        }
        let long = self.octets >= if asked { limits.reply } else { limits.unsolicited };
        match asked {
            true if long || self.lines >= limits.reply_lines => Some(Limit::Reply),
            false if long => Some(Limit::Unsolicited),
            _ => None,
        }
    }
}
