//! The note on a command: what the client asks, in plain words.

use super::{Note, gloss_of_verb, octets};
use crate::knowledge::about::CommandLine;
use crate::knowledge::fields;
use crate::knowledge::line::{first_word, plain};
use crate::smtp::command::{Command, Verb};

/// The note on a command line.
pub(crate) fn note(about: CommandLine<'_>) -> Note {
    let command = Command::parse(about.line);
    let argument = command.argument;
    match command.verb {
        Verb::Ehlo | Verb::Helo | Verb::Lhlo => hello(command.verb, about),
        Verb::Mail => mail(argument),
        Verb::Rcpt => recipient(argument),
        Verb::Auth => auth(argument, about.tls),
        Verb::Bdat => chunk(argument),
        Verb::StartTls if about.tls => Note::problem("TLS is on already: this will be refused"),
        Verb::Other => other(&command),
        verb => Note::from_table(gloss_of_verb(verb.name().as_bytes())),
    }
}

/// A verb that `smtp` has no name for: a private one, or none at all.
fn other(command: &Command<'_>) -> Note {
    match gloss_of_verb(command.word()) {
        _ if command.word().is_empty() => Note::plain("an empty line: servers answer 500"),
        "" => unknown(command.line.text),
        gloss => Note::from_table(gloss),
    }
}

/// EHLO: the first time a question, later a fresh start.
fn hello(verb: Verb, about: CommandLine<'_>) -> Note {
    match (about.greeted, about.tls) {
        (true, true) => Note::plain("my name again: after TLS the old list is void"),
        (true, false) => Note::plain("my name again: an open envelope is dropped"),
        _ => Note::from_table(gloss_of_verb(verb.name().as_bytes())),
    }
}

/// MAIL: who sends, and what is announced with it.
fn mail(argument: &[u8]) -> Note {
    if find(argument, b"<>") {
        return Note::plain("envelope: no return address, as bounces have it");
    }
    if find(argument, b" SIZE=") {
        return Note::plain("envelope: who sends, and how big the letter is");
    }
    Note::from_table(gloss_of_verb(b"MAIL"))
}

/// RCPT: who gets it.
fn recipient(argument: &[u8]) -> Note {
    if find(argument, b" NOTIFY=") {
        return Note::plain("envelope: who gets it, and which reports are wanted");
    }
    Note::from_table(gloss_of_verb(b"RCPT"))
}

/// AUTH: which mechanism, and whether a secret stands on the line.
fn auth(argument: &[u8], tls: bool) -> Note {
    let (mechanism, initial) = first_word(argument);
    let Some(name) = plain(mechanism, 20).map(str::to_ascii_uppercase) else {
        return Note::from_table(gloss_of_verb(b"AUTH"));
    };
    if initial.is_empty() {
        return Note::plain(format!("let me log in with {name}"));
    }
    let readable = super::login_risk(mechanism, tls) == super::Login::Readable;
    if readable {
        return Note::problem(format!("{name}: the secret on this line is readable by all"));
    }
    Note::plain(format!("let me log in with {name}; the secret stands on this line"))
}

/// BDAT: how much, and whether it is the end (RFC 3030 §2).
fn chunk(argument: &[u8]) -> Note {
    let (size, rest) = first_word(argument);
    let count = std::str::from_utf8(size).ok().and_then(|digits| digits.parse::<u64>().ok());
    match (count, rest.eq_ignore_ascii_case(b"LAST")) {
        (Some(count), true) => Note::plain(format!("the last chunk: exactly {} follow", octets(count))),
        (Some(count), false) => Note::plain(format!("a chunk: exactly {} follow", octets(count))),
        (None, _) => Note::from_table(gloss_of_verb(b"BDAT")),
    }
}

/// A line that is no command of any table.
fn unknown(line: &[u8]) -> Note {
    if line.starts_with(b"GET ") || line.starts_with(b"POST ") {
        return Note::problem("this is HTTP, not SMTP");
    }
    match fields::name_of(line).and_then(fields::header) {
        Some(_) => Note::problem("a header line: it belongs after DATA and its 354"),
        None => Note::plain("not a command that ehlo knows"),
    }
}

/// Whether `text` holds `part`, in any case of letters.
fn find(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window.eq_ignore_ascii_case(part))
}

#[cfg(test)]
mod tests {
    use super::super::Sign;
    use super::*;

    fn ask(line: &str, tls: bool, greeted: bool) -> Note {
        note(CommandLine { line: line.as_bytes(), tls, greeted, utf8: false })
    }

    #[test]
    fn commands_are_said_in_plain_words() {
        for (line, words) in [
            ("EHLO laptop.you.test\r\n", "my name; which extensions have you?"),
            ("mail from:<you@you.test>\r\n", "envelope: who sends"),
            ("MAIL FROM:<> SIZE=9", "envelope: no return address, as bounces have it"),
            ("MAIL FROM:<a@b> size=512", "envelope: who sends, and how big the letter is"),
            ("RCPT TO:<pat@harbor.test>", "envelope: who gets it"),
            ("DATA", "may I send the letter?"),
            ("BDAT 86 LAST", "the last chunk: exactly 86 octets follow"),
            ("QUIT", "I am done"),
            ("FROB", "not a command that ehlo knows"),
        ] {
            assert_eq!(ask(line, false, false).text, words, "{line}");
        }
    }

    #[test]
    fn a_second_hello_is_a_fresh_start() {
        assert_eq!(ask("EHLO x", true, true).text, "my name again: after TLS the old list is void");
        assert_eq!(ask("EHLO x", false, true).text, "my name again: an open envelope is dropped");
    }

    #[test]
    fn a_secret_on_the_line_is_pointed_at() {
        let open = ask("AUTH PLAIN AHBhdABzZWNyZXQ=", false, true);
        assert_eq!(
            (open.text.as_ref(), open.sign),
            ("PLAIN: the secret on this line is readable by all", Sign::Problem)
        );
        assert_eq!(ask("AUTH PLAIN AHBhdABzZWNyZXQ=", true, true).sign, Sign::Plain);
        assert_eq!(ask("AUTH LOGIN", true, true).text, "let me log in with LOGIN");
    }

    #[test]
    fn what_is_not_smtp_is_said() {
        assert_eq!(ask("Subject: hi", false, true).text, "a header line: it belongs after DATA and its 354");
        assert_eq!(ask("GET / HTTP/1.1", false, false).sign, Sign::Problem);
    }
}
