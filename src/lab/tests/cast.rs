//! The rest of the cast: each server with the one thing that makes it worth a visit.

use super::*;
use crate::lab::world::World;

const STORE: &str = "192.0.2.40:24";
const RUDE: &str = "192.0.2.32:25";
const CHATTY: &str = "192.0.2.30:25";
const TINY: &str = "203.0.113.17:25";
const QUIET: &str = "203.0.113.40:25";
const OPEN: &str = "203.0.113.50:25";
const GREY: &str = "203.0.113.51:25";
const FILTER: &str = "203.0.113.54:25";
const FRONT: &str = "203.0.113.55:25";
const BACK: &str = "203.0.113.56:25";
const BUECHER: &str = "203.0.113.57:25";
const BANK: &str = "203.0.113.9:25";

impl Talk {
    /// The codes that lines get.
    async fn codes(&mut self, lines: &[&str]) -> Vec<String> {
        let mut codes = Vec::new();
        for line in lines {
            codes.push(self.line(line).await.chars().take(3).collect());
        }
        codes
    }

    /// A letter from you@you.test in one go; gives the verdict.
    async fn letter(&mut self, to: &str, letter: &str) -> String {
        self.line("MAIL FROM:<you@you.test>").await;
        self.line(&format!("RCPT TO:<{to}>")).await;
        self.line("DATA").await;
        self.line(&format!("{letter}\r\n.")).await
    }
}

fn read(letter: &Delivered) -> String {
    String::from_utf8_lossy(&letter.letter).into_owned()
}

#[tokio::test]
async fn mx1_is_complete() {
    let mut talk = Room::open().await.dial(MX1);
    talk.reply().await;
    assert_eq!(
        talk.line("EHLO laptop.you.test").await,
        "250-mx1.harbor.test hello laptop.you.test\r\n250-PIPELINING\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n\
         250-STARTTLS\r\n250-ENHANCEDSTATUSCODES\r\n250-DSN\r\n250-CHUNKING\r\n250 SMTPUTF8\r\n"
    );
}

#[tokio::test]
async fn the_chatty_host_has_nine_lines_of_banner_and_twelve_of_ehlo() {
    let mut talk = Room::open().await.dial(CHATTY);
    let banner = talk.reply().await;
    assert_eq!(banner.lines().count(), 9);
    assert!(banner.contains("\r\n220-250 letters"), "{banner}");
    assert_eq!(talk.line("EHLO laptop.you.test").await.lines().count(), 12);
    assert!(talk.line("HELP").await.starts_with("214-"));
}

#[tokio::test]
async fn the_rude_host_says_ok_and_means_no_and_closes_after_three_errors() {
    let mut talk = Room::open().await.greeted(RUDE).await;
    talk.line("MAIL FROM:<you@you.test>").await;
    assert_eq!(talk.line("RCPT TO:<nobody@harbor.test>").await, "550 5.1.0 OK, and who is that supposed to be?\r\n");
    assert_eq!(talk.codes(&["XYZZY", "PLUGH", "THUD"]).await, ["500", "500", "421"]);
    assert!(talk.is_closed().await);
}

#[tokio::test]
async fn the_store_gives_each_recipient_a_verdict_of_its_own() {
    let mut room = Room::open().await;
    let mut talk = room.dial(STORE);
    assert_eq!(talk.reply().await, "220 store.harbor.test LMTP Harbor Store\r\n");
    assert!(talk.line("EHLO laptop.you.test").await.starts_with("500"));
    assert!(talk.line("LHLO laptop.you.test").await.contains("\r\n250-PIPELINING\r\n"));
    talk.line("MAIL FROM:<you@you.test>").await;
    let recipients = ["pat", "full", "sam", "closed"].map(|name| format!("RCPT TO:<{name}@harbor.test>"));
    let recipients = recipients.each_ref().map(String::as_str);
    assert_eq!(talk.codes(&recipients).await, ["250", "250", "250", "550"], "what is closed is known at once");
    assert!(talk.line("DATA").await.starts_with("354"));
    assert_eq!(talk.line("hi\r\n.").await, "250 2.0.0 Queued as D-0001\r\n");
    assert_eq!(talk.reply().await, "452 4.2.2 Mailbox full, try again later\r\n");
    assert_eq!(talk.reply().await, "250 2.0.0 Queued as D-0001\r\n");
    let letters = [room.letter(), room.letter()].map(|letter| letter.mailbox);
    assert_eq!(letters, ["pat@harbor.test", "sam@harbor.test"]);
    assert!(room.next_letter().is_none());
}

#[test]
fn c220_no_host_serves_lmtp_on_port_25() {
    let world = include_str!("../../../assets/lab/world.toml");
    assert!(World::read(world).is_ok());
    let wrong = world.replace("ports = [{ port = 24 }]", "ports = [{ port = 24 }, { port = 25 }]");
    let error = World::read(&wrong).expect_err("LMTP at port 25").to_string();
    assert!(error.contains("store.harbor.test: LMTP is never served on port 25"), "{error}");
}

#[test]
fn a_mistake_in_the_world_is_told_with_the_host() {
    let world = include_str!("../../../assets/lab/world.toml");
    for (right, wrong, told) in [
        ("\"8BITMIME\"", "\"9BITMIME\"", "mx1.harbor.test: there is no extension \"9BITMIME\""),
        ("\"CRAM-MD5\"", "\"CRAM-MD6\"", "submit.you.test: there is no mechanism \"CRAM-MD6\""),
        ("words.unknown", "words.unheard", "rude.harbor.test: there is nothing said called \"unheard\""),
        (
            "\"550 5.1.0 OK, ",
            "\"250 OK, ",
            "rude.harbor.test: \"250 OK, and who is that supposed to be?\" refuses nothing",
        ),
        ("\"452 4.2.2 M", "\"M", "\"Mailbox full, try again later\" is no reply"),
        ("open_relay = true", "faults = [\"gremlins\"]", "there is no fault \"gremlins\""),
        ("stage = \"rcpt\"", "stage = \"soup\"", "there is no stage \"soup\""),
    ] {
        assert!(world.contains(right), "{right}");
        let error = World::read(&world.replacen(right, wrong, 1)).expect_err(told).to_string();
        assert!(error.contains(told), "{error}");
    }
}

#[tokio::test]
async fn the_tiny_host_refuses_a_large_letter_as_soon_as_it_knows() {
    let mut talk = Room::open().await.greeted(TINY).await;
    assert!(talk.line("MAIL FROM:<you@you.test> SIZE=20000").await.starts_with("552 5.3.4"));
    assert!(talk.letter("dot@tiny.test", &"0123456789\r\n".repeat(1000)).await.starts_with("552 5.3.4"));
    assert!(talk.letter("dot@tiny.test", "Subject: small\r\n").await.starts_with("250 2.0.0"));
    talk.line("MAIL FROM:<you@you.test>").await;
    assert_eq!(talk.codes(&["RCPT TO:<full@tiny.test>", "RCPT TO:<busy@tiny.test>"]).await, ["452", "450"]);
}

#[tokio::test]
async fn the_quiet_host_takes_no_mail_at_all() {
    let mut talk = Room::open().await.dial(QUIET);
    assert_eq!(talk.reply().await, "521 mail.quiet.test does not accept mail\r\n");
    assert_eq!(talk.codes(&["EHLO laptop.you.test", "MAIL FROM:<you@you.test>", "QUIT"]).await, ["521", "521", "221"]);
}

#[tokio::test]
async fn l273_even_the_open_relay_relays_to_lab_domains_only() {
    let room = Room::open().await;
    let mut talk = room.greeted(OPEN).await;
    talk.line("MAIL FROM:<you@elsewhere.example>").await;
    assert!(talk.line("RCPT TO:<pat@bank.test>").await.starts_with("250"), "it takes mail from anybody for anybody");
    for outside in ["x@gmail.com", "pat@example.org", "pat@[8.8.8.8]", "pat%bank.test@example.net"] {
        let said = talk.line(&format!("RCPT TO:<{outside}>")).await;
        let refused = said == "550 5.7.1 The lab never sends mail outside\r\n" || said.starts_with("550 5.1.2");
        assert!(refused, "{outside}: {said}");
    }
    for host in &World::load().expect("a world").host {
        let (Some(address), Some(port)) = (host.addresses.first(), host.ports.first()) else { continue };
        let mut talk = room.dial(&SocketAddr::new(*address, port.port).to_string());
        talk.reply().await;
        talk.line(if host.is_store() { "LHLO laptop.you.test" } else { "EHLO laptop.you.test" }).await;
        talk.line("HELO laptop.you.test").await;
        talk.line("MAIL FROM:<you@you.test>").await;
        let said = talk.line("RCPT TO:<x@gmail.com>").await;
        assert!(said.starts_with('5'), "{}: {said}", host.name);
    }
}

#[tokio::test]
async fn a_mailbox_with_a_quota_is_full_once_its_letters_fill_it() {
    let room = Room::open().await;
    let mut talk = room.greeted("203.0.113.17:25").await;
    let text = format!("Subject: long\r\n\r\n{}", "High tide at six.\r\n".repeat(20));
    for _ in 0..2 {
        let said = talk.letter("small@tiny.test", &text).await;
        assert!(said.starts_with("250 2.0.0"), "{said}");
    }
    talk.line("MAIL FROM:<you@you.test>").await;
    let said = talk.line("RCPT TO:<small@tiny.test>").await;
    assert!(
        said.starts_with("452 4.2.2 Mailbox full: its letters have ") && said.ends_with(" 1000 are its quota\r\n"),
        "{said}"
    );
    assert!(talk.line("RCPT TO:<dot@tiny.test>").await.starts_with("250"), "others have room");
}

#[tokio::test(start_paused = true)]
async fn the_grey_host_believes_a_sender_that_comes_again() {
    let room = Room::open().await;
    let mut talk = room.greeted(GREY).await;
    talk.line("MAIL FROM:<you@you.test>").await;
    let pat = "RCPT TO:<pat@grey.test>";
    assert_eq!(talk.line(pat).await, "451 4.7.1 Greylisted, try again in 300 seconds\r\n");
    room.lab.clock().forward(Duration::from_secs(299));
    assert_eq!(talk.line(pat).await, "451 4.7.1 Greylisted, try again in 1 seconds\r\n");
    room.lab.clock().forward(Duration::from_secs(1));
    assert_eq!(talk.line(pat).await, "250 2.1.5 Recipient OK\r\n");
    // Another session remembers, and another sender is another triplet.
    let mut talk = room.greeted(GREY).await;
    talk.line("MAIL FROM:<YOU@you.test>").await;
    assert_eq!(talk.line(pat).await, "250 2.1.5 Recipient OK\r\n");
    talk.line("RSET").await;
    talk.line("MAIL FROM:<mina@you.test>").await;
    assert!(talk.line(pat).await.starts_with("451 4.7.1"));
}

#[tokio::test]
async fn the_filter_shows_its_score_and_rejects_puts_aside_or_drops() {
    let mut room = Room::open().await;
    let mut talk = room.greeted(FILTER).await;
    assert!(talk.letter("pat@filter.test", "Date: today\r\n\r\nhello").await.starts_with("250"));
    assert!(read(&room.letter()).contains("\r\nX-Filter-Score: wanted, score 0 of 5\r\n"));
    assert!(talk.letter("pat@filter.test", "Date: today\r\n\r\nFree Money").await.starts_with("250"));
    assert!(read(&room.letter()).contains("X-Filter-Score: wanted, score 3 of 5: FREE_MONEY 3\r\n"));
    let spam = "Date: today\r\n\r\nXJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
    assert_eq!(
        talk.letter("pat@filter.test", spam).await,
        "550 5.7.1 Message refused by the content filter, score 1000 of 5: GTUBE 1000\r\n"
    );
    assert!(talk.letter("junk@filter.test", spam).await.starts_with("250"));
    assert_eq!(room.letter().mailbox, "junk/Junk@filter.test");
    assert!(talk.letter("void@filter.test", "free money, act now").await.starts_with("250"));
    assert!(room.next_letter().is_none(), "nobody learns of that one");
}

#[tokio::test]
async fn what_the_front_takes_for_one_letter_the_back_takes_for_two() {
    let hidden =
        "Subject: one\r\n\r\ntext\n.\nMAIL FROM:<ceo@bank.test>\nRCPT TO:<pat@back.test>\nDATA\nSubject: two\n\nfalse";
    for (address, domain, letters) in [(FRONT, "front.test", 1), (BACK, "back.test", 2)] {
        let mut room = Room::open().await;
        let mut talk = room.greeted(address).await;
        assert!(talk.letter(&format!("pat@{domain}"), hidden).await.starts_with("250"), "{domain}");
        for _ in 1..letters {
            assert_eq!([talk.reply().await, talk.reply().await].map(|said| said.starts_with("250")), [true, true]);
            assert!(talk.reply().await.starts_with("354"));
            assert!(talk.reply().await.starts_with("250"));
        }
        let mut found = 0;
        while room.next_letter().is_some() {
            found += 1;
        }
        assert_eq!(found, letters, "{domain}");
    }
}

#[tokio::test]
async fn books_are_addressed_in_utf8_by_either_spelling() {
    let mut room = Room::open().await;
    let mut talk = room.greeted(BUECHER).await;
    talk.line("MAIL FROM:<you@you.test>").await;
    assert!(talk.line("RCPT TO:<zoë@bücher.test>").await.starts_with("553 5.6.7"));
    assert!(talk.line("RCPT TO:<zoe@xn--bcher-kva.test>").await.starts_with("250 2.1.5"));
    talk.line("RSET").await;
    talk.line("MAIL FROM:<you@you.test> SMTPUTF8").await;
    assert!(talk.line("RCPT TO:<zoë@bücher.test>").await.starts_with("250 2.1.5"));
    talk.line("DATA").await;
    assert!(talk.line("hi\r\n.").await.starts_with("250"));
    let letter = room.letter();
    assert_eq!(letter.mailbox, "zoë@bücher.test");
    assert!(read(&letter).contains("with UTF8SMTP id U-0001"), "{}", read(&letter));
    let mut old = room.dial(OLD);
    old.reply().await;
    old.line("HELO laptop.you.test").await;
    assert!(old.line("MAIL FROM:<zoë@bücher.test>").await.starts_with("501"));
}

#[tokio::test]
async fn c177_mail_to_a_domain_that_takes_none_gets_556() {
    let room = Room::open().await;
    let mut talk = room.greeted(OPEN).await;
    talk.line("MAIL FROM:<mina@you.test>").await;
    assert_eq!(
        talk.line("RCPT TO:<anyone@quiet.test>").await,
        "556 5.1.10 quiet.test has a null MX: it takes no mail\r\n"
    );
    assert!(talk.line("RCPT TO:<pat@bank.test>").await.starts_with("250"));
}

#[tokio::test]
async fn c213_the_bank_refuses_a_sender_who_could_never_be_answered() {
    let room = Room::open().await;
    let mut talk = room.greeted(BANK).await;
    assert!(talk.line("MAIL FROM:<you@you.test>").await.starts_with("530 5.7.0"), "it insists on TLS");
    talk.line("STARTTLS").await;
    let mut talk = talk.secure(room.tls(), "mx.bank.test").await.expect("a handshake");
    let hello = talk.line("EHLO laptop.you.test").await;
    assert!(hello.contains("LIMITS MAILMAX=20 RCPTMAX=50 RCPTDOMAINMAX=5") && hello.contains("REQUIRETLS"), "{hello}");
    let said = talk.line("MAIL FROM:<news@quiet.test>").await;
    assert_eq!(said, "550 5.7.27 quiet.test has a null MX: nobody there could be answered\r\n");
    assert!(talk.letter("pat@bank.test", "lone\nends").await.starts_with("550 5.6.11"));
}

#[tokio::test]
async fn who_begins_too_many_letters_in_a_minute_waits() {
    let room = Room::open().await;
    let mut codes = Vec::new();
    for _ in 0..2 {
        let mut talk = room.greeted(BANK).await;
        talk.line("STARTTLS").await;
        let mut talk = talk.secure(room.tls(), "mx.bank.test").await.expect("a handshake");
        talk.line("EHLO laptop.you.test").await;
        for _ in 0..16 {
            codes.push(talk.line("MAIL FROM:<you@you.test>").await);
            talk.line("RSET").await;
        }
    }
    assert!(codes[..30].iter().all(|said| said.starts_with("250")));
    assert_eq!(codes[30], "450 4.7.1 30 messages a minute are the limit, try again later\r\n");
    room.lab.clock().forward(Duration::from_mins(1));
    let mut talk = room.greeted(BANK).await;
    talk.line("STARTTLS").await;
    let mut talk = talk.secure(room.tls(), "mx.bank.test").await.expect("a handshake");
    talk.line("EHLO laptop.you.test").await;
    assert!(talk.line("MAIL FROM:<you@you.test>").await.starts_with("250"));
}

#[tokio::test]
async fn c131_each_refusal_of_a_login_has_its_own_code() {
    let room = Room::open().await;
    let mut plain = room.greeted(SUBMIT).await;
    assert!(plain.line("AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy").await.starts_with("538 5.7.11"));
    let login =
        |user: &str, password: &str| format!("AUTH PLAIN {}", encode(format!("\0{user}\0{password}").as_bytes()));
    for (user, password, said) in [
        ("olga", "horizon", "432 4.7.12"),
        ("otto", "driftwood", "454 4.7.0"),
        ("vera", "compass", "534 5.7.9"),
        ("vera", "wrong", "535 5.7.8"),
        ("nobody", "horizon", "535 5.7.8"),
        ("mina", "sunflower", "235 2.7.0"),
    ] {
        let mut talk = room.dial(SUBMIT_TLS).secure(room.tls(), "submit.you.test").await.expect("a handshake");
        talk.reply().await;
        talk.line("EHLO laptop.you.test").await;
        assert!(talk.line("AUTH PLAIN").await.starts_with("334"));
        assert!(talk.line(&"A".repeat(12_300)).await.starts_with("500 5.5.6"));
        let heard = talk.line(&login(user, password)).await;
        assert!(heard.starts_with(said), "{user}: {heard}");
    }
}

#[tokio::test]
async fn l277_a_flood_of_recipients_and_a_letter_too_large_meet_their_limits() {
    let mut room = Room::open().await;
    let mut talk = room.greeted(MX1).await;
    talk.line("MAIL FROM:<you@you.test>").await;
    let mut codes = std::collections::BTreeMap::new();
    for _ in 0..50 {
        let flood = "RCPT TO:<pat@harbor.test>\r\n".repeat(40);
        let mut said = talk.send(flood.as_bytes()).await;
        for _ in 1..40 {
            said += &talk.reply().await;
        }
        for line in said.lines() {
            *codes.entry(line.split(' ').take(2).collect::<Vec<_>>().join(" ")).or_insert(0) += 1;
        }
    }
    let wanted = [("250 2.1.5".to_owned(), 100), ("452 4.5.3".to_owned(), 1900)];
    assert_eq!(codes.into_iter().collect::<Vec<_>>(), wanted);
    assert!(talk.line("DATA").await.starts_with("354"));
    let letter = "0123456789abcde\r\n".repeat(700_000);
    assert!(talk.send(format!("{letter}.\r\n").as_bytes()).await.starts_with("552 5.3.4"));
    assert!(room.next_letter().is_none());
    assert!(talk.line("NOOP").await.starts_with("250"), "and the session goes on");
}
