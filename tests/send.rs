//! `ehlo send` as other programs run it: one letter into the lab, and how it came out.

#![expect(clippy::expect_used, reason = "a test that cannot go on must stop")]

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Runs it with this piped in.
fn piped(arguments: &[&str], input: &[u8]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_ehlo"));
    program.arg("send").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().expect("the program runs");
    child.stdin.take().expect("a pipe").write_all(input).expect("it is read or closed");
    child.wait_with_output().expect("it ends")
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).expect("UTF-8")
}

/// Standard output, what is complained of, and the exit code.
fn told(arguments: &[&str]) -> (String, String, Option<i32>) {
    let output = piped(arguments, b"");
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

fn events(arguments: &[&str]) -> (Vec<Value>, Option<i32>) {
    let (lines, complaint, code) = told(&[&["--json"], arguments].concat());
    assert_eq!(complaint, "");
    assert!(lines.is_ascii());
    (lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect(), code)
}

/// What was said to the server, without what differs between its options.
fn verbs(events: &[Value]) -> Vec<String> {
    let said = events.iter().filter(|event| event["kind"] == "cmd");
    said.map(|event| event["verb"].as_str().expect("a verb").to_owned()).collect()
}

/// How it came out: stage, exit code, id.
fn end(events: &[Value]) -> (String, u64, String) {
    let end = events.last().expect("events");
    assert_eq!(end["kind"], "end");
    let word = |field: &str| end[field].as_str().unwrap_or_default().to_owned();
    (word("stage"), end["exit"].as_u64().expect("a code"), word("id"))
}

#[test]
fn a_letter_goes_to_the_exchanger_that_the_dns_names_and_the_transcript_tells_how() {
    let (transcript, complaint, code) = told(&["--to", "pat@harbor.test", "--body", "hi\n"]);
    assert_eq!((complaint.as_str(), code), ("", Some(0)));
    assert!(transcript.starts_with("# ehlo 0.1.0 · LAB offline · mx1.harbor.test:25\n"), "{transcript}");
    for line in [
        "MX harbor.test. → 10 mx1.harbor.test., 20 mx2.harbor.test. (lab)",
        "C STARTTLS",
        "certificate verified",
        "C MAIL FROM:<you@you.test> SIZE=",
        "C To: <pat@harbor.test>",
        "S 250 2.0.0 Queued as H-0001",
        "goodbye: the normal end",
    ] {
        assert!(transcript.contains(line), "{line}: {transcript}");
    }
    assert!(transcript.ends_with("# done, up to quit: 250 2.0.0 Queued as H-0001\n"), "{transcript}");
    assert!(!transcript.contains('\u{1b}'));
}

#[test]
fn events_tell_the_same_and_the_last_one_how_it_came_out() {
    let (events, code) = events(&["--to", "pat@harbor.test", "--to", "nobody@harbor.test", "--pipelining"]);
    assert_eq!(verbs(&events).join(" "), "EHLO STARTTLS EHLO MAIL RCPT RCPT DATA END QUIT");
    assert_eq!((end(&events), code), (("rcpt".into(), 5, "send/recipient-refused".into()), Some(5)));
    let accept = events.iter().find(|event| event["kind"] == "accept").expect("the others get it");
    assert_eq!(accept["rcpts"], serde_json::json!(["pat@harbor.test"]));
    let times: Vec<f64> = events.iter().filter_map(|event| event["t"].as_f64()).collect();
    assert_eq!(times.len(), events.len());
    assert!(times.last() >= times.get(times.len() - 2), "{times:?}");
}

#[test]
fn a_quiet_letter_says_nothing_unless_it_fails() {
    assert_eq!(told(&["-q", "--to", "pat@harbor.test"]), (String::new(), String::new(), Some(0)));
    let (out, complaint, code) = told(&["-q", "--to", "nobody@harbor.test"]);
    assert_eq!((out.as_str(), code), ("", Some(5)));
    let said = "ehlo: stopped at rcpt: nobody@harbor.test: 550 5.1.1 No such user here [send/refused]\n";
    assert_eq!(complaint, said);
}

#[test]
fn each_failure_has_its_exit_code_and_its_stage() {
    for (arguments, stage, exit, id) in [
        (&["--to", "pat@gone.test"][..], "dns", 3, "dns/no-route"),
        (&["--server", "no-such.harbor.test", "--to", "pat@harbor.test"], "dns", 3, "send/no-address"),
        (
            &["--server", "127.0.0.1:1", "--from", "a@b.test", "--to", "pat@harbor.test"],
            "connect",
            3,
            "send/no-connection",
        ),
        (&["--server", "old.test", "--tls", "require", "--to", "pat@old.test"], "starttls", 4, "send/no-tls"),
        (
            &["--server", "mx1.harbor.test", "--verify-name", "mx9.harbor.test", "--to", "pat@harbor.test"],
            "starttls",
            4,
            "send/certificate",
        ),
        (&["--to", "code-550-5.7.1@harbor.test"], "rcpt", 5, "send/refused"),
        (&["--to", "final-code-554@harbor.test"], "final", 5, "send/refused"),
        (&["--to", "drop@harbor.test", "--timeout", "5"], "rcpt", 5, "send/closed"),
        (&["--to", "delay-5@harbor.test", "--timeout", "1"], "rcpt", 6, "send/time-out"),
    ] {
        let (events, code) = events(arguments);
        assert_eq!(end(&events), (stage.into(), exit, id.into()), "{arguments:?}: {:?}", events.last());
        assert_eq!(code, i32::try_from(exit).ok(), "{arguments:?}");
    }
}

#[test]
fn a_login_is_led_over_tls_with_the_best_mechanism() {
    let to_submit = ["--server", "submit.you.test:587", "--from", "mina@you.test", "--to", "pat@harbor.test"];
    let (events, code) = events(&[&to_submit[..], &["--auth-user", "mina"]].concat());
    assert_eq!((end(&events).0.as_str(), code), ("quit", Some(0)));
    let auth = events.iter().find(|event| event["kind"] == "auth").expect("a login");
    assert_eq!((&auth["mech"], &auth["ok"]), (&"SCRAM-SHA-256-PLUS".into(), &true.into()));
    let wrong = piped(
        &[&to_submit[..], &["--auth-user", "mina", "--password-stdin", "--auth", "PLAIN", "-q"]].concat(),
        b"moonflower\n",
    );
    assert_eq!(wrong.status.code(), Some(5));
    let complaint = text(&wrong.stderr);
    assert!(complaint.contains("stopped at auth: 535"), "{complaint}");
    assert!(!complaint.contains("moonflower"));
}

#[test]
fn the_letter_can_be_piped_in_or_come_from_a_file_with_other_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("note.txt");
    fs::write(&file, "in the file\n").expect("a file");
    let path = file.to_str().expect("UTF-8");
    let whole = b"From: mina@you.test\nSubject: piped\n\n.dot\nend";
    let output = piped(&["--to", "pat@harbor.test", "--file", "-"], whole);
    let transcript = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{transcript}");
    assert!(transcript.contains("C ..dot ") && transcript.contains("SIZE=50"), "{transcript}");
    let letter = folder.path().join("letter.eml");
    fs::write(&letter, whole).expect("a file");
    let (transcript, _, code) = told(&["--to", "pat@harbor.test", "--file", letter.to_str().expect("UTF-8")]);
    assert_eq!(code, Some(0));
    assert!(transcript.contains("C ..dot "), "{transcript}");
    let (transcript, _, code) = told(&[
        "--to",
        "Pat <pat@harbor.test>",
        "--attach",
        path,
        "--html",
        "-H",
        "X-Ship: Grüne Möwe",
        "-H",
        "Subject: own",
    ]);
    assert_eq!(code, Some(0), "{transcript}");
    for line in ["multipart/mixed", "note.txt", "text/html", "C Subject: own", "C X-Ship: =?utf-8?"] {
        assert!(transcript.contains(line), "{line}: {transcript}");
    }
    assert_eq!(transcript.matches("Subject:").count(), 1);
}

#[test]
fn chunks_go_instead_of_data() {
    let (events, code) = events(&["--to", "pat@harbor.test", "--bdat=100"]);
    assert_eq!((end(&events).0.as_str(), code), ("quit", Some(0)));
    assert!(verbs(&events).iter().filter(|verb| *verb == "BDAT").count() > 1);
    let (events, _) = self::events(&["--to", "pat@harbor.test", "--bdat"]);
    assert_eq!(verbs(&events).iter().filter(|verb| *verb == "BDAT").count(), 1);
}

#[test]
fn it_stops_behind_a_stage_or_only_says_what_it_would_do() {
    let (events, code) = events(&["--to", "pat@harbor.test", "--until", "rcpt"]);
    assert_eq!((end(&events).0.as_str(), code), ("quit", Some(0)));
    assert_eq!(verbs(&events).join(" "), "EHLO STARTTLS EHLO MAIL RCPT QUIT");
    let (plan, complaint, code) = told(&["--to", "pat@example.org", "--from", "mina@example.org", "--dry-run"]);
    assert_eq!((complaint.as_str(), code), ("", Some(0)));
    assert!(plan.starts_with("C: EHLO ") && plan.contains("C: RCPT TO:<pat@example.org>\nC: DATA\n"), "{plan}");
}

#[test]
fn what_cannot_be_meant_is_refused_with_what_to_do() {
    for (arguments, id) in [
        (&[][..], "[cli/recipient]"),
        (&["--to", "pat"], "[cli/value]"),
        (&["--to", "pat@harbor.test\r\nRSET"], "[input/crlf]"),
        (&["--to", "pat@harbor.test", "--to", "sam@bank.test"], "[cli/host]"),
        (&["--to", "pat@example.org"], "[cli/sender]"),
        (&["--to", "pat@harbor.test", "--header", "no colon"], "[cli/value]"),
        (&["--to", "pat@harbor.test", "--notify", "often"], "[cli/value]"),
        (&["--to", "pat@harbor.test", "--auth", "NTLM"], "[cli/value]"),
        (&["--to", "pat@harbor.test", "--until", "lunch"], "[cli/value]"),
        (&["--to", "pat@harbor.test", "--dry-run", "--json"], "[cli/option]"),
        (&["--to", "pat@harbor.test", "--file", "-", "--password-stdin", "--auth-user", "mina"], "[cli/option]"),
    ] {
        let (out, complaint, code) = told(arguments);
        assert_eq!((out.as_str(), code), ("", Some(2)), "{arguments:?}: {complaint}");
        assert!(complaint.contains(id), "{arguments:?}: {complaint}");
    }
}

#[test]
fn f220_a_letter_that_is_not_there_or_may_not_be_read_is_told_with_its_path() {
    for (option, path) in [("--file", "/no/such/letter.eml"), ("--attach", "/no/such/note.txt")] {
        let (out, complaint, code) = told(&["--to", "pat@harbor.test", option, path]);
        assert_eq!((out.as_str(), code), ("", Some(2)), "{complaint}");
        assert!(complaint.contains(path) && complaint.contains("[file/open]"), "{complaint}");
    }
}

#[test]
#[cfg(unix)]
fn f221_what_is_no_regular_file_is_refused_and_never_waited_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs").success());
    for path in [pipe.to_str().expect("UTF-8"), "/dev/zero", "/proc/self/mem", "/"] {
        for option in ["--file", "--attach"] {
            let (out, complaint, code) = told(&["--to", "pat@harbor.test", option, path]);
            assert_eq!((out.as_str(), code), ("", Some(2)), "{path}: {complaint}");
            // Some kernels do not even let a process open its own memory.
            assert!(complaint.contains("[file/type]") || path == "/proc/self/mem", "{path}: {complaint}");
        }
    }
}

#[test]
fn f223_a_letter_in_utf_16_goes_as_it_is_and_is_warned_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("letter.eml");
    let letter: Vec<u8> = "\u{feff}Subject: hi\r\n\r\nhi\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(&path, &letter).expect("a file");
    let (_, complaint, _) = told(&["--to", "pat@harbor.test", "--file", path.to_str().expect("UTF-8")]);
    assert!(complaint.contains("Looks like UTF-16: servers will see NUL bytes. [file/encoding]"), "{complaint}");
}
