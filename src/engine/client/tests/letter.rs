//! Letters that come in blocks.

use super::*;

/// A client with a letter and its dot behind a DATA.
fn posting() -> Talk {
    let mut talk = Talk::greeted();
    talk.say("DATA");
    talk.client.send(Item::Letter, talk.now);
    talk.say(".");
    talk
}

fn block(talk: &mut Talk, octets: &[u8], last: bool) {
    assert!(talk.client.wants_block());
    talk.client.block(Arc::from(octets), last, talk.now);
    talk.settle();
}

#[test]
fn a_letter_waits_for_the_354_and_its_dot_for_the_last_block() {
    let mut talk = posting();
    assert!(!talk.client.wants_block(), "there is no 354 yet");
    talk.hear("354 go on\r\n");
    block(&mut talk, b"Subject: hi\r\n", false);
    assert!(talk.wire().ends_with("Subject: hi\r\n"), "the dot waits");
    block(&mut talk, b"\r\nhello\r\n", true);
    assert!(talk.wire().ends_with("hello\r\n.\r\n"));
    assert!(!talk.client.wants_block() && !talk.client.has_letter());
    assert!(talk.has(&Mark::Held { octets: 3, why: Hold::Reply }));
}

#[test]
fn a_letter_whose_data_was_refused_is_dropped_with_its_dot() {
    let mut talk = posting();
    talk.hear("554 no valid recipients\r\n");
    assert!(!talk.client.has_letter() && talk.has(&Mark::Dropped { lines: 2 }));
    assert!(talk.wire().ends_with("DATA\r\n"));
}

#[test]
fn a_letter_without_data_never_becomes_commands() {
    let mut talk = Talk::greeted();
    talk.client.send(Item::Letter, talk.now);
    talk.settle();
    assert!(talk.has(&Mark::Dropped { lines: 1 }) && !talk.client.wants_block());
}

#[test]
fn a_letter_that_cannot_be_read_to_its_end_gets_no_dot() {
    let mut talk = posting();
    talk.hear("354 go on\r\n");
    block(&mut talk, b"half of it\r\n", false);
    talk.client.letter_failed("letter.eml".into(), "Input/output error".into());
    talk.settle();
    assert!(talk.wire().ends_with("half of it\r\n"), "a part must not pass as the whole");
    assert!(talk.has(&Mark::Dropped { lines: 1 }));
}

#[test]
fn lines_behind_a_letter_are_not_let_go_before_it() {
    let mut talk = posting();
    talk.client.let_go(talk.now);
    talk.settle();
    assert!(talk.wire().ends_with("DATA\r\n"));
}

#[test]
fn there_is_one_letter_at_a_time() {
    let mut talk = posting();
    talk.client.send(Item::Letter, talk.now);
    talk.settle();
    assert!(talk.has(&Mark::Dropped { lines: 1 }));
}

#[test]
fn a_farewell_ends_a_letter() {
    let mut talk = posting();
    talk.hear("354 go on\r\n");
    block(&mut talk, b"half of it\r\n", false);
    talk.hear("421 the disk is full\r\n");
    assert!(!talk.client.wants_block());
}

#[test]
fn a_letter_that_nobody_takes_is_stopped_at_once() {
    let mut talk = posting();
    talk.hear("354 go on\r\n");
    talk.client.block(Arc::from(&b"half of it\r\n"[..]), false, talk.now);
    talk.client.close(talk.now);
    assert!(talk.client.is_over(), "the block was not waited for");
    talk.settle();
    assert!(talk.wire().ends_with("DATA\r\n") && talk.has(&Mark::Dropped { lines: 1 }));
}

/// A block of which so many octets are written when the server answers.
fn answered_inside(octets: &str, written: usize) -> Talk {
    let mut talk = posting();
    talk.hear("354 go on\r\n");
    talk.client.block(Arc::from(octets.as_bytes()), true, talk.now);
    let head = talk.client.outgoing()[..written].to_vec();
    talk.client.wrote(written, talk.now);
    talk.wire.push(head);
    talk.hear("550 no\r\n");
    talk
}

#[test]
fn an_answer_inside_a_letter_stops_it_at_a_line_edge_and_closes() {
    for (written, left) in [(0, ""), (2, "one\r\n"), (4, "one\r\n"), (5, "one\r\n"), (8, "one\r\ntwo\r\n")] {
        let talk = answered_inside("one\r\ntwo\r\nthree\r\n", written);
        assert!(talk.wire().ends_with(&format!("DATA\r\n{left}")), "{written}: {:?}", talk.wire());
        assert!(talk.ended(Side::Client, Ending::EarlyReply) && talk.has(&Mark::Dropped { lines: 1 }), "{written}");
    }
    let dot = answered_inside("one\r\n..\r\n", 6);
    assert!(dot.wire().ends_with("DATA\r\none\r\n."), "what may become the end is not made one");
}
