//! The mailboxes of the lab: the letters that arrived, and one of them to read, raw or with its headers explained.

use ratatui::layout::{Position, Rect};

use crate::app::App;
use crate::input::{Code, Key, Mouse};
use crate::layer::list::Choice;
use crate::layer::{Layer, beside, foot, inside, wheeled};
use crate::ui::mailbox::{self, Reading};
use crate::ui::remote;
use crate::ui::text::{Pen, Role, Run, wrap_words};

use super::reader::{draw_lines, page_of, scroll};
use super::{page, place, window};

/// The letters that arrived, newest first.
#[derive(Default)]
pub struct Letters {
    choice: Choice,
    open: bool,
    reading: Reading,
    first: usize,
}

impl Letters {
    /// The newest letter, opened.
    pub fn newest() -> Self {
        Self { open: true, ..Self::default() }
    }

    /// This letter, counted from the newest, opened.
    pub fn at(newest: usize) -> Self {
        Self { choice: Choice::at(newest), open: true, ..Self::default() }
    }

    fn toggle(&mut self) {
        self.reading = self.reading.next();
        self.first = 0;
    }

    fn keys(&self) -> [(&'static str, &'static str); 2] {
        if self.open {
            return [("Tab", self.reading.next().words()), ("Esc", "all letters")];
        }
        [("Enter", "read"), ("Esc", "close")]
    }

    /// The last line of the open letter that may be the first one shown.
    fn last(&self, app: &App) -> usize {
        let room = usize::from(app.size().0.min(90)).saturating_sub(4);
        let letter = app.model.letters().iter().rev().nth(self.choice.selected);
        let lines = letter.map_or(0, |letter| mailbox::lines(letter, self.reading, room, remote::text).len());
        lines.saturating_sub(page_of(app))
    }
}

impl Layer for Letters {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        let len = app.model.letters().len();
        let page = page_of(app);
        if !self.open {
            match key.code {
                Code::Esc | Code::Char('q') => return None,
                Code::Enter if len > 0 => {
                    self.open = true;
                    self.first = 0;
                    app.room.read = true;
                }
                Code::Char('j') => drop(self.choice.key(Key::plain(Code::Down), len, page)),
                Code::Char('k') => drop(self.choice.key(Key::plain(Code::Up), len, page)),
                _ => drop(self.choice.key(key, len, page)),
            }
            return Some(self);
        }
        match key.code {
            Code::Esc | Code::Char('q') => self.open = false,
            Code::Tab | Code::Char('r') => self.toggle(),
            _ => {
                let last = self.last(app);
                scroll(&mut self.first, key, page, last);
            }
        }
        Some(self)
    }

    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        let outer = page(app.area());
        let inner = inside(outer);
        let key = foot::key_at(mouse, inner, &self.keys()).or_else(|| beside(mouse, outer));
        if key.is_some() {
            return key;
        }
        if self.open {
            self.first = wheeled(self.first, mouse, self.last(app));
            return None;
        }
        self.choice.mouse(mouse, list(inner), app.model.letters().len())
    }

    fn view(&self, app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let letters = app.model.letters();
        let chosen = letters.iter().rev().nth(self.choice.selected).filter(|_| self.open);
        let title = match chosen {
            Some(letter) => format!("Letter in {}", remote::shown(&letter.mailbox)),
            None if letters.len() == 1 => "Mailboxes of the lab, 1 letter".to_owned(),
            None => format!("Mailboxes of the lab, {} letters", letters.len()),
        };
        let inner = window(pen, page(area), &title);
        let mut pen = pen.within(inner);
        let (room, ascii) = (pen.width().saturating_sub(2), pen.ascii());
        if let Some(letter) = chosen {
            draw_lines(&mut pen, &mailbox::lines(letter, self.reading, room, remote::text), self.first);
            foot::draw(&mut pen, &self.keys());
            return place(inner, 0, 0);
        }
        let page = usize::from(list(inner).height);
        let first = self.choice.first(letters.len(), page);
        let mut cursor = place(inner, 0, 0);
        if letters.is_empty() {
            let words = "No letter has arrived yet. A letter arrives when the server says 250 after the dot.";
            for (line, y) in wrap_words(&[Run::new(words, Role::Quiet)], room).iter().zip(0..) {
                pen.runs(1, y, line);
            }
        }
        for ((index, letter), y) in letters.iter().rev().enumerate().skip(first).take(page).zip(0..) {
            pen.runs(2, y, &mailbox::entry(letter, room.saturating_sub(1), ascii, remote::text));
            if index == self.choice.selected {
                pen.put(0, y, if ascii { ">" } else { "▸" }, Role::Text);
                pen.select(y);
                cursor = place(inner, 0, y);
            }
        }
        foot::draw(&mut pen, &self.keys());
        cursor
    }
}

/// Where the letters are listed.
fn list(inner: Rect) -> Rect {
    Rect { height: inner.height.saturating_sub(2), ..inner }
}
