//! P12: refusals for now, by what they wait for.

use crate::dialogue::envelope::path_of;
use crate::smtp::command::Verb;

use super::Finding;
use super::scene::{Scene, domain_of};
use super::topic::Topic;

/// P12: the same command may work later.
pub(super) fn come_back(scene: &Scene<'_>) -> Option<Finding> {
    if !matches!(scene.code, 421 | 450..=452) {
        return None;
    }
    let envelope = scene.answers(&[Verb::Mail, Verb::Rcpt, Verb::Data]) || scene.is_verdict();
    let case = if envelope && (scene.speaks_of(Topic::Grey) || scene.code != 421 && scene.says(7, 1)) {
        "grey"
    } else if scene.says(2, 2) || scene.speaks_of(Topic::Full) {
        "full"
    } else if scene.says(3, 1) || scene.speaks_of(Topic::Disk) {
        "disk"
    } else if scene.says(1, 8) || scene.says(4, 3) || scene.speaks_of(Topic::LookUp) {
        "dns"
    } else if scene.says(7, 0) || scene.says(2, 1) || scene.says(7, 28) || scene.speaks_of(Topic::Rate) {
        "rate"
    } else if scene.code == 421 {
        "closing"
    } else {
        "other"
    };
    let found = Finding::of("P12", case).shown_by([scene.exchange.row]);
    let sender = scene.mail_line().map(|mail| domain_of(&path_of(&mail))).filter(|domain| !domain.is_empty());
    Some(match sender {
        Some(domain) => found.with("name", domain),
        None => found,
    })
}
