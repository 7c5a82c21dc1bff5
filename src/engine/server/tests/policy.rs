//! Hosts with a will of their own: about early talk, TLS, line ends, and mail as such.

use super::*;
use crate::engine::server::config::{LetterEnds, Upgrade};
use crate::smtp::stage::Stage;

fn with_tls(upgrade: Upgrade) -> Config {
    let mut config = Config { upgrade, ..strict() };
    config.offers.push(Extension::StartTls);
    config
}

#[test]
fn c092_the_replies_of_a_group_gather_until_the_host_has_nothing_more_to_decide() {
    let mut server = Server::new(strict(), Moment::START);
    server.said();
    server.receive(b"EHLO laptop.you.test\r\n", Moment::START);
    while let Some(ask) = server.poll() {
        server.answer(&decide(&ask));
    }
    server.said();
    let group =
        b"RSET\r\nMAIL FROM:<you@you.test>\r\nRCPT TO:<pat@harbor.test>\r\nRCPT TO:<nobody@harbor.test>\r\nDATA\r\n";
    server.receive(group, Moment::START);
    while let Some(ask) = server.poll() {
        server.answer(&decide(&ask));
    }
    let stages: Vec<_> = server.said().into_iter().map(|said| (said.stage, said.octets[0])).collect();
    let wanted = [
        (None, b'2'),
        (Some(Stage::Mail), b'2'),
        (Some(Stage::Rcpt), b'2'),
        (Some(Stage::Rcpt), b'5'),
        (Some(Stage::Data), b'3'),
    ];
    assert_eq!(stages, wanted, "one by one for who wants them so, and one write for who does not");
    assert_eq!(server.outgoing(), b"");
}

#[test]
fn c094_who_does_not_wait_gets_what_the_host_has_for_that() {
    let early = |saying| Config { early_talk: Some(saying), ..strict() };
    let group = b"MAIL FROM:<you@you.test>\r\nRCPT TO:<pat@harbor.test>\r\n";
    for (saying, said) in [(Saying::TooEarly, "503"), (Saying::EarlyTalk, "554"), (Saying::EarlyDrop, "521")] {
        // Before the greeting.
        let mut talk = Talk::opened(early(saying));
        let heard = talk.send(b"EHLO laptop.you.test\r\n");
        assert!(heard.starts_with(said), "{heard}");
        assert_eq!(talk.closed, said != "503");
        // Without PIPELINING: the client said HELO.
        let mut talk = Talk::with(early(saying));
        talk.line("HELO laptop.you.test");
        assert!(talk.send(group).starts_with(said));
        // Behind EHLO, whose reply says whether that may be done at all.
        let mut talk = Talk::with(early(saying));
        assert!(talk.send(b"EHLO laptop.you.test\r\nNOOP\r\n").starts_with(said));
    }
    let mut patient = Talk::with(early(Saying::EarlyTalk));
    patient.line("EHLO laptop.you.test");
    assert_eq!(patient.send(group), "250 2.1.0 Sender OK\r\n250 2.1.5 Recipient OK\r\n", "PIPELINING is offered");
    assert!(Talk::opened(strict()).send(b"EHLO laptop.you.test\r\n").starts_with("220 "), "others let it pass");
}

#[test]
fn c106_starttls_that_cannot_be_had_gets_454() {
    let mut talk = Talk::with(with_tls(Upgrade::Unavailable));
    talk.line("EHLO laptop.you.test");
    assert!(talk.line("STARTTLS x").starts_with("501 5.5.4"));
    assert_eq!(talk.line("STARTTLS"), "454 4.7.0 TLS not available at the moment\r\n");
    assert!(talk.line("MAIL FROM:<you@you.test>").starts_with("250"), "the session goes on as it was");
}

#[test]
fn c108_tls_that_is_too_weak_gets_554_to_all_but_quit() {
    let mut talk = Talk::with(with_tls(Upgrade::Ready));
    talk.line("EHLO laptop.you.test");
    talk.line("STARTTLS");
    talk.server.tls_too_weak();
    assert_eq!(talk.line("EHLO laptop.you.test"), "554 This TLS is too weak for mx1.harbor.test, send QUIT\r\n");
    for line in ["NOOP", "MAIL FROM:<you@you.test>", "STARTTLS"] {
        assert_eq!(talk.line(line), "554 5.7.0 This TLS is too weak for mx1.harbor.test, send QUIT\r\n", "{line}");
    }
    assert!(talk.line("QUIT").starts_with("221"));
}

#[test]
fn c109_what_came_behind_starttls_is_obeyed_by_the_vulnerable_host_alone() {
    let injected = b"STARTTLS\r\nMAIL FROM:<evil@you.test>\r\n";
    for (upgrade, after) in [(Upgrade::Ready, ""), (Upgrade::Vulnerable, "250 2.1.0 Sender OK\r\n")] {
        let mut talk = Talk::with(with_tls(upgrade));
        talk.line("EHLO laptop.you.test");
        let said = talk.send(injected);
        assert_eq!(said, format!("220 2.0.0 Ready to start TLS\r\n{after}"));
        let next = talk.line("RCPT TO:<pat@harbor.test>");
        assert!(next.starts_with(if after.is_empty() { "503" } else { "250 2.1.5" }), "{next}");
    }
}

#[test]
fn c176_a_host_that_never_takes_mail_says_521_to_all_but_quit() {
    let mut talk = Talk::opened(Config { greeting: Greeting::NoMail, ..strict() });
    assert_eq!(talk.settle(), "521 mx1.harbor.test does not accept mail\r\n");
    for line in ["EHLO laptop.you.test", "HELO laptop.you.test", "MAIL FROM:<you@you.test>", "NOOP", "XYZZY"] {
        assert!(talk.line(line).starts_with("521 "), "{line}");
    }
    assert!(talk.line("QUIT").starts_with("221") && talk.closed);
}

/// The letters that come of a text with two dots between which a second envelope hides.
fn smuggled(ends: LetterEnds, end: &str) -> (usize, String) {
    let mut talk = Talk::in_transaction(Config { letter_ends: ends, ..strict() });
    talk.line("DATA");
    let hidden = "MAIL FROM:<evil@you.test>\r\nRCPT TO:<pat@harbor.test>\r\nDATA\r\nfalse\r\n.\r\n";
    let said = talk.send(format!("true{end}{hidden}").as_bytes());
    (talk.letters().len(), said)
}

#[test]
fn l271_nine_sequences_that_look_like_the_end_end_nothing_where_the_host_is_strict() {
    let sequences = ["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\n.\r", "\r.\n", "\r\n\0.\r\n"];
    for end in sequences {
        for ends in [LetterEnds::Keep, LetterEnds::Normalise] {
            assert_eq!(smuggled(ends, end).0, 1, "{ends:?} {end:?}");
        }
        let (letters, said) = smuggled(LetterEnds::Refuse, end);
        let lone = !end.contains('\0');
        assert!(if lone { letters == 0 && said.starts_with("550 5.6.11") } else { letters == 1 }, "{end:?}: {said}");
    }
    for end in ["\n.\n", "\n.\r\n", "\r\n.\n"] {
        assert_eq!(smuggled(LetterEnds::Lenient, end).0, 2, "the lenient one takes a second letter: {end:?}");
    }
}

#[test]
fn a_host_that_normalises_gives_every_line_its_end() {
    let mut talk = Talk::in_transaction(Config { letter_ends: LetterEnds::Normalise, ..strict() });
    talk.line("DATA");
    assert!(talk.send(b"one\ntw\ro\r\n..three\n.\nfour\r\n.\r\n").starts_with("250"));
    assert_eq!(talk.letters()[0].content, b"one\r\ntwo\r\n.three\r\n.\r\nfour\r\n");
}

#[test]
fn a_saying_may_have_several_lines() {
    let mut config = strict();
    config.words.insert(Saying::Welcome, "{host} one\n250 two\nthree".into());
    let mut talk = Talk::opened(config);
    assert_eq!(talk.settle(), "220-mx1.harbor.test one\r\n220-250 two\r\n220 three\r\n");
}
