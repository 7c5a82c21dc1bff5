//! From sessions to lines: each entry of a tape is told once, in the order of its log.
//!
//! A session may be recorded from its beginning at any time, because its tape is kept. On live sessions secrets are
//! masked before they are told: by state and by value, and never too early. Where an answer will decide what octets are
//! (RFC 4954 §4: the lines behind AUTH), or a line has not ended, they and all that came after them wait for it.

use std::collections::BTreeMap;

use super::line::{Begun, Bytes, Line};
use crate::ports::net::SessionId;
use crate::session::{Session, State};
use crate::smtp::limits::recording::CHUNK;
use crate::tape::{Entry, Moment, Side, Span};

/// What was told of which session.
#[derive(Debug, Default)]
pub struct Writer {
    told: BTreeMap<SessionId, Told>,
}

/// How far a session was told.
#[derive(Debug, Default)]
struct Told {
    /// The entry of the log.
    entry: usize,
    /// Octets of each lane.
    client: u64,
    server: u64,
    /// The first row of each lane that is not told whole.
    client_row: usize,
    server_row: usize,
    ended: bool,
}

impl Writer {
    /// What there is to tell of a session since the last call. `after`: when its tape began, in microseconds since the
    /// recording began.
    pub fn follow(&mut self, session: &Session, after: u64) -> Vec<Line> {
        self.tell(session, after, false)
    }

    /// The same, and what waited for an answer that will not come: of what was not understood nothing is told but its
    /// line ends.
    pub fn finish(&mut self, session: &Session, after: u64) -> Vec<Line> {
        self.tell(session, after, true)
    }

    fn tell(&mut self, session: &Session, after: u64, last: bool) -> Vec<Line> {
        let mut lines = Vec::new();
        let told = self.told.entry(session.id).or_insert_with(|| {
            let (caller, imported) = (session.caller().cloned(), session.imported());
            let target = session.target.clone();
            lines.push(Line::Session(Box::new(Begun { s: session.id, after, target, caller, imported })));
            Told::default()
        });
        told.follow(session, last || is_over(session), &mut lines);
        lines
    }
}

fn is_over(session: &Session) -> bool {
    matches!(session.state(), State::Over | State::Failed(_))
}

impl Told {
    fn follow(&mut self, session: &Session, over: bool, lines: &mut Vec<Line>) {
        let (tape, s) = (session.tape(), session.id);
        while let Some(entry) = tape.log().get(self.entry) {
            let whole = match *entry {
                Entry::Chunk { at, span } => self.chunk(session, at, span, over, lines),
                Entry::Elided { at, span } => {
                    let from = self.lane(span.side).max(span.start);
                    lines.extend(elided(s, at, Span::new(span.side, from, span.end)));
                    *self.lane_mut(span.side) = span.end;
                    true
                }
                Entry::Mark { at, index } => {
                    lines.extend(tape.marks().get(index).map(|(_, mark)| Line::Mark { s, t: at, mark: mark.clone() }));
                    true
                }
            };
            // The last entry but a mark may still grow.
            let open = self.entry + 1 == tape.log().len() && !matches!(entry, Entry::Mark { .. });
            if !whole || open {
                break;
            }
            self.entry += 1;
        }
        if is_over(session) && !self.ended && self.entry + 1 >= tape.log().len() {
            self.ended = true;
            lines.push(Line::End { s });
        }
    }

    /// Tells octets as far as they may be told; true if that was all of them.
    fn chunk(&mut self, session: &Session, at: Moment, span: Span, over: bool, lines: &mut Vec<Line>) -> bool {
        let side = span.side;
        let masks = session.hides_secrets();
        let settled = if masks && !over { session.dialogue().settled(side) } else { u64::MAX };
        let end = span.end.min(settled);
        let mut from = self.lane(side).max(span.start);
        while from < end {
            let piece = Span::new(side, from, end.min(from + CHUNK));
            let octets = session.tape().bytes(piece);
            // What left memory was the beginning.
            let gone = piece.len() - octets.len() as u64;
            lines.extend(elided(session.id, at, Span::new(side, from, from + gone)));
            let piece = Span::new(side, from + gone, piece.end);
            let (octets, holes) = if masks { self.masked(session, piece) } else { (octets.into_owned(), Vec::new()) };
            if !octets.is_empty() {
                lines.push(Line::Bytes(Bytes::new(session.id, at, side, &octets, holes)));
            }
            from = piece.end;
            *self.lane_mut(side) = from;
        }
        from >= span.end
    }

    /// Octets of a live session without its secrets: line by line, because a secret is one of a line.
    fn masked(&mut self, session: &Session, piece: Span) -> (Vec<u8>, Vec<(u64, u64)>) {
        let rows = session.dialogue().rows();
        let settled = session.dialogue().settled(piece.side);
        let (mut octets, mut holes) = (Vec::new(), Vec::new());
        let first = self.row(piece.side);
        // The row to begin with next time: one that goes on behind the piece, or may still grow.
        let mut next = None;
        for (index, row) in (first..).zip(rows.iter().skip(first)) {
            let Some(line) = row.span().filter(|line| line.side == piece.side && line.end > piece.start) else {
                continue;
            };
            if line.start >= piece.end {
                next.get_or_insert(index);
                break;
            }
            if line.end > piece.end || line.start >= settled {
                next.get_or_insert(index);
            }
            let part = Span::new(line.side, piece.start.max(line.start), piece.end.min(line.end));
            let known = line.start < settled || piece.side == Side::Server;
            let (text, hidden) =
                if known { part_of(session, line, part) } else { unknown(&session.tape().bytes(part)) };
            let shift = octets.len() as u64;
            octets.extend(text);
            holes.extend(hidden.into_iter().map(|(from, to)| (from + shift, to + shift)));
        }
        *self.row_mut(piece.side) = next.unwrap_or(rows.len());
        let all = session.tape().bytes(piece);
        // Lines that counted octets have cut to pieces do not say what belongs to whom.
        if octets.len() == all.len() { (octets, holes) } else { unknown(&all) }
    }

    fn lane(&self, side: Side) -> u64 {
        if side == Side::Client { self.client } else { self.server }
    }

    fn lane_mut(&mut self, side: Side) -> &mut u64 {
        if side == Side::Client { &mut self.client } else { &mut self.server }
    }

    fn row(&self, side: Side) -> usize {
        if side == Side::Client { self.client_row } else { self.server_row }
    }

    fn row_mut(&mut self, side: Side) -> &mut usize {
        if side == Side::Client { &mut self.client_row } else { &mut self.server_row }
    }
}

fn elided(s: SessionId, t: Moment, span: Span) -> Option<Line> {
    (!span.is_empty()).then(|| Line::Elided { s, t, side: span.side, octets: span.len() })
}

/// Part of a line without its secrets, and where these were in it.
fn part_of(session: &Session, line: Span, part: Span) -> (Vec<u8>, Vec<(u64, u64)>) {
    let (text, holes) = session.without_secrets(line);
    let (from, to) = (part.start - line.start, part.end - line.start);
    let place = usize::try_from(from).unwrap_or(usize::MAX)..usize::try_from(to).unwrap_or(usize::MAX);
    match text.get(place).filter(|_| text.len() as u64 == line.len()) {
        Some(octets) => {
            let within = holes.into_iter().map(|(low, high)| (low.max(from), high.min(to)));
            (
                octets.to_vec(),
                within.filter(|(low, high)| low < high).map(|(low, high)| (low - from, high - from)).collect(),
            )
        }
        // Its beginning has left memory, and with it what tells a secret.
        None => unknown(&session.tape().bytes(part)),
    }
}

/// A line that nobody understood: it could be a password, so all of it but its end is a hole.
fn unknown(line: &[u8]) -> (Vec<u8>, Vec<(u64, u64)>) {
    let content = line.trim_ascii_end().len();
    let mut octets = line.to_vec();
    if let Some(content) = octets.get_mut(..content) {
        content.fill(b'*');
    }
    (octets, vec![(0, content as u64)])
}
