//! Logs of other programs, captured from real ones that spoke with the lab while it recorded: each opens as the session that
//! was recorded, in what both know, and nothing else.

#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on must stop")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use ehlo::dialogue::row::What;
use ehlo::export::{Format, export};
use ehlo::record::foreign;
use ehlo::record::line::Line;
use ehlo::record::player;
use ehlo::record::reader::{NotRead, Recording, Remark, read};
use ehlo::session::look_ups::LookUps;
use ehlo::session::{Model, Session};
use ehlo::tape::Side;
use ehlo::tape::mark::Mark;
use ehlo::tape::told::{Form, Means};
use proptest::prelude::*;

/// The captures: the file, the number of the session in the recording of the lab, and what it is.
const CAPTURES: [(&str, u32, Form); 9] = [
    ("swaks.log", 1, Form::Swaks),
    ("swaks-tls.log", 2, Form::Swaks),
    ("curl.log", 4, Form::Curl),
    ("curl-tls.log", 5, Form::Curl),
    ("telnet.txt", 7, Form::Paste),
    ("nc.txt", 8, Form::Paste),
    ("s_client.txt", 9, Form::OpenSsl),
    ("s_client-quiet.txt", 10, Form::OpenSsl),
    ("typescript", 11, Form::Paste),
];

/// Logs without a session of their own in that recording.
const OTHERS: [&str; 3] = ["postfix.txt", "sendmail.txt", "rfc.txt"];

/// The password of the lab's captures, and what carries it.
const SECRETS: [&str; 3] = ["sunflower", "c3VuZmxvd2Vy", "AG1pbmEAc3VuZmxvd2Vy"];

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/foreign").join(name)
}

fn file(name: &str) -> Vec<u8> {
    fs::read(path(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
}

fn imported(text: &[u8]) -> Recording {
    foreign::read(text).unwrap_or_else(|why| panic!("{why}: {}", text.escape_ascii()))
}

fn played(recording: &Recording) -> Model {
    let mut model = Model::new(LookUps::new(1));
    recording.lines.iter().for_each(|line| player::play(line, &mut model));
    model
}

/// Who said what, and whether it is letter.
fn said(session: &Session) -> Vec<(Side, bool, String)> {
    let rows = session.dialogue().rows().iter();
    let line = |row: &ehlo::dialogue::row::Row| {
        let letter = matches!(row.what, What::Content { .. } | What::EndOfData(_));
        // A blank at the end of a line is lost on a screen.
        Some((row.side()?, letter, session.matter(row).trim_end().to_owned()))
    };
    rows.filter_map(line).collect()
}

fn text(recording: &Recording) -> String {
    let pieces = export(recording, Format::Text).expect("an export");
    String::from_utf8(pieces[0].octets.clone()).expect("text")
}

fn ehlo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ehlo")).args(arguments).output().expect("it runs")
}

#[test]
fn each_log_is_the_session_that_was_recorded_in_what_both_know() {
    let lab = played(&read(&file("lab.ehlo")).expect("a recording"));
    for (name, id, form) in CAPTURES {
        let recording = imported(&file(name));
        assert_eq!(recording.remarks[0], Remark::Imported(form), "{name}");
        let model = played(&recording);
        assert_eq!(model.sessions().len(), 1, "{name}");
        let session = &model.sessions()[0];
        assert_eq!(session.imported().map(|it| it.form), Some(form), "{name}");
        let theirs = said(session);
        let ours = lab.sessions().iter().find(|session| session.id.0 == id).expect("the session");
        let mut ours = said(ours);
        if form == Form::Curl {
            ours.retain(|(_, letter, _)| !letter);
        }
        if name == "s_client.txt" {
            // What openssl said itself is not shown, and the R was not sent.
            let from = ours.iter().position(|(_, _, text)| text == "250 SMTPUTF8").expect("the end of an offer");
            ours.drain(..from);
            let secured = ours.iter().rposition(|(_, _, text)| text.starts_with("EHLO ")).expect("a second EHLO");
            ours.drain(1..secured);
        }
        if form == Form::Curl {
            // It says goodbye behind the end of its log.
            ours.truncate(theirs.len());
        }
        assert_eq!(theirs.len(), ours.len(), "{name}: {theirs:?} {ours:?}");
        for (theirs, ours) in theirs.iter().zip(&ours) {
            // Secrets are hidden as in a live session, those of the lab are public.
            let shown = theirs.2.split('\u{2022}').next().unwrap_or_default();
            assert_eq!((theirs.0, theirs.1), (ours.0, ours.1), "{name}");
            let hidden = shown.len() < theirs.2.len();
            assert!(theirs.2 == ours.2 || (hidden && ours.2.starts_with(shown)), "{name}: {theirs:?} {ours:?}");
        }
        assert!(session.dialogue().desync().is_none(), "{name}");
    }
}

#[test]
fn what_a_log_does_not_tell_is_not_made_up() {
    for (name, _, form) in CAPTURES {
        let recording = imported(&file(name));
        let model = played(&recording);
        let session = &model.sessions()[0];
        assert!(session.tls().is_none() && session.opened().is_none(), "{name}");
        assert_eq!(session.tells_times(), name == "curl-tls.log", "{name}");
        let text = text(&recording);
        assert!(text.starts_with(&format!("# ehlo {}, {}, ", env!("CARGO_PKG_VERSION"), form.words())), "{text}");
        assert!(!text.contains("UTC") && !text.contains("1970") && !text.contains("round trip"), "{text}");
        assert_eq!(text.contains("--:--:--.--- S: "), name != "curl-tls.log", "{text}");
        let secured = session.dialogue().is_secured();
        assert_eq!(secured, ["swaks-tls.log", "curl-tls.log", "s_client.txt", "s_client-quiet.txt"].contains(&name));
        let events = export(&recording, Format::Json).expect("events");
        let events = String::from_utf8(events[0].octets.clone()).expect("text");
        assert!(events.contains("\"kind\":\"open\"") && events.contains("\"client\":\"\""), "{name} {events}");
        assert_eq!(events.contains("\"verify\":\"unknown\""), secured, "{name} {events}");
        assert_eq!(events.contains("\"ms\":"), name == "curl-tls.log", "{name} {events}");
    }
}

#[test]
fn no_secret_of_a_log_is_in_anything_that_is_made_of_it() {
    for (name, ..) in CAPTURES {
        let held = String::from_utf8_lossy(&file(name)).into_owned();
        let recording = imported(held.as_bytes());
        let mut sinks: Vec<(&str, Vec<u8>)> = Vec::new();
        for format in Format::ALL {
            let pieces = export(&recording, format).unwrap_or_default();
            sinks.extend(pieces.into_iter().map(|piece| (format.name(), piece.octets)));
        }
        let kept: String = recording.lines.iter().map(Line::json).collect();
        sinks.push(("what is kept", kept.into_bytes()));
        let model = played(&recording);
        let session = &model.sessions()[0];
        sinks.push(("saved", session.text().into_bytes()));
        for secret in SECRETS {
            let found = sinks.iter().find(|(_, text)| memchr::memmem::find(text, secret.as_bytes()).is_some());
            assert!(found.is_none(), "{name}: {secret} is in {:?}", found.map(|(sink, _)| sink));
        }
        assert_eq!(
            session.dialogue().secrets().spans().is_empty(),
            !SECRETS.iter().any(|it| held.contains(it)),
            "{name}"
        );
    }
}

#[test]
fn our_own_text_is_the_recording_again() {
    let first = text(&read(&file("lab.ehlo")).expect("a recording"));
    assert_eq!(text(&imported(first.as_bytes())), first);
    for name in CAPTURES.map(|(name, ..)| name).into_iter().chain(OTHERS) {
        let first = text(&imported(&file(name)));
        let second = text(&imported(first.as_bytes()));
        // Who logs in is said of a line that was seen, and not of one that was hidden already.
        let without_names = |text: &str| {
            let names =
                ["the user name:", "the password:", "names and password:", "let me log in with", "hidden already"];
            text.lines()
                .filter(|line| !names.iter().any(|it| line.trim_start().starts_with(it)))
                .collect::<Vec<_>>()
                .join("\n")
        };
        assert_eq!(without_names(&second), without_names(&first), "{name}");
        assert_eq!(text(&imported(second.as_bytes())), second, "{name}");
    }
    // Markdown keeps what was said, and what the screen saves does.
    let recording = read(&file("lab.ehlo")).expect("a recording");
    let ours: Vec<_> = played(&recording).sessions().iter().map(said).collect();
    let markdown = export(&recording, Format::Markdown).expect("an export");
    let theirs = played(&imported(&markdown[0].octets));
    assert_eq!(theirs.sessions().iter().map(said).collect::<Vec<_>>(), ours);
    let saved: Vec<_> = played(&recording).sessions().iter().map(Session::text).collect();
    for (saved, ours) in saved.iter().zip(&ours) {
        assert_eq!(&said(&played(&imported(saved.as_bytes())).sessions()[0]), ours, "{saved}");
    }
}

#[test]
fn transcripts_of_servers_and_of_rfcs_are_read_by_their_signs() {
    for (name, form, first, letter) in [
        ("postfix.txt", Form::Postfix, "220 mx.you.test ESMTP Postfix", 0),
        ("sendmail.txt", Form::Signs, "RCPT To:<nobody@harbor.test>", 0),
        ("rfc.txt", Form::Signs, "220 mx1.harbor.test Simple Mail Transfer Service Ready", 4),
    ] {
        let recording = imported(&file(name));
        assert!(recording.remarks.contains(&Remark::Imported(form)), "{name}: {:?}", recording.remarks);
        let model = played(&recording);
        let said = said(&model.sessions()[0]);
        assert_eq!(said[0].2, first, "{name}");
        assert_eq!(said.iter().filter(|(_, it, _)| *it).count(), letter, "{name}: {said:?}");
    }
}

#[test]
fn the_commands_take_a_log_as_they_take_a_recording() {
    let [swaks, telnet] = ["swaks.log", "telnet.txt"].map(|name| path(name).to_str().expect("text").to_owned());
    let output = ehlo(&["export", &swaks]);
    assert_eq!(output.status.code(), Some(0));
    let told = String::from_utf8(output.stderr).expect("text");
    assert!(told.contains("Read from a swaks log") && told.contains("[import/form]"), "{told}");
    assert_eq!(ehlo(&["diff", &swaks, &swaks]).status.code(), Some(0));
    let output = ehlo(&["diff", &swaks, &telnet]);
    assert_eq!(output.status.code(), Some(1), "{}", output.stdout.escape_ascii());
    let nothing = tempfile::NamedTempFile::new().expect("a file");
    fs::write(nothing.path(), "Dear all,\n\n550 people came to the party.\n").expect("room");
    let output = ehlo(&["open", nothing.path().to_str().expect("text")]);
    let told = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("no conversation in a form that is known") && told.contains("[rec/foreign]"), "{told}");
    for form in ["swaks", "curl -v", "openssl s_client", "Postfix", "telnet", "S: and C:"] {
        assert!(told.contains(form), "{form}: {told}");
    }
}

#[test]
fn a_script_is_told_from_what_curl_prints() {
    let script = tempfile::NamedTempFile::new().expect("a file");
    for text in ["# a walk\n\nconnect mx1.harbor.test\n> EHLO a.test\n< 250\n", "listen\n> 220 hi\n< EHLO\n> 250 ok\n"]
    {
        fs::write(script.path(), text).expect("room");
        for command in ["open", "export"] {
            let output = ehlo(&[command, script.path().to_str().expect("text")]);
            let told = String::from_utf8(output.stderr).expect("text");
            assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{told}");
            assert!(told.contains("it is a script") && told.contains("ehlo run FILE --record NEW"), "{told}");
        }
    }
}

/// A log as people send it: quoted, set in, by Windows, with words around it.
#[test]
fn a_log_is_found_however_it_was_sent() {
    for (name, ..) in CAPTURES {
        let plain = String::from_utf8(file(name)).expect("text");
        let wanted = said(&played(&imported(plain.as_bytes())).sessions()[0]);
        let lines = |sign: &str| plain.lines().flat_map(|line| [sign, line, "\n"]).collect::<String>();
        let quoted = format!("Hello,\n\nyou wrote:\n{}\nAny idea?\n", lines("> "));
        let twice = format!("Hm.\n{}", lines("> > "));
        let fenced = format!("It does not work.\n\n```\n{plain}\n```\n\nMail me, or 550 of us.\n");
        let wide: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let variants = [
            ("quoted", quoted.into_bytes()),
            ("quoted twice", twice.into_bytes()),
            ("set in", lines("    ").into_bytes()),
            ("fenced", fenced.into_bytes()),
            ("Windows", plain.replace('\n', "\r\n").into_bytes()),
            ("UTF-16", [b"\xff\xfe".to_vec(), wide].concat()),
        ];
        for (what, variant) in variants {
            let recording = foreign::read(&variant).unwrap_or_else(|why| panic!("{name} {what}: {why}"));
            let model = played(&recording);
            assert_eq!(said(&model.sessions()[0]), wanted, "{name} {what}");
            assert_eq!(model.sessions().len(), 1, "{name} {what}");
        }
        // Two of them in one file are two sessions, or one and its continuation where nothing says that it begins.
        let both = played(&imported(format!("{plain}\n{plain}").as_bytes()));
        assert_eq!(both.sessions().len(), 2, "{name}");
        assert_eq!(said(&both.sessions()[1]), wanted, "{name}");
    }
}

#[test]
fn a_log_that_was_cut_anywhere_is_read_and_hides_what_it_must() {
    for (name, ..) in CAPTURES {
        let whole = String::from_utf8(file(name)).expect("text");
        let lines: Vec<&str> = whole.lines().collect();
        for at in 0..lines.len() {
            for part in [lines[at..].join("\n"), lines[..at].join("\n")] {
                let Ok(recording) = foreign::read(part.as_bytes()) else { continue };
                let text = text(&recording);
                for secret in SECRETS {
                    assert!(!text.contains(secret), "{name} at {at}: {text}");
                }
            }
        }
    }
}

#[test]
fn one_side_alone_makes_nobody_late_or_wrong() {
    let server = "220 mx1.harbor.test ESMTP\n250-mx1.harbor.test\n250 SIZE 10\n250 2.1.0 ok\n550 5.1.1 no\n221 bye\n";
    let recording = imported(server.as_bytes());
    assert!(recording.remarks.contains(&Remark::Partial(1)), "{:?}", recording.remarks);
    let model = played(&recording);
    assert_eq!(model.sessions()[0].dialogue().flaws(), []);
    assert!(model.sessions()[0].dialogue().desync().is_none());
    let middle = "MAIL FROM:<a@you.test>\n250 ok\nRCPT TO:<b@harbor.test>\n550 5.7.1 no\n";
    let model = played(&imported(middle.as_bytes()));
    let dialogue = model.sessions()[0].dialogue();
    assert_eq!(dialogue.flaws(), []);
    assert_eq!(dialogue.envelope().recipients.len(), 1);
    let whole = matches!(
        &model.sessions()[0].tape().marks()[0].1,
        Mark::Told(told) if matches!(told.means, Means::Opened { whole: false, .. })
    );
    assert!(whole);
}

#[test]
fn what_is_too_large_is_refused() {
    let large = vec![b'x'; usize::try_from(ehlo::smtp::limits::foreign::OCTETS).expect("small") + 1];
    let why = foreign::read(&large).expect_err("too large");
    assert_eq!((why.id(), why), ("import/too-large", NotRead::TooLargeLog(large.len() as u64)));
    let many = "220 a.test SMTP\nQUIT\n221 bye\n".repeat(ehlo::smtp::limits::foreign::SESSIONS + 5);
    let recording = imported(many.as_bytes());
    assert!(recording.remarks.contains(&Remark::TooManySessions));
    assert_eq!(played(&recording).sessions().len(), ehlo::smtp::limits::foreign::SESSIONS);
}

/// Lines that logs are made of, and others.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    let parts = [
        "220 mx1.harbor.test ESMTP",
        "250-SIZE 10",
        "250 ok",
        "354 go",
        "334 VXNlcm5hbWU6",
        "235 in",
        "550 5.1.1 no",
        ".",
        "",
        "EHLO a.test",
        "MAIL FROM:<a@b.test>",
        "RCPT TO:<a@b.test>",
        "DATA",
        "AUTH LOGIN",
        "AUTH PLAIN AGEAYg==",
        "BDAT 5 LAST",
        "STARTTLS",
        "QUIT",
        "c2VjcmV0",
        "Trying 127.0.0.1...",
        "Connected to a.test.",
        "CONNECTED(00000003)",
        "---",
        "New, TLSv1.3, Cipher is X",
        "RENEGOTIATING",
        "=== TLS started with cipher a:b:c",
        "=== Trying [::1]:25...",
        "*** Remote host closed connection unexpectedly.",
        "* Closing connection",
        "11 lines sent",
        "```",
        "$ telnet a.test 25",
        "# ehlo 0.1.0, LAB offline, a.test:25, 2026-03-01 09:12:00 UTC",
        "# ehlo 0.1.0 \u{b7} LIVE \u{b7} a.test:25",
    ];
    let prefixes = [
        "",
        "-> ",
        "<-  ",
        "~> ",
        "<~  ",
        "<** ",
        "> ",
        "< ",
        "* ",
        "In:  ",
        "Out: ",
        "C: ",
        "S: ",
        ">>> ",
        "<<< ",
        "    ",
        "   2 09:12:00.006 S: ",
        "   3 23:59:59.999 C: ",
        "   4 --:--:--.--- -- ",
        "                     ",
        "                       ",
        "     2     0.006  S ",
        "12:34:56.123456 > ",
    ];
    let known = (prop::sample::select(prefixes.to_vec()), prop::sample::select(parts.to_vec()));
    let known = known.prop_map(|(prefix, part)| format!("{prefix}{part}").into_bytes());
    let any = prop::collection::vec(any::<u8>(), 0..40);
    let line = prop_oneof![8 => known, 1 => any];
    let end = prop_oneof![4 => Just(&b"\n"[..]), 1 => Just(&b"\r\n"[..])];
    prop::collection::vec((line, end), 0..40)
        .prop_map(|lines| lines.into_iter().flat_map(|(line, end)| [line, end.to_vec()].concat()).collect())
}

/// Whatever stands in a file: it is read or refused, shown in every form, and read again from our own text.
fn survives(file: &[u8]) {
    let Ok(recording) = foreign::read(file) else { return };
    let model = played(&recording);
    for session in model.sessions() {
        assert!(!session.text().bytes().any(|octet| octet == 0x1b));
    }
    for format in Format::ALL {
        let _ = export(&recording, format);
    }
    for line in &recording.lines {
        let json = line.json();
        assert_eq!(&serde_json::from_str::<Line>(&json).expect("a line"), line);
    }
    let text = text(&recording);
    let _ = foreign::read(text.as_bytes());
}

/// A conversation of ours: what was said in it is said again by its text.
fn conversations() -> impl Strategy<Value = String> {
    let word = "[!-~]{1,9}";
    let text = prop::collection::vec(word, 0..30).prop_map(|words| words.join(" "));
    let long = "[!-~]{1,150}";
    let turn = prop_oneof![
        (text.clone(), text.clone()).prop_map(|(sent, said)| format!("MAIL FROM:<{sent}>\n250 {said}\n")),
        long.prop_map(|sent| format!("NOOP {sent}\n250 {sent}\n")),
        (text.clone(), long).prop_map(|(one, other)| format!("VRFY {one}\n550-{one}\n550 5.1.1 {other}\n")),
        (text.clone(), text)
            .prop_map(|(one, other)| format!("DATA\n354 go\nSubject: {one}\n\n x {other}\n.\n250 ok\n")),
    ];
    prop::collection::vec(turn, 1..6).prop_map(|turns| {
        let said: String = turns.concat();
        let lines = format!("220 mx1.harbor.test ESMTP\nEHLO a.test\n250 mx1.harbor.test\n{said}QUIT\n221 bye\n");
        let signed = |line: &str, letter: &mut bool| {
            let reply = line.len() > 3 && line.as_bytes()[..3].iter().all(u8::is_ascii_digit) && !*letter;
            *letter = (line == "354 go") || (*letter && line != ".");
            format!("{} {line}\n", if reply { "S:" } else { "C:" })
        };
        let mut letter = false;
        lines.lines().map(|line| signed(line, &mut letter)).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_octets_stop_the_reader(file in prop::collection::vec(any::<u8>(), 0..2000)) {
        survives(&file);
    }

    #[test]
    fn no_lines_of_logs_stop_the_reader(file in lines()) {
        survives(&file);
    }

    #[test]
    fn our_text_of_a_conversation_gives_the_same_text(conversation in conversations()) {
        let first = text(&imported(conversation.as_bytes()));
        prop_assert_eq!(text(&imported(first.as_bytes())), first);
    }
}

#[test]
fn what_is_quiet_prints_what_was_asked_for_and_no_notes() {
    let log = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/foreign/nc.txt");
    let folder = tempfile::tempdir().expect("a folder");
    let text = folder.path().join("text");
    let text = text.to_str().expect("a name");
    for call in [&["explain"][..], &["export", log], &["export", log, "-o", text], &["diff", log, log]] {
        let input = || std::fs::File::open(log).expect("the log");
        let _ = std::fs::remove_file(text);
        let told = |quiet: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_ehlo"));
            command.args(call).args(quiet).stdin(input()).output().expect("it runs")
        };
        let loud = told(&[]);
        let _ = std::fs::remove_file(text);
        let quiet = told(&["-q"]);
        assert!(!loud.stderr.is_empty() && quiet.stderr.is_empty(), "{call:?}: {quiet:?}");
        assert_eq!((loud.stdout, loud.status), (quiet.stdout, quiet.status), "{call:?}");
    }
}
