//! The program beside a bench, started in a pseudo-terminal, up to the moment at which it has shown something.

use std::ffi::OsStr;
use std::io::Read as _;

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

/// The end of a frame (DEC private mode 2026).
pub(crate) const END_OF_FRAME: &[u8] = b"\x1b[?2026l";

/// A program that has shown what was wanted. How long it takes to end is not part of the measure.
pub(crate) struct Shown(Box<dyn Child + Send + Sync>);

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.kill().expect("the program is there");
        self.0.wait().expect("its status");
    }
}

/// Starts the program with these arguments and reads until these bytes have come.
pub(crate) fn until((cols, rows): (u16, u16), arguments: &[&OsStr], wanted: &[u8]) -> Shown {
    let pair = native_pty_system().openpty(PtySize { rows, cols, ..PtySize::default() }).expect("a pseudo-terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ehlo"));
    command.env_clear();
    for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")] {
        command.env(name, value);
    }
    command.env("HOME", std::env::temp_dir());
    command.args(arguments);
    let child = Shown(pair.slave.spawn_command(command).expect("the program starts"));
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("the far end");
    let (mut raw, mut buffer) = (Vec::<u8>::new(), [0; 8192]);
    while !raw.windows(wanted.len()).any(|window| window == wanted) {
        let count = reader.read(&mut buffer).expect("the program writes");
        assert!(count > 0, "the program ended before it showed this");
        raw.extend(buffer.iter().take(count));
    }
    child
}
