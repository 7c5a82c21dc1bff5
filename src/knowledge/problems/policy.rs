//! P13 and P14: refused for the address that the client comes from, or for the name that it writes in.

use std::net::IpAddr;

use crate::dialogue::envelope::path_of;
use crate::dialogue::exchange::Cause;
use crate::smtp::command::Verb;

use super::Finding;
use super::header::from_domain;
use super::scene::{Scene, domain_of};
use super::topic::Topic;

/// Lists that refusals name, in lower case.
const LISTS: [&str; 7] = ["spamhaus", "spamcop", "barracuda", "sorbs", "uceprotect", "abuseat", "mailspike"];

/// P13: before the letter, the server refuses where the client comes from.
pub(super) fn bad_name(scene: &Scene<'_>) -> Option<Finding> {
    let early = matches!(scene.exchange.cause, Cause::Greeting)
        || scene.answers(&[Verb::Ehlo, Verb::Helo, Verb::Mail, Verb::Rcpt, Verb::Data]);
    if !early || !scene.refuses() {
        return None;
    }
    let case = if scene.speaks_of(Topic::BlockList) {
        "list"
    } else if scene.says(7, 25) || scene.speaks_of(Topic::Reverse) {
        "reverse"
    } else if scene.speaks_of(Topic::Reputation) {
        "reputation"
    } else {
        return None;
    };
    let found = Finding::of("P13", case).with("list", list_in(&scene.text)).shown_by([scene.exchange.row]);
    Some(match address_in(&scene.text) {
        Some(address) => found.with("from", address.to_string()).with("address", address.to_string()),
        None => found.with("from", "your address"),
    })
}

/// The address that a refusal names: with address translation on the way only the server knows it.
fn address_in(text: &[u8]) -> Option<IpAddr> {
    let words = text.split(|octet| !(octet.is_ascii_hexdigit() || b".:".contains(octet)));
    // A full stop or a colon behind it belongs to the sentence.
    let words = words.map(|word| word.trim_ascii_end().strip_suffix(b".").or(word.strip_suffix(b":")).unwrap_or(word));
    words.filter_map(|word| std::str::from_utf8(word).ok()?.parse().ok()).find(|address: &IpAddr| {
        // "::" and the like are words of a text, not where somebody comes from.
        !address.is_unspecified() && !address.is_loopback()
    })
}

/// The list that a text names.
fn list_in(text: &[u8]) -> &'static str {
    let text = text.to_ascii_lowercase();
    let named = LISTS.into_iter().find(|list| memchr::memmem::find(&text, list.as_bytes()).is_some());
    named.unwrap_or("the text says which")
}

/// P14: the receiver checked who may write in that name.
pub(super) fn not_authorised(scene: &Scene<'_>) -> Option<Finding> {
    let stage = scene.answers(&[Verb::Mail, Verb::Rcpt, Verb::Data, Verb::Bdat]) || scene.is_verdict();
    if !stage || !scene.refuses() {
        return None;
    }
    let detail = scene.status.filter(|status| status.subject == 7).map_or(0, |status| status.detail);
    let case = match detail {
        _ if scene.speaks_of(Topic::Dmarc) || detail == 509 => "dmarc",
        20..=22 => "dkim",
        23 | 24 => "spf",
        _ if scene.speaks_of(Topic::Unauthenticated) || detail == 26 => "unauthenticated",
        _ if scene.speaks_of(Topic::Spf) => "spf",
        _ if scene.speaks_of(Topic::Dkim) => "dkim",
        _ => return None,
    };
    let mail = if scene.verb() == Some(Verb::Mail) { Some(scene.line.to_vec()) } else { None };
    let mail = mail.or_else(|| scene.mail_line().map(std::borrow::Cow::into_owned)).unwrap_or_default();
    // DMARC goes by the From field, which may be of another domain than the envelope's sender.
    let domain = if case == "dmarc" { from_domain(scene) } else { domain_of(&path_of(&mail)) };
    let found = Finding::of("P14", case).shown_by([scene.exchange.row]);
    Some(if domain.is_empty() {
        found.with("domain", "that domain")
    } else {
        found.with("domain", &domain).with("name", &domain)
    })
}
