//! 20,000 letters of 5 KiB over ten connections into `ehlo lab --json`, from Postfix's own load generator, beside the same
//! into Postfix's smtp-sink. Goal: at least smtp-sink's rate on two cores, while every conversation is recorded and told.
//!
//! `cargo bench --bench serving`. It unpacks Postfix as the interop tests do (Debian, apt-get); elsewhere smtp-source and
//! smtp-sink must be there. Memory is bounded by what the lab keeps: the peak is told too.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on must stop; it says what it saw"
)]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

use divan::Bencher;
use divan::counter::ItemsCount;

const LETTERS: u32 = 20_000;
/// What the lab may take at its peak, in KiB.
const PEAK: u64 = 256 * 1024;
/// Ports of this machine that nothing else uses by chance: the lab's first one, and the sink's.
const LAB: u16 = 32_525;
const SINK: u16 = 32_025;

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn ehlo_lab(bencher: Bencher<'_, '_>) {
    let mut lab = Command::new(env!("CARGO_BIN_EXE_ehlo"))
        .args(["lab", "--json", "--seed", "1", "--port", &LAB.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut events = BufReader::new(lab.stdout.take().unwrap());
    let mut first = String::new();
    events.read_line(&mut first).unwrap();
    assert!(first.contains("\"kind\":\"lab\""), "{first}");
    // A reader that takes all as it comes, as a pipe to a file would.
    let reading = thread::spawn(move || std::io::copy(&mut events, &mut std::io::sink()).unwrap());
    let lab = Running(lab);
    bencher.counter(ItemsCount::new(LETTERS)).bench_local(|| source(LAB));
    let peak = lab.peak();
    drop(lab);
    println!("{} octets of events; {peak} KiB at the peak", reading.join().unwrap());
    assert!(peak < PEAK, "{peak} KiB at the peak");
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn smtp_sink(bencher: Bencher<'_, '_>) {
    let mut sink = postfix("smtp-sink");
    // It does not serve as root, and who is not root cannot change to another user.
    if Command::new("id").arg("-u").output().unwrap().stdout == b"0\n" {
        sink.args(["-u", "nobody"]);
    }
    let sink = Running(sink.args([&format!("inet:127.0.0.1:{SINK}"), "100"]).spawn().unwrap());
    let listens = || std::net::TcpStream::connect(("127.0.0.1", SINK)).and_then(|mut it| it.read(&mut [0; 3]));
    (0..100)
        .find(|_| {
            listens().is_ok() || {
                thread::sleep(std::time::Duration::from_millis(50));
                false
            }
        })
        .unwrap();
    bencher.counter(ItemsCount::new(LETTERS)).bench_local(|| source(SINK));
    drop(sink);
}

/// Sends the letters and waits for the last reply.
fn source(port: u16) {
    let letters = LETTERS.to_string();
    let sent = postfix("smtp-source")
        .args(["-d", "-s", "10", "-l", "5120", "-m", &letters, "-f", "mina@you.test", "-t", "pat@harbor.test"])
        .arg(format!("inet:127.0.0.1:{port}"))
        .status()
        .unwrap();
    assert!(sent.success());
}

/// A program of Postfix: unpacked here, or the machine's own.
fn postfix(program: &str) -> Command {
    let fetch = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serving/fetch.sh");
    let fetched = Command::new("bash").arg(fetch).args(["bench", "postfix"]).stderr(Stdio::null()).output();
    let prefix = fetched.ok().filter(|it| it.status.success()).and_then(|it| String::from_utf8(it.stdout).ok());
    let Some(prefix) = prefix.map(|prefix| PathBuf::from(prefix.trim_end())) else { return Command::new(program) };
    let mut command = Command::new(prefix.join("usr/sbin").join(program));
    command.env("LD_LIBRARY_PATH", prefix.join("usr/lib/postfix"));
    command
}

/// A server that ends with its bench.
struct Running(Child);

impl Running {
    /// The most that it had in memory, in KiB.
    fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}
