//! What would lie on the screen is told, and the next line answers it.

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;

use super::{Linear, SCREEN};
use crate::app::App;
use crate::input::{Input, Key, Paste};
use crate::layer::Told;
use crate::ui::linear::{in_words, number, plain, undrawn};
use crate::ui::text::Pen;

impl App {
    /// What lies on top, where there is no screen; `room` columns are there for a line.
    pub(super) fn told(&self, room: usize) -> Option<Told> {
        self.layers.last().map(|layer| layer.told(self, room))
    }

    /// True while what is typed is not to be seen.
    pub(super) fn hides_typing(&self) -> bool {
        self.layers.last().is_some_and(|layer| layer.hides_typing())
    }

    /// What the top layer draws, without frames.
    fn drawn(&self) -> Vec<String> {
        let Some(layer) = self.layers.last() else { return Vec::new() };
        drawn(self, |app, area, pen| {
            layer.view(app, area, pen);
            area
        })
    }
}

/// What is drawn on a screen of its own, as lines without frames; `draw` says which part of it is meant.
pub(super) fn drawn(app: &App, draw: impl FnOnce(&App, Rect, &mut Pen<'_>) -> Rect) -> Vec<String> {
    let area = Rect::new(0, 0, SCREEN.0, SCREEN.1);
    let mut buffer = Buffer::empty(area);
    let look = app.settings.look();
    let mut pen = Pen::new(&mut buffer, area, &look);
    let part = draw(app, area, &mut pen);
    let lines = buffer.content.chunks(usize::from(area.width)).skip(part.y.into()).take(part.height.into());
    let of_line =
        |line: &[Cell]| line.iter().skip(part.x.into()).take(part.width.into()).map(Cell::symbol).collect::<String>();
    undrawn(lines.map(of_line))
}

impl Linear {
    /// Tells what lies on top, if it is new or has changed.
    pub(super) fn look_at_layer(&mut self, app: &mut App) {
        let Some(told) = app.told(self.room()) else { return self.layer.clear() };
        if let Told::Text(lines) = told {
            self.out.extend(undrawn(lines.iter().map(|line| plain(line))));
            app.layers.pop();
            return self.look_at_layer(app);
        }
        let lines = match told {
            Told::Choice { about, items } => {
                let count = format!("{} Choose one of {}:", in_words(&plain(&about)), number(items.len()));
                let items = items
                    .iter()
                    .zip(1..)
                    .map(|(item, place)| format!("{place}: {}", undrawn([item.clone()]).join(" ")));
                std::iter::once(format!("question: {count}")).chain(items).collect()
            }
            Told::Line { title, hint, text } => {
                let there = if text.is_empty() { String::new() } else { format!(" An empty line takes {text}.") };
                vec![format!("question: {title}. {}{there}", in_words(&hint))]
            }
            Told::Question { question, verb } => {
                vec![format!("question: {question} Say yes to {verb}; anything else leaves it.")]
            }
            Told::Form | Told::Text(_) => {
                let mut lines = app.drawn();
                if let Some(title) = lines.first_mut() {
                    title.insert_str(0, "form: ");
                }
                lines.push(
                    "answer: a text for the field, the name of a key as Tab or Esc, or an empty line for Enter.".into(),
                );
                lines
            }
        };
        if self.layer != lines {
            self.out.extend(lines.iter().cloned());
            self.layer = lines;
        }
    }

    /// Answers what lies on top.
    pub(super) fn answer(&mut self, app: &mut App, line: &str) {
        let line = line.trim_end();
        match app.told(self.room()) {
            Some(Told::Choice { items, .. }) => self.choose(app, line, items.len()),
            Some(Told::Line { text, .. }) => {
                if line.is_empty() && text.is_empty() {
                    return Self::press(app, "Esc");
                }
                if !line.is_empty() {
                    Self::press(app, "Ctrl-U");
                    Self::paste(app, line);
                }
                // The same question again says what was wrong.
                self.layer.clear();
                Self::press(app, "Enter");
            }
            Some(Told::Question { verb, .. }) => {
                let yes = ["yes", "y", verb.as_str()].iter().any(|word| line.eq_ignore_ascii_case(word));
                Self::press(app, if yes { "Enter" } else { "Esc" });
            }
            Some(Told::Form | Told::Text(_)) => {
                let is_key = |line: &str| line.chars().count() > 1;
                match line.parse::<Key>() {
                    _ if line.is_empty() => Self::press(app, "Enter"),
                    Ok(key) if is_key(line) => app.input(Input::Key(key)),
                    _ => Self::paste(app, line),
                }
            }
            None => {}
        }
    }

    fn choose(&mut self, app: &mut App, line: &str, count: usize) {
        if line.is_empty() {
            return Self::press(app, "Esc");
        }
        match line.parse::<usize>() {
            Ok(place) if (1..=count).contains(&place) => {
                Self::press(app, "Home");
                for _ in 1..place {
                    Self::press(app, "Down");
                }
                Self::press(app, "Enter");
            }
            _ => self.out.push(format!("problem: type a number from 1 to {count}; an empty line leaves it.")),
        }
    }

    /// Types a text where the keys go.
    fn paste(app: &mut App, text: &str) {
        for character in text.chars().filter(|character| !character.is_control()) {
            app.input(Input::Key(Key::char(character)));
        }
    }
}

impl App {
    /// Gives a text to the top layer as one paste.
    pub(super) fn paste_on_top(&mut self, text: &str) {
        if let Some(top) = self.layers.len().checked_sub(1) {
            self.paste_into(top, &Paste::new(text));
        }
    }
}
