//! P03 and P05: speaking before listening, and commands at the wrong moment.

use crate::dialogue::exchange::Cause;
use crate::smtp::command::Verb;
use crate::smtp::flaw::FlawKind;

use super::Finding;
use super::scene::Scene;

/// P03: something went out before the reply that it depends on.
pub(super) fn early(scene: &Scene<'_>) -> Option<Finding> {
    let asked = scene.exchange;
    let own = scene.dialogue.flaws_of(asked.row);
    if own.iter().any(|flaw| flaw.kind == FlawKind::EarlyTalker) {
        return Some(Finding::of("P03", "greeting").shown_by([asked.row]));
    }
    let previous = scene.previous()?;
    let answer = previous.answer?;
    let before = match asked.cause {
        // The lone dot went before the 354: so did the letter.
        Cause::EndOfData => previous.verb() == Some(Verb::Data),
        // What is no command is the rest of a letter or of a chunk; they have detectors of their own.
        // In LMTP a last chunk has several verdicts, and nothing went out for the further ones.
        Cause::Command(verb) if verb != Verb::Other && previous.row < asked.row => {
            matches!(previous.cause, Cause::Command(_) | Cause::EndOfData)
        }
        _ => false,
    };
    let went = scene.dialogue.row(asked.row)?.at;
    if !before || went >= answer.first {
        return None;
    }
    let found = match (asked.cause, previous.verb()) {
        (Cause::EndOfData, _) => Finding::of("P03", "body"),
        (_, Some(verb)) if ends_a_batch(verb) => Finding::of("P03", "last-of-batch").with("verb", verb.name()),
        _ if !scene.offers("PIPELINING") => Finding::of("P03", "batch"),
        _ => return None,
    };
    Some(found.shown_by([previous.row, asked.row]))
}

/// RFC 2920 §3.1, RFC 3207 §4, RFC 4954 §4: their replies change what may follow.
fn ends_a_batch(verb: Verb) -> bool {
    use Verb::{Auth, Data, Ehlo, Expn, Lhlo, Noop, Quit, StartTls, Turn, Vrfy};
    matches!(verb, Ehlo | Lhlo | Data | Vrfy | Expn | Turn | Quit | Noop | StartTls | Auth)
}

/// P05: right command, wrong moment.
pub(super) fn sequence(scene: &Scene<'_>) -> Option<Finding> {
    let verb = scene.verb().filter(|_| matches!(scene.code, 503 | 554))?;
    let open = scene.envelope();
    let nobody = open.mail.is_some() && open.accepted() == 0;
    if scene.code == 554 && verb == Verb::Data && nobody && !open.recipients.is_empty() {
        return Some(refused_recipients(&open));
    }
    if scene.code != 503 {
        return None;
    }
    let found = match verb {
        Verb::Auth if scene.is_logged_in() => Finding::of("P05", "login"),
        Verb::Mail | Verb::Rcpt | Verb::Data | Verb::Bdat | Verb::Auth | Verb::StartTls if scene.hello_is_void() => {
            Finding::of("P05", "hello-again")
        }
        Verb::Mail | Verb::Rcpt | Verb::Data | Verb::Bdat | Verb::Auth | Verb::StartTls if scene.hello().is_none() => {
            Finding::of("P05", "hello")
        }
        Verb::Mail | Verb::Auth if open.mail.is_some() => {
            Finding::of("P05", "nested").shown_by(open.mail.map(|mail| mail.row))
        }
        Verb::Rcpt | Verb::Data | Verb::Bdat if open.mail.is_none() => Finding::of("P05", "mail"),
        Verb::Data | Verb::Bdat if open.recipients.is_empty() => Finding::of("P05", "recipient"),
        Verb::Data | Verb::Bdat if nobody => return Some(refused_recipients(&open)),
        _ => Finding::of("P05", "other").with("verb", verb.name()),
    };
    Some(found.shown_by([scene.exchange.row]))
}

fn refused_recipients(open: &super::scene::Open<'_>) -> Finding {
    Finding::of("P05", "refused-recipient").shown_by(open.recipients.iter().map(|recipient| recipient.row))
}
