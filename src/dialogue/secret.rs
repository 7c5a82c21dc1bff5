//! Keeping secrets: what must not be shown, by where it stands and by what it says.
//!
//! A client's AUTH argument and every answer to a 334 are secret by protocol state. What they hold is secret wherever
//! it turns up again: a server that repeats the password in its refusal must not put it on a projector. Values are
//! looked for as they are and in the spellings that mail software gives them: base64, base64url, hex, percent, UTF-16.

use std::ops::Range;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

use crate::smtp::flaw::FlawKind;
use crate::smtp::sasl::client::{Meaning, Part};
use crate::tape::{Side, Span, Tape};

use super::Dialogue;
use super::fold::Closed;
use super::row::RowId;
use spelling::{Spellings, spellings};

mod spelling;

/// What must not be shown of one session.
#[derive(Clone, Default)]
pub struct Secrets {
    /// Client octets that are secret by protocol state, in their order.
    spans: Vec<Span>,
    /// Places where something was hidden already when it was recorded, in their order.
    client_holes: Vec<Span>,
    server_holes: Vec<Span>,
    /// What the first of the spans say: each has taught these.
    lessons: Vec<Vec<Arc<[u8]>>>,
    values: Spellings,
}

/// Says how many, never which.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({} places, {} spellings)", self.spans.len(), self.values.len())
    }
}

impl Secrets {
    /// Keeps a value secret that stands nowhere on the tape, as the password behind a proof.
    pub fn keep(&mut self, value: &[u8]) {
        for spelling in spellings(value) {
            self.values.add(spelling);
        }
    }

    /// Hides a place in which a recording has something else than what was said; places of one side come in their order.
    pub fn hide(&mut self, hole: Span) {
        match hole.side {
            Side::Client => self.client_holes.push(hole),
            Side::Server => self.server_holes.push(hole),
        }
    }

    /// The places that are secret by protocol state.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The first place that is secret by protocol state among these octets.
    pub fn first_in(&self, octets: Span) -> Option<Span> {
        let index = self.spans.partition_point(|secret| secret.end <= octets.start);
        self.spans.get(index).copied().filter(|secret| octets.side == Side::Client && secret.start < octets.end)
    }

    /// The parts of a row's bytes that must not be shown, in order and without overlap: ranges within `bytes`, which
    /// stand at `span` on the tape.
    pub fn hidden(&self, span: Span, bytes: &[u8]) -> Vec<Range<usize>> {
        let (spans, holes): (&[Span], &[Span]) = match span.side {
            Side::Client => (&self.spans, &self.client_holes),
            Side::Server => (&[], &self.server_holes),
        };
        let by_state = overlaps(spans, span, bytes).chain(overlaps(holes, span, bytes));
        merge(by_state.chain(self.values.find(bytes)).collect())
    }

    /// The parts of some bytes that repeat a secret, wherever they stand, in order and without overlap.
    pub fn repeated(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        merge(self.values.find(bytes).collect())
    }

    /// True if the bytes repeat a secret.
    pub fn repeats(&self, bytes: &[u8]) -> bool {
        self.values.find(bytes).next().is_some()
    }

    /// Forgets the places from this octet of the client on, and what they taught.
    fn forget_from(&mut self, start: u64) {
        let keep = self.spans.partition_point(|span| span.start < start);
        self.spans.truncate(keep);
        for value in self.lessons.drain(keep.min(self.lessons.len())..).flatten() {
            self.values.remove(&value);
        }
    }
}

impl Dialogue {
    /// What is secret in the session so far: the initial response of AUTH and every answer to a 334, and what they say.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// From this row on, these octets of the client are secret; what was kept of them before is not.
    pub(super) fn keep_secret(&mut self, row: RowId, span: Span) {
        self.forget_secrets(row, span.start);
        self.secrets.spans.push(span);
        self.flaw(row, span, FlawKind::RedactedAuth);
    }

    /// What stands from here on was taken for a secret while it was not decided, or was not whole: rows from this one
    /// on, octets of the client from this one on.
    pub(super) fn forget_secrets(&mut self, row: RowId, start: u64) {
        let is_of_secret = |flaw: &super::Flaw| {
            flaw.kind == FlawKind::RedactedAuth && flaw.span.side == Side::Client && flaw.span.start >= start
        };
        self.secrets.forget_from(start);
        let from = self.flaws.partition_point(|flaw| flaw.row < row);
        let later = self.flaws.split_off(from);
        self.flaws.extend(later.into_iter().filter(|flaw| !is_of_secret(flaw)));
    }

    /// Learns what the places say that have come since it was asked last.
    pub(super) fn learn_secrets(&mut self, tape: &Tape) {
        for index in self.secrets.lessons.len()..self.secrets.spans.len() {
            let Some(span) = self.secrets.spans.get(index).copied() else { break };
            let line = tape.bytes(span);
            let lesson = match self.decoded_at(tape, span) {
                Some(decoded) => lesson_of_meaning(line.trim_ascii_end(), &decoded.meaning),
                None => lesson_of_line(line.trim_ascii_end()),
            };
            let spelled = lesson.iter().flat_map(|value| spellings(value));
            let lesson = spelled.map(|spelling| self.secrets.values.add(spelling)).collect();
            self.secrets.lessons.push(lesson);
        }
    }

    /// Notes that the server repeated a secret: it is hidden there too, and the reader should know why.
    pub(super) fn note_echo(&mut self, tape: &Tape, line: &Closed<'_>) {
        self.learn_secrets(tape);
        if self.secrets.repeats(line.bytes) {
            self.flaw(line.row, line.span, FlawKind::RedactedEcho);
        }
    }
}

/// A line that can be read: what is secret in it, and the whole that holds it. Who logs in is no secret.
fn lesson_of_meaning(line: &[u8], meaning: &Meaning) -> Vec<Vec<u8>> {
    let secret = |part: &&Part| part.what.is_secret();
    let parts = meaning.parts().iter().filter(secret);
    let octets = parts.filter_map(|part| meaning.reveal().get(part.span.clone()));
    let mut lesson: Vec<_> = octets.map(<[u8]>::to_vec).collect();
    if !lesson.is_empty() {
        lesson.push(meaning.reveal().to_vec());
    }
    lesson.push(line.to_vec());
    lesson
}

/// A secret line that cannot be read, and what it says when decoded. A password that is typed uncoded may happen to be
/// Base64.
fn lesson_of_line(line: &[u8]) -> Vec<Vec<u8>> {
    let mut lesson = vec![line.to_vec()];
    if let Ok(decoded) = STANDARD.decode(line).or_else(|_| STANDARD_NO_PAD.decode(line)) {
        lesson.extend(decoded.split(|byte| matches!(byte, 0 | 1)).map(<[u8]>::to_vec));
        lesson.push(decoded);
    }
    lesson
}

/// Where some of these places, which are in their order, stand in a row's bytes; its line end is never one of them.
fn overlaps(places: &[Span], row: Span, bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let content = bytes.trim_ascii_end().len();
    let local = move |octet: u64| usize::try_from(octet.saturating_sub(row.start)).unwrap_or(usize::MAX).min(content);
    let first = places.partition_point(|place| place.end <= row.start);
    let here = places.iter().skip(first).take_while(move |place| place.start < row.end);
    here.map(move |place| local(place.start)..local(place.end)).filter(|range| !range.is_empty())
}

/// The same octets as ranges in order and without overlap.
pub fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}
