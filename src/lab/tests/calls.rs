//! Conversations of the lab's hosts with each other: each is told as it happens, and what came of it names it.

use std::net::IpAddr;

use super::journeys::{LIST, World};
use super::*;
use crate::ports::lab::{Call, Step, Written};
use crate::ports::net::{Failure, What};
use crate::tape::Side;
use crate::tape::mark::{Attempt, Closed, Ending, LookUp, Mark, Unreached};

/// A call, whole.
pub(super) struct Whole {
    pub(super) call: Call,
    pub(super) told: Vec<What>,
}

impl Whole {
    /// What one side said in it.
    fn said(&self, side: Side) -> String {
        let bytes = self.told.iter().filter_map(|what| match what {
            What::Bytes(by, octets) if *by == side => Some(octets.to_vec()),
            _ => None,
        });
        String::from_utf8(bytes.flatten().collect()).expect("UTF-8")
    }

    pub(super) fn marks(&self) -> Vec<&Mark> {
        self.told.iter().filter_map(|what| if let What::Mark(mark) = what { Some(mark) } else { None }).collect()
    }
}

impl World {
    /// The next call, heard to its end: of a host, if it matters.
    pub(super) async fn whole(&mut self, by: Option<&str>) -> Whole {
        let begins = |signal: &Signal| match signal {
            Signal::Called(call) if by.is_none_or(|by| call.from == by) => Some(call.clone()),
            _ => None,
        };
        let call = self.hear("a call", begins).await;
        let of_it = |signal: &Signal| match signal {
            Signal::Heard { visit, what, .. } if *visit == call.id => Some(what.clone()),
            _ => None,
        };
        let mut told = Vec::new();
        while !matches!(told.last(), Some(What::Ended | What::Failed(_))) {
            told.push(self.hear("its end", of_it).await);
        }
        Whole { call, told }
    }
}

/// The next try in which nothing was said of the letter: the server, why, and the call.
async fn tried(world: &mut World) -> (String, String, VisitId) {
    let tried = |step: &Step| match step {
        Step::Tried { server, why, call, .. } => Some((server.clone(), why.clone(), *call)),
        _ => None,
    };
    world.step("a try", tried).await
}

#[tokio::test]
async fn a_hop_is_told_whole_with_the_look_ups_that_led_there_and_its_certificate() {
    let mut world = World::open().await;
    world.submit("<mina@you.test>", &["<pat@harbor.test>"]).await;
    let whole = world.whole(None).await;
    let call = &whole.call;
    assert_eq!((call.from.as_str(), call.host.as_str()), ("submit.you.test", "mx1.harbor.test"));
    assert_eq!(call.to, MX1.parse().expect("an address"));
    let hop = world.step("a hop", |step| if let Step::Hop { call, .. } = step { Some(*call) } else { None });
    assert_eq!(hop.await, call.id);
    let lines = whole.said(Side::Client);
    let verbs: Vec<_> = lines.lines().filter_map(|line| line.split([' ', ':']).next()).collect();
    assert_eq!(verbs[..6], ["EHLO", "STARTTLS", "EHLO", "MAIL", "RCPT", "DATA"], "{lines}");
    assert!(lines.ends_with("Off we go.\r\n.\r\nQUIT\r\n"), "{lines}");
    assert!(whole.said(Side::Server).contains("250 2.0.0 Queued as H-"));
    let marks = whole.marks();
    let kinds: Vec<_> = marks
        .iter()
        .filter_map(|mark| if let Mark::LookedUp(LookUp { kind, .. }) = mark { Some(kind.as_str()) } else { None })
        .collect();
    assert_eq!(kinds, ["MX", "A", "AAAA", "TXT", "TLSA"], "submit.you.test goes by MTA-STS and DANE");
    let facts = marks.iter().find_map(|mark| if let Mark::TlsReady(facts) = mark { Some(facts) } else { None });
    assert!(facts.is_some_and(|facts| facts.verified() && facts.version == "TLS 1.3"), "{facts:?}");
    assert_eq!(marks.last(), Some(&&Mark::Closed(Closed { by: Side::Client, how: Ending::Clean })));
    assert!(matches!(whole.told.last(), Some(What::Ended)));
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_a_call_that_failed() {
    let mut world = World::open().await;
    let mx1 = IpAddr::from([192, 0, 2, 10]);
    world.room.lab.links().lose(mx1, Some(links::Loss::Refused));
    world.submit("<mina@you.test>", &["<pat@harbor.test>"]).await;
    let failed = world.whole(None).await;
    let refused = Attempt {
        host: "mx1.harbor.test".into(),
        peer: SocketAddr::new(mx1, 25).into(),
        why: Unreached::Refused,
        took: Duration::ZERO,
    };
    assert_eq!(failed.marks().last(), Some(&&Mark::Refused(refused)));
    assert!(matches!(failed.told.last(), Some(What::Failed(Failure::AllFailed { tried: 1, known: 1 }))));
    let (server, why, id) = tried(&mut world).await;
    assert_eq!((server.as_str(), id), ("mx1.harbor.test", failed.call.id));
    assert!(why.contains("cannot be reached"), "{why}");
    // Its next address has it then.
    let second = world.whole(None).await;
    assert!(second.call.host == "mx1.harbor.test" && second.call.to.is_ipv6(), "{:?}", second.call.to);
    assert!(second.said(Side::Server).contains("250 2.0.0 Queued as H-"));
}

#[tokio::test]
async fn where_tls_fails_there_are_two_calls_and_the_first_says_why() {
    let mut world = World::open().await;
    world.room.lab.change(&Change::Fault { host: "mx1.harbor.test".into(), name: "tls-alert".into() }).unwrap();
    world.bring(LIST, "<mina@you.test>", &["<field@list.test>"]).await;
    let first = world.whole(None).await;
    assert!(first.marks().iter().any(|mark| matches!(mark, Mark::TlsFailed(_))), "{:?}", first.told);
    let (_, why, id) = tried(&mut world).await;
    assert_eq!((why.as_str(), id), ("The TLS handshake failed.", first.call.id));
    let second = world.whole(None).await;
    assert!(!second.said(Side::Client).contains("STARTTLS"), "the letter goes without");
    assert!(second.said(Side::Client).contains("MAIL FROM"));
}

#[tokio::test]
async fn what_stands_behind_the_220_ends_a_call_before_the_handshake() {
    let mut world = World::open().await;
    world.room.lab.change(&Change::Fault { host: "mx1.harbor.test".into(), name: "inject".into() }).unwrap();
    world.bring(LIST, "<mina@you.test>", &["<field@list.test>"]).await;
    let first = world.whole(None).await;
    let marks = first.marks();
    assert_eq!(marks.last(), Some(&&Mark::Closed(Closed { by: Side::Client, how: Ending::Injected })), "{marks:?}");
    assert!(!marks.iter().any(|mark| matches!(mark, Mark::TlsStarted { .. })), "{marks:?}");
}

#[tokio::test]
async fn a_greylister_tells_by_what_it_knows_a_letter_and_a_host_tells_what_it_writes() {
    let mut world = World::open().await;
    world.submit("<mina@you.test>", &["<gran@grey.test>", "<nobody@old.test>"]).await;
    let grey = |step: &Step| match step {
        Step::Judged { check, about, result, why } if check == "grey" => {
            Some((about.clone(), result.clone(), why.clone()))
        }
        _ => None,
    };
    let (about, result, why) = world.step("the greylister", grey).await;
    assert_eq!(about, "198.51.100.25 + <mina@you.test> + <gran@grey.test>");
    assert_eq!((result.as_str(), why.as_str()), ("later", "the three are known together in 300 s"));
    let written = |step: &Step| match step {
        Step::Wrote { id, kind, from, to } => Some((id.clone(), *kind, from.clone(), to.clone())),
        _ => None,
    };
    let (id, kind, from, to) = world.step("a report", written).await;
    assert_eq!((kind, from.as_str(), to), (Written::Report, "", vec!["mina@you.test".to_owned()]));
    let report = world.letter("mina@you.test").await;
    assert!(String::from_utf8_lossy(&report.letter).contains(&format!("<{id}@submit.you.test>")), "{id}");
}
