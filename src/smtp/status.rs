//! Enhanced status codes: what a failure is about, in three numbers (RFC 3463, carried in replies by RFC 2034).

use std::fmt;

use super::code::Code;

/// An enhanced status code, as 5.1.1.
///
/// ```abnf
/// status-code = class "." subject "." detail     ; RFC 2034 §4, RFC 3463 §2
/// class       = "2" / "4" / "5"
/// subject     = 1*3digit
/// detail      = 1*3digit
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Status {
    /// 2 success, 4 persistent transient failure, 5 permanent failure.
    pub class: u8,
    /// What it is about: 0 other, 1 addressing, 2 mailbox, 3 mail system, 4 network, 5 protocol, 6 content, 7 policy.
    pub subject: u16,
    /// The finer meaning within the subject.
    pub detail: u16,
}

/// A status code as it was found at the beginning of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The status code.
    pub status: Status,
    /// How many octets of the text it takes.
    pub len: usize,
    /// True if a number had leading zeros, which RFC 3463 §2 forbids.
    pub zeros: bool,
}

impl Status {
    /// The status code at the beginning of a reply text, if there is one.
    ///
    /// Lenient in form only: leading zeros are read, and any octet may follow that cannot be taken for a part of a
    /// longer number or a host name (`5.1.1:` is read, `2.11.3.4` and `2.0.0rc1` are not).
    pub fn find(text: &[u8]) -> Option<Found> {
        let (class, rest) = text.split_first()?;
        if !matches!(class, b'2' | b'4' | b'5') {
            return None;
        }
        let (subject, rest) = number(rest.strip_prefix(b".")?)?;
        let (detail, rest) = number(rest.strip_prefix(b".")?)?;
        if rest.first().is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'_') || continues(rest) {
            return None;
        }
        let status = Self { class: class - b'0', subject: subject.value, detail: detail.value };
        Some(Found { status, len: text.len() - rest.len(), zeros: subject.zeros || detail.zeros })
    }

    /// The status code that `text` is, without anything before or behind it.
    pub fn parse(text: &[u8]) -> Option<Self> {
        Self::find(text).filter(|found| found.len == text.len()).map(|found| found.status)
    }

    /// True if the class fits the first digit of the reply code; RFC 2034 §4 asks for it.
    pub fn agrees(self, code: Code) -> bool {
        u16::from(self.class) == code.get() / 100
    }
}

/// `5.1.1.` ends a sentence, `5.1.1.2` and `5.1.1-rc` are no status codes.
fn continues(rest: &[u8]) -> bool {
    match rest {
        [b'.' | b'-', next, ..] => next.is_ascii_alphanumeric(),
        _ => false,
    }
}

struct Number {
    value: u16,
    zeros: bool,
}

/// One to three digits.
fn number(text: &[u8]) -> Option<(Number, &[u8])> {
    let len = text.iter().take_while(|octet| octet.is_ascii_digit()).count();
    if !(1..=3).contains(&len) {
        return None;
    }
    let (digits, rest) = text.split_at_checked(len)?;
    let value = digits.iter().fold(0, |value, digit| value * 10 + u16::from(digit - b'0'));
    Some((Number { value, zeros: len > 1 && digits.first() == Some(&b'0') }, rest))
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(String, usize, bool)> {
        Status::find(text.as_bytes()).map(|found| (found.status.to_string(), found.len, found.zeros))
    }

    #[test]
    fn c172_a_status_code_leads_the_text() {
        assert_eq!(found("5.1.1 No such user"), Some(("5.1.1".into(), 5, false)));
        assert_eq!(found("2.0.0"), Some(("2.0.0".into(), 5, false)));
        assert_eq!(found("5.7.509 Access denied"), Some(("5.7.509".into(), 7, false)));
        assert_eq!(found("5.7.1: blocked"), Some(("5.7.1".into(), 5, false)));
        assert_eq!(found("5.1.1. Sorry"), Some(("5.1.1".into(), 5, false)));
    }

    #[test]
    fn c172_leading_zeros_are_read_and_remembered() {
        assert_eq!(found("5.01.001 x"), Some(("5.1.1".into(), 8, true)));
        assert_eq!(found("5.0.0 x"), Some(("5.0.0".into(), 5, false)));
    }

    #[test]
    fn numbers_of_other_kinds_are_no_status_codes() {
        for text in
            ["8.17.1 ready", "2.11.3.4 is you", "2.0.0rc1", "5.1", "5..1", "5.1.1234", "3.0.0 go", " 5.1.1 x", ""]
        {
            assert_eq!(found(text), None, "{text}");
        }
    }

    #[test]
    fn the_class_must_agree_with_the_code() {
        let status = Status::parse(b"5.1.1").unwrap();
        assert!(status.agrees(Code::new(550).unwrap()));
        assert!(!status.agrees(Code::new(250).unwrap()));
    }
}
