//! A pasted block of several lines: shown before anything is done with it, and never sent by itself.

use ratatui::layout::{Position, Rect};

use crate::app::App;
use crate::dialogue::phase::Phase;
use crate::input::{Code, Key, Mouse, Paste};
use crate::layer::list::Choice;
use crate::layer::{Layer, centred, foot, inside};
use crate::screen::session::layout::Pane;
use crate::smtp::flaw::FlawKind;
use crate::ui::remote;
use crate::ui::text::{Pen, Role, clip};

use super::{place, window};

/// A pasted block.
pub struct Pasted {
    paste: Paste,
    choice: Choice,
}

/// What may be done with a block, safest first.
const CHOICES: [&str; 4] = [
    "offer the lines one by one: Enter sends each",
    "put the first line into the Send pane, forget the rest",
    "keep all of it as the letter, for DATA",
    "collect the lines as a batch, for one write",
];

/// The keys in its last line.
const KEYS: [(&str, &str); 2] = [("Enter", "do it"), ("Esc", "forget the text")];

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
            3 => {
                composer.queue.extend(lines);
                composer.batch.on = false;
                composer.toggle_batch();
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

    fn paste(&mut self, paste: &Paste, _: &mut App) -> bool {
        *self = Self::new(paste.clone());
        true
    }

    /// A click beside it does nothing: the text would be lost.
    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        let inner = inside(outer(app.area()));
        foot::key_at(mouse, inner, &KEYS).or_else(|| self.choice.mouse(mouse, list(inner), CHOICES.len()))
    }

    fn view(&self, _: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let count = self.paste.lines().count();
        let title = format!("Pasted: {count} lines. Nothing sent yet. [{}]", FlawKind::PastedLines.id());
        let inner = window(pen, outer(area), &title);
        let mut pen = pen.within(inner);
        let room = pen.width().saturating_sub(3);
        let ascii = pen.ascii();
        let list = list(inner);
        let shown = (list.y - inner.y).saturating_sub(2);
        for (line, y) in self.paste.lines().zip(0..shown) {
            pen.put(2, y, &clip(&remote::shown(line), room, ascii), Role::Text);
        }
        if count > usize::from(shown) {
            let left = count - usize::from(shown);
            let more = format!("({left} line{} more)", if left == 1 { "" } else { "s" });
            pen.put(2, shown, &more, Role::Quiet);
        }
        if self.paste.removed > 0 {
            let text = match self.paste.removed {
                1 => "1 control character was taken out.".to_owned(),
                removed => format!("{removed} control characters were taken out."),
            };
            pen.right(shown, &text, Role::Problem);
        }
        let mut cursor = place(inner, 0, 0);
        for ((index, choice), y) in CHOICES.iter().enumerate().zip(list.y - inner.y..) {
            let selected = index == self.choice.selected;
            let mark = if ascii { ">" } else { "▸" };
            pen.put(0, y, if selected { mark } else { " " }, Role::Text);
            pen.put(2, y, &clip(choice, room, ascii), Role::Text);
            if selected {
                pen.select(y);
                cursor = place(inner, 0, y);
            }
        }
        foot::draw(&mut pen, &KEYS);
        cursor
    }
}

/// Where the dialog is drawn, with its frame.
fn outer(area: Rect) -> Rect {
    centred(area, 76, area.height.saturating_sub(4).min(20))
}

/// Where the choices are drawn, below the text.
fn list(inner: Rect) -> Rect {
    let choices = u16::try_from(CHOICES.len()).unwrap_or(0);
    Rect { y: inner.y + inner.height.saturating_sub(choices + 4) + 2, height: choices, ..inner }
}
