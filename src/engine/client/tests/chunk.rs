//! Chunks: BDAT and the octets behind it (RFC 3030 §2).

use super::*;

#[test]
fn c144_a_chunk_goes_octet_for_octet_at_once_and_no_dot_ends_it() {
    let mut talk = Talk::greeted();
    let chunk = ".\r\n..two\r\n.\r\n";
    talk.say(&format!("BDAT {}", chunk.len()));
    talk.client.send(Item::Line(Arc::from(chunk.as_bytes())), talk.now);
    talk.settle();
    assert_eq!(talk.wire(), format!("BDAT 13\r\n{chunk}"), "no 354 is waited for, nothing is doubled");
    talk.say("QUIT");
    assert!(!talk.wire().contains("QUIT"), "the one reply is due");
    talk.hear("250 13 octets\r\n");
    assert!(talk.wire().ends_with("QUIT\r\n"));
}

#[test]
fn c145_chunks_in_one_write_get_a_reply_each() {
    let mut talk = Talk::greeted();
    talk.say("BDAT 4\r\none\nBDAT 5\r\nthreeBDAT 0 LAST");
    talk.say("NOOP");
    for reply in ["250 4\r\n", "250 5\r\n"] {
        talk.hear(reply);
        assert!(!talk.wire().contains("NOOP"), "three replies are due");
    }
    talk.hear("250 taken\r\n");
    assert!(talk.wire().ends_with("NOOP\r\n"));
}

#[test]
fn the_octets_of_a_chunk_ask_for_nothing() {
    let mut talk = Talk::greeted();
    talk.say("BDAT 12 LAST");
    talk.say("QUIT\r\nQUIT");
    assert!(talk.wire().ends_with("QUIT\r\nQUIT\r\n"));
    talk.say("QUIT");
    assert_eq!(talk.wire.len(), 2);
    talk.hear("250 ok\r\n");
    assert_eq!(talk.wire.len(), 3);
}
