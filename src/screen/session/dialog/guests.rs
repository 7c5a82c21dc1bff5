//! The guests of a served lab: each program that came, live, and the card that says how to come.

use ratatui::layout::{Position, Rect};

use super::{arrows, item, page, place, window};
use crate::app::App;
use crate::dialogue::exchange::Exchange;
use crate::input::{Code, Key, Mouse};
use crate::layer::list::Choice;
use crate::layer::{Layer, beside, foot, inside};
use crate::ports::net::SessionId;
use crate::screen::session::Room;
use crate::screen::session::dialog::reader::Reader;
use crate::session::{Session, State, card};
use crate::ui::remote;
use crate::ui::text::{Pen, Role, Run, clip, wrap_words};

/// The list of guests, the newest first. It is drawn anew with each thing that is heard.
#[derive(Debug, Default)]
pub struct Guests {
    choice: Choice,
    /// Who is selected: the list grows above him.
    chosen: Option<SessionId>,
}

impl Guests {
    /// The selected line, wherever the guest stands by now.
    fn settle(&mut self, app: &App) {
        let at = self.chosen.and_then(|id| guests(app).position(|session| session.id == id));
        self.choice.selected = at.unwrap_or(self.choice.selected);
    }

    fn choose(&mut self, app: &App) {
        self.chosen = guests(app).nth(self.choice.selected).map(|session| session.id);
    }
}

fn guests(app: &App) -> impl Iterator<Item = &Session> {
    app.model.visits().guests().rev()
}

fn keys(ascii: bool) -> [(&'static str, &'static str); 4] {
    [(arrows(ascii), "choose"), ("Enter", "show"), ("c", "card"), ("Esc", "close")]
}

/// Lines of the list that are seen.
fn rows(area: Rect) -> usize {
    usize::from(inside(page(area)).height.saturating_sub(3)).max(1)
}

impl Layer for Guests {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        self.settle(app);
        let (len, page) = (guests(app).count(), rows(app.area()));
        match key.code {
            Code::Esc | Code::Char('q') => return None,
            Code::Enter => {
                self.choose(app);
                let id = self.chosen?;
                Room::work(app, |room, desk| room.watch(id, desk));
                return None;
            }
            Code::Char('c') => {
                show_card(app);
                return Some(self);
            }
            Code::Char('j') => drop(self.choice.key(Key::plain(Code::Down), len, page)),
            Code::Char('k') => drop(self.choice.key(Key::plain(Code::Up), len, page)),
            _ => drop(self.choice.key(key, len, page)),
        }
        self.choose(app);
        Some(self)
    }

    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        self.settle(app);
        let outer = page(app.area());
        let inner = inside(outer);
        let list = Rect { y: inner.y + 1, height: inner.height.saturating_sub(3), ..inner };
        let key = foot::key_at(mouse, inner, &keys(app.settings.ascii));
        let key = key.or_else(|| self.choice.mouse(mouse, list, guests(app).count()));
        self.choose(app);
        key.or_else(|| beside(mouse, outer))
    }

    fn view(&self, app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let inner = window(pen, page(area), "Guests");
        let mut pen = pen.within(inner);
        let len = guests(app).count();
        if len == 0 {
            let text = "Nobody has come yet. c shows the card: ports, logins, and a first line for another program.";
            for (line, y) in wrap_words(&[Run::new(text, Role::Text)], pen.width().saturating_sub(2)).iter().zip(0..) {
                pen.runs(1, y, line);
            }
        } else {
            pen.put(2, 0, &columns("", "from", "host", "stage", "last reply"), Role::Quiet);
        }
        let mut choice = self.choice;
        choice.selected =
            self.chosen.and_then(|id| guests(app).position(|session| session.id == id)).unwrap_or(choice.selected);
        let page = rows(area);
        let first = choice.first(len, page);
        let mut cursor = place(inner, 0, 0);
        for ((index, session), y) in guests(app).enumerate().skip(first).take(page).zip(1..) {
            let text = clip(&line(session), pen.width().saturating_sub(2), pen.ascii());
            if item(&mut pen, y, &text, index == choice.selected) {
                cursor = place(inner, 0, y);
            }
        }
        let keys = keys(pen.ascii());
        foot::draw(&mut pen, &keys);
        cursor
    }
}

fn columns(number: &str, from: &str, host: &str, stage: &str, last: &str) -> String {
    format!("{number:<3} {from:<16} {host:<16} {stage:<10} {last}")
}

/// Who, whom, how far, and how it stands.
fn line(session: &Session) -> String {
    let from = session.opened().and_then(|opened| opened.local).map(|local| local.to_string()).unwrap_or_default();
    let stage = match session.state() {
        State::Connecting => "connecting",
        State::Open => session.dialogue().phase().name(),
        State::Failed(_) => "failed",
        State::Over => "over",
    };
    let answer = session.dialogue().exchanges().iter().rev().find_map(|exchange: &Exchange| exchange.answer);
    let reply = answer.map(|answer| {
        let bytes = session.tape().bytes(answer.span).into_owned();
        let first = bytes.split(|octet| *octet == b'\n').next().unwrap_or_default().trim_ascii_end();
        session.masked(first, remote::text)
    });
    columns(&session.id.0.to_string(), &from, &session.target.host, stage, &reply.unwrap_or_default())
}

/// Shows the card of the served lab.
pub fn show_card(app: &mut App) {
    let Some(card) = &app.settings.card else {
        return app.say("The lab is served by: ehlo lab");
    };
    let text = card::text(card);
    let copy = text.clone();
    let lines = move |room: usize, _: bool| {
        text.lines().flat_map(|line| wrap_words(&[Run::new(line, Role::Text)], room)).collect()
    };
    app.open(Box::new(Reader::new("How to reach the lab", copy, lines)));
}
