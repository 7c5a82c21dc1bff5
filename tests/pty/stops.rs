//! Being stopped and coming back: by Ctrl-Z, by SIGTSTP, by SIGSTOP, from a shell.

use rustix::process::Signal;

use crate::process::wait_until_stopped;
use crate::terminal::{Start, Terminal};
use crate::{Running, SOON};

#[test]
fn y247_ctrl_z_restores_the_terminal_and_fg_draws_everything_anew() {
    let mut ehlo = Running::lab();
    ehlo.terminal.press("NOOP");
    ehlo.terminal.wait_for("> NOOP");
    ehlo.terminal.press("\x1a");
    stops_and_comes_back(&mut ehlo.terminal);
    ehlo.leave();
}

#[test]
fn y247_sigtstp_from_outside_takes_the_same_path() {
    let mut ehlo = Running::lab();
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
    let ehlo = Running::lab();
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
