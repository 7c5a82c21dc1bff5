//! Explains a mechanism and the lines of a login; never the secret in them.

use crate::knowledge::about::SaslLine;
use crate::knowledge::explanation::{Confidence, Explanation};
use crate::knowledge::line::{plain, trim_end};
use crate::knowledge::mechanisms::{self, Mechanism};
use crate::knowledge::note;

/// Explains a client's line after a 334.
pub(super) fn line(about: SaslLine<'_>) -> Explanation {
    let what = note::note(&super::About::Sasl(about)).text;
    let stopped = trim_end(about.line) == b"*";
    let it = Explanation::new("An answer of the login", format!("line {} of the client", about.step))
        .say(format!("This line: {what}."));
    if stopped {
        return it.say("The server answers 501, and nobody is logged in.").cite("RFC 4954 4");
    }
    match mechanisms::mechanism(about.mechanism) {
        Some(entry) => details(it.say(entry.meaning.as_str()), entry),
        None => it.cite("RFC 4954 4"),
    }
}

/// Explains a mechanism.
pub(super) fn mechanism(name: &[u8]) -> Explanation {
    let Some(entry) = mechanisms::mechanism(name) else { return unknown(name) };
    let it =
        Explanation::new(format!("{} · {}", entry.name, entry.title), format!("login mechanism, {}", entry.status));
    details(it.say(entry.meaning.as_str()).say(entry.advice.as_str()), entry)
}

/// What it gives away, how it goes, what goes wrong.
fn details(it: Explanation, entry: &'static Mechanism) -> Explanation {
    let it = it.also("gives away", entry.leaks.as_str()).also("TLS", entry.tls.as_str());
    let it = it.also("on the wire", entry.secret_on_wire.as_str()).also("note", entry.note.as_str());
    let steps = |it: Explanation, step: &'static mechanisms::Step| {
        let text = [step.wire.as_str(), step.decoded.as_str(), step.meaning.as_str()];
        it.also(step.from.as_str(), text.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · "))
    };
    let it = entry.step.iter().fold(it, steps);
    entry.mistakes.iter().fold(it, |it, mistake| it.also("often wrong", mistake.as_str())).cite(&entry.cite)
}

/// A mechanism without an entry: its family, if it has one.
fn unknown(name: &[u8]) -> Explanation {
    let shown = plain(name, 40).unwrap_or("this name");
    let it = Explanation::new(format!("{shown} · unknown mechanism"), "login mechanism").sure(Confidence::Possible);
    match mechanisms::family(name) {
        Some(family) => it.say(family.meaning.as_str()).cite(&family.cite),
        None => it.say("No table of ehlo knows this mechanism.").cite("RFC 4422 3.1"),
    }
}
