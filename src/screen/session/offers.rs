//! The capabilities pane of a session: the offer in force, what TLS changed, and how fast the server answers.

use crate::dialogue::Dialogue;
use crate::knowledge::{About, note};
use crate::session::Session;
use crate::smtp::extension::{Extensions, Keyword};
use crate::ui::capabilities::{Capabilities, Change, Offer, WELL_KNOWN};
use crate::ui::remote;

use super::steps::reply_times;

/// What the pane shows.
pub fn capabilities(session: &Session) -> Capabilities {
    let dialogue = session.dialogue();
    let replies = if session.tells_times() { reply_times(dialogue) } else { Vec::new() };
    let Some(now) = dialogue.capabilities().last() else { return Capabilities { replies, ..Capabilities::default() } };
    let before = before_tls(dialogue).filter(|_| now.tls);
    let mut offers: Vec<Offer> =
        now.extensions.keywords().iter().map(|keyword| offer(session, keyword, before, now.tls)).collect();
    for gone in before.map(|before| before.diff(&now.extensions).gone).unwrap_or_default() {
        offers.push(Offer {
            change: Change::Gone,
            note: "no longer offered".into(),
            ..offer(session, gone, None, false)
        });
    }
    let missing =
        WELL_KNOWN.into_iter().filter(|name| !(now.extensions.has(name) || now.tls && *name == "STARTTLS")).collect();
    let when = match (now.tls, dialogue.is_secured()) {
        (true, _) if before.is_some() => "offered inside TLS (+ new, - gone)",
        (true, _) => "offered inside TLS",
        (false, true) => "offered before TLS: void now, ask again",
        (false, false) => "offered in plain text",
    };
    Capabilities { when, offers, missing, replies }
}

/// The last offer of the plain-text epoch.
fn before_tls(dialogue: &Dialogue) -> Option<&Extensions> {
    dialogue.capabilities().iter().rev().find(|offer| !offer.tls).map(|offer| &offer.extensions)
}

fn offer(session: &Session, keyword: &Keyword, before: Option<&Extensions>, tls: bool) -> Offer {
    let known = crate::knowledge::extensions::keyword(keyword.name.as_bytes());
    let same = before.is_none_or(|before| before.keywords().iter().any(|it| it.raw.eq_ignore_ascii_case(&keyword.raw)));
    Offer {
        text: session.masked(&keyword.raw, remote::text),
        note: meaning(&keyword.raw, tls),
        cite: known.and_then(|known| known.refs.first()).map(|cite| rfc(cite)).unwrap_or_default(),
        change: if same { Change::Same } else { Change::New },
    }
}

/// What a line of the offer means, before or inside TLS.
fn meaning(raw: &[u8], tls: bool) -> String {
    note(&About::Capability { line: raw, tls }).text.into_owned()
}

/// The number of the RFC alone: `RFC 1870 3` is `RFC 1870`.
fn rfc(cite: &str) -> String {
    cite.split(' ').take(2).collect::<Vec<_>>().join(" ")
}
