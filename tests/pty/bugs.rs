//! Bugs: the terminal comes back first, the words say little, and a bug in a service leaves the screen.
//!
//! The bugs are made by hidden commands that only debug builds have.

#![cfg(debug_assertions)]

use std::time::Duration;

use crate::Running;

const A_WHILE: Duration = Duration::from_secs(10);

/// The explorer, with no backtrace that would scroll the words off the screen.
fn lab() -> Running {
    Running::with(&[], |start| start.env("RUST_BACKTRACE", "0"))
}

#[test]
fn y249_a_bug_of_the_screen_gives_the_terminal_back_and_says_so() {
    let mut ehlo = lab();
    ehlo.call("debug.panic");
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
