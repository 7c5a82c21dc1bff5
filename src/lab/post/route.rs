//! From the recipients of an envelope to those of a queue: aliases are followed, and each gets its destination.

use crate::dns::Name;
use crate::dns::unicode::unicode;
use crate::engine::server::ask;
use crate::lab::queue::{Destination, Recipient};
use crate::lab::world::{Host, World};
use crate::smtp::params::Param;
use crate::smtp::path::{self, Domain, ForwardPath};

/// Aliases that lead to aliases of the same host, one after the other.
const DEEP: usize = 8;

/// Who the letter is for, each once.
pub(super) fn recipients(world: &World, host: &Host, envelope: &[ask::Recipient]) -> Vec<Recipient> {
    let mut found: Vec<Recipient> = Vec::new();
    for recipient in envelope {
        follow(world, host, recipient, DEEP, &mut found);
    }
    found
}

fn follow(world: &World, host: &Host, recipient: &ask::Recipient, deep: usize, found: &mut Vec<Recipient>) {
    let (path, params) = (&recipient.path, &recipient.params);
    let address = address_at(host, path);
    let (_, domain) = address.as_deref().and_then(|address| address.rsplit_once('@')).unwrap_or_default();
    if !host.holds(domain) {
        let to = Destination::Domain(domain.to_ascii_lowercase());
        return add(found, Recipient { path: path.clone(), params: params.clone(), to });
    }
    let mailbox = address.as_deref().and_then(|address| world.mailbox(address));
    let forward = mailbox.map(|mailbox| mailbox.forward.as_slice()).unwrap_or_default();
    if forward.is_empty() || deep == 0 {
        // Whatever was written, the mailbox is the same one.
        let path = mailbox.and_then(|mailbox| plain(&mailbox.address)).map_or_else(|| path.clone(), |it| it.path);
        return add(found, Recipient { path, params: params.clone(), to: Destination::Here });
    }
    for target in forward {
        if let Some(target) = plain(target) {
            // With one target the wishes of the sender go along; with several, success would be told several times
            // (RFC 3461 §5.2.7.2, §5.2.7.3).
            let params = if forward.len() == 1 { params.clone() } else { params.iter().map(without_success).collect() };
            follow(world, host, &ask::Recipient { params, ..target }, deep - 1, found);
        }
    }
}

fn add(found: &mut Vec<Recipient>, recipient: Recipient) {
    if !found.iter().any(|before| before.path == recipient.path) {
        found.push(recipient);
    }
}

fn without_success(param: &Param) -> Param {
    let Some(list) = param.value.as_deref().filter(|_| param.is("NOTIFY")) else { return param.clone() };
    let kept: Vec<&[u8]> =
        list.split(|octet| *octet == b',').filter(|event| !event.eq_ignore_ascii_case(b"SUCCESS")).collect();
    let value = if kept.is_empty() { b"NEVER".to_vec() } else { kept.join(&b","[..]) };
    Param { keyword: param.keyword.clone(), value: Some(value) }
}

/// A recipient with this address and no wishes.
pub(super) fn plain(address: &str) -> Option<ask::Recipient> {
    let read = path::forward(format!("<{address}>").as_bytes());
    matches!(read.path, ForwardPath::Path(_)).then_some(ask::Recipient { path: read.path, params: Vec::new() })
}

/// The address that a path leads to at a host; the bare postmaster is the one of the host's first domain (RFC 5321
/// §4.5.1).
pub(in crate::lab) fn address_at(host: &Host, path: &ForwardPath) -> Option<String> {
    match path {
        ForwardPath::Postmaster(_) => Some(format!("postmaster@{}", host.domains.first()?)),
        ForwardPath::Path(path) => {
            let Domain::Name(domain) = &path.mailbox.domain else { return None };
            let local = path.mailbox.local_equivalent();
            let text = |octets: &[u8]| std::str::from_utf8(octets).ok().map(str::to_owned);
            // What the host holds is known in U-labels, however it is written (RFC 5890 §2.3.2.1).
            let written = text(domain)?;
            let held = unicode(&Name::ascii(&written)).map(|name| name.text).filter(|name| host.holds(name));
            Some(format!("{}@{}", text(&local)?, held.unwrap_or(written)))
        }
        ForwardPath::Other(_) => None,
    }
}
