//! P01, P02, P19, P21, P27, P28 and P29: silence, different beginnings, certificates, hosts, name servers, addresses,
//! clocks.

use crate::tape::mark::{Attempt, Failure, LookUp, Mark, Unreached, Wait};
use crate::tape::tls::{Judgement, TlsFacts, TlsTrouble};
use crate::tape::{Moment, Tape};

use super::Finding;
use super::happening::Happening;

/// P01: every address was tried on port 25, and nothing came back.
pub(super) fn silence(it: &Happening<'_>) -> Option<Finding> {
    let Mark::GaveUp(Failure::AllFailed { .. }) = it.mark else { return None };
    let attempts: Vec<_> = attempts(it).collect();
    let silent = |attempt: &Attempt| attempt.why == Unreached::TimedOut && attempt.peer.port() == 25;
    if attempts.is_empty() || !attempts.iter().all(|(_, attempt)| silent(attempt)) {
        return None;
    }
    let host = attempts.first().map(|(_, attempt)| attempt.host.clone()).unwrap_or_default();
    Some(Finding::of("P01", "silence").with("host", host).shown_by(attempts.iter().map(|(row, _)| *row)))
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
        Mark::TlsFailed(failure) if !greeted && is_plain(&failure.why) => Some(Finding::of("P02", "wants-plain")),
        Mark::TimedOut(Wait::Greeting) if !it.tls_began() => {
            let opened = it.opened().filter(|opened| opened.peer.port() == 465)?;
            Some(Finding::of("P02", "silent-465").with("host", &opened.host).count("port", 465))
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
    let opened = opened.last()?;
    Some(Finding::of("P02", "wants-tls").with("host", &opened.host).count("port", opened.peer.port()))
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
fn wrong(facts: &TlsFacts) -> impl Iterator<Item = (&'static str, &str)> {
    [&facts.name, &facts.dates, &facts.trust].into_iter().filter_map(|judgement| match judgement {
        Judgement::Bad { id, why } => Some((*id, why.as_str().trim_end_matches('.'))),
        Judgement::Good => None,
    })
}

/// P21: the connection went to a domain itself, and the MX records of that domain name other hosts or none.
pub(super) fn wrong_host(it: &Happening<'_>) -> Option<Finding> {
    let Mark::Opened(opened) = it.mark else { return None };
    let domain = opened.host.trim_end_matches('.');
    let (row, look_up) = it.marks().find_map(|(row, mark)| match mark {
        Mark::LookedUp(look_up) if look_up.kind == "MX" => Some((row, look_up)),
        _ => None,
    })?;
    let same = |name: &str| name.trim_end_matches('.').eq_ignore_ascii_case(domain);
    // An alias on the way to the records is an answer of one word.
    let records = look_up.answers.iter().filter_map(|answer| answer.split_once(' '));
    let exchangers: Vec<(u16, &str)> = records.filter_map(|(rank, host)| Some((rank.parse().ok()?, host))).collect();
    let (_, first) = exchangers.iter().min().filter(|_| same(&look_up.name))?;
    if exchangers.iter().any(|(_, host)| same(host)) {
        return None;
    }
    let case = if *first == "." { "null" } else { "address" };
    Some(Finding::of("P21", case).with("domain", domain).with("mx", first.trim_end_matches('.')).shown_by([row]))
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
        attempt.peer.is_ipv6() && matches!(attempt.why, Unreached::TimedOut | Unreached::Refused | Unreached::Reset)
    };
    if !opened.peer.is_ipv4() {
        return None;
    }
    let (row, failed) = attempts(it).find(|(_, attempt)| broken(attempt))?;
    let found = Finding::of("P28", "fell-back").with("failed", failed.peer.to_string());
    Some(found.with("peer", opened.peer.to_string()).shown_by([row]))
}
