//! The linear explorer: the same application without a screen. Lines go in, lines come out; nothing is ever redrawn.
//!
//! A line that is typed goes where the Send pane's would go, with the same questions before it. `:` and the name of a
//! command call it; `::` and `??` begin a line that is sent. What would lie on the screen as a layer is told instead,
//! and the next line answers it: the number of a choice, a value, yes or no, the name of a key.
//!
//! Who types nothing hears nothing but what the server does.

mod answer;
mod commands;
mod ending;
mod news;

use std::collections::VecDeque;

use super::{App, Effect, Msg};
use crate::command;
use crate::dialogue::phase::Phase;
use crate::input::Input;
use crate::ports::net::{Act, Request, SessionId};
use crate::screen::session::Room;
use crate::screen::session::layout::Pane;
use crate::screen::session::letter::Step;
use crate::session::{Session, State};
use crate::tape::{Moment, Side};
use crate::ui::linear::wrapped;

/// What layers are drawn on before they are told.
const SCREEN: (u16, u16) = (80, 60);
/// The most columns of what is laid out before it is told.
const WIDEST: usize = 200;
/// The fewest columns of a line.
const NARROWEST: usize = 20;

/// The linear explorer.
#[expect(clippy::struct_excessive_bools, reason = "each is something of its own")]
#[derive(Debug)]
pub struct Linear {
    /// Columns of a line.
    width: usize,
    /// True if a person types; else the lines come from a file or a program, and nobody can be asked.
    person: bool,
    /// The session whose rows are told, and how many of them were.
    told: Option<(SessionId, usize)>,
    /// Lines that a person typed and sees: they are not repeated when they leave.
    typed: VecDeque<String>,
    /// How many octets the client had sent when something was handed over that is to be written.
    handed: Option<(SessionId, u64)>,
    /// The session where a login by form is under way: its answers are given by themselves.
    logs_in: Option<SessionId>,
    /// What the top layer was when it was told last.
    layer: Vec<String>,
    /// True once it was said that nothing came in time.
    late: bool,
    /// Lines of the letter that were typed.
    letter_lines: usize,
    /// True while answers of the DNS are waited for that are told when all are there.
    looks_up: bool,
    /// Something was not done because nobody could be asked.
    refused: bool,
    /// Lines that are to be told.
    out: Vec<String>,
    /// Somebody else tells what the sessions say.
    silent: bool,
}

/// What is asked for at the beginning of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The words, a blank behind them.
    pub words: &'static str,
    /// True if what is typed is not to be seen.
    pub secret: bool,
}

impl Linear {
    /// An explorer with lines of so many columns; `person` says that somebody types.
    pub fn new(app: &mut App, width: usize, person: bool) -> Self {
        app.settings.ascii = true;
        app.size = SCREEN;
        Self {
            width: width.max(NARROWEST),
            person,
            told: None,
            typed: VecDeque::new(),
            handed: None,
            logs_in: None,
            layer: Vec::new(),
            late: false,
            letter_lines: 0,
            looks_up: false,
            refused: false,
            out: Vec::new(),
            silent: false,
        }
    }

    /// The same, where somebody else tells what the sessions say.
    #[must_use]
    pub fn without_rows(self) -> Self {
        Self { silent: true, ..self }
    }

    /// Takes a line that was typed, without its end; what is to be done in the world comes back.
    pub fn line(&mut self, app: &mut App, line: &str, now: Moment) -> Vec<Effect> {
        app.now = now;
        let at_command = !app.room.writes_letter(&app.model) && !is_in_login(app);
        match line.strip_prefix(':') {
            Some(name) if app.is_covered() && name.is_empty() => Self::press(app, "Esc"),
            Some(name) if !name.starts_with(':') && (at_command || app.is_covered()) => {
                while app.is_covered() {
                    app.layers.pop();
                }
                self.command(app, name.trim());
            }
            _ if app.is_covered() => self.answer(app, line),
            _ if at_command && line == "?" => self.command(app, "help"),
            _ => self.send(app, line),
        }
        self.look_at_layer(app);
        let effects = app.update(Msg::Tick, now);
        self.note(app, &effects);
        effects
    }

    /// Remembers what is to be written before the next line may go.
    fn note(&mut self, app: &App, effects: &[Effect]) {
        let acts = effects.iter().filter_map(|effect| match effect {
            Effect::Net(Request::Do(id, act)) => Some((*id, act)),
            _ => None,
        });
        for (id, act) in acts {
            if matches!(act, Act::Send(_) | Act::SendNow(_) | Act::Post(_) | Act::Authenticate(_)) {
                self.handed = app.model.session(id).map(|session| (id, session.octets(Side::Client)));
            }
            if matches!(act, Act::Authenticate(_)) {
                self.logs_in = Some(id);
            }
        }
    }

    /// True while a reply or the network is waited for, so that a line that was piped in waits too.
    pub fn is_busy(&self, app: &App) -> bool {
        if app.is_covered() {
            return false;
        }
        if app.room.focus == Pane::Dns && looks_up(app) {
            return true;
        }
        let Some(session) = app.room.session(&app.model) else { return false };
        match session.state() {
            State::Connecting => true,
            State::Failed(_) | State::Over => false,
            State::Open if session.awaits_trust() || session.awaits_patience() => false,
            State::Open => {
                let unwritten = self.handed == Some((session.id, session.octets(Side::Client)));
                let dialogue = session.dialogue();
                let between =
                    matches!(dialogue.phase(), Phase::Opening | Phase::Upgrading | Phase::Verdict | Phase::Closing);
                let logs_in = self.logs_in == Some(session.id) && dialogue.phase() == Phase::Sasl;
                unwritten || between || logs_in || dialogue.awaits_reply() || app.room.file_goes(&app.model)
            }
        }
    }

    /// What stands at the beginning of the next line.
    pub fn prompt(&self, app: &App) -> Prompt {
        let secret = app.hides_typing() || is_in_login(app) && !app.is_covered();
        let words = match (app.is_covered(), app.room.writes_letter(&app.model), secret) {
            (true, _, false) => "answer: ",
            (_, _, true) => "secret, not shown: ",
            (false, true, false) => "letter: ",
            (false, false, false) => "you: ",
        };
        Prompt { words, secret }
    }

    /// Tells a text of several lines.
    pub fn say_text(&mut self, about: &str, text: &str) {
        self.out.push(format!("note: {about}"));
        self.out.extend(text.lines().map(str::to_owned));
    }

    /// The columns for what is laid out before it is told: lines without an end have as many as a screen.
    fn room(&self) -> usize {
        if self.width > WIDEST { SCREEN.0.into() } else { self.width }
    }

    /// What is to be told, broken into lines.
    pub fn take(&mut self) -> Vec<String> {
        let width = self.width;
        std::mem::take(&mut self.out).iter().flat_map(|line| wrapped(line, width)).collect()
    }

    /// A line for the server, or for the letter.
    fn send(&mut self, app: &mut App, line: &str) {
        if app.room.writes_letter(&app.model) {
            return self.write(app, line);
        }
        self.letter_lines = 0;
        let line = ["::", "??"]
            .iter()
            .find(|double| line.starts_with(**double))
            .map_or(line, |_| line.get(1..).unwrap_or(line));
        let composer = &mut app.room.composer;
        if !line.is_empty() && composer.line.text() != line {
            composer.line.set(line);
            composer.touched();
        }
        let text = composer.line.text().to_owned();
        let session = app.room.session(&app.model);
        let secret = session.is_some_and(|it| it.hides_secrets() && app.room.composer.is_secret(it.dialogue()));
        self.warn(app);
        Self::enter(app);
        let (composer, session) = (&app.room.composer, app.room.session(&app.model));
        let stays = !composer.line.is_empty() || text.is_empty();
        let question = session.filter(|session| session.is_open() && stays).and_then(|it| composer.question(it));
        match question {
            // An empty line that was piped in was meant.
            Some(_) if !self.person && text.is_empty() => Self::enter(app),
            Some(question) if self.person => self.out.push(format!("problem: {question}")),
            Some(question) => {
                self.refused = true;
                self.out.push(format!("problem: not sent, for nobody can be asked here. {question} [policy/asks]"));
                app.room.composer.line.take();
            }
            // A secret is not kept; its line is told with its mask.
            None if self.person && !secret && !self.silent => self.typed.push_back(text),
            None => {}
        }
    }

    /// One line of warning goes before what is odd.
    fn warn(&mut self, app: &App) {
        let session = app.room.session(&app.model);
        let persona = crate::screen::session::room::persona(&app.settings, session);
        if let Some((text, _)) = app.room.composer.send(session, persona, false).warning {
            self.out.push(format!("problem: {text}"));
        }
    }

    fn enter(app: &mut App) {
        if let Some(command) = command::find("send.line") {
            app.call(command);
        }
    }

    /// A line of the letter; a lone dot ends it.
    fn write(&mut self, app: &mut App, line: &str) {
        if line == "." {
            self.letter_lines = 0;
            return Room::work(app, Room::send_letter);
        }
        let letter = &mut app.room.composer.letter;
        if self.letter_lines > 0 || !letter.is_empty() {
            letter.edit(Step::NewLine);
        }
        self.letter_lines += 1;
        if !letter.insert(line) {
            self.out.push("problem: the letter is as large as it can be here; the line was not taken.".into());
        }
    }

    /// Presses a key, as on a screen.
    fn press(app: &mut App, name: &str) {
        if let Ok(key) = name.parse() {
            app.input(Input::Key(key));
        }
    }
}

/// True while answers of the DNS panel are still to come.
fn looks_up(app: &App) -> bool {
    app.model.look_ups.panel().is_some_and(crate::dns::panel::Panel::is_waiting)
}

/// True while the answers of a login are typed by hand.
fn is_in_login(app: &App) -> bool {
    app.room.session(&app.model).is_some_and(|it: &Session| it.is_open() && it.dialogue().phase() == Phase::Sasl)
}
