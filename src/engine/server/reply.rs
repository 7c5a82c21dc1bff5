//! A reply on its way out.
//!
//! ```abnf
//! Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF   ; RFC 5321 §4.2
//! textstring = 1*(%d09 / %d32-126)
//! ```
//!
//! Every line carries the same code, and the enhanced status code where there is one (RFC 2034 §4).

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::smtp::code::Code;
use crate::smtp::status::Status;

/// Octets of text kept on one line, so that no reply line exceeds 512 octets (RFC 5321 §4.5.3.1.5).
const TEXT: usize = 490;

/// A reply: one code, perhaps a status code, at least one line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    code: Code,
    status: Option<Status>,
    lines: Vec<String>,
}

impl Reply {
    /// A reply of one line. What `textstring` does not allow in the text becomes `?`.
    pub fn new(code: Code, status: Option<Status>, text: &str) -> Self {
        Self { code, status: status.filter(|status| status.agrees(code)), lines: vec![printable(text.as_bytes())] }
    }

    /// True if no character of it is beyond ASCII.
    pub fn is_ascii(&self) -> bool {
        self.lines.iter().all(|line| line.is_ascii())
    }

    /// The reply for a client that has not shown SMTPUTF8: words beyond ASCII are left out, and where they name another
    /// address, the code no longer says that there is one (RFC 6531 §3.7.4.1).
    pub(super) fn in_ascii(&self) -> Cow<'_, Self> {
        if self.is_ascii() {
            return Cow::Borrowed(self);
        }
        let code = match self.code.get() {
            251 => Code::new(250),
            551 => Code::new(550),
            _ => None,
        };
        let plain = |line: &String| line.split(' ').filter(|word| word.is_ascii()).collect::<Vec<_>>().join(" ");
        let lines = self.lines.iter().map(plain).collect();
        Cow::Owned(Self { code: code.unwrap_or(self.code), status: self.status, lines })
    }

    /// The reply that a text spells, as `452 4.2.2 The mailbox is full`. `None` if it begins with no code of 2yz–5yz.
    pub fn read(text: &str) -> Option<Self> {
        let (digits, rest) = text.as_bytes().split_first_chunk::<3>()?;
        let code = Code::parse(digits).filter(|code| code.is_defined_class())?;
        let text = rest.strip_prefix(b" ")?.trim_ascii();
        let found = Status::find(text).filter(|found| found.status.agrees(code));
        let words = text.get(found.map_or(0, |found| found.len)..).unwrap_or_default().trim_ascii();
        (!words.is_empty()).then(|| Self { code, status: found.map(|found| found.status), lines: vec![shown(words)] })
    }

    /// The same reply with one more line.
    #[must_use]
    pub fn and(mut self, text: &str) -> Self {
        self.lines.push(printable(text.as_bytes()));
        self
    }

    /// The code.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The enhanced status code.
    pub const fn status(&self) -> Option<Status> {
        self.status
    }

    /// The lines of text, without codes.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The octets of the reply; `with_status` says whether the status code goes out.
    pub fn encode(&self, with_status: bool) -> Vec<u8> {
        let status = self.status.filter(|_| with_status).map_or_else(String::new, |status| format!("{status} "));
        let mut wire = String::new();
        for (number, line) in self.lines.iter().enumerate() {
            let mark = if number + 1 < self.lines.len() { '-' } else { ' ' };
            // Writing to a string cannot fail.
            let _ = write!(wire, "{}{mark}{status}{line}\r\n", self.code);
        }
        wire.into_bytes()
    }
}

/// The host's own words: UTF-8 is kept, for clients that have shown SMTPUTF8.
fn shown(words: &[u8]) -> String {
    let Ok(words) = std::str::from_utf8(words) else { return printable(words) };
    let mut left = TEXT;
    let fits = |char: &char| {
        left = left.saturating_sub(char.len_utf8());
        left > 0
    };
    words.chars().map(|char| if char.is_control() { '?' } else { char }).take_while(fits).collect()
}

/// Printable ASCII only, and not too much of it: client octets may come back in a reply, but never as they are.
pub(super) fn printable(octets: &[u8]) -> String {
    let safe = |octet: &u8| if matches!(octet, b' '..=b'~') { char::from(*octet) } else { '?' };
    octets.iter().take(TEXT).map(safe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_read_from_its_own_words() {
        let reply = Reply::read("452 4.2.2 The mailbox is full").unwrap();
        assert_eq!(reply.encode(true), b"452 4.2.2 The mailbox is full\r\n");
        assert_eq!(reply.encode(false), b"452 The mailbox is full\r\n");
        for bad in ["", "452", "45 x", "999 x", "250 ", "hello"] {
            assert_eq!(Reply::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn c016_all_lines_carry_the_code_and_only_the_last_has_no_hyphen() {
        let reply = Reply::read("214 2.0.0 one").unwrap().and("two").and("three");
        assert_eq!(reply.encode(true), b"214-2.0.0 one\r\n214-2.0.0 two\r\n214 2.0.0 three\r\n");
    }

    #[test]
    fn what_a_client_said_cannot_add_a_line_or_a_control_character() {
        let reply = Reply::read("501 5.5.4 bad").unwrap().and("a\r\n250 ok\u{1b}[2J\u{e9}");
        assert_eq!(reply.encode(false), b"501-bad\r\n501 a??250 ok?[2J??\r\n");
    }

    #[test]
    fn a_status_of_another_class_is_left_out() {
        let code = Code::new(550).unwrap();
        let status = Status { class: 4, subject: 2, detail: 2 };
        assert_eq!(Reply::new(code, Some(status), "no").encode(true), b"550 no\r\n");
    }
}
