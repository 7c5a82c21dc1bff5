//! STARTTLS and certificates.

use super::*;
use crate::tape::tls::{Judgement, Terms, TlsFacts};

fn facts(trust: Judgement) -> Box<TlsFacts> {
    use Judgement::Good;
    Box::new(TlsFacts {
        version: "TLS 1.3".into(),
        suite: "TLS13_AES_256_GCM_SHA384".into(),
        group: None,
        sni: None,
        expected: "mx1.harbor.test".into(),
        chain: Vec::new(),
        trust,
        name: Good,
        dates: Good,
        records: Vec::new(),
        terms: Terms::default(),
        took: Duration::ZERO,
    })
}

pub(super) fn good() -> Box<TlsFacts> {
    facts(Judgement::Good)
}

pub(super) fn bad() -> Box<TlsFacts> {
    facts(Judgement::Bad { id: "cert/unknown-ca".into(), why: "self-signed".into() })
}

#[test]
fn starttls_begins_after_its_220_and_forgets_what_was_typed_ahead() {
    let mut talk = Talk::greeted();
    talk.say("STARTTLS");
    talk.say("EHLO laptop.you.test");
    talk.hear("220 go\r\n");
    assert!(talk.has(&Mark::Dropped { lines: 1 }));
    assert_eq!(talk.wants.last(), Some(&Want::StartTls));
    talk.say("EHLO again");
    assert!(talk.has(&Mark::Held { octets: 12, why: Hold::Reply }));
    talk.client.tls(Ok(good()), talk.now);
    talk.settle();
    assert_eq!(talk.wire(), "STARTTLS\r\nEHLO again\r\n");
}

#[test]
fn a_refused_starttls_starts_nothing() {
    for reply in ["454 later\r\n", "502 no\r\n", "354 what\r\n", "250 sure\r\n"] {
        let mut talk = Talk::greeted();
        talk.exchange("STARTTLS", reply);
        assert!(!talk.wants.contains(&Want::StartTls), "{reply}");
    }
}

#[test]
fn octets_behind_the_220_are_never_read_as_replies_and_end_the_session() {
    let mut talk = Talk::greeted();
    talk.say("STARTTLS");
    let injected = "220 go\r\n250-evil.test\r\n250-AUTH PLAIN\r\n250 OK\r\n";
    assert_eq!(talk.hear(injected), injected.len(), "they are shown");
    let failed = talk.marks().into_iter().find_map(|mark| match mark {
        Mark::TlsFailed(failure) => Some(failure.why.clone()),
        _ => None,
    });
    assert_eq!(failed, Some(TlsTrouble::InjectedPlaintext));
    assert!(talk.ended(Side::Client, Ending::Injected));
}

#[test]
fn a_certificate_that_is_not_in_order_holds_everything_until_the_user_goes_on() {
    let mut talk = Talk::new(&Profile { opening: Opening::ImplicitTls, ..Profile::default() });
    talk.client.opened(opened(), talk.now);
    talk.client.tls(Ok(bad()), talk.now);
    talk.settle();
    talk.hear("220 hi\r\n");
    talk.say_now("EHLO laptop.you.test");
    talk.client.let_go(talk.now);
    talk.settle();
    assert_eq!(talk.wire(), "");
    assert!(talk.has(&Mark::Held { octets: 22, why: Hold::Certificate }));
    talk.client.go_on(talk.now);
    talk.settle();
    assert!(talk.has(&Mark::WentOn));
    assert_eq!(talk.wire(), "EHLO laptop.you.test\r\n");
}

#[test]
fn c095_after_the_220_no_octet_is_written_before_the_handshake() {
    let mut talk = Talk::greeted();
    talk.exchange("STARTTLS", "220 go\r\n");
    talk.wire.clear();
    talk.say("EHLO laptop.you.test");
    talk.say_now("NOOP");
    talk.client.let_go(talk.now);
    talk.client.stop_waiting(talk.now);
    talk.client.send(Item::Letter, talk.now);
    talk.settle();
    assert_eq!(talk.wire(), "");
    assert!(talk.client.outgoing().is_empty());
    talk.client.tls(Ok(good()), talk.now);
    talk.settle();
    assert!(talk.wire().starts_with("EHLO laptop.you.test\r\n"));

    let mut busy = Talk::greeted();
    busy.client.send(Item::Line(b"STARTTLS\r\n".as_slice().into()), busy.now);
    busy.client.wrote(10, busy.now);
    busy.client.send(Item::Now(b"NOOP\r\n".as_slice().into()), busy.now);
    busy.client.receive(b"220 go\r\n", busy.now);
    assert!(busy.client.outgoing().is_empty(), "what was ready to be written is not any more");
}

#[test]
fn c111_with_implicit_tls_the_handshake_comes_before_any_octet_and_the_greeting() {
    let mut talk = Talk::new(&Profile { opening: Opening::ImplicitTls, ..Profile::default() });
    talk.say("EHLO laptop.you.test");
    talk.client.opened(opened(), talk.now);
    talk.settle();
    assert_eq!(talk.wants.last(), Some(&Want::StartTls));
    assert_eq!((talk.wire().as_str(), talk.client.reads()), ("", false));
    talk.client.tls(Ok(good()), talk.now);
    talk.settle();
    assert_eq!(talk.wire(), "", "the server greets inside TLS");
    talk.hear("220 hi\r\n");
    assert_eq!(talk.wire(), "EHLO laptop.you.test\r\n");
}
