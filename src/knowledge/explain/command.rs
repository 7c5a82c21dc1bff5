//! Explains a command: what it asks, what it changes, what usually follows, what people get wrong.

use crate::dns::unicode::in_command;
use crate::knowledge::about::CommandLine;
use crate::knowledge::explanation::{Confidence, Explanation};
use crate::knowledge::line::plain;
use crate::knowledge::verbs::{self, Mistake, VerbEntry};
use crate::knowledge::{extensions, replies};

use super::value;
use crate::smtp::command::{Command, Verb};
use crate::smtp::params;

/// What servers do with a verb that they do not know.
const UNKNOWN: &str = "Servers answer 500 or 502 to what they do not know, and some hang up after a few.";

/// A parameter longer than this is named and not repeated.
const LONGEST: usize = 60;

/// Explains a command line: the slips that it shows first, then the verb, then its parameters.
pub(super) fn explain(about: CommandLine<'_>) -> Explanation {
    let command = Command::parse(about.line);
    let mut slips = verbs::mistakes(command.line.text, &["command"]);
    slips.retain(|slip| slip.id != "eight_bit_command" || !about.utf8);
    let it = names(parameters(with_slips(command.word(), &slips), &command), command.line.text);
    if about.tls && command.verb == Verb::StartTls {
        return it.also("here", "TLS is on already, so the server will refuse.");
    }
    it
}

/// Adds both spellings of an international name: the ASCII one that the wire carries, and the one that people read.
fn names(it: Explanation, line: &[u8]) -> Explanation {
    let Some((name, unicode)) = std::str::from_utf8(line).ok().and_then(in_command) else { return it };
    let text = crate::safe::screen(unicode.text.as_bytes()).into_string();
    let it = it.also("name", format!("{} is {text}.", name.relative())).cite("RFC 5890 2.3.2.1");
    match unicode.trouble {
        Some(trouble) => it.also("careful", trouble.text.into_owned()),
        None => it,
    }
}

/// Explains a verb.
pub(super) fn verb(name: &[u8]) -> Explanation {
    with_slips(name, &[])
}

/// Explains a verb, below what is wrong with the line it stands on.
fn with_slips(name: &[u8], slips: &[&'static Mistake]) -> Explanation {
    let Some(entry) = verbs::verb(name) else { return slipped(unknown(name), slips).say(UNKNOWN) };
    let it = Explanation::new(format!("{} · {}", entry.verb, entry.title), kind(entry));
    let it = slipped(it, slips)
        .say(entry.meaning.as_str())
        .say(entry.effect.as_str())
        .step(&entry.next, "")
        .cite(&entry.cite);
    let it = usual_replies(it, entry);
    let it = it.also("form", entry.syntax.as_str()).also("example", entry.example.as_str());
    let it = entry.arg.iter().fold(it, |it, arg| it.also(arg.name.as_str(), arg.meaning.as_str()));
    let it = it.also("danger", entry.security.as_str()).also("in a batch", entry.pipelining.as_str());
    let it = it.also("note", entry.note.as_str()).also("patience", patience(entry));
    entry.mistake.iter().fold(it, |it, slip| it.also("often wrong", slip.text.as_str()))
}

/// Adds what is wrong with a line, and how to repair it.
fn slipped(it: Explanation, slips: &[&'static Mistake]) -> Explanation {
    slips.iter().fold(it, |it, slip| {
        let reaction =
            if slip.typical_reaction.is_empty() { String::new() } else { format!("{}.", slip.typical_reaction) };
        it.say_as("careful", slip.text.as_str()).step(&slip.fix, "").also("servers", reaction).cite(&slip.cite)
    })
}

/// Adds the parameters of MAIL or RCPT, or what XCLIENT tells, as they stand on the line.
fn parameters(it: Explanation, command: &Command<'_>) -> Explanation {
    let params = match command.verb {
        Verb::Mail | Verb::Rcpt => command.parsed().params().to_vec(),
        Verb::Xclient => params::list(command.argument),
        _ => return it,
    };
    params.iter().fold(it, |it, param| {
        let shown = crate::safe::plain(&param.encode()).into_string();
        let Some((_, known)) = extensions::parameter(command.verb.name(), &param.keyword) else { return it };
        let shown = if shown.len() > LONGEST { known.name.clone() } else { shown };
        let says = if command.verb == Verb::Xclient { value::told(param) } else { value::says(param) };
        let says = says.map(|says| format!(" {says}")).unwrap_or_default();
        it.also(shown, format!("{}{says}", known.meaning)).cite(&known.cite)
    })
}

/// Explains a parameter of MAIL or RCPT.
pub(super) fn parameter(verb: &str, name: &str) -> Explanation {
    let Some((extension, param)) = extensions::parameter(verb, name.as_bytes()) else {
        let name = plain(name.as_bytes(), 40).unwrap_or("this parameter");
        return Explanation::new(format!("{name} · unknown parameter"), format!("parameter of {verb}"))
            .say("No extension that ehlo knows has this parameter here. Servers answer 555.")
            .cite("RFC 5321 4.1.1.11");
    };
    Explanation::new(format!("{} · {}", param.name, extension.title), format!("parameter of {verb}"))
        .say(param.meaning.as_str())
        .say(format!("It may be used only if EHLO listed {}.", extension.keyword))
        .also("form", param.syntax.as_str())
        .cite(&param.cite)
}

/// Explains a client's line whose meaning the server's answer will decide.
pub(super) fn undecided() -> Explanation {
    Explanation::new("Not decided yet", "from the client")
        .say("This line went out before the server answered. If it says 354 or 334, the line is part of the letter or of the login; if it refuses, the line is a command.")
        .cite("RFC 5321 4.1.1.4, RFC 2920 3.1")
}

/// What kind of command it is, as a subtitle.
fn kind(entry: &'static VerbEntry) -> String {
    match entry.status.as_str() {
        "required" => "command every server has".to_owned(),
        "extension" => format!("command of {}", entry.extension),
        "obsolete" => "obsolete command".to_owned(),
        "private" => "private command, in no standard".to_owned(),
        other => format!("command, {other}"),
    }
}

/// The replies that usually come.
fn usual_replies(it: Explanation, entry: &'static VerbEntry) -> Explanation {
    let Some(sequence) = replies::sequence(&entry.reply_sequence) else { return it };
    let list = |codes: &[u16]| codes.iter().map(u16::to_string).collect::<Vec<_>>().join(" ");
    it.also("yes", list(&sequence.success))
        .also("half done", list(&sequence.intermediate))
        .also("no", list(&sequence.error))
        .cite(&sequence.cite)
}

/// How long a client should wait.
fn patience(entry: &'static VerbEntry) -> String {
    match entry.client_timeout_s {
        0 => String::new(),
        seconds => format!("A client waits at least {} minutes for the reply.", seconds / 60),
    }
}

/// A line that is no command of any table.
fn unknown(name: &[u8]) -> Explanation {
    let shown = plain(name, 40).unwrap_or("this line");
    Explanation::new(format!("{shown} · not a known command"), "from the client")
        .sure(Confidence::Possible)
        .say("No table of ehlo knows this verb.")
        .step("see what may be sent now", "HELP")
        .cite("RFC 5321 4.2.4")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_tells_its_replies_and_its_rfc() {
        let it = verb(b"rcpt");
        assert_eq!(it.title, "RCPT · Add a recipient");
        assert_eq!(it.cites.first().unwrap().as_str(), "RFC 5321 §4.1.1.3, §3.3");
        assert!(it.more.iter().any(|paragraph| paragraph.label == "no" && paragraph.text.contains("550")));
    }

    #[test]
    fn slips_and_parameters_of_the_very_line_are_named() {
        let line = b"MAIL FROM: <you@you.test> SIZE=512\r\n";
        let it = explain(CommandLine { line, tls: false, greeted: true, utf8: false });
        assert_eq!(it.body.first().unwrap().label, "careful");
        assert!(it.more.iter().any(|paragraph| paragraph.label == "SIZE=512"));
    }
}
