//! Commands: what a client says.
//!
//! ```abnf
//! command = verb [ SP argument ] CRLF        ; RFC 5321 §4.1.1
//! ```
//!
//! A command keeps its octets; nothing is corrected. Taking one apart allocates nothing, so that both the fold and
//! the engines can afford it for every line.

mod verb;

use std::ops::Range;

pub use verb::Verb;

use super::line::Line;

/// A command line, taken apart at the verb.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command<'a> {
    /// The octets of the line, with its end.
    pub raw: &'a [u8],
    /// The line: its text and how it ended.
    pub line: Line<'a>,
    /// The verb, if it is one we know.
    pub verb: Verb,
    /// Where the verb stands in the line.
    pub verb_span: Range<usize>,
    /// What follows the verb, without white space around it.
    pub argument: &'a [u8],
    /// Where the argument stands in the line.
    pub argument_span: Range<usize>,
}

impl<'a> Command<'a> {
    /// Takes one line apart. White space before the verb and at the end is passed over (RFC 5321 §4.1.1).
    pub fn parse(raw: &'a [u8]) -> Self {
        let line = Line::of(raw);
        let indent = line.text.len() - line.text.trim_ascii_start().len();
        let rest = line.text.trim_ascii();
        let len = rest.iter().position(|octet| matches!(octet, b' ' | b'\t')).unwrap_or(rest.len());
        let (word, tail) = rest.split_at_checked(len).unwrap_or((rest, b""));
        let argument = tail.trim_ascii_start();
        let end = indent + rest.len();
        Self {
            raw,
            line,
            verb: Verb::parse(word),
            verb_span: indent..indent + word.len(),
            argument,
            argument_span: end - argument.len()..end,
        }
    }

    /// The first word as it was written: the verb, known or not.
    pub fn word(&self) -> &'a [u8] {
        self.raw.get(self.verb_span.clone()).unwrap_or_default()
    }
}
