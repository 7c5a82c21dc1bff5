//! Extensions in the composer: what Tab offers, what is warned of before Enter, what Explain says of a value.

use super::sent;
use crate::world::World;

/// A session behind an EHLO that offers these.
fn offers(keywords: &str) -> World {
    let mut world = World::greeted(120, 48);
    world.silence(true);
    world.types("EHLO laptop.you.test\n");
    let lines = keywords.split(", ").fold(String::new(), |lines, keyword| lines + "250-" + keyword + "\r\n");
    world.server(&format!("250-mx1.harbor.test\r\n{lines}250 HELP\r\n"));
    world
}

/// Every line that Tab offers behind what is typed.
fn offered(world: &mut World, typed: &str) -> Vec<String> {
    world.keys("Ctrl-U").types(typed);
    let mut lines: Vec<String> = Vec::new();
    loop {
        world.keys("Tab");
        let text = world.app.room.composer.line.text().to_owned();
        if text == typed || lines.contains(&text) {
            return lines;
        }
        lines.push(text);
    }
}

#[test]
fn tab_offers_the_parameters_that_the_server_takes() {
    let mut world = offers("SIZE 1000, 8BITMIME, DSN, MT-PRIORITY");
    let lines = offered(&mut world, "MAIL FROM:<you@you.test>");
    for param in ["SIZE=1", "BODY=8BITMIME", "BODY=7BIT", "RET=HDRS", "RET=FULL", "ENVID=QQ314159", "MT-PRIORITY=3"] {
        assert!(lines.contains(&format!("MAIL FROM:<you@you.test> {param}")), "{param}: {lines:?}");
    }
    for param in ["SMTPUTF8", "REQUIRETLS", "BINARYMIME", "AUTH=", "BY=", "NOTIFY"] {
        assert!(!lines.iter().any(|line| line.contains(param)), "{param}: {lines:?}");
    }
    let begun = offered(&mut world, "MAIL FROM:<you@you.test> RET=HDRS en");
    assert_eq!(begun, ["MAIL FROM:<you@you.test> RET=HDRS ENVID=QQ314159"], "nothing twice, what is begun made whole");
}

#[test]
fn every_parameter_with_an_extension_is_offered_where_its_extension_is() {
    let mut world = offers(
        "SIZE, 8BITMIME, BINARYMIME, CHUNKING, SMTPUTF8, DSN, DELIVERBY, FUTURERELEASE 7200 2027-01-01T00:00:00Z, \
         MT-PRIORITY, RRVS, NO-SOLICITING, MTRK, AUTH PLAIN, PRDR, SUBMITTER, CHECKPOINT, CONPERM, CONNEG, XVERP",
    );
    let mail = offered(&mut world, "MAIL FROM:<you@you.test> ");
    for keyword in [
        "SIZE",
        "BODY=BINARYMIME",
        "RET",
        "ENVID",
        "AUTH",
        "SMTPUTF8",
        "BY",
        "HOLDFOR",
        "HOLDUNTIL",
        "MT-PRIORITY",
        "MTRK",
        "SOLICIT",
        "SUBMITTER",
        "TRANSID",
        "CONPERM",
        "PRDR",
        "XVERP",
    ] {
        assert!(mail.iter().any(|line| line.contains(&format!(" {keyword}"))), "{keyword}: {mail:?}");
    }
    let rcpt = offered(&mut world, "RCPT TO:<pat+news@harbor.test>");
    for param in ["NOTIFY=NEVER", "NOTIFY=SUCCESS,FAILURE,DELAY", "ORCPT=rfc822;pat+2Bnews@harbor.test", "CONNEG"] {
        assert!(rcpt.contains(&format!("RCPT TO:<pat+news@harbor.test> {param}")), "{param}: {rcpt:?}");
    }
    assert!(rcpt.iter().any(|line| line.contains("RRVS=")), "{rcpt:?}");
}

#[test]
fn c137_the_size_that_is_offered_is_that_of_the_letter_without_what_stuffing_adds() {
    let mut world = offers("SIZE 1000");
    world.edited(".one\ntwo\n");
    let lines = offered(&mut world, "MAIL FROM:<you@you.test> S");
    assert_eq!(lines, ["MAIL FROM:<you@you.test> SIZE=11"], "two line ends of two octets, one dot");
}

#[test]
fn a_value_that_breaks_a_rule_is_warned_of_and_sent_all_the_same() {
    let mut world = offers("DSN");
    world.types("RCPT TO:<pat@harbor.test> NOTIFY=NEVER,DELAY");
    assert!(world.text().contains("503 expected: no MAIL yet.  (and 1 more)"), "{}", world.text());
    world.keys("Ctrl-U").types("MAIL FROM:<you@you.test> RET=ALL");
    let text = "! 501 expected: RET is written RET=FULL or RET=HDRS (RFC 3461 §4.3).";
    assert!(world.text().contains(text), "{}", world.text());
    world.types("\n");
    assert!(sent(&world).ends_with("MAIL FROM:<you@you.test> RET=ALL\r\n"));
}

#[test]
fn c181_explain_says_what_xtext_stands_for() {
    let mut world = offers("DSN");
    world.types("MAIL FROM:<you@you.test> ENVID=a+2Bb\n");
    world.keys("Alt-2 k j Alt-e Alt-z m");
    let screen = world.text();
    assert!(screen.contains("ENVID=a+2Bb") && screen.contains("Decoded: a+b."), "{screen}");
}

#[test]
fn c142_a_letter_of_8_bits_is_flagged_before_it_is_sent_where_8bitmime_is_not_offered() {
    for (offer, flagged) in [("SIZE 1000", true), ("8BITMIME", false)] {
        let mut world = offers(offer);
        for (line, reply) in
            [("MAIL FROM:<you@you.test>", "250 ok"), ("RCPT TO:<pat@harbor.test>", "250 ok"), ("DATA", "354 go")]
        {
            world.types(&format!("{line}\n"));
            world.server(&format!("{reply}\r\n"));
        }
        world.types("naive");
        assert!(!world.text().contains("8BITMIME is not offered"), "ASCII needs nothing");
        world.types("\nnaïve");
        assert_eq!(world.text().contains("! 8-bit, but 8BITMIME is not offered"), flagged, "{offer}: {}", world.text());
        world.keys("Ctrl-D");
        assert!(sent(&world).ends_with("naive\r\nnaïve\r\n.\r\n"), "told, and sent as it is");
    }
}

#[test]
fn c156_a_name_in_other_letters_is_offered_in_ascii() {
    let mut world = World::greeted(120, 30);
    world.types("EHLO bücher.test");
    assert!(world.text().contains("The name goes in ASCII"), "{}", world.text());
    assert_eq!(offered(&mut world, "EHLO bücher.test"), ["EHLO xn--bcher-kva.test"]);
}

#[test]
fn both_spellings_of_an_international_domain_are_shown() {
    let mut world = offers("SMTPUTF8, 8BITMIME");
    world.types("MAIL FROM:<you@xn--bcher-kva.test>");
    assert!(world.text().contains("xn--bcher-kva.test reads bücher.test."), "{}", world.text());
    world.keys("Ctrl-U").types("MAIL FROM:<you@bücher.test> SMTPUTF8");
    assert!(world.text().contains("bücher.test is xn--bcher-kva.test in ASCII; Tab writes it so."), "{}", world.text());
    let ascii = offered(&mut world, "MAIL FROM:<you@bücher.test> SMTPUTF8");
    assert!(ascii.contains(&"MAIL FROM:<you@xn--bcher-kva.test> SMTPUTF8".to_owned()), "{ascii:?}");
}

#[test]
fn e138_a_name_that_passes_for_another_is_warned_of_first() {
    let mut world = World::greeted(120, 30);
    world.types("RCPT TO:<pat@аррӏе.com>");
    assert!(world.text().contains("! Looks like 'apple' but is xn--80ak6aa92e."), "{}", world.text());
}

#[test]
fn tab_tells_with_xclient_what_the_server_takes_each_once_and_in_xtext() {
    let mut world = offers("XCLIENT NAME ADDR PROTO LOGIN");
    assert_eq!(
        offered(&mut world, "XCLIENT NAME=a.test A"),
        ["XCLIENT NAME=a.test ADDR=192.0.2.1"],
        "begun, it is made whole"
    );
    let more = offered(&mut world, "XCLIENT NAME=a.test PROTO=ESMTP ");
    assert_eq!(more, ["XCLIENT NAME=a.test PROTO=ESMTP ADDR=192.0.2.1", "XCLIENT NAME=a.test PROTO=ESMTP LOGIN=mina"]);
    assert_eq!(offered(&mut world, "XCLIENT LOGIN=pat+news"), ["XCLIENT LOGIN=pat+2Bnews"]);
    assert!(offered(&mut world, "XCLIENT LOGIN=pat+2Bnews").is_empty(), "it is xtext already");
    world.keys("Ctrl-U").types("XCLIENT HELO=a.test");
    let warned = "501 expected: HELO is not among what the server takes: NAME ADDR PROTO LOGIN.";
    assert!(world.text().contains(warned), "{}", world.text());
    world.types("\n");
    assert!(sent(&world).ends_with("XCLIENT HELO=a.test\r\n"), "told, and sent as it is");
}

#[test]
fn explain_says_what_xclient_tells() {
    let mut world = offers("XCLIENT LOGIN");
    world.types("XCLIENT LOGIN=pat+2Bnews\n");
    world.keys("Alt-2 k j Alt-e Alt-z m");
    let screen = world.text();
    assert!(screen.contains("LOGIN=pat+2Bnews") && screen.contains("Decoded: pat+news."), "{screen}");
}
