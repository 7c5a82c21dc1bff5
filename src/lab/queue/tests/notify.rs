//! Who is told what.

use super::*;
use crate::mail::report::{Report, Returned};

/// The actions that are told of a recipient after an outcome.
fn told(from: &str, recipient: &str, verdict: Verdict) -> (Next, Vec<Action>) {
    let mut queue = queue();
    queue.submit(letter("S-0001", from, at(0)), vec![to(recipient)]);
    let settled = settle(&mut queue, at(0), verdict).remove(0);
    let told = settled.notices.iter().flat_map(|notice| &notice.report.recipients).map(|told| told.action);
    (settled.fates[0].next, told.collect())
}

#[test]
fn c183_notify_decides_what_is_told() {
    let relayed = Verdict::Handed { with_dsn: false };
    for (notify, failed, handed, delivered) in [
        ("", true, false, false),
        (" NOTIFY=NEVER", false, false, false),
        (" NOTIFY=FAILURE", true, false, false),
        (" NOTIFY=DELAY", false, false, false),
        (" NOTIFY=SUCCESS", false, true, true),
        (" NOTIFY=success,Failure", true, true, true),
    ] {
        let recipient = format!("pat@harbor.test{notify}");
        let (next, told_of) = told("<mina@you.test>", &recipient, Verdict::Never);
        assert_eq!(told_of, if failed { vec![Action::Failed] } else { vec![] }, "{notify}");
        assert_eq!(next, if failed { Next::Bounced } else { Next::Dropped(Rule::NotAskedFor) }, "{notify}");
        let (next, told_of) = told("<mina@you.test>", &recipient, relayed);
        assert_eq!((next, told_of), (Next::Done, if handed { vec![Action::Relayed] } else { vec![] }), "{notify}");
        let (_, told_of) = told("<mina@you.test>", &recipient, Verdict::Delivered);
        assert_eq!(told_of, if delivered { vec![Action::Delivered] } else { vec![] }, "{notify}");
        assert_eq!(told("<mina@you.test>", &recipient, HANDED).1, [], "the next host tells: {notify}");
    }
}

#[test]
fn c191_c202_a_letter_without_a_reverse_path_is_never_reported_on() {
    for verdict in [Verdict::Never, Verdict::Delivered, Verdict::Handed { with_dsn: false }, Verdict::Later] {
        let (next, told_of) = told("<>", "pat@harbor.test NOTIFY=SUCCESS,FAILURE,DELAY", verdict);
        assert_eq!(told_of, [], "{verdict:?}");
        assert!(verdict != Verdict::Never || next == Next::Dropped(Rule::NullSender));
    }
    let mut queue = queue();
    queue.submit(letter("S-0001", "<>", at(0)), vec![to("pat@harbor.test")]);
    settle(&mut queue, at(0), Verdict::Later);
    assert_eq!(queue.delays(at(300)), []);
    let last = settle(&mut queue, at(7200), Verdict::Later).remove(0);
    assert_eq!((last.fates[0].next, last.notices.len()), (Next::Dropped(Rule::NullSender), 0));
}

#[test]
fn a_letter_that_a_rule_throws_away_is_neither_delivered_nor_reported() {
    let (next, told_of) = told("<mina@you.test>", "pat@harbor.test NOTIFY=SUCCESS,FAILURE", Verdict::Dropped);
    assert_eq!((next, told_of), (Next::Dropped(Rule::Policy), vec![]));
}

/// The report on a letter with these parameters of MAIL that nobody takes.
fn report_on(params: &[(&str, Option<&str>)], recipient: &str) -> Vec<u8> {
    let params = params.iter().map(|(name, value)| Param::new(name, *value)).collect();
    let mut queue = queue();
    queue.submit(Letter { params, ..letter("S-0001", "<mina@you.test>", at(0)) }, vec![to(recipient)]);
    let settled = settle(&mut queue, at(0), Verdict::Never).remove(0);
    settled.notices[0].octets("postmaster@you.test", "S-0002@submit.you.test", at(1))
}

#[test]
fn what_the_sender_called_transaction_and_recipient_is_told_decoded() {
    let octets = report_on(&[("ENVID", Some("QQ+2B314"))], "pat@harbor.test ORCPT=rfc822;Pat+2Bnews@Pine.test");
    let report = Report::read(&octets).expect("a report").report;
    assert_eq!(report.envelope_id.as_deref(), Some("QQ+314"));
    assert_eq!(report.recipients[0].original.as_deref(), Some("rfc822;Pat+news@Pine.test"));
    assert_eq!(report.recipients[0].log_id.as_deref(), Some("S-0001"));
    assert_eq!(report.recipients[0].diagnostic.as_deref(), Some("550 5.1.1 No such user here"));
}

#[test]
fn c167_who_asked_for_tls_all_the_way_or_for_headers_gets_the_header_back() {
    let whole = |params: &[(&str, Option<&str>)]| {
        let octets = report_on(params, "pat@harbor.test");
        let found = Report::read(&octets).expect("a report");
        matches!(found.returned, Some(Returned::Whole(_)))
    };
    assert!(whole(&[]) && whole(&[("RET", Some("FULL"))]));
    assert!(!whole(&[("RET", Some("hdrs"))]));
    assert!(!whole(&[("REQUIRETLS", None)]) && !whole(&[("RET", Some("FULL")), ("REQUIRETLS", None)]));
}
