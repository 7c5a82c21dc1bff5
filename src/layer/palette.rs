//! The palette: any command by its name, with its key, what it does, and why it cannot be called now.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::{Position, Rect};
use tui_input::{Input, InputRequest};

use super::list::Choice;
use super::{Layer, beside, centred, foot, inside};
use crate::app::App;
use crate::command::{self, Availability, Command};
use crate::input::{Code, Key, Mouse, Paste};
use crate::screen::session::dialog::lab_mail;
use crate::ui::pane::Frame;
use crate::ui::text::{Pen, Role, Run, clip, width, wrap_words};

/// The keys in its last line.
const KEYS: [(&str, &str); 3] = [("Enter", "run"), ("↑↓", "choose"), ("Esc", "close")];

/// How long a time to let pass in the lab is begun: `clock 5d`.
const CLOCK: &str = "clock ";

/// The palette.
#[derive(Debug, Default)]
pub struct Palette {
    sought: Input,
    choice: Choice,
}

impl Palette {
    /// The commands that fit what was typed, the best first; all of them for an empty text.
    fn found(&self) -> Vec<&'static Command> {
        find(self.sought.value())
    }

    fn chosen(&self) -> Option<&'static Command> {
        self.found().get(self.choice.selected).copied()
    }

    fn edit(&mut self, request: InputRequest) {
        self.sought.handle(request);
        self.choice = Choice::default();
    }
}

/// The commands whose id or title fits a text; a full id is meant alone.
pub fn find(text: &str) -> Vec<&'static Command> {
    let id = if text.starts_with(CLOCK) { "clock.turn" } else { text };
    if let Some(command) = command::find(id) {
        return vec![command];
    }
    let pattern = Pattern::parse(text, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut found: Vec<_> = command::all()
        .filter_map(|command| {
            let haystack = format!("{} {}", command.title, command.id);
            Some((pattern.score(Utf32Str::new(&haystack, &mut buffer), &mut matcher)?, command))
        })
        .collect();
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, command)| command).collect()
}

impl Layer for Palette {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        let len = self.found().len();
        match key {
            Key { code: Code::Esc, .. } => return None,
            Key { code: Code::Enter, .. } => {
                // What goes with a command stands behind its name: `clock 5d`.
                if let Some(time) = self.sought.value().strip_prefix(CLOCK) {
                    if let Err(why) = lab_mail::pass(app, time) {
                        app.say(why);
                    }
                } else if let Some(command) = self.chosen() {
                    app.call(command);
                }
                return None;
            }
            // A second ':' is meant as text: the line to send begins with it.
            Key { code: Code::Char(':'), .. } if self.sought.value().is_empty() => {
                crate::screen::session::Room::key(app, key);
                return None;
            }
            Key { code: Code::Backspace, .. } => self.edit(InputRequest::DeletePrevChar),
            Key { code: Code::Char('u'), ctrl: true, .. } => self.edit(InputRequest::DeleteLine),
            key => {
                if let Some(char) = key.typed() {
                    self.edit(InputRequest::InsertChar(char));
                } else {
                    self.choice.key(key, len, 10);
                }
            }
        }
        Some(self)
    }

    fn paste(&mut self, paste: &Paste, _: &mut App) -> bool {
        for char in paste.text.chars().filter(|char| !char.is_control()) {
            self.edit(InputRequest::InsertChar(char));
        }
        true
    }

    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        let outer = outer(app.area());
        let inner = inside(outer);
        let len = self.found().len();
        let key = foot::key_at(mouse, inner, &KEYS).or_else(|| self.choice.mouse(mouse, list(inner), len));
        key.or_else(|| beside(mouse, outer).filter(|_| self.sought.value().is_empty()))
    }

    fn view(&self, app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let outer = outer(area);
        let inner = inside(outer);
        let found = self.found();
        pen.within(outer).clear();
        let right = format!("{} of {}", found.len(), command::all().count());
        Frame { title: "Commands", right: &right, focus: true, framed: true, ..Frame::default() }
            .draw(pen, outer, inner);
        let mut pen = pen.within(inner);
        pen.put(1, 0, ":", Role::Key);
        pen.put(3, 0, self.sought.value(), Role::Text);
        let page = usize::from(list(inner).height);
        let first = self.choice.first(found.len(), page);
        for (y, (index, command)) in (1..).zip(found.iter().enumerate().skip(first).take(page)) {
            line(&mut pen, y, app, command, index == self.choice.selected);
        }
        self.view_about(app, &mut pen);
        let x = u16::try_from(3 + self.sought.visual_cursor()).unwrap_or(u16::MAX);
        Some(Position::new(inner.x.saturating_add(x).min(inner.right().saturating_sub(1)), inner.y))
    }
}

impl Palette {
    fn view_about(&self, app: &App, pen: &mut Pen<'_>) {
        let Some(command) = self.chosen() else {
            let y = pen.height().saturating_sub(3);
            pen.put(1, y, "No command has such a name.", Role::Note);
            return;
        };
        let mut y = pen.height().saturating_sub(4);
        if let Availability::No(why) = (command.when)(app) {
            let ascii = pen.ascii();
            let text = clip(&format!("Not now: {why}."), pen.width().saturating_sub(2), ascii);
            pen.put(1, y, &text, Role::Problem);
        }
        y += 1;
        let room = pen.width().saturating_sub(2);
        for (line, y) in wrap_words(&[Run::new(command.about, Role::Note)], room).iter().take(2).zip(y..) {
            pen.runs(1, y, line);
        }
        foot::draw(pen, &KEYS);
    }
}

/// Where the palette is drawn, with its frame.
fn outer(area: Rect) -> Rect {
    centred(area, 74, area.height.saturating_sub(4).clamp(10, 24))
}

/// Where the commands are drawn.
fn list(inner: Rect) -> Rect {
    Rect { y: inner.y + 1.min(inner.height), height: inner.height.saturating_sub(6), ..inner }
}

fn line(pen: &mut Pen<'_>, y: u16, app: &App, command: &Command, selected: bool) {
    let ascii = pen.ascii();
    let key = app.settings.keymap.key(command, &app.contexts());
    let key = key.map(|key| if ascii { key.ascii_name() } else { key.to_string() }).unwrap_or_default();
    let role = if (command.when)(app) == Availability::Yes { Role::Text } else { Role::Quiet };
    let mark = if ascii { ">" } else { "▸" };
    pen.put(0, y, if selected { mark } else { " " }, Role::Text);
    let at = pen.width().saturating_sub(width(&key) + 1);
    let x = pen.put(2, y, &clip(command.title, 30, ascii), role);
    pen.put(x.max(33) + 1, y, &clip(command.id, at.saturating_sub(36), ascii), Role::Quiet);
    pen.put(at, y, &key, Role::Key);
    if selected {
        pen.select(y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_found_by_parts_of_its_name() {
        assert_eq!(find("quit").first().map(|command| command.id), Some("program.quit"));
        assert!(find("nxttheme").iter().any(|command| command.id == "theme.next"));
        assert!(find("zzzz").is_empty());
        assert_eq!(find("").len(), command::all().count());
    }
}
