//! Commands: what a client says.
//!
//! ```abnf
//! command = verb [ SP argument ] CRLF        ; RFC 5321 §4.1.1
//! ```
//!
//! A command keeps its octets; nothing is corrected. Taking one apart allocates nothing, so that both the fold and
//! the engines can afford it for every line.

mod arguments;
mod group;
mod verb;

use std::ops::Range;

pub use arguments::Arguments;
pub use verb::Verb;

use super::bdat::Chunk;
use super::flaw::{Flaw, FlawKind};
use super::line::{Ending, Line};
use super::params;

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

    /// What the command asks for.
    pub fn parsed(&self) -> Arguments {
        arguments::read(self, &mut Vec::new())
    }

    /// What is odd about the command, as far as the line alone shows it; places are octets of the line.
    ///
    /// Whether it comes at the right time, is too long or names what the server does not offer is for those who know
    /// the session.
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        if self.verb_span.start > 0 {
            flaws.push(Flaw::new(FlawKind::CommandSyntax, 0..self.verb_span.start));
        }
        arguments::read(self, &mut flaws);
        self.line_end_flaws(&mut flaws);
        flaws
    }

    /// How the client names itself, for EHLO, HELO and LHLO.
    pub fn hello_name(&self) -> Option<&'a [u8]> {
        let named = matches!(self.verb, Verb::Ehlo | Verb::Helo | Verb::Lhlo) && !self.argument.is_empty();
        named.then_some(self.argument)
    }

    /// The mechanism of AUTH, as it was written.
    pub fn mechanism(&self) -> Option<&'a [u8]> {
        let word = self.argument.split(|octet| *octet == b' ').next().filter(|word| !word.is_empty());
        word.filter(|_| self.verb == Verb::Auth)
    }

    /// Where the initial response of AUTH stands in the line: a secret. `=`, an empty one, is given too.
    pub fn initial_response(&self) -> Option<Range<usize>> {
        let mechanism = self.mechanism()?;
        let rest = self.argument.get(mechanism.len()..)?.trim_ascii_start();
        let end = self.argument_span.end;
        (!rest.is_empty()).then_some(end - rest.len()..end)
    }

    /// What BDAT announces; `None` for other verbs and for a header that makes no sense.
    pub fn chunk(&self) -> Option<Chunk> {
        if self.verb == Verb::Bdat { Chunk::parse(self.argument) } else { None }
    }

    /// The octets of the letter that MAIL declares (RFC 1870 §6). Twenty digits may say more than a number holds: that is
    /// the largest one.
    pub fn declared_size(&self) -> Option<u64> {
        let size = params::value(arguments::params(self)?, "SIZE")?;
        let digits = (1..=20).contains(&size.len()) && size.iter().all(u8::is_ascii_digit);
        let text = std::str::from_utf8(size).ok().filter(|_| digits)?;
        Some(text.parse().unwrap_or(u64::MAX))
    }

    fn line_end_flaws(&self, flaws: &mut Vec<Flaw>) {
        let text = self.line.text;
        match self.line.ending {
            Ending::CrLf | Ending::Open => {}
            Ending::Lf | Ending::CrCrLf => {
                flaws.push(Flaw::new(FlawKind::CommandLineEnd, text.len()..self.line.len()));
            }
        }
        if let Some(at) = memchr::memchr2(b'\r', b'\n', text) {
            flaws.push(Flaw::new(FlawKind::CommandLineEnd, at..at + 1));
        }
        if let Some(at) = memchr::memchr(0, text) {
            flaws.push(Flaw::new(FlawKind::CommandSyntax, at..at + 1));
        }
    }
}

#[cfg(test)]
mod tests;
