//! The letter being written, as the Send pane shows it: what stuffing adds is marked with `~`, and the dot that ends
//! the letter stands below it as a line of its own.
//!
//! ```text
//!   Subject: hello
//!
//! ~..a line that began with one dot
//! ~. end of the letter: Ctrl-D sends all of it
//! ```

use super::text::{Pen, Role, Run, clip, width, wrap_hard};
use super::viewport::{Scroll, Tall};

/// What the pane shows.
#[derive(Debug, Clone, Copy)]
pub struct LetterView<'a> {
    /// The lines, without ends.
    pub lines: &'a [String],
    /// Line and character of the cursor, from 0.
    pub cursor: (usize, usize),
    /// True to show what is added on the wire: dots before dots, and the one that ends the letter.
    pub wire: bool,
    /// True if one more Enter ends the letter.
    pub armed: bool,
    /// What is to be said before the letter is sent.
    pub warning: Option<&'static str>,
    /// Makes text fit to be shown.
    pub shown: fn(&str) -> String,
}

/// The letter as it goes over the wire, to be read: lines of `room` cells.
pub fn on_the_wire(text: &str, room: usize, shown: fn(&str) -> String) -> Vec<Vec<Run>> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let sign = if line.starts_with('.') { "~." } else { "  " };
        for (index, part) in
            wrap_hard(&[Run::new(shown(line), Role::Text)], room.saturating_sub(GUTTER)).into_iter().enumerate()
        {
            let sign = Run::new(if index == 0 { sign } else { "  " }, Role::Added);
            lines.push([sign].into_iter().chain(part).collect());
        }
    }
    lines.push(vec![Run::new("~.", Role::Added)]);
    lines
}

/// One line of the letter, wrapped.
struct Wrapped(Vec<Vec<Run>>);

impl Tall for Wrapped {
    fn lines(&self) -> u16 {
        u16::try_from(self.0.len()).unwrap_or(u16::MAX)
    }
}

/// Cells before the text: what stuffing adds.
const GUTTER: usize = 2;

impl LetterView<'_> {
    /// Draws the pane; gives the column and line of the cursor inside it.
    pub fn draw(&self, pen: &mut Pen<'_>) -> (u16, u16) {
        let room = pen.width().saturating_sub(GUTTER + 1).max(2);
        let height = pen.height().saturating_sub(1).max(1);
        let count = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        let at = u32::try_from(self.cursor.0).unwrap_or(u32::MAX);
        let mut scroll = Scroll::at(0);
        scroll.reveal(at, count, height, |line| self.wrapped(line, room));
        let mut cursor = (0, 0);
        let mut below = 0;
        for slice in scroll.window(count, height, |line| self.wrapped(line, room)) {
            let parts = slice.what.0.iter().enumerate().skip(usize::from(slice.skip)).take(usize::from(slice.take));
            for (index, part) in parts {
                let y = slice.y + u16::try_from(index).unwrap_or(0) - slice.skip;
                if index == 0 && self.is_stuffed(slice.entry) {
                    pen.put(0, y, "~.", Role::Added);
                }
                pen.runs(GUTTER, y, part);
                below = y + 1;
            }
            if slice.entry == at {
                let (column, line) = self.cursor_in(room);
                cursor = (column, (slice.y + line).saturating_sub(slice.skip));
            }
        }
        if self.wire {
            self.ending(pen, below.min(pen.height().saturating_sub(1)));
        }
        cursor
    }

    /// The dot that ends the letter, and how to send it.
    fn ending(&self, pen: &mut Pen<'_>, y: u16) {
        let x = pen.put(0, y, "~.", Role::Added);
        let (role, text) = if self.armed {
            (Role::Problem, "Enter again ends the letter and sends it; type on: text")
        } else {
            (Role::Quiet, "end of the letter: Ctrl-D sends all of it")
        };
        // Where both have no room, the warning stands alone; the keys stand in the last line of the screen too.
        let narrow = self.warning.is_some_and(|warning| pen.width() < width(text) + width(warning) + 8);
        let text = if narrow && !self.armed { "" } else { text };
        let x = pen.put(x + 1, y, text, role);
        if let Some(warning) = self.warning.filter(|_| !self.armed) {
            let room = pen.width().saturating_sub(x + 3);
            pen.put(x + 2, y, &clip(&format!("! {warning}"), room, pen.ascii()), Role::Problem);
        }
    }

    fn line(&self, line: u32) -> &str {
        self.lines.get(line as usize).map_or("", String::as_str)
    }

    fn is_stuffed(&self, line: u32) -> bool {
        let last = line as usize + 1 == self.lines.len();
        let text = self.line(line);
        self.wire && text.starts_with('.') && !(last && text == ".")
    }

    fn wrapped(&self, line: u32, room: usize) -> Wrapped {
        Wrapped(wrap_hard(&[Run::new((self.shown)(self.line(line)), Role::Text)], room))
    }

    /// Column and line of the cursor inside its own wrapped line.
    fn cursor_in(&self, room: usize) -> (u16, u16) {
        let line = u32::try_from(self.cursor.0).unwrap_or(u32::MAX);
        let before: String = self.line(line).chars().take(self.cursor.1).collect();
        let wide = width(&(self.shown)(&before));
        let column = GUTTER + wide % room;
        (u16::try_from(column).unwrap_or(u16::MAX), u16::try_from(wide / room).unwrap_or(0))
    }
}
