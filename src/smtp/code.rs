//! Reply codes. Only the code decides what happens; the text is for people (RFC 5321 §4.2).

use std::fmt;

use super::command::Verb;

/// A reply code: three ASCII digits, 000 to 999.
///
/// ```abnf
/// Reply-code = %x32-35 %x30-35 %x30-39      ; RFC 5321 §4.2
/// ```
///
/// Codes outside that range exist on the wire and are kept; see [`Code::is_defined_class`] and [`Code::is_odd`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(u16);

impl Code {
    /// The code of this number; `None` above 999.
    pub const fn new(number: u16) -> Option<Self> {
        if number <= 999 { Some(Self(number)) } else { None }
    }

    /// The code that three octets spell, if all are ASCII digits.
    pub fn parse(digits: &[u8; 3]) -> Option<Self> {
        let [hundreds, tens, ones] = digits.map(|digit| u16::from(digit.wrapping_sub(b'0')));
        (hundreds <= 9 && tens <= 9 && ones <= 9).then_some(Self(hundreds * 100 + tens * 10 + ones))
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// What the first digit says: all that an unknown code is judged by (RFC 5321 §4.2).
    pub const fn class(self) -> Class {
        match self.0 / 100 {
            2 => Class::Success,
            3 => Class::Intermediate,
            4 => Class::Transient,
            5 => Class::Permanent,
            _ => Class::Unknown,
        }
    }

    /// The class as an answer to this verb: 552 to RCPT means too many recipients and is worth another try, as 452 is
    /// (RFC 5321 §4.5.3.1.10).
    pub const fn class_after(self, verb: Verb) -> Class {
        match (verb, self.0) {
            (Verb::Rcpt, 552) => Class::Transient,
            _ => self.class(),
        }
    }

    /// What the second digit says.
    pub const fn category(self) -> Category {
        match self.0 / 10 % 10 {
            0 => Category::Syntax,
            1 => Category::Information,
            2 => Category::Connections,
            5 => Category::MailSystem,
            _ => Category::Unspecified,
        }
    }

    /// True for 2yz: the command was done.
    pub const fn is_success(self) -> bool {
        matches!(self.class(), Class::Success)
    }

    /// True for 3yz: more is expected.
    pub const fn is_intermediate(self) -> bool {
        matches!(self.class(), Class::Intermediate)
    }

    /// True for everything that is neither 2yz nor 3yz; codes of an unknown class count as failures.
    pub const fn is_failure(self) -> bool {
        !self.is_success() && !self.is_intermediate()
    }

    /// True if the first digit is one that SMTP uses, 2 to 5.
    pub const fn is_defined_class(self) -> bool {
        !matches!(self.class(), Class::Unknown)
    }

    /// True if the class is known but the second digit is beyond the 0–5 of the grammar, as in 571.
    pub const fn is_odd(self) -> bool {
        self.is_defined_class() && self.0 / 10 % 10 > 5
    }

    /// The three digits as they stand on the wire.
    pub fn digits(self) -> [u8; 3] {
        [self.0 / 100, self.0 / 10, self.0].map(|number| b'0' + u8::try_from(number % 10).unwrap_or_default())
    }
}

/// Always three digits.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

/// What the first digit of a code says (RFC 5321 §4.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// 2yz: done.
    Success,
    /// 3yz: go on.
    Intermediate,
    /// 4yz: not now; trying again may help.
    Transient,
    /// 5yz: no; the same request will fail again.
    Permanent,
    /// Any other first digit: treated as a failure.
    Unknown,
}

/// What the second digit of a code says (RFC 5321 §4.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// x0z: syntax.
    Syntax,
    /// x1z: information.
    Information,
    /// x2z: the connection.
    Connections,
    /// x5z: the mail system.
    MailSystem,
    /// Any other second digit.
    Unspecified,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(digits: [u8; 3]) -> Code {
        Code::parse(&digits).unwrap()
    }

    #[test]
    fn c004_an_unknown_code_counts_by_its_first_digit() {
        assert_eq!(code(*b"259").class(), Class::Success);
        assert_eq!(code(*b"499").class(), Class::Transient);
        assert_eq!(code(*b"571").class(), Class::Permanent);
        assert!(code(*b"571").is_odd() && !code(*b"554").is_odd());
    }

    #[test]
    fn c005_a_first_digit_outside_two_to_five_is_a_failure() {
        for digits in [*b"000", *b"199", *b"650", *b"999"] {
            let code = code(digits);
            assert_eq!(code.class(), Class::Unknown);
            assert!(code.is_failure() && !code.is_odd());
        }
    }

    #[test]
    fn c043_too_many_recipients_is_temporary_under_either_code() {
        assert_eq!(code(*b"552").class_after(Verb::Rcpt), Class::Transient);
        assert_eq!(code(*b"452").class_after(Verb::Rcpt), Class::Transient);
        assert_eq!(code(*b"552").class_after(Verb::Data), Class::Permanent);
    }

    #[test]
    fn only_ascii_digits_are_digits() {
        assert_eq!(Code::parse(b"25O"), None);
        assert_eq!(Code::parse(b"2 0"), None);
        assert_eq!(Code::parse(&[0xb2, b'5', b'0']), None);
        assert_eq!(Code::new(1000), None);
    }

    #[test]
    fn every_code_prints_as_it_was_read() {
        for number in 0..=999 {
            let code = Code::new(number).unwrap();
            assert_eq!(Code::parse(&code.digits()), Some(code));
            assert_eq!(code.to_string().as_bytes(), code.digits());
        }
    }
}
