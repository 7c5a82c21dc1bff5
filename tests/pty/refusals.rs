//! Where the screen cannot be shown: a sentence, exit 2, and not one escape byte.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::terminal::Start;

#[test]
fn y241_without_a_terminal_the_screen_is_refused() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ehlo"));
    let output = command.stdin(Stdio::null()).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let text = String::from_utf8(output.stderr).expect("text");
    assert!(text.contains("The interactive screen needs a terminal") && text.contains("[tty/none]"), "{text}");
    assert!(!text.contains('\x1b'), "{text:?}");
}

#[test]
fn y241_a_redirected_output_gets_no_escape_bytes() {
    let home = tempfile::tempdir().expect("a home");
    let text = refused(home.path(), "\"$0\" > out; echo exit $?", |start| start);
    assert!(text.contains("[tty/none]") && text.contains("exit 2"), "{text}");
    assert!(fs::read(home.path().join("out")).expect("the file").is_empty());
}

#[test]
fn y241_a_piped_input_is_refused() {
    let home = tempfile::tempdir().expect("a home");
    let text = refused(home.path(), "echo NOOP | \"$0\"; echo exit $?", |start| start);
    assert!(text.contains("standard input is none") && text.contains("exit 2"), "{text}");
}

#[test]
fn explain_waits_for_nobody_to_type_a_text() {
    let home = tempfile::tempdir().expect("a home");
    let text = refused(home.path(), "\"$0\" explain; echo exit $?", |start| start);
    assert!(text.contains("standard input is the terminal. [explain/nothing]") && text.contains("exit 2"), "{text}");
}

#[test]
fn y242_a_terminal_that_cannot_place_text_is_told() {
    let home = tempfile::tempdir().expect("a home");
    let dumb = refused(home.path(), "\"$0\"; echo exit $?", |start| start.env("TERM", "dumb"));
    assert!(dumb.contains("TERM=dumb") && dumb.contains("[tty/plain]") && dumb.contains("exit 2"), "{dumb}");
    let unset = refused(home.path(), "unset TERM; \"$0\"; echo exit $?", |start| start);
    assert!(unset.contains("[tty/plain]") && unset.contains("exit 2"), "{unset}");
}

/// What a shell shows that calls the program, which must write no escape byte.
fn refused(home: &std::path::Path, script: &str, change: impl FnOnce(Start) -> Start) -> String {
    let mut terminal = change(Start::new(home, "sh", ["-c", script, env!("CARGO_BIN_EXE_ehlo")]).size(200, 24)).start();
    terminal.wait_for("exit ");
    terminal.wait_for_end(Duration::from_secs(5));
    assert!(!terminal.raw().contains(&0x1b), "{:?}", terminal.screen());
    terminal.screen()
}
