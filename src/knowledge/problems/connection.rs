//! P01, P02, P19, P21, P27, P28 and P29: silence, different beginnings, certificates, hosts, name servers, addresses,
//! clocks.

use crate::tape::mark::{Attempt, Closed, Failure, LookUp, Mark, Opened, Unreached, Wait};
use crate::tape::tls::{Judgement, TlsFacts, TlsTrouble};
use crate::tape::{Moment, Side, Tape};

use super::Finding;
use super::exchangers::Exchangers;
use super::happening::Happening;

/// P01: every address that there is a way to was tried on port 25, and nothing came back.
pub(super) fn silence(it: &Happening<'_>) -> Option<Finding> {
    let Mark::GaveUp(Failure::AllFailed { .. }) = it.mark else { return None };
    // Where a network has no IPv6 at all, such an address says nothing about the port.
    let way = |(_, attempt): &(_, &Attempt)| attempt.why != Unreached::Unreachable;
    let attempts: Vec<_> = attempts(it).filter(way).collect();
    let silent = |attempt: &Attempt| attempt.why == Unreached::TimedOut && attempt.peer.port() == Some(25);
    if !attempts.iter().all(|(_, attempt)| silent(attempt)) {
        return None;
    }
    let (_, longest) = attempts.iter().max_by_key(|(_, attempt)| attempt.took)?;
    let found = Finding::of("P01", "silence").with("host", authority(&longest.host));
    Some(found.count("seconds", longest.took.as_secs().max(1)).shown_by(attempts.iter().map(|(row, _)| *row)))
}

/// A host as it stands before a port: an IPv6 address in brackets.
fn authority(host: &str) -> String {
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() }
}

/// The addresses that were tried in vain, the last one first.
fn attempts<'a>(it: &Happening<'a>) -> impl Iterator<Item = (crate::dialogue::row::RowId, &'a Attempt)> {
    it.marks().filter_map(|(row, mark)| match mark {
        Mark::Refused(attempt) => Some((row, attempt)),
        _ => None,
    })
}

/// P02: one side began with TLS and the other in plain text.
pub(super) fn beginnings(it: &Happening<'_>) -> Option<Finding> {
    let greeted = it.exchanges().first().is_some_and(|greeting| it.code(greeting).is_some());
    match it.mark {
        // Behind STARTTLS a plain answer is another fault.
        Mark::TlsFailed(failure) if !greeted && is_plain(&failure.why) => {
            let found = Finding::of("P02", "wants-plain");
            let opened = it.opened();
            Some(opened.map_or(Finding::of("P02", "wants-plain"), |opened| at_port(found, opened)))
        }
        // A server may lose patience before the client does.
        Mark::TimedOut(Wait::Greeting) | Mark::Closed(Closed { by: Side::Server, .. })
            if !greeted && !it.tls_began() =>
        {
            let opened = it.opened().filter(|opened| opened.peer.port() == Some(465))?;
            Some(at_port(Finding::of("P02", "silent-465"), opened))
        }
        _ => None,
    }
}

fn is_plain(why: &TlsTrouble) -> bool {
    matches!(why, TlsTrouble::PlainPort(_) | TlsTrouble::NotTls(_))
}

/// P02: the server's first octets, which came at this moment, are a TLS record.
pub(super) fn wants_tls(tape: &Tape, at: Moment) -> Option<Finding> {
    let before = tape.marks().iter().take_while(|(opened, _)| *opened < at);
    let opened = before.filter_map(|(_, mark)| match mark {
        Mark::Opened(opened) => Some(opened),
        _ => None,
    });
    Some(at_port(Finding::of("P02", "wants-tls"), opened.last()?))
}

/// With the host and the port of a connection.
fn at_port(found: Finding, opened: &Opened) -> Finding {
    found.with("host", authority(&opened.host)).count("port", opened.peer.port().unwrap_or_default())
}

/// P29: a certificate that is not valid yet.
pub(super) fn clock(it: &Happening<'_>) -> Option<Finding> {
    let Mark::TlsReady(facts) = it.mark else { return None };
    let (_, why) = wrong(facts).find(|(id, _)| *id == "cert/not-yet")?;
    Some(Finding::of("P29", "not-yet").with("why", why))
}

/// P19: chain, name or dates of the certificate are not in order.
pub(super) fn certificate(it: &Happening<'_>) -> Option<Finding> {
    let Mark::TlsReady(facts) = it.mark else { return None };
    let (id, why) = wrong(facts).next()?;
    let case = match id {
        "cert/name" => "name",
        "cert/expired" => "expired",
        _ => "chain",
    };
    Some(Finding::of("P19", case).with("why", why))
}

/// What is wrong with a certificate: the name first, for it says most.
fn wrong(facts: &TlsFacts) -> impl Iterator<Item = (&str, &str)> {
    [&facts.name, &facts.dates, &facts.trust].into_iter().filter_map(|judgement| match judgement {
        Judgement::Bad { id, why } => Some((id.as_ref(), why.as_str().trim_end_matches('.'))),
        Judgement::Good | Judgement::Theirs => None,
    })
}

/// P21: the connection went to a domain itself, and the MX records of that domain name other hosts or none.
pub(super) fn wrong_host(it: &Happening<'_>) -> Option<Finding> {
    let Mark::Opened(opened) = it.mark else { return None };
    let domain = opened.host.trim_end_matches('.');
    let (row, exchangers) = it.marks().find_map(|(row, mark)| Some((row, Exchangers::of(mark, domain)?)))?;
    if exchangers.name(domain) {
        return None;
    }
    let first = exchangers.first();
    let case = if first.is_empty() { "null" } else { "address" };
    Some(Finding::of("P21", case).with("domain", domain).with("mx", first).shown_by([row]))
}

/// P27: a look-up that led here failed.
pub(super) fn name_server(it: &Happening<'_>) -> Option<Finding> {
    let Mark::LookedUp(LookUp { name, outcome, .. }) = it.mark else { return None };
    let case = match outcome.as_str() {
        "SERVFAIL" => "failed",
        "REFUSED" => "refused",
        _ => return None,
    };
    Some(Finding::of("P27", case).with("name", name.trim_end_matches('.')).with("outcome", outcome))
}

/// P28: IPv6 failed although there was a way to it, and IPv4 answered.
pub(super) fn fell_back(it: &Happening<'_>) -> Option<Finding> {
    let Mark::Opened(opened) = it.mark else { return None };
    // Without a way to IPv6 this network has none, and nothing is wrong with the host.
    let broken = |attempt: &Attempt| {
        attempt.peer.ip().is_some_and(|ip| ip.is_ipv6())
            && matches!(attempt.why, Unreached::TimedOut | Unreached::Refused | Unreached::Reset)
    };
    if !opened.peer.ip().is_some_and(|ip| ip.is_ipv4()) {
        return None;
    }
    let (row, failed) = attempts(it).find(|(_, attempt)| broken(attempt))?;
    let found = Finding::of("P28", "fell-back").with("failed", failed.peer.to_string());
    Some(found.with("peer", opened.peer.to_string()).shown_by([row]))
}
