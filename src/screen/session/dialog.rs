//! The dialogs of the session screen: layers that ask for a text, offer a list, or show something to read.

pub mod connect;
pub mod decide;
pub mod letters;
pub mod pasted;
pub mod picker;
pub mod prompt;
pub mod reader;

use ratatui::layout::{Position, Rect};

use crate::layer::{centred, inside};
use crate::ui::pane::Frame;
use crate::ui::text::{Pen, Role};

/// Clears a rectangle in the middle of the screen, frames it, and gives the place inside.
fn window(pen: &mut Pen<'_>, area: Rect, columns: u16, lines: u16, title: &str, right: &str) -> Rect {
    let outer = centred(area, columns, lines);
    let inner = inside(outer);
    pen.within(outer).clear();
    Frame { title, right, focus: true, framed: true, ..Frame::default() }.draw(pen, outer, inner);
    inner
}

/// Writes the keys of a dialog in its last line: `Enter connect   Esc leave it`.
fn keys(pen: &mut Pen<'_>, keys: &[(&str, &str)]) {
    let y = pen.height().saturating_sub(1);
    let mut x = 1;
    for (key, word) in keys {
        x = pen.put(x, y, key, Role::Key);
        x = pen.put(x + 1, y, word, Role::Text) + 3;
    }
}

/// A place inside a rectangle, kept inside it; nothing in an empty one.
fn place(inner: Rect, x: usize, y: u16) -> Option<Position> {
    let x = u16::try_from(x).unwrap_or(u16::MAX);
    let inside = Position::new(
        inner.x.saturating_add(x).min(inner.right().saturating_sub(1)),
        inner.y.saturating_add(y).min(inner.bottom().saturating_sub(1)),
    );
    inner.contains(inside).then_some(inside)
}
