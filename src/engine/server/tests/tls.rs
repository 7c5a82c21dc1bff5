//! STARTTLS.

use super::*;
use config::Mechanism;

/// A submission server: AUTH inside TLS only.
fn submission() -> Config {
    let common = [Extension::Pipelining, Extension::Size, Extension::EnhancedStatusCodes];
    Config {
        offers: [&common[..], &[Extension::StartTls]].concat(),
        offers_in_tls: [&common[..], &[Extension::Auth]].concat(),
        mechanisms: vec![Mechanism::Plain],
        ..strict()
    }
}

#[test]
fn c104_c105_all_is_forgotten_and_other_things_are_offered_inside_tls() {
    talk(
        submission(),
        r"
        <- 220
        -> EHLO laptop.you.test
        <- 250-mx1.harbor.test
        <- 250-PIPELINING
        <- 250-SIZE
        <- 250-ENHANCEDSTATUSCODES
        <- 250 STARTTLS
        -> AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy
        <- 538 5.7.11 Encryption required
        -> MAIL FROM:<you@you.test>
        <- 250
        -> STARTTLS
        <- 220 2.0.0 Ready to start TLS
        -> MAIL FROM:<you@you.test>
        <- 503 5.5.1 Send EHLO or HELO first
        -> EHLO laptop.you.test
        <- 250-mx1.harbor.test
        <- 250-PIPELINING
        <- 250-SIZE
        <- 250-ENHANCEDSTATUSCODES
        <- 250 AUTH PLAIN
        -> STARTTLS
        <- 503 5.5.1 TLS is already active
        -> AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy
        <- 235
        -> MAIL FROM:<you@you.test>
        <- 250
    ",
    );
}

#[test]
fn starttls_needs_a_hello_and_takes_no_argument() {
    talk(
        submission(),
        r"
        <- 220
        -> STARTTLS
        <- 503 5.5.1 Send EHLO or HELO first
        -> HELO laptop.you.test
        <- 250
        -> STARTTLS now
        <- 501 5.5.4 STARTTLS takes no argument
        -> STARTTLS
        <- 220
    ",
    );
}

#[test]
fn l270_what_is_sent_behind_starttls_in_plain_text_is_thrown_away() {
    let mut server = Server::new(submission(), Moment::START);
    server.receive(b"EHLO laptop.you.test\r\n", Moment::START);
    server.poll();
    server.answer(&Decision::Accept);
    server.wrote(usize::MAX);
    server.receive(b"STARTTLS\r\nMAIL FROM:<evil@you.test>\r\nNO", Moment::START);
    assert_eq!(server.poll(), Some(Ask::StartTls));
    assert_eq!(server.outgoing(), b"220 2.0.0 Ready to start TLS\r\n");
    server.wrote(usize::MAX);
    server.receive(b"OP\r\nRSET\r\n", Moment::START);
    server.tls_ready();
    assert_eq!((server.poll(), server.outgoing()), (None, &b""[..]));
    server.receive(b"NOOP\r\n", Moment::START);
    assert_eq!(server.poll(), None);
    assert_eq!(server.outgoing(), b"250 2.0.0 OK\r\n");
}

#[test]
fn c107_a_host_that_wants_tls_says_530_to_all_else() {
    let mut session = Talk::with(Config { tls_required: true, ..submission() });
    session.line("EHLO laptop.you.test");
    for line in ["MAIL FROM:<you@you.test>", "RSET", "VRFY pat", "HELP"] {
        assert_eq!(session.line(line), "530 5.7.0 Send STARTTLS first\r\n", "{line}");
    }
    assert!(session.line("NOOP").starts_with("250"));
    assert!(session.line("EHLO laptop.you.test").starts_with("250"));
    let mut leaving = Talk::with(Config { tls_required: true, ..submission() });
    assert!(leaving.line("QUIT").starts_with("221"));
    assert!(session.line("STARTTLS").starts_with("220"));
    session.line("EHLO laptop.you.test");
    assert!(session.line("MAIL FROM:<you@you.test>").starts_with("250"));
}
