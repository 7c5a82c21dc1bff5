//! From the start of `ehlo open` to the first whole frame, for recordings that are small, of one huge session, and of many
//! thousand sessions. Goal: at most 300 ms at 500 MiB.
//!
//! `cargo bench --bench opening`. The program measured is the one cargo built beside this bench.

#![expect(clippy::expect_used, reason = "a bench that cannot be set up must stop")]

use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::Path;

use divan::Bencher;
use ehlo::ports::net::{Place, SessionId, Target};
use ehlo::record::line::{Begun, Bytes, Line};
use ehlo::record::{Class, Header};
use ehlo::tape::mark::{Mark, Opened};
use ehlo::tape::{Moment, Side};
use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};
use tempfile::NamedTempFile;

fn main() {
    divan::main();
}

/// The end of a frame (DEC private mode 2026).
const END_OF_FRAME: &[u8] = b"\x1b[?2026l";
/// Octets of the large files.
const LARGE: usize = 500 << 20;

#[divan::bench(sample_count = 20, args = ["small", "one huge session", "100000 sessions"])]
fn open_to_first_frame(bencher: Bencher<'_, '_>, shape: &str) {
    let file = NamedTempFile::new().expect("room");
    match shape {
        "small" => sessions(file.path(), 1, 4),
        "one huge session" => sessions(file.path(), 1, LARGE / 110),
        _ => sessions(file.path(), 100_000, LARGE / 100_000 / 110 - 16),
    }
    bencher.bench_local(|| until(file.path(), END_OF_FRAME));
}

/// Sessions one after the other, each with a letter of so many lines.
fn sessions(path: &Path, many: usize, lines: usize) {
    let mut file = BufWriter::new(File::create(path).expect("room"));
    let mut put = |text: String| file.write_all(text.as_bytes()).expect("room");
    put(Header::new("2026-03-01T09:12:00Z".parse().expect("a time"), Class::Lab).json());
    for s in (1..).map(SessionId).take(many) {
        let target = Target::new("mx1.harbor.test", 25, Place::Lab);
        put(Line::Session(Box::new(Begun { s, after: u64::from(s.0) * 1000, target, caller: None, imported: None }))
            .json());
        let peer = std::net::SocketAddr::from(([192, 0, 2, 10], 25)).into();
        let opened = Opened { host: "mx1".into(), peer, local: None, lmtp: false, took: std::time::Duration::ZERO };
        put(Line::Mark { s, t: Moment::START, mark: Mark::Opened(opened) }.json());
        let (client, server) = (Side::Client, Side::Server);
        let before = [
            (server, "220 mx1.harbor.test\r\n"),
            (client, "EHLO you.test\r\n"),
            (server, "250 mx1.harbor.test\r\n"),
            (client, "MAIL FROM:<you@you.test>\r\n"),
            (server, "250 ok\r\n"),
            (client, "RCPT TO:<pat@harbor.test>\r\n"),
            (server, "250 ok\r\n"),
            (client, "DATA\r\n"),
            (server, "354 go on\r\n"),
        ];
        let letter = std::iter::repeat_n((client, "a line of a letter like all others\r\n"), lines);
        let behind = [(client, ".\r\n"), (server, "250 queued\r\n")];
        for ((side, text), micros) in before.into_iter().chain(letter).chain(behind).zip(1..) {
            put(Line::Bytes(Bytes::new(s, Moment::from_micros(micros), side, text.as_bytes(), Vec::new())).json());
        }
        put(Line::End { s }.json());
    }
    file.flush().expect("room");
}

/// A program that has shown what was wanted. How long it takes to end is not part of the measure.
struct Shown(Box<dyn Child + Send + Sync>);

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.kill().expect("the program is there");
        self.0.wait().expect("its status");
    }
}

/// Opens a recording and reads until these bytes have come.
fn until(path: &Path, wanted: &[u8]) -> Shown {
    let size = PtySize { rows: 50, cols: 160, ..PtySize::default() };
    let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ehlo"));
    command.env_clear();
    for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8")] {
        command.env(name, value);
    }
    command.env("HOME", std::env::temp_dir());
    command.arg("open");
    command.arg(path);
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
