//! A question with two answers: do it, or leave it.

use ratatui::layout::{Position, Rect};

use super::{Layer, centred};
use crate::app::App;
use crate::input::{Code, Key, Paste};
use crate::ui::pane::Frame;
use crate::ui::text::{Pen, Role, Run, wrap_words};

/// A question. Nothing happens until it is answered.
pub struct Ask {
    title: String,
    question: String,
    verb: &'static str,
    act: Box<dyn FnOnce(&mut App)>,
}

impl Ask {
    /// A question whose answer `verb` does `act`; Esc leaves everything as it is.
    pub fn new(
        title: impl Into<String>,
        question: impl Into<String>,
        verb: &'static str,
        act: impl FnOnce(&mut App) + 'static,
    ) -> Self {
        Self { title: title.into(), question: question.into(), verb, act: Box::new(act) }
    }
}

impl Layer for Ask {
    fn key(self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        match key.code {
            Code::Enter => {
                (self.act)(app);
                None
            }
            Code::Esc => None,
            _ => Some(self),
        }
    }

    fn paste(self: Box<Self>, _: &Paste, _: &mut App) -> Option<Box<dyn Layer>> {
        Some(self)
    }

    fn view(&self, _: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let room = usize::from(area.width.min(64)).saturating_sub(4);
        let lines = wrap_words(&[Run::new(self.question.as_str(), Role::Text)], room);
        let height = u16::try_from(lines.len() + 4).unwrap_or(u16::MAX);
        let outer = centred(area, 64, height);
        let inner = super::inside(outer);
        pen.within(outer).clear();
        Frame { title: &self.title, focus: true, framed: true, ..Frame::default() }.draw(pen, outer, inner);
        let mut text = pen.within(inner);
        for (y, line) in (0..).zip(&lines) {
            text.runs(1, y, line);
        }
        let y = inner.height.saturating_sub(1);
        let x = text.put(1, y, "Enter", Role::Key);
        let x = text.put(x + 1, y, self.verb, Role::Text);
        let x = text.put(x + 3, y, "Esc", Role::Key);
        text.put(x + 1, y, "leave it", Role::Text);
        Some(Position::new(inner.x + 1, inner.y + y))
    }
}
