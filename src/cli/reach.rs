//! Where to connect: a target with the options that change it. An option that would change nothing is refused.

use std::net::IpAddr;

use super::complaint::Complaint;
use super::handshake;
use super::options::reach::{Reach, Tls, nowhere};
use crate::dns::typed;
use crate::ports::dns::Source;
use crate::ports::net::{Family, Opening, Place, Route, Target};
use crate::session::target::{self, Wanted};

/// Where to connect: the target with the options that change it. An option that would change nothing is refused.
pub(super) fn wanted(text: &str, reach: &Reach, resolver: &Source) -> Result<Wanted, Complaint> {
    let mut wanted = target::parse(text, resolver).map_err(|no| Complaint::new(no.id, 2, no.why, no.next))?;
    match &mut wanted {
        Wanted::Host(target) => change(target, reach)?,
        Wanted::Exchangers(..) | Wanted::Submission(..) => {
            if let Some(option) = about_one_host(reach) {
                let what = format!("{option} is about one host, and {text} leaves the choice of it until later.");
                return Err(Complaint::new("cli/option", 2, what, "Name the host itself, or leave the option out."));
            }
        }
    }
    Ok(wanted)
}

pub(super) fn change(target: &mut Target, reach: &Reach) -> Result<(), Complaint> {
    if let (Some(_), Some(option)) = (&target.socket, about_addresses(reach)) {
        let what = format!("{option} is about addresses and ports, and a Unix socket has none.");
        return Err(Complaint::new("cli/option", 2, what, "Leave it out, or name a host."));
    }
    if let Some(why) = target.host.parse().ok().and_then(nowhere) {
        let what = format!("{} is not a destination: {why}.", target.host);
        return Err(Complaint::new("net/target", 2, what, "Name a host or its address; this machine is 127.0.0.1."));
    }
    target.handshake = handshake::wishes(reach)?;
    target.route = route(target, reach)?;
    target.port = reach.port.unwrap_or(target.port);
    match (reach.tls, reach.port) {
        // Port 465 speaks TLS from the first byte (RFC 8314 §3.3), wherever it is given.
        // It is more than what is asked for with require and prefer.
        (Some(Tls::Implicit), _) | (None | Some(Tls::Require | Tls::Prefer), Some(465)) => {
            target.opening = Opening::ImplicitTls;
        }
        (Some(Tls::Plain), _) => target.opening = Opening::Plain,
        (Some(Tls::Never), _) => target.opening = Opening::Never,
        (Some(Tls::Require | Tls::Prefer), _) if target.opening == Opening::ImplicitTls => {}
        (Some(Tls::Require), _) => target.opening = Opening::Require,
        (Some(Tls::Prefer), _) => target.opening = Opening::Prefer,
        (None, _) => {}
    }
    for pin in &reach.resolve {
        if !is_same_name(&pin.name, &target.host) {
            let what = format!("--resolve gives an address for {}, and the target is {}.", pin.name, target.host);
            let next = format!("Write it as --resolve {}:{}, or leave it out.", target.host, pin.address);
            return Err(Complaint::new("cli/value", 2, what, next));
        }
        target.pinned.push(pin.address);
    }
    Ok(())
}

/// Which addresses to try, and from where. What could reach nothing is refused.
pub(super) fn route(target: &Target, reach: &Reach) -> Result<Route, Complaint> {
    let refused = |what: String| Err(Complaint::new("cli/option", 2, what, "Leave one of them out."));
    let only = match (reach.ipv4, reach.ipv6) {
        (true, true) => return refused("-4 and -6 together leave no address.".into()),
        (true, false) => Some(Family::V4),
        (false, true) => Some(Family::V6),
        (false, false) => None,
    };
    let route = Route { only, from: reach.source, client: reach.proxy_protocol };
    if let Some(from) = reach.source {
        if target.place == Place::Lab {
            let what = "--source is an address of this machine, and no connection to the lab leaves from one.";
            return Err(Complaint::new("cli/option", 2, what, "Leave it out, or name a real host."));
        }
        if only.is_some_and(|only| only != Family::of(from.ip())) {
            return refused(format!(
                "--source {} is {}, and only the other family was asked for.",
                from.ip(),
                Family::of(from.ip())
            ));
        }
    }
    let wrong = |address: &IpAddr| !route.takes(*address);
    match (target.host.parse().ok().filter(wrong), reach.resolve.iter().map(|pin| pin.address).find(wrong)) {
        (Some(address), _) | (None, Some(address)) => {
            refused(format!("{address} is {}, and only the other family was asked for.", Family::of(address)))
        }
        (None, None) => Ok(route),
    }
}

/// The option that has no meaning before a host is chosen.
fn about_one_host(reach: &Reach) -> Option<&'static str> {
    let of_handshake = [
        ("--tls", reach.tls.is_some()),
        ("--sni", reach.sni.is_some()),
        ("--verify-name", reach.verify_name.is_some()),
        ("--tls-verify", reach.tls_verify.is_some()),
        ("--tls-min", reach.tls_min.is_some()),
        ("--tls-max", reach.tls_max.is_some()),
        ("--client-cert", reach.client_cert.is_some()),
        ("--client-key", reach.client_key.is_some()),
        ("--keylog", reach.keylog.is_some()),
        ("--auth-user", reach.login.auth_user.is_some()),
        ("--password-file", reach.login.password_file.is_some()),
        ("--password-command", reach.login.password_command.is_some()),
        ("--password-stdin", reach.login.password_stdin),
    ];
    let given = of_handshake.into_iter().find(|(_, given)| *given).map(|(option, _)| option);
    about_addresses(reach).or(given)
}

/// The option that has no meaning where there are no addresses and ports.
fn about_addresses(reach: &Reach) -> Option<&'static str> {
    let given = [
        ("--port", reach.port.is_some()),
        ("--resolve", !reach.resolve.is_empty()),
        ("-4", reach.ipv4),
        ("-6", reach.ipv6),
        ("--source", reach.source.is_some()),
        ("--proxy-protocol", reach.proxy_protocol.is_some()),
    ];
    given.into_iter().find(|(_, given)| *given).map(|(option, _)| option)
}

/// Names are compared as the DNS does: case, the last dot and the spelling of international letters make no difference.
fn is_same_name(one: &str, other: &str) -> bool {
    matches!((typed::name(one), typed::name(other)), (Ok(one), Ok(other)) if one.name == other.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str, port: Option<u16>, tls: Option<Tls>) -> Target {
        let reach = Reach { port, tls, ..Reach::default() };
        match wanted(text, &reach, &Source::System) {
            Ok(Wanted::Host(target)) => *target,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn options_win_over_the_target_and_port_465_speaks_tls_wherever_it_is_given() {
        for (text, port, tls, opening) in [
            ("mail.example.org", Some(465), None, Opening::ImplicitTls),
            ("mail.example.org:465", None, None, Opening::ImplicitTls),
            ("mail.example.org", Some(465), Some(Tls::Plain), Opening::Plain),
            ("tls://mail.example.org", Some(25), None, Opening::ImplicitTls),
            ("tls://mail.example.org", None, Some(Tls::Plain), Opening::Plain),
            ("mail.example.org", Some(587), None, Opening::Plain),
            ("mail.example.org", Some(587), Some(Tls::Require), Opening::Require),
            ("mail.example.org", None, Some(Tls::Prefer), Opening::Prefer),
            ("mail.example.org:465", None, Some(Tls::Require), Opening::ImplicitTls),
            ("mail.example.org", Some(465), Some(Tls::Prefer), Opening::ImplicitTls),
            ("mail.example.org:465", None, Some(Tls::Never), Opening::Never),
        ] {
            let found = target(text, port, tls);
            assert_eq!(found.opening, opening, "{text} {port:?} {tls:?}");
            assert_eq!(port.unwrap_or(found.port), found.port);
        }
    }

    #[test]
    fn names_are_the_same_as_the_dns_sees_them() {
        for (one, other, same) in [
            ("mail.example.org", "MAIL.example.org.", true),
            ("bücher.example", "xn--bcher-kva.example", true),
            ("127.0.0.1", "127.0.0.1", true),
            ("mail.example.org", "mx.example.org", false),
        ] {
            assert_eq!(is_same_name(one, other), same, "{one} {other}");
        }
    }
}
