//! What a mailing list makes of a letter: its name in the subject, a line at the end, its own reverse path. Bodies change,
//! so a signature of the writer's domain breaks; a seal says what was found out before.

use crate::check::arc::{self, Chain};
use crate::check::dkim::Signer;
use crate::lab::queue::Letter;
use crate::lab::world::Host;
use crate::lab::zones::{SELECTOR, mail_key_of};
use crate::mail::field;
use crate::smtp::path::{self, ReversePath};

/// The reverse path and the octets that members get. Reports go to whoever keeps the list (RFC 5321 §3.9.2).
pub(super) fn of(letter: &Letter, address: &str) -> (ReversePath, Vec<u8>) {
    let (name, domain) = address.split_once('@').unwrap_or((address, ""));
    let from = path::reverse(format!("<{name}-owner@{domain}>").as_bytes()).path;
    let (fields, body) = field::split(&letter.content);
    let mut octets = Vec::with_capacity(letter.content.len() + 200);
    for field in fields {
        match field::value(field, b"Subject") {
            Some(subject) => {
                octets.extend_from_slice(format!("Subject: [{name}] ").as_bytes());
                octets.extend_from_slice(subject.trim_ascii());
                octets.extend_from_slice(b"\r\n");
            }
            None => octets.extend_from_slice(field),
        }
    }
    octets.extend_from_slice(format!("List-Id: <{name}.{domain}>\r\n\r\n").as_bytes());
    octets.extend_from_slice(body);
    octets.extend_from_slice(format!("-- \r\nThe list {name} at {domain}\r\n").as_bytes());
    (from, octets)
}

/// The seal of a host whose lists seal what they send, to stand on top of what its list made of a letter; nothing from
/// others, and nothing where the seals of others have broken already (RFC 8617 §5.1).
pub(super) fn seal(host: &Host, came: &[u8], copy: &[u8], keys: u64, when: u64) -> String {
    let Some(domain) = host.domains.first().filter(|_| host.policy.seals) else { return String::new() };
    let (Some(results), Some(key)) = (results(host, came), mail_key_of(domain, keys)) else { return String::new() };
    let before = match results.split("\r\n\tarc=").nth(1) {
        None => Chain::None,
        Some(word) if word.starts_with(Chain::Pass.word()) => Chain::Pass,
        Some(_) => return String::new(),
    };
    let signer = Signer { domain, selector: SELECTOR, key: &key };
    arc::seal(copy, &signer, before, &results, when)
}

/// What a host found out when a letter came: it stands on top of all that others say.
fn results(host: &Host, came: &[u8]) -> Option<String> {
    let (fields, _) = field::split(came);
    let found = fields.into_iter().find_map(|line| field::value(line, b"Authentication-Results"))?;
    let found = std::str::from_utf8(found).ok()?.trim();
    found.starts_with(&format!("{};", host.name)).then(|| found.to_owned())
}
