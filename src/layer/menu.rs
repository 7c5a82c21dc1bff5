//! The menu: what the letters behind `Esc` do. Disabled entries stay in their places.

use ratatui::layout::{Position, Rect};

use super::{Layer, inside};
use crate::app::App;
use crate::command::{self, Availability, Command};
use crate::input::{Code, Key, Paste};
use crate::ui::pane::Frame;
use crate::ui::text::{Pen, Role, clip};

/// The menu behind `Esc`.
#[derive(Debug, Clone, Copy)]
pub struct Menu;

/// Columns that one entry takes.
const COLUMN: u16 = 25;

impl Menu {
    fn entries() -> Vec<(char, &'static Command)> {
        let mut entries: Vec<_> =
            command::all().filter_map(|command| Some((command.menu_letter()?, command))).collect();
        entries.sort_by_key(|(letter, _)| (!letter.is_alphabetic(), letter.to_ascii_lowercase(), *letter));
        entries
    }
}

impl Layer for Menu {
    fn key(self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        if matches!(key.code, Code::Esc | Code::Enter) {
            return None;
        }
        let with_alt = key.with_alt();
        let found = command::resolve(&app.contexts(), with_alt).or_else(|| command::resolve(&app.contexts(), key));
        match found {
            Some(command) => app.call(command),
            None => app.say(format!("{key} does nothing here; Esc and ? shows what does")),
        }
        None
    }

    fn paste(self: Box<Self>, _: &Paste, _: &mut App) -> Option<Box<dyn Layer>> {
        Some(self)
    }

    fn view(&self, app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let entries = Self::entries();
        let columns = (area.width.saturating_sub(4) / COLUMN).clamp(1, 3);
        let lines = entries.len().div_ceil(usize::from(columns));
        let height = u16::try_from(lines + 2).unwrap_or(u16::MAX).min(area.height);
        let width = (columns * COLUMN + 2).min(area.width);
        // At the lower right, where the hand is.
        let outer =
            Rect { x: area.right() - width, y: area.bottom().saturating_sub(height + 1).max(area.y), width, height };
        let inner = inside(outer);
        pen.within(outer).clear();
        let more = "Alt-letter works from anywhere";
        Frame { title: "Menu", more, right: "Esc back", focus: true, framed: true }.draw(pen, outer, inner);
        let mut pen = pen.within(inner);
        for (index, (letter, command)) in entries.iter().enumerate() {
            let (column, line) = (index / lines.max(1), index % lines.max(1));
            let x = column * usize::from(COLUMN);
            let y = u16::try_from(line).unwrap_or(u16::MAX);
            pen.put(x + 1, y, &letter.to_string(), Role::Key);
            let role = if (command.when)(app) == Availability::Yes { Role::Text } else { Role::Quiet };
            let ascii = pen.ascii();
            pen.put(x + 3, y, &clip(command.title, usize::from(COLUMN) - 4, ascii), role);
        }
        Some(Position::new(inner.x, inner.y))
    }
}
