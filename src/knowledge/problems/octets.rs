//! P20, P22 and P23 as far as a command shows them: octets that nobody meant, letters beyond ASCII, too many octets.

use crate::dialogue::exchange::Cause;
use crate::smtp::command::{Command, Verb};
use crate::smtp::limits::{COMMAND_LINE, Limits};

use super::Finding;
use super::scene::Scene;

/// Typographic signs and what they stand for.
const SIGNS: [(&str, &str); 10] = [
    ("\u{2018}", "'"),
    ("\u{2019}", "'"),
    ("\u{201c}", "\""),
    ("\u{201d}", "\""),
    ("\u{ab}", "\""),
    ("\u{bb}", "\""),
    ("\u{2010}", "-"),
    ("\u{2013}", "-"),
    ("\u{2014}", "-"),
    ("\u{a0}", " "),
];

/// P20: a firewall masks what the server says.
pub(super) fn masked(scene: &Scene<'_>) -> Option<Finding> {
    match scene.exchange.cause {
        Cause::Greeting => {
            let stars = memchr::memchr_iter(b'*', &scene.text).count();
            let only = scene.text.iter().all(|octet| matches!(octet, b'*' | b' ' | b'2' | b'0'));
            (stars >= 4 && only).then(|| Finding::of("P20", "masked-greeting"))
        }
        Cause::Command(Verb::Ehlo) if scene.exchange.succeeded() => {
            let offers = scene.dialogue.capabilities().iter();
            let mut mine = offers.filter(|offer| scene.dialogue.exchange(offer.exchange) == Some(scene.exchange));
            let keywords = mine.next()?.extensions.keywords();
            let keyword = keywords.iter().find(|keyword| is_masked(&keyword.name))?;
            Some(Finding::of("P20", "masked-offer").with("keyword", &keyword.name))
        }
        // What arrived there is not what left here: the server repeats it.
        Cause::Command(verb) if verb != Verb::Other && matches!(scene.code, 500..=502) => {
            let words = scene.text.split(|octet| !octet.is_ascii_alphanumeric());
            let word = words.filter_map(|word| std::str::from_utf8(word).ok()).find(|word| is_masked(word))?;
            let typed = memchr::memmem::find(&scene.line.to_ascii_uppercase(), word.as_bytes()).is_some();
            let found = Finding::of("P20", "masked-command").with("verb", verb.name()).with("word", word);
            (!typed).then(|| found.shown_by([scene.exchange.row]))
        }
        _ => None,
    }
}

/// `XXXX` and longer; some leave the last letter as it was: `XXXXXXXA`.
fn is_masked(keyword: &str) -> bool {
    let masked = keyword.bytes().take_while(|octet| *octet == b'X').count();
    masked >= 4 && keyword.len() <= masked + 1
}

/// P20: octets in a command that nobody meant to send.
pub(super) fn touched(scene: &Scene<'_>) -> Option<Finding> {
    if !matches!(scene.exchange.cause, Cause::Command(_)) {
        return None;
    }
    let line = scene.line.trim_ascii_end();
    let case = if line.iter().any(|octet| matches!(octet, 0x08 | 0x7f | 0x1b | 0xff)) {
        "editing"
    } else if has_signs(line) && (scene.refuses() || !announces_utf8(scene)) {
        "typography"
    } else {
        return None;
    };
    let found = Finding::of("P20", case).shown_by([scene.exchange.row]);
    Some(match clean(line) {
        Some(clean) => found.with("clean", clean),
        None => found,
    })
}

/// True if the line, or the MAIL of its envelope, says that addresses hold more than ASCII (RFC 6531 §3.4).
fn announces_utf8(scene: &Scene<'_>) -> bool {
    let announces = |line: &[u8]| line.to_ascii_uppercase().split(u8::is_ascii_whitespace).any(|it| it == b"SMTPUTF8");
    announces(&scene.line) || scene.mail_line().is_some_and(|mail| announces(&mail))
}

fn has_signs(line: &[u8]) -> bool {
    let text = std::str::from_utf8(line).unwrap_or_default();
    SIGNS.iter().any(|(sign, _)| text.contains(sign))
}

/// The line as it was meant: with what Backspace took away gone, and plain signs.
fn clean(line: &[u8]) -> Option<String> {
    let mut text = String::new();
    for character in std::str::from_utf8(line).ok()?.chars() {
        match character {
            '\u{8}' | '\u{7f}' => drop(text.pop()),
            _ => text.push(character),
        }
    }
    let plain = SIGNS.iter().fold(text, |text, (sign, plain)| text.replace(sign, plain));
    (!plain.is_empty() && !plain.contains(char::is_control)).then_some(plain)
}

/// P22: an address beyond ASCII.
pub(super) fn not_ascii(scene: &Scene<'_>) -> Option<Finding> {
    let path = scene.answers(&[Verb::Mail, Verb::Rcpt]) && !scene.line.is_ascii();
    if !path || scene.code < 500 {
        return None;
    }
    let mail =
        if scene.verb() == Some(Verb::Mail) { Some(scene.line.trim_ascii_end().into()) } else { scene.mail_line() };
    let mail = mail.unwrap_or_default();
    let announced = mail.to_ascii_uppercase().split(|octet| *octet == b' ').any(|word| word == b"SMTPUTF8");
    let case = match (scene.offers("SMTPUTF8"), announced) {
        (false, _) => "not-offered",
        (true, false) => "not-announced",
        (true, true) => return None,
    };
    Some(Finding::of("P22", case).with("mail", mail).shown_by([scene.exchange.row]))
}

/// P23: a command longer than a server need take.
pub(super) fn long_command(scene: &Scene<'_>) -> Option<Finding> {
    let verb = scene.verb()?;
    // A login has a limit of its own, and what it holds is a secret.
    if scene.code < 500 || scene.line.len() <= COMMAND_LINE || verb == Verb::Auth {
        return None;
    }
    let limit = Limits::default().command_line(verb, scene.extensions());
    if scene.line.len() <= limit {
        return None;
    }
    let known = Command::parse(&scene.line).verb != Verb::Other;
    let found = Finding::of("P23", "command").count("octets", scene.line.len()).count("limit", limit);
    known.then(|| found.shown_by([scene.exchange.row]))
}
