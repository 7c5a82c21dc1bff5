//! BDAT: the octets are counted, not searched; what is refused is read all the same.

use super::*;

fn chunking() -> Config {
    let mut config = strict();
    config.offers.push(Extension::Chunking);
    config
}

/// An open transaction for pat on a host that takes chunks.
fn open() -> Talk {
    Talk::in_transaction(chunking())
}

#[test]
fn c148_each_chunk_gets_one_250_and_the_last_one_the_verdict() {
    let mut talk = open();
    assert_eq!(talk.send(b"BDAT 6\r\n.one\r\n"), "250 2.0.0 6 octets received\r\n");
    assert_eq!(talk.send(b"BDAT 5\r\n\r\n.\r\n"), "250 2.0.0 5 octets received\r\n");
    assert_eq!(talk.send(b"BDAT 4 LAST\r\ntwo\n"), "250 2.0.0 Message accepted\r\n");
    assert_eq!(talk.letters().first().map(|letter| letter.content.as_slice()), Some(&b".one\r\n\r\n.\r\ntwo\n"[..]));
}

#[test]
fn a_chunk_comes_in_any_pieces_and_commands_stand_behind_it() {
    let mut talk = open();
    let whole = b"BDAT 5\r\nQUIT\rBDAT 0 LAST\r\nNOOP\r\n";
    let said: String = whole.iter().map(|octet| talk.send(&[*octet])).collect();
    assert_eq!(said, "250 2.0.0 5 octets received\r\n250 2.0.0 Message accepted\r\n250 2.0.0 OK\r\n");
    assert_eq!(talk.letters().first().map(|letter| letter.content.as_slice()), Some(&b"QUIT\r"[..]));
    assert_eq!(open().send(whole), said, "in one piece as well");
}

#[test]
fn c149_the_octets_of_a_refused_chunk_are_consumed_before_the_reply() {
    let mut talk = Talk::with(chunking());
    talk.line("EHLO laptop.you.test");
    assert_eq!(talk.send(b"BDAT 6\r\nQUIT"), "", "nothing is said before it is whole");
    assert_eq!(talk.send(b"\r\n"), "503 5.5.1 Need MAIL before BDAT\r\n");
    assert_eq!(talk.line("NOOP"), "250 2.0.0 OK\r\n");
    let mut config = chunking();
    config.limits.message = 8;
    let mut talk = Talk::in_transaction(config);
    let said = talk.send(b"BDAT 9\r\n123456789BDAT 4\r\nQUITBDAT 4 LAST\r\nQUITNOOP\r\n");
    let codes: Vec<_> = said.lines().map(|line| line.get(..3).unwrap_or_default()).collect();
    assert_eq!(codes, ["552", "503", "503", "250"], "{said}");
    assert!(talk.letters().is_empty());
    assert!(talk.line("RSET").starts_with("250") && talk.line("MAIL FROM:<you@you.test>").starts_with("250"));
}

#[test]
fn a_letter_whose_last_chunk_is_too_much_is_refused_and_the_transaction_over() {
    let mut config = chunking();
    config.limits.message = 8;
    let mut talk = Talk::in_transaction(config);
    assert!(talk.send(b"BDAT 8\r\n12345678").starts_with("250"));
    assert!(talk.send(b"BDAT 1 LAST\r\n9").starts_with("552 5.3.4"));
    assert!(talk.line("MAIL FROM:<you@you.test>").starts_with("250") && talk.letters().is_empty());
}

#[test]
fn c150_behind_the_last_chunk_there_is_no_other_and_an_empty_last_one_is_legal() {
    let mut talk = open();
    assert!(talk.send(b"BDAT 3\r\nhi\n").starts_with("250"));
    assert_eq!(talk.line("BDAT 0 LAST"), "250 2.0.0 Message accepted\r\n");
    assert!(talk.send(b"BDAT 3 LAST\r\nhi\n").starts_with("503"));
    assert_eq!(talk.letters().len(), 1);
    assert_eq!(open().line("BDAT 0 LAST"), "250 2.0.0 Message accepted\r\n");
}

#[test]
fn c151_data_and_bdat_do_not_mix_and_no_recipient_comes_late() {
    let mut talk = open();
    assert!(talk.send(b"BDAT 3\r\nhi\n").starts_with("250"));
    assert_eq!(talk.line("DATA"), "503 5.5.1 DATA has no place behind BDAT, send RSET first\r\n");
    assert_eq!(talk.line("RCPT TO:<pat@harbor.test>"), "503 5.5.1 RCPT has no place behind BDAT, send RSET first\r\n");
    assert!(talk.line("BDAT 0 LAST").starts_with("250"), "the chunks go on");
}

#[test]
fn c153_rset_drops_what_came() {
    for drop in ["RSET", "EHLO laptop.you.test"] {
        let mut talk = open();
        assert!(talk.send(b"BDAT 3\r\nold").starts_with("250"));
        assert!(talk.line(drop).starts_with("250"));
        assert!(talk.line("MAIL FROM:<you@you.test>").starts_with("250"));
        assert!(talk.line("RCPT TO:<pat@harbor.test>").starts_with("250"));
        assert!(talk.send(b"BDAT 3 LAST\r\nnew").starts_with("250"));
        assert_eq!(talk.letters().first().map(|letter| letter.content.as_slice()), Some(&b"new"[..]), "{drop}");
    }
}

#[test]
fn c154_what_is_no_size_is_told_and_the_next_line_is_a_command() {
    let mut talk = open();
    for bad in ["BDAT", "BDAT -1", "BDAT 10LAST", "BDAT 99999999999999999999", "BDAT 1 FIRST"] {
        assert_eq!(talk.line(bad), "501 5.5.4 Syntax: BDAT size [LAST]\r\n", "{bad}");
        assert_eq!(talk.line("NOOP"), "250 2.0.0 OK\r\n", "{bad}");
    }
}

#[test]
fn where_tls_or_a_login_must_come_first_the_chunk_is_read_all_the_same() {
    let mut config = chunking();
    config.auth_required = true;
    let mut talk = Talk::with(config);
    talk.line("EHLO laptop.you.test");
    assert_eq!(talk.send(b"BDAT 4\r\nQUIT"), "530 5.7.0 Authentication required\r\n");
    assert_eq!(talk.line("NOOP"), "250 2.0.0 OK\r\n");
}

#[test]
fn a_host_that_does_not_offer_it_has_no_bdat() {
    assert!(Talk::in_transaction(strict()).line("BDAT 4").starts_with("502"));
}
