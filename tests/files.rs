//! Files as letters, from the disk to a mailbox of the lab, through the real network code.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on must stop")]

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use ehlo::ports::lab;
use ehlo::ports::net::{Act, Body, Letter, Place, Request, SessionId, Target, What};
use ehlo::run::services::{Services, Setup};
use ehlo::session::Signal;
use ehlo::smtp::data::Wire;
use ehlo::tape::Side;
use ehlo::tape::mark::Mark;
use tempfile::NamedTempFile;

const SESSION: SessionId = SessionId(1);
const MIB: usize = 1024 * 1024;

/// What came of a letter.
#[derive(Debug, Default)]
struct Outcome {
    /// All that the server said.
    server: String,
    /// Octets of the client, those that were only counted too.
    client: u64,
    /// The last octets of the client.
    tail: Vec<u8>,
    /// Why the file was not read to its end.
    unread: Option<String>,
    /// What lies in the mailbox, without the trace lines.
    delivered: Vec<Vec<u8>>,
}

/// Sends a file as the letter to pat, and says goodbye; without an end there is no goodbye, and we close.
async fn post(path: &Path, octets: Option<u64>) -> Outcome {
    let setup = Setup::new(1);
    let mut services = Services::start(setup).await;
    let target = Target::new("mx1.harbor.test", 25, Place::Lab);
    services.net(Request::Open(SESSION, target)).expect("a request");
    let act = |act| services.net(Request::Do(SESSION, act)).expect("a request");
    for line in ["EHLO laptop.you.test", "MAIL FROM:<you@you.test>", "RCPT TO:<pat@harbor.test>", "DATA"] {
        act(Act::Send(format!("{line}\r\n").as_bytes().into()));
    }
    act(Act::Post(Letter { body: Body::File(path.to_owned()), wire: Wire::Normalise, octets }));
    act(Act::Send((*b"QUIT\r\n").into()));
    let mut outcome = Outcome::default();
    loop {
        let signal = tokio::time::timeout(Duration::from_mins(1), services.signals.recv()).await;
        match signal.expect("in time").expect("the services run") {
            Signal::Lab(lab::Signal::Delivered(letter)) => {
                outcome.delivered.push(stored(&letter));
            }
            Signal::Dns(_) | Signal::Lab(_) => {}
            Signal::Net(signal) => match signal.what {
                What::Bytes(Side::Client, octets) => {
                    outcome.client += octets.len() as u64;
                    outcome.tail = octets.to_vec();
                }
                What::Elided(Side::Client, octets) => outcome.client += octets,
                What::Bytes(Side::Server, octets) => {
                    outcome.server.push_str(std::str::from_utf8(&octets).expect("ASCII"));
                }
                What::Mark(Mark::Unread { why, .. }) => {
                    outcome.unread = Some(why);
                    services.net(Request::Do(SESSION, Act::Close)).expect("a request");
                }
                What::Mark(_) => {}
                // The letter is told before the 250 that confirms it, but on a way of its own.
                What::Ended if outcome.server.contains("queued") && outcome.delivered.is_empty() => {
                    while outcome.delivered.is_empty() {
                        let signal = services.signals.recv().await.expect("a letter that was queued is delivered");
                        if let Signal::Lab(lab::Signal::Delivered(letter)) = signal {
                            outcome.delivered.push(stored(&letter));
                        }
                    }
                    return outcome;
                }
                What::Ended => return outcome,
                other => panic!("{other:?}"),
            },
        }
    }
}

/// A letter without the trace lines on top.
fn stored(letter: &lab::Delivered) -> Vec<u8> {
    letter.letter.get(letter.added..).expect("a letter").to_vec()
}

/// A file of about so many octets, with lines that begin with dots, and what it holds.
fn file(octets: usize) -> (NamedTempFile, Vec<u8>) {
    let mut content = b"Subject: large\r\n\r\n".to_vec();
    let mut number = 0;
    while content.len() < octets {
        number += 1;
        let dots = ".".repeat(number % 4);
        content.extend_from_slice(format!("{dots}line {number} of the letter\r\n").as_bytes());
    }
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(&content).expect("room on the disk");
    (file, content)
}

#[tokio::test]
async fn a_file_of_five_mebibytes_lies_in_the_mailbox_octet_for_octet() {
    let (file, content) = file(5 * MIB);
    let outcome = post(file.path(), Some(content.len() as u64)).await;
    assert!(outcome.server.contains("\r\n354 "), "{}", outcome.server);
    assert_eq!(outcome.delivered.len(), 1, "{}", outcome.server);
    assert!(outcome.delivered[0] == content, "{} octets of {}", outcome.delivered[0].len(), content.len());
    assert!(outcome.tail.ends_with(b"QUIT\r\n") && outcome.client > content.len() as u64);
}

#[tokio::test]
async fn a_file_of_twenty_mebibytes_is_too_much_for_the_lab() {
    let (file, content) = file(20 * MIB);
    let outcome = post(file.path(), Some(content.len() as u64)).await;
    assert!(outcome.server.contains("\r\n552 "), "{}", outcome.server);
    assert!(outcome.client > content.len() as u64, "all of it went: {}", outcome.client);
    assert!(outcome.delivered.is_empty());
}

#[tokio::test]
async fn a_file_with_other_octets_than_before_is_never_ended() {
    let (file, content) = file(5 * MIB);
    let len = content.len() as u64;
    for (before, why) in [(len + 1, "it shrank"), (len - 1, "it grew")] {
        let outcome = post(file.path(), Some(before)).await;
        assert!(outcome.unread.as_deref().is_some_and(|told| told.contains(why)), "{:?}", outcome.unread);
        assert!(!outcome.tail.ends_with(b"\r\n.\r\n") && !outcome.tail.ends_with(b"QUIT\r\n"));
        assert!(outcome.server.lines().last().is_some_and(|line| line.starts_with("354 ")), "{}", outcome.server);
        assert!(outcome.delivered.is_empty(), "a part of it was delivered");
    }
}

#[tokio::test]
async fn a_file_that_is_gone_is_told_and_not_ended() {
    let (file, content) = file(10);
    let path = file.path().to_owned();
    drop(file);
    let outcome = post(&path, Some(content.len() as u64)).await;
    assert!(outcome.unread.is_some() && outcome.tail == b"DATA\r\n", "{outcome:?}");
    assert!(outcome.delivered.is_empty());
}
