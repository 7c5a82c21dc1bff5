//! Reports, written and read back, by us and by another parser.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_parser::{MessageParser, MimeHeaders as _};
use proptest::prelude::*;

use super::*;

const LETTER: &str = "Received: from laptop.you.test\r\n\tby submit.you.test\r\nSubject: hi\r\n\r\nfirst line\r\n";

fn reply(text: &str) -> Reply {
    Reply::parse(text.as_bytes()).expect("a reply")
}

fn unknown() -> Recipient {
    Recipient {
        original: Some("rfc822;nobody@harbor.test".into()),
        address: "nobody@harbor.test".into(),
        action: Action::Failed,
        status: Status { class: 5, subject: 1, detail: 1 },
        why: None,
        remote: Some("mx1.harbor.test".into()),
        diagnostic: Some(diagnostic(&reply("550-5.1.1 No such user\r\n550 5.1.1 here\r\n"), false)),
        last_attempt: Some("Thu, 01 Jan 2026 10:05:01 +0000".into()),
        log_id: Some("S-0001".into()),
        retry_until: None,
    }
}

fn of(recipient: Recipient) -> Report {
    Report {
        reporting: "submit.you.test".into(),
        envelope_id: Some("QQ+314159".into()),
        arrival: Some("Thu, 01 Jan 2026 10:05:00 +0000".into()),
        recipients: vec![recipient],
    }
}

const COVER: Cover<'_> = Cover {
    from: "postmaster@you.test",
    to: "mina@you.test",
    date: "Thu, 01 Jan 2026 10:05:02 +0000",
    id: "S-0002@submit.you.test",
    letter: LETTER.as_bytes(),
    whole: true,
    international: false,
};

fn text(octets: &[u8]) -> &str {
    std::str::from_utf8(octets).expect("text")
}

#[test]
fn c186_c190_a_failure_is_told_in_words_in_fields_and_with_the_letter() {
    let octets = of(unknown()).octets(&COVER);
    let wanted = "Date: Thu, 01 Jan 2026 10:05:02 +0000\r\n\
        From: Mail delivery <postmaster@you.test>\r\n\
        To: <mina@you.test>\r\n\
        Subject: Undeliverable letter\r\n\
        Message-ID: <S-0002@submit.you.test>\r\n\
        Auto-Submitted: auto-replied\r\n\
        MIME-Version: 1.0\r\n\
        Content-Type: multipart/report; report-type=delivery-status;\r\n\
        \tboundary=\"report_S-0002\"\r\n\
        Content-Transfer-Encoding: 7bit\r\n\
        \r\n\
        --report_S-0002\r\n\
        Content-Type: text/plain; charset=us-ascii\r\n\
        Content-Transfer-Encoding: 7bit\r\n\
        \r\n\
        This is the mail server submit.you.test.\r\n\
        \r\n\
        Your letter could not be delivered, and it will not be tried again, to:\r\n\
        \r\n  nobody@harbor.test\r\n    mx1.harbor.test said:\r\n      550-5.1.1 No such user 550 5.1.1 here\r\n\
        \r\n\
        Below: the same for programs, then your letter or its header.\r\n\
        \r\n\
        --report_S-0002\r\n\
        Content-Type: message/delivery-status\r\n\
        Content-Transfer-Encoding: 7bit\r\n\
        \r\n\
        Original-Envelope-Id: QQ+314159\r\n\
        Reporting-MTA: dns; submit.you.test\r\n\
        Arrival-Date: Thu, 01 Jan 2026 10:05:00 +0000\r\n\
        \r\n\
        Original-Recipient: rfc822;nobody@harbor.test\r\n\
        Final-Recipient: rfc822; nobody@harbor.test\r\n\
        Action: failed\r\n\
        Status: 5.1.1\r\n\
        Remote-MTA: dns; mx1.harbor.test\r\n\
        Diagnostic-Code: smtp; 550-5.1.1 No such user 550 5.1.1 here\r\n\
        Last-Attempt-Date: Thu, 01 Jan 2026 10:05:01 +0000\r\n\
        Final-Log-ID: S-0001\r\n\
        \r\n\
        --report_S-0002\r\n\
        Content-Type: message/rfc822\r\n\
        Content-Transfer-Encoding: 7bit\r\n\
        \r\n\
        Received: from laptop.you.test\r\n\tby submit.you.test\r\nSubject: hi\r\n\r\nfirst line\r\n\
        \r\n\
        --report_S-0002--\r\n";
    assert_eq!(text(&octets), wanted);
}

#[test]
fn only_a_failure_sends_the_letter_back_and_only_if_it_is_wanted_and_not_large() {
    let returned = |recipient: Recipient, cover: &Cover<'_>| {
        let octets = of(recipient).octets(cover);
        let found = Report::read(&octets).expect("a report");
        matches!(found.returned, Some(Returned::Whole(_)))
    };
    let delivered = Recipient { action: Action::Delivered, ..unknown() };
    let large = vec![b'x'; WHOLE];
    assert!(returned(unknown(), &COVER));
    assert!(!returned(unknown(), &Cover { whole: false, ..COVER }));
    assert!(!returned(unknown(), &Cover { letter: &[LETTER.as_bytes(), &large].concat(), ..COVER }));
    assert!(!returned(delivered, &COVER));
    let octets = of(unknown()).octets(&Cover { whole: false, ..COVER });
    let Some(Returned::Header(header)) = Report::read(&octets).and_then(|found| found.returned) else {
        panic!("the header goes back")
    };
    assert_eq!(text(header), "Received: from laptop.you.test\r\n\tby submit.you.test\r\nSubject: hi\r\n");
}

#[test]
fn c188_a_reply_is_quoted_whole_and_folded() {
    let lines = (1..=9).map(|at| format!("550-5.7.1 reason number {at} of the policy of this house\r\n"));
    let said = reply(&(lines.collect::<String>() + "550 5.7.1 the last word\r\n"));
    let recipient = Recipient { diagnostic: Some(diagnostic(&said, false)), ..unknown() };
    let octets = of(recipient.clone()).octets(&COVER);
    assert!(text(&octets).lines().all(|line| line.len() <= FOLD), "{}", text(&octets));
    let told = text(&octets).replace("\r\n ", " ");
    for at in 1..=9 {
        assert!(told.contains(&format!("550-5.7.1 reason number {at} of the policy of this house 550")), "{told}");
    }
    assert_eq!(Report::read(&octets).expect("a report").report, of(recipient));
}

#[test]
fn a_hostile_reply_neither_breaks_the_fields_nor_goes_beyond_a_line() {
    let said = [b"550 5.1.1 \x1b[31m\xff(\\) caf\xc3\xa9 ".as_slice(), &vec![b'x'; 60_000], b"\r\n"].concat();
    let said = Reply::parse(&said).expect("a reply");
    for international in [false, true] {
        let recipient = Recipient { diagnostic: Some(diagnostic(&said, international)), ..unknown() };
        let octets = of(recipient.clone()).octets(&Cover { international, ..COVER });
        assert_eq!(octets.is_ascii(), !international);
        assert!(octets.split(|octet| *octet == b'\n').all(|line| line.len() <= 999));
        assert!(!octets.contains(&0x1b));
        assert_eq!(Report::read(&octets).expect("a report").report, of(recipient));
    }
}

#[test]
fn c187_the_class_of_the_status_goes_with_the_action() {
    let classes = Action::ALL.map(|action| (action.name(), action.class()));
    let wanted = [("failed", 5), ("delayed", 4), ("delivered", 2), ("relayed", 2), ("expanded", 2)];
    assert_eq!(classes, wanted);
}

#[test]
fn c189_until_when_it_is_tried_stands_in_a_delay_only() {
    let until = Some("Tue, 06 Jan 2026 10:05:00 +0000".to_owned());
    for action in Action::ALL {
        let recipient = Recipient { action, retry_until: until.clone(), ..unknown() };
        let octets = of(recipient).octets(&COVER);
        let found = Report::read(&octets).expect("a report").report;
        assert_eq!(found.recipients[0].retry_until, until.clone().filter(|_| action == Action::Delayed));
        assert_eq!(found.arrival.as_deref(), Some("Thu, 01 Jan 2026 10:05:00 +0000"));
        assert_eq!(found.recipients[0].last_attempt.as_deref(), Some("Thu, 01 Jan 2026 10:05:01 +0000"));
    }
}

#[test]
fn c192_utf_8_forms_stand_only_where_the_letter_came_by_smtputf8() {
    let zoe = Recipient { address: "zoë@bücher.test".into(), original: None, ..unknown() };
    let octets = of(zoe.clone()).octets(&Cover { international: true, ..COVER });
    let found = Report::read(&octets).expect("a report");
    assert_eq!(found.kinds, ["text/plain", "message/global-delivery-status", "message/global"]);
    assert!(text(&octets).contains("Final-Recipient: utf-8; zoë@bücher.test\r\n"));
    assert_eq!(found.report, of(zoe));
    let ascii = of(unknown()).octets(&COVER);
    assert!(ascii.is_ascii() && !text(&ascii).contains("global") && !text(&ascii).contains("utf-8"));
    let header = of(unknown()).octets(&Cover { international: true, whole: false, ..COVER });
    assert_eq!(Report::read(&header).expect("a report").kinds[2], "message/global-headers");
}

#[test]
fn a_letter_that_holds_the_boundary_does_not_end_the_report() {
    let letter = "Subject: x\r\n\r\n--report_S-0002--\r\n--report_S-0002_\r\n";
    let octets = of(unknown()).octets(&Cover { letter: letter.as_bytes(), ..COVER });
    let found = Report::read(&octets).expect("a report");
    assert_eq!(found.returned, Some(Returned::Whole(letter.as_bytes())));
}

#[test]
fn what_is_no_report_is_not_read_as_one() {
    let report = of(unknown()).octets(&COVER);
    let report = text(&report);
    for (from, to) in [
        ("boundary=\"report_S-0002\"", "boundary=\"another\""),
        ("Content-Type: message/delivery-status", "Content-Type: text/plain"),
    ] {
        assert_eq!(Report::read(report.replace(from, to).as_bytes()), None, "{from}");
    }
    assert_eq!(Report::read(LETTER.as_bytes()), None);
    assert_eq!(Report::read(b""), None);
}

#[test]
fn what_others_leave_out_or_encode_is_read_all_the_same() {
    let report = of(unknown());
    let octets = report.octets(&COVER);
    let written = text(&octets);
    for (from, to) in [("multipart/report", "multipart/mixed"), ("report-type=delivery-status; ", "")] {
        let found = Report::read(written.replace(from, to).as_bytes()).expect(from).report;
        assert_eq!(found, report, "{from}");
    }
    let (fields, rest) =
        written.split_once("Original-Envelope-Id").expect("fields").1.split_once("\r\n--").expect("an end");
    let fields = format!("Original-Envelope-Id{fields}");
    let encoded = written.replace(&fields, &STANDARD.encode(&fields)).replace(
        "Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: 7bit",
        "Content-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64",
    );
    assert_eq!(Report::read(encoded.as_bytes()).expect("encoded").report, report);
    assert_eq!(Report::fields_of(fields.as_bytes()), Some(report.clone()));
    let cut = written.strip_suffix(&format!("\r\n--{rest}")).expect("a head");
    assert_eq!(Report::read(cut.as_bytes()).expect("a report").report, report);

    let poor = "Arrival-Date: 1\n\nOriginal-Recipient: <pat@harbor.test>\nDiagnostic-Code: 550 5.1.1 <pat@harbor.test>... no; sorry\nRemote-MTA: 192.0.2.9\n\nFinal-Recipient: rfc822; sam@harbor.test\nAction: delayed\n\nAction: failed\n";
    let found = Report::fields_of(poor.as_bytes()).expect("recipients").recipients;
    let seen: Vec<_> = found.iter().map(|it| (it.address.as_str(), it.action, it.status.to_string())).collect();
    let wanted = [
        ("pat@harbor.test", Action::Failed, "5.1.1".to_owned()),
        ("sam@harbor.test", Action::Delayed, "4.0.0".to_owned()),
    ];
    assert_eq!(seen, wanted);
    assert_eq!(found[0].diagnostic.as_deref(), Some("550 5.1.1 <pat@harbor.test>... no; sorry"));
    assert_eq!(found[0].remote.as_deref(), Some("192.0.2.9"));
    assert_eq!(Report::fields_of(b"To: pat@harbor.test\n\nhello\n"), None);
}

fn line() -> impl Strategy<Value = String> {
    "[!-~]{1,12}( [!-~]{1,30}){0,12}"
}

prop_compose! {
    fn recipient()(
        original in proptest::option::of("rfc822;[a-z+=]{1,20}@[a-z]{1,20}\\.test"),
        address in "[a-z]{1,20}@[a-z]{1,20}\\.test",
        action in prop::sample::select(Action::ALL.to_vec()),
        subject in 0u16..8, detail in 0u16..30,
        why in proptest::option::of(line()),
        remote in proptest::option::of("mx[a-z]{1,10}\\.test"),
        diagnostic in proptest::option::of(line()),
    ) -> Recipient {
        let status = Status { class: action.class(), subject, detail };
        let retry_until = (action == Action::Delayed).then(|| "Tue, 06 Jan 2026 10:05:00 +0000".to_owned());
        let (last_attempt, log_id) = (None, Some("H-0007".to_owned()));
        Recipient { original, address, action, status, why, remote, diagnostic, last_attempt, log_id, retry_until }
    }
}

proptest! {
    #[test]
    fn c193_every_report_is_read_back_and_another_parser_sees_the_same_parts(
        recipients in proptest::collection::vec(recipient(), 1..5),
        whole in any::<bool>(),
        body in "[ -~]{0,60}",
    ) {
        let letter = format!("Subject: hi\r\n\r\n{body}\r\n");
        let report = Report { recipients, ..of(unknown()) };
        let octets = report.octets(&Cover { letter: letter.as_bytes(), whole, ..COVER });
        let found = Report::read(&octets).expect("a report");
        prop_assert_eq!(&found.report, &report);
        let parsed = MessageParser::default().parse(&octets).expect("a message");
        let top = parsed.content_type().expect("a type");
        prop_assert_eq!((top.ctype(), top.subtype()), ("multipart", Some("report")));
        prop_assert_eq!(top.attribute("report-type"), Some("delivery-status"));
        let kinds: Vec<String> = parsed.parts.iter().skip(1).filter_map(|part| {
            let kind = part.content_type()?;
            Some(format!("{}/{}", kind.ctype(), kind.subtype()?))
        }).collect();
        prop_assert_eq!(&kinds, &found.kinds);
        let words = parsed.body_text(0).expect("words");
        prop_assert_eq!(words.trim_end(), text(found.words).trim_end());
    }
}
