//! P10, P11, P24 and P25: relaying, mailboxes that do not exist or seem to, too many recipients, and the null sender.

use crate::dialogue::envelope::path_of;
use crate::smtp::command::Verb;

use super::Finding;
use super::exchangers::Exchangers;
use super::scene::{Scene, domain_of};
use super::topic::Topic;

/// P10: this server does not carry mail for strangers.
pub(super) fn relay(scene: &Scene<'_>) -> Option<Finding> {
    let refused = matches!(scene.code, 454 | 530 | 550 | 551 | 553 | 554 | 571);
    if scene.verb() != Some(Verb::Rcpt) || !refused || !scene.speaks_of(Topic::Relay) {
        return None;
    }
    let domain = domain_of(&path_of(&scene.line));
    let mx = std::str::from_utf8(&domain).ok().and_then(|domain| exchangers(scene, domain));
    let here = scene.opened().map_or("", |opened| &opened.host);
    let case = if let Some(mx) = mx {
        let found = match (mx.name(here), mx.first()) {
            (true, _) => Finding::of("P10", "own-mx").with("host", here),
            (false, "") => Finding::of("P10", "no-mx"),
            (false, first) => Finding::of("P10", "known-mx").with("mx", first),
        };
        return Some(found.with("domain", domain).shown_by([scene.exchange.row]));
    } else if scene.offers("AUTH") && !scene.is_logged_in() {
        "login"
    } else if !scene.exchange.tls && scene.offers("STARTTLS") && !scene.speaks_of(Topic::Relaying) {
        "tls-then-login"
    } else {
        "other-mx"
    };
    let found = Finding::of("P10", case).shown_by([scene.exchange.row]);
    Some(if domain.is_empty() {
        found.with("domain", "this domain")
    } else {
        found.with("domain", &domain).with("name", &domain)
    })
}

/// The MX records of a domain, if they were looked up on the way here.
fn exchangers<'a>(scene: &Scene<'a>, domain: &str) -> Option<Exchangers<'a>> {
    scene.marks().find_map(|mark| Exchangers::of(mark, domain))
}

/// P11: there is no such mailbox, or the server will not say.
pub(super) fn nobody(scene: &Scene<'_>) -> Option<Finding> {
    let case = match scene.verb()? {
        Verb::Rcpt if scene.code >= 500 && scene.says(1, 1) => "nobody",
        Verb::Rcpt if scene.code >= 500 && scene.says(1, 10) => "null-mx",
        Verb::Vrfy if scene.code == 252 => "silent",
        _ => return None,
    };
    let status = scene.status.map(|status| status.to_string()).unwrap_or_default();
    Some(Finding::of("P11", case).with("status", status).shown_by([scene.exchange.row]))
}

/// P11: the recipient was taken, and only the letter is refused because there is no such mailbox.
pub(super) fn too_late(scene: &Scene<'_>) -> Option<Finding> {
    if !scene.is_verdict() || scene.code < 500 || !(scene.says(1, 1) || scene.says(1, 10)) {
        return None;
    }
    let status = scene.status?.to_string();
    let accepted = scene.envelope().recipients.into_iter().filter(|recipient| recipient.succeeded());
    let rows: Vec<_> = accepted.map(|recipient| recipient.row).collect();
    (!rows.is_empty()).then(|| Finding::of("P11", "late").with("status", status).shown_by(rows))
}

/// P11: a name that nobody has is taken.
pub(super) fn anybody(scene: &Scene<'_>) -> Option<Finding> {
    if scene.verb() != Some(Verb::Rcpt) || scene.code != 250 {
        return None;
    }
    let path = path_of(&scene.line);
    let at = path.iter().position(|octet| *octet == b'@')?;
    let local = path.get(..at).filter(|local| is_random(local))?;
    Some(Finding::of("P11", "anybody").with("local", local).shown_by([scene.exchange.row]))
}

/// True for a local part as one makes it up to try a server: long, letters and digits in turn, and nothing that tags a
/// real address (`+`, `=`, `-`, `.`).
fn is_random(local: &[u8]) -> bool {
    let turns = local.windows(2).filter(|pair| matches!(pair, [a, b] if a.is_ascii_digit() != b.is_ascii_digit()));
    local.len() >= 16 && local.iter().all(u8::is_ascii_alphanumeric) && turns.count() >= 6
}

/// P24: no more recipients for this letter; those that were accepted stay (RFC 5321 §4.5.3.1.10).
pub(super) fn too_many(scene: &Scene<'_>) -> Option<Finding> {
    let full = matches!(scene.code, 452 | 552) && (scene.says(5, 3) || scene.speaks_of(Topic::TooManyRecipients));
    if scene.verb() != Some(Verb::Rcpt) || !full {
        return None;
    }
    let accepted = Some(scene.envelope().accepted()).filter(|accepted| *accepted > 0)?;
    Some(Finding::of("P24", "go-on").count("accepted", accepted).shown_by([scene.exchange.row]))
}

/// P25: bounces cannot reach this server (RFC 5321 §4.5.5).
pub(super) fn null_sender(scene: &Scene<'_>) -> Option<Finding> {
    let refused = matches!(scene.code, 501 | 550 | 551 | 553 | 554);
    match scene.verb()? {
        Verb::Mail if refused && is_null(&scene.line) && !scene.speaks_of(Topic::Tls) => {
            Some(Finding::of("P25", "mail").shown_by([scene.exchange.row]))
        }
        Verb::Rcpt if refused && scene.speaks_of(Topic::NullSender) => {
            let mail = scene.envelope().mail.filter(|mail| is_null(&scene.line_of(mail)))?;
            Some(Finding::of("P25", "recipient").shown_by([mail.row, scene.exchange.row]))
        }
        _ => None,
    }
}

/// True for `MAIL FROM:<>`, with or without parameters.
fn is_null(line: &[u8]) -> bool {
    let colon = line.iter().position(|octet| *octet == b':').and_then(|colon| line.get(colon + 1..));
    colon.unwrap_or_default().trim_ascii_start().starts_with(b"<>")
}
