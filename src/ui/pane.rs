//! The frame of a pane: its number and name, what belongs to it, and tabs for panes that have no place of their own.
//!
//! ```text
//! ┌─ 3 Explain ─ 4 DNS 6 Caps ─┐        without frames:  ─ 3 Explain ─ 4 DNS 6 Caps ──────
//! ```

use ratatui::layout::Rect;

use super::text::{Pen, Role, clip, width};

/// What stands in the frame of a pane.
#[derive(Debug, Clone, Default)]
pub struct Frame<'a> {
    /// Number and name: `2 Transcript`.
    pub title: &'a str,
    /// Behind the name: tabs, or what the pane is about.
    pub more: &'a str,
    /// At the right end.
    pub right: &'a str,
    /// True if the pane has the keys.
    pub focus: bool,
    /// False to draw a heading line only.
    pub framed: bool,
}

/// The strokes of a frame.
struct Strokes {
    flat: &'static str,
    upright: &'static str,
    corners: [&'static str; 4],
}

const BOX: Strokes = Strokes { flat: "─", upright: "│", corners: ["┌", "┐", "└", "┘"] };
const ASCII: Strokes = Strokes { flat: "-", upright: "|", corners: ["+", "+", "+", "+"] };

impl Frame<'_> {
    /// Draws the frame around `outer`; without frames, the heading line and a bar where `inner` leaves room for one.
    pub fn draw(&self, pen: &mut Pen<'_>, outer: Rect, inner: Rect) {
        let mut pen = pen.within(outer);
        let strokes = if pen.ascii() { ASCII } else { BOX };
        let role = if self.focus { Role::Focus } else { Role::Frame };
        let last = pen.width().saturating_sub(1);
        let wide = pen.width();
        pen.repeat(0, 0, strokes.flat, wide, role);
        if self.framed {
            let bottom = pen.height().saturating_sub(1);
            pen.repeat(0, bottom, strokes.flat, wide, role);
            for y in 1..bottom {
                pen.repeat(0, y, strokes.upright, 1, role);
                pen.repeat(last, y, strokes.upright, 1, role);
            }
            for ((x, y), corner) in [(0, 0), (last, 0), (0, bottom), (last, bottom)].into_iter().zip(strokes.corners) {
                pen.repeat(x, y, corner, 1, role);
            }
        } else if inner.right() < outer.right() {
            for y in 1..pen.height() {
                pen.repeat(last, y, strokes.upright, 1, Role::Frame);
            }
        }
        self.head(&mut pen);
    }

    fn head(&self, pen: &mut Pen<'_>) {
        let ascii = pen.ascii();
        let room = pen.width().saturating_sub(4);
        let title = clip(self.title, room.saturating_sub(2), ascii);
        let mut x = pen.put(2, 0, &format!(" {title} "), if self.focus { Role::Focus } else { Role::Heading });
        let left = |x: usize| pen_room(room, x);
        if !self.more.is_empty() && left(x) >= 6 {
            let more = clip(self.more, left(x).saturating_sub(3), ascii);
            x = pen.put(x + 1, 0, &format!(" {more} "), Role::Quiet);
        }
        let needed = width(self.right) + 2;
        if !self.right.is_empty() && left(x) > needed {
            let at = pen.width().saturating_sub(needed + 2);
            pen.put(at, 0, &format!(" {} ", self.right), Role::Quiet);
        }
    }
}

/// Cells left in the top line behind column `x`.
fn pen_room(room: usize, x: usize) -> usize {
    (room + 2).saturating_sub(x)
}
