//! Being stopped and coming back: by Ctrl-Z, by SIGTSTP, by SIGSTOP, from a shell.

use rustix::process::Signal;

use crate::keys::{begin_a_letter, script};
use crate::process::wait_until_stopped;
use crate::terminal::{Start, Terminal};
use crate::{Running, SOON};

#[test]
fn y247_ctrl_z_restores_the_terminal_and_fg_draws_everything_anew() {
    let mut ehlo = Running::under_a_shell();
    ehlo.terminal.press("NOOP");
    ehlo.terminal.wait_for("> NOOP");
    ehlo.terminal.press("\x1a");
    stops_and_comes_back(&mut ehlo.terminal);
    ehlo.leave();
}

#[test]
fn y247_sigtstp_from_outside_takes_the_same_path() {
    let mut ehlo = Running::under_a_shell();
    ehlo.terminal.press("NOOP");
    ehlo.terminal.wait_for("> NOOP");
    ehlo.terminal.signal(Signal::TSTP);
    stops_and_comes_back(&mut ehlo.terminal);
    ehlo.leave();
}

#[track_caller]
fn stops_and_comes_back(terminal: &mut Terminal) {
    wait_until_stopped(terminal.pid());
    assert!(terminal.is_restored(), "restored before it stops: {}", terminal.screen());
    terminal.resize(100, 30);
    terminal.signal(Signal::CONT);
    terminal.wait_until("the whole screen in its new size", |screen| {
        let text = screen.contents();
        screen.alternate_screen() && text.contains("LAB offline") && text.contains("> NOOP")
    });
    terminal.wait_until("100 columns", |screen| screen.rows(0, 100).any(|row| row.trim_end().chars().count() > 95));
}

#[test]
fn y247_after_sigstop_the_screen_is_taken_again() {
    let ehlo = Running::under_a_shell();
    ehlo.terminal.signal(Signal::STOP);
    wait_until_stopped(ehlo.terminal.pid());
    let before = ehlo.terminal.raw().len();
    ehlo.terminal.signal(Signal::CONT);
    let end = std::time::Instant::now() + SOON;
    while ehlo.terminal.raw().len() < before + 1500 {
        assert!(std::time::Instant::now() < end, "everything is drawn anew");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    ehlo.terminal.wait_for("LAB offline");
    ehlo.leave();
}

#[test]
fn y247_twice_stopped_is_twice_brought_back() {
    let mut ehlo = Running::under_a_shell();
    ehlo.terminal.press("NOOP");
    ehlo.terminal.wait_for("> NOOP");
    for signal in [None, Some(Signal::TSTP), None] {
        match signal {
            Some(signal) => ehlo.terminal.signal(signal),
            None => ehlo.terminal.press("\x1a"),
        }
        stops_and_comes_back(&mut ehlo.terminal);
    }
    ehlo.leave();
}

#[test]
fn y247_without_a_shell_it_does_not_stop_for_ever() {
    let mut ehlo = Running::lab();
    ehlo.terminal.press("\x1a");
    ehlo.terminal.wait_for("Not suspended");
    ehlo.terminal.signal(Signal::TSTP);
    ehlo.terminal.press("NOOP");
    ehlo.terminal.wait_for("> NOOP");
    ehlo.leave();
}

#[test]
fn y247_an_editor_that_is_stopped_takes_the_program_along() {
    let folder = tempfile::tempdir().expect("a folder");
    let editor = folder.path().join("editor");
    // It stops its whole group, as editors do.
    script(&editor, "#!/bin/sh\necho 'the editor is here'\nkill -TSTP 0\nprintf 'Subject: back\\n\\n' > \"$1\"\n");
    let mut terminal = Start::new(folder.path(), "sh", ["-i"]).size(160, 48);
    terminal = terminal.env("PS1", "prompt> ").env("EDITOR", editor.to_str().expect("a path"));
    let mut terminal = terminal.start();
    terminal.wait_for("prompt> ");
    terminal.press(concat!(env!("CARGO_BIN_EXE_ehlo"), "\n"));
    begin_a_letter(&mut terminal);
    terminal.press("\x1bOS");
    terminal.wait_for("the editor is here");
    terminal.wait_for("Stopped");
    terminal.press("fg\n");
    terminal.wait_for("Subject: back");
    assert!(terminal.look(vt100::Screen::alternate_screen), "the screen is back");
}

#[test]
fn y247_a_shell_stops_it_and_brings_it_back() {
    let home = tempfile::tempdir().expect("a home");
    let mut terminal = Start::new(home.path(), "sh", ["-i"]).env("PS1", "prompt> ").start();
    terminal.wait_for("prompt> ");
    terminal.press(concat!(env!("CARGO_BIN_EXE_ehlo"), "\n"));
    terminal.wait_for("LAB offline");
    terminal.press("\x1a");
    terminal.wait_until("the shell", |screen| !screen.alternate_screen() && screen.contents().contains("Stopped"));
    terminal.press("fg\n");
    terminal.wait_until("the screen", |screen| screen.alternate_screen() && screen.contents().contains("LAB offline"));
    terminal.press("\x1bq");
    terminal.wait_until("the shell", |screen| !screen.alternate_screen());
    terminal.press("exit\n");
    terminal.wait_for_end(SOON * 5);
}
