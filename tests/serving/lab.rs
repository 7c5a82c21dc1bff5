//! The real program, serving its lab for the time of one test.

#![allow(dead_code, reason = "each of the test programs needs its own part")]

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A served lab; dropping it stops it by its own number.
pub(crate) struct Lab {
    child: Child,
    lines: Receiver<String>,
    dir: tempfile::TempDir,
    /// What was read so far.
    pub(crate) events: Vec<Value>,
}

/// The program with a free place for its ports: tests run beside each other.
pub(crate) fn first_port() -> u16 {
    static ASKED: std::sync::atomic::AtomicU16 = std::sync::atomic::AtomicU16::new(0);
    let asked = u32::from(ASKED.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    // So many places between 10,000 and 30,000, below the ports that the system gives to clients.
    u16::try_from(10_000 + (std::process::id() + asked) % 66 * 300).expect("a port")
}

impl Lab {
    /// Serves with JSON and the certificate of the authority in a file.
    pub(crate) fn serve() -> Self {
        Self::serve_with(&[])
    }

    /// The same with more options.
    pub(crate) fn serve_with(options: &[&str]) -> Self {
        let mut port = first_port();
        loop {
            let dir = tempfile::tempdir().expect("a folder");
            let (ca, anchor) = (dir.path().join("ca.pem"), dir.path().join("anchor"));
            let mut child = Command::new(env!("CARGO_BIN_EXE_ehlo"))
                .args(["lab", "--json", "--port", &port.to_string(), "--ca-file"])
                .arg(&ca)
                .arg("--anchor-file")
                .arg(&anchor)
                .args(options)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(File::create(dir.path().join("complaints")).expect("a file"))
                .spawn()
                .expect("the program runs");
            let stdout = child.stdout.take().expect("a pipe");
            let (tell, lines) = channel();
            thread::spawn(move || {
                for line in BufReader::new(stdout).lines() {
                    if tell.send(line.expect("text")).is_err() {
                        break;
                    }
                }
            });
            let mut lab = Self { child, lines, dir, events: Vec::new() };
            if lab.next().is_some() {
                return lab;
            }
            let complaint = lab.complaints();
            assert!(complaint.contains("[lab/port]"), "{complaint}");
            port += 101;
        }
    }

    /// The next event; nothing if the program has ended.
    pub(crate) fn next(&mut self) -> Option<&Value> {
        let line = self.lines.recv_timeout(PATIENCE).ok()?;
        assert!(line.bytes().all(|octet| (0x20..0x7f).contains(&octet)), "not ASCII: {line}");
        self.events.push(serde_json::from_str(&line).expect("JSON"));
        self.events.last()
    }

    /// Reads until an event of this kind has come.
    pub(crate) fn until(&mut self, kind: &str) -> Value {
        loop {
            let event = self.next().unwrap_or_else(|| panic!("no {kind}"));
            if event["kind"] == kind {
                return event.clone();
            }
        }
    }

    /// Reads until so many events of this kind have come in all. What happens in a queue is told when it happens, be it
    /// after the conversation that led to it.
    pub(crate) fn until_all(&mut self, kind: &str, count: usize) -> Vec<&Value> {
        while self.all(kind).len() < count {
            assert!(self.next().is_some(), "{} of {count} {kind}", self.all(kind).len());
        }
        self.all(kind)
    }

    /// The events of a kind that were read so far.
    pub(crate) fn all(&self, kind: &str) -> Vec<&Value> {
        self.events.iter().filter(|event| event["kind"] == kind).collect()
    }

    /// The port of this machine for an address of the lab.
    pub(crate) fn port(&self, lab: &str) -> u16 {
        let services = self.events[0]["services"].as_array().expect("services");
        let found = services.iter().find(|service| service["lab"] == lab).unwrap_or_else(|| panic!("no {lab}"));
        u16::try_from(found["port"].as_u64().expect("a number")).expect("a port")
    }

    /// The port of mx1.
    pub(crate) fn mx1(&self) -> u16 {
        self.port("192.0.2.10:25")
    }

    /// The certificate of its authority.
    pub(crate) fn authority(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn complaints(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("complaints")).expect("complaints")
    }

    /// Ends it with a signal; the exit code comes back when all events are read.
    pub(crate) fn end(&mut self, signal: Signal) -> Option<i32> {
        let id = Pid::from_child(&self.child);
        kill_process(id, signal).expect("it runs");
        while self.next().is_some() {}
        self.child.wait().expect("its state").code()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client of a few lines.
pub(crate) struct Talk {
    stream: BufReader<TcpStream>,
}

impl Talk {
    pub(crate) fn to(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("a listener");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out");
        Self { stream: BufReader::new(stream) }
    }

    /// One whole reply; empty if the server has closed.
    pub(crate) fn reply(&mut self) -> String {
        let mut reply = String::new();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).expect("a line");
            reply += &line;
            if line.as_bytes().get(3) != Some(&b'-') {
                return reply;
            }
        }
    }

    pub(crate) fn write(&mut self, octets: &[u8]) {
        self.stream.get_mut().write_all(octets).expect("a connection");
    }

    pub(crate) fn line(&mut self, line: &str) -> String {
        self.write(format!("{line}\r\n").as_bytes());
        self.reply()
    }

    /// True if the server has closed and said nothing more.
    pub(crate) fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).is_ok_and(|octets| octets == 0)
    }
}
