//! Every way out leaves the terminal as it was: the key, each signal, the terminal that vanishes.

use std::time::Duration;

use rustix::process::Signal;

use crate::process::{time_used, wait_until};
use crate::terminal::{Start, Terminal};
use crate::{Running, SOON};

/// How long the program may outlive its terminal.
const WATCHED: Duration = Duration::from_secs(2);

#[track_caller]
fn ends_by(signal: Signal, code: u32) {
    let mut ehlo = Running::lab();
    ehlo.terminal.signal(signal);
    assert_eq!(ehlo.terminal.wait_for_end(SOON).exit_code(), code);
    assert!(ehlo.terminal.is_restored(), "{}", ehlo.terminal.screen());
}

#[test]
fn the_key_for_leaving_restores_the_terminal() {
    Running::lab().leave();
}

#[test]
fn y244_sigterm_restores_the_terminal_and_exits_143() {
    ends_by(Signal::TERM, 143);
}

#[test]
fn y245_sighup_restores_the_terminal_and_exits_129() {
    ends_by(Signal::HUP, 129);
}

#[test]
fn sigint_restores_the_terminal_and_exits_130() {
    ends_by(Signal::INT, 130);
}

#[test]
fn y244_sigterm_ends_the_program_when_the_terminal_takes_nothing() {
    let mut ehlo = Running::lab();
    ehlo.terminal.hold(true);
    for columns in (60..160).chain(60..160) {
        ehlo.terminal.resize(columns, 40);
        std::thread::sleep(Duration::from_millis(4));
    }
    ehlo.terminal.signal(Signal::TERM);
    assert_eq!(ehlo.terminal.wait_for_end(SOON).exit_code(), 143);
    assert!(ehlo.terminal.is_cooked(), "the shell can read lines again");
}

#[test]
fn y245_a_window_that_is_closed_ends_the_program() {
    let Running { mut terminal, home: _home } = Running::lab();
    gone_soon(&mut terminal);
}

#[test]
fn y246_a_terminal_that_vanishes_ends_the_program_though_sighup_is_ignored() {
    vanishes_under("sh", &["-c", "trap '' HUP; exec \"$0\""]);
}

#[test]
fn y246_a_terminal_that_vanishes_ends_the_program_though_sighup_is_blocked() {
    let block = "use POSIX; sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGHUP)); exec @ARGV";
    vanishes_under("perl", &["-e", block]);
}

/// Starts the explorer through another program that changes how it takes SIGHUP.
#[track_caller]
fn vanishes_under(program: &str, arguments: &[&str]) {
    let home = tempfile::tempdir().expect("a home");
    let arguments = arguments.iter().copied().chain([env!("CARGO_BIN_EXE_ehlo")]);
    let mut terminal = Start::new(home.path(), program, arguments).start();
    terminal.wait_for("LAB offline");
    gone_soon(&mut terminal);
}

/// Closes the terminal; the program ends without spinning.
#[track_caller]
fn gone_soon(terminal: &mut Terminal) {
    // What the start costs is no part of what comes behind the end.
    terminal.wait_for("Harbor Post");
    let before = time_used(terminal.pid());
    terminal.vanish();
    wait_until(terminal.pid(), 'Z', WATCHED);
    let used = time_used(terminal.pid()).saturating_sub(before);
    assert!(used <= Duration::from_millis(200), "{used:?} of the processor after the end of the terminal");
    assert_eq!(terminal.wait_for_end(SOON).exit_code(), 129);
}

#[test]
fn y244_a_signal_before_the_lab_stands_is_heeded() {
    let home = tempfile::tempdir().expect("a home");
    let mut terminal = Start::ehlo(home.path(), &[]).start();
    terminal.wait_until("the alternate screen", vt100::Screen::alternate_screen);
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.wait_for_end(SOON).exit_code(), 143);
    assert!(terminal.is_restored(), "{}", terminal.screen());
}
