//! P30: text and code contradict each other.

use crate::dialogue::exchange::Cause;
use crate::smtp::command::Verb;

use super::Finding;
use super::scene::Scene;
use super::topic::Topic;

/// Words that no success uses. They are looked for without an expression: successes are many.
const NO: [&str; 6] = ["rejected", "refused", "denied", "failed", "not permitted", "not allowed"];

/// P30: code and enhanced code are of different classes (RFC 2034 §4).
pub(super) fn status(scene: &Scene<'_>) -> Option<Finding> {
    let greets = matches!(scene.exchange.cause, Cause::Greeting | Cause::Command(Verb::Ehlo | Verb::Helo | Verb::Lhlo));
    let status = scene.status.filter(|_| !greets)?;
    if status.agrees(scene.exchange.code()?) || scene.code == 354 || scene.code == 334 {
        return None;
    }
    Some(Finding::of("P30", "status").count("code", scene.code).with("status", status.to_string()))
}

/// P30: the words mean the opposite of the code.
pub(super) fn words(scene: &Scene<'_>) -> Option<Finding> {
    let counts = scene.answers(&[Verb::Mail, Verb::Rcpt, Verb::Data, Verb::Bdat]) || scene.is_verdict();
    if !counts {
        return None;
    }
    let case = match scene.code / 100 {
        2 if says_no(&scene.text) => "yes-but",
        4 if scene.speaks_of(Topic::Never) => "later-but-no",
        5 if scene.speaks_of(Topic::Later) && !scene.speaks_of(Topic::Never) => "no-but-later",
        4 | 5 if says_ok(&scene.text) => "no-but-ok",
        _ => return None,
    };
    Some(Finding::of("P30", case).shown_by([scene.exchange.row]))
}

/// True for a text whose first word is OK.
fn says_ok(text: &[u8]) -> bool {
    let mut words = text.split(|octet| !octet.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    words.next().is_some_and(|word| word.eq_ignore_ascii_case(b"ok"))
}

fn says_no(text: &[u8]) -> bool {
    let text = text.to_ascii_lowercase();
    NO.iter().any(|word| memchr::memmem::find(&text, word.as_bytes()).is_some())
}
