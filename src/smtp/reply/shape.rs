//! Whether a line is part of a reply, and if not, why not.

use std::fmt;
use std::ops::Range;

use super::super::code::Code;
use super::super::line::Line;

/// What a line from a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape<'a> {
    /// A line of a reply.
    Part(Part<'a>),
    /// No reply line; it is shown and counts for nothing.
    Malformed(Malformed),
}

/// A line of a reply, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// Its code.
    pub code: Code,
    /// True if `-` follows the code: more lines are promised.
    pub more: bool,
    /// What stands behind the separator.
    pub text: &'a [u8],
}

/// Looks at one line: three ASCII digits, then SP, `-` or nothing.
///
/// ```abnf
/// line = Reply-code [ ( SP / "-" ) textstring ]
/// ```
///
/// Anything else is no reply, a tab behind the code included: clients disagree about it, so nothing is guessed.
pub fn shape(line: Line<'_>) -> Shape<'_> {
    let Some((digits, rest)) = line.text.split_first_chunk::<3>() else {
        return Shape::Malformed(Malformed::of(line.text));
    };
    let Some(code) = Code::parse(digits) else { return Shape::Malformed(Malformed::of(line.text)) };
    match rest {
        [] => Shape::Part(Part { code, more: false, text: rest }),
        [b' ', text @ ..] => Shape::Part(Part { code, more: false, text }),
        [b'-', text @ ..] => Shape::Part(Part { code, more: true, text }),
        _ => Shape::Malformed(Malformed::of(line.text)),
    }
}

/// Why a line is no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Malformed {
    /// There is nothing but a line end.
    Empty,
    /// The line does not begin with a digit.
    NoCode,
    /// A run of digits that is not three long; how long it is.
    WrongLength(u8),
    /// Three digits, but then this octet.
    NoSeparator(u8),
    /// A UTF-8 byte order mark stands before the code.
    ByteOrderMark,
    /// Digits of another script stand where the code should be; the first of them.
    ForeignDigits(char),
    /// White space stands before the code.
    LeadingSpace,
}

impl Malformed {
    /// Why `text` is no reply line; only for texts that are none.
    fn of(text: &[u8]) -> Self {
        let digits = text.iter().take_while(|octet| octet.is_ascii_digit()).count();
        match text {
            [] => Self::Empty,
            [0xef, 0xbb, 0xbf, ..] => Self::ByteOrderMark,
            [b' ' | b'\t', ..] => Self::LeadingSpace,
            [_, _, _, separator, ..] if digits == 3 => Self::NoSeparator(*separator),
            _ if digits > 0 => Self::WrongLength(u8::try_from(digits).unwrap_or(u8::MAX)),
            _ => foreign_digits(text).next().map_or(Self::NoCode, Self::ForeignDigits),
        }
    }

    /// The octets of the line that show it.
    pub(super) fn span(self, text: &[u8]) -> Range<usize> {
        match self {
            Self::Empty => 0..0,
            Self::NoCode => 0..text.len().min(3),
            Self::WrongLength(digits) => 0..usize::from(digits).min(text.len()),
            Self::NoSeparator(_) => 3..4,
            Self::ByteOrderMark => 0..3,
            Self::ForeignDigits(_) => 0..foreign_digits(text).map(char::len_utf8).sum(),
            Self::LeadingSpace => 0..1,
        }
    }
}

/// The digits of another script at the beginning of a text, as full-width or Arabic-Indic figures.
fn foreign_digits(text: &[u8]) -> impl Iterator<Item = char> {
    let valid = text.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    valid.chars().take_while(|point| !point.is_ascii() && point.is_numeric())
}

/// The reason in one sentence, without the text of the line.
impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("The line is empty; a reply begins with three digits."),
            Self::NoCode => f.write_str("A reply begins with three digits."),
            Self::WrongLength(digits) => {
                let noun = if *digits == 1 { "digit" } else { "digits" };
                write!(f, "A reply code has exactly three digits; here are {digits} {noun}.")
            }
            Self::NoSeparator(octet) if octet.is_ascii_graphic() => {
                write!(f, "A reply needs SP, '-' or CR LF after the three digits; found '{}'.", char::from(*octet))
            }
            Self::NoSeparator(octet) => {
                write!(f, "A reply needs SP, '-' or CR LF after the three digits; found octet {octet:02X}.")
            }
            Self::ByteOrderMark => {
                f.write_str("Three extra octets EF BB BF (a UTF-8 byte order mark) precede the code.")
            }
            Self::ForeignDigits(digit) => {
                write!(f, "These digits are not ASCII; the first is U+{:04X}.", u32::from(*digit))
            }
            Self::LeadingSpace => f.write_str("White space precedes the code."),
        }
    }
}
