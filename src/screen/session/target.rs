//! Where to connect, read from what a person types: `host`, `host:port`, `[address]:port`, `tls://host`, `mx:domain`.
//!
//! A name under `.test` and an address from the blocks for documentation (RFC 2606, RFC 5737, RFC 3849) belong to the
//! lab: no such host exists outside.

use std::net::{IpAddr, Ipv6Addr};

use crate::ports::net::{Opening, Place, Target};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A host.
    Host(Target),
    /// The mail exchangers of a domain, to choose from.
    Exchangers(String),
}

/// Why a text is no target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoTarget {
    /// The diagnostic id.
    pub id: &'static str,
    /// What is wrong, in one sentence.
    pub why: String,
    /// What to do.
    pub next: &'static str,
}

const EXAMPLES: &str =
    "Examples: mx1.harbor.test, mail.example.org:587, tls://mail.example.org:465, [::1]:2525, mx:example.org.";

/// Reads a target.
pub fn parse(text: &str) -> Result<Wanted, NoTarget> {
    let text = text.trim();
    if let Some(domain) = text.strip_prefix("mx:") {
        return host(domain).map(|domain| Wanted::Exchangers(domain.to_owned()));
    }
    if text.starts_with("lmtp:") || text.starts_with("unix:") {
        return Err(no("LMTP and Unix sockets are not there yet.".into()));
    }
    let (opening, rest, port) = match text.split_once("://") {
        Some(("tls" | "smtps", rest)) => (Opening::ImplicitTls, rest, 465),
        Some(("smtp", rest)) => (Opening::Plain, rest, 25),
        Some((scheme, _)) => return Err(no(format!("{scheme}:// is not a way to reach a mail server here."))),
        None => (Opening::Plain, text, 25),
    };
    let rest = rest.trim_end_matches('/');
    let (name, given) = split_port(rest)?;
    let name = host(name)?.to_owned();
    let port = given.unwrap_or(port);
    // Port 465 speaks TLS from the first byte (RFC 8314 §3.3).
    let opening = if given == Some(465) { Opening::ImplicitTls } else { opening };
    let place = place_of(&name);
    Ok(Wanted::Host(Target { host: name, port, opening, place, pinned: Vec::new() }))
}

/// Which world a host belongs to.
pub fn place_of(host: &str) -> Place {
    let bare = host.trim_end_matches('.').to_ascii_lowercase();
    let lab = match bare.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_documentation(),
        Ok(IpAddr::V6(address)) => is_documentation(address),
        Err(_) => bare.rsplit('.').next() == Some("test"),
    };
    if lab { Place::Lab } else { Place::Live }
}

/// The target as it is typed.
pub fn spelled(target: &Target) -> String {
    let host = if target.host.contains(':') { format!("[{}]", target.host) } else { target.host.clone() };
    let scheme = if target.opening == Opening::ImplicitTls { "tls://" } else { "" };
    format!("{scheme}{host}:{}", target.port)
}

/// The block for documentation (RFC 3849).
fn is_documentation(address: Ipv6Addr) -> bool {
    matches!(address.segments(), [0x2001, 0xdb8, ..])
}

fn split_port(text: &str) -> Result<(&str, Option<u16>), NoTarget> {
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, tail)) = rest.split_once(']') else {
            return Err(no("The bracket is not closed.".into()));
        };
        let address = address.strip_prefix("IPv6:").unwrap_or(address);
        return Ok((address, tail.strip_prefix(':').map(port).transpose()?));
    }
    match text.split_once(':') {
        // More than one colon: an IPv6 address without brackets.
        Some((_, tail)) if tail.contains(':') => Ok((text, None)),
        Some((host, tail)) => Ok((host, Some(port(tail)?))),
        None => Ok((text, None)),
    }
}

fn port(text: &str) -> Result<u16, NoTarget> {
    match text.parse() {
        Ok(port) if port > 0 => Ok(port),
        _ => {
            let why = format!("{} is not a port: 1 to 65535.", if text.is_empty() { "Nothing" } else { text });
            Err(NoTarget { id: "cli/port", ..no(why) })
        }
    }
}

fn host(text: &str) -> Result<&str, NoTarget> {
    let text = text.trim();
    if text.is_empty() {
        return Err(no("A host is missing.".into()));
    }
    if text.contains('@') {
        return Err(no(format!("{text} is a mail address; for the servers of its domain type mx: and the domain.")));
    }
    if let Some(odd) = text.chars().find(|c| c.is_whitespace() || c.is_control() || "/\\\"'<>()[]{}".contains(*c)) {
        return Err(no(format!("A host name holds no {odd:?}.")));
    }
    // The zone of a link-local address is for the system alone.
    if text.contains(':') && text.split('%').next().is_none_or(|address| address.parse::<Ipv6Addr>().is_err()) {
        return Err(no(format!("{text} is no IPv6 address, and a host name holds no colon.")));
    }
    Ok(text)
}

fn no(why: String) -> NoTarget {
    NoTarget { id: "cli/host", why, next: EXAMPLES }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        match parse(text) {
            Ok(Wanted::Host(target)) => target,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_target_is_read_in_every_spelling() {
        for (text, host, port, opening) in [
            ("mail.example.org", "mail.example.org", 25, Opening::Plain),
            ("mail.example.org:587", "mail.example.org", 587, Opening::Plain),
            ("mail.example.org:465", "mail.example.org", 465, Opening::ImplicitTls),
            ("tls://mail.example.org", "mail.example.org", 465, Opening::ImplicitTls),
            ("tls://mail.example.org:4465/", "mail.example.org", 4465, Opening::ImplicitTls),
            ("smtp://mail.example.org", "mail.example.org", 25, Opening::Plain),
            ("[::1]:2525", "::1", 2525, Opening::Plain),
            ("::1", "::1", 25, Opening::Plain),
            ("[192.0.2.1]", "192.0.2.1", 25, Opening::Plain),
        ] {
            let found = target(text);
            assert_eq!((found.host.as_str(), found.port, found.opening), (host, port, opening), "{text}");
        }
        assert_eq!(parse("mx:example.org"), Ok(Wanted::Exchangers("example.org".into())));
    }

    #[test]
    fn what_is_typed_comes_back() {
        for text in ["mail.example.org:587", "tls://mail.example.org:465", "[::1]:2525"] {
            assert_eq!(spelled(&target(text)), text);
        }
    }

    #[test]
    fn reserved_names_and_addresses_are_the_labs() {
        for (text, place) in [
            ("mx1.harbor.test", Place::Lab),
            ("MX1.HARBOR.TEST.", Place::Lab),
            ("203.0.113.9", Place::Lab),
            ("2001:db8::10", Place::Lab),
            ("127.0.0.1", Place::Live),
            ("mail.example.org", Place::Live),
            ("attest", Place::Live),
        ] {
            assert_eq!(target(text).place, place, "{text}");
        }
    }

    #[test]
    fn what_is_no_target_is_told_why() {
        for text in [
            "",
            "host:",
            "host:0",
            "host:99999",
            "pat@harbor.test",
            "ftp://host",
            "[::1",
            "a.test:25127.0.0.1:1",
            "[a:b]",
            "two words",
            "mx:",
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.why.ends_with('.') && !error.next.is_empty(), "{text}");
        }
    }
}
