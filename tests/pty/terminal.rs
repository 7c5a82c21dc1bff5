//! The real program in a pseudo-terminal: `portable-pty` runs it, `vt100` keeps the screen that a person would see.
//!
//! Waiting means looking at the screen again and again until it is as wanted; no test sleeps for a fixed time. A test
//! that waits in vain fails with the screen in its message. The program gets an environment of its own: an empty home,
//! no `NO_COLOR`, a UTF-8 locale.

#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that has no terminal must stop")]

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// How long a test waits for the screen: far longer than the program needs, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// How the program begins to tell of a bug of its own.
const BUG: &[u8] = b"ehlo hit a bug";

/// What a terminal hears besides text.
#[derive(Debug, Default, Clone)]
pub(crate) struct Heard {
    /// Texts put on the clipboard (OSC 52), base64 as they came.
    pub(crate) clipboard: Vec<Vec<u8>>,
    /// Window titles, oldest first.
    pub(crate) titles: Vec<Vec<u8>>,
    /// How often the bell rang.
    pub(crate) bells: usize,
}

impl vt100::Callbacks for Heard {
    fn copy_to_clipboard(&mut self, _: &mut vt100::Screen, _: &[u8], data: &[u8]) {
        self.clipboard.push(data.to_vec());
    }

    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.titles.push(title.to_vec());
    }

    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.bells += 1;
    }
}

/// A program that is about to be started.
pub(crate) struct Start {
    command: CommandBuilder,
    columns: u16,
    rows: u16,
}

impl Start {
    /// A program with its arguments, on 80x24 cells, with `home` as its home.
    pub(crate) fn new<A: AsRef<OsStr>>(home: &Path, program: &str, arguments: impl IntoIterator<Item = A>) -> Self {
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        command.cwd(home);
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("RUST_BACKTRACE", "1")] {
            command.env(name, value);
        }
        command.env("HOME", home);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_else(|| OsString::from("/usr/bin:/bin")));
        Self { command, columns: 80, rows: 24 }
    }

    /// `ehlo` itself with these arguments.
    pub(crate) fn ehlo(home: &Path, arguments: &[&str]) -> Self {
        Self::new(home, env!("CARGO_BIN_EXE_ehlo"), arguments)
    }

    /// Sets the size in cells.
    pub(crate) fn size(mut self, columns: u16, rows: u16) -> Self {
        (self.columns, self.rows) = (columns, rows);
        self
    }

    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Removes a variable of the environment.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Starts the program.
    pub(crate) fn start(self) -> Terminal {
        let pair = native_pty_system().openpty(cells(self.columns, self.rows)).unwrap();
        let before = modes(pair.master.as_ref());
        let child = pair.slave.spawn_command(self.command).unwrap();
        drop(pair.slave); // else the reader never sees the end
        let screen = vt100::Parser::new_with_callbacks(nonzero(self.rows), nonzero(self.columns), 0, Heard::default());
        let seen = Arc::new(Seen { shown: Mutex::new(Shown { screen, raw: Vec::new() }), ..Seen::default() });
        let writer = pair.master.take_writer().unwrap();
        let reader = pair.master.try_clone_reader().unwrap();
        let watcher = thread::spawn({
            let seen = Arc::clone(&seen);
            move || watch(reader, &seen)
        });
        Terminal { seen, before, writer, master: Some(pair.master), watcher: Some(watcher), child, grandchild: None }
    }
}

/// What the reader of the terminal shares with the test.
#[derive(Default)]
struct Seen {
    shown: Mutex<Shown>,
    /// True while the terminal takes nothing, as after Ctrl-S or on a line that stands still.
    held: AtomicBool,
    /// True once the terminal is to vanish.
    closed: AtomicBool,
}

/// The screen and every byte that made it.
struct Shown {
    screen: vt100::Parser<Heard>,
    raw: Vec<u8>,
}

impl Default for Shown {
    fn default() -> Self {
        let screen = vt100::Parser::new_with_callbacks(nonzero(24), nonzero(80), 0, Heard::default());
        Self { screen, raw: Vec::new() }
    }
}

fn watch(mut reader: Box<dyn Read + Send>, seen: &Seen) {
    let mut buffer = [0; 8192];
    while let Ok(count @ 1..) = reader.read(&mut buffer) {
        let bytes = buffer.get(..count).unwrap_or_default();
        {
            let mut shown = seen.shown.lock().unwrap();
            shown.raw.extend_from_slice(bytes);
            shown.screen.process(bytes);
        }
        while seen.held.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(1));
        }
        if seen.closed.load(Ordering::SeqCst) {
            return;
        }
    }
}

/// How the terminal treats lines, echo and special keys.
fn modes(master: &(dyn MasterPty + Send)) -> String {
    #[cfg(unix)]
    let modes = format!("{:?}", master.get_termios());
    #[cfg(not(unix))]
    let modes = String::new();
    modes
}

/// A running program and its terminal.
pub(crate) struct Terminal {
    seen: Arc<Seen>,
    /// The modes of the terminal before the program began.
    before: String,
    writer: Box<dyn Write + Send>,
    /// Nothing once the terminal has vanished.
    master: Option<Box<dyn MasterPty + Send>>,
    watcher: Option<thread::JoinHandle<()>>,
    child: Box<dyn Child + Send + Sync>,
    /// The process that signals go to, if it is not the child.
    grandchild: Option<i32>,
}

impl Terminal {
    /// Sends keys as a terminal would: text, `\r` for Enter, `\x1b` for Esc, `\x1b[C` for →.
    pub(crate) fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Sends a block of text as a bracketed paste.
    pub(crate) fn paste(&mut self, text: &str) {
        self.press(&format!("\x1b[200~{text}\x1b[201~"));
    }

    /// Changes the size in cells.
    pub(crate) fn resize(&mut self, columns: u16, rows: u16) {
        self.seen.shown.lock().unwrap().screen.screen_mut().set_size(nonzero(rows), nonzero(columns));
        self.master.as_ref().unwrap().resize(cells(columns, rows)).unwrap();
    }

    /// Says that the terminal has no columns and no lines, as some do while they are closed.
    pub(crate) fn shrink_to_nothing(&mut self) {
        self.master.as_ref().unwrap().resize(cells(0, 0)).unwrap();
    }

    /// Stops taking what the program writes, or takes it again.
    pub(crate) fn hold(&mut self, held: bool) {
        self.seen.held.store(held, Ordering::SeqCst);
    }

    /// Closes the terminal as a window is closed: the program's reads and writes fail from now on.
    pub(crate) fn vanish(&mut self) {
        self.seen.closed.store(true, Ordering::SeqCst);
        // The reader notices with the next bytes, and a key makes the program write some.
        self.press("x");
        self.watcher.take().unwrap().join().unwrap();
        self.writer = Box::new(std::io::sink());
        self.master = None;
    }

    /// True if the terminal is, or soon becomes, as it was before the program began: modes of the line, screen, cursor,
    /// mouse, paste. What the program wrote last may still be on its way when it has ended.
    pub(crate) fn is_restored(&self) -> bool {
        let end = Instant::now() + Duration::from_secs(2);
        loop {
            let plain = self.look(|screen| {
                !screen.alternate_screen()
                    && !screen.hide_cursor()
                    && !screen.bracketed_paste()
                    && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
            });
            if plain && self.is_cooked() || Instant::now() >= end {
                return plain && self.is_cooked();
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// True if lines, echo and special keys are treated as before the program began.
    pub(crate) fn is_cooked(&self) -> bool {
        self.master.as_deref().is_some_and(|master| modes(master) == self.before)
    }

    /// What the screen shows, line by line.
    pub(crate) fn screen(&self) -> String {
        self.look(vt100::Screen::contents)
    }

    /// What a test that fails shows: the screen, or a bug from its first word, which a backtrace may have scrolled away.
    fn shown(&self) -> String {
        let raw = self.raw();
        let bug = raw.windows(BUG.len()).position(|at| at == BUG).and_then(|at| raw.get(at..));
        bug.map_or_else(|| format!("the screen:\n{}", self.screen()), |bug| String::from_utf8_lossy(bug).into_owned())
    }

    /// Reads something off the screen: a cell, the cursor, a mode.
    pub(crate) fn look<T>(&self, read: impl FnOnce(&vt100::Screen) -> T) -> T {
        read(self.seen.shown.lock().unwrap().screen.screen())
    }

    /// Titles, clipboard and bells so far.
    pub(crate) fn heard(&self) -> Heard {
        self.seen.shown.lock().unwrap().screen.callbacks().clone()
    }

    /// Every byte that the program wrote so far.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.seen.shown.lock().unwrap().raw.clone()
    }

    /// Waits until the screen is as wanted; `what` names it in the complaint.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        let end = Instant::now() + PATIENCE;
        while !self.look(&wanted) {
            assert!(Instant::now() < end, "waited in vain for {what}; {}", self.shown());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until the screen shows this text.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) {
        self.wait_until(text, |screen| screen.contents().contains(text));
    }

    /// The number of the process.
    pub(crate) fn pid(&self) -> i32 {
        self.grandchild.unwrap_or_else(|| i32::try_from(self.child.process_id().unwrap()).unwrap())
    }

    /// Takes the only child of the process, a shell, for the program.
    pub(crate) fn look_behind_the_shell(&mut self) {
        let pid = self.pid();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        self.grandchild = Some(children.trim().parse().unwrap());
    }

    /// Sends a signal to the process, by its own number.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.pid()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits until the program has ended, at most `limit`.
    #[track_caller]
    pub(crate) fn wait_for_end(&mut self, limit: Duration) -> ExitStatus {
        let end = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < end, "the program has not ended in {limit:?}; {}", self.shown());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Terminal {
    /// A test that failed leaves no program behind.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

fn cells(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn nonzero(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).unwrap_or(NonZero::<u16>::MIN)
}
