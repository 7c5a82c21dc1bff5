//! One conversation with four faces: played as a script, piped in as lines for a person or for a program, typed on the
//! screen. What happened is the same, and so are the events.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::Running;

/// What is said, line by line, and what the answer shows.
const SAID: [(&str, &str); 9] = [
    ("EHLO laptop.you.test", "SMTPUTF8"),
    ("MAIL FROM:<mina@you.test>", "Sender OK"),
    ("RCPT TO:<nobody@harbor.test>", "No such user"),
    ("RCPT TO:<pat@harbor.test>", "Recipient OK"),
    ("DATA", "End data"),
    ("Subject: harbour", ""),
    ("", ""),
    (".a line that begins with a dot", ""),
    (".", ""),
];

/// What differs between runs, and between a hand and a program.
const INCIDENTAL: [&str; 9] = ["n", "t", "v", "s", "ms", "gap", "typed", "by", "schema"];

/// The events of the conversation, without what is incidental.
fn events(lines: &str) -> Vec<Value> {
    let events = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let of_the_session = events.filter(|event| event.get("s").is_some());
    let bare = of_the_session.map(|mut event| {
        let fields = event.as_object_mut().expect("an object");
        fields.retain(|name, _| !INCIDENTAL.contains(&name.as_str()));
        event
    });
    bare.collect()
}

/// Runs the program on this input; what it prints.
fn ehlo(arguments: &[&str], input: &str) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_ehlo"));
    program.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = program.spawn().expect("the program runs");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it is read");
    String::from_utf8(child.wait_with_output().expect("it ends").stdout).expect("UTF-8")
}

fn exported(recording: &Path) -> Vec<Value> {
    events(&ehlo(&["export", recording.to_str().expect("UTF-8"), "--format", "json"], ""))
}

fn played() -> Vec<Value> {
    let lines = SAID.iter().take(5).map(|(line, _)| format!("> {line}\n< 2xx|3xx|5xx\n"));
    let head: String = ["connect mx1.harbor.test\n< 220\n".to_owned()].into_iter().chain(lines.take(4)).collect();
    let letter: String = SAID.iter().skip(5).flat_map(|(line, _)| [line, "\n"]).collect();
    events(&ehlo(&["run", "-", "--json"], &format!("{head}data <<.\n{letter}> QUIT\n< 221\n<< close\n")))
}

fn talked(folder: &Path) -> Vec<Value> {
    let path = folder.join("talked.ehlo");
    let lines: String = SAID.iter().flat_map(|(line, _)| [line, "\r\n"]).collect();
    ehlo(&["--record", path.to_str().expect("UTF-8"), "talk", "mx1.harbor.test"], &(lines + "QUIT\r\n"));
    exported(&path)
}

fn driven() -> Vec<Value> {
    let lines: String = SAID.iter().flat_map(|(line, _)| [line, "\n"]).collect();
    let told = ehlo(&["talk", "mx1.harbor.test", "--json"], &(lines + "QUIT\n"));
    let last: Value = serde_json::from_str(told.lines().last().expect("an end")).expect("JSON");
    let ended = [("kind", "end".into()), ("exit", 5.into()), ("stage", "quit".into())];
    assert!(ended.iter().all(|(field, value)| last.get(field) == Some(value)), "{last}");
    events(&told)
}

fn typed(folder: &Path) -> Vec<Value> {
    let path = folder.join("typed.ehlo");
    let mut ehlo = Running::with(&["--record", path.to_str().expect("UTF-8")], |start| start.size(160, 48));
    ehlo.terminal.wait_for("220 mx1.harbor.test");
    for (line, answer) in SAID {
        ehlo.terminal.press(&format!("{line}\r"));
        ehlo.terminal.wait_for(if answer.is_empty() { line } else { answer });
    }
    // A lone dot asks once whether the letter ends here.
    ehlo.terminal.press("\r");
    ehlo.terminal.wait_for("Queued as");
    ehlo.terminal.press("QUIT\r");
    ehlo.terminal.wait_for("connection closed by the server");
    ehlo.terminal.press("\x1bq");
    assert_eq!(ehlo.terminal.wait_for_end(Duration::from_secs(5)).exit_code(), 0);
    exported(&path)
}

#[test]
fn a_conversation_has_the_same_events_played_piped_and_typed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (played, talked, typed) = (played(), talked(folder.path()), typed(folder.path()));
    let driven = driven();
    let kinds: Vec<&str> = played.iter().filter_map(|event| event["kind"].as_str()).collect();
    assert!(kinds.contains(&"body") && kinds.contains(&"accept") && kinds.contains(&"close"), "{kinds:?}");
    for (other, face) in [(talked, "talked"), (typed, "typed"), (driven, "driven")] {
        for (place, (one, other)) in played.iter().zip(&other).enumerate() {
            assert_eq!(one, other, "{face}, event {place}");
        }
        assert_eq!(played.len(), other.len(), "{face}");
    }
}
