//! Replies: what a server says to a command, in one line or several.
//!
//! ```abnf
//! Reply-line = *( Reply-code "-" [ textstring ] CRLF )
//!                 Reply-code [ SP textstring ] CRLF       ; RFC 5321 §4.2
//! textstring = 1*(%d09 / %d32-126)                       ; HT, SP, printable ASCII
//! ```
//!
//! [`shape()`] looks at one line and decides whether it is part of a reply at all; it copies nothing, so that both the
//! fold and the engine can afford it for every line. [`flaws()`] says what is odd about that line. [`Reply`] puts the
//! lines of one reply together for those who explain it.

mod forward;
mod service;
mod shape;
mod text;

use std::ops::Range;

pub use forward::forward_path;
pub use service::{Service, looks_like_tls, other_service, says_lmtp};
pub use shape::{Malformed, Part, Shape, shape};

use super::code::Code;
use super::flaw::{Flaw, FlawKind};
use super::limits;
use super::line::{Ending, Line, lines};
use super::status::Status;

/// One line of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyLine {
    /// Its code; `None` for a line inside the reply that carries none.
    pub code: Option<Code>,
    /// True if the code is followed by `-`: another line was promised.
    pub more: bool,
    /// The octets of the line with its end, from the beginning of the reply.
    pub span: Range<usize>,
    /// The octets behind code and separator, from the beginning of the reply.
    pub text: Range<usize>,
    /// How the line ended.
    pub ending: Ending,
    /// The enhanced status code at the beginning of the text.
    pub status: Option<Status>,
}

/// A whole reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The code of the last line: it decides.
    pub code: Code,
    /// The enhanced status code that counts: that of the last line that has one.
    pub status: Option<Status>,
    /// All lines in order, at least one.
    pub lines: Vec<ReplyLine>,
    /// True if the last line was there whole.
    pub complete: bool,
    /// What is odd, in the order of the lines.
    pub flaws: Vec<Flaw>,
    bytes: Vec<u8>,
}

impl Reply {
    /// The first reply in `bytes`, up to and with the first line whose code is not followed by `-`.
    ///
    /// Lines without a code are kept as lines of the reply. `None` if no line has a code.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut reading = Reading::default();
        for line in lines(bytes) {
            if reading.take(line) {
                break;
            }
        }
        reading.finish(bytes)
    }

    /// The octets of the reply.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text of one of its lines: what stands behind code and separator.
    pub fn text(&self, line: &ReplyLine) -> &[u8] {
        self.bytes.get(line.text.clone()).unwrap_or_default()
    }

    /// The text of one of its lines without the enhanced status code and the space behind it.
    pub fn words(&self, line: &ReplyLine) -> &[u8] {
        let text = self.text(line);
        let rest = Status::find(text).and_then(|found| text.get(found.len..)).unwrap_or(text);
        rest.strip_prefix(b" ").unwrap_or(rest)
    }

    /// The texts of all lines, in order.
    pub fn texts(&self) -> impl Iterator<Item = &[u8]> {
        self.lines.iter().map(|line| self.text(line))
    }
}

/// A reply while its lines are read.
#[derive(Default)]
struct Reading {
    code: Option<Code>,
    status: Option<Status>,
    lines: Vec<ReplyLine>,
    flaws: Vec<Flaw>,
    complete: bool,
    at: usize,
}

impl Reading {
    /// Takes one line; true if the reply ends with it.
    fn take(&mut self, line: Line<'_>) -> bool {
        let span = self.at..self.at + line.len();
        self.at = span.end;
        let shape = shape(line);
        self.flaws.extend(flaws(line).into_iter().map(|flaw| flaw.moved(span.start)));
        let Shape::Part(part) = shape else {
            self.take_garbage(line, span);
            return false;
        };
        if self.code.is_some_and(|before| before != part.code) {
            self.flaws.push(Flaw::new(FlawKind::MixedCodes, span.start..span.start + 3));
        }
        let text = span.end - line.ending.len() - part.text.len()..span.end - line.ending.len();
        let status = Status::find(part.text).map(|found| found.status);
        self.code = Some(part.code);
        self.status = status.or(self.status);
        self.complete = !part.more && !line.ending.is_empty();
        self.lines.push(ReplyLine { code: Some(part.code), more: part.more, span, text, ending: line.ending, status });
        !part.more
    }

    fn take_garbage(&mut self, line: Line<'_>, span: Range<usize>) {
        let text = span.start..span.end - line.ending.len();
        if self.code.is_some() {
            self.flaws.push(Flaw::new(FlawKind::GarbageLine, text.clone()));
        }
        self.lines.push(ReplyLine { code: None, more: true, span, text, ending: line.ending, status: None });
    }

    fn finish(self, bytes: &[u8]) -> Option<Reply> {
        Some(Reply {
            code: self.code?,
            status: self.status,
            lines: self.lines,
            complete: self.complete,
            flaws: self.flaws,
            bytes: bytes.get(..self.at).unwrap_or_default().to_vec(),
        })
    }
}

/// What is odd about one line that a server sent, as far as the line alone shows it.
///
/// Nothing is allocated for a line without flaws. A line that is no reply has the flaw [`FlawKind::Malformed`] with
/// the reason. Whether a text may be UTF-8 depends on SMTPUTF8: [`FlawKind::EightBit`] is raised in any case.
pub fn flaws(line: Line<'_>) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    match shape(line) {
        Shape::Part(part) => code_flaws(part, line.text.len() == 3, &mut flaws),
        Shape::Malformed(why) => flaws.push(Flaw::new(FlawKind::Malformed(why), why.span(line.text))),
    }
    text::flaws(line.text, &mut flaws);
    ending_flaws(line, &mut flaws);
    flaws
}

/// `bare` if nothing follows the code, not even a space.
fn code_flaws(part: Part<'_>, bare: bool, flaws: &mut Vec<Flaw>) {
    if !part.code.is_defined_class() {
        flaws.push(Flaw::new(FlawKind::UnknownClass, 0..3));
    } else if part.code.is_odd() {
        flaws.push(Flaw::new(FlawKind::OddCode, 0..3));
    }
    if part.text.is_empty() && !part.more {
        flaws.extend(no_text_flaw(part.code, bare).map(|kind| Flaw::new(kind, 0..3)));
    }
    let Some(found) = Status::find(part.text) else { return };
    // An enhanced code can only stand behind a separator, so four octets lie before it.
    let span = 4..4 + found.len;
    if part.code.is_intermediate() {
        flaws.push(Flaw::new(FlawKind::StatusMisplaced, span.clone()));
    } else if !found.status.agrees(part.code) {
        flaws.push(Flaw::new(FlawKind::StatusMismatch, span.clone()));
    }
    if found.zeros {
        flaws.push(Flaw::new(FlawKind::StatusZeros, span));
    }
}

/// An empty 334 is an empty challenge, but RFC 4954 §4 keeps the space.
fn no_text_flaw(code: Code, bare: bool) -> Option<FlawKind> {
    match (code.get(), bare) {
        (334, false) => None,
        (334, true) => Some(FlawKind::ChallengeWithoutSpace),
        _ => Some(FlawKind::NoText),
    }
}

fn ending_flaws(line: Line<'_>, flaws: &mut Vec<Flaw>) {
    let end = line.text.len()..line.len();
    match line.ending {
        Ending::Lf => flaws.push(Flaw::new(FlawKind::BareLf, end)),
        Ending::CrCrLf => flaws.push(Flaw::new(FlawKind::BareCr, end)),
        Ending::CrLf | Ending::Open => {}
    }
    if line.len() > limits::REPLY_LINE {
        flaws.push(Flaw::new(FlawKind::LongLine, limits::REPLY_LINE..line.len()));
    }
}

#[cfg(test)]
mod tests;
