//! A letter of 256 MiB to a sink on loopback, beside curl in the same run.
//!
//! `cargo bench --bench data`. curl must be installed. The peak of our memory must not follow the size of the letter.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench that cannot go on must stop")]

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;

use divan::Bencher;
use divan::counter::BytesCount;
use ehlo::net::resolver::Resolver;
use ehlo::net::{self, Config, World};
use ehlo::ports::net::{Act, Body, Letter, Place, Request, SessionId, Target, What};
use ehlo::smtp::data::{END, Wire};
use ehlo::smtp::limits::{Limits, Timers};
use ehlo::tape::Side;

/// Octets of the letter.
const SIZE: u64 = 256 * 1024 * 1024;
/// What our memory may grow by while a letter is sent, in KiB.
const GROWTH: u64 = 64 * 1024;

fn main() {
    divan::main();
}

/// A letter in a file.
fn letter() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    let line = b"The quick brown fox jumps over the lazy dog, and goes on to the next line.\r\n";
    let mut out = BufWriter::new(File::create(file.path()).unwrap());
    for _ in 0..SIZE / line.len() as u64 {
        out.write_all(line).unwrap();
    }
    out.flush().unwrap();
    file
}

/// A server that takes everything.
fn sink() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || listener.incoming().for_each(|peer| drop(thread::spawn(|| serve(peer.unwrap())))));
    address
}

fn serve(peer: TcpStream) {
    let mut out = peer.try_clone().unwrap();
    let mut peer = BufReader::with_capacity(256 * 1024, peer);
    let mut line = String::new();
    out.write_all(b"220 sink.test\r\n").unwrap();
    while peer.read_line(&mut line).is_ok_and(|read| read > 0) {
        let reply: &[u8] = match line.get(..4) {
            Some("DATA") => {
                out.write_all(b"354 go on\r\n").unwrap();
                swallow(&mut peer);
                b"250 taken\r\n"
            }
            // As RFC 5321 §4.1.1.10 asks of a server, it closes at once: a client may wait for that.
            Some("QUIT") => return drop(out.write_all(b"221 bye\r\n")),
            _ => b"250 ok\r\n",
        };
        if out.write_all(reply).is_err() {
            return;
        }
        line.clear();
    }
}

/// Reads a letter up to its end, which is the last that a client writes before it waits.
fn swallow(peer: &mut BufReader<TcpStream>) {
    let mut tail = Vec::new();
    let mut buffer = vec![0; 256 * 1024];
    while !tail.ends_with(b"\r\n.\r\n") {
        let read = peer.read(&mut buffer).unwrap();
        assert!(read > 0, "the letter was cut");
        let from = read.saturating_sub(5);
        tail.extend_from_slice(&buffer[from..read]);
        tail.drain(..tail.len().saturating_sub(5));
    }
}

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

async fn send(address: SocketAddr, file: &Path) {
    let config = Config {
        resolver: Resolver::new(None),
        live: World::live(None).unwrap(),
        lab: None,
        keys: net::Keys::default(),
        shows: None,
        timers: Timers::INTERACTIVE,
        limits: Limits::default(),
    };
    let mut net = net::start(config);
    let session = SessionId(1);
    let target = Target { pinned: vec![address.ip()], ..Target::new("sink.test", address.port(), Place::Live) };
    net.requests.send(Request::Open(session, target)).await.unwrap();
    let line = |line: &[u8]| Act::Send(line.into());
    let letter = Letter { body: Body::File(file.to_owned()), wire: Wire::Normalise, octets: None };
    let acts =
        [line(b"EHLO laptop.you.test\r\n"), line(b"DATA\r\n"), Act::Letter(letter), line(END), line(b"QUIT\r\n")];
    for act in acts {
        net.requests.send(Request::Do(session, act)).await.unwrap();
    }
    let mut went = 0;
    while let Some(signal) = net.signals.recv().await {
        match signal.what {
            What::Bytes(Side::Client, octets) => went += octets.len() as u64,
            What::Elided(Side::Client, octets) => went += octets,
            What::Ended => break,
            _ => {}
        }
    }
    assert!(went >= SIZE - 100, "{went} octets went");
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn ehlo(bencher: Bencher<'_, '_>) {
    let (address, file) = (sink(), letter());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let before = peak();
    bencher.counter(BytesCount::new(SIZE)).bench_local(|| runtime.block_on(send(address, file.path())));
    let grown = peak() - before;
    assert!(grown < GROWTH, "memory grew by {grown} KiB");
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn curl(bencher: Bencher<'_, '_>) {
    let (address, file) = (sink(), letter());
    bencher.counter(BytesCount::new(SIZE)).bench_local(|| {
        let done = Command::new("curl")
            .args(["--silent", "--show-error", "--mail-from", "mina@pine.test", "--mail-rcpt", "theo@harbor.test"])
            .arg("--upload-file")
            .arg(file.path())
            .arg(format!("smtp://{address}"))
            .status()
            .unwrap();
        assert!(done.success());
    });
}
