//! Replies as servers send them, well and badly.

use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Reply {
    Reply::parse(text.as_bytes()).unwrap()
}

fn ids(reply: &Reply) -> Vec<&'static str> {
    reply.flaws.iter().map(|flaw| flaw.kind.id()).collect()
}

fn line_ids(line: &[u8]) -> Vec<&'static str> {
    flaws(Line::of(line)).iter().map(|flaw| flaw.kind.id()).collect()
}

fn malformed(line: &[u8]) -> Option<Malformed> {
    match shape(Line::of(line)) {
        Shape::Part(_) => None,
        Shape::Malformed(why) => Some(why),
    }
}

#[test]
fn c001_a_code_alone_is_a_whole_reply() {
    let reply = parse("250\r\n");
    assert!(reply.complete);
    assert_eq!((reply.code.get(), reply.text(&reply.lines[0])), (250, &b""[..]));
    assert_eq!(ids(&reply), ["reply/no-text"]);
}

#[test]
fn c002_a_code_and_a_space_are_a_whole_reply() {
    let reply = parse("250 \r\n");
    assert!(reply.complete);
    assert_eq!(ids(&reply), ["reply/no-text"]);
    assert_eq!(ids(&parse("250-\r\n250\r\n")), ["reply/no-text"]);
}

#[test]
fn c003_any_text_will_do() {
    for text in ["250 ok\r\n", "250 554 go away\r\n", "250 \u{fc}ber\r\n", "250 -\r\n", "250  \t \r\n"] {
        let reply = parse(text);
        assert!(reply.complete && reply.code.is_success(), "{text:?}");
    }
}

#[test]
fn c006_a_reply_ends_at_the_first_line_without_a_hyphen() {
    let reply = parse(
        "250-First line\r\n250-Second line\r\n250-234 Text beginning with numbers\r\n250 The last line\r\n250 other\r\n",
    );
    let texts: Vec<_> = reply.texts().map(|text| String::from_utf8(text.to_vec()).unwrap()).collect();
    assert_eq!(texts, ["First line", "Second line", "234 Text beginning with numbers", "The last line"]);
    assert!(reply.complete && reply.flaws.is_empty());
    assert!(!reply.bytes().ends_with(b"other\r\n"));
}

#[test]
fn c007_lines_with_different_codes_are_flagged_and_the_last_one_counts() {
    let reply = parse("220-some.test ESMTP\r\n521 5.7.1 blocked\r\n");
    assert_eq!(reply.code.get(), 521);
    assert_eq!(reply.status, Status::parse(b"5.7.1"));
    assert_eq!(reply.flaws, [Flaw::new(FlawKind::MixedCodes, 21..24)]);
    assert_eq!(parse("550-no\r\n250 ok\r\n").code.get(), 250);
}

#[test]
fn c008_long_lines_are_kept_whole_and_flagged() {
    let text = format!("250 {}\r\n", "A".repeat(70_000));
    let reply = parse(&text);
    assert_eq!(reply.text(&reply.lines[0]).len(), 70_000);
    assert_eq!(reply.flaws, [Flaw::new(FlawKind::LongLine, 512..text.len())]);
    assert!(parse(&format!("250 {}\r\n", "A".repeat(506))).flaws.is_empty());
}

#[test]
fn c012_bare_lf_and_bare_cr_are_parsed_and_flagged() {
    assert_eq!(ids(&parse("250 ok\n")), ["reply/bare-lf"]);
    assert_eq!(ids(&parse("250 ok\r\r\n")), ["reply/bare-cr"]);
    let reply = parse("550 denied\r250 accepted\r\n");
    assert_eq!((reply.code.get(), reply.lines.len()), (550, 1));
    assert_eq!(reply.flaws, [Flaw::new(FlawKind::BareCr, 10..11)]);
}

#[test]
fn c013_octets_outside_the_grammar_are_flagged_by_kind() {
    assert_eq!(line_ids(b"250 o\0k\r\n"), ["reply/control"]);
    assert_eq!(line_ids(b"250 caf\xe9\r\n"), ["reply/non-utf8"]);
    assert_eq!(line_ids("250 \u{fc}ber\r\n".as_bytes()), ["reply/8bit"]);
    assert_eq!(line_ids(b"250 a\tb\r\n"), [""; 0]);
    assert_eq!(line_ids(b"250 \x1b[2J\x1b[H\x1b[31mHACKED\r\n"), ["safe/escape"]);
    assert_eq!(line_ids(b"250 \x1b]0;root@bank\x07\r\n"), ["safe/escape"]);
    assert_eq!(line_ids(b"250 \x9b31m\x9d0;t\x9c\r\n"), ["safe/escape", "reply/non-utf8"]);
    assert_eq!(line_ids(b"250 \xc2\x9b31m\r\n"), ["safe/escape", "reply/8bit"]);
    assert_eq!(line_ids("250 \u{202e}gnp.exe\u{202c}\r\n".as_bytes()), ["reply/8bit", "safe/bidi"]);
    assert_eq!(line_ids("250 pay\u{200b}pal\r\n".as_bytes()), ["reply/8bit", "safe/invisible"]);
    assert_eq!(line_ids(format!("250 Z{}\r\n", "\u{301}".repeat(200)).as_bytes()), ["reply/8bit", "safe/marks"]);
}

#[test]
fn an_empty_challenge_keeps_its_space() {
    assert_eq!(line_ids(b"334 \r\n"), [""; 0]);
    assert_eq!(line_ids(b"334\r\n"), ["auth/no-sp"]);
}

#[test]
fn what_is_no_reply_says_why() {
    assert_eq!(malformed(b"220mx.example.test ESMTP\r\n"), Some(Malformed::NoSeparator(b'm')));
    assert_eq!(malformed(b"250\tok\r\n"), Some(Malformed::NoSeparator(b'\t')));
    assert_eq!(malformed(b"\xef\xbb\xbf220 mx\r\n"), Some(Malformed::ByteOrderMark));
    assert_eq!(malformed(b"25 OK\r\n"), Some(Malformed::WrongLength(2)));
    assert_eq!(malformed(b"2500 OK\r\n"), Some(Malformed::WrongLength(4)));
    assert_eq!(malformed(b"25"), Some(Malformed::WrongLength(2)));
    assert_eq!(malformed(" 250 ok\r\n".as_bytes()), Some(Malformed::LeadingSpace));
    assert_eq!(malformed("\u{ff12}\u{ff15}\u{ff10} ok\r\n".as_bytes()), Some(Malformed::ForeignDigits('\u{ff12}')));
    assert_eq!(malformed("\u{662}\u{665}\u{660} ok\r\n".as_bytes()), Some(Malformed::ForeignDigits('\u{662}')));
    assert_eq!(malformed(b"hello\r\n"), Some(Malformed::NoCode));
    assert_eq!(malformed(b"\r\n"), Some(Malformed::Empty));
    assert_eq!(
        Malformed::NoSeparator(b'm').to_string(),
        "A reply needs SP, '-' or CR LF after the three digits; found 'm'."
    );
}

#[test]
fn a_malformed_line_is_flagged_where_it_goes_wrong() {
    let found = flaws(Line::of(b"220mx\r\n"));
    assert_eq!(found, [Flaw::new(FlawKind::Malformed(Malformed::NoSeparator(b'm')), 3..4)]);
    let digits = flaws(Line::of("\u{ff12}\u{ff15}\u{ff10} ok\r\n".as_bytes()));
    assert_eq!(digits[0].span, 0..9);
    assert_eq!(Reply::parse(b"hello\r\nworld\r\n"), None);
    assert_eq!(ids(&parse("hello\r\nworld\r\n220 mx\r\n")), ["reply/malformed"; 2]);
}

#[test]
fn a_line_without_a_code_inside_a_reply_is_kept() {
    let reply = parse("250-ok\r\ngarbage\r\n250 done\r\n");
    assert_eq!((reply.code.get(), reply.lines.len(), reply.complete), (250, 3, true));
    assert_eq!(reply.lines[1].code, None);
    assert_eq!(ids(&reply), ["reply/malformed", "reply/garbage-line"]);
}

#[test]
fn a_reply_that_promised_more_is_not_complete() {
    assert!(!parse("250-a\r\n250-b\r\n").complete);
    assert!(!parse("250-a\r\n250 b").complete);
}

#[test]
fn codes_outside_the_grammar_are_flagged() {
    for line in ["000 hi\r\n", "999 hi\r\n", "650 hi\r\n", "199 x\r\n"] {
        assert_eq!(line_ids(line.as_bytes()), ["reply/unknown-class"], "{line}");
    }
    assert_eq!(line_ids(b"571 no\r\n"), ["reply/odd-code"]);
}

#[test]
fn an_enhanced_code_must_agree_with_the_code() {
    assert_eq!(line_ids(b"250 5.1.1 fine\r\n"), ["esc/mismatch"]);
    assert_eq!(line_ids(b"550 2.1.5 bad\r\n"), ["esc/mismatch"]);
    assert_eq!(line_ids(b"354 2.0.0 go\r\n"), ["esc/misplaced"]);
    assert_eq!(line_ids(b"550 5.01.1 bad\r\n"), ["esc/zeros"]);
    let reply = parse("550-5.1.1 no\r\n550 5.1.1 such user\r\n");
    assert!(reply.flaws.is_empty());
    assert_eq!(reply.words(&reply.lines[1]), b"such user");
}

/// A reply as the strict grammar has it: the lines' texts, and what they are on the wire.
fn well_formed() -> impl Strategy<Value = (u16, Vec<String>, String)> {
    let text = "[!-~][ -~]{0,30}".prop_filter("no enhanced code", |text| Status::find(text.as_bytes()).is_none());
    ((2u16..6, 0u16..6, 0u16..10), proptest::collection::vec(text, 1..6)).prop_map(|((a, b, c), texts)| {
        let code = a * 100 + b * 10 + c;
        let last = texts.len() - 1;
        let wire = texts
            .iter()
            .enumerate()
            .map(|(number, text)| format!("{code}{}{text}\r\n", if number == last { ' ' } else { '-' }));
        let wire = wire.collect();
        (code, texts, wire)
    })
}

proptest! {
    #[test]
    fn a_printed_reply_is_read_back((code, texts, wire) in well_formed()) {
        let reply = parse(&wire);
        prop_assert_eq!(reply.code.get(), code);
        prop_assert!(reply.complete);
        prop_assert!(reply.flaws.is_empty(), "{:?}", reply.flaws);
        let found: Vec<_> = reply.texts().map(|text| String::from_utf8(text.to_vec()).unwrap()).collect();
        prop_assert_eq!(found, texts);
    }

    #[test]
    fn any_bytes_give_lines_that_cover_them(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Some(reply) = Reply::parse(&bytes) {
            let mut at = 0;
            for line in &reply.lines {
                prop_assert_eq!(line.span.start, at);
                prop_assert!(line.text.start >= line.span.start && line.text.end <= line.span.end);
                at = line.span.end;
            }
            prop_assert_eq!(at, reply.bytes().len());
            for flaw in &reply.flaws {
                prop_assert!(flaw.span.start <= flaw.span.end && flaw.span.end <= at, "{:?}", flaw);
            }
        }
    }

    #[test]
    fn odd_lines_never_panic(bytes in "[0-9a ÷é\u{202e}\u{301}\t\r-]{0,12}") {
        let line = Line::of(bytes.as_bytes());
        for flaw in flaws(line) {
            prop_assert!(flaw.span.end <= line.len());
        }
    }
}
