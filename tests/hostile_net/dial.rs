//! Dialling: addresses in order, each failure with its reason, never for ever.

use std::io::ErrorKind;
use std::net::SocketAddr;

use ehlo::dialogue::phase::Phase;
use ehlo::net::{Config, World};
use ehlo::ports::dns::Source;
use ehlo::ports::net::{Failure, Family, Place, Request, Route, SessionId, Target};
use ehlo::tape::mark::{Attempt, Mark, Unreached};
use tokio::net::UdpSocket;
use tokio::time::Instant;

use crate::stage::{Calls, Peer, Play, Stage, config, target, tell, world};

/// Greets and leaves.
fn greets() -> Peer {
    Peer::plays(|mut peer| async move { tell(&mut peer, "220 hi\r\n").await })
}

async fn play(pinned: &[&str], peer: impl Fn(SocketAddr) -> Peer + Send + Sync + 'static) -> Play {
    let mut play = Play::open(config(world(Stage(peer), &[])), target(pinned)).await;
    play.until(|tape| tape.marks().iter().any(|(_, mark)| matches!(mark, Mark::Opened(_)))).await;
    play
}

fn refusals(play: &Play) -> Vec<Unreached> {
    let refused = |mark: &Mark| if let Mark::Refused(Attempt { why, .. }) = mark { Some(*why) } else { None };
    play.marks().filter_map(refused).collect()
}

fn gave_up(play: &Play) -> Option<&Failure> {
    play.marks().find_map(|mark| if let Mark::GaveUp(failure) = mark { Some(failure) } else { None })
}

/// The address of the one connection that stands.
fn opened(play: &Play) -> Option<SocketAddr> {
    play.marks().find_map(|mark| if let Mark::Opened(opened) = mark { opened.peer.inet() } else { None })
}

#[tokio::test(start_paused = true)]
async fn n166_a_refusing_address_is_marked_and_the_next_one_tried() {
    let play = play(&["192.0.2.1", "192.0.2.2"], |addr| match addr.ip().to_string().as_str() {
        "192.0.2.1" => Peer::Fails(ErrorKind::ConnectionRefused),
        _ => greets(),
    })
    .await;
    assert_eq!(refusals(&play), [Unreached::Refused]);
    assert_eq!(opened(&play), Some(([192, 0, 2, 2], 25).into()));
    assert_eq!(play.ids(), ["net/refused"]);
    assert_eq!(play.phase(), Phase::Opening);
    assert_eq!((play.server(), play.client()), (String::new(), String::new()));
}

#[tokio::test]
async fn n166_a_port_that_nobody_listens_on_refuses() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let at = Target { port, ..target(&["127.0.0.1"]) };
    let mut play = Play::open(config(World::live(None).unwrap()), at).await;
    play.until_its_end().await;
    assert_eq!(refusals(&play), [Unreached::Refused]);
    assert_eq!(gave_up(&play), Some(&Failure::AllFailed { tried: 1, known: 1 }));
    assert_eq!(play.ids(), ["net/refused", "net/all-failed"]);
    assert_eq!(play.phase(), Phase::Closed);
}

#[tokio::test(start_paused = true)]
async fn n167_an_address_that_never_answers_costs_ten_seconds() {
    let begun = Instant::now();
    let play = play(&["192.0.2.1", "192.0.2.2"], |addr| match addr.ip().to_string().as_str() {
        "192.0.2.1" => Peer::Silent,
        _ => greets(),
    })
    .await;
    assert_eq!(begun.elapsed().as_secs(), 10);
    assert_eq!(refusals(&play), [Unreached::TimedOut]);
    assert_eq!(play.ids(), ["net/timeout"]);
    assert_eq!(play.phase(), Phase::Opening);
    assert_eq!((play.server(), play.client()), (String::new(), String::new()));
}

#[tokio::test(start_paused = true)]
async fn n172_an_address_without_a_route_gives_way_to_the_other_family() {
    for (dead, alive) in [("2001:db8::1", "192.0.2.1"), ("192.0.2.1", "2001:db8::1")] {
        let play = play(&[dead, alive], move |addr| {
            if addr.ip().to_string() == dead { Peer::Fails(ErrorKind::NetworkUnreachable) } else { greets() }
        })
        .await;
        assert_eq!(refusals(&play), [Unreached::Unreachable]);
        assert_eq!(opened(&play).map(|peer| peer.ip().to_string()).as_deref(), Some(alive));
        assert_eq!(play.ids(), ["net/unreachable"]);
        assert_eq!(play.phase(), Phase::Opening);
        assert_eq!((play.server(), play.client()), (String::new(), String::new()));
    }
}

#[tokio::test(start_paused = true)]
async fn of_one_family_only_its_addresses_are_tried() {
    let both = ["2001:db8::1", "192.0.2.1"];
    for (only, alive) in [(Family::V4, "192.0.2.1"), (Family::V6, "2001:db8::1")] {
        let route = Route { only: Some(only), ..Route::default() };
        let at = Target { route, ..target(&both) };
        let mut play = Play::open(config(world(Stage(|_| greets()), &[])), at).await;
        play.until(|tape| tape.marks().iter().any(|(_, mark)| matches!(mark, Mark::Opened(_)))).await;
        assert_eq!(opened(&play).map(|peer| peer.ip().to_string()).as_deref(), Some(alive));
        assert!(refusals(&play).is_empty());
    }
    let route = Route { only: Some(Family::V6), ..Route::default() };
    let mut play =
        Play::open(config(world(Stage(|_| greets()), &[])), Target { route, ..target(&["192.0.2.1"]) }).await;
    play.until_its_end().await;
    let outcome = "none of the 1 is IPv6, and only that was asked for".into();
    assert_eq!(gave_up(&play), Some(&Failure::NoAddress { outcome }));
}

#[cfg(target_os = "linux")] // every address of 127.0.0.0/8 is the machine's own there
#[tokio::test]
async fn a_connection_leaves_from_the_own_address_that_was_chosen() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let from = |address: [u8; 4]| Route { from: Some((address, 0).into()), ..Route::default() };
    let at = Target { port, route: from([127, 0, 0, 2]), ..target(&["127.0.0.1"]) };
    let mut play = Play::open(config(World::live(None).unwrap()), at.clone()).await;
    let (_stream, peer) = listener.accept().await.unwrap();
    assert_eq!(peer.ip().to_string(), "127.0.0.2");
    play.until(|tape| tape.marks().iter().any(|(_, mark)| matches!(mark, Mark::Opened(_)))).await;
    let foreign = Target { route: from([192, 0, 2, 7]), ..at };
    let mut play = Play::open(config(World::live(None).unwrap()), foreign).await;
    play.until_its_end().await;
    assert_eq!(refusals(&play), [Unreached::Source]);
    assert_eq!(play.ids(), ["net/source", "net/all-failed"]);
}

#[tokio::test(start_paused = true)]
async fn n173_of_twenty_dead_addresses_eight_are_tried_in_thirty_seconds_at_most() {
    let addresses: Vec<String> = (1..=20).map(|last| format!("192.0.2.{last}")).collect();
    let pinned: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let refused = play(&pinned, |_| Peer::Fails(ErrorKind::ConnectionRefused)).await;
    assert_eq!(gave_up(&refused), Some(&Failure::AllFailed { tried: 8, known: 20 }));
    assert_eq!(refused.ids().last(), Some(&"net/all-failed"));
    assert_eq!(refused.phase(), Phase::Closed);

    let begun = Instant::now();
    let calls = Calls::default();
    let counted = calls.clone();
    let silent = play(&pinned, move |addr| {
        counted.note(addr);
        Peer::Silent
    })
    .await;
    assert_eq!(begun.elapsed().as_secs(), 30);
    assert_eq!(calls.count(), 3);
    assert_eq!(gave_up(&silent), Some(&Failure::AllFailed { tried: 3, known: 20 }));
    assert_eq!((silent.server(), silent.client()), (String::new(), String::new()));
}

#[tokio::test(start_paused = true)]
async fn n174_trouble_of_our_own_is_told_apart_from_the_peers() {
    let local = play(&["192.0.2.1"], |_| Peer::Fails(ErrorKind::AddrNotAvailable)).await;
    assert_eq!(refusals(&local), [Unreached::Local]);
    assert_eq!(local.ids(), ["net/local", "net/all-failed"]);
    let down = play(&["192.0.2.1"], |_| Peer::Fails(ErrorKind::NetworkUnreachable)).await;
    assert_eq!(refusals(&down), [Unreached::Unreachable]);
    assert_eq!(down.ids(), ["net/unreachable", "net/all-failed"]);
    assert_eq!(down.phase(), Phase::Closed);
    assert_eq!((down.server(), down.client()), (String::new(), String::new()));
}

#[tokio::test(start_paused = true)]
async fn n178_no_address_is_no_destination_and_others_are_shown_as_resolved() {
    for nowhere in ["0.0.0.0", "::"] {
        let play = play(&[nowhere], |_| panic!("nothing is dialled")).await;
        let Some(Failure::BadTarget { why }) = gave_up(&play) else { panic!("{nowhere}") };
        assert!(why.starts_with(&format!("{nowhere} is not a destination")), "{why}");
    }
    for (host, address) in [("0.0.0.0", None), ("[::]", None), ("localhost", Some("127.0.0.1:25"))] {
        let at = Target { host: host.into(), ..target(&[]) };
        let mut play = Play::open(config(world(Stage(|_| greets()), &[])), at).await;
        play.until_heard("220 hi\r\n").await;
        assert_eq!(opened(&play).map(|peer| peer.to_string()).as_deref(), address, "{host}");
        assert_eq!(play.phase(), if address.is_some() { Phase::Ready } else { Phase::Closed });
    }
}

#[tokio::test(start_paused = true)]
async fn n179_port_0_is_refused_before_anything_is_dialled() {
    let at = Target { port: 0, ..target(&["192.0.2.1"]) };
    let mut play = Play::open(config(world(Stage(|_| panic!("nothing is dialled")), &[])), at).await;
    play.until_its_end().await;
    assert_eq!(gave_up(&play), Some(&Failure::BadTarget { why: "port 0 is no port; use 1 to 65535".into() }));
    assert_eq!(play.phase(), Phase::Closed);
}

/// A name server that never answers, and a target that asks it.
async fn asking(host: &str, place: Place) -> (UdpSocket, Target) {
    let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let source = Source::Server(server.local_addr().unwrap());
    (server, Target { host: host.into(), place, source, ..target(&[]) })
}

/// The name that a question asks for, in lower case, its labels joined by dots.
async fn asked(server: &UdpSocket) -> String {
    let mut question = [0; 512];
    let octets = server.recv(&mut question).await.unwrap();
    let mut labels = &question[12..octets];
    let mut name = String::new();
    while let Some((&length, rest)) = labels.split_first().filter(|(length, _)| **length > 0) {
        let (label, rest) = rest.split_at(length.into());
        name.push_str(&String::from_utf8_lossy(label).to_ascii_lowercase());
        name.push('.');
        labels = rest;
    }
    name
}

#[tokio::test]
async fn each_session_asks_the_name_server_that_was_chosen_for_it() {
    let (one, first) = asking("one.example.org", Place::Live).await;
    let (two, second) = asking("two.example.org", Place::Live).await;
    let net = ehlo::net::start(config(world(Stage(|_| greets()), &[])));
    net.requests.send(Request::Open(SessionId(1), first)).await.unwrap();
    net.requests.send(Request::Open(SessionId(2), second)).await.unwrap();
    assert_eq!((asked(&one).await.as_str(), asked(&two).await.as_str()), ("one.example.org.", "two.example.org."));
}

#[tokio::test]
async fn a_host_of_the_lab_is_asked_of_nobody_else() {
    let (server, lab) = asking("mx1.harbor.test", Place::Lab).await;
    let world = || world(Stage(|_| greets()), &[]);
    let mut play = Play::open(Config { lab: Some(world()), ..config(world()) }, lab).await;
    play.until_its_end().await;
    assert!(matches!(gave_up(&play), Some(Failure::NoAddress { .. })), "there is no lab to ask");
    let none = server.try_recv(&mut [0; 1]).map_err(|error| error.kind());
    assert_eq!(none, Err(ErrorKind::WouldBlock), "no question left");
}
