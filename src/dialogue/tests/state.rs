//! The phases of a whole session, step by step.

use super::*;
use crate::smtp::command::Verb;

#[test]
fn a_letter_from_greeting_to_goodbye() {
    let steps = [
        ("S: 220 mx1.harbor.test ESMTP", Phase::Ready),
        ("C: EHLO laptop.you.test\nS: 250-mx1\nS: 250-SIZE 10\nS: 250 ENHANCEDSTATUSCODES", Phase::Ready),
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
    let ids = (0..dialogue.exchanges().len()).filter_map(|index| u32::try_from(index).ok().map(ExchangeId));
    let whose: Vec<_> = ids.filter_map(|id| dialogue.verdict_for(id)).map(|it| it.path.as_slice()).collect();
    assert_eq!(whose, [&b"pat@harbor.test"[..], b"full@harbor.test"]);
}

#[test]
fn c217_lmtp_gives_a_verdict_for_each_recipient_of_a_last_chunk() {
    let dialogue = said(
        "S: 220 store LMTP
        C: LHLO a.test
        S: 250-store
        S: 250 CHUNKING
        C: MAIL FROM:<you@you.test>
        C: RCPT TO:<pat@harbor.test>
        C: RCPT TO:<nobody@harbor.test>
        C: RCPT TO:<full@harbor.test>
        C! BDAT 2\\r\\nhi
        C! BDAT 3 LAST\\r\\n!\\r\\n
        C: MAIL FROM:<you@you.test>
        S: 250 ok
        S: 250 ok
        S: 550 who?
        S: 250 ok
        S: 250 2 octets
        S: 250 stored
        S: 452 full
        S: 250 next",
    );
    assert_eq!((dialogue.desync(), dialogue.outstanding().len()), (None, 0));
    assert_eq!(dialogue.phase(), Phase::Envelope, "the next letter has begun");
    let verdicts: Vec<_> = dialogue
        .exchanges()
        .iter()
        .filter_map(|exchange| Some((exchange.recipient?, exchange.code()?.get())))
        .collect();
    assert_eq!(verdicts, [(0, 250), (2, 452)]);
    let [letter] = dialogue.letters() else { panic!("one letter") };
    assert_eq!(letter.envelope.recipients.len(), 3);
    assert_eq!(letter.verdict.map(crate::smtp::code::Code::get), Some(452), "the worst one");
}

#[test]
fn c217_lmtp_gives_no_verdict_on_a_last_chunk_for_nobody() {
    let dialogue = said(
        "S: 220 store LMTP
        C: LHLO a.test
        S: 250-store
        S: 250 CHUNKING
        C: MAIL FROM:<you@you.test>
        S: 250 ok
        C: RCPT TO:<nobody@harbor.test>
        S: 550 who?
        C! BDAT 3 LAST\\r\\nhi\\n",
    );
    assert_eq!((dialogue.phase(), dialogue.outstanding().len()), (Phase::Ready, 0));
    assert_eq!(dialogue.letters().len(), 1);
}

#[test]
fn c217_out_of_order_a_last_chunk_is_refused_like_any_command() {
    let hello = "S: 220 store LMTP\nC: LHLO a.test\nS: 250-store\nS: 250 CHUNKING\n";
    let dialogue = said(&format!("{hello}C! BDAT 2 LAST\\r\\nhi\nS: 503 5.5.0 MAIL needed first"));
    assert_eq!((dialogue.desync(), dialogue.outstanding().len()), (None, 0));
    assert_eq!((codes(&dialogue), dialogue.phase()), (vec![220, 250, 503], Phase::Ready));
}

#[test]
fn a_store_without_chunking_refuses_a_last_chunk_once() {
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
        C: BDAT 0 LAST
        S: 502 5.5.1 Unsupported command",
    );
    assert_eq!((dialogue.desync(), dialogue.outstanding().len()), (None, 0));
    assert_eq!(dialogue.phase(), Phase::Ready);
}

#[test]
fn a_chunk_that_is_not_the_last_is_no_letter_before_it() {
    let mut session = "S: 220 store LMTP\nC: LHLO a.test\nS: 250-store\nS: 250 CHUNKING\n".to_owned();
    session += "C: MAIL FROM:<>\nS: 250 ok\nC: RCPT TO:<pat@harbor.test>\nS: 250 ok\n";
    session += "C! BDAT 2 LAST\\r\\nhi\nS: 250 stored\n";
    session += "C: MAIL FROM:<>\nS: 250 ok\nC: RCPT TO:<pat@harbor.test>\nS: 250 ok\n";
    session += "C! BDAT 2\\r\\nhi\nS: 552 too big\n";
    let dialogue = said(&session);
    assert_eq!(dialogue.phase(), Phase::Envelope, "this letter has not ended");
    assert_eq!(dialogue.letters()[0].verdict.map(crate::smtp::code::Code::get), Some(250));
}

#[test]
fn a_chunk_behind_a_refused_data_is_counted_wherever_its_lines_were_cut() {
    let dialogue = said(
        "S: 220 mx\nC: EHLO a.test\nS: 250-mx\nS: 250 CHUNKING\nC: MAIL FROM:<>\nS: 250 ok
            C: DATA\nC! BDAT 7 LAST\\r\\n.\\r\\nquitNOOP\\r\\nRS\nS: 503 no recipients\nC! ET\\r\\n\nS: 250 1\nS: 250 2\nS: 250 3",
    );
    let rows = |dialogue: &Dialogue| {
        let client = dialogue.rows().iter().filter(|row| row.side() == Some(Side::Client)).skip(3);
        client.map(|row| (row.span().map(Span::len), std::mem::discriminant(&row.what))).collect::<Vec<_>>()
    };
    assert_eq!(dialogue.desync(), None);
    assert_eq!(codes(&dialogue), [220, 250, 250, 503, 250, 250, 250]);
    let verbs: Vec<_> = dialogue.exchanges().iter().skip(4).filter_map(Exchange::verb).collect();
    assert_eq!(verbs, [Verb::Bdat, Verb::Noop, Verb::Rset]);
    assert_eq!(dialogue.letters().len(), 1);
    let command = std::mem::discriminant(&What::Command(ExchangeId(0)));
    let chunk = std::mem::discriminant(&What::Chunk(ExchangeId(0)));
    let lens = [(13, command), (3, chunk), (4, chunk), (6, command), (6, command)];
    assert_eq!(rows(&dialogue), lens.map(|(len, what)| (Some(len), what)));
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

#[test]
fn c097_inside_tls_nothing_is_known_until_a_new_ehlo() {
    let mut tape = opened();
    say(&mut tape, "S: 220 hi\nC: EHLO a.test\nS: 250-mx\nS: 250-SIZE 1000\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go");
    assert!(Dialogue::of(&tape).extensions().is_some());
    mark(&mut tape, tls());
    let secured = Dialogue::of(&tape);
    assert!(secured.extensions().is_none() && secured.hello().is_none());
    say(&mut tape, "C: EHLO a.test\nS: 250-mx\nS: 250 DSN");
    let again = Dialogue::of(&tape);
    let known = again.extensions().expect("a new list");
    assert!(known.has("DSN") && !known.has("SIZE") && !known.has("STARTTLS"), "nothing of the old list is left");
}

#[test]
fn c099_starttls_inside_tls_is_foretold_and_flagged() {
    let mut tape = opened();
    say(&mut tape, "S: 220 hi\nC: EHLO a.test\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go");
    mark(&mut tape, tls());
    say(&mut tape, "C: EHLO a.test\nS: 250 mx");
    let inside = Dialogue::of(&tape);
    assert_eq!(forecast::legal(&inside, Verb::StartTls), forecast::Legal::Not { code: 503, why: "already encrypted" });
    say(&mut tape, "C: STARTTLS\nS: 503 no");
    assert_eq!(ids(&Dialogue::of(&tape)).last(), Some(&"fsm/order"));
}
