//! What a script expects of a reply: codes, an enhanced code, and what its text matches.
//!
//! ```abnf
//! expected = [ codes ] [ status ] *pattern       ; at least one of them
//! codes    = code *( "|" code )
//! code     = 3( DIGIT / "x" )                    ; x is any digit
//! status   = number "." number "." number        ; a number, or x for any
//! pattern  = "/" regex "/" [ "i" ]
//! ```
//!
//! Patterns are matched in linear time, by an engine whose size is limited.

use regex::bytes::{Regex, RegexBuilder};

use super::text::{Text, Unfilled, Variables};
use crate::smtp::code::Code;
use crate::smtp::limits::script::PATTERN;
use crate::smtp::status::Status;

/// A whole reply that is expected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expected {
    /// One of these codes; any code if there is none.
    pub codes: Vec<Digits>,
    /// This enhanced code.
    pub status: Option<Numbers>,
    /// All of these match its text: what stands behind the codes, lines joined by LF.
    pub texts: Vec<Pattern>,
}

/// A line of a client that is expected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spoken {
    /// It begins like this, whatever the case of its letters; a word alone is a whole word.
    pub begins: Option<Text>,
    /// All of these match it, without its end.
    pub texts: Vec<Pattern>,
}

/// A code with digits left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digits(pub [Option<u8>; 3]);

/// An enhanced code with numbers left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers(pub [Option<u16>; 3]);

/// A pattern for text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// What stands between the slashes.
    pub text: Text,
    /// True if the case of letters makes no difference.
    pub any_case: bool,
}

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoPattern {
    /// It is none.
    Wrong(String),
    /// It would cost too much.
    TooCostly,
    /// A variable in it has no value that can be used.
    Unfilled(Unfilled),
}

impl Digits {
    /// Reads `250`, `25x` or `2xx`.
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |letter: &u8| match letter {
            b'x' | b'X' => Some(None),
            b'0'..=b'9' => Some(Some(letter - b'0')),
            _ => None,
        };
        let [hundreds, tens, ones] = text.as_bytes() else { return None };
        Some(Self([digit(hundreds)?, digit(tens)?, digit(ones)?]))
    }

    /// True for a code that fits.
    pub fn fits(self, code: Code) -> bool {
        let digits = [code.get() / 100, code.get() / 10 % 10, code.get() % 10];
        self.0.into_iter().zip(digits).all(|(wanted, digit)| wanted.is_none_or(|wanted| u16::from(wanted) == digit))
    }
}

impl Numbers {
    /// Reads `5.1.1`, `5.7.x` or `5.x.x`.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |part: &str| match part {
            "x" | "X" => Some(None),
            part if part.bytes().all(|octet| octet.is_ascii_digit()) => part.parse().ok().map(Some),
            _ => None,
        };
        let mut parts = text.split('.').map(number);
        let numbers = [parts.next()??, parts.next()??, parts.next()??];
        parts.next().is_none().then_some(Self(numbers))
    }

    /// True for an enhanced code that fits.
    pub fn fits(self, status: Status) -> bool {
        let numbers = [u16::from(status.class), status.subject, status.detail];
        self.0.into_iter().zip(numbers).all(|(wanted, number)| wanted.is_none_or(|wanted| wanted == number))
    }
}

impl Spoken {
    /// True if a line without its end begins as it is to; the patterns are another matter.
    ///
    /// # Errors
    ///
    /// If a variable has no value.
    pub fn begins(&self, line: &[u8], variables: &Variables) -> Result<bool, Unfilled> {
        let Some(begins) = &self.begins else { return Ok(true) };
        let begins = begins.fill(variables)?;
        let same = line.get(..begins.len()).is_some_and(|head| head.eq_ignore_ascii_case(&begins));
        let is_word = !begins.is_empty() && begins.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-');
        let goes_on = line.get(begins.len()).is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'-');
        Ok(same && !(is_word && goes_on))
    }
}

impl Pattern {
    /// The pattern with values in the place of variables, which stand for themselves.
    ///
    /// # Errors
    ///
    /// If it is no pattern, costs too much, or a variable has no value.
    pub fn compile(&self, variables: &Variables) -> Result<Regex, NoPattern> {
        let filled = self.text.fill_with(variables, |value| regex::escape(value).into_bytes());
        build(&filled.map_err(NoPattern::Unfilled)?, self.any_case)
    }

    /// Looks whether it is a pattern, whatever values its variables will have.
    ///
    /// # Errors
    ///
    /// If it is none, or costs too much.
    pub fn check(&self) -> Result<(), NoPattern> {
        let mut any = Variables::default();
        self.text.variables().for_each(|name| any.set(name, "x"));
        self.compile(&any).map(drop)
    }
}

fn build(pattern: &[u8], any_case: bool) -> Result<Regex, NoPattern> {
    let pattern = std::str::from_utf8(pattern).map_err(|_| NoPattern::Wrong("it is not UTF-8".into()))?;
    let mut builder = RegexBuilder::new(pattern);
    // `^` and `$` stand at the edges of each line of a reply.
    builder.multi_line(true).case_insensitive(any_case).size_limit(PATTERN).dfa_size_limit(PATTERN);
    builder.build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => NoPattern::TooCostly,
        wrong => NoPattern::Wrong(wrong.to_string().lines().last().unwrap_or_default().to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern { text: Text::plain(text), any_case: false }
    }

    #[test]
    fn codes_leave_digits_open() {
        let fits = |mask: &str, code: u16| Digits::parse(mask).unwrap().fits(Code::new(code).unwrap());
        assert!(fits("250", 250) && fits("2xx", 251) && fits("25x", 259) && fits("xxx", 554));
        assert!(!fits("250", 251) && !fits("2xx", 354) && !fits("25x", 260));
        for wrong in ["", "25", "2500", "2-0", "abc", "25ü"] {
            assert_eq!(Digits::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn enhanced_codes_leave_numbers_open() {
        let status = Status::parse(b"5.7.26").unwrap();
        for mask in ["5.7.26", "5.7.x", "5.x.x", "x.7.26"] {
            assert!(Numbers::parse(mask).unwrap().fits(status), "{mask}");
        }
        assert!(!Numbers::parse("5.7.1").unwrap().fits(status));
        for wrong in ["5.7", "5.7.1.1", "5..1", "5.7.", "a.b.c", "5.7.+1", "99999999.1.1"] {
            assert_eq!(Numbers::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn o294_a_pattern_that_would_explode_elsewhere_takes_linear_time() {
        let regex = pattern("(a+)+$").compile(&Variables::default()).expect("a pattern");
        // An engine that goes back would try 2 to the power of 100,000 ways, and never come to the next line.
        assert!(!regex.is_match(&[vec![b'a'; 100_000], b"!".to_vec()].concat()));
        assert_eq!(pattern("((((a{99}){99}){99}){99})").check(), Err(NoPattern::TooCostly));
        assert!(matches!(pattern("(a").check(), Err(NoPattern::Wrong(_))));
    }

    #[test]
    fn a_line_begins_with_a_word_or_with_a_part_of_what_follows_it() {
        let mut variables = Variables::default();
        variables.set("from", "mina@you.test");
        let begins = |begins: &str, line: &str| {
            let spoken = Spoken { begins: Some(Text::plain(begins)), texts: Vec::new() };
            spoken.begins(line.as_bytes(), &variables).expect("values")
        };
        assert!(begins("EHLO", "ehlo laptop.you.test") && begins("EHLO", "EHLO") && begins("", "anything"));
        assert!(begins("MAIL FROM:<{from}", "mail from:<MINA@you.test>") && begins("EHLO lap", "EHLO laptop"));
        assert!(!begins("EHLO", "EHLOX") && !begins("NOOP", "NO") && !begins("EHLO lap", "EHLO"));
    }

    #[test]
    fn values_in_a_pattern_stand_for_themselves() {
        let mut variables = Variables::default();
        variables.set("id", "H.1+");
        let regex = pattern("as {id}$").compile(&variables).expect("a pattern");
        assert!(regex.is_match(b"queued as H.1+\nsecond line") && !regex.is_match(b"queued as HX11"));
    }
}
