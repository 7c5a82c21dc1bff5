//! From the start of the process to the first whole frame in a pseudo-terminal: what a person waits for after Enter.
//! Goal: at most 30 ms.
//!
//! The program measured is the one cargo built beside this bench, so `cargo bench --bench start` measures a release.

#![expect(clippy::expect_used, reason = "a bench that cannot be set up must stop")]

use std::io::Read as _;

use divan::Bencher;
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

fn main() {
    divan::main();
}

/// The end of a frame (DEC private mode 2026).
const END_OF_FRAME: &[u8] = b"\x1b[?2026l";

/// Until the screen is there.
#[divan::bench(sample_count = 50, args = [(80, 24), (160, 50)])]
fn start_to_first_frame(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    bencher.bench_local(|| until(size, END_OF_FRAME));
}

/// Until the lab's greeting is on it.
#[divan::bench(sample_count = 50, args = [(80, 24)])]
fn start_to_greeting(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    // A frame may draw the code and the blank behind it apart, so the words of the greeting are looked for.
    bencher.bench_local(|| until(size, b"Harbor Post"));
}

/// A program that has shown what was wanted. How long it takes to end is not part of the measure.
struct Shown(Box<dyn Child + Send + Sync>);

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.kill().expect("the program is there");
        self.0.wait().expect("its status");
    }
}

/// Starts the program and reads until these bytes have come.
fn until((cols, rows): (u16, u16), wanted: &[u8]) -> Shown {
    let home = std::env::temp_dir();
    let pair = native_pty_system().openpty(PtySize { rows, cols, ..PtySize::default() }).expect("a pseudo-terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ehlo"));
    command.env_clear();
    for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")] {
        command.env(name, value);
    }
    command.env("HOME", home);
    let child = Shown(pair.slave.spawn_command(command).expect("the program starts"));
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("the far end");
    let (mut raw, mut buffer) = (Vec::<u8>::new(), [0; 8192]);
    while !raw.windows(wanted.len()).any(|window| window == wanted) {
        let count = reader.read(&mut buffer).expect("the program writes");
        raw.extend(buffer.iter().take(count));
    }
    child
}
