//! The message form: the header at the left, the envelope beside it, below them the text or the letter as it will go.

use ratatui::layout::{Position, Rect};
use tui_input::Input;

use crate::app::App;
use crate::input::{Act, Code, Key, Mouse, Paste};
use crate::layer::{Layer, centred, foot, inside, place_of, wheeled};
use crate::screen::session::Room;
use crate::screen::session::events::letter_step;
use crate::screen::session::letter::Step;
use crate::screen::session::message::{Cell, Content, Form, Ground, beside};
use crate::smtp::limits::Limits;
use crate::ui::letter::{LetterView, on_the_wire};
use crate::ui::remote;
use crate::ui::text::{Pen, Role, Run, clip, width, wrap_words};

use super::prompt::{edit, insert};
use super::{arrows, place, window};

/// The message form.
pub struct Write {
    cell: Cell,
    /// What is wrong.
    said: Option<String>,
    /// The first line of the letter that is shown.
    top: usize,
}

/// The column of the cells.
const COLUMN: usize = 10;
/// The first line below the cells.
const BELOW: u16 = 9;

impl Write {
    /// Opens the form on the shown session, as it was left.
    pub fn show(app: &mut App) {
        app.room.begin_message();
        app.open(Box::new(Self { cell: Cell::Content, said: None, top: 0 }));
    }

    fn keys(&self, form: &Form) -> [(&'static str, &'static str); 4] {
        let write = "into the letter";
        match self.cell {
            Cell::Text => [("Enter", "new line"), ("Ctrl-D", write), ("Tab", "next"), ("Esc", "leave it")],
            Cell::Files if !form.path.value().trim().is_empty() => {
                [("Enter", "add the file"), ("Ctrl-D", write), ("Tab", "next"), ("Esc", "leave it")]
            }
            _ => [("Enter", write), ("Tab", "next"), ("PageDown", "read on"), ("Esc", "leave it")],
        }
    }

    /// A key of the cell that has the keys.
    fn typed(&mut self, key: Key, form: &mut Form, ground: &Ground) {
        let accepts = matches!(key.code, Code::Right | Code::End)
            && form.input(self.cell).is_some_and(|it| it.value().is_empty());
        match (self.cell, key.code) {
            (Cell::Text, _) => {
                if let Some(step) = letter_step(key).filter(|_| key.typed().is_none() || form.text.room() >= 4) {
                    form.text.edit(step);
                }
            }
            (_, Code::PageDown) => self.top = (self.top + 5).min(last_top(form, ground)),
            (_, Code::PageUp) => self.top = self.top.saturating_sub(5),
            (Cell::Content, Code::Down | Code::Right) => form.turn(ground, false),
            (Cell::Content, Code::Up | Code::Left) => form.turn(ground, true),
            (_, Code::Down) => self.cell = form.next(self.cell, false),
            (_, Code::Up) => self.cell = form.next(self.cell, true),
            (Cell::Html, Code::Left | Code::Right | Code::Char(' ')) => form.html = !form.html,
            (Cell::Files, Code::Backspace) if form.path.value().is_empty() => drop(form.files.pop()),
            _ => {
                let suggested = form.suggested(self.cell, ground).to_owned();
                if let Some(input) = form.input_mut(self.cell) {
                    if accepts {
                        *input = Input::new(suggested);
                    } else {
                        edit(input, key);
                    }
                }
            }
        }
    }

    /// Enter, where it does not begin a line. True if the letter was written.
    fn submit(&mut self, app: &mut App) -> bool {
        let path = app.room.message.path.value().trim().to_owned();
        if self.cell == Cell::Files && !path.is_empty() {
            self.add(app, &path);
            return false;
        }
        match Room::write_message(app) {
            Ok(()) => true,
            Err(why) => {
                self.said = Some(why);
                false
            }
        }
    }

    fn add(&mut self, app: &mut App, path: &str) {
        if app.room.message.reading.is_some() {
            self.said = Some("A file is being read already.".into());
            return;
        }
        // In base64 four octets stand for three.
        let taken: usize = app.room.message.files.iter().map(|file| file.octets.len()).sum();
        let most = (Limits::default().edited / 4 * 3).saturating_sub(taken);
        Room::attach(app, path, u64::try_from(most).unwrap_or(u64::MAX));
    }

    /// What stands in a cell.
    fn value(&self, cell: Cell, form: &Form, ground: &Ground, ascii: bool) -> Vec<Run> {
        match cell {
            Cell::Content => {
                let (name, about) = form.content.words();
                vec![Run::new(name, Role::Text), Run::new(format!("   {about}"), Role::Quiet)]
            }
            Cell::Html if form.html => vec![Run::new("as HTML too: two parts, the reader chooses", Role::Text)],
            Cell::Html => vec![Run::new("as text alone", Role::Ghost)],
            Cell::Files => files(form, self.cell == cell, ascii),
            _ => {
                let typed = form.input(cell).map_or("", Input::value);
                if typed.is_empty() {
                    vec![Run::new(remote::shown(form.suggested(cell, ground)), Role::Ghost)]
                } else {
                    remote::runs(typed.as_bytes(), Role::Text, ascii)
                }
            }
        }
    }

    /// One line: what is wrong, or how header and envelope differ.
    fn remark(&self, form: &Form, ground: &Ground) -> Option<(String, Role)> {
        let wrong = self.said.clone().or_else(|| form.complaint.clone()).or_else(|| form.letter(ground).err());
        let wrong = wrong.map(|wrong| (format!("! {wrong}"), Role::Problem));
        wrong.or_else(|| form.difference(ground).map(|text| (text, Role::Note)))
    }

    /// What stands below the cells, where that is not the own text.
    fn below(&self, form: &Form, ground: &Ground, room: usize, ascii: bool) -> Vec<Vec<Run>> {
        if self.cell == Cell::Content {
            return Content::all().map(|content| listed(content, form.content == content, ground, ascii)).collect();
        }
        form.letter(ground).map(|letter| on_the_wire(&letter, room, remote::shown)).unwrap_or_default()
    }
}

/// The last line of the letter that may be the first one shown.
fn last_top(form: &Form, ground: &Ground) -> usize {
    form.letter(ground).map_or(0, |letter| letter.lines().count())
}

/// The files, and the path of one more.
fn files(form: &Form, active: bool, ascii: bool) -> Vec<Run> {
    if let Some(path) = &form.reading {
        return vec![Run::new(format!("reading {}", remote::shown(path)), Role::Wait)];
    }
    let names: Vec<_> =
        form.files.iter().map(|file| format!("{} ({} bytes)", remote::shown(&file.name), file.octets.len())).collect();
    if !form.path.value().is_empty() {
        return remote::runs(form.path.value().as_bytes(), Role::Text, ascii);
    }
    match (names.is_empty(), active) {
        (true, true) => vec![Run::new("the path of a file", Role::Ghost)],
        (true, false) => vec![Run::new("none", Role::Ghost)],
        (false, true) => {
            vec![Run::new(names.join(", "), Role::Text), Run::new("  Backspace takes one away", Role::Ghost)]
        }
        (false, false) => vec![Run::new(names.join(", "), Role::Text)],
    }
}

/// A line of the list of contents.
fn listed(content: Content, chosen: bool, ground: &Ground, ascii: bool) -> Vec<Run> {
    let sign = match (chosen, ascii) {
        (true, false) => "▸ ",
        (true, true) => "> ",
        (false, _) => "  ",
    };
    let (name, about) = content.words();
    let about = if ground.allows(content) { about } else { "only to the lab and to this machine: it sets off alarms" };
    vec![Run::new(format!("{sign}{name:<22}"), Role::Heading), Run::new(about, Role::Text)]
}

/// The words before a cell.
const fn label(cell: Cell) -> &'static str {
    match cell {
        Cell::From => "From",
        Cell::To => "To",
        Cell::Cc => "Cc",
        Cell::Subject => "Subject",
        Cell::Content | Cell::Text => "text",
        Cell::Html => "HTML",
        Cell::Files => "files",
    }
}

/// The line of a cell; the own text stands below them all.
fn line_of(cell: Cell) -> u16 {
    let above = Cell::ALL.into_iter().filter(|it| *it != Cell::Text).position(|it| it == cell);
    above.and_then(|line| u16::try_from(line).ok()).unwrap_or(BELOW)
}

impl Layer for Write {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        let sends = key.ctrl && key.code == Code::Char('d');
        match key.code {
            Code::Esc => return None,
            Code::Enter if self.cell != Cell::Text => return if self.submit(app) { None } else { Some(self) },
            _ if sends => {
                self.cell = Cell::Content;
                return if self.submit(app) { None } else { Some(self) };
            }
            _ => {}
        }
        self.said = None;
        let ground = Ground::of(app);
        let form = &mut app.room.message;
        form.complaint = None;
        match key.code {
            Code::Tab => self.cell = form.next(self.cell, false),
            Code::BackTab => self.cell = form.next(self.cell, true),
            Code::Enter => form.text.edit(Step::NewLine),
            _ => self.typed(key, form, &ground),
        }
        Some(self)
    }

    fn paste(&mut self, paste: &Paste, app: &mut App) -> bool {
        let form = &mut app.room.message;
        (self.said, form.complaint) = (None, None);
        if self.cell == Cell::Text {
            if !form.text.insert(&paste.text) {
                self.said = Some("The paste is too large for the editor; nothing of it was taken.".into());
            }
            return true;
        }
        let Some(input) = form.input_mut(self.cell) else { return false };
        self.said = insert(input, paste).err();
        true
    }

    /// A click gives a cell the keys, a second one turns it. The wheel moves the letter.
    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        let inner = inside(outer(app.area()));
        let at = place_of(mouse);
        if !inner.contains(at) {
            return None;
        }
        self.top = wheeled(self.top, mouse, last_top(&app.room.message, &Ground::of(app)));
        if mouse.act != Act::Press {
            return None;
        }
        let line = at.y - inner.y;
        if let Some(cell) = Cell::ALL.into_iter().find(|cell| line_of(*cell) == line && *cell != Cell::Text) {
            let again = self.cell == cell;
            self.cell = cell;
            return (again && matches!(cell, Cell::Content | Cell::Html)).then_some(Key::plain(Code::Right));
        }
        foot::key_at(mouse, inner, &self.keys(&app.room.message))
    }

    fn view(&self, app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let inner = window(pen, outer(area), "Write a letter");
        let ground = Ground::of(app);
        let form = &app.room.message;
        let mut pen = pen.within(inner);
        let (room, ascii) = (pen.width().saturating_sub(2), pen.ascii());
        // The envelope stands where the right half begins.
        let half = (pen.width() / 2).max(COLUMN + 18);
        for cell in Cell::ALL.into_iter().filter(|cell| *cell != Cell::Text) {
            let y = line_of(cell);
            let active = cell == self.cell || cell == Cell::Content && self.cell == Cell::Text;
            pen.put(1, y, label(cell), if active { Role::Key } else { Role::Quiet });
            pen.runs(COLUMN, y, &self.value(cell, form, &ground, ascii));
            if let Some(envelope) = beside(cell, &ground.envelope) {
                let text = clip(&envelope, pen.width().saturating_sub(half + 3), ascii);
                let blank = " ".repeat(pen.width().saturating_sub(half + 3 + width(&text)));
                let rule = if ascii { '|' } else { '│' };
                pen.put(half, y, &format!(" {rule} {text}{blank}"), Role::Quiet);
            }
        }
        if self.cell == Cell::Content {
            let keys = format!(" {} choose", arrows(ascii));
            pen.right(line_of(Cell::Content), &keys, Role::Key);
        }
        if let Some((remark, role)) = self.remark(form, &ground) {
            let lines = wrap_words(&[Run::new(remote::shown(&remark), role)], room);
            for (line, y) in lines.iter().zip(BELOW - 2..BELOW) {
                pen.runs(1, y, line);
            }
        }
        let last = pen.height().saturating_sub(2);
        let keys = self.keys(form);
        foot::draw(&mut pen, &keys);
        if self.cell == Cell::Text {
            return own_text(form, inner, last, &mut pen);
        }
        let lines = self.below(form, &ground, room, ascii);
        let height = usize::from(last.saturating_sub(BELOW));
        let top = self.top.min(lines.len().saturating_sub(height));
        for (line, y) in lines.iter().skip(top).zip(BELOW..last) {
            pen.runs(1, y, line);
        }
        let before: String =
            form.input(self.cell).map(|input| input.value().chars().take(input.cursor()).collect()).unwrap_or_default();
        place(inner, COLUMN + width(&remote::shown(&before)), line_of(self.cell))
    }
}

/// Draws the own text, being written; says where the cursor belongs.
fn own_text(form: &Form, inner: Rect, last: u16, pen: &mut Pen<'_>) -> Option<Position> {
    let view = LetterView {
        lines: form.text.lines(),
        cursor: form.text.cursor(),
        wire: false,
        armed: false,
        warning: None,
        shown: remote::shown,
    };
    let below = Rect { y: inner.y + BELOW, height: last.saturating_sub(BELOW), ..inner };
    let (column, line) = view.draw(&mut pen.within(below));
    place(below, column.into(), line)
}

/// Where the form is drawn, with its frame.
fn outer(area: Rect) -> Rect {
    centred(area, 100, area.height.saturating_sub(2).max(16))
}
