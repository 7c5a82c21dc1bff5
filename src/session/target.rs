//! Where to connect, read from what a person types: `host`, `host:port`, `[address]:port`, `tls://host`, `mx:domain`,
//! `submit:domain`, `lmtp://host`, `unix:/path`.
//!
//! A name under `.test` and an address from the blocks for documentation (RFC 2606, RFC 5737, RFC 3849) belong to the
//! lab: no such host exists outside.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use crate::dns::typed;
use crate::ports::dns::Source;
use crate::ports::net::{Opening, Place, Target};
use crate::smtp::flaw::FlawKind;
use crate::smtp::line::breaks;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A host.
    Host(Box<Target>),
    /// The mail exchangers of a domain, to choose from, and whom to ask for them.
    Exchangers(String, Source),
    /// The submission servers of a domain, to choose from, and whom to ask for them.
    Submission(String, Source),
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

/// Targets in every spelling.
pub const EXAMPLES: &str = "Examples: mx1.harbor.test, mail.example.org:587, tls://mail.example.org:465, [::1]:2525, \
     mx:example.org, submit:example.org, lmtp://[::1]:24, unix:/run/dovecot/lmtp.";

/// No port is registered for LMTP, and 25 must not be it (RFC 2033 §5); 24, which is left to private mail systems, is
/// what servers use.
const LMTP_PORT: u16 = 24;
/// The most octets that systems have room for, without the NUL that ends a path.
const LONGEST_PATH: usize = 107;

/// Reads a target; names of real hosts are to be asked of `resolver`.
pub fn parse(text: &str, resolver: &Source) -> Result<Wanted, NoTarget> {
    let text = text.trim();
    let scheme = text.split_once(':').map_or_else(String::new, |(scheme, _)| scheme.to_ascii_lowercase());
    refuse_breaks(text)?;
    if let ("mx", Some((_, domain))) = (scheme.as_str(), text.split_once(':')) {
        let source = source_of(place_of(domain.trim()), resolver);
        return name(domain.trim()).map(|domain| Wanted::Exchangers(domain.to_owned(), source));
    }
    // A host may have this name too.
    if let ("submit", Some((_, domain))) = (scheme.as_str(), text.split_once(':'))
        && port(domain.trim()).is_err()
    {
        let source = source_of(place_of(domain.trim()), resolver);
        return name(domain.trim()).map(|domain| Wanted::Submission(domain.to_owned(), source));
    }
    if scheme == "mailto" {
        return Err(no(mail_address(text)));
    }
    if let Some((path, lmtp)) = socket_path(text, &scheme) {
        return socket(path, lmtp).map(|target| Wanted::Host(Box::new(target)));
    }
    let (opening, rest, port) = match text.split_once("://") {
        Some((_, rest)) if scheme == "tls" || scheme == "smtps" => (Opening::ImplicitTls, rest, 465),
        Some((_, rest)) if scheme == "smtp" => (Opening::Plain, rest, 25),
        Some((_, rest)) if scheme == "lmtp" => (Opening::Plain, rest, LMTP_PORT),
        Some((scheme, _)) => return Err(no(format!("{scheme}:// is not a way to reach a mail server here."))),
        None => (Opening::Plain, text, 25),
    };
    let rest = rest.trim_end_matches('/');
    // Only what follows :// is a URL, where an octet may be written as % and two digits (RFC 3986 §2.1).
    let rest = if text.contains("://") { decoded(rest)? } else { rest.into() };
    refuse_breaks(&rest)?;
    refuse_password(&rest)?;
    let (name, given) = split_port(&rest)?;
    let name = host(name)?.to_owned();
    let port = given.unwrap_or(port);
    // Port 465 speaks TLS from the first byte (RFC 8314 §3.3).
    let opening = if given == Some(465) { Opening::ImplicitTls } else { opening };
    let place = place_of(&name);
    let source = source_of(place, resolver);
    let lmtp = scheme == "lmtp";
    Ok(Wanted::Host(Box::new(Target { lmtp, opening, source, ..Target::new(name, port, place) })))
}

/// The path of a Unix socket, and whether LMTP is spoken there: `unix:/path`, `lmtp:///path`.
fn socket_path<'a>(text: &'a str, scheme: &str) -> Option<(&'a str, bool)> {
    let (_, rest) = text.split_once(':')?;
    match scheme {
        "unix" => Some((rest.strip_prefix("//").unwrap_or(rest), false)),
        "lmtp" => rest.strip_prefix("//").filter(|path| path.starts_with('/')).map(|path| (path, true)),
        _ => None,
    }
}

fn socket(path: &str, lmtp: bool) -> Result<Target, NoTarget> {
    if !path.starts_with('/') {
        return Err(no("The path of a Unix socket begins with /, as unix:/run/dovecot/lmtp.".into()));
    }
    if let Some(odd) = path.chars().find(|c| c.is_control()) {
        return Err(no(format!("The path holds the control character U+{:04X}.", u32::from(odd))));
    }
    if path.len() > LONGEST_PATH {
        let octets = path.len();
        return Err(no(format!("The path of a Unix socket has at most {LONGEST_PATH} octets, and this one {octets}.")));
    }
    Ok(Target { socket: Some(path.to_owned()), lmtp, ..Target::new("localhost", 0, Place::Live) })
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

/// Whom to ask for the names of a world: the lab for its own, whatever was chosen for real ones.
pub fn source_of(place: Place, resolver: &Source) -> Source {
    match place {
        Place::Lab => Source::Lab,
        Place::Live => resolver.clone(),
    }
}

/// The target as it is typed.
pub fn spelled(target: &Target) -> String {
    let host = if target.host.contains(':') { format!("[{}]", target.host) } else { target.host.clone() };
    // A log may not tell the port.
    let port = if target.port == 0 { String::new() } else { format!(":{}", target.port) };
    match (&target.socket, target.lmtp, target.opening) {
        (Some(path), true, _) => format!("lmtp://{path}"),
        (Some(path), false, _) => format!("unix:{path}"),
        (None, true, _) => format!("lmtp://{host}{port}"),
        (None, false, Opening::ImplicitTls) => format!("tls://{host}{port}"),
        (None, false, _) => format!("{host}{port}"),
    }
}

/// The block for documentation (RFC 3849).
fn is_documentation(address: Ipv6Addr) -> bool {
    matches!(address.segments(), [0x2001, 0xdb8, ..])
}

/// A part of a URL with its escapes undone.
fn decoded(text: &str) -> Result<Cow<'_, str>, NoTarget> {
    if !text.contains('%') {
        return Ok(text.into());
    }
    let mut parts = text.split('%');
    let mut octets = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let octet = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let octet = octet.ok_or_else(|| no("In a URL two hexadecimal digits follow a %.".into()))?;
        octets.push(octet);
        octets.extend_from_slice(part.as_bytes().get(2..).unwrap_or_default());
    }
    String::from_utf8(octets).map(Cow::from).map_err(|_| no("What the % of this URL stand for is not UTF-8.".into()))
}

/// A line break would end the command that the name stands in, and begin another.
fn refuse_breaks(text: &str) -> Result<(), NoTarget> {
    if !breaks(text) {
        return Ok(());
    }
    Err(NoTarget {
        id: FlawKind::LineBreakInField.id(),
        why: "The address holds a line break; it would become a second command. Not sent.".into(),
        next: "Give the host alone; what is to be said there is typed in the session.",
    })
}

/// `user:secret@host`, as URLs have it. The complaint does not repeat it.
fn refuse_password(text: &str) -> Result<(), NoTarget> {
    match text.rsplit_once('@') {
        Some((login, _)) if login.contains(':') => Err(NoTarget {
            id: "cli/password",
            why: "A target holds no password: on a command line it shows up in ps and shell history.".into(),
            next: "Give the host alone and send AUTH in the session: what is typed there is masked.",
        }),
        _ => Ok(()),
    }
}

fn split_port(text: &str) -> Result<(&str, Option<u16>), NoTarget> {
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, tail)) = rest.split_once(']') else {
            return Err(no(format!("The bracket of '{text}' is not closed.")));
        };
        let address = match address.split_at_checked(5) {
            Some((tag, rest)) if tag.eq_ignore_ascii_case("IPv6:") => rest,
            _ => address,
        };
        let port = match tail.strip_prefix(':') {
            Some(tail) => Some(port(tail)?),
            None if tail.is_empty() => None,
            None => return Err(no(format!("Behind the bracket stands '{tail}', and only : and a port may."))),
        };
        return Ok((address, port));
    }
    match text.split_once(':') {
        // More than one colon: an IPv6 address without brackets.
        Some((_, tail)) if tail.contains(':') => Ok((text, None)),
        Some((host, tail)) => Ok((host, Some(port(tail)?))),
        None => Ok((text, None)),
    }
}

fn port(text: &str) -> Result<u16, NoTarget> {
    let wrong = |why| NoTarget { id: "cli/port", ..no(why) };
    if text.is_empty() {
        return Err(wrong("A port is missing behind the colon: 1 to 65535.".into()));
    }
    // Not "+25": a port is written in digits.
    let port = text.parse().ok().filter(|port| *port > 0 && text.bytes().all(|octet| octet.is_ascii_digit()));
    port.ok_or_else(|| wrong(format!("{text} is not a port: 1 to 65535.")))
}

/// A name or an address.
fn host(text: &str) -> Result<&str, NoTarget> {
    let text = text.trim();
    if text.contains(':') && text.parse::<Ipv6Addr>().is_err() {
        // The zone of a link-local address is for the system alone.
        let zone = if text.contains('%') { "; a zone (%) is not taken here" } else { "" };
        return Err(no(format!("{text} is no IPv6 address, and a host name holds no colon{zone}.")));
    }
    if text.parse::<IpAddr>().is_ok() {
        return Ok(text);
    }
    // No top-level domain is a number, so that names and addresses cannot be mistaken for each other (RFC 1123 §2.1).
    let last = text.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    if !last.is_empty() && last.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err(no(format!("{text} is no IPv4 address, and the last label of a host name is no number.")));
    }
    name(text)
}

fn mail_address(text: &str) -> String {
    format!("{text} is a mail address; for the servers of its domain type mx: and the domain.")
}

fn name(text: &str) -> Result<&str, NoTarget> {
    if text.is_empty() {
        return Err(no("A host is missing.".into()));
    }
    if text.contains('@') {
        return Err(no(mail_address(text)));
    }
    if let Some(odd) = text.chars().find(|c| c.is_whitespace() || c.is_control() || "/\\\"'<>()[]{}".contains(*c)) {
        return Err(no(format!("A host name holds no {odd:?}.")));
    }
    typed::name(text).map_err(|bad| no(format!("'{text}' is not a host name. {bad}")))?;
    Ok(text)
}

fn no(why: String) -> NoTarget {
    NoTarget { id: "cli/host", why, next: EXAMPLES }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        match parse(text, &Source::System) {
            Ok(Wanted::Host(target)) => *target,
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
            ("[ipv6:2001:db8::1]:587", "2001:db8::1", 587, Opening::Plain),
            ("TLS://mail.example.org", "mail.example.org", 465, Opening::ImplicitTls),
            ("bücher.example", "bücher.example", 25, Opening::Plain),
            ("localhost", "localhost", 25, Opening::Plain),
            ("lmtp://store.example.org", "store.example.org", 24, Opening::Plain),
            ("LMTP://[::1]:2424/", "::1", 2424, Opening::Plain),
        ] {
            let found = target(text);
            assert_eq!((found.host.as_str(), found.port, found.opening), (host, port, opening), "{text}");
        }
        assert_eq!(
            parse("mx:example.org", &Source::System),
            Ok(Wanted::Exchangers("example.org".into(), Source::System))
        );
        assert_eq!(
            parse("submit:example.org", &Source::System),
            Ok(Wanted::Submission("example.org".into(), Source::System))
        );
        assert_eq!((target("submit:587").host.as_str(), target("submit:587").port), ("submit", 587), "a host's name");
    }

    #[test]
    fn what_is_typed_comes_back() {
        for text in [
            "mail.example.org:587",
            "tls://mail.example.org:465",
            "[::1]:2525",
            "lmtp://[::1]:24",
            "unix:/run/dovecot/lmtp",
            "lmtp:///run/dovecot/lmtp",
        ] {
            assert_eq!(spelled(&target(text)), text);
        }
    }

    #[test]
    fn a_socket_of_this_machine_is_a_path() {
        for (text, path, lmtp) in [
            ("unix:/run/lmtp", "/run/lmtp", false),
            ("UNIX:/run/a b", "/run/a b", false),
            ("unix:///run/lmtp", "/run/lmtp", false),
            ("lmtp:///run/lmtp", "/run/lmtp", true),
        ] {
            let found = target(text);
            assert_eq!((found.socket.as_deref(), found.lmtp, found.place), (Some(path), lmtp, Place::Live), "{text}");
        }
        assert_eq!((target("lmtp://store.harbor.test").lmtp, target("mail.example.org").lmtp), (true, false));
        let longest = format!("unix:/{}", "p".repeat(106));
        assert!(parse(&longest, &Source::System).is_ok() && parse(&format!("{longest}p"), &Source::System).is_err());
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
    fn the_lab_is_asked_for_its_own_names_and_a_chosen_resolver_for_all_others() {
        let chosen = Source::Server(([192, 0, 2, 53], 53).into());
        for (text, source) in [
            ("mx1.harbor.test", &Source::Lab),
            ("192.0.2.10", &Source::Lab),
            ("mx:harbor.test.", &Source::Lab),
            ("submit:you.test", &Source::Lab),
            ("mail.example.org", &chosen),
            ("mx:example.org", &chosen),
        ] {
            let asked = match parse(text, &chosen).expect("a target") {
                Wanted::Host(target) => target.source,
                Wanted::Exchangers(_, source) | Wanted::Submission(_, source) => source,
            };
            assert_eq!(asked, *source, "{text}");
        }
    }

    #[test]
    fn what_is_no_target_is_told_why() {
        for (text, id) in [
            ("", "cli/host"),
            ("-x", "cli/host"),
            ("host:", "cli/port"),
            ("host:0", "cli/port"),
            ("host:+25", "cli/port"),
            ("host:99999", "cli/port"),
            ("[::1]:", "cli/port"),
            ("[::1]2525", "cli/host"),
            ("[::1", "cli/host"),
            ("fe80::1%eth0", "cli/host"),
            ("host:25:25", "cli/host"),
            ("a.test:25127.0.0.1:1", "cli/host"),
            ("[a:b]", "cli/host"),
            ("127.1", "cli/host"),
            ("999.1.1.1", "cli/host"),
            ("192.0.2.1.5:25", "cli/host"),
            ("mailto:pat@harbor.test", "cli/host"),
            ("pat@harbor.test", "cli/host"),
            ("ftp://host", "cli/host"),
            ("two words", "cli/host"),
            ("a..test", "cli/host"),
            ("mx:", "cli/host"),
            ("submit:", "cli/host"),
            ("unix:", "cli/host"),
            ("unix:run/lmtp", "cli/host"),
            ("unix://host/run/lmtp", "cli/host"),
            ("unix:/run/\u{1b}[31m", "cli/host"),
            ("unix:/run/lm\0tp", "input/crlf"),
            ("lmtp://", "cli/host"),
            ("lmtp:host", "cli/port"),
            ("lmtp://host:0", "cli/port"),
            ("mx:harbor.test:25", "cli/host"),
        ] {
            let error = parse(text, &Source::System).unwrap_err();
            assert!(error.why.ends_with('.') && !error.next.is_empty(), "{text}");
            assert_eq!(error.id, id, "{text}: {}", error.why);
        }
    }

    #[test]
    fn e131_e132_a_line_break_in_a_target_is_refused_as_it_is_and_as_an_escape() {
        for text in [
            "mail.example.org\r\nRCPT TO:<x@y.test>",
            "mx:example.org\nQUIT",
            "smtp://mail.example.org%0d%0aRCPT%20TO:<x@y.test>",
            "tls://mail.example.org:465%0A",
            "lmtp://store.example.org%00",
            "smtp://[::1]%0D%0AQUIT",
        ] {
            let error = parse(text, &Source::System).unwrap_err();
            assert_eq!(error.id, "input/crlf", "{text}");
            assert_eq!(error.why, "The address holds a line break; it would become a second command. Not sent.");
        }
        assert_eq!(target("smtp://mail%2Eexample.org").host, "mail.example.org");
        for bad in ["smtp://mail%2", "smtp://mail%zz.example.org", "smtp://%ff.example.org"] {
            assert_eq!(parse(bad, &Source::System).unwrap_err().id, "cli/host", "{bad}");
        }
        assert_eq!(parse("smtp://pat%3Ahunter2@host", &Source::System).unwrap_err().id, "cli/password");
    }

    #[test]
    fn k260_a_password_in_a_target_is_refused_and_not_repeated() {
        for text in ["smtp://pat:hunter2@mail.example.org", "pat:hunter2@mail.example.org:587", "tls://:hunter2@host"] {
            let error = parse(text, &Source::System).unwrap_err();
            assert_eq!(error.id, "cli/password", "{text}");
            assert!(!error.why.contains("hunter2") && !error.next.contains("hunter2"), "{error:?}");
        }
    }
}
