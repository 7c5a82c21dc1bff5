//! Overlays: palette, menu, help, dialogs. A stack above the screen; the top one has the keys.

pub mod ask;
pub mod foot;
pub mod help;
pub mod list;
pub mod menu;
pub mod palette;
pub mod told;

pub use told::Told;

use ratatui::layout::{Position, Rect};

use crate::app::App;
use crate::input::{Act, Code, Key, Mouse, NOTCH, Paste};
use crate::tape::Moment;
use crate::ui::text::{Pen, width};

/// Something that lies on the screen and has the keys.
pub trait Layer {
    /// Takes a key. What comes back lies on the screen from now on; `None` takes the layer away. Layers that the key
    /// opens lie above what comes back.
    fn key(self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>>;

    /// Takes a pasted text; false if it has no place for one.
    fn paste(&mut self, _: &Paste, _: &mut App) -> bool {
        false
    }

    /// Takes the mouse. It may select and scroll; whatever else a click does is a key, which comes back and is pressed:
    /// nothing is done by mouse alone.
    fn mouse(&mut self, _: Mouse, _: &App) -> Option<Key> {
        None
    }

    /// What is said of it where the screen is too small to draw it, and the key that `q` is there. It gets no other one but
    /// Esc: what nobody sees is not answered.
    fn unseen(&self) -> (&'static str, Code) {
        ("Esc closes what is open.", Code::Esc)
    }

    /// True once it has nothing more to show or to ask: it goes by itself.
    fn is_over(&self, _: &App) -> bool {
        false
    }

    /// What it is where there is no screen; `room` columns are there for a line.
    fn told(&self, _: &App, _room: usize) -> Told {
        Told::Form
    }

    /// True while what is typed is not to be seen.
    fn hides_typing(&self) -> bool {
        false
    }

    /// When it will look different by itself; `None` while it will not.
    fn wake(&self) -> Option<Moment> {
        None
    }

    /// Draws itself; says where the terminal's cursor belongs.
    fn view(&self, app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position>;
}

/// A rectangle of a given size in the middle of `area`, as large as fits.
pub fn centred(area: Rect, columns: u16, lines: u16) -> Rect {
    let (width, height) = (columns.min(area.width), lines.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// What a frame leaves inside.
pub fn inside(outer: Rect) -> Rect {
    Rect {
        x: outer.x + 1.min(outer.width),
        y: outer.y + 1.min(outer.height),
        width: outer.width.saturating_sub(2),
        height: outer.height.saturating_sub(2),
    }
}

/// Where the mouse is.
pub fn place_of(mouse: Mouse) -> Position {
    Position::new(mouse.column, mouse.line)
}

/// Esc for a click beside a layer. Only for one that is looked at and holds nothing of the user's: a click that was meant
/// for what lay there before must not answer a question, nor lose a text.
pub fn beside(mouse: Mouse, outer: Rect) -> Option<Key> {
    (mouse.act == Act::Press && !outer.contains(place_of(mouse))).then_some(Key::plain(Code::Esc))
}

/// Esc for a click on the words at the right end of a frame, if they end in `words`.
pub fn esc_in_heading(mouse: Mouse, outer: Rect, words: &str) -> Option<Key> {
    let right = outer.right().saturating_sub(3);
    let left = right.saturating_sub(u16::try_from(width(words)).unwrap_or(u16::MAX));
    let hit = mouse.act == Act::Press && mouse.line == outer.y && (left..right).contains(&mouse.column);
    hit.then_some(Key::plain(Code::Esc))
}

/// The first line of a text, after the wheel was turned over it; `last` is the last one that may be first.
pub fn wheeled(first: usize, mouse: Mouse, last: usize) -> usize {
    let Act::Wheel(notches) = mouse.act else { return first };
    let lines = isize::try_from(notches.saturating_mul(NOTCH)).unwrap_or(0);
    first.saturating_add_signed(lines).min(last)
}
