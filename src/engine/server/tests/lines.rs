//! Command lines: case, white space, length, their ends, and many of them in one segment.

use super::*;

#[test]
fn c018_verbs_and_keywords_are_read_in_any_case() {
    talk(
        strict(),
        r"
        <- 220
        -> eHlO laptop.you.test
        <- 250-
        <- 250-
        <- 250-
        <- 250-
        <- 250-
        <- 250-
        <- 250 HELP
        -> mail from:<you@you.test> size=100 body=8bitmime
        <- 250 2.1.0
        -> rCPt To:<pat@harbor.test>
        <- 250 2.1.5
        -> dAtA
        <- 354
        -> .
        <- 250
        -> quit
        <- 221
        <- (closed)
    ",
    );
}

#[test]
fn c020_white_space_at_the_end_of_a_line_is_passed_over() {
    talk(
        strict(),
        r"
        <- 220
        -> HELO laptop.you.test\s\s
        <- 250
        -> MAIL FROM:<you@you.test>\s
        <- 250
        -> RCPT TO:<pat@harbor.test>\t\s
        <- 250
        -> NOOP\s
        <- 250
        -> DATA\s
        <- 354
        -> .
        <- 250
        -> RSET\s\s\s
        <- 250
        -> QUIT\s
        <- 221
        <- (closed)
    ",
    );
}

#[test]
fn c021_a_line_of_512_octets_is_taken() {
    let mut session = Talk::with(strict());
    let line = format!("NOOP {}", "x".repeat(512 - 7));
    assert_eq!(session.line(&line), "250 2.0.0 OK\r\n");
    assert!(session.line(&format!("{line}x")).starts_with("500 5.5.2"));
}

#[test]
fn an_extension_makes_the_line_of_its_command_longer() {
    let line = |octets: usize| {
        let head = "MAIL FROM:<you@you.test> SIZE=5";
        format!("{head}{}", " ".repeat(octets - head.len() - 2))
    };
    let mut session = Talk::with(strict());
    session.line("EHLO laptop.you.test");
    assert!(session.line(&line(539)).starts_with("500 5.5.2"));
    assert!(session.line(&line(538)).starts_with("250 2.1.0"), "SIZE adds 26 (RFC 1870 §3)");
}

#[test]
fn c022_a_line_too_long_gets_500_and_the_next_is_read_as_ever() {
    for length in [513, 4095, 4096, 5000, 60_000] {
        let mut session = Talk::with(strict());
        let mut said = String::new();
        let wire = format!("NOOP {}\r\nNOOP\r\n", "x".repeat(length));
        for segment in wire.as_bytes().chunks(1000) {
            said += &session.send(segment);
        }
        assert_eq!(said, "500 5.5.2 Line too long\r\n250 2.0.0 OK\r\n", "{length}");
    }
}

#[test]
fn l269_a_line_without_an_end_closes_after_64_kib() {
    let mut session = Talk::with(strict());
    let mut octets = 0;
    let said = loop {
        let said = session.send(&[b'x'; 1024]);
        octets += 1024;
        if !said.is_empty() {
            break said;
        }
    };
    assert_eq!(said, "421 4.7.0 mx1.harbor.test line without an end, closing connection\r\n(closed)\r\n");
    assert_eq!(octets, 65 * 1024);
}

#[test]
fn l269_lf_alone_nul_and_cr_inside_a_line_get_500() {
    talk(
        strict(),
        r"
        <- 220
        => NOOP\n
        <- 500 5.5.2 A line must end with CR LF
        -> NO\0OP
        <- 500 5.5.2 CR and NUL
        -> NOOP\rQUIT
        <- 500 5.5.2 CR and NUL
        => NOOP\r\r\n
        <- 500 5.5.2
        -> \sNOOP
        <- 500 5.5.2 A command must begin with its verb
        -> NOOP
        <- 250
    ",
    );
    talk(Config { bare_lf: BareLf::Accept, ..strict() }, "<- 220\n => NOOP\\n\n <- 250");
}

#[test]
fn c080_octets_above_127_in_a_command_get_a_5yz() {
    let mut session = Talk::with(strict());
    session.line("EHLO laptop.you.test");
    for line in ["MAIL FROM:<jösé@you.test>", "NOOP é", "EHLO bücher.test", "VRFY ü"] {
        assert!(session.line(line).starts_with('5'), "{line}");
    }
    let said = session.send(b"MAIL FROM:<\xff@you.test>\r\n");
    assert!(said.starts_with("501 5.5.2"), "{said}");
    assert!(session.line("MAIL FROM:<you@you.test>").starts_with("250"));
}

#[test]
fn c089_c090_lines_in_one_segment_are_taken_in_order_and_none_is_lost() {
    let script = "EHLO laptop.you.test\r\nMAIL FROM:<you@you.test>\r\nRCPT TO:<nobody@harbor.test>\r\n\
                  RCPT TO:<pat@harbor.test>\r\nDATA\r\nhi\r\n.\r\nQUIT\r\n";
    let mut session = Talk::with(strict());
    let said = session.send(script.as_bytes());
    let codes: Vec<_> =
        said.lines().filter(|line| !line.starts_with("250-")).filter_map(|line| line.get(..3)).collect();
    assert_eq!(codes, ["250", "250", "550", "250", "354", "250", "221", "(cl"]);
    assert_eq!(session.letters()[0].content, b"hi\r\n");
}

#[test]
fn c091_what_is_answered_goes_out_before_more_is_waited_for() {
    let mut session = Talk::with(strict());
    let said = session.send(b"NOOP\r\nRSET\r\nNO");
    assert_eq!(said, "250 2.0.0 OK\r\n250 2.0.0 Reset OK\r\n", "the half line keeps nothing back");
    assert_eq!(session.send(b"OP\r\n"), "250 2.0.0 OK\r\n");
}

#[test]
fn nothing_is_read_while_the_host_decides() {
    let mut server = Server::new(strict(), Moment::START);
    server.receive(b"EHLO laptop.you.test\r\nNOOP\r\n", Moment::START);
    assert!(matches!(server.poll(), Some(Ask::Hello { .. })));
    server.wrote(usize::MAX);
    assert_eq!(server.poll(), None);
    server.receive(b"QUIT\r\n", Moment::START);
    assert_eq!((server.poll(), server.outgoing()), (None, &b""[..]));
    server.answer(&Decision::Accept);
    assert_eq!(server.poll(), Some(Ask::Close));
    assert!(server.outgoing().ends_with(b"250 2.0.0 OK\r\n221 2.0.0 mx1.harbor.test closing connection\r\n"));
}
