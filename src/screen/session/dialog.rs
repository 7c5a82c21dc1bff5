//! The dialogs of the session screen: layers that ask for a text, offer a list, or show something to read.

pub mod compare;
pub mod connect;
pub mod decide;
pub mod file;
pub mod guests;
pub mod lab_mail;
pub mod lab_state;
pub mod letters;
pub mod login;
pub mod map;
pub mod message;
pub mod pasted;
pub mod picker;
pub mod prompt;
pub mod reader;

use ratatui::layout::{Position, Rect};

use crate::layer::{centred, inside};
use crate::ui::pane::Frame;
use crate::ui::text::{Pen, Role};

/// Clears the place of a dialog, frames it, and gives the place inside.
fn window(pen: &mut Pen<'_>, outer: Rect, title: &str) -> Rect {
    let inner = inside(outer);
    pen.within(outer).clear();
    Frame { title, focus: true, framed: true, ..Frame::default() }.draw(pen, outer, inner);
    inner
}

/// The place of a dialog that shows a text, with its frame.
fn page(area: Rect) -> Rect {
    centred(area, 90, area.height.saturating_sub(2))
}

/// The arrows as a key of the last line.
fn arrows(ascii: bool) -> &'static str {
    if ascii { "Up Down" } else { "↑↓" }
}

/// Draws a line of a list at `y`, the selected one with a mark before it and on a ground of its own; gives back whether
/// it is that.
fn item(pen: &mut Pen<'_>, y: u16, text: &str, selected: bool) -> bool {
    let mark = if pen.ascii() { ">" } else { "▸" };
    pen.put(0, y, if selected { mark } else { " " }, Role::Text);
    pen.put(2, y, text, Role::Text);
    if selected {
        pen.select(y);
    }
    selected
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
