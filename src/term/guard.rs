//! Entering the terminal and leaving it as it was.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::queue;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};

/// True between entering and leaving, so that leaving twice does nothing.
static INSIDE: AtomicBool = AtomicBool::new(false);

/// Begins and ends a frame that the terminal shows at once (DEC private mode 2026).
pub(super) const BEGIN_FRAME: &[u8] = b"\x1b[?2026h";
/// The end of it; without effect where none was begun.
pub(super) const END_FRAME: &[u8] = b"\x1b[?2026l";

/// Without mouse capture many terminals turn the wheel into arrow keys on the alternate screen; ours means history.
const NO_WHEEL_KEYS: &[u8] = b"\x1b[?1007l";
/// Lets the terminal keep what it did before: pagers that come later want it back.
const KEEP_WHEEL_KEYS: &[u8] = b"\x1b[?1007s";
/// What it did before.
const OLD_WHEEL_KEYS: &[u8] = b"\x1b[?1007r";

/// How long giving the terminal back may take when the terminal takes nothing.
const FAREWELL: Duration = Duration::from_millis(500);

/// The terminal, as long as it is ours. Dropping it gives it back.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Takes the terminal until it is dropped.
    pub fn new(mouse: bool) -> io::Result<Self> {
        let guard = Self(());
        enter(mouse)?;
        Ok(guard)
    }
}

/// Takes the terminal: raw mode, alternate screen, bracketed paste, and the mouse if wanted.
pub fn enter(mouse: bool) -> io::Result<()> {
    // Whether there are colours is our own decision: under NO_COLOR crossterm would turn them into a reset of
    // everything, bold and reverse included.
    crossterm::style::force_color_output(true);
    enable_raw_mode()?;
    INSIDE.store(true, Ordering::SeqCst);
    let mut out = Vec::new();
    queue!(out, EnterAlternateScreen)?;
    // Windows delivers no paste events, and the mode changes its keys.
    if cfg!(unix) {
        queue!(out, EnableBracketedPaste)?;
    }
    out.extend_from_slice(KEEP_WHEEL_KEYS);
    out.extend_from_slice(NO_WHEEL_KEYS);
    if mouse {
        queue!(out, EnableMouseCapture)?;
    }
    write(&out)
}

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
    }
}

/// Gives the terminal back. May be called from anywhere, any number of times. A terminal that takes nothing cannot hold
/// the program: then only the modes of the line are restored, so that the shell can use it.
pub fn leave() {
    if !INSIDE.swap(false, Ordering::SeqCst) {
        return;
    }
    let (done, over) = mpsc::channel();
    let spawned = thread::Builder::new().name("farewell".into()).spawn(move || {
        // Nobody is left to hear that the terminal took nothing.
        let _ = write(&last_words());
        let _ = done.send(());
    });
    if spawned.is_ok() {
        let _ = over.recv_timeout(FAREWELL);
    }
    let _ = disable_raw_mode();
}

/// What was told on the way in, taken back in reverse; a frame that was begun is ended first.
fn last_words() -> Vec<u8> {
    let mut out = END_FRAME.to_vec();
    // Writing to a vector cannot fail.
    let _ = queue!(out, DisableMouseCapture);
    out.extend_from_slice(OLD_WHEEL_KEYS);
    let _ = queue!(out, DisableBracketedPaste, LeaveAlternateScreen, crossterm::cursor::Show);
    out
}

/// What tells the terminal to give us the mouse, or to keep it.
pub fn mouse(on: bool) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing to a vector cannot fail.
    if on {
        let _ = queue!(out, EnableMouseCapture);
    } else {
        let _ = queue!(out, DisableMouseCapture);
        out.extend_from_slice(NO_WHEEL_KEYS);
    }
    out
}

/// Writes a frame, unless the terminal was given back meanwhile: a late frame must not land in the shell.
pub(super) fn write_frame(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    // Looked at under the lock: leaving clears it first and then waits for the lock.
    if !INSIDE.load(Ordering::SeqCst) {
        return Ok(());
    }
    out.write_all(bytes)?;
    out.flush()
}

/// One write for all of it.
fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}
