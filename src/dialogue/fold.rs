//! Following a tape: each octet of the log once, cut into lines.

use memchr::memchr;

use crate::tape::{Entry, Moment, Side, Span, Tape};

use super::Dialogue;
use super::row::{Row, RowId, What};

/// How far the fold has read. The last chunk of a log may still grow, so octets are counted too.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cursor {
    entry: usize,
    client: u64,
    server: u64,
}

/// A line whose end has not come.
#[derive(Debug, Clone, Copy)]
pub(super) struct OpenLine {
    pub(super) row: RowId,
    pub(super) start: u64,
}

/// A line whose end has come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Closed<'a> {
    /// Its row, already in place.
    pub(super) row: RowId,
    /// Its octets, line end included.
    pub(super) span: Span,
    /// The same octets.
    pub(super) bytes: &'a [u8],
    /// When its first octet came.
    pub(super) first: Moment,
    /// When its last octet came.
    pub(super) last: Moment,
}

impl Dialogue {
    /// Reads what the tape has gained since the last call.
    pub fn follow(&mut self, tape: &Tape) {
        while let Some(entry) = tape.log().get(self.cursor.entry) {
            match *entry {
                Entry::Chunk { at, span } => self.follow_chunk(tape, at, span),
                Entry::Elided { at, span } => self.follow_elided(at, span),
                Entry::Mark { index, .. } => self.read_mark(tape, index),
            }
            let last = self.cursor.entry + 1 == tape.log().len();
            if last && !matches!(entry, Entry::Mark { .. }) {
                break;
            }
            self.cursor.entry += 1;
        }
        self.learn_secrets(tape);
    }

    fn follow_chunk(&mut self, tape: &Tape, at: Moment, span: Span) {
        let mut from = self.read_to(span.side).max(span.start);
        while from < span.end {
            let bytes = tape.bytes(Span::new(span.side, from, span.end));
            if bytes.is_empty() {
                break;
            }
            let taken = self.read(tape, span.side, at, from, &bytes);
            from += taken;
            *self.read_to_mut(span.side) = from;
        }
        *self.read_to_mut(span.side) = span.end;
    }

    fn follow_elided(&mut self, at: Moment, span: Span) {
        let from = self.read_to(span.side).max(span.start);
        if from >= span.end {
            return;
        }
        *self.read_to_mut(span.side) = span.end;
        let grown = match self.rows.last_mut() {
            Some(row)
                if row.what == What::Elided
                    && row.span().is_some_and(|old| old.side == span.side && old.end == from) =>
            {
                row.extend(span.end);
                true
            }
            _ => false,
        };
        if !grown {
            self.push_row(Row::bytes(at, Span::new(span.side, from, span.end), What::Elided));
        }
        if span.side == Side::Client {
            self.client.skip();
        }
    }

    /// Reads some octets of one side, at most to the next change of mode; says how many.
    fn read(&mut self, tape: &Tape, side: Side, at: Moment, start: u64, bytes: &[u8]) -> u64 {
        let mut taken = 0;
        while let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) {
            let limit = match side {
                Side::Client => self.client.octets_left(rest.len()),
                Side::Server => rest.len(),
            };
            let window = rest.get(..limit).unwrap_or(rest);
            let line = memchr(b'\n', window).map_or(window.len(), |end| end + 1);
            let ended = window.get(line.wrapping_sub(1)) == Some(&b'\n');
            let octets = window.get(..line).unwrap_or(window);
            self.read_part(tape, side, at, start + taken as u64, octets, ended);
            taken += line;
        }
        taken as u64
    }

    /// Reads a line, its beginning, or its continuation.
    fn read_part(&mut self, tape: &Tape, side: Side, at: Moment, start: u64, octets: &[u8], ended: bool) {
        let end = start + octets.len() as u64;
        let open = self.open_line(side);
        let (row, line_start, first) = match open {
            Some(OpenLine { row, start }) => {
                let first = self.rows.get_mut(row.index()).map_or(at, |row| {
                    row.extend(end);
                    row.at
                });
                (row, start, first)
            }
            None => (self.push_row(Row::bytes(at, Span::new(side, start, end), What::Open)), start, at),
        };
        let chunk_ended = side == Side::Client && self.client.chunk_ends(octets.len());
        if !ended && !chunk_ended {
            self.set_open_line(side, Some(OpenLine { row, start: line_start }));
            self.peek(tape, side, row, Span::new(side, line_start, end));
            return;
        }
        self.set_open_line(side, None);
        let span = Span::new(side, line_start, end);
        let whole = if line_start == start { octets.into() } else { tape.bytes(span) };
        let line = Closed { row, span, bytes: &whole, first, last: at };
        match side {
            Side::Client => self.client_line(&line),
            Side::Server => self.server_line(tape, &line),
        }
    }

    /// Looks at a line whose end has not come: some peers never send one.
    fn peek(&mut self, tape: &Tape, side: Side, row: RowId, span: Span) {
        match side {
            Side::Client => self.peek_client(row, span),
            Side::Server => self.peek_server(tape, row, span),
        }
    }

    pub(super) fn read_to(&self, side: Side) -> u64 {
        match side {
            Side::Client => self.cursor.client,
            Side::Server => self.cursor.server,
        }
    }

    fn read_to_mut(&mut self, side: Side) -> &mut u64 {
        match side {
            Side::Client => &mut self.cursor.client,
            Side::Server => &mut self.cursor.server,
        }
    }

    pub(super) fn open_line(&self, side: Side) -> Option<OpenLine> {
        match side {
            Side::Client => self.client.open,
            Side::Server => self.server.open,
        }
    }

    fn set_open_line(&mut self, side: Side, open: Option<OpenLine>) {
        match side {
            Side::Client => self.client.open = open,
            Side::Server => self.server.open = open,
        }
    }
}
