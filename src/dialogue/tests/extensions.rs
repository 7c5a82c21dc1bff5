//! What is known before Enter about parameters, limits and other things of extensions.

use super::*;
use crate::dialogue::batch::groups;
use crate::dialogue::coach::advise;
use crate::dialogue::forecast::{Warning, forecast};
use crate::dialogue::standing::Standing;
use crate::dialogue::suggest::{Persona, moves, suggest};
use crate::smtp::command::Command;

/// A dialogue behind an EHLO that offers these.
fn offers(keywords: &str) -> Dialogue {
    said(&after(keywords, ""))
}

fn after(keywords: &str, more: &str) -> String {
    let lines = keywords.split(", ").fold(String::new(), |lines, keyword| lines + "S: 250-" + keyword + "\n");
    format!("S: 220 mx ESMTP\nC: EHLO laptop.you.test\nS: 250-mx\n{lines}S: 250 HELP\n{more}")
}

fn warnings(dialogue: &Dialogue, line: &str) -> Vec<Warning> {
    forecast(&Standing::of(dialogue), &Command::parse(line.as_bytes()))
}

/// The texts of the warnings about one line.
fn told(dialogue: &Dialogue, line: &str) -> Vec<String> {
    warnings(dialogue, line).into_iter().map(|warning| warning.text).collect()
}

/// True if forms refuse the line as the second of a batch.
fn is_refused(dialogue: &Dialogue, line: &str) -> bool {
    groups(dialogue, &[b"RSET\r\n".to_vec(), format!("{line}\r\n").into_bytes()]).is_err()
}

const EVERYTHING: &str = "SIZE 1000, 8BITMIME, BINARYMIME, CHUNKING, SMTPUTF8, DSN, DELIVERBY 60, FUTURERELEASE 7200 2026-12-31T00:00:00Z, MT-PRIORITY MIXER, RRVS, NO-SOLICITING, MTRK, AUTH PLAIN, PRDR, ETRN";

const MAIL: &str = "C: MAIL FROM:<you@you.test>\nS: 250 ok\n";

#[test]
fn a_value_that_breaks_its_grammar_is_told_with_the_rule() {
    let dialogue = offers(EVERYTHING);
    for (param, rule) in [
        ("SIZE=99999999999999999999999", "SIZE is written SIZE=octets of the letter, 1 to 20 digits (RFC 1870 §6)"),
        ("BODY=9BIT", "BODY is written BODY=7BIT, BODY=8BITMIME or BODY=BINARYMIME (RFC 6152 §2, RFC 3030 §3)"),
        ("RET=ALL", "RET is written RET=FULL or RET=HDRS (RFC 3461 §4.3)"),
        ("BY=0;R", "BY is written BY=seconds;R or ;N, then T for a trace; with R more than 0 seconds (RFC 2852 §4)"),
        ("HOLDFOR=0", "HOLDFOR is written HOLDFOR=seconds, 1 to 999999999 (RFC 4865 §3)"),
        ("MT-PRIORITY=10", "MT-PRIORITY is written MT-PRIORITY=-9 to 9 (RFC 6710 §3)"),
        (
            "SOLICIT=9:ADV",
            "SOLICIT is written SOLICIT=keywords with commas between, as net.example:ADV (RFC 3865 §2.3)",
        ),
        ("SMTPUTF8=1", "SMTPUTF8 is written SMTPUTF8, without a value (RFC 6531 §3.4)"),
        ("PRDR=1", "PRDR is written PRDR, without a value (draft-hall-prdr)"),
        ("NOTIFY=NEVER", "NOTIFY belongs to RCPT, not to MAIL (RFC 3461 §4.1)"),
        ("HOLDFOR=60 HOLDUNTIL=2026-12-24T18:00:00Z", "HOLDUNTIL excludes HOLDFOR (RFC 4865 §3)"),
        ("S_IZE=1", "S_IZE is no parameter; one is KEYWORD or KEYWORD=value (RFC 5321 §4.1.2)"),
    ] {
        let line = format!("MAIL FROM:<you@you.test> {param}");
        assert_eq!(told(&dialogue, &line).first(), Some(&format!("501 expected: {rule}.")), "{param}");
    }
}

#[test]
fn a_parameter_of_which_nothing_is_known_is_told() {
    let dialogue = offers(EVERYTHING);
    let text = "555 expected: no extension that ehlo knows has a parameter XNEW.";
    assert_eq!(told(&dialogue, "MAIL FROM:<you@you.test> XNEW=1"), [text]);
}

#[test]
fn c136_size_is_declared_once() {
    let dialogue = offers("SIZE 1000");
    let twice = "501 expected: SIZE stands twice, and at most once is allowed (RFC 1870 §6).";
    assert_eq!(told(&dialogue, "MAIL FROM:<you@you.test> SIZE=1 SIZE=2"), [twice]);
    assert!(is_refused(&dialogue, "MAIL FROM:<you@you.test> SIZE=1 SIZE=2"));
}

#[test]
fn c138_a_letter_too_large_ends_in_quit_for_good_or_for_now() {
    for (reply, now) in
        [("552 too large", "Say QUIT, or MAIL for a smaller letter"), ("452 full", "Say QUIT and try again later")]
    {
        let dialogue = said(&after("SIZE 1000", &format!("C: MAIL FROM:<you@you.test> SIZE=2000\nS: {reply}")));
        assert_eq!(suggest(&dialogue, &Persona::default()).as_deref(), Some("QUIT"), "{reply}");
        assert_eq!(advise(&dialogue).now, now);
    }
}

#[test]
fn c142_8bitmime_counts_only_where_it_is_offered() {
    let line = "MAIL FROM:<you@you.test> BODY=8BITMIME";
    assert!(told(&offers("8BITMIME"), line).is_empty());
    let not = "555 expected: BODY needs 8BITMIME, which the server does not offer.";
    assert_eq!(told(&offers("SIZE"), line), [not]);
    assert!(is_refused(&offers("SIZE"), line));
}

#[test]
fn c147_binarymime_needs_chunking_too_and_goes_with_bdat_only() {
    let line = "MAIL FROM:<you@you.test> BODY=BINARYMIME";
    assert!(told(&offers("BINARYMIME, CHUNKING"), line).is_empty());
    assert!(told(&offers("8BITMIME, CHUNKING"), line)[0].contains("needs BINARYMIME"));
    assert!(told(&offers("BINARYMIME"), line)[0].contains("CHUNKING is not offered"));
    assert!(is_refused(&offers("BINARYMIME"), line));
    let more = format!("C: {line}\nS: 250 ok\nC: RCPT TO:<pat@harbor.test>\nS: 250 ok");
    let dialogue = said(&after("BINARYMIME, CHUNKING", &more));
    assert_eq!(told(&dialogue, "DATA"), ["503 expected: a letter of BINARYMIME goes with BDAT (RFC 3030 §3)."]);
    assert!(told(&dialogue, "BDAT 5 LAST").is_empty());
}

#[test]
fn c146_after_a_chunk_that_failed_rset_is_next() {
    let chunk = "C: RCPT TO:<pat@harbor.test>\nS: 250 ok\nC: BDAT 4\nC: hi\nS: 452 full";
    let dialogue = said(&after("CHUNKING", &format!("{MAIL}{chunk}")));
    assert_eq!(suggest(&dialogue, &Persona::default()).as_deref(), Some("RSET"));
}

#[test]
fn c155_an_address_that_is_not_ascii_needs_smtputf8_offered_and_said() {
    let mail = "MAIL FROM:<jörg@you.test>";
    assert_eq!(told(&offers("SIZE"), mail), ["The address is not ASCII and the server does not offer SMTPUTF8."]);
    let add = "The address is not ASCII: add SMTPUTF8 at the end (RFC 6531 §3.4).";
    assert_eq!(told(&offers("SMTPUTF8, 8BITMIME"), mail), [add]);
    assert!(told(&offers("SMTPUTF8, 8BITMIME"), &format!("{mail} SMTPUTF8")).is_empty());
    assert!(is_refused(&offers("SMTPUTF8, 8BITMIME"), mail));
    let rcpt = "RCPT TO:<jörg@harbor.test>";
    let plain = said(&after("SMTPUTF8, 8BITMIME", MAIL));
    assert_eq!(told(&plain, rcpt), ["The address is not ASCII, and MAIL did not say SMTPUTF8 (RFC 6531 §3.4)."]);
    let utf8 = said(&after("SMTPUTF8, 8BITMIME", "C: MAIL FROM:<you@you.test> SMTPUTF8\nS: 250 ok"));
    assert!(told(&utf8, rcpt).is_empty());
    assert!(told(&utf8, "VRFY jörg")[0].contains("add SMTPUTF8"));
    assert!(told(&utf8, "VRFY jörg SMTPUTF8").is_empty());
}

#[test]
fn c156_a_hello_name_in_other_letters_is_told_to_go_in_ascii() {
    let text = "The name goes in ASCII: a name in other letters as its xn-- form (RFC 6531 §3.7.1).";
    assert!(told(&said("S: 220 mx"), "EHLO exämple.test").contains(&text.to_owned()));
    assert!(told(&said("S: 220 mx"), "EHLO xn--exmple-cua.test").is_empty());
}

#[test]
fn c161_limits_that_the_server_names_are_kept_to_by_form() {
    let limits = "LIMITS MAILMAX=2 RCPTMAX=1 RCPTDOMAINMAX=1, PIPELINING";
    let one = format!("{MAIL}C: RCPT TO:<pat@harbor.test>\nS: 250 ok\n");
    let dialogue = said(&after(limits, &one));
    let second = "452 expected: the server takes 1 RCPT in one transaction (RFC 9422 §4.2).";
    assert_eq!(told(&dialogue, "RCPT TO:<sam@harbor.test>"), [second]);
    let elsewhere = said(&after(limits, &format!("{one}C: RSET\nS: 250 ok\n{MAIL}")));
    let domain = "452 expected: the server takes 1 recipient domains in one connection (RFC 9422 §4.3).";
    assert_eq!(told(&elsewhere, "RCPT TO:<sam@pine.test>"), [domain]);
    assert!(told(&elsewhere, "RCPT TO:<sam@HARBOR.test>").is_empty());
    let third = "421 or 452 expected: the server takes 2 MAIL in one connection (RFC 9422 §4.1).";
    let reset = said(&after(limits, &format!("{one}C: RSET\nS: 250 ok\n{MAIL}C: RSET\nS: 250 ok")));
    assert_eq!(told(&reset, "MAIL FROM:<you@you.test>"), [third]);
    assert!(is_refused(&reset, "MAIL FROM:<you@you.test>"));
    let two = ["MAIL FROM:<you@you.test>\r\n", "RCPT TO:<a@harbor.test>\r\n", "RCPT TO:<b@harbor.test>\r\n"];
    assert_eq!(groups(&offers(limits), &two).expect_err("one too many").0, 3, "within a batch too");
}

#[test]
fn c163_limits_from_before_tls_are_void() {
    let mut tape = opened();
    say(&mut tape, &after("LIMITS RCPTMAX=1, STARTTLS", "C: STARTTLS\nS: 220 go"));
    mark(&mut tape, tls());
    say(&mut tape, "C: EHLO laptop.you.test\nS: 250-mx\nS: 250 LIMITS RCPTMAX=5");
    assert_eq!(Dialogue::of(&tape).extensions().expect("an offer").limits().recipients, Some(5));
}

#[test]
fn c164_requiretls_is_refused_by_form_outside_tls_and_where_it_is_not_offered() {
    let line = "MAIL FROM:<you@you.test> REQUIRETLS";
    assert_eq!(
        told(&offers("SIZE"), line),
        ["555 expected: REQUIRETLS needs REQUIRETLS, which the server does not offer."]
    );
    assert_eq!(told(&offers("REQUIRETLS"), line), ["555 expected: REQUIRETLS counts only inside TLS (RFC 8689 §2)."]);
    assert!(is_refused(&offers("SIZE"), line) && is_refused(&offers("REQUIRETLS"), line));
    let mut tape = opened();
    say(&mut tape, &after("STARTTLS", "C: STARTTLS\nS: 220 go"));
    mark(&mut tape, tls());
    say(&mut tape, "C: EHLO laptop.you.test\nS: 250-mx\nS: 250 REQUIRETLS");
    assert!(told(&Dialogue::of(&tape), line).is_empty());
}

#[test]
fn values_beyond_what_the_server_named_are_told() {
    let dialogue = offers(EVERYTHING);
    let mail = |param: &str| told(&dialogue, &format!("MAIL FROM:<you@you.test> {param}"));
    assert_eq!(mail("BY=30;R"), ["55z expected: with R the server takes 60 seconds or more (RFC 2852 §3)."]);
    assert_eq!(mail("HOLDFOR=7201"), ["501 expected: later than the server holds a letter (RFC 4865 §4)."]);
    assert_eq!(
        mail("HOLDUNTIL=2027-01-01T00:00:00Z"),
        ["501 expected: later than the server holds a letter (RFC 4865 §4)."]
    );
    assert_eq!(mail("SIZE=1001"), ["552 expected: the letter declares 1001 octets, the server takes 1000."]);
    for fine in ["BY=30;N", "BY=60;R", "HOLDFOR=7200", "HOLDUNTIL=2026-12-31T00:00:00Z", "SIZE=1000"] {
        assert!(mail(fine).is_empty(), "{fine}");
    }
}

#[test]
fn c171_an_enhanced_code_that_differs_from_line_to_line_is_flagged() {
    let dialogue = said("S: 220 mx\nC: NOOP\nS: 250-2.0.0 one\nS: 250-two\nS: 250 2.1.0 three");
    assert_eq!(ids(&dialogue), ["esc/differs"]);
    assert_eq!(dialogue.flaws()[0].row, RowId(5));
    assert!(ids(&said("S: 220 mx\nC: NOOP\nS: 250-2.0.0 one\nS: 250 2.0.0 two")).is_empty());
}

#[test]
fn c175_after_a_greeting_of_521_only_quit_is_offered() {
    let dialogue = said("S: 521 mx does not accept mail");
    assert_eq!(suggest(&dialogue, &Persona::default()).as_deref(), Some("QUIT"));
    assert_eq!(suggest::moves(&dialogue), [crate::smtp::command::Verb::Quit]);
    assert!(is_refused(&dialogue, "EHLO laptop.you.test"));
}

#[test]
fn c178_never_stands_alone_and_nothing_stands_twice() {
    let dialogue = said(&after("DSN", MAIL));
    let rcpt = |param: &str| told(&dialogue, &format!("RCPT TO:<pat@harbor.test> {param}"));
    assert_eq!(rcpt("NOTIFY=NEVER,SUCCESS"), ["501 expected: NOTIFY=NEVER cannot be combined (RFC 3461 §4.1)."]);
    let twice = "501 expected: NOTIFY stands twice, and at most once is allowed (RFC 3461 §4.1).";
    assert_eq!(rcpt("NOTIFY=DELAY NOTIFY=FAILURE"), [twice]);
    assert!(rcpt("NOTIFY=SUCCESS,FAILURE,DELAY").is_empty() && rcpt("notify=never").is_empty());
}

#[test]
fn c179_c180_decoded_values_are_printable_and_envid_has_100_characters() {
    let dialogue = said(&after("DSN", MAIL));
    let is_told = |line: &str| told(&dialogue, line).iter().any(|text| text.starts_with("501 expected: "));
    for bad in ["ORCPT=pat@harbor.test", "ORCPT=rfc822;a+ZZ", "ORCPT=rfc822;a+07", "ORCPT=rfc822;", "ORCPT=rfc822;a+E9"]
    {
        assert!(is_told(&format!("RCPT TO:<pat@harbor.test> {bad}")), "{bad}");
    }
    for good in ["ORCPT=rfc822;a+2Bb@harbor.test", "ORCPT=x400;a+20b", "ORCPT=utf-8;\\x{E9}@harbor.test"] {
        assert!(!is_told(&format!("RCPT TO:<pat@harbor.test> {good}")), "{good}");
    }
    let fresh = offers("DSN");
    let envid = |value: &str| told(&fresh, &format!("MAIL FROM:<you@you.test> ENVID={value}"));
    assert!(envid(&"x".repeat(100)).is_empty() && envid("a+20b").is_empty());
    assert!(!envid(&"x".repeat(101)).is_empty() && !envid("a+0Db").is_empty());
}

#[test]
fn c174_an_enhanced_code_that_was_not_offered_is_read_and_flagged_once() {
    let session = "C: MAIL FROM:<you@you.test>\nS: 250 2.1.0 ok\nC: RCPT TO:<x@mx.test>\nS: 550 5.1.1 nobody\n";
    let lacking = said(&after("PIPELINING", session));
    let statuses: Vec<_> = lacking.exchanges().iter().filter_map(|exchange| exchange.answer?.status).collect();
    assert_eq!(statuses.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2.1.0", "5.1.1"]);
    assert_eq!(ids(&lacking), ["esc/unadvertised"]);
    assert_eq!(ids(&said(&after("ENHANCEDSTATUSCODES", session))), Vec::<&str>::new());
    let again = format!("{session}C: EHLO laptop.you.test\nS: 250-mx\nS: 250 SIZE\nC: NOOP\nS: 250 2.0.0 ok\n");
    assert_eq!(ids(&said(&after("PIPELINING", &again))), ["esc/unadvertised", "esc/unadvertised"]);
}

#[test]
fn a_220_to_xclient_is_a_new_greeting() {
    let session = "S: 220 mail ESMTP\nC: EHLO a.test\nS: 250-mail\nS: 250-AUTH PLAIN\nS: 250 XCLIENT NAME ADDR\n\
                   C: AUTH PLAIN AGEAYg==\nS: 235 2.7.0 in\n";
    let before = said(session);
    assert_eq!((before.login(), before.extensions().is_some()), (Login::In, true));
    let taken = said(&format!("{session}C: XCLIENT ADDR=192.0.2.1\nS: 220 mail ESMTP\n"));
    assert_eq!((taken.login(), taken.hello(), taken.extensions().is_some()), (Login::Out, None, false));
    assert_eq!((taken.phase(), taken.desync()), (Phase::Ready, None));
    assert!(taken.flaws().iter().all(|flaw| flaw.kind != FlawKind::UnexpectedCode), "{:?}", taken.flaws());
    let refused = said(&format!("{session}C: XCLIENT ADDR=192.0.2.1\nS: 550 5.7.0 insufficient authorization\n"));
    assert_eq!((refused.login(), refused.extensions().is_some()), (Login::In, true));
}

#[test]
fn inside_a_chunk_no_verb_is_a_move() {
    let session = "S: 220 mx\nC: EHLO a.test\nS: 250-mx\nS: 250 CHUNKING\nC: MAIL FROM:<a@you.test>\nS: 250 ok\n\
                   C: RCPT TO:<p@harbor.test>\nS: 250 ok\n";
    assert!(moves(&said(session)).contains(&Verb::Bdat));
    assert!(moves(&said(&format!("{session}C: BDAT 5\n"))).is_empty());
    assert!(moves(&said(&format!("{session}C: BDAT 5\nC! abc\\r\\n\nS: 250 ok\n"))).contains(&Verb::Bdat));
}

#[test]
fn where_tls_comes_first_ehlo_is_not_said_again() {
    let mut tape = opened();
    mark(&mut tape, tls());
    say(&mut tape, "S: 220 mx");
    let first = Dialogue::of(&tape);
    assert_eq!((first.is_upgraded(), advise(&first).now), (false, "Say EHLO with your name"));
    let mut tape = opened();
    say(&mut tape, "S: 220 hi\nC: EHLO a.test\nS: 250-mx\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go");
    mark(&mut tape, tls());
    let upgraded = Dialogue::of(&tape);
    assert_eq!((upgraded.is_upgraded(), advise(&upgraded).now), (true, "Say EHLO again"));
}

#[test]
fn c215_where_lmtp_is_spoken_lhlo_is_offered_and_ehlo_is_warned_of() {
    let greeted = said("S: 220 mail.harbor.test LMTP ready");
    let persona = Persona { hello: "laptop.you.test".into(), ..Persona::default() };
    assert_eq!(suggest(&greeted, &persona).as_deref(), Some("LHLO laptop.you.test"));
    assert_eq!(advise(&greeted).now, "Say LHLO with your name");
    let warning = "500 expected: LMTP is greeted with LHLO (RFC 2033 §4.1).";
    assert_eq!(told(&greeted, "EHLO laptop.you.test"), [warning]);
    assert_eq!(told(&greeted, "HELO laptop.you.test"), [warning]);
    assert!(told(&greeted, "LHLO laptop.you.test").is_empty());
    assert!(told(&said("S: 220 mx ESMTP"), "EHLO laptop.you.test").is_empty());
    let hello = said("S: 220 mx\nC: LHLO laptop.you.test\nS: 250 mx");
    assert_eq!(told(&hello, "EHLO laptop.you.test"), [warning], "by what the client said");
}

#[test]
fn c112_a_letter_that_is_handed_in_in_plain_text_is_warned_of() {
    let at = |port| {
        let mut tape = Tape::new(1 << 20);
        let peer = SocketAddr::from(([198, 51, 100, 25], port)).into();
        let (host, took) = ("submit.you.test".to_owned(), Duration::from_millis(1));
        tape.mark(Moment::START, Mark::Opened(Opened { host, peer, local: None, lmtp: false, took }));
        say(&mut tape, "S: 220 submit.you.test\nC: EHLO laptop.you.test\nS: 250 submit.you.test");
        tape
    };
    let mail = "MAIL FROM:<you@you.test>";
    assert!(told(&Dialogue::of(&at(25)), mail).is_empty(), "servers among themselves have no choice");
    let mut tape = at(587);
    assert!(told(&Dialogue::of(&tape), mail)[0].contains("in plain text all on the way read this one (RFC 8314 §3)"));
    mark(&mut tape, tls());
    say(&mut tape, "C: EHLO laptop.you.test\nS: 250 submit.you.test");
    assert!(told(&Dialogue::of(&tape), mail).is_empty());
}

#[test]
fn etrn_is_told_where_it_is_not_offered() {
    assert_eq!(told(&offers("SIZE"), "ETRN you.test"), ["502 expected: ETRN is not offered."]);
    assert!(told(&offers("ETRN"), "ETRN you.test").is_empty());
}
