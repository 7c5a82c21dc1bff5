//! The real program in a pseudo-terminal: start, keys, pastes, sizes, signals, panics, rest, and the terminal as it is
//! left behind.

#![cfg(target_os = "linux")]
#![expect(clippy::expect_used, reason = "a test that cannot go on must stop")]

#[path = "pty/bugs.rs"]
mod bugs;
#[path = "pty/ends.rs"]
mod ends;
#[path = "pty/faces.rs"]
mod faces;
#[path = "pty/files.rs"]
mod files;
#[path = "pty/handshake.rs"]
mod handshake;
#[path = "pty/keys.rs"]
mod keys;
#[path = "pty/login.rs"]
mod login;
#[path = "pty/looks.rs"]
mod looks;
#[path = "pty/map.rs"]
mod map;
#[path = "peers/peer.rs"]
mod peer;
#[path = "pty/process.rs"]
mod process;
#[path = "pty/refusals.rs"]
mod refusals;
#[path = "pty/replay.rs"]
mod replay;
#[path = "pty/rest.rs"]
mod rest;
#[path = "pty/secret.rs"]
mod secret;
#[path = "pty/server.rs"]
mod server;
#[path = "pty/stops.rs"]
mod stops;
#[path = "pty/storms.rs"]
mod storms;
#[path = "pty/talk.rs"]
mod talk;
#[path = "pty/terminal.rs"]
mod terminal;

use std::time::Duration;

use tempfile::TempDir;
use terminal::{Start, Terminal};

/// How long the program may take to end after it was asked to.
const SOON: Duration = Duration::from_secs(1);

/// A program and the home that it has.
struct Running {
    terminal: Terminal,
    /// The working directory too.
    home: TempDir,
}

impl Running {
    /// The explorer on its lab, on a screen of 80x24, once the first screen is there.
    fn lab() -> Self {
        Self::with(&[], |start| start)
    }

    /// The explorer with these arguments, changed before it starts, once the first screen is there.
    fn with(arguments: &[&str], change: impl FnOnce(Start) -> Start) -> Self {
        let home = tempfile::tempdir().expect("a home");
        let terminal = change(Start::ehlo(home.path(), arguments)).start();
        terminal.wait_for("ehlo [L");
        Self { terminal, home }
    }

    /// The explorer on a recording, once it is there.
    fn opened(path: &std::path::Path) -> Self {
        let home = tempfile::tempdir().expect("a home");
        let terminal = Start::ehlo(home.path(), &["open", path.to_str().expect("text")]).start();
        terminal.wait_for("[REPLAY]");
        Self { terminal, home }
    }

    /// The explorer on two recordings, what differs between them in front.
    fn beside(left: &std::path::Path, right: &std::path::Path) -> Self {
        let home = tempfile::tempdir().expect("a home");
        let files = [left, right].map(|path| path.to_str().expect("text"));
        let terminal = Start::ehlo(home.path(), &["diff", files[0], files[1], "--screen"]).start();
        terminal.wait_for("[REPLAY]");
        Self { terminal, home }
    }

    /// The explorer on its lab, started by a shell, which could bring it back after a stop.
    fn under_a_shell() -> Self {
        let home = tempfile::tempdir().expect("a home");
        let script = "\"$0\"; exit $?";
        let mut terminal = Start::new(home.path(), "sh", ["-c", script, env!("CARGO_BIN_EXE_ehlo")]).start();
        terminal.wait_for("LAB offline");
        terminal.look_behind_the_shell();
        Self { terminal, home }
    }

    /// Calls a command by its full name.
    fn call(&mut self, id: &str) {
        self.terminal.press(":");
        self.terminal.wait_for("Commands");
        self.terminal.press(id);
        self.terminal.wait_for(&format!(": {id}"));
        self.terminal.press("\r");
    }

    /// Presses Esc and waits until this text is gone: two Escs that come at once are one key for a terminal.
    fn close(&mut self, text: &str) {
        self.terminal.press("\x1b");
        self.terminal.wait_until(&format!("the end of {text}"), |screen| !screen.contents().contains(text));
    }

    /// Leaves the program, over a standing connection if need be, and sees the terminal restored.
    #[track_caller]
    fn leave(mut self) {
        self.terminal.press("\x1bq");
        if self.terminal.screen().contains("[LIVE") {
            self.terminal.wait_for("Close it and leave?");
            self.terminal.press("\r");
        }
        assert_eq!(self.terminal.wait_for_end(Duration::from_secs(5)).exit_code(), 0);
        assert!(self.terminal.is_restored(), "{}", self.terminal.screen());
    }
}
