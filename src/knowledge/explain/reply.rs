//! Explains a reply: the server's own words if they are known, then the enhanced code, the code after this command,
//! the code, and its digits. What a registry says still stands below what a provider means.

use super::capability;
use crate::knowledge::about::{ReplyLine, To};
use crate::knowledge::explanation::{Confidence, Explanation, capital};
use crate::knowledge::line::{self, Reply};
use crate::knowledge::messages::{self, Message, Named};
use crate::knowledge::note;
use crate::knowledge::replies::{self, Origin, ReplyCode};
use crate::knowledge::servers::{self, Server};
use crate::knowledge::statuses::{self, StatusCode};
use crate::smtp::status::Status;

/// Explains the reply that a line belongs to; a keyword line of EHLO on its own.
pub(super) fn explain(about: ReplyLine<'_>) -> Explanation {
    let Some(parts) = line::reply(about.line) else { return stray(about.line) };
    if about.to.lists_keywords() && parts.code / 100 == 2 && !about.first {
        return capability::explain(parts.text, Some(about.tls));
    }
    let message = messages::message(&line::normal(about.whole), about.server);
    let subtitle = match about.to {
        To::Unasked => "a reply that nobody asked for".to_owned(),
        to => format!("reply to {}", to.words()),
    };
    let it = Explanation::new(title(parts, about.to, message), subtitle);
    let it = match message {
        Some(message) => provider(it, parts, message),
        None => it,
    };
    let it = here(registry(it, parts, message.is_some()), parts.code, about.to);
    let it = server_note(digits(it, parts), about.server);
    message.map_or(it.clone(), |message| it.cite(&message.source))
}

/// Explains a line from the server that is no reply line.
pub(super) fn stray(line: &[u8]) -> Explanation {
    if !line.ends_with(b"\n") {
        return Explanation::new("A line without its end", "from the other side")
            .say("The line end has not come yet. Nothing is concluded from half a line.")
            .cite("RFC 5321 2.3.8");
    }
    let it = Explanation::new("Not a reply line", "from the server")
        .say("A reply line begins with three digits, then a space (last line) or a hyphen (more lines follow). This one does not, so it is kept apart and nothing is guessed from it.")
        .cite("RFC 5321 4.2");
    let known = crate::knowledge::verbs::mistakes(line, &["line", "bytes"]);
    known.into_iter().fold(it, |it, mistake| it.say(mistake.text.as_str()).step(mistake.fix.as_str(), ""))
}

/// Explains a reply code by itself.
pub(super) fn code(number: u16) -> Explanation {
    let parts = Reply { code: number, status: None, text: b"" };
    let it = Explanation::new(title(parts, To::Unasked, None), "reply code");
    let it = alone(it, number);
    let it = digits(it, parts);
    let Some(entry) = replies::code(number) else { return it };
    let after = |it: Explanation, after: &'static replies::After| {
        let text = if after.meaning.is_empty() { &after.gloss } else { &after.meaning };
        it.also(format!("after {}", after.command), text.as_str())
    };
    entry.after.iter().fold(it, after)
}

/// Explains an enhanced status code by itself.
pub(super) fn status(class: u16, subject: u16, detail: u16) -> Explanation {
    let name = format!("{class}.{subject}.{detail}");
    let Some(entry) = statuses::code(subject, detail) else {
        let it = Explanation::new(format!("{name} · unknown detail"), "enhanced status code")
            .say("The registry has no such detail. Then the subject tells what it is about, and the class whether trying again makes sense.")
            .cite("RFC 3463 2");
        return structure(it, class, subject);
    };
    let it = Explanation::new(format!("{name} · {}", entry.title), "enhanced status code");
    let it = detail_of(it, entry).step(entry.next.as_str(), "");
    structure(it, class, subject)
}

/// Explains the text of a reply whose code is not known: other servers may use the same words for something else.
pub(in crate::knowledge) fn said(message: &'static Message) -> Explanation {
    let server = servers::server(&message.server).map_or("many servers", |server| server.name.as_str());
    let parts = Reply { code: 0, status: None, text: b"" };
    let it = Explanation::new(capital(&message.gloss), format!("text of a reply, as of {server}"));
    let it = provider(it, parts, message);
    let codes: Vec<_> = message.codes.iter().map(ToString::to_string).collect();
    let sure = if message.distinct { Confidence::Likely } else { Confidence::Possible };
    it.sure(sure).also("usual codes", codes.join(", ")).cite(&message.source)
}

/// The heading: numbers, and the shortest words for them.
fn title(parts: Reply<'_>, to: To, message: Option<&'static Message>) -> String {
    let numbers = match parts.status {
        Some(status) => format!("{} {status}", parts.code),
        None => parts.code.to_string(),
    };
    let detail = note::detail(parts, to).map(|entry| entry.title.as_str());
    let entry = replies::code(parts.code);
    let after = entry.and_then(|entry| replies::after(entry, to.name())).map(|after| after.gloss.as_str());
    let words = message.map(|message| message.gloss.as_str()).or(detail).or(after).or(entry.map(|e| e.title.as_str()));
    format!("{numbers} · {}", capital(words.unwrap_or("unknown code")))
}

/// What the recognised text means, who must act, and how sure that is: words that any server may use are a hint only,
/// unless a registered detail stands beside them.
fn provider(it: Explanation, parts: Reply<'_>, message: &'static Message) -> Explanation {
    let registered = parts.status.is_some_and(|status| status.detail > 1 || status.subject != 7 && status.detail > 0);
    let confidence = if message.server == "any" && !registered { Confidence::Possible } else { Confidence::Likely };
    let source = servers::server(&message.server).map_or("", |server| server.name.as_str());
    let named = |list: &'static [Named], id: &str| {
        list.iter().find(|entry| entry.id == id).map_or("", |entry| entry.meaning.as_str())
    };
    let table = messages::table();
    it.sure(confidence)
        .say_as(source, message.meaning.as_str())
        .step(&message.next, "")
        .also("who can act", named(&table.who, &message.who))
        .also("what kind", named(&table.category, &message.category))
}

/// What the registry says of the enhanced code; below a provider's meaning it is marked as the registry's.
fn registry(it: Explanation, parts: Reply<'_>, below: bool) -> Explanation {
    let Some(Status { class, subject, detail }) = parts.status else { return it };
    let class = u16::from(class);
    let Some(entry) = statuses::code(subject, detail) else {
        return structure(it, class, subject);
    };
    let it = match (below, detail) {
        (true, _) => it.say_as("registry", format!("{} is \"{}\".", entry.code, entry.title)).cite_all(&entry.refs),
        (false, 0) => it,
        (false, _) if class == 2 => it.also(entry.code.as_str(), entry.meaning.as_str()),
        (false, _) => detail_of(it, entry).step(entry.next.as_str(), ""),
    };
    structure(it, class, subject)
}

/// The registry's own words for a detail.
fn detail_of(it: Explanation, entry: &'static StatusCode) -> Explanation {
    it.say(entry.meaning.as_str()).also("note", entry.note.as_str()).cite_all(&entry.refs)
}

/// Class and subject of an enhanced code.
fn structure(it: Explanation, class: u16, subject: u16) -> Explanation {
    let it = match statuses::class(class) {
        Some(entry) => it.also(format!("{class}.x.x"), entry.meaning.as_str()),
        None => it,
    };
    match statuses::subject(subject).filter(|entry| entry.digit != 0) {
        Some(entry) => it.also(format!("x.{subject}.x"), entry.meaning.as_str()).cite(&entry.cite),
        None => it,
    }
}

/// What the code means after this command, or by itself; below a finer meaning only for those who ask.
fn here(it: Explanation, code: u16, to: To) -> Explanation {
    let Some(entry) = replies::code(code) else { return alone(it, code) };
    let Some(after) = replies::after(entry, to.name()) else { return alone(it, code) };
    let words = if after.meaning.is_empty() { &entry.meaning } else { &after.meaning };
    let it = match after.command.as_str() {
        _ if it.body.is_empty() => it.say(words.as_str()),
        "any" => it.also(format!("{code} anywhere"), words.as_str()),
        _ => it.say_as("here", words.as_str()),
    };
    // A step with a line to type is worth showing below a finer one; without it only if there is none.
    let it = if it.next.is_empty() || !after.command_line.is_empty() {
        it.step(&after.next, &after.command_line)
    } else {
        it
    };
    let it = if it.next.is_empty() { it.step(&entry.next, "") } else { it };
    let it = origin(it.also(code.to_string(), entry.meaning.as_str()).cite(&after.cite), entry);
    machine_text(it, entry, to).also("note", entry.note.as_str())
}

/// What a program may read from the text; of 250 only where it says something.
fn machine_text(it: Explanation, entry: &'static ReplyCode, to: To) -> Explanation {
    let lists = to.lists_keywords() || matches!(to, To::Verb("VRFY" | "EXPN") | To::Unasked);
    if entry.code == 250 && !lists { it } else { it.also("for programs", entry.machine_text.as_str()) }
}

/// What a code means wherever it comes; below a finer meaning only for those who ask.
fn alone(it: Explanation, code: u16) -> Explanation {
    let Some(entry) = replies::code(code) else { return unknown(it, code) };
    let it = origin(it, entry);
    let finer = !it.next.is_empty();
    let it = if finer { it.also(code.to_string(), entry.meaning.as_str()) } else { it.say(entry.meaning.as_str()) };
    let it = if it.next.is_empty() { it.step(&entry.next, "") } else { it };
    machine_text(it, entry, To::Unasked).also("note", entry.note.as_str()).cite_all(&entry.refs)
}

/// Where a code comes from, if that is not a standard.
fn origin(it: Explanation, entry: &'static ReplyCode) -> Explanation {
    let number = entry.code;
    match entry.origin {
        Origin::Core | Origin::Extension => it,
        Origin::Registry => it.say(format!("{number} stands only in a registry, beside enhanced codes.")),
        Origin::Draft => {
            it.sure(Confidence::Possible).say(format!("{number} comes from a draft that became no standard."))
        }
        Origin::Nonstandard => {
            let who = entry.seen_in.join(", ");
            it.sure(Confidence::Possible).say(format!("No standard defines {number}: folklore, seen from {who}."))
        }
    }
}

/// A code that no table knows.
fn unknown(it: Explanation, code: u16) -> Explanation {
    let it = it.say(format!("No table knows {code}. A client goes by the first digit."));
    match replies::severity(code) {
        Some(digit) => it.say(digit.meaning.as_str()).step(digit.next.as_str(), ""),
        None => {
            it.say("This first digit does not exist in SMTP; it is taken as a refusal.").step("end the session", "QUIT")
        }
    }
    .cite("RFC 5321 4.2.1, 4.3.2")
}

/// What the first and second digit say.
fn digits(it: Explanation, parts: Reply<'_>) -> Explanation {
    let (first, second) = (parts.code / 100, parts.code / 10 % 10);
    let it = match replies::severity(parts.code) {
        Some(digit) => it.also(format!("{first}yz"), format!("{}: {}", digit.title, digit.meaning)),
        None => it,
    };
    match replies::category(parts.code) {
        Some(digit) => it.also(format!("x{second}z"), digit.meaning.as_str()).cite(&digit.cite),
        None => it,
    }
}

/// What is known of the server.
fn server_note(it: Explanation, server: Option<&'static Server>) -> Explanation {
    let Some(server) = server else { return it };
    let looks = format!("{} ({}).", server.name, server.kind);
    it.also("looks like", looks).also("its habits", server.note.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::servers::server;

    fn of<'a>(to: To, whole: &'a [u8], server: Option<&'static Server>) -> Explanation {
        let line: &'a [u8] = whole.split_inclusive(|byte| *byte == b'\n').next().unwrap_or(whole);
        let last = line.len() == whole.len();
        explain(ReplyLine { to, line, whole, first: true, last, tls: false, server })
    }

    fn labels(it: &Explanation) -> Vec<&str> {
        it.body.iter().map(|paragraph| paragraph.label.as_str()).collect()
    }

    #[test]
    fn c173_an_unknown_enhanced_code_is_explained_by_class_and_subject() {
        let it = of(To::Verb("RCPT"), b"550 5.1.99 x\r\n", None);
        assert_eq!(it.title, "550 5.1.99 · This recipient is refused; the others are untouched");
        let more: Vec<&str> = it.more.iter().map(|paragraph| paragraph.label.as_str()).collect();
        assert!(more.contains(&"5.x.x") && more.contains(&"x.1.x"), "{more:?}");
        assert!(status(5, 1, 99).body.first().unwrap().text.contains("no such detail"));
    }

    #[test]
    fn c004_an_unknown_code_is_explained_by_its_first_digit() {
        let it = of(To::Verb("MAIL"), b"499 x\r\n", None);
        assert!(it.body.iter().any(|paragraph| paragraph.text == "Not done, but it may work later, unchanged."));
    }

    #[test]
    fn the_recognised_servers_own_words_come_before_those_of_any_server() {
        let reply = b"550 5.7.1 <x@example.net>... Relaying denied\r\n";
        let own = of(To::Verb("RCPT"), reply, server("sendmail"));
        assert_eq!((labels(&own)[0], own.confidence), ("Sendmail", Confidence::Likely));
        let any = of(To::Verb("RCPT"), reply, None);
        assert_eq!((labels(&any)[0], any.confidence), ("", Confidence::Possible));
    }

    #[test]
    fn without_known_words_the_enhanced_code_speaks_and_the_command_adds_to_it() {
        let it = of(To::Verb("RCPT"), b"550 5.1.1 nobody\r\n", None);
        assert_eq!(it.title, "550 5.1.1 · No such mailbox");
        assert_eq!(labels(&it), ["", "here"]);
        assert_eq!(it.confidence, Confidence::Certain);
        assert!(it.next.iter().any(|step| step.command.as_deref() == Some("DATA")));
    }

    #[test]
    fn what_a_server_looks_like_is_told_as_a_guess() {
        let it = of(To::Greeting, b"220 mail.example.org ESMTP Postfix\r\n", server("postfix"));
        assert!(it.more.iter().any(|paragraph| paragraph.label == "looks like"));
    }

    #[test]
    fn another_protocol_is_named() {
        let it = stray(b"SSH-2.0-OpenSSH_9.2\r\n");
        assert!(it.body.iter().any(|paragraph| paragraph.text.contains("SSH")));
    }
}
