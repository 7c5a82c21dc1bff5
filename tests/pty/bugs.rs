//! Bugs: the terminal comes back first, the words say little, and a bug in a service leaves the screen.
//!
//! The bugs are made by hidden commands that only debug builds have.

#![cfg(debug_assertions)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration;

use crate::Running;

const A_WHILE: Duration = Duration::from_secs(10);

/// The explorer, with no backtrace that would scroll the words off the screen.
fn lab() -> Running {
    Running::with(&[], |start| start.env("RUST_BACKTRACE", "0"))
}

/// Waits for the question about a report and says no; no file is there then.
fn declines(ehlo: &mut Running) {
    ehlo.terminal.wait_for("y or Enter:");
    assert!(ehlo.terminal.is_restored(), "{}", ehlo.terminal.screen());
    ehlo.terminal.press("\r");
}

/// The reports that were written.
fn reports(ehlo: &Running) -> Vec<PathBuf> {
    let files = fs::read_dir(ehlo.home.path()).expect("the home").flatten();
    files.map(|file| file.path()).collect()
}

#[test]
fn o301_a_report_is_written_on_request_for_its_owner_only_and_holds_nothing_from_outside() {
    for (call, says, silent) in [
        ("debug.panic", "message: a bug on purpose", "kept back"),
        ("debug.panic-received", "message: kept back", "from outside"),
    ] {
        let mut ehlo = lab();
        ehlo.call(call);
        ehlo.terminal.wait_for("y or Enter:");
        assert!(reports(&ehlo).is_empty(), "nothing is written before the answer");
        ehlo.terminal.press("y\r");
        assert_eq!(ehlo.terminal.wait_for_end(A_WHILE).exit_code(), 101);
        ehlo.terminal.wait_for("Report: /");
        let [report] = reports(&ehlo).try_into().expect("one file");
        assert_eq!(fs::metadata(&report).expect("it is there").permissions().mode() & 0o777, 0o600);
        let text = fs::read_to_string(&report).expect("text");
        assert!(text.contains("bug at: src/command/debug.rs:") && text.contains(says), "{text}");
        assert!(text.contains("ehlo::command::debug::") && !text.contains(silent), "{text}");
    }
}

#[test]
fn y249_a_signal_answers_the_question_about_a_report_with_no() {
    let mut ehlo = lab();
    ehlo.call("debug.panic");
    ehlo.terminal.wait_for("y or Enter:");
    ehlo.terminal.signal(rustix::process::Signal::TERM);
    assert_eq!(ehlo.terminal.wait_for_end(A_WHILE).exit_code(), 101);
    assert!(reports(&ehlo).is_empty());
}

#[test]
fn y249_a_bug_of_the_screen_gives_the_terminal_back_and_says_so() {
    let mut ehlo = lab();
    ehlo.call("debug.panic");
    declines(&mut ehlo);
    assert_eq!(ehlo.terminal.wait_for_end(A_WHILE).exit_code(), 101);
    ehlo.terminal.wait_for("restored your terminal");
    assert!(ehlo.terminal.is_restored(), "{}", ehlo.terminal.screen());
    let screen = ehlo.terminal.screen();
    assert!(screen.contains("[bug/panic]") && screen.contains("a bug on purpose"), "{screen}");
}

#[test]
fn y249_a_bug_while_another_one_is_cleared_away_leaves_a_clean_terminal() {
    let mut ehlo = lab();
    ehlo.call("debug.panic-twice");
    let end = ehlo.terminal.wait_for_end(A_WHILE);
    assert!(!end.success(), "{end:?}");
    ehlo.terminal.wait_for("restored your terminal");
    assert!(ehlo.terminal.is_restored(), "{}", ehlo.terminal.screen());
}

#[test]
fn y249_the_message_of_a_bug_that_quotes_the_outside_is_kept_back() {
    let mut ehlo = lab();
    ehlo.call("debug.panic-received");
    declines(&mut ehlo);
    assert_eq!(ehlo.terminal.wait_for_end(A_WHILE).exit_code(), 101);
    ehlo.terminal.wait_for("kept back");
    assert!(ehlo.terminal.heard().titles.is_empty(), "a panic must not set the title");
    assert!(!ehlo.terminal.screen().contains("from outside"), "{}", ehlo.terminal.screen());
}

#[test]
fn y249_a_bug_in_a_service_is_a_line_on_the_screen() {
    let mut ehlo = lab();
    ehlo.call("debug.panic-service");
    ehlo.terminal.wait_for("A part of ehlo stopped");
    assert!(ehlo.terminal.look(vt100::Screen::alternate_screen), "the screen stays");
    ehlo.leave();
}
