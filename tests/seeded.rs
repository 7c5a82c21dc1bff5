//! The same seed gives the same bytes: sessions with the lab through the real network code, run twice and compared with
//! what is written down.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must stop")]

use std::time::Duration;

use ehlo::ports::lab;
use ehlo::ports::net::{Act, Opening, Place, Request, SessionId, Target, What};
use ehlo::run::services::{Services, Setup};
use ehlo::session::Signal;
use ehlo::tape::Side;
use ehlo::tape::mark::Mark;

/// What came of a session: both lanes whole, what was certified, and the letters.
#[derive(Debug, PartialEq, Eq)]
struct Kept {
    client: String,
    server: String,
    certificates: Vec<String>,
    letters: Vec<String>,
}

const SESSION: SessionId = SessionId(1);

/// A session in which each item is sent when the server is ready for it: `first` at once, `secured` inside TLS.
async fn session(seed: u64, target: (&str, u16, Opening), first: &[&str], secured: &[&str]) -> Kept {
    let setup = Setup::new(seed);
    let mut services = Services::start(setup).await;
    assert_eq!(services.complaint, None);
    let (host, port, opening) = target;
    let target = Target { opening, ..Target::new(host, port, Place::Lab) };
    services.net(Request::Open(SESSION, target)).expect("a request");
    send(&services, first);
    let (mut client, mut server) = (Vec::new(), Vec::new());
    let (mut certificates, mut letters) = (Vec::new(), Vec::new());
    let mut ended = false;
    // The letter is told before the 250 that confirms it, but on a way of its own.
    while !ended || letters.is_empty() {
        let signal = tokio::time::timeout(Duration::from_secs(20), services.signals.recv()).await;
        match signal.expect("in time").expect("the services run") {
            Signal::Lab(lab::Signal::Delivered(letter)) => letters.push(text(&letter.letter)),
            // Nobody comes from outside.
            Signal::Dns(_) | Signal::Lab(_) => {}
            Signal::Net(signal) => match signal.what {
                What::Bytes(Side::Client, octets) => client.extend_from_slice(&octets),
                What::Bytes(Side::Server, octets) => server.extend_from_slice(&octets),
                What::Mark(Mark::TlsReady(facts)) => {
                    assert!(facts.verified(), "{facts:?}");
                    certificates.extend(facts.chain.iter().map(|shown| shown.sha256.clone()));
                    send(&services, secured);
                }
                What::Mark(_) => {}
                What::Ended => ended = true,
                other => panic!("{other:?}"),
            },
        }
    }
    Kept { client: text(&client), server: text(&server), certificates, letters }
}

fn send(services: &Services, items: &[&str]) {
    for item in items {
        services.net(Request::Do(SESSION, Act::Send(item.as_bytes().into()))).expect("a request");
    }
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).expect("ASCII")
}

const LETTER: &str = "From: mina@you.test\r\nTo: pat@harbor.test\r\nSubject: tide\r\n\r\nHigh at six.\r\n..\r\n.\r\n";

/// Plain text first, then STARTTLS, then a letter.
async fn with_the_harbor(seed: u64) -> Kept {
    let first = ["EHLO laptop.you.test\r\n", "VRFY pat\r\n", "STARTTLS\r\n"];
    let secured = [
        "EHLO laptop.you.test\r\n",
        "MAIL FROM:<mina@you.test>\r\n",
        "RCPT TO:<nobody@harbor.test>\r\n",
        "RCPT TO:<pat@harbor.test>\r\n",
        "DATA\r\n",
        LETTER,
        "QUIT\r\n",
    ];
    session(seed, ("mx1.harbor.test", 25, Opening::Plain), &first, &secured).await
}

#[tokio::test]
async fn c250_the_same_seed_gives_the_same_bytes_as_ever() {
    let (first, again) = (with_the_harbor(1).await, with_the_harbor(1).await);
    assert_eq!(first, again);
    insta::assert_debug_snapshot!("harbor", first);
}

#[tokio::test]
async fn c250_another_seed_gives_other_keys_and_the_same_dialogue() {
    let (one, two) = (with_the_harbor(1).await, with_the_harbor(2).await);
    assert_eq!((&one.client, &one.server, &one.letters), (&two.client, &two.server, &two.letters));
    assert_ne!(one.certificates, two.certificates);
}

#[tokio::test]
async fn c250_a_letter_over_implicit_tls_is_the_same_each_time() {
    let items = [
        "EHLO laptop.you.test\r\n",
        "AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy\r\n",
        "MAIL FROM:<mina@you.test>\r\n",
        "RCPT TO:<pat@harbor.test>\r\n",
        "DATA\r\n",
        LETTER,
        "QUIT\r\n",
    ];
    let target = ("submit.you.test", 465, Opening::ImplicitTls);
    let kept = [session(1, target, &[], &items).await, session(1, target, &[], &items).await];
    assert_eq!(kept[0], kept[1]);
    assert!(kept[0].letters[0].contains(" with ESMTPSA "), "{}", kept[0].letters[0]);
}
