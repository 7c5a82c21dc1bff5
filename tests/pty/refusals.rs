//! Where the screen cannot be shown: a sentence, exit 2, and not one escape byte.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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
fn y241_a_redirected_output_gets_lines_and_no_escape_bytes() {
    let home = tempfile::tempdir().expect("a home");
    let mut terminal =
        Start::new(home.path(), "sh", ["-c", "\"$0\" > out; echo exit $?", env!("CARGO_BIN_EXE_ehlo")]).start();
    let told = || fs::read_to_string(home.path().join("out")).unwrap_or_default();
    let end = Instant::now() + Duration::from_secs(20);
    while !told().contains("server: 220 ") && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(10));
    }
    terminal.press(":quit\r");
    terminal.wait_for("exit 0");
    assert!(told().contains("server: 220 ") && !told().contains('\x1b'), "{}", told());
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
fn y242_a_terminal_that_cannot_place_text_gets_lines() {
    let home = tempfile::tempdir().expect("a home");
    for script in ["TERM=dumb \"$0\"; echo exit $?", "unset TERM; \"$0\"; echo exit $?"] {
        let mut terminal =
            Start::new(home.path(), "sh", ["-c", script, env!("CARGO_BIN_EXE_ehlo")]).size(100, 40).start();
        terminal.wait_for("server: 220 mx1.harbor.test");
        terminal.wait_for("you:");
        terminal.press(":quit\r");
        terminal.wait_for("exit 0");
        assert!(!terminal.raw().contains(&0x1b), "{:?}", terminal.screen());
    }
}

/// What a shell shows that calls the program, which must write no escape byte.
fn refused(home: &std::path::Path, script: &str, change: impl FnOnce(Start) -> Start) -> String {
    let mut terminal = change(Start::new(home, "sh", ["-c", script, env!("CARGO_BIN_EXE_ehlo")]).size(200, 24)).start();
    terminal.wait_for("exit ");
    terminal.wait_for_end(Duration::from_secs(5));
    assert!(!terminal.raw().contains(&0x1b), "{:?}", terminal.screen());
    terminal.screen()
}
