//! The engine as a mail store: LHLO, and a verdict for each recipient (RFC 2033).

use super::*;
use crate::smtp::extension::Extensions;

fn store() -> Config {
    let offers = vec![Extension::Size, Extension::Chunking];
    Config { dialect: Dialect::Lmtp, offers_in_tls: offers.clone(), offers, ..Config::strict("store.harbor.test") }
}

/// An open transaction for pat, x (whose mailbox is full) and pat again.
fn three() -> Talk {
    let mut talk = Talk::with(store());
    talk.line("LHLO laptop.you.test");
    talk.line("MAIL FROM:<you@you.test>");
    for recipient in ["pat", "x", "pat"] {
        assert!(talk.line(&format!("RCPT TO:<{recipient}@harbor.test>")).starts_with("250 2.1.5"));
    }
    talk
}

#[test]
fn c218_ehlo_and_helo_get_500_and_elsewhere_there_is_no_lhlo() {
    let mut talk = Talk::with(store());
    for hello in ["EHLO", "HELO"] {
        assert!(talk.line(&format!("{hello} laptop.you.test")).starts_with("500 "), "{hello}");
    }
    assert!(talk.line("MAIL FROM:<you@you.test>").starts_with("503"));
    assert!(talk.line("LHLO laptop.you.test").starts_with("250-store.harbor.test"));
    assert!(talk.line("HELP").contains("LHLO") && !talk.line("HELP").contains("EHLO"));
    assert!(Talk::with(strict()).line("LHLO laptop.you.test").starts_with("502"));
}

#[test]
fn c219_a_letter_for_nobody_gets_503_whatever_the_host_would_say() {
    let mut talk = Talk::with(Config { no_recipient: Saying::NoRecipient, ..store() });
    talk.line("LHLO laptop.you.test");
    talk.line("MAIL FROM:<you@you.test>");
    assert!(talk.line("RCPT TO:<nobody@harbor.test>").starts_with("550"));
    assert!(talk.line("DATA").starts_with("503"));
    assert!(talk.send(b"BDAT 2 LAST\r\nhi").starts_with("503"));
}

#[test]
fn c221_pipelining_and_enhancedstatuscodes_are_always_offered() {
    let said = Talk::with(store()).line("LHLO laptop.you.test");
    let offer = Extensions::parse(&crate::smtp::reply::Reply::parse(said.as_bytes()).expect("a reply"));
    assert!(offer.has("PIPELINING") && offer.has("ENHANCEDSTATUSCODES") && offer.has("SIZE"));
    let mut whole = Config { offers: strict().offers, ..store() };
    whole.offers_in_tls.clone_from(&whole.offers);
    let said = Talk::with(whole).line("LHLO laptop.you.test");
    assert_eq!(said.matches("PIPELINING").count(), 1, "and once");
}

#[test]
fn each_recipient_gets_a_verdict_after_the_dot_and_after_the_last_chunk() {
    let verdicts = "250 2.0.0 Message accepted\r\n452 4.2.2 <x@harbor.test> is full\r\n250 2.0.0 Message accepted\r\n";
    let mut talk = three();
    assert!(talk.line("DATA").starts_with("354"));
    assert_eq!(talk.line("hi\r\n."), verdicts);
    assert_eq!(talk.letters()[0].protocol.keyword(), "LMTP");
    let mut talk = three();
    assert_eq!(talk.send(b"BDAT 2\r\nhi"), "250 2.0.0 2 octets received\r\n", "one for a chunk that is not the last");
    assert_eq!(talk.line("BDAT 0 LAST"), verdicts);
    assert!(talk.line("NOOP").starts_with("250 2.0.0 OK"));
}

#[test]
fn what_cannot_be_taken_at_all_is_refused_to_each() {
    let mut talk = three();
    talk.server.config.limits.message = 4;
    talk.line("DATA");
    let said = talk.line("too much\r\n.");
    assert_eq!(said.matches("552 5.3.4").count(), 3, "{said}");
    assert!(talk.line("MAIL FROM:<you@you.test>").starts_with("250"));
}
