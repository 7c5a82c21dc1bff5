//! Macros of SPF: parts of the letter inside a domain name (RFC 7208 §7).
//!
//! ```text
//! macro-expand     = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"
//! transformers     = *DIGIT [ "r" ]
//! delimiter        = "." / "-" / "+" / "," / "/" / "_" / "="
//! ```

use std::net::IpAddr;

use super::check::{Run, Stop};
use crate::dns::Name;

/// Octets that a name has at most once it is expanded; what is longer loses labels on the left (RFC 7208 §7.3).
const LONGEST: usize = 253;

/// A `domain-spec` with its macros expanded; `None` if there is one that only an explanation may have. The parser has
/// seen to it that every macro is well-formed.
pub(super) fn expand(run: &Run<'_, '_>, spec: &[u8], domain: &Name) -> Result<Option<Vec<u8>>, Stop> {
    let mut expanded = Vec::with_capacity(spec.len());
    let mut rest = spec;
    while let Some((octet, after)) = rest.split_first() {
        rest = after;
        if *octet != b'%' {
            expanded.push(*octet);
            continue;
        }
        let Some((kind, after)) = rest.split_first() else { break };
        rest = after;
        match kind {
            b'_' => expanded.push(b' '),
            b'-' => expanded.extend(b"%20"),
            b'{' => {
                let end = rest.iter().position(|octet| *octet == b'}').unwrap_or(rest.len());
                let (inside, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
                rest = after.get(1..).unwrap_or_default();
                let Some(value) = value(run, inside, domain)? else { return Ok(None) };
                expanded.extend(value);
            }
            other => expanded.push(*other),
        }
    }
    Ok(Some(shortened(&expanded)))
}

/// What stands for one macro.
fn value(run: &Run<'_, '_>, inside: &[u8], domain: &Name) -> Result<Option<Vec<u8>>, Stop> {
    let Some((letter, how)) = inside.split_first() else { return Ok(None) };
    let sender = run.sender;
    let whole: Vec<u8> = match letter.to_ascii_lowercase() {
        b's' => [&sender.local[..], b"@", &dotted(&sender.domain)].concat(),
        b'l' => sender.local.clone(),
        b'o' => dotted(&sender.domain),
        b'd' => dotted(domain),
        b'i' => address(sender.address).into(),
        b'p' => own_name(&run.validated()?, domain),
        b'v' => if sender.address.is_ipv4() { "in-addr" } else { "ip6" }.into(),
        b'h' => dotted(&sender.hello),
        // c, r and t: the address as text, the receiver and the time (§7.2).
        _ => return Ok(None),
    };
    let transformed = transformed(&whole, how);
    Ok(Some(if letter.is_ascii_uppercase() { escaped(&transformed) } else { transformed }))
}

/// The parts of a value between delimiters: reversed if asked for, the last so many of them, joined by dots.
fn transformed(value: &[u8], how: &[u8]) -> Vec<u8> {
    let digits = how.iter().take_while(|octet| octet.is_ascii_digit()).count();
    let (count, how) = how.split_at_checked(digits).unwrap_or((&[], how));
    let (reverse, delimiters) = match how.split_first() {
        Some((b'r' | b'R', delimiters)) => (true, delimiters),
        _ => (false, how),
    };
    let delimiters = if delimiters.is_empty() { b"." } else { delimiters };
    let mut parts: Vec<&[u8]> = value.split(|octet| delimiters.contains(octet)).collect();
    if reverse {
        parts.reverse();
    }
    let wanted = std::str::from_utf8(count).ok().and_then(|count| count.parse::<usize>().ok());
    let kept = wanted.filter(|count| *count > 0).map_or(parts.len(), |count| count.min(parts.len()));
    parts.split_off(parts.len() - kept).join(&b'.')
}

/// An address for `%{i}`: of IPv6 each nibble by itself.
fn address(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let nibbles = address.octets().into_iter().flat_map(|octet| [octet >> 4, octet & 15]);
            nibbles.map(|nibble| format!("{nibble:x}")).collect::<Vec<_>>().join(".")
        }
    }
}

/// A name as octets with dots between the labels: nothing is escaped, for it is to be part of another name.
fn dotted(name: &Name) -> Vec<u8> {
    name.labels().collect::<Vec<_>>().join(&b'.')
}

/// The validated name for `%{p}`: the domain itself if it is one, then one inside it, then any (RFC 7208 §7.3).
fn own_name(names: &[Name], domain: &Name) -> Vec<u8> {
    let found = names.iter().find(|name| *name == domain);
    let found = found.or_else(|| names.iter().find(|name| name.is_within(domain))).or(names.first());
    found.map_or_else(|| b"unknown".to_vec(), dotted)
}

/// Octets outside RFC 3986's unreserved set as `%XX`.
fn escaped(octets: &[u8]) -> Vec<u8> {
    let mut escaped = Vec::with_capacity(octets.len());
    for octet in octets {
        if octet.is_ascii_alphanumeric() || b"-._~".contains(octet) {
            escaped.push(*octet);
        } else {
            escaped.extend(format!("%{octet:02X}").into_bytes());
        }
    }
    escaped
}

fn shortened(name: &[u8]) -> Vec<u8> {
    let mut rest = name;
    while rest.len() > LONGEST {
        let Some(dot) = rest.iter().position(|octet| *octet == b'.') else { break };
        rest = rest.get(dot + 1..).unwrap_or_default();
    }
    rest.to_vec()
}
