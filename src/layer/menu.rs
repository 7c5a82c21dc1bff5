//! The menu: what the letters behind `Esc` do. Disabled entries stay in their places, with the reason.
//!
//! It has the keys at once and is drawn after a moment, or on a second `Esc`: it never stands in the way of a hand that
//! knows the letter. It does not go away by itself.

use std::time::Duration;

use ratatui::layout::{Position, Rect};

use super::{Layer, beside, esc_in_heading, inside, place_of};
use crate::app::App;
use crate::command::{self, Availability, Command, Keymap};
use crate::input::{Act, Code, Key, Mouse};
use crate::tape::Moment;
use crate::ui::pane::Frame;
use crate::ui::text::{Pen, Role, clip};

/// How long a hand that knows the letter needs at most.
const PATIENCE: Duration = Duration::from_millis(300);
/// The fewest columns of cells that an entry takes.
const NARROW: u16 = 18;
/// The most of them.
const WIDE: u16 = 44;

/// What the heading says of Esc.
const BACK: &str = "Esc back";

/// The menu behind `Esc`.
#[derive(Debug, Clone, Copy)]
pub struct Menu {
    /// From when on it is drawn.
    shown: Moment,
}

impl Menu {
    /// The menu, called at `now`.
    pub fn new(now: Moment) -> Self {
        Self { shown: now.after(PATIENCE) }
    }

    fn entries(keymap: &Keymap) -> Vec<(char, &'static Command)> {
        let mut entries: Vec<_> =
            command::all().filter_map(|command| Some((keymap.menu_letter(command)?, command))).collect();
        entries.sort_by_key(|(letter, _)| (!letter.is_alphabetic(), letter.to_ascii_lowercase(), *letter));
        entries
    }
}

impl Layer for Menu {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        if key == Key::plain(Code::Esc) && app.now() < self.shown {
            self.shown = app.now();
            return Some(self);
        }
        if matches!(key.code, Code::Esc | Code::Enter) {
            return None;
        }
        let with_alt = key.with_alt();
        let (keymap, contexts) = (&app.settings.keymap, app.contexts());
        let found = keymap.resolve(&contexts, with_alt).or_else(|| keymap.resolve(&contexts, key));
        match found {
            Some(command) => app.call(command),
            None => app.say(format!("{key} does nothing here; Esc and ? shows what does")),
        }
        None
    }

    /// A click on an entry is its letter.
    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        if app.now() < self.shown {
            return None;
        }
        let entries = Self::entries(&app.settings.keymap);
        let grid = Grid::of(entries.len(), app.area());
        let entry = grid.index(mouse).and_then(|index| entries.get(index));
        let letter = entry.map(|(letter, _)| Key::char(*letter));
        letter.or_else(|| esc_in_heading(mouse, grid.outer, BACK)).or_else(|| beside(mouse, grid.outer))
    }

    fn unseen(&self) -> (&'static str, Code) {
        ("q leaves, Esc stays.", Code::Char('q'))
    }

    fn wake(&self) -> Option<Moment> {
        Some(self.shown)
    }

    fn view(&self, app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        if app.now() < self.shown {
            return None;
        }
        let entries = Self::entries(&app.settings.keymap);
        let Grid { outer, lines, column } = Grid::of(entries.len(), area);
        let inner = inside(outer);
        pen.within(outer).clear();
        let more = "Alt-letter works from anywhere";
        Frame { title: "Menu", more, right: BACK, focus: true, framed: true }.draw(pen, outer, inner);
        let mut pen = pen.within(inner);
        for (index, (letter, command)) in entries.iter().enumerate() {
            let (place, line) = (index / lines, index % lines);
            let x = place * usize::from(column);
            let y = u16::try_from(line).unwrap_or(u16::MAX);
            pen.put(x + 1, y, &letter.to_string(), Role::Key);
            let (text, role) = match (command.when)(app) {
                Availability::Yes => (command.title.to_owned(), Role::Text),
                Availability::No(why) => (format!("{}: {why}", command.title), Role::Quiet),
            };
            let ascii = pen.ascii();
            pen.put(x + 3, y, &clip(&text, usize::from(column).saturating_sub(4), ascii), role);
        }
        Some(Position::new(inner.x, inner.y))
    }
}

/// Where the entries stand: column by column.
struct Grid {
    /// The whole, with its frame.
    outer: Rect,
    /// Entries in a column; at least one.
    lines: usize,
    /// Cells of an entry.
    column: u16,
}

impl Grid {
    fn of(entries: usize, area: Rect) -> Self {
        let columns = columns(entries, area);
        let lines = entries.div_ceil(usize::from(columns)).max(1);
        let column = (area.width.saturating_sub(2) / columns).min(WIDE);
        let height = u16::try_from(lines + 2).unwrap_or(u16::MAX).min(area.height);
        let width = (columns * column + 2).min(area.width);
        // At the lower right, where the hand is.
        let y = area.bottom().saturating_sub(height + 1).max(area.y);
        Self { outer: Rect { x: area.right() - width, y, width, height }, lines, column }
    }

    /// The number of the entry that a click hits.
    fn index(&self, mouse: Mouse) -> Option<usize> {
        let inner = inside(self.outer);
        if mouse.act != Act::Press || !inner.contains(place_of(mouse)) {
            return None;
        }
        let place = (mouse.column - inner.x).checked_div(self.column)?;
        let line = usize::from(mouse.line - inner.y);
        (line < self.lines).then(|| usize::from(place) * self.lines + line)
    }
}

/// As few columns as the height allows: a wide column has room for the reason why something cannot be called.
fn columns(entries: usize, area: Rect) -> u16 {
    let most = (area.width.saturating_sub(4) / NARROW).clamp(1, 3);
    let fits = |columns: &u16| entries.div_ceil(usize::from(*columns)) + 4 <= usize::from(area.height);
    (2..most).find(fits).unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_hit_where_it_stands_and_nothing_beside_it() {
        let entries = Menu::entries(&Keymap::default()).len();
        for area in [Rect::new(0, 0, 60, 16), Rect::new(0, 0, 80, 24), Rect::new(0, 0, 160, 48)] {
            let grid = Grid::of(entries, area);
            let inner = inside(grid.outer);
            for index in 0..entries {
                let (column, line) = (index / grid.lines, index % grid.lines);
                let x = inner.x + u16::try_from(column).expect("a column") * grid.column;
                let y = inner.y + u16::try_from(line).expect("a line");
                let hit = |column| grid.index(Mouse { act: Act::Press, column, line: y });
                let shown = (y < inner.bottom()).then_some(index);
                assert_eq!((hit(x), hit(x + grid.column - 1)), (shown, shown), "{index} on {area:?}");
            }
            let Rect { x, y, .. } = grid.outer;
            assert_eq!(grid.index(Mouse { act: Act::Press, column: x, line: y }), None, "the frame");
        }
    }
}
