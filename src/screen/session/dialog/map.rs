//! The map of a letter's way: choose a row, open the conversation behind it, turn the clock.

use ratatui::layout::{Position, Rect};

use crate::app::{App, Effect};
use crate::input::{Code, Key, Mouse};
use crate::layer::list::Choice;
use crate::layer::{Layer, foot};
use crate::ports::dns::Source;
use crate::ports::lab::Request;
use crate::ports::net::SessionId;
use crate::screen::session::Room;
use crate::screen::session::layout::Pane;
use crate::screen::session::replay::NOTHING_IS_SENT;
use crate::session::Session;
use crate::session::journey::{Journey, Opens, journeys};
use crate::ui::map::{self, Layout, SPEEDS};
use crate::ui::text::{Pen, Run, width};

use super::arrows;
use super::lab_mail::{LabMail, ask, five_minutes, skip};
use super::lab_state;
use super::letters::Letters;
use super::reader::Reader;

/// The place among the speeds of the clock at which it runs first: a minute in a second.
const MINUTE: usize = 2;

/// Keys that turn the clock or change a host.
const OF_THE_LAB: &[&str] = &["+", "5", "c", "Space", "f", "[ ]"];

/// Which letter is looked at, and which row of its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map {
    /// The letter's first id; the newest letter if there is none.
    letter: Option<String>,
    /// The selected row; the last one, whichever that is by now, if there is none.
    row: Option<usize>,
    /// The speed of the clock, by its place among [`SPEEDS`].
    speed: usize,
}

impl Default for Map {
    fn default() -> Self {
        Self { letter: None, row: None, speed: MINUTE }
    }
}

/// A conversation that was opened from the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visited {
    /// The conversation.
    shown: SessionId,
    /// What was shown before the map was opened.
    before: Option<SessionId>,
    /// The map as it was left.
    map: Map,
}

/// Opens the map: where it was left, if a conversation that it led to is shown, else at the newest letter.
pub fn open(app: &mut App) {
    let map = if is_from_map(app) { app.room.visited.as_ref().map(|visited| visited.map.clone()) } else { None };
    app.open(Box::new(map.unwrap_or_default()));
}

/// True while a conversation is shown that was opened from the map.
pub fn is_from_map(app: &App) -> bool {
    app.room.visited.as_ref().is_some_and(|visited| Some(visited.shown) == app.room.current)
}

impl Map {
    /// The letters, the newest first, and which of them is chosen.
    fn letters<'a>(&self, app: &'a App) -> (Vec<Journey<'a>>, usize) {
        let mut letters = journeys(&app.model.lab_mail);
        letters.reverse();
        let at = letters.iter().position(|letter| Some(letter.id) == self.letter.as_deref());
        (letters, at.unwrap_or_default())
    }

    /// The row of a way that is selected.
    fn row(&self, journey: Option<&Journey<'_>>) -> usize {
        let last = journey.map_or(0, |journey| journey.rows.len().saturating_sub(1));
        self.row.map_or(last, |row| row.min(last))
    }

    /// Does something with the map as it is drawn.
    fn with<T>(&self, app: &App, act: impl FnOnce(&map::Map<'_>) -> T) -> T {
        let (letters, at) = self.letters(app);
        let journey = letters.get(at);
        let place = (at + 1, letters.len());
        let (row, speed, real_time) = (self.row(journey), self.pace(), app.settings.card.is_some());
        let recorded = app.room.replay.is_some();
        act(&map::Map { model: &app.model, journey, place, row, speed, real_time, recorded })
    }

    fn pace(&self) -> u32 {
        SPEEDS.get(self.speed).copied().unwrap_or(1)
    }

    /// Sets the clock running, or lets it stand still again.
    fn run(&self, app: &mut App) {
        if app.settings.card.is_some() {
            return app.say("The clock of a served lab goes with the real time; + and 5 turn it on.");
        }
        let pace = if app.model.lab_mail.pace > 0 { 0 } else { self.pace() };
        app.emit(Effect::Lab(Request::Run(pace)));
    }

    /// Shows the DNS of the domain whose mail the host of the selected row takes; false if there is none.
    fn look_up(&self, app: &mut App) -> bool {
        let host = self.with(app, |map| map.host().map(str::to_owned));
        let hosts = app.model.lab_state.cast.iter().flat_map(|cast| &cast.hosts);
        let member = hosts.into_iter().find(|member| Some(&member.host) == host.as_ref());
        let Some(domain) = member.and_then(|member| member.domains.first().cloned()) else {
            app.say("No host of the lab takes mail here: choose a row with an arrow.");
            return false;
        };
        leave(app);
        // A domain of the lab's world is a name.
        Room::look_up(app, &domain, Source::Lab).is_ok()
    }

    /// Another speed, at once if the clock runs.
    fn hurry(&mut self, faster: bool, app: &mut App) {
        let last = SPEEDS.len() - 1;
        self.speed = if faster { (self.speed + 1).min(last) } else { self.speed.saturating_sub(1) };
        if app.model.lab_mail.pace > 0 {
            app.emit(Effect::Lab(Request::Run(self.pace())));
        }
    }

    /// Another letter: the next older or newer one.
    fn turn(&mut self, app: &App, older: bool) {
        let (letters, at) = self.letters(app);
        let count = letters.len().max(1);
        let at = if older { (at + 1) % count } else { (at + count - 1) % count };
        self.letter = letters.get(at).map(|letter| letter.id.to_owned());
        self.row = None;
    }

    /// Selects a row.
    fn select(&mut self, choice: Choice, len: usize) {
        // Whoever stands on the last row goes along with what happens.
        self.row = Some(choice.selected).filter(|row| row + 1 < len);
    }

    /// What Enter opens; the layer goes where a conversation comes.
    fn enter(self: Box<Self>, app: &mut App) -> Option<Box<dyn Layer>> {
        let opens = self.with(app, |map| {
            let row = map.journey?.rows.get(map.row)?;
            Some((map.model.opens(row), row.leads_to().is_some()))
        });
        match opens {
            Some((Some(Opens::Session(id)), _)) => {
                halt(app);
                let before = if is_from_map(app) {
                    app.room.visited.as_ref().and_then(|it| it.before)
                } else {
                    app.room.current
                };
                app.room.visited = Some(Visited { shown: id, before, map: *self });
                Room::work(app, |room, desk| {
                    room.watch(id, desk);
                    let session = desk.model.session(id);
                    if let Some(row) = session.filter(|it| it.is_watched()).and_then(Session::verdict_row) {
                        room.select(id, row.0);
                    }
                });
                return None;
            }
            Some((Some(Opens::Letter(place)), _)) => {
                let newest = app.model.letters().len().saturating_sub(place + 1);
                app.room.read = true;
                app.open(Box::new(Letters::at(newest)));
            }
            Some((None, true)) => app.say("The conversation is no longer kept."),
            Some((None, false)) => app.say("Nobody spoke here: a row with an arrow is a conversation."),
            None => app.say("No letter has been on its way yet."),
        }
        Some(self)
    }

    /// Shows lines about the selected row to be read whole.
    fn show(app: &mut App, title: &str, lines: Vec<Vec<Run>>) {
        if lines.is_empty() {
            return app.say("No letter has been on its way yet.");
        }
        app.open(Box::new(Reader::new(title, "", move |_, _| lines.clone())));
    }

    fn keys(room: u16, ascii: bool, recorded: bool) -> Vec<(&'static str, &'static str)> {
        let more = [
            ("Space", "run"),
            ("e", "explain"),
            ("f", "change host"),
            ("d", "its DNS"),
            ("[ ]", "speed"),
            ("Tab", "letter"),
            ("l", "headers"),
            ("w", "waiting"),
            ("y", "copy"),
        ];
        let few =
            [(arrows(ascii), "row"), ("Enter", "open"), ("+", "next"), ("5", "min"), ("c", "clock"), ("Esc", "back")];
        let cells = |(key, word): &(&str, &str)| width(key) + width(word) + 4;
        let mut left = usize::from(room).saturating_sub(few.iter().map(cells).sum());
        // The lab of a recording does not go on.
        let goes_on = |(key, _): &(&str, &str)| !(recorded && OF_THE_LAB.contains(key));
        let fits = more.into_iter().filter(goes_on).take_while(|it| {
            let fits = cells(it) <= left;
            left = left.saturating_sub(cells(it));
            fits
        });
        few.into_iter().filter(goes_on).chain(fits).collect()
    }
}

/// Leaves the map: what was shown before it is shown again. A clock that runs would run unseen, so it stands still.
fn leave(app: &mut App) {
    halt(app);
    if !is_from_map(app) {
        return;
    }
    let before = app.room.visited.take().and_then(|visited| visited.before);
    Room::work(app, |room, desk| {
        let Some(id) = before.filter(|id| desk.model.session(*id).is_some()) else { return };
        room.show(id);
        room.focus = Pane::Send;
    });
}

/// The clock stands still again if it was set running.
fn halt(app: &mut App) {
    if app.model.lab_mail.pace > 0 {
        app.emit(Effect::Lab(Request::Run(0)));
        app.say("The lab's clock stands still again.");
    }
}

impl Layer for Map {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        match key.code {
            Code::Char('+' | ' ' | '[' | ']' | '5' | 'c' | 'f') if app.room.replay.is_some() => {
                app.say(format!("The lab does not go on: {NOTHING_IS_SENT}."));
            }
            Code::Esc | Code::Char('q') => {
                leave(app);
                return None;
            }
            Code::Enter => return self.enter(app),
            Code::Tab => self.turn(app, true),
            Code::BackTab => self.turn(app, false),
            Code::Char('+') => skip(app),
            Code::Char(' ') => self.run(app),
            Code::Char(faster @ ('[' | ']')) => self.hurry(faster == ']', app),
            Code::Char('5') => five_minutes(app),
            Code::Char('c') => ask(app),
            Code::Char('f') => {
                let host = self.with(app, |map| map.host().map(str::to_owned));
                match host {
                    Some(host) => lab_state::of_host(app, &host),
                    None => app.say("No letter has been on its way yet. Alt-L lists all hosts."),
                }
            }
            Code::Char('d') if self.look_up(app) => return None,
            Code::Char('w') => app.open(Box::new(LabMail::default())),
            Code::Char('l') => {
                let room = usize::from(app.size().0.min(90)).saturating_sub(4);
                Self::show(app, "The letter here", self.with(app, |map| map.letter(room)));
            }
            Code::Char('e') => {
                let room = usize::from(app.size().0.min(90)).saturating_sub(4);
                Self::show(app, "Explain", self.with(app, |map| map.words(room)));
            }
            Code::Char('y') => {
                #[expect(clippy::redundant_closure_for_method_calls, reason = "the method is of one lifetime alone")]
                let text = self.with(app, |map| map.text());
                app.emit(Effect::Copy(text));
                app.say("Sent to the terminal's clipboard; some terminals ignore that.");
            }
            code => {
                let key = match code {
                    Code::Left | Code::Char('k') => Key::plain(Code::Up),
                    Code::Right | Code::Char('j') => Key::plain(Code::Down),
                    _ => key,
                };
                let (len, row) = self.with(app, |map| (map.journey.map_or(0, |it| it.rows.len()), map.row));
                let mut choice = Choice::at(row);
                if choice.key(key, len, Self::page(app)) {
                    self.select(choice, len);
                }
            }
        }
        Some(self)
    }

    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        let area = app.area();
        let layout = Layout::of(area);
        let list = layout.list();
        let (len, row) = self.with(app, |map| (map.journey.map_or(0, |it| it.rows.len()), map.row));
        let mut choice = Choice::at(row);
        let key = choice.mouse(mouse, list, len);
        if choice.selected != row {
            self.select(choice, len);
        }
        key.or_else(|| {
            foot::key_at(mouse, area, &Self::keys(area.width, app.settings.ascii, app.room.replay.is_some()))
        })
    }

    fn view(&self, app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let cursor = self.with(app, |map| map.draw(area, pen));
        let mut pen = pen.within(area);
        let keys = Self::keys(area.width, pen.ascii(), app.room.replay.is_some());
        foot::draw(&mut pen, &keys);
        cursor.filter(|at| area.contains(*at))
    }
}

impl Map {
    /// Rows that are seen.
    fn page(app: &App) -> usize {
        usize::from(Layout::of(app.area()).list().height).max(1)
    }
}
