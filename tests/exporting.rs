//! Recordings of the real program in every other form, made by the real program; and two of them side by side.

#![expect(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on must stop")]
#![cfg(target_os = "linux")]

#[path = "serving/lab.rs"]
mod lab;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use rustix::process::Signal;
use tempfile::TempDir;

use lab::{Lab, Talk};

/// Two recordings: of a letter that was taken, and of one whose recipient was not.
struct Stories {
    folder: TempDir,
}

static STORIES: LazyLock<Stories> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, to) in [("taken.ehlo", "pat@harbor.test"), ("refused.ehlo", "nobody@harbor.test")] {
        record(&folder.path().join(name), to);
    }
    Stories { folder }
});

fn record(path: &Path, to: &str) {
    let mut lab = Lab::serve_with(&["--record", path.to_str().expect("text"), "--seed", "1"]);
    let mut talk = Talk::to(lab.mx1());
    talk.reply();
    talk.line("EHLO guest.you.test");
    talk.line("MAIL FROM:<you@you.test>");
    if talk.line(&format!("RCPT TO:<{to}>")).starts_with("250") {
        talk.line("DATA");
        talk.line("Subject: <b>tide</b>\r\n\r\n..high at six\r\n.");
        lab.until("deliver");
    }
    talk.line("QUIT");
    lab.until("close");
    lab.end(Signal::TERM);
}

fn story(name: &str) -> PathBuf {
    STORIES.folder.path().join(name)
}

fn ehlo(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ehlo")).args(arguments).output().expect("it runs")
}

/// What an export prints.
fn exported(format: &str) -> Vec<u8> {
    let output = ehlo(&["export", story("taken.ehlo").to_str().expect("text"), "--format", format]);
    assert_eq!(output.status.code(), Some(0), "{}", output.stderr.escape_ascii());
    output.stdout
}

fn text_of(format: &str) -> String {
    String::from_utf8(exported(format)).expect("text")
}

#[test]
fn a_recording_is_exported_in_every_readable_form() {
    let text = text_of("text");
    assert!(text.starts_with("# ehlo ") && text.contains(" C: EHLO guest.you.test\n"), "{text}");
    assert!(text_of("md").contains("| Line | Meaning |"));
    let page = text_of("html");
    assert!(page.contains("&lt;b&gt;tide&lt;/b&gt;") && !page.contains("<b>"), "{page}");
    assert!(text_of("svg").ends_with("</svg>\n"));
    assert!(text_of("cast").starts_with("{\"version\":2"));
    let events = text_of("json");
    let kinds: Vec<String> = events
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON")["kind"].to_string())
        .collect();
    for kind in ["open", "greet", "cmd", "reply", "caps", "body", "accept", "deliver", "close"] {
        assert!(kinds.contains(&format!("\"{kind}\"")), "{kind}: {kinds:?}");
    }
    assert!(text_of("commands").contains("--from 'you@you.test' --to 'pat@harbor.test'"));
}

#[test]
fn a_recording_is_a_script_that_plays_again() {
    for (name, steps) in
        [("taken.ehlo", "data <<END\nSubject: <b>tide</b>\n\n.high at six\nEND\n< 250"), ("refused.ehlo", "< 550")]
    {
        let recording = story(name);
        let script = recording.with_extension("smtp");
        let output = ehlo(&[
            "export",
            recording.to_str().expect("text"),
            "--format",
            "script",
            "-o",
            script.to_str().expect("text"),
        ]);
        assert_eq!(output.status.code(), Some(0), "{}", output.stderr.escape_ascii());
        let written = fs::read_to_string(&script).expect("a script");
        assert!(written.contains("connect mx1.harbor.test:25\n< 220") && written.contains(steps), "{written}");
        let played = ehlo(&["run", script.to_str().expect("text")]);
        assert_eq!(played.status.code(), Some(0), "{written}\n{}", played.stdout.escape_ascii());
    }
}

#[test]
fn letters_go_into_a_folder_octet_by_octet_and_nothing_is_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = story("taken.ehlo");
    let arguments =
        ["export", recording.to_str().expect("text"), "--format", "eml", "-o", folder.path().to_str().expect("text")];
    assert_eq!(ehlo(&arguments).status.code(), Some(0));
    let sent = fs::read(folder.path().join("letter-1.eml")).expect("the letter");
    assert_eq!(sent, b"Subject: <b>tide</b>\r\n\r\n.high at six\r\n");
    let delivered = fs::read(folder.path().join("delivered-1.eml")).expect("the letter as it lies there");
    assert!(delivered.starts_with(b"Return-Path: <you@you.test>\r\n") && delivered.ends_with(&sent[22..]));
    let again = ehlo(&arguments);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8(again.stderr).expect("text").contains("[file/open]"));
    let printed = ehlo(&arguments[..4]);
    assert!(String::from_utf8(printed.stderr).expect("text").contains("Name a folder for them: -o FOLDER"));
}

#[test]
fn what_is_no_recording_or_a_cut_one_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let foreign = folder.path().join("a.ehlo");
    fs::write(&foreign, "220 mx\r\n").expect("room");
    for command in ["open", "export"] {
        let output = ehlo(&[command, foreign.to_str().expect("text")]);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8(output.stderr).expect("text").contains("[rec/foreign]"));
    }
    let whole = fs::read(story("taken.ehlo")).expect("a recording");
    fs::write(&foreign, &whole[..whole.len() - 5]).expect("room");
    let output = ehlo(&["export", foreign.to_str().expect("text")]);
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stderr).expect("text").contains("[rec/truncated]"));
}

#[test]
fn two_recordings_are_compared_step_by_step() {
    let (taken, refused) = (story("taken.ehlo"), story("refused.ehlo"));
    let same = ehlo(&["diff", taken.to_str().expect("text"), taken.to_str().expect("text")]);
    assert_eq!(same.status.code(), Some(0), "{}", same.stdout.escape_ascii());
    let other = ehlo(&["diff", taken.to_str().expect("text"), refused.to_str().expect("text")]);
    assert_eq!(other.status.code(), Some(1));
    let told = String::from_utf8(other.stdout).expect("text");
    assert!(told.starts_with("First difference: steps, RCPT: 250") && told.contains("\n<  DATA: "), "{told}");
}

#[test]
fn a_recording_without_a_session_is_no_difference_and_a_cut_one_is_told() {
    let whole = fs::read_to_string(story("taken.ehlo")).expect("a recording");
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("text").to_owned();
    fs::write(path("empty"), whole.split_inclusive('\n').next().expect("a header")).expect("room");
    let output = ehlo(&["diff", &path("empty"), story("taken.ehlo").to_str().expect("text")]);
    assert_eq!(output.status.code(), Some(2), "1 would say that something differs");
    assert!(String::from_utf8(output.stderr).expect("text").contains("[export/empty]"));
    fs::write(path("cut"), whole.trim_end_matches("}\n")).expect("room");
    let output = ehlo(&["diff", story("taken.ehlo").to_str().expect("text"), &path("cut")]);
    let told = String::from_utf8(output.stderr).expect("text");
    assert!(told.starts_with("ehlo: On the right: The recording ends in the middle of a line"), "{told}");
}

/// Writes an export to a file and has another program judge it.
fn judged(format: &str, program: &str, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(format!("session.{format}"));
    fs::write(&path, exported(format)).expect("room");
    let output = Command::new(program).args(arguments).arg(&path).output();
    let output = output.unwrap_or_else(|why| panic!("{program} is needed (apt-get install {program}): {why}"));
    assert!(output.status.success(), "{program}: {}", output.stderr.escape_ascii());
    String::from_utf8(output.stdout).expect("text")
}

#[test]
#[ignore = "needs tidy"]
fn the_page_passes_tidy() {
    judged("html", "tidy", &["-q", "-e", "--drop-empty-elements", "no"]);
}

#[test]
#[ignore = "needs xmllint (libxml2-utils)"]
fn the_picture_is_well_formed() {
    judged("svg", "xmllint", &["--noout"]);
}

#[test]
#[ignore = "needs asciinema"]
fn the_cast_plays_in_asciinema() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("session.cast");
    fs::write(&path, exported("cast")).expect("room");
    // It wants a terminal of its own.
    let call = format!("asciinema cat {}", path.display());
    let output = Command::new("script").args(["-qec", &call, "/dev/null"]).output().expect("script, of util-linux");
    let played = String::from_utf8(output.stdout).expect("text");
    assert!(played.contains("C: EHLO guest.you.test"), "{played}");
}

#[test]
#[ignore = "needs tshark"]
fn the_capture_opens_in_tshark_with_smtp_dissected() {
    let fields =
        ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-T", "fields", "-e", "smtp.req.command"];
    let more = ["-e", "smtp.response.code", "-e", "tcp.checksum.status", "-e", "_ws.expert.message", "-r"];
    let told = judged("pcapng", "tshark", &[&fields[..], &more].concat());
    for word in ["EHLO", "MAIL", "RCPT", "DATA", "QUIT", "220", "354"] {
        assert!(told.contains(word), "{word}: {told}");
    }
    assert!(!told.contains("Bad") && !told.contains("retransmission") && !told.contains("not captured"), "{told}");
}
