//! The note on one line of the answer to EHLO: what the keyword offers, with its numbers in plain words.

use std::borrow::Cow;

use super::{LONGEST, Note, octets};
use crate::knowledge::line::{first_word, plain, trim_end};
use crate::knowledge::{extensions, mechanisms};

/// The note on a keyword and its parameters.
pub(crate) fn note(text: &[u8], tls: bool) -> Note {
    let (keyword, params) = first_word(trim_end(text));
    let upper = keyword.to_ascii_uppercase();
    match upper.as_slice() {
        b"SIZE" => size(params),
        b"AUTH" => auth(params, tls),
        b"STARTTLS" if tls => Note::problem("offered again inside TLS, which it must not be"),
        b"LIMITS" => Note::plain(limits(params)),
        name if name.starts_with(b"AUTH=") => {
            Note { text: Cow::Borrowed("login offered, in an old spelling"), ..auth(params, tls) }
        }
        name => match extensions::keyword(name) {
            Some(entry) => Note::plain(entry.gloss.as_str()),
            None => unknown(name),
        },
    }
}

/// A keyword that no table knows.
fn unknown(name: &[u8]) -> Note {
    match name {
        [b'X' | b'x', ..] => Note::plain("a private keyword of this server"),
        b"" => Note::problem("an empty line is no keyword"),
        _ => Note::plain("an extension that ehlo does not know"),
    }
}

/// SIZE: the limit in plain words (RFC 1870 §4).
fn size(params: &[u8]) -> Note {
    if params.is_empty() {
        return Note::plain("you may announce the size; no limit is named");
    }
    let digits = std::str::from_utf8(params).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    match digits.and_then(|digits| digits.parse::<u64>().ok()) {
        Some(0) => Note::plain("you may announce the size; no fixed limit"),
        Some(limit) => Note::plain(format!("letters up to {}", octets(limit))),
        None => Note::problem("the limit is not a number, so it is ignored"),
    }
}

/// What the mechanisms on offer would give away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Login {
    /// Nothing readable crosses the wire, or the wire is encrypted.
    Safe,
    /// A mechanism on the list sends a password or token that anyone on the way can read.
    Readable,
    /// No mechanism is named.
    Nothing,
}

/// What a list of mechanisms would give away.
pub(crate) fn login_risk(params: &[u8], tls: bool) -> Login {
    let mut names = params.split(|byte| *byte == b' ').filter(|name| !name.is_empty()).peekable();
    if names.peek().is_none() {
        return Login::Nothing;
    }
    let readable = |name: &[u8]| {
        mechanisms::mechanism(name).is_some_and(|entry| matches!(entry.secret_on_wire.as_str(), "password" | "token"))
    };
    if !tls && names.any(readable) { Login::Readable } else { Login::Safe }
}

/// AUTH: which logins are offered, and whether the line is safe for them.
fn auth(params: &[u8], tls: bool) -> Note {
    match login_risk(params, tls) {
        Login::Readable => Note::problem("login offered without encryption: STARTTLS first"),
        Login::Nothing => Note::problem("login offered, but no mechanism is named"),
        Login::Safe if tls => Note::plain("login offered; the link is encrypted"),
        Login::Safe => Note::plain("login offered; no password crosses in the clear"),
    }
}

/// LIMITS: the numbers in plain words (RFC 9422 §4).
fn limits(params: &[u8]) -> Cow<'static, str> {
    let mut words: Vec<String> = Vec::new();
    for term in params.split(|byte| *byte == b' ') {
        let Some((name, value)) = plain(term, 24).and_then(|term| term.split_once('=')) else { continue };
        let what = match name.to_ascii_uppercase().as_str() {
            "RCPTMAX" => "recipients a letter",
            "MAILMAX" => "letters a connection",
            "RCPTDOMAINMAX" => "domains a connection",
            _ => continue,
        };
        words.push(format!("{value} {what}"));
    }
    let text = format!("at most {}", words.join(", "));
    if words.is_empty() || text.len() > LONGEST {
        Cow::Borrowed("the server names its limits")
    } else {
        Cow::Owned(text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Sign;
    use super::*;

    fn said(line: &str) -> String {
        note(line.as_bytes(), true).text.into_owned()
    }

    #[test]
    fn sizes_are_said_in_words() {
        assert_eq!(said("SIZE 10485760"), "letters up to 10 MiB");
        assert_eq!(said("size 35882577"), "letters up to 34.2 MiB");
        assert_eq!(said("SIZE"), "you may announce the size; no limit is named");
        assert_eq!(said("SIZE 0"), "you may announce the size; no fixed limit");
        assert_eq!(note(b"SIZE 1e9", true).sign, Sign::Problem);
    }

    #[test]
    fn a_readable_login_is_a_problem_only_without_tls() {
        assert_eq!(note(b"AUTH PLAIN LOGIN", false).sign, Sign::Problem);
        assert_eq!(note(b"AUTH PLAIN LOGIN", true).sign, Sign::Plain);
        assert_eq!(note(b"AUTH SCRAM-SHA-256", false).sign, Sign::Plain);
        assert_eq!(note(b"AUTH=LOGIN PLAIN", false).sign, Sign::Problem);
    }

    #[test]
    fn limits_are_said_in_words() {
        assert_eq!(said("LIMITS RCPTMAX=50 MAILMAX=20"), "at most 50 recipients a letter, 20 letters a connection");
        assert_eq!(said("LIMITS"), "the server names its limits");
    }

    #[test]
    fn what_is_unknown_is_called_so() {
        assert_eq!(said("XHARBOR"), "a private keyword of this server");
        assert_eq!(said("FROBNICATE 1"), "an extension that ehlo does not know");
        assert_eq!(note(b"STARTTLS", true).sign, Sign::Problem);
    }
}
