//! Panics: the terminal is given back before anything is printed.
//!
//! A panic of the screen's own thread ends the program (exit 101, a bug). One of another thread ends a task; the screen
//! stays, and says so. The message of a panic may hold what a server sent or what a person typed: only texts that are
//! part of the program are printed, never those that were put together while it ran.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt;
use std::io::{self, Write as _};
use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, Mutex};
use std::thread;

use tokio::sync::mpsc;

use super::guard;

/// Panics of other threads that may wait to be told; more of them would say nothing new.
const WAITING: usize = 4;

/// What is known of bugs while the program runs.
#[derive(Debug)]
pub struct Bugs {
    /// Where other threads have panicked, as `src/net/pump.rs:40`.
    pub elsewhere: mpsc::Receiver<String>,
    /// The last one of any thread.
    last: Last,
}

/// The last bug of any thread, for a report of it.
#[derive(Debug, Clone, Default)]
pub struct Last(Arc<Mutex<Option<Bug>>>);

/// A bug, without a word of the session. Its display is a report.
#[derive(Debug)]
pub struct Bug {
    place: String,
    thread: String,
    /// Only if it is part of the program.
    message: Option<&'static str>,
    trace: Backtrace,
}

impl Bugs {
    /// The last bug of any thread, which is known after this has gone.
    pub fn last(&self) -> Last {
        self.last.clone()
    }
}

impl Last {
    /// Takes it out, if there was one.
    pub fn take(&self) -> Option<Bug> {
        self.0.lock().ok()?.take()
    }

    fn keep(&self, bug: Bug) {
        // Nobody panics while holding the lock.
        if let Ok(mut last) = self.0.lock() {
            *last = Some(bug);
        }
    }
}

impl Bug {
    fn of(info: &PanicHookInfo<'_>) -> Self {
        Self {
            place: place(info),
            thread: thread::current().name().unwrap_or("without a name").to_owned(),
            message: info.payload().downcast_ref::<&'static str>().copied(),
            trace: Backtrace::force_capture(),
        }
    }
}

/// A report for the makers.
impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept_back = "kept back, for it may hold what was typed or received";
        let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
        writeln!(f, "ehlo {} on {system} {machine}", env!("CARGO_PKG_VERSION"))?;
        writeln!(f, "bug at: {}", self.place)?;
        writeln!(f, "thread: {}", self.thread)?;
        writeln!(f, "message: {}", self.message.unwrap_or(kept_back))?;
        write!(f, "\n{}", self.trace)
    }
}

/// Gives the terminal back before a panic of this thread is told; panics of other threads come back as places.
///
/// The hook that was there before is called as well, for panics whose message is harmless.
pub fn install() -> Bugs {
    let (tell, elsewhere) = mpsc::channel(WAITING);
    let last = Last::default();
    let bugs = Bugs { elsewhere, last: last.clone() };
    let screen = thread::current().id();
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == screen {
            guard::leave();
            farewell(info);
            if is_harmless(info) {
                before(info);
            }
        } else {
            // A full channel already holds enough to say.
            let _ = tell.try_send(place(info));
        }
        // Last: whatever this costs, the terminal is free and the words are out.
        last.keep(Bug::of(info));
    }));
    bugs
}

/// True if the message is part of the program, and so cannot hold anything from outside.
fn is_harmless(info: &PanicHookInfo<'_>) -> bool {
    info.payload().is::<&'static str>()
}

fn place(info: &PanicHookInfo<'_>) -> String {
    info.location().map_or_else(|| "an unknown place".into(), |at| format!("{}:{}", at.file(), at.line()))
}

fn farewell(info: &PanicHookInfo<'_>) {
    let mut text = format!(
        "ehlo hit a bug at {} and restored your terminal. Nothing was saved. Please report it with this line. [bug/panic]\n",
        place(info)
    );
    if !is_harmless(info) {
        text.push_str("The message is kept back: it may hold what was typed or received.\n");
        let trace = Backtrace::capture();
        if trace.status() == BacktraceStatus::Captured {
            text.push_str(&trace.to_string());
        }
    }
    // There is no other place left to complain to.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
