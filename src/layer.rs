//! Overlays: palette, menu, help, dialogs. A stack above the screen; the top one has the keys.

pub mod ask;
pub mod help;
pub mod list;
pub mod menu;
pub mod palette;

use ratatui::layout::{Position, Rect};

use crate::app::App;
use crate::input::{Key, Paste};
use crate::tape::Moment;
use crate::ui::text::Pen;

/// Something that lies on the screen and has the keys.
pub trait Layer {
    /// Takes a key. What comes back lies on the screen from now on; `None` takes the layer away. Layers that the key
    /// opens lie above what comes back.
    fn key(self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>>;

    /// Takes a pasted text.
    fn paste(self: Box<Self>, paste: &Paste, app: &mut App) -> Option<Box<dyn Layer>>;

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
