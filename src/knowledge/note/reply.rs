//! The note on a line of a reply: what the code means here, as the look-up order of the tables says.

use std::borrow::Cow;

use super::{LONGEST, Note, Sign, capability, prompt};
use crate::knowledge::about::{ReplyLine, To};
use crate::knowledge::line::{self, Reply};
use crate::knowledge::messages::{self, Message};
use crate::knowledge::replies;
use crate::knowledge::statuses::{self, StatusCode};

const ENDS: &str = "the reply ends here";

/// The note on a line of a reply.
pub(crate) fn note(about: ReplyLine<'_>) -> Note {
    let Some(parts) = line::reply(about.line) else { return stray(about.line) };
    let sign = sign(parts.code);
    if about.to.lists_keywords() && sign == Sign::Ok {
        return keyword_line(about, parts);
    }
    if !about.first {
        return if about.last { Note { text: Cow::Borrowed(ENDS), sign } } else { Note { text: "".into(), sign } };
    }
    let text = match parts.code {
        220 if about.to == To::Greeting => greeting(about, parts.text),
        334 => challenge(parts.text),
        400.. => refusal(about, parts),
        code => Cow::Borrowed(meaning(code, about.to)),
    };
    Note { text, sign }
}

/// The note on a line from the server that is no reply line.
pub(crate) fn stray(line: &[u8]) -> Note {
    if !line.ends_with(b"\n") {
        return Note::plain("the end of this line has not come yet");
    }
    if line.trim_ascii().is_empty() {
        return Note::problem("an empty line is no reply");
    }
    Note::problem("no reply line: three digits are missing")
}

/// What a code is to the eye.
fn sign(code: u16) -> Sign {
    match code / 100 {
        2 => Sign::Ok,
        3 => Sign::Plain,
        4 | 5 => Sign::Refused,
        _ => Sign::Problem,
    }
}

/// A line of the answer to EHLO: the server's name first, then one keyword a line.
fn keyword_line(about: ReplyLine<'_>, parts: Reply<'_>) -> Note {
    if about.first {
        let text = if about.last {
            "the server's name; it offers no extensions"
        } else {
            "the server's name; its extensions follow"
        };
        return Note::ok(text);
    }
    let note = capability::note(parts.text, about.tls);
    if !about.last {
        return note;
    }
    // The space behind the last code is what a learner must see; the keyword's own words come first if both fit.
    let both = format!("{}; {ENDS}", note.text);
    if both.len() <= LONGEST { Note { text: both.into(), ..note } } else { note }
}

/// The greeting: the server is ready, and what it looks like.
fn greeting(about: ReplyLine<'_>, text: &[u8]) -> Cow<'static, str> {
    let extended = text.split(|byte| *byte == b' ').any(|word| word.eq_ignore_ascii_case(b"ESMTP"));
    match about.server.filter(|server| server.confidence != "weak") {
        Some(server) => fit(format!("ready; looks like {}", server.name), "ready"),
        None if extended => Cow::Borrowed("ready; \"ESMTP\": say EHLO, not HELO"),
        None => Cow::Borrowed(meaning(220, To::Greeting)),
    }
}

/// A 334: what the server asks for, decoded.
fn challenge(text: &[u8]) -> Cow<'static, str> {
    match prompt(text) {
        Some(asked) => fit(format!("base64 for \"{asked}\": your turn"), meaning(334, To::Sasl)),
        None => Cow::Borrowed(meaning(334, To::Sasl)),
    }
}

/// A refusal: the server's own words if they are known, else the enhanced code, else the code.
fn refusal(about: ReplyLine<'_>, parts: Reply<'_>) -> Cow<'static, str> {
    let whole = if about.first && about.last { about.line } else { about.whole };
    if let Some(message) = message(whole, about) {
        return with_weight(&message.gloss, parts.code);
    }
    with_weight(detail(parts, about.to).map_or(meaning(parts.code, about.to), |entry| &entry.gloss), parts.code)
}

/// What the enhanced code adds to the code: nothing if it has no detail, and nothing if it is about the dialogue
/// (X.5.z) and the code has a meaning of its own after this command.
pub(crate) fn detail(parts: Reply<'_>, to: To) -> Option<&'static StatusCode> {
    let status = parts.status.filter(|status| status.class > 2 && status.detail != 0)?;
    let own = || replies::code(parts.code).and_then(|entry| replies::after(entry, to.name()));
    let said = status.subject == 5 && own().is_some_and(|after| after.command != "any");
    if said { None } else { statuses::code(status.subject, status.detail) }
}

/// The message that a whole reply is.
fn message(whole: &[u8], about: ReplyLine<'_>) -> Option<&'static Message> {
    messages::message(&line::normal(whole), about.server)
}

/// What a code means after a command, by itself, or by its first digit.
pub(crate) fn meaning(code: u16, to: To) -> &'static str {
    let Some(entry) = replies::code(code) else { return by_digits(code) };
    replies::after(entry, to.name()).map_or(&entry.gloss, |after| &after.gloss)
}

/// What the digits of an unknown code say.
fn by_digits(code: u16) -> &'static str {
    match code / 100 {
        2 => "unknown code; the 2 says that it worked",
        3 => "unknown code; the 3 says that the server wants more",
        4 => "unknown code; the 4 says not now",
        5 => "unknown code; the 5 says no",
        _ => "no such code in SMTP: taken as a refusal",
    }
}

/// Adds whether it is worth trying again, unless the words say so already or do not leave room, or the trouble is how
/// the command was written (500 to 504).
fn with_weight(text: &'static str, code: u16) -> Cow<'static, str> {
    const SAID: [&str; 9] = ["later", "now", "again", "wait", "wrong moment", "code", "for good", "never", "QUIT"];
    if (500..505).contains(&code) || text.ends_with(')') || SAID.iter().any(|word| text.contains(word)) {
        return Cow::Borrowed(text);
    }
    let weight = if code < 500 { " (for now)" } else { " (for good)" };
    if text.len() + weight.len() > LONGEST { Cow::Borrowed(text) } else { Cow::Owned(format!("{text}{weight}")) }
}

/// `text` if it is short enough, else `other`.
fn fit(text: String, other: &'static str) -> Cow<'static, str> {
    if text.chars().count() <= LONGEST { Cow::Owned(text) } else { Cow::Borrowed(other) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(to: To, line: &str) -> String {
        let line = line.as_bytes();
        note(ReplyLine { to, line, whole: line, first: true, last: true, tls: false, server: None }).text.into_owned()
    }

    fn row(to: To, line: &str, first: bool, last: bool) -> String {
        let line = line.as_bytes();
        note(ReplyLine { to, line, whole: line, first, last, tls: false, server: None }).text.into_owned()
    }

    #[test]
    fn the_same_code_means_different_things_in_different_places() {
        assert_eq!(said(To::Verb("MAIL"), "250 2.1.0 Sender OK"), "sender accepted: a new envelope is open");
        assert_eq!(said(To::Verb("RCPT"), "250 2.1.5 OK"), "this recipient is accepted");
        assert_eq!(said(To::EndOfData, "250 2.0.0 queued"), "taken: from now on the server answers for the letter");
        assert_eq!(said(To::LastChunk, "250 OK"), "taken: from now on the server answers for the letter");
        assert_eq!(said(To::Verb("STARTTLS"), "220 go ahead"), "go: the next bytes must be TLS");
        assert_eq!(said(To::Verb("DATA"), "354 go"), "half done: send the letter, end with a lone dot");
    }

    #[test]
    fn the_answer_to_ehlo_is_read_line_by_line() {
        let ehlo = To::Verb("EHLO");
        assert_eq!(row(ehlo, "250-mx1.harbor.test hello", true, false), "the server's name; its extensions follow");
        assert_eq!(row(ehlo, "250-SIZE 10485760", false, false), "letters up to 10 MiB");
        assert_eq!(row(ehlo, "250 SIZE 10485760", false, true), "letters up to 10 MiB; the reply ends here");
        assert_eq!(row(ehlo, "250 mx", true, true), "the server's name; it offers no extensions");
    }

    #[test]
    fn lines_after_the_first_do_not_repeat_it() {
        assert_eq!(row(To::Verb("HELP"), "214-x", false, false), "");
        assert_eq!(row(To::Verb("HELP"), "214 x", false, true), ENDS);
    }

    #[test]
    fn a_refusal_says_whether_to_try_again() {
        assert_eq!(said(To::Verb("RCPT"), "550 5.1.1 <x@y>"), "no such mailbox (for good)");
        assert_eq!(said(To::Verb("RCPT"), "452 4.2.2 x"), "the mailbox is full (for now)");
        assert_eq!(said(To::Verb("NOOP"), "421 4.3.2 x"), "the system takes no mail now");
    }

    #[test]
    fn a_wrong_moment_is_told_for_the_command_at_hand() {
        assert_eq!(said(To::Verb("RCPT"), "503 5.5.1 x"), "wrong moment: MAIL comes first");
        assert_eq!(said(To::Verb("NOOP"), "503 5.5.1 x"), "command unknown, or at the wrong moment");
    }

    #[test]
    fn a_line_without_an_end_is_not_blamed() {
        assert_eq!(stray(b"25").sign, Sign::Plain);
        assert_eq!(stray(b"25\r\n").sign, Sign::Problem);
    }

    #[test]
    fn unknown_codes_are_read_by_their_digits() {
        assert_eq!(said(To::Verb("MAIL"), "577 x"), "unknown code; the 5 says no");
        assert_eq!(said(To::Verb("MAIL"), "999 x"), "no such code in SMTP: taken as a refusal");
        assert_eq!(
            note(ReplyLine {
                to: To::Unasked,
                line: b"999",
                whole: b"999",
                first: true,
                last: true,
                tls: false,
                server: None
            })
            .sign,
            Sign::Problem
        );
    }

    #[test]
    fn a_challenge_is_decoded() {
        assert_eq!(said(To::Verb("AUTH"), "334 VXNlcm5hbWU6"), "base64 for \"Username:\": your turn");
        assert_eq!(said(To::Verb("AUTH"), "334 "), "your turn: answer with one base64 line, or * to stop");
        assert_eq!(said(To::Verb("AUTH"), "334 Ok"), "your turn: answer with one base64 line, or * to stop");
    }
}
