//! The promise of the first walk, from the launch to QUIT and the letter in its mailbox, watched by strace: no file is
//! written, no packet leaves the machine.

#![expect(clippy::expect_used, reason = "a test that cannot read its input must stop")]

#[path = "pty/terminal.rs"]
mod terminal;
#[path = "offline/trace.rs"]
mod trace;

use std::fs;
use std::process::Command;
use std::time::Duration;

use terminal::Start;

/// What a terminal sends for the right arrow.
const RIGHT: &str = "\x1b[C";

/// Waits until a line is suggested, takes it, and sends it.
fn takes_the_suggestion(terminal: &mut terminal::Terminal, line: &str) {
    terminal.wait_until("the suggestion", |screen| {
        let text = screen.contents();
        text.contains(&format!("> {line}")) && text.contains("accepted, it sends")
    });
    terminal.press(RIGHT);
    terminal.press("\r");
}

/// Presses Esc and waits until what it leaves is gone.
fn leaves(terminal: &mut terminal::Terminal, text: &str) {
    terminal.press("\x1b");
    terminal.wait_until("the end of it", |screen| !screen.contents().contains(text));
}

#[test]
#[ignore = "needs strace and the right to trace; the gate runs it"]
fn the_first_walk_writes_no_file_and_stays_on_loopback() {
    assert!(Command::new("strace").arg("-V").output().is_ok(), "strace is not installed; this test needs it");
    let home = tempfile::tempdir().expect("a home");
    let traces = tempfile::tempdir().expect("a place for the trace");
    let prefix = traces.path().join("trace");
    let arguments = ["-ff", "-qq", "-s", "200", "-e", trace::CALLS, "-o"].map(str::to_owned).into_iter();
    let program = [prefix.display().to_string(), env!("CARGO_BIN_EXE_ehlo").to_owned()];
    let mut terminal = Start::new(home.path(), "strace", arguments.chain(program)).size(100, 30).start();

    terminal.wait_for("LAB offline");
    for line in ["EHLO ", "MAIL FROM:", "RCPT TO:", "DATA"] {
        takes_the_suggestion(&mut terminal, line);
    }
    terminal.wait_for("S 354");
    terminal.press("Subject: a walk\r\rHello.\r\x04");
    takes_the_suggestion(&mut terminal, "QUIT");
    terminal.wait_for("S 221");
    terminal.press("\x1bm");
    terminal.wait_for("Mailboxes of the lab, 1 letter");
    terminal.press("\r");
    terminal.wait_for("Letter in pat@harbor.test");
    leaves(&mut terminal, "Letter in");
    leaves(&mut terminal, "Mailboxes of the lab");
    terminal.press("\x1bq");
    assert!(terminal.wait_for_end(Duration::from_secs(20)).success(), "ehlo ended in order");

    let calls = trace::calls(traces.path());
    assert!(calls.iter().any(|call| call.starts_with("execve(")), "strace saw the program: {} calls", calls.len());
    let none: [&String; 0] = [];
    assert_eq!(trace::writes(&calls), none, "nothing is written to disk");
    assert_eq!(trace::reaching_out(&calls), none, "nothing leaves the machine");
    assert_eq!(trace::programs(&calls), none, "no other program is started");
    let left: Vec<_> = fs::read_dir(home.path()).expect("the home").collect();
    assert!(left.is_empty(), "the home is still empty: {left:?}");
}
