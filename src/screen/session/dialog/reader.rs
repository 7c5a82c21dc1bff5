//! A long text to read: it scrolls, and it can be copied.

use ratatui::layout::{Position, Rect};

use crate::app::{App, Effect};
use crate::input::{Code, Key, Mouse};
use crate::layer::{Layer, Told, beside, foot, inside, wheeled};
use crate::ui::text::{Pen, Role, Run};

use super::{arrows, page, place, window};

/// A text to read.
pub struct Reader {
    title: String,
    lines: Box<dyn Fn(usize, bool) -> Vec<Vec<Run>>>,
    copy: String,
    more: Vec<More>,
    first: usize,
}

/// A key of a text's own.
struct More {
    key: &'static str,
    label: &'static str,
    act: Box<dyn Fn(&mut App)>,
}

impl Reader {
    /// A text: `lines` lays it out for some width, in ASCII or not; `copy` is what `y` copies.
    pub fn new(
        title: impl Into<String>,
        copy: impl Into<String>,
        lines: impl Fn(usize, bool) -> Vec<Vec<Run>> + 'static,
    ) -> Self {
        Self { title: title.into(), lines: Box::new(lines), copy: copy.into(), more: Vec::new(), first: 0 }
    }

    /// With a letter of its own, and what it does.
    #[must_use]
    pub fn with(mut self, key: &'static str, label: &'static str, act: impl Fn(&mut App) + 'static) -> Self {
        self.more.push(More { key, label, act: Box::new(act) });
        self
    }

    fn keys(&self, ascii: bool) -> Vec<(&'static str, &'static str)> {
        let copy = (!self.copy.is_empty()).then_some(("y", "copy"));
        let more = self.more.iter().map(|more| (more.key, more.label));
        [(arrows(ascii), "move"), ("Esc", "close")].into_iter().chain(copy).chain(more).collect()
    }

    /// The last line that may be the first one shown.
    fn last(&self, app: &App) -> usize {
        let room = usize::from(app.size().0.min(90)).saturating_sub(4);
        (self.lines)(room, false).len().saturating_sub(page_of(app))
    }
}

/// Lines that a page goes on.
pub(super) fn page_of(app: &App) -> usize {
    usize::from(app.size().1.saturating_sub(8)).max(1)
}

/// Moves the first line that is shown; false for a key that does not.
pub(super) fn scroll(first: &mut usize, key: Key, page: usize, last: usize) -> bool {
    *first = match key.code {
        Code::Down | Code::Char('j') => *first + 1,
        Code::Up | Code::Char('k') => first.saturating_sub(1),
        Code::PageDown | Code::Char(' ') => *first + page,
        Code::PageUp => first.saturating_sub(page),
        Code::Char('d') if key.ctrl => *first + page / 2,
        Code::Char('u') if key.ctrl => first.saturating_sub(page / 2),
        Code::Home | Code::Char('g') => 0,
        Code::End | Code::Char('G') => last,
        _ => return false,
    }
    .min(last);
    true
}

/// Draws lines from `first` on, and how many follow; the last two lines of the pen stay free.
pub(super) fn draw_lines(pen: &mut Pen<'_>, lines: &[Vec<Run>], first: usize) {
    let page = usize::from(pen.height().saturating_sub(2));
    let first = first.min(lines.len().saturating_sub(page));
    for (line, y) in lines.iter().skip(first).take(page).zip(0..) {
        pen.runs(1, y, line);
    }
    let below = lines.len().saturating_sub(first + page);
    if below > 0 {
        let y = pen.height().saturating_sub(2);
        pen.right(y, &format!("{below} more lines "), Role::Quiet);
    }
}

impl Layer for Reader {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        match key.code {
            Code::Esc | Code::Enter | Code::Char('q') => return None,
            Code::Char('y') if !self.copy.is_empty() => {
                app.emit(Effect::Copy(self.copy.clone()));
                app.say("Sent to the terminal's clipboard; some terminals ignore that.");
            }
            Code::Char(typed) if let Some(more) = self.more.iter().find(|more| more.key.chars().eq([typed])) => {
                (more.act)(app);
            }
            _ => {
                let last = self.last(app);
                scroll(&mut self.first, key, page_of(app), last);
            }
        }
        Some(self)
    }

    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        self.first = wheeled(self.first, mouse, self.last(app));
        let outer = page(app.area());
        foot::key_at(mouse, inside(outer), &self.keys(app.settings.ascii)).or_else(|| beside(mouse, outer))
    }

    fn told(&self, _: &App, room: usize) -> Told {
        if !self.more.is_empty() {
            // Its own keys are part of it.
            return Told::Form;
        }
        let title = vec![Run::new(self.title.as_str(), Role::Heading)];
        Told::Text(std::iter::once(title).chain((self.lines)(room, true)).collect())
    }

    fn view(&self, _: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let inner = window(pen, page(area), &self.title);
        let mut pen = pen.within(inner);
        let lines = (self.lines)(pen.width().saturating_sub(2), pen.ascii());
        draw_lines(&mut pen, &lines, self.first);
        let keys = self.keys(pen.ascii());
        foot::draw(&mut pen, &keys);
        place(inner, 0, 0)
    }
}
