//! `ehlo explain`: what a text means without a screen, as other programs run it.

#![expect(clippy::expect_used, reason = "a test that cannot go on must stop")]

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const BOUNCE: &str = "Received: from mx.you.test (mx.you.test [192.0.2.1])\n\tby mail.you.test with ESMTPS id 2; Thu, 01 Jan 2026 10:07:00 +0000\nReceived: by mx.you.test with ESMTP id 1; Thu, 01 Jan 2026 10:05:00 +0000\nAuthentication-Results: mail.you.test; spf=pass smtp.mailfrom=you.test; dkim=fail\nFrom: <>\nContent-Type: multipart/report; report-type=delivery-status;\n\tboundary=\"x\"\n\n--x\n\nSorry.\n--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.you.test\n\nFinal-Recipient: rfc822; pat@harbor.test\nAction: failed\nStatus: 5.7.1\nRemote-MTA: dns; mx1.harbor.test\nDiagnostic-Code: smtp; 550 5.7.1 Helo command rejected: need\n fully-qualified hostname \u{1b}[2J\n--x--\n";

/// Runs it with these arguments and this on standard input.
fn explain(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ehlo"))
        .arg("explain")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    // One that has been given arguments does not read.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    child.wait_with_output().expect("it ends")
}

fn text(octets: &[u8]) -> &str {
    std::str::from_utf8(octets).expect("UTF-8")
}

/// What it prints of something that it knows.
fn told(arguments: &[&str], input: &str) -> String {
    let output = explain(arguments, input.as_bytes());
    assert_eq!((text(&output.stderr), output.status.code()), ("", Some(0)), "{arguments:?} {input:?}");
    text(&output.stdout).to_owned()
}

fn events(arguments: &[&str], input: &str) -> Vec<Value> {
    let text = told(arguments, input);
    assert!(text.bytes().all(|octet| octet == b'\n' || (0x20..0x7f).contains(&octet)), "{text}");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn each_kind_is_explained_from_arguments_and_from_standard_input_alike() {
    for (words, says) in [
        ("P08", &["P08 · The base64 of the login is wrong", "Log in again and encode it with printf."][..]),
        ("5.7.26", &["5.7.26 · Several authentication checks failed", "RFC 7372"]),
        ("550", &["550 · Refused", "after RCPT: "]),
        ("550 5.1.1 No such user", &["550 5.1.1 · No such mailbox", "(likely: "]),
        ("SIZE 10485760", &["Letters up to 10 MiB."]),
        ("AUTH PLAIN LOGIN", &["AUTH · Authentication", "LOGIN: Name and password, asked one by one."]),
        ("MAIL FROM:<a@b> SIZE=9", &["MAIL · Start a message", "9 octets."]),
        ("SCRAM-SHA-256", &["login mechanism, recommended"]),
        (
            "Helo command rejected: need fully-qualified hostname",
            &["as of Postfix", "(possible: ", "Send the real host name."],
        ),
    ] {
        let given: Vec<&str> = words.split(' ').collect();
        let text = told(&given, "");
        for part in says {
            assert!(text.contains(part), "{words} does not say {part:?}: {text}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        assert_eq!(text, told(&[], &format!("{words}\r\n")), "{words}");
    }
}

#[test]
fn a_reply_of_several_lines_is_one_and_an_offer_has_each_line_explained() {
    let text = told(&[], "550-5.1.1 no\n550 5.1.1 user\n");
    assert!(text.starts_with("550-5.1.1 no\n550 5.1.1 user\n\n550 5.1.1 "), "{text}");
    let events = events(&["--json"], "250-mx1.harbor.test\r\n250-SIZE 1000\r\n250 CHUNKING\r\n");
    let seen: Vec<_> = events.iter().map(|event| (event["what"].as_str(), event["about"].as_str())).collect();
    let offer = Some("250-mx1.harbor.test\\n250-SIZE 1000\\n250 CHUNKING");
    let wanted = [(Some("reply"), offer), (Some("keyword"), Some("SIZE 1000")), (Some("keyword"), Some("CHUNKING"))];
    assert_eq!(seen, wanted);
}

#[test]
fn a_delivery_report_is_told_by_recipient_and_the_way_and_the_checks_behind_it() {
    let text = told(&[], BOUNCE);
    let at = |wanted: &str| text.find(wanted).unwrap_or_else(|| panic!("{wanted}: {text}"));
    let order = [
        "A delivery report by mx.you.test",
        "pat@harbor.test · failed 5.7.1",
        "remote server: mx1.harbor.test",
        "Postfix: The EHLO name is not a full",
        "Received, 1 of 2, oldest first",
        "mx.you.test (mx.you.test [192.0.2.1]) → mail.you.test",
        "Inside TLS (ESMTPS), 2 min after the one before.",
        "spf=pass",
        "dkim=fail",
    ];
    assert!(order.map(at).is_sorted(), "{text}");
    assert!(!text.contains('\u{1b}') && text.contains("^[[2J"), "{text}");
    let events = events(&["--json"], BOUNCE);
    let kinds: Vec<_> = events.iter().filter_map(|event| event["what"].as_str()).collect();
    assert_eq!(kinds, ["report", "recipient", "reply", "received", "received", "check", "check"]);
    assert_eq!(events[2]["confidence"], "likely");
    assert!(events[2]["about"].as_str().is_some_and(|about| about.ends_with("\\x1b[2J")), "{}", events[2]);
}

#[test]
fn an_explanation_is_an_event() {
    let events = events(&["--json", "550", "5.1.1", "Nö such\u{202e} user\u{1b}]0;x\u{7}"], "");
    let event = &events[0];
    assert_eq!((&event["kind"], &event["schema"], &event["what"]), (&"explain".into(), &1.into(), &"reply".into()));
    assert_eq!(event["about"], "550 5.1.1 Nö such\\u{202e} user\\x1b]0;x\\x07");
    assert!(event["title"].as_str().is_some_and(|title| title.starts_with("550 5.1.1 · ")), "{event}");
    assert!(event["meaning"].is_string() && event["next"][0]["say"].is_string() && event["refs"].is_array());
    assert_eq!(event["confidence"], "certain");
}

#[test]
fn a_secret_is_shown_in_no_form() {
    for arguments in [&["AUTH", "PLAIN", "AHBhdABodW50ZXIy"][..], &["--json", "AUTH PLAIN AHBhdABodW50ZXIy"]] {
        let text = told(arguments, "");
        assert!(text.contains("AUTH PLAIN ********") && !text.contains("AHBhdABodW50ZXIy"), "{text}");
    }
    let dialogue = b"AUTH LOGIN\r\n334 VXNlcm5hbWU6\r\nAHBhdABodW50ZXIy\r\n";
    let output = explain(&[], dialogue);
    assert_eq!(output.status.code(), Some(0));
    let both = [output.stdout, output.stderr].concat();
    assert!(text(&both).contains("S: 334 VXNlcm5hbWU6") && !text(&both).contains("AHBh"), "{}", text(&both));
}

#[test]
fn what_is_not_known_ends_with_1_and_what_is_nearest() {
    for (input, says) in [
        ("STARTLS", "Did you mean STARTTLS?"),
        ("P99", "P01 to P30"),
        ("999", "three digits"),
        ("nothing of mail at all", "nothing is guessed"),
        ("220 one\n550 two\n", "one reply, one line or one letter"),
        ("\u{1b}[2J\u{7}", "nothing is guessed"),
    ] {
        for form in [&[][..], &["--json"]] {
            let output = explain(form, input.as_bytes());
            let said = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{input:?}: {said}");
            assert!(output.stdout.is_empty() && said.contains(says) && !said.contains('\u{1b}'), "{said}");
            assert!(said.contains("[explain/unknown]"), "{said}");
        }
    }
    assert_eq!(explain(&[], b"\xff\xfe\0").status.code(), Some(1));
}

#[test]
fn nothing_and_too_much_are_refused() {
    for (arguments, input) in [(&[][..], ""), (&[], " \r\n\t"), (&[""], "550"), (&["--json", " "], "")] {
        let output = explain(arguments, input.as_bytes());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && text(&output.stderr).contains("the text is empty. [explain/nothing]"));
    }
    let output = explain(&[], &vec![b'x'; (50 << 20) + 1]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("At most 52428800 octets are taken"), "{}", text(&output.stderr));
    let output = explain(&["--what", "550"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("There is no option --what"), "{}", text(&output.stderr));
}

/// A log of Postfix with so many letters: most are taken, every fourth mailbox is missing, and one server greylists.
fn log(letters: usize) -> String {
    let line = |number: usize| {
        let head = format!(
            "Nov 30 05:12:01 mx postfix/smtp[{number}]: {number:X}: to=<u{number}@x.test>, relay=mx.x.test[192.0.2.1]:25,"
        );
        match number % 4 {
            0 => format!(
                "{head} dsn=5.1.1, status=bounced (host mx.x.test[192.0.2.1] said: 550 5.1.1 <u{number}@x.test>: Recipient \
                 address rejected: User unknown (in reply to RCPT TO command))\n"
            ),
            1 if number == 1 => format!(
                "{head} dsn=4.7.1, status=deferred (host mx.x.test[192.0.2.1] said: 451 4.7.1 Greylisted, come back)\r\n"
            ),
            _ => format!("{head} dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as {number:X})\n"),
        }
    };
    (0..letters).map(line).collect()
}

#[test]
fn a_log_is_told_in_numbers_and_each_kind_of_reply_once() {
    // Larger than what is read at a time, so that lines are cut.
    let log = log(4000);
    assert!(log.len() > 512 << 10);
    let told = told(&[], &log);
    assert!(told.starts_with("4000 lines: 2999 taken, 1000 refused, 1 to be tried again.\n\n"), "{told}");
    let missing =
        told.find("1000 times, first in line 1:\n\n550 5.1.1 <u0@x.test>: Recipient address rejected").expect("it");
    assert!(missing < told.find("once, in line 2:\n\n451 4.7.1 Greylisted").expect("the other"), "{told}");
    let events = events(&["--json"], &log);
    let seen: Vec<_> = events.iter().map(|event| (event["count"].as_u64(), event["line"].as_u64())).collect();
    assert_eq!(seen, [(Some(1000), Some(1)), (Some(1), Some(2))]);
}

#[test]
fn one_line_of_a_log_is_explained_by_its_reply() {
    let line = log(1);
    for told in [told(&[line.trim_end()], ""), told(&[], "Nov 30 05:12:01 mx x: said: 550 5.1.1 User unknown")] {
        assert!(told.contains("550") && told.contains("mailbox"), "{told}");
    }
}

/// 64 MiB are more than what is read of anything else, and more than the program may hold.
#[test]
fn a_log_of_any_size_is_read_to_its_end() {
    let block = log(1000);
    let times = (64 << 20) / block.len();
    let mut program = Command::new(env!("CARGO_BIN_EXE_ehlo"));
    program.arg("explain").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().expect("the program runs");
    let mut input = child.stdin.take().expect("a pipe");
    for _ in 0..times {
        input.write_all(block.as_bytes()).expect("it is read");
    }
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let lines = times * 1000;
    assert!(text(&output.stdout).starts_with(&format!("{lines} lines: ")), "{}", text(&output.stdout));
    assert!(output.status.success() && output.stderr.is_empty());
}

/// A file of `tests/foreign`.
fn foreign(name: &str) -> String {
    let path = format!("{}/tests/foreign/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).expect("a capture")
}

/// What it prints of a conversation; that it was read from a log is told on standard error.
fn conversation(arguments: &[&str], input: &str) -> String {
    let output = explain(arguments, input.as_bytes());
    assert_eq!(output.status.code(), Some(0), "{}", output.stderr.escape_ascii());
    assert!(text(&output.stderr).contains("[import/form]"), "{}", output.stderr.escape_ascii());
    text(&output.stdout).to_owned()
}

#[test]
fn a_conversation_is_told_line_by_line_and_its_last_refusal_in_full() {
    for (log, explained) in [("swaks.log", "swaks.explained.txt"), ("nc.txt", "nc.explained.txt")] {
        let told = conversation(&[], &foreign(log));
        let wanted = foreign(explained).replace("[VERSION]", env!("CARGO_PKG_VERSION"));
        assert_eq!(told, wanted, "{log}");
    }
    let log = foreign("swaks.log");
    let quoted = log.lines().flat_map(|line| ["> ", line, "\n"]).collect::<String>();
    let told = conversation(&[&format!("It does not work:\n\n{quoted}\nWhy?")], "");
    assert!(told.contains("550 5.1.1 \u{b7} No such mailbox here"), "{told}");
}

#[test]
fn the_events_of_a_conversation_come_before_what_they_mean() {
    let told = conversation(&["--json"], &foreign("nc.txt"));
    let events: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let kinds: Vec<_> = events.iter().filter_map(|event| event["kind"].as_str()).collect();
    assert_eq!((kinds[0], kinds[1]), ("open", "greet"));
    assert_eq!(kinds.last(), Some(&"explain"), "{kinds:?}");
    let numbers: Vec<_> = events.iter().filter_map(|event| event["n"].as_u64()).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
}

#[test]
fn no_secret_of_a_conversation_is_explained() {
    for log in ["swaks-tls.log", "curl-tls.log", "s_client.txt", "s_client-quiet.txt"] {
        for arguments in [&[][..], &["--json"]] {
            let told = conversation(arguments, &foreign(log));
            for secret in ["sunflower", "c3VuZmxvd2Vy", "AG1pbmEAc3VuZmxvd2Vy"] {
                assert!(!told.contains(secret), "{log}: {told}");
            }
        }
    }
}

#[test]
fn a_problem_that_a_conversation_shows_is_explained_with_it() {
    let told = conversation(&[], "220 mx.a.test ESMTP\nMAIL FROM:<a@you.test>\n503 5.5.1 EHLO first\nQUIT\n221 bye\n");
    assert!(told.contains("Say EHLO") || told.contains("EHLO first"), "{told}");
    let fine = "220 mx.a.test ESMTP\nEHLO a.test\n250 mx.a.test\nQUIT\n221 bye\n";
    assert!(conversation(&[], fine).ends_with("\nNothing was refused, and no problem shows.\n"));
}

#[test]
fn a_bounce_in_words_is_told_with_the_reply_that_it_quotes() {
    let bounce = "From: MAILER-DAEMON@mx.you.test\nSubject: Undelivered\n\nThis is the mail system at host mx.you.test.\n\n<nobody@harbor.test>: host mx1.harbor.test[192.0.2.10] said: 550 5.1.1 No such\n    user here (in reply to RCPT TO command)\n";
    let told = told(&[], bounce);
    for part in [
        "A bounce by Postfix at mx.you.test",
        "nobody@harbor.test \u{b7} not reached",
        "550 5.1.1 \u{b7} No such mailbox",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let whats: Vec<_> =
        events(&["--json"], bounce).iter().filter_map(|it| it["what"].as_str().map(str::to_owned)).collect();
    assert_eq!(whats[..3], ["bounce", "recipient", "reply"], "{whats:?}");
}

#[test]
fn a_bounce_is_decoded_before_it_is_read() {
    let bounce = "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.you.test>\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nThis is the mail =\nsystem at host mx.you.test.\n\n<nobody@harbor.test>: host mx1.harbor.test[192.0.2.10] said: 550 5.1.1 No=20such=\n user (in reply to RCPT TO command)\n\n--x\nContent-Type: message/rfc822\n\nSubject: hi\n\n<sam@harbor.test>: 550 5.1.1 no\n--x--\n";
    let told = told(&[], bounce);
    assert!(told.contains("A bounce by Postfix at mx.you.test") && told.contains("550 5.1.1 No such user"), "{told}");
    assert!(!told.contains("sam@harbor.test"), "the letter that came back is none of it: {told}");
}

#[test]
fn a_log_is_one_whatever_stands_before_it_coloured_or_wide() {
    let log = log(3);
    let exchange = "#Software: Microsoft Exchange Server\r\n#Fields: date-time,data\r\n2026-11-30T05:12:01.123Z,Out,08DE,7,192.0.2.1:25,192.0.2.2:25,<,\"550 5.7.1 Blocked, client\",\r\n";
    let coloured = log.replace("Nov 30", "\u{1b}[32mNov 30").replace(" mx ", "\u{1b}[0m mx ");
    for (text, refused) in [
        (format!("==> /var/log/mail.log <==\n{log}"), "4 lines: 1 taken, 1 refused, 1 to be tried again.\n"),
        (format!("\u{feff}{exchange}"), "3 lines: 0 taken, 1 refused, 0 to be tried again.\n"),
        (coloured, "3 lines: 1 taken, 1 refused, 1 to be tried again.\n"),
    ] {
        assert!(told(&[], &text).starts_with(refused), "{text}");
        assert!(told(&[&text], "").starts_with(refused), "{text}");
    }
    let wide: Vec<u8> = format!("\u{feff}{exchange}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let output = explain(&[], &wide);
    assert!(text(&output.stdout).starts_with("3 lines: 0 taken, 1 refused"), "{}", output.stderr.escape_ascii());
}

#[test]
fn what_phpmailer_and_smtplib_print_is_a_conversation() {
    for log in [
        "2026-01-01 10:00:00 SERVER -> CLIENT: 220 mx.a.test ESMTP\n2026-01-01 10:00:00 CLIENT -> SERVER: EHLO a.test\n2026-01-01 10:00:00 SERVER -> CLIENT: 250-mx.a.test\n250 AUTH LOGIN\n2026-01-01 10:00:01 CLIENT -> SERVER: AUTH LOGIN\n2026-01-01 10:00:01 SERVER -> CLIENT: 334 VXNlcm5hbWU6\n2026-01-01 10:00:01 CLIENT -> SERVER: bWluYQ==\n2026-01-01 10:00:01 SERVER -> CLIENT: 334 UGFzc3dvcmQ6\n2026-01-01 10:00:01 CLIENT -> SERVER: c3VuZmxvd2Vy\n2026-01-01 10:00:01 SERVER -> CLIENT: 535 5.7.8 Error: authentication failed\n",
        "send: 'ehlo a.test\\r\\n'\nreply: b'250-mx.a.test\\r\\n'\nreply: b'250 AUTH PLAIN\\r\\n'\nreply: retcode (250); Msg: b'mx.a.test'\nsend: 'AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy\\r\\n'\nreply: b'535 5.7.8 Error: authentication failed\\r\\n'\nreply: retcode (535); Msg: b'5.7.8 Error'\n",
    ] {
        let told = conversation(&[], log);
        assert!(told.contains("S: 535 5.7.8 Error") && told.contains("535 5.7.8 \u{b7} "), "{told}");
        assert!(!told.contains("c3VuZmxvd2Vy") && !told.contains("AG1pbmEA"), "{told}");
    }
}
