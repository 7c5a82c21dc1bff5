//! What the server does, rightly or wrongly.

use super::*;
use crate::tape::mark::{Limit, Wait};

#[test]
fn a_greeting_that_refuses_leaves_only_quit() {
    let dialogue = said("S: 554 5.5.0 no SMTP service here");
    assert_eq!(dialogue.phase(), Phase::Refused);
    assert_eq!(ids(&dialogue), ["greet/refused"]);
}

#[test]
fn other_services_are_recognised() {
    for greeting in ["SSH-2.0-OpenSSH_9.6", "+OK POP3 ready <1896.697@x>"] {
        let dialogue = said(&format!("S: {greeting}"));
        assert_eq!(dialogue.phase(), Phase::Foreign, "{greeting}");
        assert!(ids(&dialogue).contains(&"greet/not-smtp"), "{greeting}");
    }
}

#[test]
fn a_tls_alert_instead_of_a_greeting_names_the_tls_port() {
    let dialogue = said("S! \\x15\\x03\\x01\\x00\\x02\\x02\\x46");
    assert_eq!(ids(&dialogue), ["greet/tls-port"]);
    assert_eq!(dialogue.phase(), Phase::Foreign);
}

#[test]
fn a_malformed_line_is_no_reply() {
    let dialogue = said("S: 220mx.example.test ESMTP");
    assert_eq!(dialogue.phase(), Phase::Opening);
    assert_eq!(dialogue.outstanding().len(), 1);
    assert_eq!(ids(&dialogue), ["reply/malformed"]);
}

#[test]
fn a_garbage_line_stands_inside_its_reply() {
    let dialogue = said("S: 220 mx\nC: NOOP\nS: 250-ok\nS: garbage\nS: 250 done");
    assert_eq!(codes(&dialogue), [220, 250]);
    assert_eq!(ids(&dialogue), ["reply/garbage-line"]);
}

#[test]
fn a_reply_cut_by_the_end_is_truncated() {
    let dialogue = said_and_closed("S: 220 mx\nC: EHLO a.test\nS: 250-a\nS! 250-b");
    assert!(ids(&dialogue).contains(&"reply/truncated"));
    assert!(!dialogue.exchanges()[1].succeeded());
}

#[test]
fn a_late_reply_belongs_to_the_older_command() {
    let mut tape = opened();
    say(
        &mut tape,
        "S: 220 mx\nC: EHLO a.test\nS: 250 mx\nC: MAIL FROM:<a@you.test>\nS: 250 ok\nC: RCPT TO:<p@harbor.test>",
    );
    mark(&mut tape, Mark::TimedOut(Wait::Reply));
    say(&mut tape, "C: DATA\nS: 250 ok");
    let dialogue = Dialogue::of(&tape);
    assert!(ids(&dialogue).contains(&"sync/late-reply"));
    assert_eq!(dialogue.envelope().accepted().count(), 1, "the 250 is RCPT's");
    assert_eq!(dialogue.outstanding().len(), 1, "DATA is still due");
}

#[test]
fn plain_text_behind_the_220_of_starttls_is_an_injection() {
    let dialogue =
        said("S: 220 mx\nC: EHLO a.test\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nS: 250-evil.test");
    assert_eq!(dialogue.phase(), Phase::Upgrading);
    assert_eq!(ids(&dialogue), ["tls/injected-plaintext"]);
}

#[test]
fn limits_and_time_outs_are_flaws_of_their_marks() {
    let mut tape = opened();
    say(&mut tape, "S! 250-x");
    mark(&mut tape, Mark::Limit(Limit::Line));
    mark(&mut tape, Mark::TimedOut(Wait::Greeting));
    let dialogue = Dialogue::of(&tape);
    assert_eq!(ids(&dialogue), ["limit/line", "greet/timeout"]);
}

#[test]
fn capabilities_before_and_after_tls_are_compared() {
    let mut tape = opened();
    say(&mut tape, "S: 220 mx\nC: EHLO a.test\nS: 250-mx\nS: 250-AUTH PLAIN\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go");
    mark(&mut tape, tls());
    say(&mut tape, "C: EHLO a.test\nS: 250-mx\nS: 250 STARTTLS");
    let found = ids(&Dialogue::of(&tape));
    assert!(found.contains(&"caps/changed") && found.contains(&"caps/starttls-in-tls"), "{found:?}");
}

#[test]
fn c122_the_list_of_mechanisms_is_read_again_after_tls() {
    let mut tape = opened();
    say(&mut tape, "S: 220 mx\nC: EHLO a.test\nS: 250-mx\nS: 250-AUTH CRAM-MD5\nS: 250 STARTTLS");
    let offers =
        |tape: &Tape, name: &str| Dialogue::of(tape).extensions().map(|extensions| extensions.offers_mechanism(name));
    assert_eq!((offers(&tape, "CRAM-MD5"), offers(&tape, "PLAIN")), (Some(true), Some(false)));
    say(&mut tape, "C: STARTTLS\nS: 220 go");
    mark(&mut tape, tls());
    assert_eq!(offers(&tape, "CRAM-MD5"), None, "the list of before is void");
    say(&mut tape, "C: EHLO a.test\nS: 250-mx\nS: 250 AUTH PLAIN");
    assert_eq!((offers(&tape, "CRAM-MD5"), offers(&tape, "PLAIN")), (Some(false), Some(true)));
}
