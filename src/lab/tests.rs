//! Sessions with the lab's hosts, over its streams in memory.

mod calls;
mod cast;
mod changes;
mod faults;
mod journeys;
mod judged;
mod lists;
mod magic;
mod outside;
mod promises;

use std::io::ErrorKind;
use std::time::Duration;

use rustls::pki_types::{ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;

use super::changes::NotChanged;
use super::*;
use crate::ports::lab::Delivered;
use crate::ports::lab::change::{Change, Loss, NameFault, Spot};
use crate::ports::lab::setting::Setting;
use crate::smtp::sasl::encode;

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// A lab and the letters it delivers.
struct Room {
    lab: Lab,
    letters: mpsc::Receiver<Signal>,
}

/// A client's end of a session.
struct Talk {
    stream: Box<dyn Stream>,
    unread: Vec<u8>,
}

impl Room {
    async fn open() -> Self {
        let (told, letters) = mpsc::channel(2000);
        Self { lab: start(7, told).await.expect("a lab"), letters }
    }

    /// The next letter that lies in a mailbox, if there is one already.
    fn next_letter(&mut self) -> Option<Delivered> {
        std::iter::from_fn(|| self.letters.try_recv().ok()).find_map(|signal| match signal {
            Signal::Delivered(letter) => Some(letter),
            _ => None,
        })
    }

    /// What the learner's machine gets when it connects.
    fn connect(&self, address: &str) -> io::Result<DuplexStream> {
        let hosts = self.lab.hosts();
        hosts.connect(address.parse().expect("an address"), hosts.laptop())
    }

    /// A session whose greeting is still to be read.
    fn dial(&self, address: &str) -> Talk {
        let stream = self.connect(address).expect("a host");
        Talk { stream: Box::new(stream), unread: Vec::new() }
    }

    /// A session that has said EHLO.
    async fn greeted(&self, address: &str) -> Talk {
        let mut talk = self.dial(address);
        assert!(talk.reply().await.starts_with("220 "));
        talk.line("EHLO laptop.you.test").await;
        talk
    }

    /// The client trusts the lab's authority, and it is the lab's day.
    fn tls(&self) -> TlsConnector {
        #[derive(Debug)]
        struct Day(Clock);
        impl TimeProvider for Day {
            fn current_time(&self) -> Option<UnixTime> {
                let now = u64::try_from(self.0.now().as_second()).ok()?;
                Some(UnixTime::since_unix_epoch(Duration::from_secs(now)))
            }
        }
        let mut roots = RootCertStore::empty();
        roots.add(self.lab.root.clone()).expect("a certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_details(provider, Arc::new(Day(self.lab.clock())))
            .with_safe_default_protocol_versions()
            .expect("TLS versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        TlsConnector::from(Arc::new(config))
    }

    fn letter(&mut self) -> Delivered {
        self.next_letter().expect("a letter")
    }
}

impl Talk {
    /// The handshake, with the name that the certificate must have.
    async fn secure(self, tls: TlsConnector, name: &'static str) -> io::Result<Self> {
        assert!(self.unread.is_empty(), "nothing may stand before the handshake");
        let stream = tls.connect(ServerName::try_from(name).expect("a name"), self.stream).await?;
        Ok(Self { stream: Box::new(stream), unread: Vec::new() })
    }

    /// One whole reply; what came before the end if the host closes.
    async fn reply(&mut self) -> String {
        let mut reply = Vec::new();
        loop {
            while let Some(lf) = self.unread.iter().position(|octet| *octet == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=lf).collect();
                reply.extend_from_slice(&line);
                if line.get(3) == Some(&b' ') {
                    return String::from_utf8(reply).expect("ASCII");
                }
            }
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer).await.expect("a stream in memory") {
                0 => return String::from_utf8(reply).expect("ASCII"),
                octets => self.unread.extend_from_slice(&buffer[..octets]),
            }
        }
    }

    async fn send(&mut self, octets: &[u8]) -> String {
        self.stream.write_all(octets).await.expect("a stream in memory");
        self.stream.flush().await.expect("a stream in memory");
        self.reply().await
    }

    async fn line(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes()).await
    }

    /// True if the host has closed and said nothing more.
    async fn is_closed(&mut self) -> bool {
        self.reply().await.is_empty()
    }

    async fn script(&mut self, script: &[(&str, &str)]) {
        for (line, wanted) in script {
            let said = self.line(line).await;
            assert_eq!(said, format!("{wanted}\r\n"), "{line}");
        }
    }
}

const MX1: &str = "192.0.2.10:25";
const SUBMIT: &str = "198.51.100.25:587";
const SUBMIT_TLS: &str = "198.51.100.25:465";
const OLD: &str = "203.0.113.82:25";

#[tokio::test]
async fn a_whole_session_with_mx1() {
    let mut room = Room::open().await;
    let mut talk = room.dial(MX1);
    assert_eq!(talk.reply().await, "220 mx1.harbor.test ESMTP Harbor Post\r\n");
    let hello = "250-mx1.harbor.test hello laptop.you.test\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n\
                 250-8BITMIME\r\n250-STARTTLS\r\n250-ENHANCEDSTATUSCODES\r\n250-DSN\r\n250-CHUNKING\r\n250 SMTPUTF8";
    talk.script(&[
        ("EHLO laptop.you.test", hello),
        ("MAIL FROM:<you@you.test>", "250 2.1.0 Sender OK"),
        ("RCPT TO:<nobody@harbor.test>", "550 5.1.1 No such user here"),
        ("RCPT TO:<Pat@Harbor.TEST>", "250 2.1.5 Recipient OK"),
        ("DATA", "354 End data with <CR><LF>.<CR><LF>"),
        ("Subject: hi\r\n\r\n..hidden\r\nnaïve\r\n.", "250 2.0.0 Queued as H-0001"),
        ("QUIT", "221 2.0.0 mx1.harbor.test closing connection"),
    ])
    .await;
    assert!(talk.is_closed().await);
    let letter = room.letter();
    let trace = "Return-Path: <you@you.test>\r\n\
                 Received: from laptop.you.test (laptop.you.test [198.51.100.7])\r\n\
                 \tby mx1.harbor.test with ESMTP id H-0001\r\n\
                 \tfor <pat@harbor.test>; Thu, 01 Jan 2026 10:05:00 +0000\r\n";
    let whole = format!("{trace}Subject: hi\r\n\r\n.hidden\r\nnaïve\r\n");
    assert_eq!(std::str::from_utf8(&letter.letter), Ok(whole.as_str()), "what was typed, byte for byte");
    assert_eq!(letter.added, trace.len());
    assert_eq!((letter.host.as_str(), letter.mailbox.as_str()), ("mx1.harbor.test", "pat@harbor.test"));
    assert_eq!((letter.id.as_str(), letter.from.as_str()), ("H-0001", "you@you.test"));
}

#[tokio::test]
async fn the_trace_says_who_connected_and_when_on_the_lab_clock() {
    let mut room = Room::open().await;
    room.lab.clock().forward(Duration::from_mins(90));
    for (client, from) in [
        (Client { name: Some("front.test".into()), address: [203, 0, 113, 55].into() }, "front.test [203.0.113.55]"),
        (Client { name: None, address: [127, 0, 0, 1].into() }, "[127.0.0.1]"),
    ] {
        let stream = room.lab.hosts().connect(MX1.parse().expect("an address"), &client).expect("a host");
        let mut talk = Talk { stream: Box::new(stream), unread: Vec::new() };
        talk.reply().await;
        for line in ["EHLO me.test", "MAIL FROM:<>", "RCPT TO:<pat@harbor.test>", "DATA", "hi\r\n."] {
            talk.line(line).await;
        }
        let letter = String::from_utf8(room.letter().letter.to_vec()).expect("ASCII");
        assert!(letter.contains(&format!("Received: from me.test ({from})\r\n")), "{letter}");
        assert!(letter.contains("; Thu, 01 Jan 2026 11:35:00 +0000\r\n"), "{letter}");
    }
}

#[tokio::test]
async fn c196_with_several_recipients_each_gets_the_letter_once_and_learns_of_no_other() {
    let mut room = Room::open().await;
    let mut talk = room.greeted(MX1).await;
    talk.line("MAIL FROM:<>").await;
    for to in ["pat@harbor.test", "PAT@harbor.test", "Postmaster", "\"sam\"@harbor.test"] {
        assert!(talk.line(&format!("RCPT TO:<{to}>")).await.starts_with("250"), "{to}");
    }
    talk.line("DATA").await;
    talk.line("hi\r\n.").await;
    let letters = [room.letter(), room.letter(), room.letter()];
    let mailboxes = letters.each_ref().map(|letter| letter.mailbox.as_str());
    assert_eq!(mailboxes, ["pat@harbor.test", "postmaster@harbor.test", "sam@harbor.test"]);
    assert_eq!(room.next_letter(), None);
    let text = std::str::from_utf8(&letters[0].letter).expect("ASCII");
    assert!(text.starts_with("Return-Path: <>\r\nReceived: from"));
    assert!(!text.contains("for <") && !text.contains("harbor.test>"), "{text}");
}

#[tokio::test]
async fn mailboxes_that_take_nothing_say_why() {
    let room = Room::open().await;
    let mut talk = room.greeted(MX1).await;
    talk.script(&[
        ("MAIL FROM:<you@you.test>", "250 2.1.0 Sender OK"),
        ("RCPT TO:<full@harbor.test>", "452 4.2.2 Mailbox full, try again later"),
        ("RCPT TO:<busy@harbor.test>", "450 4.2.1 Mailbox busy, try again later"),
        ("RCPT TO:<closed@harbor.test>", "550 5.7.1 Mailbox closed, no mail is taken"),
        ("RCPT TO:<moved@harbor.test>", "551 5.1.6 User not local; please try <pat@harbor.test>"),
        ("DATA", "503 5.5.1 Need RCPT, no recipient was accepted"),
    ])
    .await;
}

#[tokio::test]
async fn mail_for_others_is_not_relayed() {
    let room = Room::open().await;
    for (address, domain) in [(MX1, "old.test"), (MX1, "example.org"), ("192.0.2.20:25", "you.test")] {
        let mut talk = room.greeted(address).await;
        talk.line("MAIL FROM:<you@you.test>").await;
        for to in [format!("<gran@{domain}>"), format!("<@mx1.harbor.test:gran@{domain}>")] {
            let said = talk.line(&format!("RCPT TO:{to}")).await;
            assert!(said.starts_with(&format!("550 5.7.1 Relaying to {domain} denied, mx")), "{said}");
        }
        assert!(talk.line("RCPT TO:<pat@[192.0.2.10]>").await.starts_with("550 5.1.2"));
        assert!(talk.line("RCPT TO:<pat%old.test@harbor.test>").await.starts_with("550 5.1.1"));
    }
}

#[tokio::test]
async fn c070_c071_vrfy_says_what_was_looked_up() {
    let room = Room::open().await;
    let mut talk = room.dial(MX1);
    talk.reply().await;
    talk.script(&[
        ("VRFY pat", "250 2.1.5 Pat Harbor <pat@harbor.test>"),
        ("VRFY <SAM@harbor.test>", "250 2.1.5 Sam Harbor <sam@harbor.test>"),
        ("VRFY moved", "551 5.1.6 User not local; please try <pat@harbor.test>"),
        ("VRFY mina", "550 5.1.1 No such user here"),
        ("EXPN staff", "502 5.5.1 EXPN not implemented"),
        ("AUTH PLAIN", "502 5.5.1 AUTH not implemented"),
    ])
    .await;
}

#[tokio::test]
async fn starttls_at_mx1_forgets_and_says_so_in_the_trace() {
    let mut room = Room::open().await;
    let mut talk = room.greeted(MX1).await;
    assert_eq!(talk.line("STARTTLS").await, "220 2.0.0 Ready to start TLS\r\n");
    let mut talk = talk.secure(room.tls(), "mx1.harbor.test").await.expect("a handshake");
    assert_eq!(talk.line("MAIL FROM:<you@you.test>").await, "503 5.5.1 Send EHLO or HELO first\r\n");
    let hello = talk.line("EHLO laptop.you.test").await;
    assert!(!hello.contains("STARTTLS") && !hello.contains("AUTH"), "{hello}");
    talk.line("MAIL FROM:<you@you.test>").await;
    talk.line("RCPT TO:<pat@harbor.test>").await;
    talk.line("DATA").await;
    assert_eq!(talk.line("hi\r\n.").await, "250 2.0.0 Queued as H-0001\r\n");
    assert!(String::from_utf8_lossy(&room.letter().letter).contains(" with ESMTPS id "));
}

#[tokio::test]
async fn c110_no_mail_exchanger_of_the_lab_insists_on_starttls() {
    let room = Room::open().await;
    for (address, recipient) in [(MX1, "pat@harbor.test"), ("192.0.2.20:25", "pat@harbor.test"), (OLD, "gran@old.test")]
    {
        let mut talk = room.dial(address);
        talk.reply().await;
        talk.line("HELO laptop.you.test").await;
        assert!(talk.line("MAIL FROM:<you@you.test>").await.starts_with("250"), "{address}");
        let reply = talk.line(&format!("RCPT TO:<{recipient}>")).await;
        // A second exchanger may put off, and nobody says 530.
        assert!(!reply.starts_with("530") && !reply.contains("5.7.0"), "{address}: {reply}");
    }
}

#[tokio::test]
async fn a_certificate_vouches_for_its_own_host_only() {
    let room = Room::open().await;
    let mut talk = room.greeted(MX1).await;
    talk.line("STARTTLS").await;
    assert!(talk.secure(room.tls(), "submit.you.test").await.is_err());
}

#[tokio::test]
async fn l270_plain_text_behind_starttls_never_reaches_the_session() {
    let room = Room::open().await;
    let mut talk = room.greeted(MX1).await;
    let said = talk.send(b"STARTTLS\r\nMAIL FROM:<evil@you.test>\r\n").await;
    assert!(said.starts_with("220"));
    let mut talk = talk.secure(room.tls(), "mx1.harbor.test").await.expect("a handshake");
    talk.line("EHLO laptop.you.test").await;
    assert_eq!(talk.line("RCPT TO:<pat@harbor.test>").await, "503 5.5.1 Need MAIL before RCPT\r\n");
}

#[tokio::test]
async fn submission_takes_mail_from_users_for_every_lab_domain() {
    let mut room = Room::open().await;
    let mut talk = room.greeted(SUBMIT).await;
    talk.script(&[
        ("MAIL FROM:<mina@you.test>", "530 5.7.0 Authentication required"),
        ("AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy", "538 5.7.11 Encryption required, send STARTTLS first"),
        ("STARTTLS", "220 2.0.0 Ready to start TLS"),
    ])
    .await;
    let mut talk = talk.secure(room.tls(), "submit.you.test").await.expect("a handshake");
    assert!(
        talk.line("EHLO laptop.you.test")
            .await
            .ends_with("250 AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN\r\n")
    );
    talk.script(&[
        ("AUTH PLAIN AG1pbmEAd3Jvbmc=", "535 5.7.8 Authentication failed"),
        ("AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy", "235 2.7.0 Authentication successful"),
        ("MAIL FROM:<mina@you.test>", "250 2.1.0 Sender OK"),
        ("RCPT TO:<gran@old.test>", "250 2.1.5 Recipient OK"),
        ("RCPT TO:<pat@example.org>", "550 5.7.1 The lab never sends mail outside"),
        ("DATA", "354 End data with <CR><LF>.<CR><LF>"),
        ("hi\r\n.", "250 2.0.0 Queued as S-0001"),
    ])
    .await;
    assert_eq!(room.next_letter(), None, "it waits for the relay, which this lab does not have");
}

#[tokio::test]
async fn port_465_begins_with_tls() {
    let room = Room::open().await;
    let talk = room.dial(SUBMIT_TLS);
    let mut talk = talk.secure(room.tls(), "submit.you.test").await.expect("a handshake");
    assert_eq!(talk.reply().await, "220 submit.you.test ESMTP submission\r\n");
    let hello = talk.line("EHLO laptop.you.test").await;
    assert!(
        !hello.contains("STARTTLS")
            && hello.ends_with("250 AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN\r\n"),
        "{hello}"
    );
    talk.script(&[
        ("AUTH LOGIN", "334 VXNlcm5hbWU6"),
        (&encode(b"sam"), "334 UGFzc3dvcmQ6"),
        (&encode(b"lighthouse"), "235 2.7.0 Authentication successful"),
        ("QUIT", "221 2.0.0 submit.you.test closing connection"),
    ])
    .await;
    assert!(talk.is_closed().await);
}

#[tokio::test]
async fn the_old_host_speaks_as_in_1982() {
    let mut room = Room::open().await;
    let mut talk = room.dial(OLD);
    assert_eq!(talk.reply().await, "220 mx.old.test Simple Mail Transfer Service Ready\r\n");
    talk.script(&[
        ("EHLO laptop.you.test", "500 Command not recognized"),
        ("HELO laptop.you.test", "250 mx.old.test hello laptop.you.test"),
        ("MAIL FROM:<you@you.test>", "250 Sender OK"),
        ("RCPT TO:<nobody@old.test>", "550 No such user here"),
        ("RCPT TO:<gran@old.test>", "250 Recipient OK"),
        ("DATA", "354 End data with <CR><LF>.<CR><LF>"),
        ("naïve\r\n.", "554 Message has 8-bit octets, only 7-bit text is taken here"),
        ("MAIL FROM:<you@you.test>", "250 Sender OK"),
        ("RCPT TO:<gran@old.test>", "250 Recipient OK"),
        ("DATA", "354 End data with <CR><LF>.<CR><LF>"),
        ("naive\r\n.", "250 Queued as O-0001"),
        ("STARTTLS", "500 Command not recognized"),
        ("QUIT", "221 mx.old.test closing connection"),
    ])
    .await;
    assert!(String::from_utf8_lossy(&room.letter().letter).contains("by mx.old.test with SMTP id O-0001"));
}

#[tokio::test]
async fn a_letter_that_loops_is_refused() {
    let mut room = Room::open().await;
    for (hops, verdict) in [(99, "250 2.0.0"), (100, "554 5.4.6 Too many hops")] {
        let mut talk = room.greeted(MX1).await;
        talk.line("MAIL FROM:<you@you.test>").await;
        talk.line("RCPT TO:<pat@harbor.test>").await;
        talk.line("DATA").await;
        let said = talk.line(&format!("{}\r\n.", "Received: from here\r\n".repeat(hops))).await;
        assert!(said.starts_with(verdict), "{said}");
    }
    room.letter();
    assert_eq!(room.next_letter(), None);
}

#[tokio::test]
async fn l274_where_nobody_is_nothing_answers() {
    let room = Room::open().await;
    let why = |address: &str| room.connect(address).expect_err("nobody").kind();
    assert_eq!(why("192.0.2.99:25"), ErrorKind::HostUnreachable);
    assert_eq!(why("127.0.0.1:25"), ErrorKind::HostUnreachable, "not even this machine");
    assert_eq!(why("192.0.2.10:587"), ErrorKind::ConnectionRefused);
    assert!(room.connect("[2001:db8::10]:25").is_ok());
}

#[tokio::test]
async fn the_session_after_the_last_place_gets_421_and_is_closed() {
    let room = Room::open().await;
    let mut talks = Vec::new();
    for _ in 0..LabLimits::default().sessions {
        talks.push(room.greeted(MX1).await);
    }
    let mut late = room.dial(MX1);
    assert_eq!(late.reply().await, "421 4.3.2 mx1.harbor.test too many connections, try again later\r\n");
    assert!(late.is_closed().await);
    let refused = room.connect(SUBMIT_TLS);
    assert_eq!(refused.expect_err("no place").kind(), ErrorKind::ConnectionRefused);
    let mut first = talks.remove(0);
    first.line("QUIT").await;
    assert!(first.is_closed().await);
    // The host gives the place back once its side is done.
    tokio::task::yield_now().await;
    assert!(room.dial(MX1).reply().await.starts_with("220 "));
}

#[tokio::test]
async fn a_client_that_goes_away_frees_its_place() {
    let room = Room::open().await;
    for _ in 0..LabLimits::default().sessions * 2 {
        drop(room.greeted(MX1).await);
        tokio::task::yield_now().await;
    }
    assert!(room.dial(MX1).reply().await.starts_with("220 "));
}

#[tokio::test]
async fn a_large_letter_passes_in_pieces() {
    let mut room = Room::open().await;
    let mut talk = room.greeted(MX1).await;
    talk.line("MAIL FROM:<you@you.test> SIZE=5000000").await;
    talk.line("RCPT TO:<pat@harbor.test>").await;
    talk.line("DATA").await;
    let letter = "0123456789abcde\r\n".repeat(300_000);
    assert!(talk.send(format!("{letter}.\r\n").as_bytes()).await.starts_with("250 2.0.0"));
    let stored = room.letter();
    assert!(stored.letter.get(stored.added..) == Some(letter.as_bytes()));
}

#[tokio::test]
async fn c250_the_same_seed_gives_the_same_lab_the_same_replies_and_the_same_letters() {
    async fn run() -> (CertificateDer<'static>, String, Delivered) {
        let mut room = Room::open().await;
        let mut talk = room.dial(MX1);
        let mut said = talk.reply().await;
        for line in ["EHLO laptop.you.test", "MAIL FROM:<>", "RCPT TO:<pat@harbor.test>", "DATA", "hi\r\n.", "QUIT"] {
            said += &talk.line(line).await;
        }
        (room.lab.root.clone(), said, room.letter())
    }
    assert_eq!(run().await, run().await);
}
