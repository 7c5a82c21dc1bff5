//! DATA: the real end, the dots, the limits, the verdict.

use super::*;

/// Opens DATA.
fn in_data(config: Config) -> Talk {
    let mut session = Talk::in_transaction(config);
    assert_eq!(session.line("DATA"), "354 End data with <CR><LF>.<CR><LF>\r\n");
    session
}

#[test]
fn c072_only_cr_lf_dot_cr_lf_ends_a_letter() {
    for fake in ["\n.\n", "\n.\r\n", "\r.\r", "\r\n.\n", "\r\n.\r", "\r.\r\n", "\n.\r"] {
        let mut session = in_data(strict());
        assert_eq!(session.send(format!("first{fake}MAIL FROM:<evil@you.test>\r\n").as_bytes()), "", "{fake:?}");
        assert!(session.send(b".\r\n").starts_with("250 2.0.0"), "{fake:?}");
        assert_eq!(session.letters().len(), 1, "{fake:?}: one letter, not two");
        let content = &session.letters()[0].content;
        assert!(content.ends_with(b"MAIL FROM:<evil@you.test>\r\n"), "{fake:?}");
    }
}

#[test]
fn an_empty_letter_ends_at_once() {
    let mut session = in_data(strict());
    assert!(session.send(b".\r\n").starts_with("250"));
    assert_eq!(session.letters()[0].content, b"");
}

#[test]
fn c074_a_text_line_of_a_thousand_octets_is_taken() {
    let mut session = in_data(strict());
    let line = "x".repeat(998);
    assert!(session.line(&format!("{line}\r\n.")).starts_with("250"));
    assert_eq!(session.letters()[0].content.len(), 1000);
}

#[test]
fn c075_a_letter_of_64_kib_is_taken() {
    let mut session = in_data(strict());
    let letter = "0123456789abcde\r\n".repeat(64 * 1024 / 17 + 1);
    assert!(session.send(letter.as_bytes()).is_empty());
    assert!(session.send(b".\r\n").starts_with("250 2.0.0"));
    assert_eq!(session.letters()[0].content, letter.as_bytes());
}

#[test]
fn c078_after_the_250_nothing_more_is_said_about_the_letter() {
    let mut session = in_data(strict());
    assert_eq!(session.line("hi\r\n."), "250 2.0.0 Message accepted\r\n");
    assert_eq!(session.settle(), "");
    for line in ["NOOP", "RSET", "MAIL FROM:<you@you.test>", "RCPT TO:<pat@harbor.test>"] {
        assert!(session.line(line).starts_with("250"), "{line}: each gets its own reply");
    }
}

#[test]
fn the_host_may_refuse_a_letter_and_the_transaction_is_over() {
    let mut session = in_data(strict());
    assert!(session.line("Subject: unwanted\r\n.").starts_with("554 5.7.1"));
    assert!(session.line("RCPT TO:<pat@harbor.test>").starts_with("503"));
}

#[test]
fn c081_the_header_is_not_looked_at() {
    for letter in
        ["no header at all", "From nobody\r\nbroken header\r\n", "To: <<>>\r\nDate: never\r\n\r\n", "\r\n\r\n"]
    {
        let mut session = in_data(strict());
        assert!(session.line(&format!("{letter}\r\n.")).starts_with("250"), "{letter}");
    }
}

#[test]
fn c082_a_letter_too_large_is_read_to_its_real_end_before_552() {
    let limits = LabLimits { message: 100, ..LabLimits::default() };
    let mut session = in_data(Config { limits, ..strict() });
    for _ in 0..50 {
        assert_eq!(session.line("this line is part of a letter that is too large"), "");
    }
    assert_eq!(session.send(b"\n.\nQUIT\r\n"), "", "no end");
    assert_eq!(session.line("."), "552 5.3.4 Message size exceeds the limit of 100 octets\r\n");
    assert!(session.letters().is_empty());
    assert!(session.line("MAIL FROM:<you@you.test>").starts_with("250"), "the session goes on");
}

#[test]
fn c141_the_declared_size_does_not_end_the_letter() {
    let mut session = Talk::with(strict());
    session.line("EHLO laptop.you.test");
    session.line("MAIL FROM:<you@you.test> SIZE=4");
    session.line("RCPT TO:<pat@harbor.test>");
    session.line("DATA");
    assert_eq!(session.line("hi\r\nfour octets were declared"), "");
    assert!(session.line(".").starts_with("250"));
    assert_eq!(session.letters()[0].content, b"hi\r\nfour octets were declared\r\n");
}

#[test]
fn a_letter_of_just_the_limit_is_taken() {
    let limits = LabLimits { message: 10, ..LabLimits::default() };
    let mut session = in_data(Config { limits, ..strict() });
    assert!(session.line("01234567\r\n.").starts_with("250"), "8 octets and CR LF");
}

#[test]
fn a_host_of_7_bit_refuses_a_letter_of_8() {
    let mut session = in_data(Config { seven_bit: true, ..strict() });
    assert!(session.line("naïve\r\n.").starts_with("554 5.6.3"));
    let mut session = in_data(Config { seven_bit: true, ..strict() });
    assert!(session.line("naive\r\n.").starts_with("250"));
}
