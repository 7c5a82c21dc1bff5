//! A question with two answers: do it, or leave it.

use ratatui::layout::{Position, Rect};

use super::{Layer, Told, centred, foot, inside};
use crate::app::App;
use crate::input::{Code, Key, Mouse};
use crate::ui::pane::Frame;
use crate::ui::text::{Pen, Role, Run, wrap_words};

/// A question. Nothing happens until it is answered.
pub struct Ask {
    title: String,
    question: String,
    verb: &'static str,
    act: Box<dyn FnOnce(&mut App)>,
    small: Option<&'static str>,
}

impl Ask {
    /// A question whose answer `verb` does `act`; Esc leaves everything as it is.
    pub fn new(
        title: impl Into<String>,
        question: impl Into<String>,
        verb: &'static str,
        act: impl FnOnce(&mut App) + 'static,
    ) -> Self {
        Self { title: title.into(), question: question.into(), verb, act: Box::new(act), small: None }
    }

    /// The question as one line of a screen that is too small for more: `q` does it there, and Esc leaves it.
    #[must_use]
    pub fn small(self, line: &'static str) -> Self {
        Self { small: Some(line), ..self }
    }

    fn lines(&self, area: Rect) -> Vec<Vec<Run>> {
        let room = usize::from(area.width.min(64)).saturating_sub(4);
        wrap_words(&[Run::new(self.question.as_str(), Role::Text)], room)
    }

    fn keys(&self) -> [(&str, &str); 2] {
        [("Enter", self.verb), ("Esc", "leave it")]
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

    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        foot::key_at(mouse, inside(outer(app.area(), &self.lines(app.area()))), &self.keys())
    }

    fn told(&self, _: &App, _: usize) -> Told {
        Told::Question { question: self.question.clone(), verb: self.verb.into() }
    }

    fn unseen(&self) -> (&'static str, Code) {
        self.small.map_or(("Esc closes what is open.", Code::Esc), |line| (line, Code::Enter))
    }

    fn view(&self, _: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let lines = self.lines(area);
        let outer = outer(area, &lines);
        let inner = inside(outer);
        pen.within(outer).clear();
        Frame { title: &self.title, focus: true, framed: true, ..Frame::default() }.draw(pen, outer, inner);
        let mut text = pen.within(inner);
        for (y, line) in (0..).zip(&lines) {
            text.runs(1, y, line);
        }
        foot::draw(&mut text, &self.keys());
        Some(Position::new(inner.x + 1, inner.y + inner.height.saturating_sub(1)))
    }
}

/// Where the question is drawn, with its frame.
fn outer(area: Rect, lines: &[Vec<Run>]) -> Rect {
    centred(area, 64, u16::try_from(lines.len() + 4).unwrap_or(u16::MAX))
}
