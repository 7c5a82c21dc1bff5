//! The note on a line of a login: what it holds, never the secret itself.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Note;
use crate::knowledge::about::SaslLine;
use crate::knowledge::line::trim_end;

/// The note on a client's line after a 334.
pub(crate) fn note(about: SaslLine<'_>) -> Note {
    let line = trim_end(about.line);
    match line {
        b"*" => return Note::plain("stop: the login is called off"),
        b"" => return Note::plain("an empty answer"),
        b"=" => return Note::plain("an empty answer, written \"=\""),
        _ => {}
    }
    if STANDARD.decode(line).is_err() {
        return Note::problem("not base64: the server will answer 501");
    }
    let mechanism = about.mechanism.to_ascii_uppercase();
    Note::plain(match (mechanism.as_slice(), about.step) {
        (b"PLAIN", _) => "user name and password in base64; masked here",
        (b"LOGIN", 1) => "the user name, in base64",
        (b"LOGIN", _) => "the password, in base64: spelling, not a secret",
        (b"XOAUTH2" | b"OAUTHBEARER", _) => "a token in base64, as good as a password",
        (b"EXTERNAL", _) => "the identity asked for, in base64",
        (name, _) if name.starts_with(b"CRAM-") => "user name and keyed digest; masked here",
        (name, 1) if name.starts_with(b"SCRAM-") => "user name and a fresh random value",
        (name, 2) if name.starts_with(b"SCRAM-") => "the proof: made from the password, without it",
        _ => "an answer in base64; masked here",
    })
}

/// The prompt of a 334, if it is base64 of short printable text: `VXNlcm5hbWU6` is `Username:`.
pub(crate) fn prompt(text: &[u8]) -> Option<String> {
    let text = trim_end(text);
    if text.is_empty() || text.len() > 48 {
        return None;
    }
    let decoded = STANDARD.decode(text).ok()?;
    let words = decoded.strip_suffix(b"\0").unwrap_or(&decoded);
    let printable = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    let fit = words.len() >= 4 && words.iter().all(printable);
    fit.then(|| String::from_utf8(words.to_vec()).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::super::Sign;
    use super::*;

    fn said(mechanism: &str, step: u32, line: &str) -> Note {
        note(SaslLine { mechanism: mechanism.as_bytes(), step, line: line.as_bytes() })
    }

    #[test]
    fn steps_of_a_login_are_told_apart_and_nothing_is_given_away() {
        assert_eq!(said("LOGIN", 1, "cGF0\r\n").text, "the user name, in base64");
        assert_eq!(said("login", 2, "c2VjcmV0\r\n").text, "the password, in base64: spelling, not a secret");
        assert_eq!(said("PLAIN", 1, "AHBhdABzZWNyZXQ=").text, "user name and password in base64; masked here");
        for (mechanism, step) in [("PLAIN", 1), ("LOGIN", 1), ("LOGIN", 2), ("SCRAM-SHA-256", 2)] {
            let text = said(mechanism, step, "AHBhdABodW50ZXIy").text;
            assert!(!text.contains("pat") && !text.contains("hunter2"), "{text}");
        }
    }

    #[test]
    fn a_line_that_is_no_base64_is_a_problem() {
        assert_eq!(said("LOGIN", 1, "pat").sign, Sign::Problem);
        assert_eq!(said("LOGIN", 1, "*").text, "stop: the login is called off");
    }

    #[test]
    fn prompts_are_shown_only_if_they_are_words() {
        assert_eq!(prompt(b"UGFzc3dvcmQ6").as_deref(), Some("Password:"));
        assert_eq!(prompt(b"VXNlciBOYW1lAA==").as_deref(), Some("User Name"));
        assert_eq!(prompt(b"G1sybQ=="), None, "a terminal sequence");
        assert_eq!(prompt(b"Ok"), None);
    }
}
