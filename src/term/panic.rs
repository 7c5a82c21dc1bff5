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
    /// True if it was the screen's own thread.
    on_screen: bool,
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
    fn of(info: &PanicHookInfo<'_>, on_screen: bool) -> Self {
        let place = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
        Self {
            place: place.unwrap_or_else(|| "an unknown place".into()),
            thread: thread::current().name().unwrap_or("without a name").to_owned(),
            on_screen,
            // What is part of the program cannot hold anything from outside.
            message: info.payload().downcast_ref::<&'static str>().copied(),
            trace: Backtrace::force_capture(),
        }
    }

    /// True if it was told at once, because it was the screen's own.
    pub fn is_told(&self) -> bool {
        self.on_screen
    }

    /// Says it on standard error; the terminal was given back before.
    pub fn tell(&self) {
        // There is no other place left to complain to.
        let _ = io::stderr().lock().write_all(self.farewell().as_bytes());
    }

    fn farewell(&self) -> String {
        let mut text = format!(
            "ehlo hit a bug at {} and restored your terminal. Nothing was saved. Please report it with this line. [bug/panic]\n",
            self.place
        );
        if self.message.is_none() {
            text.push_str("The message is kept back: it may hold what was typed or received.\n");
            // As the hook that was there before would have done.
            if Backtrace::capture().status() == BacktraceStatus::Captured {
                text.push_str(&self.trace.to_string());
            }
        }
        text
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
        let on_screen = thread::current().id() == screen;
        if on_screen {
            guard::leave();
        }
        let bug = Bug::of(info, on_screen);
        if on_screen {
            bug.tell();
            if bug.message.is_some() {
                before(info);
            }
        } else {
            // A full channel already holds enough to say.
            let _ = tell.try_send(bug.place.clone());
        }
        last.keep(bug);
    }));
    bugs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_quotes_the_outside_is_in_no_farewell_and_in_no_report() {
        let bug = |message| Bug {
            place: "src/lab/node.rs:7".into(),
            thread: "tokio".into(),
            on_screen: false,
            message,
            trace: Backtrace::disabled(),
        };
        let open = bug(Some("a bug on purpose"));
        assert!(open.farewell().contains("src/lab/node.rs:7") && !open.farewell().contains("kept back"));
        assert!(open.to_string().contains("message: a bug on purpose"));
        let closed = bug(None);
        assert!(closed.farewell().contains("kept back") && closed.to_string().contains("message: kept back"));
    }
}
