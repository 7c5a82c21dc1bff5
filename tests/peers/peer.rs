//! A peer for tests: a script of `tests/peers` that is a server, played by the program itself.

#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test without its peer must stop")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A running peer. One that is dropped is ended.
pub(crate) struct Peer {
    child: Child,
    out: BufReader<ChildStdout>,
    events: Vec<Value>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code.
    pub(crate) exit: i64,
    /// The stage.
    pub(crate) stage: String,
    /// The diagnostic id; empty if all went well.
    pub(crate) id: String,
    /// What happened, in words.
    pub(crate) say: String,
    /// All events.
    pub(crate) events: Vec<Value>,
}

/// The path of a script of `tests/peers`.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(name).with_extension("smtp")
}

impl Peer {
    /// Plays a script of `tests/peers`.
    pub(crate) fn play(name: &str) -> Self {
        Self::with(name, &[])
    }

    /// Plays a script of `tests/peers` with more arguments.
    pub(crate) fn with(name: &str, arguments: &[&str]) -> Self {
        Self::start(&path(name).display().to_string(), arguments, "")
    }

    /// Plays a script that is piped in.
    pub(crate) fn script(script: &str, arguments: &[&str]) -> Self {
        Self::start("-", arguments, script)
    }

    fn start(script: &str, arguments: &[&str], text: &str) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_ehlo"));
        program.args(["run", script, "--json"]).args(arguments);
        if !arguments.contains(&"--timeout") {
            program.args(["--timeout", "20"]);
        }
        let mut child =
            program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it runs");
        child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut peer = Self { child, out, events: Vec::new() };
        // The first event says where it listens, or how it ended.
        peer.hear();
        peer
    }

    /// Where it listens: a port of 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        let first = self.events.first().and_then(|event| event.get("port")?.as_u64());
        first.and_then(|port| u16::try_from(port).ok()).unwrap_or_else(|| panic!("no port: {:?}", self.events))
    }

    /// The same with its address.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    /// The next line that the client said.
    pub(crate) fn hears(&mut self) -> String {
        loop {
            let event = self.hear().unwrap_or_else(|| panic!("nothing more is said: {:?}", self.events));
            if let (Some("cmd"), Some(line)) = (kind(&event), line(&event)) {
                return line;
            }
        }
    }

    /// Waits for its end.
    pub(crate) fn ended(mut self) -> Ended {
        let begun = Instant::now();
        while self.hear().is_some() {
            assert!(begun.elapsed() < Duration::from_mins(1), "it does not end: {:?}", self.events);
        }
        let code = self.child.wait().expect("it ends").code().map(i64::from);
        let last = self.events.last().cloned().unwrap_or_default();
        let word = |field: &str| last.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let exit = last.get("exit").and_then(Value::as_i64);
        assert_eq!(exit, code, "the last event tells the exit code: {last}");
        let (stage, id, say) = (word("stage"), word("id"), word("say"));
        Ended { exit: exit.unwrap_or(-1), stage, id, say, events: std::mem::take(&mut self.events) }
    }

    /// Its exit code once it is told to end, as by Ctrl-C.
    #[cfg(unix)]
    pub(crate) fn interrupted(mut self) -> Option<i32> {
        let number = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &number]).status().expect("kill").success());
        self.child.wait().expect("it ends").code()
    }

    fn hear(&mut self) -> Option<Value> {
        let mut line = String::new();
        self.out.read_line(&mut line).expect("UTF-8");
        let event: Value = serde_json::from_str(&line).ok()?;
        self.events.push(event.clone());
        Some(event)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It is this one that was started here.
        let _ = self.child.kill();
        let _ = self.out.read_to_end(&mut Vec::new());
        let _ = self.child.wait();
    }
}

impl Ended {
    /// The lines that the client said, without the end of a line.
    pub(crate) fn said(&self) -> Vec<String> {
        self.events.iter().filter(|event| kind(event) == Some("cmd")).filter_map(line).collect()
    }
}

fn kind(event: &Value) -> Option<&str> {
    event.get("kind")?.as_str()
}

fn line(event: &Value) -> Option<String> {
    let word = |field: &str| event.get(field).and_then(Value::as_str);
    let (verb, arg) = (word("verb")?, word("arg")?);
    Some(if arg.is_empty() { verb.to_owned() } else { format!("{verb} {arg}") })
}
