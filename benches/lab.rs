//! The lab inside the process: how long it takes to stand, and sessions with it one after the other, with STARTTLS and a
//! login each, that leave nothing behind.
//!
//! `cargo bench --bench lab`. Goal: 100,000 sessions without growth. `ehlo lab` with programs from outside has a bench of
//! its own, `serving`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench that cannot go on must stop; it says what it saw"
)]

use std::sync::Arc;

use divan::Bencher;
use ehlo::lab::{self, Lab};
use ehlo::ports::lab::Signal;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;

/// Sessions in all.
const SESSIONS: u32 = 100_000;
/// What memory may grow by while they are had, in KiB: pages that the allocator keeps, but not one octet a session.
const GROWTH: u64 = 16 * 1024;

fn main() {
    divan::main();
}

/// Nobody listens long: what is told is taken and forgotten.
fn ears() -> mpsc::Sender<Signal> {
    let (told, mut heard) = mpsc::channel(1024);
    tokio::spawn(async move { while heard.recv().await.is_some() {} });
    told
}

/// World, zones, authority and name server, as the explorer starts them behind its first frame.
#[divan::bench]
fn start(bencher: Bencher<'_, '_>) {
    let runtime = Runtime::new().unwrap();
    bencher.bench_local(|| runtime.block_on(async { lab::start(1, ears()).await.unwrap() }));
}

#[divan::bench(sample_count = 100, sample_size = SESSIONS / 100)]
fn sessions(bencher: Bencher<'_, '_>) {
    let runtime = Runtime::new().unwrap();
    let lab = runtime.block_on(async { lab::start(1, ears()).await.unwrap() });
    let tls = trusting(&lab);
    let one = || runtime.block_on(session(&lab, &tls));
    // What is made once is made before.
    (0..1000).for_each(|_| one());
    let before = memory();
    bencher.bench_local(one);
    let grown = memory().saturating_sub(before);
    println!("memory grew by {grown} KiB");
    assert!(grown < GROWTH, "{grown} KiB more than before");
}

/// A session from the greeting to QUIT.
async fn session(lab: &Lab, tls: &TlsConnector) {
    let hosts = lab.hosts();
    let mut plain = hosts.connect("198.51.100.25:587".parse().unwrap(), hosts.laptop()).unwrap();
    hear(&mut plain, b"220").await;
    say(&mut plain, "EHLO laptop.you.test", b"250").await;
    say(&mut plain, "STARTTLS", b"220").await;
    let mut secure = tls.connect(ServerName::try_from("submit.you.test").unwrap(), plain).await.unwrap();
    say(&mut secure, "EHLO laptop.you.test", b"250").await;
    say(&mut secure, "AUTH PLAIN AG1pbmEAc3VuZmxvd2Vy", b"235").await;
    say(&mut secure, "QUIT", b"221").await;
}

async fn say(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), line: &str, code: &[u8]) {
    stream.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
    hear(stream, code).await;
}

/// One reply, which comes in one write and is smaller than the buffer.
async fn hear(stream: &mut (impl AsyncRead + Unpin), code: &[u8]) {
    let mut reply = [0; 2048];
    let octets = stream.read(&mut reply).await.unwrap();
    let reply = reply.get(..octets).unwrap_or_default();
    assert!(reply.starts_with(code) && reply.ends_with(b"\r\n"), "{}", String::from_utf8_lossy(reply));
}

fn trusting(lab: &Lab) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(lab.root.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// What the process has in memory now, in KiB; nothing where the system does not say.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
