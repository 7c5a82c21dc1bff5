//! A pasted block of several lines: shown before anything is done with it, and never sent by itself.

use ratatui::layout::{Position, Rect};

use crate::app::App;
use crate::dialogue::phase::Phase;
use crate::input::{Code, Key, Paste};
use crate::layer::Layer;
use crate::layer::list::Choice;
use crate::screen::session::layout::Pane;
use crate::ui::remote;
use crate::ui::text::{Pen, Role, clip};

use super::{keys, place, window};

/// A pasted block.
pub struct Pasted {
    paste: Paste,
    choice: Choice,
}

/// What may be done with a block, safest first.
const CHOICES: [&str; 3] = [
    "offer the lines one by one: Enter sends each",
    "put the first line into the Send pane, forget the rest",
    "keep all of it as the letter, for DATA",
];

impl Pasted {
    /// A pasted block.
    pub fn new(paste: Paste) -> Self {
        Self { paste, choice: Choice::default() }
    }

    fn act(&self, app: &mut App) {
        let mut lines = self.paste.lines().map(str::to_owned);
        app.room.focus = Pane::Send;
        let composer = &mut app.room.composer;
        match self.choice.selected {
            0 | 1 => {
                composer.line.set(&lines.next().unwrap_or_default());
                composer.touched();
                composer.queue = if self.choice.selected == 0 { lines.collect() } else { Vec::new() };
            }
            _ => {
                let taken = composer.letter.insert(&self.paste.text);
                let phase = app.room.session(&app.model).map(|session| session.dialogue().phase());
                app.say(match (taken, phase) {
                    (false, _) => "The text is too large for the editor; send it from a file instead.",
                    (true, Some(Phase::Content)) => "The text is in the letter.",
                    (true, _) => "The text waits as the letter; it shows when the server has answered DATA with 354.",
                });
            }
        }
    }
}

impl Layer for Pasted {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        match key.code {
            Code::Esc => return None,
            Code::Enter => {
                self.act(app);
                return None;
            }
            _ => drop(self.choice.key(key, CHOICES.len(), CHOICES.len())),
        }
        Some(self)
    }

    fn paste(self: Box<Self>, paste: &Paste, _: &mut App) -> Option<Box<dyn Layer>> {
        Some(Box::new(Self::new(paste.clone())))
    }

    fn view(&self, _: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let count = self.paste.lines().count();
        let title = format!("Pasted: {count} lines, nothing is sent yet");
        let inner = window(pen, area, 76, area.height.saturating_sub(4).min(20), &title, "");
        let mut pen = pen.within(inner);
        let room = pen.width().saturating_sub(3);
        let ascii = pen.ascii();
        let choices = u16::try_from(CHOICES.len()).unwrap_or(0);
        let shown = inner.height.saturating_sub(choices + 4);
        for (line, y) in self.paste.lines().zip(0..shown) {
            pen.put(2, y, &clip(&remote::shown(line), room, ascii), Role::Text);
        }
        if count > usize::from(shown) {
            pen.put(2, shown, &format!("({} lines more)", count - usize::from(shown)), Role::Quiet);
        }
        if self.paste.removed > 0 {
            let text = match self.paste.removed {
                1 => "1 control character was taken out.".to_owned(),
                removed => format!("{removed} control characters were taken out."),
            };
            pen.right(shown, &text, Role::Problem);
        }
        let mut cursor = place(inner, 0, 0);
        for ((index, choice), y) in CHOICES.iter().enumerate().zip(shown + 2..) {
            let selected = index == self.choice.selected;
            let mark = if ascii { ">" } else { "▸" };
            pen.put(0, y, if selected { mark } else { " " }, Role::Text);
            pen.put(2, y, &clip(choice, room, ascii), Role::Text);
            if selected {
                pen.select(y);
                cursor = place(inner, 0, y);
            }
        }
        keys(&mut pen, &[("Enter", "do it"), ("Esc", "forget the text")]);
        cursor
    }
}
