//! Frames: only what changed, in one write, shown at once by terminals that know how.
//!
//! A thread of its own does the writing, so that a terminal that takes nothing (Ctrl-S, a slow line) stops neither the
//! network nor the keys: while one frame is under way none is drawn, and the next one shows what is true by then.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use tokio::sync::Notify;

use super::guard::{self, BEGIN_FRAME, END_FRAME};

/// The screen.
pub struct Frames {
    terminal: Terminal<CrosstermBackend<Shared>>,
    bytes: Shared,
    /// What goes before the next frame.
    before: Vec<u8>,
    writer: SyncSender<Vec<u8>>,
    idle: Arc<Idle>,
}

/// Whether the writer has nothing to do.
#[derive(Debug, Default)]
struct Idle {
    busy: std::sync::atomic::AtomicBool,
    changed: Notify,
}

/// Where the terminal library writes to.
#[derive(Debug, Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Frames {
    /// A screen on which nothing is drawn yet.
    pub fn new() -> io::Result<Self> {
        let bytes = Shared::default();
        let terminal = Terminal::new(CrosstermBackend::new(bytes.clone()))?;
        let (writer, frames) = sync_channel::<Vec<u8>>(1);
        let idle = Arc::new(Idle::default());
        let told = Arc::clone(&idle);
        thread::Builder::new().name("frames".into()).spawn(move || {
            for frame in frames {
                // A terminal that is gone is noticed by the watch; here it only means that nobody sees the frame.
                let _ = guard::write_frame(&frame);
                told.busy.store(false, std::sync::atomic::Ordering::SeqCst);
                told.changed.notify_one();
            }
        })?;
        Ok(Self { terminal, bytes, before: Vec::new(), writer, idle })
    }

    /// True if a frame can be drawn now.
    pub fn is_ready(&self) -> bool {
        !self.idle.busy.load(std::sync::atomic::Ordering::SeqCst)
    }

    /// Waits until the frame under way is written.
    pub fn written(&self) -> impl Future<Output = ()> + use<> {
        let idle = Arc::clone(&self.idle);
        async move { idle.changed.notified().await }
    }

    /// Draws a frame: `view` fills the buffer and says where the cursor belongs.
    pub fn draw(&mut self, view: impl FnOnce(&mut Buffer) -> Option<Position>) -> io::Result<()> {
        self.terminal.draw(|frame| {
            if let Some(cursor) = view(frame.buffer_mut()) {
                frame.set_cursor_position(cursor);
            }
        })?;
        let drawn = std::mem::take(&mut *self.bytes.0.borrow_mut());
        self.idle.busy.store(true, std::sync::atomic::Ordering::SeqCst);
        let frame = [std::mem::take(&mut self.before).as_slice(), BEGIN_FRAME, &drawn, END_FRAME].concat();
        self.writer.send(frame).map_err(|_| io::Error::other("the thread that writes frames has ended"))
    }

    /// Sends something besides text with the next frame, so that a terminal that takes nothing stops nobody.
    pub fn also(&mut self, bytes: &[u8]) {
        self.before.extend_from_slice(bytes);
    }

    /// Forgets what the terminal shows, so that the next frame draws everything. Asks the terminal nothing.
    pub fn repaint(&mut self) -> io::Result<()> {
        let (width, height) = crossterm::terminal::size()?;
        self.terminal.resize(Rect::new(0, 0, width, height))
    }

    /// Columns and lines.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        crossterm::terminal::size()
    }
}
