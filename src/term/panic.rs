//! Panics: the terminal is given back before anything is printed.
//!
//! A panic of the screen's own thread ends the program (exit 101, a bug). One of another thread ends a task; the screen
//! stays, and says so. The message of a panic may hold what a server sent or what a person typed: only texts that are
//! part of the program are printed, never those that were put together while it ran.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, Write as _};
use std::panic::{self, PanicHookInfo};
use std::thread;

use tokio::sync::mpsc;

use super::guard;

/// Panics of other threads that may wait to be told; more of them would say nothing new.
const WAITING: usize = 4;

/// Where other threads have panicked, as `src/net/pump.rs:40`.
pub type Bugs = mpsc::Receiver<String>;

/// Gives the terminal back before a panic of this thread is told; panics of other threads come back as places.
///
/// The hook that was there before is called as well, for panics whose message is harmless.
pub fn install() -> Bugs {
    let (tell, bugs) = mpsc::channel(WAITING);
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
