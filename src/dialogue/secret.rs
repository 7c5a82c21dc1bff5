//! Keeping secrets: what must not be shown, by where it stands and by what it says.
//!
//! A client's AUTH argument and every answer to a 334 are secret by protocol state. What they hold is secret wherever
//! it turns up again: a server that repeats the password in its refusal must not put it on a projector. Values are
//! looked for as they are and in the spellings that mail software gives them: base64, base64url, hex, percent, UTF-16.

use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem;

use crate::smtp::flaw::FlawKind;
use crate::smtp::sasl::client::{Meaning, Part};
use crate::tape::{Span, Tape};

use super::Dialogue;
use super::fold::Closed;

/// A value shorter than this is too common in ordinary text to be looked for.
const SHORTEST: usize = 4;

/// The secrets of one session.
#[derive(Clone, Default)]
pub struct Secrets {
    spans: Vec<Span>,
    /// Places where something was hidden already when it was recorded.
    holes: Vec<Span>,
    values: Vec<Vec<u8>>,
}

/// Says how many, never which.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({} places, {} spellings)", self.spans.len(), self.values.len())
    }
}

impl Secrets {
    /// The secrets of a dialogue so far.
    pub fn of(tape: &Tape, dialogue: &Dialogue) -> Self {
        let spans = dialogue.secrets().to_vec();
        let mut secrets = Self { spans, ..Self::default() };
        for span in dialogue.secrets() {
            let line = tape.bytes(*span);
            match dialogue.decoded_at(tape, *span) {
                Some(decoded) => secrets.learn_parts(line.trim_ascii_end(), &decoded.meaning),
                None => secrets.learn(line.trim_ascii_end()),
            }
        }
        secrets.sort();
        secrets
    }

    /// Keeps a value secret that stands nowhere on the tape, as the password behind a proof.
    pub fn keep(&mut self, value: &[u8]) {
        self.learn_value(value);
        self.sort();
    }

    /// Hides a place in which a recording has something else than what was said.
    pub fn hide(&mut self, hole: Span) {
        self.holes.push(hole);
    }

    /// The same places as before are hidden in these secrets too.
    pub fn keep_holes_of(&mut self, before: &mut Self) {
        self.holes = std::mem::take(&mut before.holes);
    }

    /// The longest first: where one is part of another, both are hidden.
    fn sort(&mut self) {
        self.values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        self.values.dedup();
    }

    /// The places that are secret by protocol state.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// True if there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.holes.is_empty() && self.values.is_empty()
    }

    /// The parts of a row's bytes that must not be shown, in order and without overlap: ranges within `bytes`, which
    /// stand at `span` on the tape.
    pub fn hidden(&self, span: Span, bytes: &[u8]) -> Vec<Range<usize>> {
        if self.is_empty() {
            return Vec::new();
        }
        let mut hidden = self.by_state(span, bytes);
        hidden.extend(self.by_value(bytes));
        merge(hidden)
    }

    /// The parts of some bytes that repeat a secret, wherever they stand, in order and without overlap.
    pub fn repeated(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        merge(self.by_value(bytes).collect())
    }

    /// True if the bytes repeat a secret.
    pub fn repeats(&self, bytes: &[u8]) -> bool {
        self.by_value(bytes).next().is_some()
    }

    fn by_state(&self, span: Span, bytes: &[u8]) -> Vec<Range<usize>> {
        let content = bytes.trim_ascii_end().len();
        let local = |octet: u64| usize::try_from(octet.saturating_sub(span.start)).unwrap_or(usize::MAX).min(content);
        let here = self
            .spans
            .iter()
            .chain(&self.holes)
            .filter(|secret| secret.side == span.side && secret.start < span.end && span.start < secret.end);
        here.map(|secret| local(secret.start)..local(secret.end)).filter(|range| !range.is_empty()).collect()
    }

    fn by_value<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        self.values.iter().flat_map(|value| memmem::find_iter(bytes, value).map(|at| at..at + value.len()))
    }

    /// Learns a line that can be read: what is secret in it, and the whole that holds it. Who logs in is no secret.
    fn learn_parts(&mut self, line: &[u8], meaning: &Meaning) {
        self.learn_value(line);
        let secret = |part: &&Part| part.what.is_secret();
        for part in meaning.parts().iter().filter(secret) {
            self.learn_value(meaning.reveal());
            self.learn_value(meaning.reveal().get(part.span.clone()).unwrap_or_default());
        }
    }

    /// Learns a secret line and what it says when decoded.
    fn learn(&mut self, line: &[u8]) {
        // A password that is typed uncoded may happen to be Base64.
        self.learn_value(line);
        let Ok(decoded) = STANDARD.decode(line).or_else(|_| STANDARD_NO_PAD.decode(line)) else { return };
        self.learn_value(&decoded);
        for part in decoded.split(|byte| matches!(byte, 0 | 1)) {
            self.learn_value(part);
        }
    }

    /// Learns a value in every spelling.
    fn learn_value(&mut self, value: &[u8]) {
        if value.len() < SHORTEST {
            return;
        }
        self.add(value);
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            self.add(engine.encode(value).as_bytes());
            for before in 0..3 {
                self.add(inner_base64(&engine, value, before).as_bytes());
            }
        }
        self.add(hex(value, false).as_bytes());
        self.add(hex(value, true).as_bytes());
        self.add(percent(value).as_bytes());
        // Octets that are no text are widened one by one.
        let wide: Vec<u16> = std::str::from_utf8(value)
            .map_or_else(|_| value.iter().copied().map(u16::from).collect(), |text| text.encode_utf16().collect());
        self.add(&wide.iter().flat_map(|unit| unit.to_le_bytes()).collect::<Vec<_>>());
        self.add(&wide.iter().flat_map(|unit| unit.to_be_bytes()).collect::<Vec<_>>());
    }

    fn add(&mut self, value: &[u8]) {
        if value.len() >= SHORTEST && !self.values.iter().any(|known| known == value) {
            self.values.push(value.to_vec());
        }
    }
}

/// What the secrets of a dialogue say, learned anew only when a secret is added.
#[derive(Debug, Clone, Default)]
pub(super) struct Echoes {
    places: Vec<Span>,
    secrets: Secrets,
}

impl Dialogue {
    /// Notes that the server repeated a secret: it is hidden there too, and the reader should know why.
    pub(super) fn note_echo(&mut self, tape: &Tape, line: &Closed<'_>) {
        if self.secrets.is_empty() {
            return;
        }
        if self.echoes.places != self.secrets {
            self.echoes = Echoes { places: self.secrets.clone(), secrets: Secrets::of(tape, self) };
        }
        if self.echoes.secrets.repeats(line.bytes) {
            self.flaw(line.row, line.span, FlawKind::RedactedEcho);
        }
    }
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

fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
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
