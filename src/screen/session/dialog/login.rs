//! The login form: a mechanism, who, and a secret; below them what goes over the wire and who can read it.
//!
//! With the keys on the mechanism, all of them are listed instead. The secret is typed at its end and shown only when
//! asked for, twice, for ten seconds; the lab's are public.

use std::time::Duration;

use ratatui::layout::{Position, Rect};
use tui_input::Input;

use crate::app::{App, Effect};
use crate::input::{Act, Code, Key, Mouse, Paste};
use crate::layer::{Layer, centred, foot, inside, place_of};
use crate::ports::net::{self, Authenticate, Request, SessionId};
use crate::screen::session::Room;
use crate::screen::session::login::{Cell, Form};
use crate::session::login::{Choice, Ground};
use crate::tape::Moment;
use crate::tape::mark::Mark;
use crate::ui::remote;
use crate::ui::text::{Pen, Role, Run, width, wrap_words};

use super::prompt::{edit, insert};
use super::{arrows, place, window};

/// The login form.
pub struct LogIn {
    session: SessionId,
    form: Form,
    cell: Cell,
    /// What is wrong, or what the next Enter will do.
    said: Option<String>,
    /// Enter was pressed and asked.
    asked: bool,
    reveal: Reveal,
}

/// Whether the secret is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reveal {
    No,
    /// The key was pressed once.
    Asked,
    Until(Moment),
}

/// How long a secret is shown.
const REVEALED: Duration = Duration::from_secs(10);
/// The column of the cells.
const COLUMN: usize = 13;
/// The line below the cells.
const BELOW: u16 = 6;

/// The keys in its last line.
const KEYS: [(&str, &str); 4] = [("Enter", "log in"), ("Tab", "next"), ("Ctrl-T", "show"), ("Esc", "leave it")];

impl LogIn {
    /// Opens the form on the shown session.
    pub fn show(app: &mut App) {
        let Some(session) = app.room.session(&app.model) else { return };
        let ground = Ground::of(session, &app.settings.lab_login);
        let host = session.target.host.to_ascii_lowercase();
        let known = app.room.logins.get(&host);
        let mut form = Form::new(&ground, known);
        if let Some(handed) = app.room.handed.as_ref().filter(|handed| handed.host == host) {
            form.take(handed);
        }
        let cell = if form.user.value().is_empty() && known.is_none() { Cell::User } else { Cell::Secret };
        let id = session.id;
        app.open(Box::new(Self { session: id, form, cell, said: None, asked: false, reveal: Reveal::No }));
    }

    /// Opens the form again, filled in with a login that the network did not take.
    pub fn show_again(app: &mut App, session: SessionId, wanted: &Authenticate) {
        let form = Form::of(wanted);
        app.open(Box::new(Self { session, form, cell: Cell::Secret, said: None, asked: false, reveal: Reveal::No }));
    }

    fn ground(&self, app: &App) -> Option<Ground> {
        app.model.session(self.session).map(|session| Ground::of(session, &app.settings.lab_login))
    }

    /// Enter: the login begins, or the form says why not. True if it begins.
    fn submit(&mut self, app: &mut App) -> bool {
        let Some(session) = app.model.session(self.session).filter(|session| session.is_open()) else {
            self.said = Some("The connection is over. Connect again; the form keeps what is in it.".into());
            return false;
        };
        let host = session.target.host.to_ascii_lowercase();
        let ground = Ground::of(session, &app.settings.lab_login);
        let wanted = match self.form.plan(&ground) {
            Ok(wanted) => wanted,
            Err(why) => {
                self.said = Some(why);
                return false;
            }
        };
        if let Some(question) = self.form.question(&ground).filter(|_| !self.asked) {
            (self.said, self.asked) = (Some(question), true);
            return false;
        }
        app.room.logins.insert(host, self.form.known());
        if let Some(session) = app.model.session_mut(self.session) {
            session.keep_secret(&wanted.login.secret);
        }
        app.emit(Effect::Net(Request::Do(self.session, net::Act::Authenticate(wanted))));
        Room::work(app, |room, desk| room.look(desk.model, |view, _| view.follow()));
        true
    }

    /// The key that shows the secret: the first press asks, the second shows it and leaves a mark on the tape.
    fn show_secret(&mut self, app: &mut App) {
        if self.reveal != Reveal::Asked {
            self.reveal = Reveal::Asked;
            self.said = Some("Ctrl-T again shows the secret for ten seconds, on this screen only.".into());
            return;
        }
        self.reveal = Reveal::Until(app.now().after(REVEALED));
        if let Some(session) = app.model.session_mut(self.session) {
            session.annotate(Mark::Revealed);
        }
        Room::work(app, |room, desk| room.refresh(desk.model));
    }

    fn is_revealed(&self, app: &App, ground: &Ground) -> bool {
        let until = if let Reveal::Until(until) = self.reveal { Some(until) } else { None };
        ground.suggested.is_some() || until.is_some_and(|until| until > app.now())
    }

    fn input(&mut self) -> Option<&mut Input> {
        match self.cell {
            Cell::ActAs => Some(&mut self.form.act_as),
            Cell::User => Some(&mut self.form.user),
            Cell::Mechanism | Cell::Secret | Cell::First => None,
        }
    }

    /// A key of the cell that has the keys.
    fn typed(&mut self, key: Key, ground: &Ground) {
        let accepts = matches!(key.code, Code::Right | Code::End);
        match (self.cell, key.code) {
            (Cell::Mechanism, Code::Down | Code::Right) => self.form.turn(ground, false),
            (Cell::Mechanism, Code::Up | Code::Left) => self.form.turn(ground, true),
            (_, Code::Down) => self.cell = self.cell.next(false),
            (_, Code::Up) => self.cell = self.cell.next(true),
            (Cell::First, Code::Left | Code::Right | Code::Char(' ')) => self.form.initial = !self.form.initial,
            (Cell::User, _) if accepts && self.form.suggested_user(ground).is_some() => {
                self.form.user = Input::new(self.form.suggested_user(ground).unwrap_or_default().to_owned());
            }
            (Cell::Secret, _) => self.secret(key),
            _ => {
                if let Some(input) = self.input() {
                    edit(input, key);
                }
            }
        }
    }

    fn secret(&mut self, key: Key) {
        match (key.typed(), key.code, key.ctrl) {
            (Some(character), ..) => self.push(character),
            (None, Code::Backspace, false) => self.form.secret.pop(),
            (None, Code::Char('u' | 'w'), true) => self.form.secret.clear(),
            _ => {}
        }
    }

    fn push(&mut self, character: char) {
        if !self.form.secret.push(character) {
            self.said = Some("The secret is as long as a login can carry; the rest was not taken.".into());
        }
    }

    /// What stands in a cell.
    fn value(&self, cell: Cell, ground: &Ground, reveal: bool, ascii: bool) -> Vec<Run> {
        let form = &self.form;
        let unused = || vec![Run::new(format!("{} has no place for it", form.mechanism), Role::Ghost)];
        let text = |text: &str, hint: &str| match text {
            "" => vec![Run::new(hint, Role::Ghost)],
            text => remote::runs(text.as_bytes(), Role::Text, ascii),
        };
        match cell {
            Cell::Mechanism => {
                let choice = ground.choices().into_iter().find(|choice| choice.mechanism == form.mechanism);
                choice.map(|choice| summary(&choice)).unwrap_or_default()
            }
            Cell::First if !form.uses(cell) => vec![Run::new("AUTH alone: the server speaks first", Role::Ghost)],
            Cell::First if form.initial => vec![Run::new("behind AUTH: one round trip less", Role::Text)],
            Cell::First => vec![Run::new("AUTH alone, then the answer to an empty 334", Role::Text)],
            Cell::ActAs if !form.uses(cell) && form.act_as.value().is_empty() => unused(),
            Cell::ActAs => text(form.act_as.value(), "for yourself"),
            Cell::User if !form.uses(cell) && form.user.value().is_empty() => unused(),
            Cell::User => text(form.user.value(), form.suggested_user(ground).unwrap_or_default()),
            Cell::Secret if !form.uses(cell) => unused(),
            Cell::Secret if reveal => text(form.secret.reveal(), form.suggested_secret(ground).unwrap_or_default()),
            Cell::Secret => vec![Run::new("*".repeat(form.secret.characters()), Role::Secret)],
        }
    }

    /// One line: what is wrong, or what is to be thought of.
    fn remark(&self, ground: &Ground) -> Option<String> {
        let padded = || {
            let text = "The secret begins or ends with a blank; that is sent too.";
            self.form.secret.is_padded().then(|| text.to_owned())
        };
        self.said.clone().or_else(padded).or_else(|| self.form.warning(ground))
    }

    /// What stands below the cells.
    fn below(&self, ground: &Ground, reveal: bool, room: usize) -> Vec<Vec<Run>> {
        if self.cell == Cell::Mechanism {
            return ground.choices().iter().map(|choice| self.listed(choice)).collect();
        }
        let mut lines = Vec::new();
        for line in self.form.lines(ground, reveal) {
            lines.extend(wrap_words(&line, room));
        }
        let readers = wrap_words(&self.form.readers(ground), room);
        [readers, vec![Vec::new()], lines].concat()
    }

    fn listed(&self, choice: &Choice) -> Vec<Run> {
        let sign = if choice.mechanism == self.form.mechanism { "▸ " } else { "  " };
        let (listed, role) = if choice.offered { ("offered", Role::Good) } else { ("not offered", Role::Quiet) };
        let why = if choice.doubtful { Role::Problem } else { Role::Text };
        vec![
            Run::new(format!("{sign}{:<19}", choice.mechanism.name()), Role::Heading),
            Run::new(format!("{listed:<12}"), role),
            Run::new(choice.why, why),
        ]
    }
}

/// The chosen mechanism in one line.
fn summary(choice: &Choice) -> Vec<Run> {
    let listed = if choice.offered { "offered" } else { "not offered" };
    vec![
        Run::new(choice.mechanism.name(), Role::Text),
        Run::new(format!("   {listed}: {}", choice.why), if choice.doubtful { Role::Problem } else { Role::Quiet }),
    ]
}

/// The words before a cell.
fn label(form: &Form, cell: Cell) -> &'static str {
    use crate::smtp::sasl::client::Mechanism::{Anonymous, OauthBearer, XOauth2};
    match (cell, form.mechanism) {
        (Cell::Mechanism, _) => "mechanism",
        (Cell::ActAs, _) => "act for",
        (Cell::User, Anonymous) => "trace text",
        (Cell::User, _) => "user name",
        (Cell::Secret, XOauth2 | OauthBearer) => "token",
        (Cell::Secret, _) => "password",
        (Cell::First, _) => "first line",
    }
}

impl Layer for LogIn {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        if key.code == Code::Esc {
            return None;
        }
        if key.ctrl && key.code == Code::Char('t') {
            self.show_secret(app);
            return Some(self);
        }
        if key.code == Code::Enter {
            return if self.submit(app) { None } else { Some(self) };
        }
        self.said = None;
        self.asked = false;
        if self.reveal == Reveal::Asked {
            self.reveal = Reveal::No;
        }
        match key.code {
            Code::Tab => self.cell = self.cell.next(false),
            Code::BackTab => self.cell = self.cell.next(true),
            _ => {
                if let Some(ground) = self.ground(app) {
                    self.typed(key, &ground);
                }
            }
        }
        Some(self)
    }

    /// A pasted secret often brings a line end along, which is no part of it.
    fn paste(&mut self, paste: &Paste, _: &mut App) -> bool {
        self.asked = false;
        let text = paste.text.trim_end_matches(['\r', '\n']);
        self.said = (text.len() < paste.text.len()).then(|| "A line end came with the paste and was left out.".into());
        match self.cell {
            Cell::Secret => text.chars().for_each(|character| self.push(character)),
            _ => match self.input() {
                Some(input) => self.said = insert(input, paste).err().or(self.said.take()),
                None => return false,
            },
        }
        true
    }

    /// A click gives a cell the keys, a second one turns it; one on the list takes a mechanism. One beside the form does
    /// nothing: what was typed would be lost.
    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        let inner = inside(outer(app.area()));
        let at = place_of(mouse);
        if mouse.act != Act::Press || !inner.contains(at) {
            return None;
        }
        let line = at.y - inner.y;
        if let Some(cell) = Cell::ALL.get(usize::from(line)).copied() {
            let again = self.cell == cell;
            self.cell = cell;
            return (again && matches!(cell, Cell::Mechanism | Cell::First)).then_some(Key::plain(Code::Right));
        }
        if let Some(index) = line.checked_sub(BELOW + 1).filter(|_| self.cell == Cell::Mechanism)
            && let Some(choice) = self.ground(app)?.choices().get(usize::from(index))
        {
            self.form.mechanism = choice.mechanism;
            self.asked = false;
            return None;
        }
        foot::key_at(mouse, inner, &KEYS)
    }

    fn wake(&self) -> Option<Moment> {
        if let Reveal::Until(until) = self.reveal { Some(until) } else { None }
    }

    fn hides_typing(&self) -> bool {
        self.cell == Cell::Secret
    }

    fn view(&self, app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let inner = window(pen, outer(area), "Log in");
        let ground = self.ground(app)?;
        let mut pen = pen.within(inner);
        let (room, ascii) = (pen.width().saturating_sub(2), pen.ascii());
        let reveal = self.is_revealed(app, &ground);
        for (cell, y) in Cell::ALL.into_iter().zip(0..) {
            pen.put(1, y, label(&self.form, cell), if cell == self.cell { Role::Key } else { Role::Quiet });
            pen.runs(COLUMN, y, &self.value(cell, &ground, reveal, ascii));
        }
        if self.cell == Cell::Mechanism {
            let keys = format!(" {} choose", arrows(ascii));
            pen.right(0, &keys, Role::Key);
        }
        if let Some(remark) = self.remark(&ground) {
            let lines = wrap_words(&[Run::new(format!("! {}", remote::shown(&remark)), Role::Problem)], room);
            for (line, y) in lines.iter().zip(BELOW - 1..=BELOW) {
                pen.runs(1, y, line);
            }
        }
        let last = pen.height().saturating_sub(2);
        for (line, y) in self.below(&ground, reveal, room).iter().zip(BELOW + 1..last) {
            pen.runs(1, y, line);
        }
        foot::draw(&mut pen, &KEYS);
        let (column, y) = self.cursor(reveal);
        place(inner, COLUMN + column, y)
    }
}

impl LogIn {
    /// Where the cursor stands, from the beginning of the cells.
    fn cursor(&self, reveal: bool) -> (usize, u16) {
        let y = Cell::ALL.iter().position(|cell| *cell == self.cell).and_then(|at| u16::try_from(at).ok());
        let input = match self.cell {
            Cell::ActAs => &self.form.act_as,
            Cell::User => &self.form.user,
            Cell::Secret if reveal => return (width(&remote::shown(self.form.secret.reveal())), 3),
            Cell::Secret => return (self.form.secret.characters(), 3),
            Cell::Mechanism | Cell::First => return (0, y.unwrap_or_default()),
        };
        let before: String = input.value().chars().take(input.cursor()).collect();
        (width(&remote::shown(&before)), y.unwrap_or_default())
    }
}

/// Where the form is drawn, with its frame.
fn outer(area: Rect) -> Rect {
    centred(area, 90, 22)
}
