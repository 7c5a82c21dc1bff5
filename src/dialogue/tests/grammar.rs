//! Replies as the fold pairs and frames them.

use super::*;

const HELLO: &str = "S: 220 mx1.harbor.test ESMTP
    C: EHLO laptop.you.test
    S: 250-mx1.harbor.test
    S: 250-SIZE 10485760
    S: 250 PIPELINING";

#[test]
fn c001_a_bare_code_completes_the_exchange() {
    let dialogue = said("S: 220 mx\nC: NOOP\nS: 250");
    assert_eq!(codes(&dialogue), [220, 250]);
    assert_eq!(dialogue.outstanding().len(), 0);
}

#[test]
fn c002_a_code_and_a_space_complete_the_exchange() {
    let dialogue = said("S: 220 mx\nC: NOOP\nS! 250 \\r\\n");
    assert_eq!(codes(&dialogue), [220, 250]);
}

#[test]
fn c003_only_the_code_decides() {
    for text in ["250 never, ever", "250", "250 550 5.1.1 no such user"] {
        let dialogue = said(&format!("{HELLO}\nC: MAIL FROM:<you@you.test>\nS: {text}"));
        assert_eq!(dialogue.phase(), Phase::Envelope, "{text}");
    }
}

#[test]
fn c004_an_unknown_code_is_handled_by_its_first_digit() {
    let taken = said(&format!("{HELLO}\nC: MAIL FROM:<you@you.test>\nS: 259 fine"));
    assert_eq!(taken.phase(), Phase::Envelope);
    let refused = said(&format!("{HELLO}\nC: MAIL FROM:<you@you.test>\nS: 499 later"));
    assert_eq!(refused.phase(), Phase::Ready);
}

#[test]
fn c005_a_code_outside_the_classes_is_never_a_success() {
    let dialogue = said(&format!("{HELLO}\nC: MAIL FROM:<you@you.test>\nS: 650 what"));
    assert!(!dialogue.exchanges()[2].succeeded());
    assert_eq!(dialogue.phase(), Phase::Ready);
    assert!(ids(&dialogue).contains(&"reply/unknown-class"));
}

#[test]
fn c006_a_multiline_reply_ends_at_the_first_line_without_a_hyphen() {
    let dialogue = said(HELLO);
    let answer = dialogue.exchanges()[1].answer.expect("a reply");
    assert_eq!((answer.lines, answer.complete), (3, true));
    let last: Vec<_> = dialogue
        .rows()
        .iter()
        .filter_map(|row| match row.what {
            What::Reply { last, .. } => Some(last),
            _ => None,
        })
        .collect();
    assert_eq!(last, [true, false, false, true]);
}

#[test]
fn c007_mixed_codes_are_flagged_and_the_last_one_is_used() {
    let dialogue = said("S: 220 mx\nC: NOOP\nS: 250-fine\nS: 550 no");
    assert_eq!(codes(&dialogue), [220, 550]);
    assert_eq!(ids(&dialogue), ["reply/mixed-codes"]);
    let conflict = said("S: 220 mx\nC: NOOP\nS: 550-no\nS: 250 fine");
    assert!(!conflict.exchanges()[1].succeeded(), "a conflict is never a success");
}

#[test]
fn c008_a_long_reply_line_is_taken_and_flagged() {
    let dialogue = said(&format!("S: 220 mx\nC: NOOP\nS: 250 {}", "x".repeat(600)));
    assert_eq!(codes(&dialogue), [220, 250]);
    assert_eq!(ids(&dialogue), ["reply/long-line"]);
}

#[test]
fn c010_421_answers_any_command_and_closes() {
    let dialogue = said(&format!("{HELLO}\nC: MAIL FROM:<you@you.test>\nS: 421 shutting down"));
    assert_eq!(codes(&dialogue)[2], 421);
    assert_eq!(dialogue.phase(), Phase::Closing);
}

#[test]
fn c011_421_without_a_question_is_an_asynchronous_shutdown() {
    let dialogue = said(&format!("{HELLO}\nS: 421 4.4.2 idle"));
    assert_eq!(dialogue.exchanges().last().expect("it").cause, Cause::Unasked);
    assert_eq!(dialogue.phase(), Phase::Closing);
    assert!(ids(&dialogue).contains(&"sync/unsolicited-421"));
    assert!(dialogue.desync().is_none());
}

#[test]
fn c012_bare_lf_and_bare_cr_are_parsed_and_flagged() {
    assert_eq!(ids(&said("S: 220 mx\nC: NOOP\nS! 250 ok\\n")), ["reply/bare-lf"]);
    let overwritten = said("S: 220 mx\nC: NOOP\nS! 550 denied\\r250 accepted\\r\\n");
    assert_eq!(codes(&overwritten), [220, 550]);
    assert_eq!(ids(&overwritten), ["reply/bare-cr"]);
}

#[test]
fn c051_the_first_line_of_the_ehlo_reply_is_never_a_keyword() {
    let dialogue = said("S: 220 mx\nC: EHLO laptop.you.test\nS: 250-STARTTLS\nS: 250 SIZE 1000");
    let extensions = dialogue.extensions().expect("extensions");
    assert!(!extensions.has("STARTTLS"));
    assert!(extensions.has("SIZE"));
}

#[test]
fn c085_pipelined_replies_pair_up_in_order() {
    let dialogue = said(&format!(
        "{HELLO}
        C: MAIL FROM:<you@you.test>
        C: RCPT TO:<pat@harbor.test>
        C: RCPT TO:<nobody@harbor.test>
        C: DATA
        S: 250 2.1.0 ok
        S: 250 2.1.5 ok
        S: 550 5.1.1 no
        S: 354 go"
    ));
    assert_eq!(codes(&dialogue), [220, 250, 250, 250, 550, 354]);
    assert_eq!(dialogue.phase(), Phase::Content);
    let accepted: Vec<_> = dialogue.envelope().recipients.iter().map(envelope::Recipient::accepted).collect();
    assert_eq!(accepted, [true, false]);
}

#[test]
fn two_replies_to_one_command_are_a_desync() {
    let dialogue = said("S: 220 mx\nC: RSET\nS: 250 ok\nS: 250 ok");
    assert!(dialogue.desync().is_some());
    assert_eq!(ids(&dialogue), ["sync/surplus-reply"]);
}
