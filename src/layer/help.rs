//! Help: the keys of the place where the person is, and on a second press those of the whole program. It is made from
//! the command tables, so it cannot be wrong.

use ratatui::layout::{Position, Rect};

use super::{Layer, beside, esc_in_heading, inside, wheeled};
use crate::app::App;
use crate::command::{self, Availability, Context};
use crate::input::{Code, Key, Mouse};
use crate::screen::session::Room;
use crate::ui::pane::Frame;
use crate::ui::text::{Pen, Role, Run, width, wrap_words};

/// The help pages.
#[derive(Debug, Clone)]
pub struct Help {
    contexts: Vec<Context>,
    whole: bool,
    first: usize,
}

/// What the signs of the screen mean, in words.
const SIGNS: &str = "Signs: C you (client), S server, · something that is not bytes, ✓ done, ✗ refused, ! problem, ~ added by \
                     ehlo on request, ▸ selected or here.";

/// What the heading says of Esc.
const CLOSES: &str = "Esc closes";

impl Help {
    /// Help for the place where the person is.
    pub fn new(app: &App) -> Self {
        Self { contexts: app.contexts(), whole: false, first: 0 }
    }

    fn lines(&self, app: &App, room: usize, ascii: bool) -> Vec<Vec<Run>> {
        let contexts: Vec<Context> = if self.whole { all_contexts(app) } else { self.contexts.clone() };
        let mut lines = Vec::new();
        for context in contexts {
            lines.extend(of_context(app, context, room, ascii));
        }
        lines.extend(wrap_words(&[Run::new(SIGNS, Role::Note)], room));
        lines
    }

    /// The last line that may be the first one shown.
    fn last(&self, app: &App) -> usize {
        let room = usize::from(app.size().0.saturating_sub(6));
        self.lines(app, room, false).len().saturating_sub(page(app))
    }
}

/// Lines that a page goes on: fewer than are seen.
fn page(app: &App) -> usize {
    usize::from(app.size().1.saturating_sub(6)).max(1)
}

/// Every context in which a key calls a command, in the order of the tables.
fn all_contexts(app: &App) -> Vec<Context> {
    let called = |context: &Context| command::all().any(|it| !app.settings.keymap.keys_in(it, *context).is_empty());
    Context::ALL.into_iter().filter(called).collect()
}

fn of_context(app: &App, context: Context, room: usize, ascii: bool) -> Vec<Vec<Run>> {
    let mut lines = vec![vec![Run::new(context.words(), Role::Heading)]];
    for command in command::all() {
        let keys = app.settings.keymap.keys_in(command, context).into_iter();
        let keys: Vec<String> = keys.map(|key| if ascii { key.ascii_name() } else { key.to_string() }).collect();
        if keys.is_empty() {
            continue;
        }
        let names = keys.join(" ");
        let gap = 16usize.saturating_sub(width(&names)).max(1);
        let mut text = command.about.to_owned();
        if let Availability::No(why) = (command.when)(app) {
            text = format!("{text} Not now: {why}.");
        }
        let wrapped = wrap_words(&[Run::new(text, Role::Text)], room.saturating_sub(18));
        for (index, line) in wrapped.into_iter().enumerate() {
            let mut runs = if index == 0 {
                vec![Run::new(format!("  {names}"), Role::Key), Run::new(" ".repeat(gap), Role::Text)]
            } else {
                vec![Run::new(" ".repeat(18), Role::Text)]
            };
            runs.extend(line);
            lines.push(runs);
        }
    }
    lines.push(Vec::new());
    lines
}

impl Layer for Help {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        let page = page(app);
        match key.code {
            // A second '?' is meant as text: the line to send begins with it.
            _ if key == Key::char('?') && !self.whole && self.contexts.contains(&Context::SendEmpty) => {
                Room::key(app, key);
                return None;
            }
            Code::F(1) | Code::Char('?') if !self.whole => {
                self.whole = true;
                self.first = 0;
            }
            Code::Esc | Code::Enter | Code::F(1) | Code::Char('?' | 'q') => return None,
            Code::Up | Code::Char('k') => self.first = self.first.saturating_sub(1),
            Code::Down | Code::Char('j') => self.first += 1,
            Code::PageUp => self.first = self.first.saturating_sub(page),
            Code::PageDown | Code::Char(' ') => self.first += page,
            Code::Home => self.first = 0,
            _ => {}
        }
        self.first = self.first.min(self.last(app));
        Some(self)
    }

    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        self.first = wheeled(self.first, mouse, self.last(app));
        let outer = inside(app.area());
        esc_in_heading(mouse, outer, CLOSES).or_else(|| beside(mouse, outer))
    }

    fn view(&self, app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let outer = inside(area);
        let inner = inside(outer);
        pen.within(outer).clear();
        let (title, more) =
            if self.whole { ("Help", "the whole program") } else { ("Help", "F1 again: the whole program") };
        let right = format!("↑↓ move  {CLOSES}");
        Frame { title, more, right: &right, focus: true, framed: true }.draw(pen, outer, inner);
        let ascii = pen.ascii();
        let mut pen = pen.within(inner);
        let lines = self.lines(app, pen.width().saturating_sub(2), ascii);
        let page = usize::from(pen.height());
        let first = self.first.min(lines.len().saturating_sub(page));
        for (y, line) in (0..pen.height()).zip(lines.iter().skip(first)) {
            pen.runs(1, y, line);
        }
        Some(Position::new(inner.x, inner.y))
    }
}
