//! The note on a line of a login: what it holds, never the secret itself.

use super::Note;
use crate::knowledge::about::SaslLine;
use crate::knowledge::line::trim_end;
use crate::smtp::sasl::client::{Meaning, Mechanism, What};
use crate::smtp::sasl::{Prompt, decode, is_redacted};

/// The note on a client's line after a 334.
pub(crate) fn note(about: SaslLine<'_>) -> Note {
    let line = trim_end(about.line);
    match line {
        b"*" => return Note::plain("stop: the login is called off"),
        b"" => return Note::plain("an empty answer"),
        b"=" => return Note::plain("an empty answer, written \"=\""),
        line if is_redacted(line) => return Note::plain("hidden already where it was written down"),
        _ => {}
    }
    let Ok(octets) = decode(line) else {
        return Note::problem("not base64: the server will answer 501");
    };
    let Some(mechanism) = grammar(about.mechanism) else {
        return Note::plain("an answer in base64; masked here");
    };
    // Servers ask for the name first.
    let asked = if about.step == 1 { Prompt::Username } else { Prompt::Password };
    let meaning = Meaning::of_response(mechanism, asked, octets);
    let parts = || meaning.parts().iter().map(|part| part.what);
    let names = parts().filter_map(name).collect::<Vec<_>>().join(" and ");
    let masked = if parts().any(What::is_secret) { "; masked here" } else { "" };
    Note::plain(format!("{} in base64{masked}", if names.is_empty() { "an answer" } else { &names }))
}

/// The mechanism whose grammar a line follows: all of the family of SCRAM write alike (RFC 5802 §7).
fn grammar(name: &[u8]) -> Option<Mechanism> {
    let scram = name.get(..6).is_some_and(|head| head.eq_ignore_ascii_case(b"SCRAM-"));
    Mechanism::from_name(name).or(scram.then_some(Mechanism::ScramSha256))
}

/// What a part is called; what only holds the others together has no name.
fn name(what: What) -> Option<&'static str> {
    Some(match what {
        What::ActAs => "whom to act for",
        What::User => "user name",
        What::Password => "password",
        What::Token => "token",
        What::Digest => "keyed digest",
        What::Proof => "proof",
        What::Nonce => "random value",
        What::Trace => "a text to leave",
        What::Unknown => "something unknown",
        _ => return None,
    })
}

/// The prompt of a 334, if it is base64 of short printable text: `VXNlcm5hbWU6` is `Username:`.
pub(crate) fn prompt(text: &[u8]) -> Option<String> {
    let text = trim_end(text);
    if text.is_empty() || text.len() > 48 {
        return None;
    }
    let decoded = decode(text).ok()?;
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
        assert_eq!(said("LOGIN", 1, "cGF0\r\n").text, "user name in base64");
        assert_eq!(said("login", 2, "c2VjcmV0\r\n").text, "password in base64; masked here");
        assert_eq!(said("PLAIN", 1, "AHBhdABzZWNyZXQ=").text, "user name and password in base64; masked here");
        assert_eq!(said("PLAIN", 1, "c2VjcmV0").text, "password in base64; masked here", "it has no NUL");
        let first = said("SCRAM-SHA-512", 1, "biwsbj1wYXQscj1meWtv");
        assert_eq!(first.text, "user name and random value in base64");
        assert_eq!(
            said("SCRAM-SHA-1", 2, "Yz1iaXdzLHI9ZnlrbyxwPXYwWDg=").text,
            "random value and proof in base64; masked here"
        );
        assert_eq!(said("NTLM", 1, "TlRMTVNTUAAB").text, "an answer in base64; masked here");
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
