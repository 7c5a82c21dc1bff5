//! Sessions written down as people read them, and the tape that they are.
//!
//! ```text
//! * connected 192.0.2.10:25 from 192.0.2.7      a mark; the others stand in `mark`
//! < 220 mx.example.test ESMTP                   a line of the server, with CR LF
//! > EHLO laptop.you.test                        a line of the client, with CR LF
//! << "250 ok\n"    >> "NOOP\n"                  exact bytes, with C escapes
//! ```
//!
//! Each step comes ten milliseconds after the one before.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ehlo::tape::mark::{Attempt, Closed, Ending, Failure, LookUp, Mark, Opened, Unreached, Wait};
use ehlo::tape::peer::Peer;
use ehlo::tape::tls::{Judgement, TlsFacts, TlsFailure, TlsTrouble};
use ehlo::tape::{Moment, Side, Tape};

/// Something that happens in a session.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Bytes(Side, Vec<u8>),
    Mark(Mark),
}

/// The steps of a session.
pub(crate) fn steps(talk: &str) -> Vec<Step> {
    talk.lines().filter(|line| !line.trim().is_empty()).map(step).collect()
}

/// Takes a step at the end of a tape.
pub(crate) fn take(tape: &mut Tape, number: usize, step: &Step) {
    let at = Moment::from_millis(10 * (number as u64 + 1));
    match step {
        Step::Bytes(side, bytes) => tape.push(*side, at, bytes),
        Step::Mark(mark) => tape.mark(at, mark.clone()),
    }
}

fn step(line: &str) -> Step {
    let with_end = |text: &str| format!("{text}\r\n").into_bytes();
    match line.split_once(' ').unwrap_or((line, "")) {
        ("<", text) => Step::Bytes(Side::Server, with_end(text)),
        (">", text) => Step::Bytes(Side::Client, with_end(text)),
        ("<<", text) => Step::Bytes(Side::Server, unescaped(text)),
        (">>", text) => Step::Bytes(Side::Client, unescaped(text)),
        ("*", text) => Step::Mark(mark(text)),
        _ => panic!("no step of a session: {line}"),
    }
}

fn unescaped(text: &str) -> Vec<u8> {
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).expect("exact bytes stand in quotes");
    let mut bytes = Vec::new();
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            bytes.extend(character.to_string().bytes());
            continue;
        }
        match rest.next().expect("something is escaped") {
            'r' => bytes.push(b'\r'),
            'n' => bytes.push(b'\n'),
            't' => bytes.push(b'\t'),
            'x' => {
                let digits: String = rest.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(&digits, 16).expect("two hex digits"));
            }
            other => bytes.extend(other.to_string().bytes()),
        }
    }
    bytes
}

fn mark(text: &str) -> Mark {
    let words: Vec<&str> = text.split(' ').collect();
    match words.as_slice() {
        ["looked", "up", kind, name, outcome, answers @ ..] => Mark::LookedUp(LookUp {
            name: (*name).into(),
            kind: (*kind).into(),
            // An MX record is two words.
            answers: answers.chunks(if *kind == "MX" { 2 } else { 1 }).map(|answer| answer.join(" ")).collect(),
            outcome: (*outcome).into(),
            source: "system 192.0.2.53".into(),
            ttl: Some(300),
            took: Duration::from_millis(3),
        }),
        ["connected", peer] => opened(peer, None),
        ["connected", peer, "from", local] => opened(peer, Some(local)),
        ["unanswered", peer] => refused(peer, Unreached::TimedOut),
        ["refused", peer] => refused(peer, Unreached::Refused),
        ["reset", peer] => refused(peer, Unreached::Reset),
        ["unreachable", peer] => refused(peer, Unreached::Unreachable),
        ["gave", "up"] => Mark::GaveUp(Failure::AllFailed { tried: 1, known: 1 }),
        ["tls", "starts"] => Mark::TlsStarted { sni: Some("mx.example.test".into()) },
        ["tls", "ready"] => ready("", ""),
        ["tls", "ready", "but", id, why @ ..] => ready(id, &why.join(" ")),
        ["tls", "failed", why] => failed(why),
        ["no", what] => Mark::TimedOut(wait(what)),
        ["closed", "by", by] => Mark::Closed(Closed { by: side(by), how: Ending::Clean }),
        _ => panic!("no mark of a session: {text}"),
    }
}

fn opened(peer: &str, local: Option<&str>) -> Mark {
    let local = local.map(|address| SocketAddr::new(address.parse::<IpAddr>().expect("an address"), 40_000));
    let peer = Peer::Inet(peer.parse().expect("an address and a port"));
    Mark::Opened(Opened { host: "mx.example.test".into(), peer, local, lmtp: false, took: Duration::from_millis(9) })
}

fn refused(peer: &str, why: Unreached) -> Mark {
    let peer = Peer::Inet(peer.parse().expect("an address and a port"));
    Mark::Refused(Attempt { host: "mx.example.test".into(), peer, why, took: Duration::from_secs(10) })
}

fn wait(what: &str) -> Wait {
    match what {
        "greeting" => Wait::Greeting,
        "reply" => Wait::Reply,
        "354" => Wait::DataStart,
        "progress" => Wait::DataBlock,
        "verdict" => Wait::DataEnd,
        "handshake" => Wait::Tls,
        _ => panic!("nothing to wait for: {what}"),
    }
}

fn side(by: &str) -> Side {
    match by {
        "client" => Side::Client,
        "server" => Side::Server,
        _ => panic!("no side: {by}"),
    }
}

fn failed(why: &str) -> Mark {
    let why = match why {
        "plain-port" => TlsTrouble::PlainPort(b"220 mx".to_vec()),
        "not-tls" => TlsTrouble::NotTls(b"421 no".to_vec()),
        "alert" => TlsTrouble::Alert("handshake_failure".into()),
        "version" => TlsTrouble::Version,
        _ => panic!("no trouble with TLS: {why}"),
    };
    Mark::TlsFailed(TlsFailure { took: Duration::from_millis(5), ..TlsFailure::at_once(why) })
}

/// A handshake whose certificate has one fault, or none.
fn ready(fault: &str, why: &str) -> Mark {
    let judged = |ids: &[&'static str]| match ids.iter().find(|id| **id == fault) {
        Some(id) => Judgement::Bad { id: (*id).into(), why: why.into() },
        None => Judgement::Good,
    };
    Mark::TlsReady(Box::new(TlsFacts {
        version: "TLS 1.3".into(),
        suite: "TLS13_AES_256_GCM_SHA384".into(),
        group: None,
        sni: Some("mx.example.test".into()),
        expected: "mx.example.test".into(),
        chain: Vec::new(),
        trust: judged(&["cert/unknown-ca"]),
        name: judged(&["cert/name"]),
        dates: judged(&["cert/expired", "cert/not-yet"]),
        records: Vec::new(),
        terms: ehlo::tape::tls::Terms::default(),
        took: Duration::from_millis(20),
    }))
}
