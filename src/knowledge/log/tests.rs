use super::*;

const POSTFIX: &str = "Nov 30 05:12:01 mx postfix/smtp[123]: 4BC: to=<pat@x.test>, relay=mx.x.test[192.0.2.1]:25, delay=1.2, \
    delays=0.1/0/1/0.1, dsn=5.1.1, status=bounced (host mx.x.test[192.0.2.1] said: 550 5.1.1 <pat@x.test>: Recipient address \
    rejected: User unknown (in reply to RCPT TO command))";

fn reply(line: &str) -> Option<&str> {
    entry(line.as_bytes()).map(|entry| std::str::from_utf8(entry.reply).expect("ASCII"))
}

#[test]
fn the_reply_in_a_line_of_each_server_is_found_whole() {
    for (line, wanted) in [
        (POSTFIX, "550 5.1.1 <pat@x.test>: Recipient address rejected: User unknown"),
        (
            "2026-11-30T05:12:01.123456+01:00 mx postfix/smtpd[9]: NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 554 5.7.1 \
             <a@b.test>: Relay access denied; from=<c@d.test> to=<a@b.test> proto=ESMTP helo=<x>",
            "554 5.7.1 <a@b.test>: Relay access denied",
        ),
        (
            "Nov  3 05:12:01 mx postfix/smtp[1]: 4BC: to=<pat@x.test>, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 7F)",
            "250 2.0.0 Ok: queued as 7F",
        ),
        (
            "Nov 30 05:12:01 mx postfix/smtp[1]: 4BC: to=<pat@x.test>, relay=none, delay=30, dsn=4.4.1, status=deferred \
             (connect to mx.x.test[192.0.2.1]:25: Connection timed out)",
            "4.4.1",
        ),
        (
            "2026-11-30 05:12:01 1tGabc-000000001AB-2cde ** pat@x.test R=dnslookup T=remote_smtp H=mx.x.test [192.0.2.1]: SMTP \
             error from remote mail server after RCPT TO:<pat@x.test>: 550-5.1.1 no such user",
            "550-5.1.1 no such user",
        ),
        (
            "2026-11-30 05:12:01 1tGabc-000000001AB-2cde => pat@x.test R=a T=b H=mx [192.0.2.1] C=\"250 2.0.0 OK id=1\" QT=1s",
            "250 2.0.0 OK id=1",
        ),
        (
            "Nov 30 05:12:01 mx sendmail[99]: uAB12: to=<pat@x.test>, delay=00:00:01, relay=mx.x.test. [192.0.2.1], dsn=4.7.1, \
             stat=Deferred: 451 4.7.1 Greylisting in action, please come back",
            "451 4.7.1 Greylisting in action, please come back",
        ),
        (
            "Nov 30 05:12:01 mx sm-mta[99]: uAB12: ruleset=check_rcpt, arg1=<a@b.test>, relay=x [192.0.2.9], reject=550 5.7.1 \
             <a@b.test>... Relaying denied",
            "550 5.7.1 <a@b.test>... Relaying denied",
        ),
        (
            "2026-11-30T05:12:01.123Z,Out,08DE,12,192.0.2.1:4711,198.51.100.2:25,<,550 5.1.1 User unknown,",
            "550 5.1.1 User unknown",
        ),
        (
            "2026-11-30T05:12:01.123Z,Out,08DE,12,192.0.2.1:4711,198.51.100.2:25,<,\"550 5.7.1 Service unavailable, client host\",",
            "550 5.7.1 Service unavailable, client host",
        ),
        (
            "2026-11-30T05:12:01.123Z,,,,,[{LED=451 4.4.397 Error communicating with target host.};{MSG=};{FQDN=mx.x.test}]",
            "451 4.4.397 Error communicating with target host.",
        ),
    ] {
        assert!(is_line(line.as_bytes()), "{line}");
        assert_eq!(reply(line), Some(wanted), "{line}");
    }
}

#[test]
fn where_there_is_no_reply_the_words_of_the_log_are_told() {
    for (line, class, reply, words) in [
        (
            "Nov 30 05:12:01 mx postfix/smtp[1]: 4BC: to=<a@x.test>, dsn=4.4.1, status=deferred (connect to mx.x.test[192.0.2.1]:25: Connection timed out)",
            4,
            "4.4.1",
            "connect to mx.x.test[192.0.2.1]:25: Connection timed out",
        ),
        (
            "Nov 30 05:12:01 mx postfix/cleanup[2]: 4BC: milter-reject: END-OF-MESSAGE from mx[192.0.2.4]: 5.7.1 Spam message rejected; from=<a@b.test>",
            5,
            "5.7.1",
            "Spam message rejected",
        ),
        (
            "Nov 30 05:12:01 mx sendmail[9]: uA1: to=<a@x.test>, dsn=5.1.1, stat=User unknown",
            5,
            "5.1.1",
            "User unknown",
        ),
        ("2026-11-30 05:12:01 1tGabc-000000001AB-2cde ** a@x.test: Unrouteable address", 5, "", "Unrouteable address"),
        (
            "2026-11-30 05:12:01 1tGabc-000000001AB-2cde ** a@x.test R=dnslookup T=remote_smtp: retry timeout exceeded",
            5,
            "",
            "retry timeout exceeded",
        ),
        (
            "2026-11-30 05:12:01 1tGabc-000000001AB-2cde == a@x.test R=dnslookup T=remote_smtp defer (110): Connection timed out H=mx.x.test [192.0.2.1]",
            4,
            "",
            "Connection timed out H=mx.x.test [192.0.2.1]",
        ),
        (
            "2026-11-30 05:12:01 H=(pc) [192.0.2.9] F=<a@b.test> rejected RCPT <x@y.test>: relay not permitted",
            5,
            "",
            "relay not permitted",
        ),
        (
            "2026-11-30 05:12:01 H=(pc) [192.0.2.9] F=<a@b.test> temporarily rejected RCPT <x@y.test>: Could not complete sender verify",
            4,
            "",
            "Could not complete sender verify",
        ),
    ] {
        let entry = entry(line.as_bytes()).expect(line);
        assert_eq!((entry.class, entry.reply, entry.words), (class, reply.as_bytes(), words.as_bytes()), "{line}");
        let about = entry.explained().first().expect("a meaning").about.clone();
        assert!(about.ends_with(words.as_bytes()), "{line}");
    }
}

#[test]
fn a_log_is_told_by_its_first_lines_whatever_stands_before_them() {
    for text in [
        format!("{POSTFIX}\n"),
        format!("#Software: Microsoft Exchange Server\n#Version: 15.0.0.0\n\n{POSTFIX}"),
        format!("==> /var/log/mail.log <==\n{POSTFIX}"),
        format!("Why?\n\n{POSTFIX}\n"),
    ] {
        assert!(begins(text.as_bytes()), "{text}");
    }
    for text in [
        "",
        "# a\n",
        "From: a\nSubject: b\n\n2026-11-30 05:12:01 here\n",
        "2026-11-30 05:12:01 CLIENT -> SERVER: EHLO x",
    ] {
        assert!(!begins(text.as_bytes()), "{text}");
    }
}

#[test]
fn what_tells_of_no_reply_is_left_alone() {
    for line in [
        "Nov 30 05:12:01 mx postfix/qmgr[2]: 4BC: from=<a@b.test>, size=550, nrcpt=1 (queue active)",
        "Nov 30 05:12:01 mx postfix/smtpd[9]: connect from unknown[192.0.2.250]",
        "2026-11-30 05:12:01 Start queue run: pid=450",
        "",
        "\u{1b}[2J",
    ] {
        assert_eq!(reply(line), None, "{line}");
    }
    for line in ["550 5.1.1 No such user", "From: pat@x.test", "220 mx ESMTP"] {
        assert!(!is_line(line.as_bytes()), "{line}");
    }
}

#[test]
fn replies_that_differ_in_names_and_numbers_alone_are_of_one_kind() {
    let mut digest = Digest::default();
    let other = POSTFIX.replace("pat@x.test", "sam@y.test").replace("192.0.2.1", "192.0.2.7");
    let later =
        "Nov 30 05:12:02 mx postfix/smtp[1]: 5: status=deferred (host a[192.0.2.1] said: 451 4.7.1 Greylisted, 300 s)";
    let sent = "Nov 30 05:12:02 mx postfix/smtp[1]: 5: dsn=2.0.0, status=sent (250 2.0.0 Ok)";
    for line in [later, POSTFIX, "noise", sent, &other] {
        digest.push(line.as_bytes());
    }
    assert_eq!((digest.lines, digest.accepted, digest.beyond), (5, 1, 0));
    let kinds = digest.kinds();
    let seen: Vec<_> = kinds.iter().map(|kind| (kind.count, kind.line)).collect();
    assert_eq!(seen, [(2, 2), (1, 1)], "refusals first: {kinds:?}");
    assert!(kinds[0].explained()[0].it.title.contains("550"));
    assert_eq!(digest.words(), "5 lines: 1 taken, 2 refused, 1 to be tried again.");
    assert_eq!((kinds[0].place(), kinds[1].place()), ("2 times, first in line 2:".into(), "once, in line 1:".into()));
}

#[test]
fn a_log_that_never_repeats_itself_takes_no_memory_without_end() {
    let mut digest = Digest::default();
    let word =
        |number: usize| -> String { number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect() };
    for number in 0..KINDS + 10 {
        digest.push(format!("Nov 30 05:12:01 mx x: said: 550 5.7.1 {}", word(number)).as_bytes());
    }
    assert_eq!((digest.kinds().len(), digest.beyond), (KINDS, 10));
}
