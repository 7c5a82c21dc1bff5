//! What the user no longer waits for.

use super::*;

#[test]
fn who_stops_waiting_sends_the_next_line_at_once_and_late_replies_still_pair_up() {
    let mut talk = Talk::greeted();
    talk.say("NOOP");
    talk.say("RSET");
    assert!(talk.has(&Mark::Held { octets: 6, why: Hold::Reply }));
    talk.client.stop_waiting(talk.now);
    talk.settle();
    assert!(talk.has(&Mark::StoppedWaiting) && talk.has(&Mark::Dropped { lines: 1 }));
    assert_eq!(talk.client.deadline(), None, "nothing is waited for");
    talk.say("MAIL FROM:<>");
    assert_eq!(talk.wire(), "NOOP\r\nMAIL FROM:<>\r\n", "what was held does not go");
    talk.say("QUIT");
    assert!(!talk.wire().contains("QUIT"), "the new line is waited for");
    talk.hear("250 noop\r\n");
    assert!(!talk.wire().contains("QUIT"), "that was the reply to NOOP");
    talk.hear("250 mail\r\n");
    assert!(talk.wire().ends_with("QUIT\r\n"));
    talk.hear("221 bye\r\n");
    talk.client.closed(Ending::Clean);
    talk.settle();
    assert!(talk.ended(Side::Server, Ending::Clean));
}

#[test]
fn the_next_line_has_its_own_patience() {
    let timers = Timers { command: Duration::from_secs(7), ..Timers::INTERACTIVE };
    let mut talk = Talk::opened_with(&Profile { timers, ..Profile::default() });
    talk.hear("220 hi\r\n");
    talk.say("NOOP");
    talk.wait(6_000);
    talk.client.stop_waiting(talk.now);
    talk.wait(60_000);
    assert!(!talk.marks().iter().any(|mark| matches!(mark, Mark::TimedOut(_))), "nobody waits");
    talk.say("RSET");
    assert_eq!(talk.client.deadline(), Some(talk.now.after(Duration::from_secs(7))));
    talk.wait(7_000);
    assert!(talk.has(&Mark::TimedOut(Wait::Reply)));
}

#[test]
fn with_nothing_due_there_is_nothing_to_stop() {
    let mut talk = Talk::greeted();
    talk.client.stop_waiting(talk.now);
    talk.settle();
    assert!(talk.marks().is_empty());
    talk.exchange("STARTTLS", "220 go\r\n");
    talk.client.stop_waiting(talk.now);
    talk.say("NOOP");
    assert!(!talk.wire().contains("NOOP"), "a handshake is not passed by");
}

#[test]
fn a_letter_on_its_way_is_not_cut_short() {
    let mut talk = Talk::greeted();
    talk.exchange("DATA", "354 go\r\n");
    talk.client.send(Item::Letter, talk.now);
    talk.client.block(Arc::from(&b"half\r\n"[..]), false, talk.now);
    talk.settle();
    talk.client.stop_waiting(talk.now);
    talk.client.block(Arc::from(&b"whole\r\n"[..]), true, talk.now);
    talk.settle();
    assert!(talk.wire().ends_with("half\r\nwhole\r\n"), "{}", talk.wire());
}
