//! Lines from standard input, for a terminal that shows one line after the other, and for pipes.
//!
//! A line is read when it is asked for, so that an editor may have the terminal in between. What is typed can be hidden.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::sync::mpsc as blocking;
use std::thread;

use tokio::sync::mpsc;

/// The most octets of a line; what is longer comes in pieces.
const LONGEST: u64 = 1 << 20;

/// A reader of lines.
#[derive(Debug)]
pub struct Lines {
    ask: blocking::Sender<()>,
    read: mpsc::Receiver<io::Result<Vec<u8>>>,
    asked: bool,
    echo: Echo,
}

impl Lines {
    /// Begins; nothing is read yet.
    pub fn start() -> io::Result<Self> {
        let (ask, asked) = blocking::channel();
        let (told, read) = mpsc::channel(1);
        thread::Builder::new().name("lines".into()).spawn(move || {
            // Ends with the one who asks.
            while asked.recv().is_ok() {
                if told.blocking_send(line()).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { ask, read, asked: false, echo: Echo::default() })
    }

    /// Asks for the next line, unless one is awaited already.
    pub fn ask(&mut self) {
        if !self.asked {
            self.asked = self.ask.send(()).is_ok();
        }
    }

    /// True while a line is awaited.
    pub fn is_asked(&self) -> bool {
        self.asked
    }

    /// Waits for the line that was asked for, its end included; none is the end.
    pub async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let read = self.read.recv().await;
        self.asked = false;
        read.transpose().map(|line| line.filter(|line| !line.is_empty()))
    }

    /// Hides what is typed from now on, or shows it.
    pub fn hide(&mut self, hidden: bool) {
        self.echo.set(hidden);
    }
}

fn line() -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    io::stdin().lock().take(LONGEST).read_until(b'\n', &mut line)?;
    Ok(line)
}

/// True if somebody types.
pub fn is_typed() -> bool {
    io::stdin().is_terminal()
}

/// Whether the terminal shows what is typed. It is put back when this goes.
#[derive(Debug, Default)]
struct Echo {
    hidden: bool,
}

impl Echo {
    fn set(&mut self, hidden: bool) {
        if self.hidden != hidden && echo(!hidden).is_ok() {
            self.hidden = hidden;
        }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.set(false);
    }
}

#[cfg(unix)]
fn echo(on: bool) -> io::Result<()> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

    let stdin = io::stdin();
    let mut modes = tcgetattr(&stdin)?;
    modes.local_modes.set(LocalModes::ECHO, on);
    Ok(tcsetattr(&stdin, OptionalActions::Now, &modes)?)
}

#[cfg(not(unix))]
fn echo(_: bool) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "what is typed is always shown here"))
}
