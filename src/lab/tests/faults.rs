//! Faults on a running host: asked for by a client, or switched on for all.

use super::*;

const SLOW: &str = "192.0.2.31:25";

/// A session with mx1 that asked for a fault and stands behind MAIL.
async fn with(room: &Room, fault: &str) -> Talk {
    let mut talk = room.dial(MX1);
    talk.reply().await;
    assert!(talk.line(&format!("EHLO fault-{fault}.you.test")).await.starts_with("250-"));
    talk.line("MAIL FROM:<you@you.test>").await;
    talk
}

#[tokio::test]
async fn a_client_asks_for_a_fault_in_its_own_session() {
    let room = Room::open().await;
    let pat = "RCPT TO:<pat@harbor.test>";
    assert_eq!(with(&room, "wrong-code").await.line(pat).await, "450 Recipient OK\r\n");
    assert_eq!(
        with(&room, "mixed-codes").await.line(pat).await,
        "550-This line has another code\r\n250 2.1.5 Recipient OK\r\n"
    );
    assert_eq!(with(&room, "cut-off").await.line(pat).await, "", "no line has come to its end");
    let mut talk = room.greeted(MX1).await;
    talk.line("MAIL FROM:<you@you.test>").await;
    assert_eq!(talk.line(pat).await, "250 2.1.5 Recipient OK\r\n", "others have none of it");
    let said = talk.line("EHLO fault-gremlins.you.test").await;
    assert!(said.starts_with("550 There is no fault gremlins, only late bytewise"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_late_reply_takes_five_seconds_and_moves_the_clock() {
    let room = Room::open().await;
    let mut talk = with(&room, "late").await;
    let (began, date) = (tokio::time::Instant::now(), room.lab.clock().now());
    assert!(talk.line("RCPT TO:<pat@harbor.test>").await.starts_with("250"));
    assert_eq!(began.elapsed().as_secs(), 5);
    assert_eq!(room.lab.clock().now().duration_since(date).as_secs(), 5);
}

#[tokio::test]
async fn a_fault_is_switched_on_and_off_for_all() {
    let room = Room::open().await;
    let fault = |host: &str, name: &str| Change::Fault { host: host.into(), name: name.into() };
    let strip = fault("mx1.harbor.test", "strip");
    room.lab.change(&strip).unwrap();
    assert!(matches!(room.lab.change(&fault("mx1.harbor.test", "gremlins")), Err(NotChanged::Fault(_))));
    assert!(matches!(room.lab.change(&fault("mx9.harbor.test", "strip")), Err(NotChanged::Host(_))));
    assert_eq!(room.lab.changes(), std::slice::from_ref(&strip));
    let hello = "EHLO laptop.you.test";
    let mut talk = room.dial(MX1);
    talk.reply().await;
    assert!(!talk.line(hello).await.contains("STARTTLS"));
    assert!(talk.line("STARTTLS").await.starts_with("502"));
    let mut other = room.dial("192.0.2.20:25");
    other.reply().await;
    assert!(other.line(hello).await.contains("STARTTLS"), "another host is as it was");
    room.lab.undo(&strip).unwrap();
    let mut talk = room.dial(MX1);
    talk.reply().await;
    assert!(talk.line(hello).await.contains("STARTTLS"));
}

#[tokio::test]
async fn tls_goes_wrong_in_every_way_that_is_listed() {
    let room = Room::open().await;
    for fault in ["tls-alert", "expired", "wrong-name", "self-signed"] {
        let mut talk = room.dial(MX1);
        talk.reply().await;
        talk.line(&format!("EHLO fault-{fault}.you.test")).await;
        assert!(talk.line("STARTTLS").await.starts_with("220"));
        assert!(talk.secure(room.tls(), "mx1.harbor.test").await.is_err(), "{fault}");
    }
    let mut talk = room.greeted(MX1).await;
    talk.line("STARTTLS").await;
    assert!(talk.secure(room.tls(), "mx1.harbor.test").await.is_ok());
}

#[tokio::test]
async fn c108_the_bank_says_554_inside_tls_that_is_too_old_for_it() {
    let room = Room::open().await;
    room.lab.change(&Change::Fault { host: "mx.bank.test".into(), name: "old-tls".into() }).unwrap();
    let mut talk = room.greeted("203.0.113.9:25").await;
    talk.line("STARTTLS").await;
    let mut talk = talk.secure(room.tls(), "mx.bank.test").await.expect("a handshake");
    assert!(talk.line("EHLO laptop.you.test").await.starts_with("554 This TLS is too weak"));
    assert!(talk.line("MAIL FROM:<you@you.test>").await.starts_with("554 5.7.0"));
    assert!(talk.line("QUIT").await.starts_with("221"));
}

#[tokio::test(start_paused = true)]
async fn the_slow_host_greets_after_eight_seconds_and_only_who_waits() {
    let room = Room::open().await;
    let mut patient = room.dial(SLOW);
    let began = tokio::time::Instant::now();
    assert!(patient.reply().await.starts_with("220 slow.harbor.test"));
    assert_eq!(began.elapsed().as_secs(), 8);
    let mut hasty = room.dial(SLOW);
    assert!(hasty.line("EHLO laptop.you.test").await.starts_with("554 5.5.1 slow.harbor.test you spoke before"));
    assert!(hasty.is_closed().await);
}

#[tokio::test]
async fn c092_the_replies_of_a_group_come_in_one_write() {
    let room = Room::open().await;
    let mut talk = room.greeted(MX1).await;
    let group = b"MAIL FROM:<you@you.test>\r\nRCPT TO:<pat@harbor.test>\r\nRCPT TO:<sam@harbor.test>\r\nDATA\r\n";
    talk.stream.write_all(group).await.expect("a stream in memory");
    let mut buffer = [0; 4096];
    let octets = talk.stream.read(&mut buffer).await.expect("a stream in memory");
    let said = String::from_utf8_lossy(&buffer[..octets]);
    assert_eq!(said.lines().count(), 4, "{said}");
}
