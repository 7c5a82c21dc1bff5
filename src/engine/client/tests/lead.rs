//! TLS that comes about without being typed.

use super::*;
use crate::tape::tls::{NoTls, TlsDecision};

const LISTED: &str = "250-mx1.harbor.test\r\n250-PIPELINING\r\n250 STARTTLS\r\n";

fn opened_with(opening: Opening) -> Talk {
    Talk::opened_with(&Profile { opening, hello: "laptop.you.test".into(), ..Profile::default() })
}

/// Up to the answer to STARTTLS, which is still due.
fn asked(opening: Opening) -> Talk {
    let mut talk = opened_with(opening);
    assert_eq!(talk.wire(), "", "the server speaks first");
    talk.hear("220 mx1.harbor.test ESMTP\r\n");
    assert_eq!(talk.wire(), "EHLO laptop.you.test\r\n");
    talk.hear(LISTED);
    assert_eq!(talk.wire(), "EHLO laptop.you.test\r\nSTARTTLS\r\n");
    assert!(talk.has(&Mark::TlsDecided(TlsDecision::Upgrade { required: opening == Opening::Require })));
    talk.wire.clear();
    talk
}

fn without(why: NoTls, goes_on: bool) -> Mark {
    Mark::TlsDecided(TlsDecision::Without { why, goes_on })
}

#[test]
fn c098_after_the_handshake_ehlo_goes_again_and_then_the_hand_has_the_session() {
    for opening in [Opening::Require, Opening::Prefer] {
        let mut talk = asked(opening);
        talk.say("NOOP");
        assert!(talk.has(&Mark::Held { octets: 6, why: Hold::Upgrade }));
        talk.hear("220 go\r\n");
        assert!(talk.has(&Mark::Dropped { lines: 1 }), "what was typed in plain text stays there");
        assert_eq!(talk.wants.last(), Some(&Want::StartTls));
        talk.client.tls(Ok(good()), talk.now);
        talk.settle();
        talk.say("MAIL FROM:<>");
        assert_eq!(talk.wire(), "EHLO laptop.you.test\r\n");
        talk.hear("250 mx1.harbor.test\r\n");
        assert_eq!(talk.wire(), "EHLO laptop.you.test\r\nMAIL FROM:<>\r\n");
    }
}

#[test]
fn nothing_passes_by_what_leads_to_tls_not_even_a_line_that_is_sent_at_once() {
    let mut talk = opened_with(Opening::Require);
    talk.say_now("AUTH PLAIN AGFkYQBzM2NyZXQ=");
    talk.client.let_go(talk.now);
    talk.settle();
    talk.hear("220 hi\r\n");
    talk.say_now("NOOP");
    talk.client.let_go(talk.now);
    talk.settle();
    assert_eq!(talk.wire(), "EHLO laptop.you.test\r\n");
}

#[test]
fn a_certificate_in_doubt_stops_it_until_the_user_goes_on() {
    let mut talk = asked(Opening::Require);
    talk.hear("220 go\r\n");
    talk.client.tls(Ok(bad()), talk.now);
    talk.settle();
    assert_eq!(talk.wire(), "");
    talk.client.go_on(talk.now);
    talk.settle();
    assert_eq!(talk.wire(), "EHLO laptop.you.test\r\n");
}

#[test]
fn tls_that_is_required_and_not_there_ends_the_session_with_quit() {
    let cases: [(&[&str], NoTls); 7] = [
        (&["250-mx1.harbor.test\r\n250 PIPELINING\r\n"], NoTls::NotOffered),
        (&["250-mx1.harbor.test\r\n250-XXXXXXXA\r\n250 PIPELINING\r\n"], NoTls::NotOffered),
        (&["250-STARTTLS\r\n250 STARTTLSX\r\n"], NoTls::NotOffered),
        (&["502 what\r\n"], NoTls::Hello(502)),
        (&[LISTED, "454 4.7.0 not now\r\n"], NoTls::Refused(454)),
        (&[LISTED, "250 sure\r\n"], NoTls::Refused(250)),
        (&[LISTED, "502 no\r\n"], NoTls::Refused(502)),
    ];
    for (said, why) in cases {
        let mut talk = opened_with(Opening::Require);
        talk.hear("220 hi\r\n");
        talk.say("AUTH PLAIN AGFkYQBzM2NyZXQ=");
        for reply in said {
            talk.hear(reply);
        }
        assert!(talk.has(&without(why, false)), "{said:?}: {:?}", talk.marks());
        assert!(talk.has(&Mark::Dropped { lines: 1 }));
        talk.say_now("NOOP");
        assert!(talk.wire().ends_with("\r\nQUIT\r\n"), "{said:?}: {}", talk.wire());
        assert!(!talk.wire().contains("AUTH") && !talk.wants.contains(&Want::StartTls));
        talk.hear("221 bye\r\n");
        assert!(talk.ended(Side::Client, Ending::Clean));
        assert!(!talk.wire().contains("NOOP"));
    }
}

#[test]
fn tls_that_is_preferred_and_not_there_is_told_and_the_hand_goes_on_in_plain_text() {
    let cases: [(&[&str], NoTls); 3] = [
        (&["250-mx1.harbor.test\r\n250 PIPELINING\r\n"], NoTls::NotOffered),
        (&["502 what\r\n"], NoTls::Hello(502)),
        (&[LISTED, "454 4.7.0 not now\r\n"], NoTls::Refused(454)),
    ];
    for (said, why) in cases {
        let mut talk = opened_with(Opening::Prefer);
        talk.hear("220 hi\r\n");
        talk.say("AUTH PLAIN AGFkYQBzM2NyZXQ=");
        for reply in said {
            talk.hear(reply);
        }
        assert!(talk.has(&without(why, true)), "{said:?}: {:?}", talk.marks());
        talk.say("NOOP");
        assert!(talk.wire().ends_with("\r\nNOOP\r\n"), "{said:?}: {}", talk.wire());
        assert!(!talk.wire().contains("AUTH"), "it was typed for TLS");
    }
}

#[test]
fn a_goodbye_is_no_word_about_starttls() {
    for (said, opening) in [("421 later\r\n", Opening::Require), ("421 later\r\n", Opening::Prefer)] {
        let mut talk = opened_with(opening);
        talk.hear(said);
        assert_eq!(talk.wire(), "");
        let required = opening == Opening::Require;
        assert_eq!(talk.has(&without(NoTls::Goodbye, false)), required);
        assert_eq!(talk.ended(Side::Client, Ending::Clean), required);
    }
    let mut talk = opened_with(Opening::Require);
    talk.hear("554 no\r\n");
    assert!(talk.has(&without(NoTls::Greeting(554), false)));
    assert_eq!(talk.wire(), "QUIT\r\n");
}

#[test]
fn who_no_longer_waits_for_tls_that_is_required_ends_the_session() {
    for (opening, goes_on) in [(Opening::Require, false), (Opening::Prefer, true)] {
        let mut talk = asked(opening);
        talk.client.stop_waiting(talk.now);
        talk.settle();
        assert!(talk.has(&without(NoTls::NotAwaited, goes_on)));
        assert_eq!(talk.ended(Side::Client, Ending::Clean), !goes_on);
        talk.hear("220 go\r\n");
        assert_eq!(talk.wants.contains(&Want::StartTls), goes_on, "a late 220 is still one");
    }
}

#[test]
fn tls_that_is_not_wanted_leaves_all_to_the_hand_and_tells_once_what_is_offered() {
    let mut talk = opened_with(Opening::Never);
    talk.hear("220 hi\r\n");
    assert_eq!(talk.wire(), "");
    for _ in 0..2 {
        talk.exchange("EHLO laptop.you.test", LISTED);
    }
    let declined = |mark: &&&Mark| **mark == &Mark::TlsDecided(TlsDecision::Declined);
    assert_eq!(talk.marks().iter().filter(declined).count(), 1);
    talk.exchange("STARTTLS", "220 go\r\n");
    assert_eq!(talk.wants.last(), Some(&Want::StartTls), "what is typed is what is sent");
}

#[test]
fn c100_a_handshake_that_fails_ends_the_connection_in_every_mode() {
    for opening in [Opening::Require, Opening::Prefer] {
        let mut talk = asked(opening);
        talk.hear("220 go\r\n");
        let failure = TlsFailure::at_once(TlsTrouble::Version);
        talk.client.tls(Err(failure), talk.now);
        talk.settle();
        assert!(talk.ended(Side::Client, Ending::Tls));
        talk.say_now("NOOP");
        assert_eq!(talk.wire(), "", "nothing goes in plain text");
    }
}

proptest! {
    #[test]
    fn however_it_comes_in_pieces_the_same_is_sent(pieces in proptest::collection::vec(1_usize..9, 1..40)) {
        let mut talk = opened_with(Opening::Require);
        let all = format!("220-mx1\r\n220 hi\r\n{LISTED}454 no\r\n");
        let mut rest = all.as_str();
        for piece in pieces.iter().cycle() {
            let (head, tail) = rest.split_at((*piece).min(rest.len()));
            talk.hear(head);
            rest = tail;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(talk.wire(), "EHLO laptop.you.test\r\nSTARTTLS\r\nQUIT\r\n");
    }
}
