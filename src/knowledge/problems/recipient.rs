//! P10, P11, P24 and P25: relaying, mailboxes that do not exist, too many recipients, and the null sender.

use crate::dialogue::envelope::path_of;
use crate::smtp::command::Verb;

use super::Finding;
use super::scene::{Scene, domain_of};
use super::topic::Topic;

/// P10: this server does not carry mail for strangers.
pub(super) fn relay(scene: &Scene<'_>) -> Option<Finding> {
    let refused = matches!(scene.code, 454 | 530 | 550 | 551 | 553 | 554 | 571);
    if scene.verb() != Some(Verb::Rcpt) || !refused || !scene.speaks_of(Topic::Relay) {
        return None;
    }
    let case = if scene.offers("AUTH") && !scene.is_logged_in() {
        "login"
    } else if !scene.exchange.tls && scene.offers("STARTTLS") && !scene.speaks_of(Topic::Relaying) {
        "tls-then-login"
    } else {
        "other-mx"
    };
    let domain = domain_of(&path_of(&scene.line));
    let domain = if domain.is_empty() { b"this domain".to_vec() } else { domain };
    Some(Finding::of("P10", case).with("domain", domain).shown_by([scene.exchange.row]))
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
