//! A server on loopback for the tests of the terminal: it greets, line by line, and answers every line with 250.

#![expect(clippy::expect_used, reason = "a test without its server must stop")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// A running server.
pub(crate) struct Server {
    /// Its port on 127.0.0.1.
    pub(crate) port: u16,
}

impl Server {
    /// Starts a server that greets with `greeting`, a line each `pause`.
    pub(crate) fn start(greeting: Vec<String>, pause: Duration) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let port = listener.local_addr().expect("its number").port();
        thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a caller");
            let mut out = stream.try_clone().expect("a second handle");
            for line in greeting {
                if write(&mut out, &line).is_err() {
                    return;
                }
                thread::sleep(pause);
            }
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if line.is_empty() || write(&mut out, "250 OK").is_err() {
                    return;
                }
            }
        });
        Self { port }
    }
}

fn write(out: &mut TcpStream, line: &str) -> std::io::Result<()> {
    out.write_all(format!("{line}\r\n").as_bytes())
}
