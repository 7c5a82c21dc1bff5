//! A list from which one line is chosen.

use ratatui::layout::{Position, Rect};

use crate::app::App;
use crate::input::{Code, Key, Mouse};
use crate::layer::list::Choice;
use crate::layer::{Layer, Told, centred, foot, inside};
use crate::ui::text::{Pen, Role, Run, wrap_words};

use super::{arrows, item, place, window};

/// A line of the list and what choosing it does.
pub struct Item {
    /// The line; fit to be shown.
    pub text: String,
    /// Does it.
    pub act: Box<dyn FnOnce(&mut App)>,
}

impl Item {
    /// A line.
    pub fn new(text: impl Into<String>, act: impl FnOnce(&mut App) + 'static) -> Self {
        Self { text: text.into(), act: Box::new(act) }
    }
}

/// A list from which one line is chosen.
pub struct Picker {
    title: &'static str,
    /// What it is about, above the list.
    about: Vec<Run>,
    items: Vec<Item>,
    choice: Choice,
}

impl Picker {
    /// A list; Esc leaves everything as it is.
    pub fn new(title: &'static str, items: Vec<Item>) -> Self {
        Self { title, about: Vec::new(), items, choice: Choice::default() }
    }

    /// With words above the list.
    #[must_use]
    pub fn about(mut self, about: Vec<Run>) -> Self {
        self.about = about;
        self
    }

    /// With another line selected at first.
    #[must_use]
    pub fn at(mut self, selected: usize) -> Self {
        self.choice.selected = selected.min(self.items.len().saturating_sub(1));
        self
    }

    /// With another text for the first line.
    #[must_use]
    pub fn first(mut self, text: String) -> Self {
        if let Some(first) = self.items.first_mut() {
            first.text = text;
        }
        self
    }

    /// With one more line at the end.
    #[must_use]
    pub fn and(mut self, item: Item) -> Self {
        self.items.push(item);
        self
    }

    fn parts(&self, area: Rect) -> Parts {
        let room = usize::from(area.width.min(76)).saturating_sub(4);
        let about = if self.about.is_empty() { Vec::new() } else { wrap_words(&self.about, room) };
        let gap = u16::from(!about.is_empty());
        let above = u16::try_from(about.len()).unwrap_or(0) + gap;
        let wanted = u16::try_from(self.items.len()).unwrap_or(u16::MAX).saturating_add(above + 4);
        let outer = centred(area, 76, wanted.min(area.height.saturating_sub(2)));
        let inner = inside(outer);
        let height = inner.height.saturating_sub(above + 2).max(1);
        Parts { about, outer, list: Rect { y: inner.y + above, height, ..inner } }
    }
}

/// How a list is laid out.
struct Parts {
    /// The words above it.
    about: Vec<Vec<Run>>,
    /// The whole, with its frame.
    outer: Rect,
    /// Where the lines are drawn.
    list: Rect,
}

fn keys(ascii: bool) -> [(&'static str, &'static str); 3] {
    [(arrows(ascii), "choose"), ("Enter", "take it"), ("Esc", "leave it")]
}

impl Layer for Picker {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        let len = self.items.len();
        match key.code {
            Code::Esc => return None,
            Code::Enter => {
                if self.choice.selected < len {
                    let item = self.items.swap_remove(self.choice.selected);
                    (item.act)(app);
                }
                return None;
            }
            Code::Char('j') => drop(self.choice.key(Key::plain(Code::Down), len, 10)),
            Code::Char('k') => drop(self.choice.key(Key::plain(Code::Up), len, 10)),
            _ => drop(self.choice.key(key, len, 10)),
        }
        Some(self)
    }

    /// A click beside it does nothing: it may be a question that has just come, and the click was meant for what lay there.
    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        let Parts { outer, list, .. } = self.parts(app.area());
        let key = foot::key_at(mouse, inside(outer), &keys(app.settings.ascii));
        key.or_else(|| self.choice.mouse(mouse, list, self.items.len()))
    }

    fn told(&self, _: &App, _: usize) -> Told {
        let title = Run::new(format!("{}. ", self.title), Role::Heading);
        let about = std::iter::once(title).chain(self.about.iter().cloned()).collect();
        Told::Choice { about, items: self.items.iter().map(|item| item.text.clone()).collect() }
    }

    fn view(&self, _: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let Parts { about, outer, list } = self.parts(area);
        let inner = window(pen, outer, self.title);
        let above = list.y - inner.y;
        let mut pen = pen.within(inner);
        for (line, y) in about.iter().zip(0..) {
            pen.runs(1, y, line);
        }
        let page = usize::from(list.height);
        let first = self.choice.first(self.items.len(), page);
        let mut cursor = place(inner, 0, above);
        for ((index, line), y) in self.items.iter().enumerate().skip(first).take(page).zip(above..) {
            if item(&mut pen, y, &line.text, index == self.choice.selected) {
                cursor = place(inner, 0, y);
            }
        }
        let keys = keys(pen.ascii());
        foot::draw(&mut pen, &keys);
        cursor
    }
}
