//! From the start of `ehlo open` to the first whole frame, for recordings that are small, of one huge session, and of many
//! thousand sessions. Goal: at most 300 ms at 500 MiB.
//!
//! `cargo bench --bench opening`. The program measured is the one cargo built beside this bench.

#![expect(clippy::expect_used, reason = "a bench that cannot be set up must stop")]

#[path = "terminal/shown.rs"]
mod shown;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use divan::Bencher;
use ehlo::ports::net::{Place, SessionId, Target};
use ehlo::record::line::{Begun, Bytes, Line};
use ehlo::record::{Class, Header};
use ehlo::tape::mark::{Mark, Opened};
use ehlo::tape::{Moment, Side};
use shown::{END_OF_FRAME, until};
use tempfile::NamedTempFile;

fn main() {
    divan::main();
}

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
    bencher.bench_local(|| until((160, 50), &["open".as_ref(), file.path().as_os_str()], END_OF_FRAME));
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
