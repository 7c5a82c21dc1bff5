//! The envelope of the open transaction, and what became of the letters before it.

use memchr::{memchr, memchr_iter};

use crate::smtp::code::{Class, Code};
use crate::smtp::command::Command;
use crate::smtp::params;

use super::exchange::ExchangeId;

/// The envelope of one transaction: what MAIL and RCPT said and how the server took it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Envelope {
    /// The reverse-path without angle brackets, once MAIL was accepted; empty is the null sender.
    pub reverse_path: Option<Vec<u8>>,
    /// The size that MAIL declared, in octets.
    pub size: Option<u64>,
    /// What else MAIL said about the letter.
    pub declared: Declared,
    /// Every RCPT of the transaction, in order.
    pub recipients: Vec<Recipient>,
}

/// What MAIL says about the letter that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Declared {
    /// SMTPUTF8: addresses and header may be UTF-8 (RFC 6531 §3.4).
    pub utf8: bool,
    /// BODY=BINARYMIME: it has no lines, and goes with BDAT only (RFC 3030 §3).
    pub binary: bool,
}

impl Declared {
    /// What this MAIL says.
    pub(super) fn of(mail: &Command<'_>) -> Self {
        if !may_declare(mail.argument) {
            return Self::default();
        }
        let arguments = mail.parsed();
        let body = params::find(arguments.params(), "BODY").and_then(|body| body.value.as_deref());
        Self {
            utf8: params::find(arguments.params(), "SMTPUTF8").is_some(),
            binary: body.is_some_and(|body| body.eq_ignore_ascii_case(b"BINARYMIME")),
        }
    }
}

/// False for most MAIL lines, which need not be parsed for this: SMTPUTF8 has an 8, and BODY a Y before its equals sign.
fn may_declare(argument: &[u8]) -> bool {
    let is_y =
        |at: usize| at.checked_sub(1).and_then(|at| argument.get(at)).is_some_and(|octet| matches!(octet, b'Y' | b'y'));
    memchr(b'8', argument).is_some() || memchr_iter(b'=', argument).any(is_y)
}

/// One recipient of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The forward-path without angle brackets.
    pub path: Vec<u8>,
    /// The exchange of its RCPT.
    pub exchange: ExchangeId,
    /// The reply to its RCPT, once it is complete.
    pub verdict: Option<Code>,
}

impl Recipient {
    /// True if the server took this recipient.
    pub fn accepted(&self) -> bool {
        self.verdict.is_some_and(Code::is_success)
    }

    /// True if the server wants this recipient later: 4yz, or 552, which RFC 5321 §4.5.3.1.10 asks clients to take
    /// for a 452 here.
    pub fn deferred(&self) -> bool {
        self.verdict.is_some_and(|code| code.class() == Class::Transient || code.get() == 552)
    }
}

impl Envelope {
    /// Recipients that the server took.
    pub fn accepted(&self) -> impl Iterator<Item = &Recipient> {
        self.recipients.iter().filter(|recipient| recipient.accepted())
    }

    /// True once MAIL was accepted.
    pub fn is_open(&self) -> bool {
        self.reverse_path.is_some()
    }
}

/// A letter that was sent whole, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its envelope.
    pub envelope: Envelope,
    /// The exchange of its lone dot (or of the last BDAT).
    pub exchange: ExchangeId,
    /// The verdict, once it came. In LMTP, the worst one.
    pub verdict: Option<Code>,
}

impl Letter {
    /// The recipients that the server has taken charge of: all accepted ones after a 2yz, none otherwise
    /// (RFC 5321 §4.2.5).
    pub fn delivered_to(&self) -> impl Iterator<Item = &Recipient> {
        let taken = self.verdict.is_some_and(Code::is_success);
        self.envelope.accepted().filter(move |_| taken)
    }
}

/// The path of a MAIL or RCPT line as it was written, without its angle brackets and whatever follows it.
pub(crate) fn path_of(line: &[u8]) -> Vec<u8> {
    let behind = line.iter().position(|octet| *octet == b':').and_then(|colon| line.get(colon + 1..));
    let text = behind.unwrap_or_default().trim_ascii();
    let bracketed = text.strip_prefix(b"<").and_then(|rest| rest.get(..rest.iter().rposition(|octet| *octet == b'>')?));
    bracketed.unwrap_or_else(|| text.split(|octet| *octet == b' ').next().unwrap_or_default()).to_vec()
}

/// The domain of a path, as it is written; empty if it has none.
pub(crate) fn domain_part(path: &[u8]) -> &[u8] {
    let at = path.iter().rposition(|octet| *octet == b'@').map_or(path.len(), |at| at + 1);
    path.get(at..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn a_path_is_taken_as_it_was_written() {
        assert_eq!(path_of(b"MAIL FROM:<you@you.test> SIZE=5\r\n"), b"you@you.test");
        assert_eq!(path_of(b"MAIL FROM:<>\r\n"), b"");
        assert_eq!(path_of(b"rcpt to: Pat@harbor.test NOTIFY=NEVER\r\n"), b"Pat@harbor.test");
        assert_eq!(path_of(b"RCPT\r\n"), b"");
    }
}
