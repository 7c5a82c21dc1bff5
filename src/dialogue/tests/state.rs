//! The phases of a whole session, step by step.

use super::*;

#[test]
fn a_letter_from_greeting_to_goodbye() {
    let steps = [
        ("S: 220 mx1.harbor.test ESMTP", Phase::Ready),
        ("C: EHLO laptop.you.test\nS: 250-mx1\nS: 250 SIZE 10", Phase::Ready),
        ("C: MAIL FROM:<you@you.test>\nS: 250 ok", Phase::Envelope),
        ("C: RCPT TO:<pat@harbor.test>\nS: 250 ok", Phase::Envelope),
        ("C: DATA\nS: 354 go", Phase::Content),
        ("C: Subject: dots\nC: \nC: ..hidden", Phase::Content),
        ("C: .", Phase::Verdict),
        ("S: 250 2.0.0 taken", Phase::Ready),
        ("C: QUIT\nS: 221 bye", Phase::Closing),
    ];
    let mut tape = opened();
    let mut dialogue = Dialogue::new();
    for (step, phase) in steps {
        say(&mut tape, step);
        dialogue.follow(&tape);
        assert_eq!(dialogue.phase(), phase, "{step}");
    }
    assert_eq!(dialogue.letters().len(), 1);
    assert_eq!(dialogue.flaws(), [], "nothing is odd here");
    assert_eq!(codes(&dialogue), [220, 250, 250, 250, 354, 250, 221]);
}

#[test]
fn lmtp_gives_a_verdict_for_each_recipient() {
    let dialogue = said(
        "S: 220 store LMTP
        C: LHLO a.test
        S: 250 store
        C: MAIL FROM:<you@you.test>
        S: 250 ok
        C: RCPT TO:<pat@harbor.test>
        S: 250 ok
        C: RCPT TO:<full@harbor.test>
        S: 250 ok
        C: DATA
        S: 354 go
        C: hello
        C: .
        S: 250 stored
        S: 452 full",
    );
    assert_eq!(dialogue.desync(), None);
    assert_eq!(dialogue.phase(), Phase::Ready);
    let verdicts: Vec<_> = dialogue
        .exchanges()
        .iter()
        .filter_map(|exchange| Some((exchange.recipient?, exchange.code()?.get())))
        .collect();
    assert_eq!(verdicts, [(0, 250), (1, 452)]);
}

#[test]
fn octets_of_a_chunk_are_never_commands() {
    let dialogue = said(
        "S: 220 mx
        C: EHLO a.test
        S: 250-mx
        S: 250 CHUNKING
        C: MAIL FROM:<you@you.test>
        S: 250 ok
        C: RCPT TO:<pat@harbor.test>
        S: 250 ok
        C! BDAT 12 LAST\\r\\nQUIT\\r\\n.\\r\\nhi\\x21NOOP\\r\\n
        S: 250 taken
        S: 250 noop",
    );
    assert_eq!(codes(&dialogue), [220, 250, 250, 250, 250, 250]);
    assert_eq!(dialogue.letters().len(), 1);
    assert_eq!(dialogue.desync(), None);
}

#[test]
fn dots_that_faulty_servers_take_for_the_end_are_flagged() {
    for look_alike in ["\\n.\\n", "\\n.\\r\\n", "\\r.\\r", "\\r\\n.\\n", "\\r\\n.\\r\\r\\n", "\\r\\n\\0.\\r\\n"] {
        let dialogue = said(&format!(
            "S: 220 mx\nC: EHLO a.test\nS: 250 mx\nC: MAIL FROM:<a@you.test>\nS: 250 ok\nC: RCPT TO:<p@harbor.test>\nS: 250 ok
            C: DATA\nS: 354 go\nC! hello{look_alike}more\\r\\n"
        ));
        assert!(ids(&dialogue).contains(&"data/smuggling"), "{look_alike}");
        assert_eq!(dialogue.phase(), Phase::Content, "{look_alike} did not end the letter");
    }
}
