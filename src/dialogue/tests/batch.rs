//! Batches, judged before they leave.

use super::*;
use crate::dialogue::batch::{Judged, Piece, groups, judge};
use crate::dialogue::exchange::Pair;

const HELLO: &str = "S: 220 mx1.harbor.test ESMTP
    C: EHLO laptop.you.test
    S: 250-mx1.harbor.test
    S: 250-CHUNKING
    S: 250-STARTTLS
    S: 250 PIPELINING";

fn lines(text: &str) -> Vec<Vec<u8>> {
    text.lines().map(|line| format!("{}\r\n", line.trim()).into_bytes()).collect()
}

/// The best warning about each line.
fn warned(dialogue: &Dialogue, text: &str) -> Vec<String> {
    let first = |judged: Judged| judged.warnings.into_iter().next().map(|warning| warning.text);
    judge(dialogue, &lines(text)).into_iter().map(|judged| first(judged).unwrap_or_default()).collect()
}

#[test]
fn each_line_may_use_what_the_lines_before_it_allow() {
    let whole = "MAIL FROM:<you@you.test>
        RCPT TO:<pat@harbor.test>
        DATA
        Subject: hi
        .
        MAIL FROM:<you@you.test>";
    let warned = warned(&said(HELLO), whole);
    assert!(warned[2].starts_with("DATA must come last"), "{warned:?}");
    assert!([0, 1, 3, 4, 5].iter().all(|line| warned[*line].is_empty()), "{warned:?}");
    let bare = judge(&said(HELLO), &lines("RCPT TO:<pat@harbor.test>\nMAIL FROM:<you@you.test>"));
    assert_eq!(bare[0].warnings[0].expect, Some(503));
}

#[test]
fn c083_c084_what_ends_a_group_is_warned_of_where_something_stands_behind_it() {
    let dialogue = said(HELLO);
    for line in ["EHLO a.test", "VRFY pat", "NOOP", "QUIT", "ETRN a.test"] {
        let verb = line.split(' ').next().expect("a verb");
        assert!(
            warned(&dialogue, &format!("{line}\nRSET"))[0].starts_with(&format!("{verb} must come last")),
            "{line}"
        );
        let last = warned(&dialogue, &format!("RSET\n{line}"));
        assert!(!last[1].contains("must come last"), "{line}");
    }
    let chunks = "MAIL FROM:<you@you.test>
        RCPT TO:<pat@harbor.test>
        BDAT 4
        hi
        BDAT 0 LAST
        RSET";
    assert!(warned(&dialogue, chunks).iter().all(String::is_empty), "BDAT and its octets may stand inside");
}

#[test]
fn c087_pipelining_counts_only_as_the_list_in_force_has_it() {
    let two = "MAIL FROM:<you@you.test>\nRCPT TO:<pat@harbor.test>";
    let not_offered = |text: &str| warned(&said(text), two)[0].starts_with("PIPELINING is not offered");
    assert!(!not_offered(HELLO));
    assert!(not_offered("S: 220 mx\nC: EHLO a.test\nS: 250 mx"));
    assert!(not_offered(&format!("{HELLO}\nC: HELO a.test\nS: 250 mx")));
    assert!(warned(&said("S: 220 mx\nC: EHLO a.test\nS: 250 mx"), "NOOP")[0].is_empty(), "one line is no batch");
    let mut tape = opened();
    say(&mut tape, &format!("{HELLO}\nC: STARTTLS\nS: 220 go"));
    mark(&mut tape, tls());
    assert!(warned(&Dialogue::of(&tape), "RSET\nRSET")[0].starts_with("PIPELINING is not offered"));
}

#[test]
fn c083_c087_groups_end_where_they_must_and_are_single_without_pipelining() {
    let text = "NOOP
        MAIL FROM:<you@you.test>
        RCPT TO:<pat@harbor.test>
        BDAT 4
        hi
        BDAT 0 LAST
        QUIT";
    assert_eq!(groups(&said(HELLO), &lines(text)), Ok(vec![0..1, 1..7]));
    let alone = "S: 220 mx\nC: EHLO a.test\nS: 250-mx\nS: 250 CHUNKING";
    assert_eq!(groups(&said(alone), &lines(text)), Ok(vec![0..1, 1..2, 2..3, 3..5, 5..6, 6..7]));
}

#[test]
fn by_form_a_line_that_breaks_a_rule_is_named_and_nothing_is_grouped() {
    let refused = |text: &str| groups(&said(HELLO), &lines(text)).expect_err("a line is wrong");
    assert_eq!(refused("RSET\nRCPT TO:<pat@harbor.test>"), (2, "503 expected: no MAIL yet.".into()));
    assert_eq!(refused("MAIL FROM:<you@you.test>\nRCPT TO:<pat@harbor.test>\nDATA\nhi").0, 4);
    let short = refused("MAIL FROM:<you@you.test>\nRCPT TO:<pat@harbor.test>\nBDAT 9\nhi");
    assert_eq!(short, (4, "The chunk is not whole: BDAT promises more octets (RFC 3030 §2).".into()));
}

#[test]
fn a_chunk_that_ends_inside_a_line_leaves_a_command() {
    let text = "MAIL FROM:<you@you.test>\nRCPT TO:<pat@harbor.test>\nBDAT 5\nhello\nRSET";
    let judged = judge(&said(HELLO), &lines(text));
    assert_eq!(judged[3].piece, Piece::Command);
    assert_eq!(judged[3].warnings[0].id, "fsm/bdat");
    let warning = "The chunk ends after 5 of these octets; 2 octets behind it will be read as a command.";
    assert_eq!(judged[3].warnings[0].text, warning);
}

#[test]
fn c085_a_reply_of_a_batch_knows_its_command() {
    let dialogue = said("S: 220 mx\nC: RSET\nC: NOOP\nS: 250 one\nS: 250 two\nC: NOOP\nS: 250 three");
    // Row 0 says that the connection stands.
    let pairs: Vec<_> =
        (0..8).map(|row| dialogue.pair(RowId(row)).map(|pair| (pair.command.0, pair.reply.0))).collect();
    let (reset, noop) = (Some((2, 4)), Some((3, 5)));
    assert_eq!(pairs, [None, None, reset, noop, reset, noop, None, None]);
    assert_eq!(dialogue.pair(RowId(4)), Some(Pair { command: RowId(2), reply: RowId(4) }));
}

#[test]
fn c096_starttls_is_the_last_of_a_batch() {
    let hello = "S: 220 hi\nC: EHLO a.test\nS: 250-mx\nS: 250-PIPELINING\nS: 250 STARTTLS\n";
    let last = said(&format!("{hello}C! NOOP\\r\\nRSET\\r\\nSTARTTLS\\r\\n\nS: 250 ok\nS: 250 ok\nS: 220 go"));
    assert_eq!(ids(&last), [""; 0]);
    for behind in ["NOOP", "EHLO a.test", "STARTTLS"] {
        let batch = said(&format!("{hello}C! STARTTLS\\r\\n{behind}\\r\\n\n"));
        assert_eq!(ids(&batch), ["fsm/pipelined-starttls"], "{behind}");
    }
}
