//! The session: greeting, order, RSET, QUIT, what is there and what is not.

use super::*;
use crate::smtp::command::Verb;

#[test]
fn c052_every_command_that_must_be_there_is_there() {
    talk(
        strict(),
        r"
        <- 220 mx1.harbor.test ESMTP
        -> EHLO laptop.you.test
        <- 250-mx1.harbor.test hello laptop.you.test
        <- 250-PIPELINING
        <- 250-SIZE 10485760
        <- 250-8BITMIME
        <- 250-ENHANCEDSTATUSCODES
        <- 250-EXPN
        <- 250 HELP
        -> MAIL FROM:<you@you.test>
        <- 250 2.1.0 Sender OK
        -> RCPT TO:<pat@harbor.test>
        <- 250 2.1.5 Recipient OK
        -> DATA
        <- 354 End data with <CR><LF>.<CR><LF>
        -> hello
        -> ..hidden
        -> .
        <- 250 2.0.0
        -> RSET
        <- 250 2.0.0
        -> NOOP
        <- 250 2.0.0
        -> VRFY somebody
        <- 252 2.5.0
        -> HELO laptop.you.test
        <- 250 mx1.harbor.test hello laptop.you.test
        -> QUIT
        <- 221 2.0.0 mx1.harbor.test closing connection
        <- (closed)
    ",
    );
}

#[test]
fn c054_a_server_that_takes_no_mail_says_so_and_stays_until_quit() {
    talk(
        Config { greeting: Greeting::NoService, ..strict() },
        r"
        <- 554 mx1.harbor.test
        -> EHLO laptop.you.test
        <- 503 No service here
        -> MAIL FROM:<you@you.test>
        <- 503 5.5.1
        -> NOOP
        <- 503 5.5.1
        -> XYZZY
        <- 503 5.5.1
        -> QUIT
        <- 221 2.0.0
        <- (closed)
    ",
    );
}

#[test]
fn a_server_with_too_many_connections_says_421_and_closes() {
    let mut busy = Talk::opened(Config { greeting: Greeting::Busy, ..strict() });
    let said = busy.settle();
    assert_eq!(said, "421 4.3.2 mx1.harbor.test too many connections, try again later\r\n(closed)\r\n");
    assert_eq!(busy.line("EHLO laptop.you.test"), "");
}

#[test]
fn c055_helo_never_gets_more_than_one_line() {
    for config in [strict(), Config { dialect: Dialect::Smtp, ..strict() }] {
        let mut session = Talk::with(config);
        assert_eq!(session.line("HELO laptop.you.test"), "250 mx1.harbor.test hello laptop.you.test\r\n");
    }
}

#[test]
fn c056_ehlo_drops_the_transaction_as_rset_does() {
    for hello in ["EHLO laptop.you.test", "HELO laptop.you.test"] {
        let mut session = Talk::in_transaction(strict());
        assert!(session.line(hello).starts_with("250"));
        assert!(session.line("DATA").starts_with("503 5.5.1 Need MAIL"));
        assert!(session.line("MAIL FROM:<>").starts_with("250 2.1.0"), "not nested");
    }
}

#[test]
fn c057_a_refused_ehlo_changes_nothing() {
    for refused in ["EHLO", "EHLO two names", "EHLO a@b", "HELO", "EHLO unwelcome.test"] {
        let mut session = Talk::in_transaction(strict());
        assert!(session.line(refused).starts_with('5'), "{refused}");
        assert!(session.line("DATA").starts_with("354"), "{refused}: the transaction still stands");
    }
    talk(
        strict(),
        r"
        <- 220
        -> EHLO unwelcome.test
        <- 550 Not you
        -> MAIL FROM:<>
        <- 503 5.5.1 Send EHLO or HELO first
    ",
    );
}

#[test]
fn c170_the_greeting_and_answers_to_ehlo_and_helo_carry_no_status_code() {
    assert!(Talk::opened(strict()).settle().starts_with("220 mx1.harbor.test "));
    for refused in ["EHLO", "HELO a b", "EHLO unwelcome.test", "EHLO \0", "EHLO bücher.test"] {
        let mut session = Talk::with(strict());
        let said = session.line(refused);
        assert!(!said.contains(" 5."), "{said} (RFC 2034 §4)");
        assert!(session.line("XYZZY").starts_with("500 5.5.1"), "the next answer does");
    }
}

#[test]
fn c058_what_comes_out_of_order_gets_503_and_changes_nothing() {
    talk(
        strict(),
        r"
        <- 220
        -> RCPT TO:<pat@harbor.test>
        <- 503 5.5.1
        -> MAIL FROM:<you@you.test>
        <- 503 5.5.1 Send EHLO or HELO first
        -> HELO laptop.you.test
        <- 250
        -> RCPT TO:<pat@harbor.test>
        <- 503 5.5.1 Need MAIL before RCPT
        -> DATA
        <- 503 5.5.1 Need MAIL before DATA
        -> MAIL FROM:<you@you.test>
        <- 250
        -> MAIL FROM:<other@you.test>
        <- 503 5.5.1 Nested MAIL
        -> RCPT TO:<pat@harbor.test>
        <- 250
        -> DATA
        <- 354
    ",
    );
}

#[test]
fn c059_c093_data_without_an_accepted_recipient_gets_503_or_554() {
    for (no_recipient, code) in [(Saying::NeedRecipient, "503 5.5.1"), (Saying::NoRecipient, "554 5.5.1")] {
        let mut session = Talk::with(Config { no_recipient, ..strict() });
        session.line("EHLO laptop.you.test");
        session.line("MAIL FROM:<you@you.test>");
        assert!(session.line("DATA").starts_with(code), "no recipient at all");
        assert!(session.line("RCPT TO:<nobody@harbor.test>").starts_with("550 5.1.1"));
        assert!(session.line("DATA").starts_with(code), "none accepted");
        assert!(session.line("RCPT TO:<pat@harbor.test>").starts_with("250"), "the transaction still stands");
        assert!(session.line("DATA").starts_with("354"));
    }
}

#[test]
fn c060_what_needs_no_ehlo_works_before_it() {
    talk(
        strict(),
        r"
        <- 220
        -> NOOP
        <- 250
        -> HELP
        <- 214 2.0.0 Commands: EHLO EXPN HELO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT
        -> EXPN staff
        <- 252
        -> VRFY pat
        <- 250
        -> RSET
        <- 250
    ",
    );
}

#[test]
fn c061_rset_clears_sender_recipients_and_letter() {
    let mut session = Talk::in_transaction(strict());
    assert_eq!(session.line("RSET"), "250 2.0.0 Reset OK\r\n");
    assert!(session.line("RCPT TO:<pat@harbor.test>").starts_with("503"));
    session.line("MAIL FROM:<second@you.test>");
    session.line("RCPT TO:<x@harbor.test>");
    session.line("DATA");
    session.line("hi\r\n.");
    let letters = session.letters();
    assert_eq!(sender(&letters[0].envelope.from), "second@you.test");
    assert_eq!(letters[0].envelope.recipients.len(), 1);
}

#[test]
fn c062_what_takes_no_argument_refuses_one() {
    let mut session = Talk::in_transaction(strict());
    for line in ["DATA now", "RSET all", "QUIT please"] {
        assert!(session.line(line).starts_with("501 5.5.4"), "{line}");
    }
    assert!(session.line("DATA").starts_with("354"), "nothing happened");
}

#[test]
fn c063_noop_takes_any_argument() {
    talk(strict(), "<- 220\n -> NOOP is this thing on\n <- 250 2.0.0 OK");
}

#[test]
fn c064_quit_gets_221_drops_the_transaction_and_closes() {
    let mut session = Talk::in_transaction(strict());
    assert_eq!(session.line("QUIT"), "221 2.0.0 mx1.harbor.test closing connection\r\n(closed)\r\n");
    assert_eq!(session.line("DATA"), "");
    assert!(session.letters().is_empty());
}

#[test]
fn c065_only_quit_421_and_time_close_the_session() {
    let mut session = Talk::with(Config { limits: LabLimits { errors: u32::MAX, ..LabLimits::default() }, ..strict() });
    for line in ["XYZZY", "MAIL FROM:<", "RCPT", "EHLO a b", "DATA", "\0", "TURN", "BDAT 5", "AUTH PLAIN", "QUIT now"] {
        for _ in 0..20 {
            let said = session.line(line);
            assert!(said.starts_with('5') && !said.contains("(closed)"), "{line}: {said}");
        }
    }
    assert!(session.line("NOOP").starts_with("250"));
}

#[test]
fn too_many_errors_get_421() {
    let mut session = Talk::with(strict());
    for _ in 0..strict().limits.errors {
        assert!(session.line("XYZZY").starts_with("500"));
    }
    let said = session.line("XYZZY");
    assert_eq!(said, "421 4.7.0 mx1.harbor.test too many errors, closing connection\r\n(closed)\r\n");
}

#[test]
fn c066_on_shutdown_every_session_gets_421() {
    let mut session = Talk::in_transaction(strict());
    session.server.shutdown();
    assert_eq!(session.settle(), "421 4.3.2 mx1.harbor.test shutting down, try again later\r\n(closed)\r\n");
    session.server.shutdown();
    assert_eq!(session.settle(), "", "once is enough");
}

#[test]
fn an_answer_that_comes_after_the_shutdown_says_nothing_more() {
    let mut server = Server::new(strict(), Moment::START);
    server.receive(b"EHLO laptop.you.test\r\n", Moment::START);
    let ask = server.poll();
    assert!(matches!(ask, Some(Ask::Hello { .. })));
    server.wrote(usize::MAX);
    server.shutdown();
    server.answer(&Decision::Accept);
    assert_eq!(server.poll(), Some(Ask::Close));
    assert!(server.outgoing().starts_with(b"421") && server.outgoing().ends_with(b"later\r\n"));
}

#[test]
fn c067_a_silent_client_has_five_minutes() {
    let at = |seconds: u64| Moment::from_millis(seconds * 1000);
    let mut session = Talk::with(strict());
    session.server.tick(at(299));
    assert_eq!(session.settle(), "");
    session.server.receive(b"NOOP\r\n", at(299));
    assert!(session.settle().starts_with("250"));
    session.server.tick(at(300));
    assert_eq!(session.settle(), "", "the wait began anew");
    assert_eq!(session.server.deadline(), at(599));
    session.server.tick(at(599));
    assert_eq!(session.settle(), "421 4.4.2 mx1.harbor.test timeout, closing connection\r\n(closed)\r\n");
}

#[test]
fn c068_a_known_verb_that_is_not_there_gets_502_and_an_unknown_one_500() {
    let mut session = Talk::with(strict());
    for known in ["TURN", "ETRN harbor.test", "SEND FROM:<a@b>", "SOML FROM:<a@b>", "BDAT 5", "STARTTLS", "AUTH PLAIN"]
    {
        assert!(session.line(known).starts_with("502 5.5.1"), "{known}");
    }
    for unknown in ["XYZZY", "MAILFROM:<a@b>", "", "250 ok", "GET the mail"] {
        assert!(session.line(unknown).starts_with("500 5.5.1"), "{unknown}");
    }
}

#[test]
fn a_host_of_1982_knows_no_verb_that_is_younger() {
    let mut session = Talk::with(Config { dialect: Dialect::Smtp, ..strict() });
    for unknown in ["EHLO laptop.you.test", "STARTTLS", "AUTH PLAIN", "BDAT 5", "ETRN x", "LHLO x"] {
        assert_eq!(session.line(unknown), "500 Command not recognized\r\n", "{unknown}");
    }
    assert_eq!(session.line("TURN"), "502 TURN not implemented\r\n");
    assert_eq!(session.line("HELO laptop.you.test"), "250 mx1.harbor.test hello laptop.you.test\r\n");
    assert_eq!(session.line("MAIL FROM:<you@you.test> SIZE=5"), "555 Parameter SIZE not supported\r\n");
    assert_eq!(session.line("MAIL FROM:<you@you.test>"), "250 Sender OK\r\n");
}

#[test]
fn c069_nothing_that_answers_502_is_offered() {
    let verbs = [(Extension::StartTls, Verb::StartTls), (Extension::Auth, Verb::Auth)];
    let verbs = verbs.into_iter().chain([(Extension::Expn, Verb::Expn), (Extension::Help, Verb::Help)]);
    for (extension, verb) in verbs {
        for offered in [true, false] {
            let offers: Vec<_> = strict().offers.into_iter().filter(|other| *other != extension).collect();
            let offers = [offers, if offered { vec![extension] } else { Vec::new() }].concat();
            let mut session = Talk::with(Config { offers_in_tls: Vec::new(), offers, ..strict() });
            let hello = session.line("EHLO laptop.you.test");
            assert_eq!(hello.contains(extension.keyword()), offered);
            let said = session.line(&format!("{} something", verb.name()));
            assert!(
                !offered || !said.starts_with("50") || said.starts_with("501") || said.starts_with("504"),
                "{said}"
            );
        }
    }
}

#[test]
fn c070_vrfy_says_250_and_251_only_of_what_was_looked_up() {
    talk(
        strict(),
        r"
        <- 220
        -> VRFY pat
        <- 250 2.1.5 Pat Harbor <pat@harbor.test>
        -> VRFY moved
        <- 251 2.1.5 User not local <pat@alumni.test>
        -> VRFY <sound.syntax@harbor.test>
        <- 252 2.5.0
        -> VRFY nobody
        <- 550 5.1.1
        -> VRFY
        <- 501 5.5.4
    ",
    );
}

#[test]
fn c071_what_vrfy_finds_stands_in_brackets() {
    let mut session = Talk::with(strict());
    for name in ["pat", "moved"] {
        let said = session.line(&format!("VRFY {name}"));
        assert!(said.starts_with("25") && said.contains("<pat@") && said.contains(".test>"), "{said}");
    }
}

#[test]
fn c079_the_name_in_ehlo_is_never_a_reason_to_refuse() {
    for name in ["localhost", "mx1.harbor.test", "somebody-else.test", "[203.0.113.99]", "[IPv6:2001:db8::1]", "a_b"] {
        let mut session = Talk::with(strict());
        assert!(session.line(&format!("EHLO {name}")).starts_with("250-mx1.harbor.test"), "{name}");
        assert!(session.line("MAIL FROM:<you@you.test>").starts_with("250"), "{name}");
    }
}

#[test]
fn l268_a_web_browser_is_told_and_sent_away_at_its_first_word() {
    for request in ["GET / HTTP/1.1", "POST /x HTTP/1.0", "CONNECT mx1.harbor.test:25 HTTP/1.1"] {
        let mut session = Talk::with(strict());
        let said = session.send(format!("{request}\r\nHost: x\r\n\r\nMAIL FROM:<evil@you.test>\r\n").as_bytes());
        let wanted = "521 5.5.1 mx1.harbor.test speaks SMTP, not HTTP; closing connection\r\n(closed)\r\n";
        assert_eq!(said, wanted, "{request}");
    }
}
