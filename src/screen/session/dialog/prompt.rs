//! One line of text is asked for. What is wrong with it is said here, and nothing typed is lost.

use ratatui::layout::{Position, Rect};
use tui_input::{Input, InputRequest};

use crate::app::App;
use crate::input::{Code, Key, Mouse, Paste};
use crate::layer::{Layer, Told, centred, foot, inside};
use crate::smtp::flaw::FlawKind;
use crate::ui::remote;
use crate::ui::text::{Pen, Role, Run, width, wrap_words};

use super::{place, window};

/// A question for one line of text.
pub struct Prompt {
    title: &'static str,
    hint: &'static str,
    verb: &'static str,
    input: Input,
    wrong: Option<String>,
    submit: Submit,
}

/// Takes the answer, or says what is wrong with it.
type Submit = Box<dyn Fn(&mut App, &str) -> Result<(), String>>;

impl Prompt {
    /// A question; `submit` takes the answer or says what is wrong with it.
    pub fn new(
        title: &'static str,
        hint: &'static str,
        verb: &'static str,
        submit: impl Fn(&mut App, &str) -> Result<(), String> + 'static,
    ) -> Self {
        Self { title, hint, verb, input: Input::default(), wrong: None, submit: Box::new(submit) }
    }

    /// With a text to begin with.
    #[must_use]
    pub fn with(mut self, text: impl Into<String>) -> Self {
        self.input = self.input.with_value(text.into());
        self
    }

    /// With what is wrong with that text.
    #[must_use]
    pub fn wrong(mut self, why: String) -> Self {
        self.wrong = Some(why);
        self
    }

    fn keys(&self) -> [(&'static str, &'static str); 2] {
        [("Enter", self.verb), ("Esc", "leave it")]
    }

    /// The hint below the text, or what is wrong with it.
    fn below(&self, area: Rect) -> Vec<Vec<Run>> {
        let (text, role) = match &self.wrong {
            Some(why) => (remote::shown(why), Role::Problem),
            None => (self.hint.to_owned(), Role::Quiet),
        };
        wrap_words(&[Run::new(text, role)], room(area))
    }
}

/// Cells for the text in a line.
fn room(area: Rect) -> usize {
    usize::from(area.width.min(72)).saturating_sub(4)
}

/// Where the question is drawn, with its frame.
fn outer(area: Rect, below: &[Vec<Run>]) -> Rect {
    centred(area, 72, u16::try_from(below.len()).unwrap_or(1).saturating_add(5))
}

/// One editing key of a single-line input; false if the key is none.
pub(super) fn edit(input: &mut Input, key: Key) -> bool {
    let request = match (key.typed(), key.code, key.ctrl) {
        (Some(character), ..) => InputRequest::InsertChar(character),
        (None, Code::Backspace, false) => InputRequest::DeletePrevChar,
        (None, Code::Delete, false) => InputRequest::DeleteNextChar,
        (None, Code::Left, false) => InputRequest::GoToPrevChar,
        (None, Code::Right, false) => InputRequest::GoToNextChar,
        (None, Code::Home, false) | (None, Code::Char('a'), true) => InputRequest::GoToStart,
        (None, Code::End, false) | (None, Code::Char('e'), true) => InputRequest::GoToEnd,
        (None, Code::Char('w'), true) => InputRequest::DeletePrevWord,
        (None, Code::Char('u'), true) => InputRequest::DeleteLine,
        (None, Code::Char('k'), true) => InputRequest::DeleteTillEnd,
        _ => return false,
    };
    input.handle(request);
    true
}

/// Puts a pasted text into a single-line input; or says why not. A line break inside a value would make a second command
/// of the rest, so such a text is not taken, not even without its breaks.
pub(super) fn insert(input: &mut Input, paste: &Paste) -> Result<(), String> {
    let line = paste.line().ok_or_else(|| {
        format!(
            "The pasted text holds a line break; it would become a second command. Nothing was taken. [{}]",
            FlawKind::LineBreakInField.id()
        )
    })?;
    for character in line.chars().filter(|character| !character.is_control()) {
        input.handle(InputRequest::InsertChar(character));
    }
    Ok(())
}

impl Layer for Prompt {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        match key.code {
            Code::Esc => return None,
            Code::Enter => match (self.submit)(app, self.input.value()) {
                Ok(()) => return None,
                Err(why) => self.wrong = Some(why),
            },
            _ => {
                edit(&mut self.input, key);
                self.wrong = None;
            }
        }
        Some(self)
    }

    fn paste(&mut self, paste: &Paste, _: &mut App) -> bool {
        self.wrong = insert(&mut self.input, paste).err();
        true
    }

    fn told(&self, _: &App, _: usize) -> Told {
        let hint = self.wrong.as_deref().map_or_else(|| self.hint.to_owned(), remote::shown);
        Told::Line { title: self.title.into(), hint, text: remote::shown(self.input.value()) }
    }

    /// A click beside it does nothing: what was typed would be lost.
    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        foot::key_at(mouse, inside(outer(app.area(), &self.below(app.area()))), &self.keys())
    }

    fn view(&self, _: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let room = room(area);
        let below = self.below(area);
        let inner = window(pen, outer(area, &below), self.title);
        let mut pen = pen.within(inner);
        let before: String = self.input.value().chars().take(self.input.cursor()).collect();
        let shift = width(&remote::shown(&before)).saturating_sub(room.saturating_sub(3));
        let shown: String = remote::shown(self.input.value()).chars().skip(shift).collect();
        pen.put(1, 0, ">", Role::Key);
        pen.put(3, 0, &shown, Role::Text);
        for (line, y) in below.iter().zip(1..) {
            pen.runs(1, y, line);
        }
        foot::draw(&mut pen, &self.keys());
        place(inner, 3 + width(&remote::shown(&before)) - shift, 0)
    }
}
