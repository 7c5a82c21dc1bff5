//! A file that was chosen for the letter: what it holds, and the keys that send it or leave it.
//!
//! It takes the keys as soon as the file is chosen. One that was meant for the file must not reach the draft, however
//! long looking at the file takes.

use ratatui::layout::{Position, Rect};

use crate::app::App;
use crate::input::{Code, Key, Mouse};
use crate::layer::{Layer, centred, foot, inside, wheeled};
use crate::screen::session::Room;
use crate::screen::session::file::LetterFile;
use crate::session::Session;
use crate::session::place::World;
use crate::smtp::data::Wire;
use crate::smtp::extension::{Extensions, Size};
use crate::tape::Moment;
use crate::ui::file::Summary;
use crate::ui::remote;
use crate::ui::text::{Pen, Role, Run, wrap_words};

use super::reader::{draw_lines, scroll};
use super::{place, window};

/// Columns of the dialog.
const WIDTH: u16 = 78;
/// How long looking at a file may take before it is told, in milliseconds. Most are known long before.
const SHOWN_AFTER_MS: u64 = 300;

/// The file that was chosen, as [`Room::choice`] knows it.
pub struct SendFile {
    wire: Wire,
    first: usize,
    /// When it is told that the file is still being looked at.
    shown: Moment,
}

impl SendFile {
    /// A file that is chosen now.
    pub fn new(now: Moment) -> Self {
        let shown = Moment::from_micros(now.micros() + SHOWN_AFTER_MS * 1000);
        Self { wire: Wire::Normalise, first: 0, shown }
    }

    fn keys(&self, app: &App) -> Vec<(&'static str, &'static str)> {
        let ends = match file(app) {
            None => return vec![("Esc", "leave it")],
            Some(file) if file.survey.is_crlf() => None,
            Some(_) if self.wire == Wire::Normalise => Some(("Tab", "leave line ends")),
            Some(_) => Some(("Tab", "make them CR LF")),
        };
        [("Ctrl-D", "send it")].into_iter().chain(ends).chain([("Esc", "to the draft")]).collect()
    }

    /// Sends the file; true if it goes.
    fn send(&self, app: &mut App) -> bool {
        let Some(file) = file(app).cloned() else { return false };
        let sent = Room::work(app, |room, desk| room.send_file(&file, self.wire, desk));
        sent.map_err(|why| app.say(why)).is_ok()
    }

    /// The other way to treat line ends. Where they could end the letter early, real servers do not get them.
    fn turn(&mut self, app: &mut App) {
        let Some(survey) = file(app).map(|file| &file.survey).filter(|survey| !survey.is_crlf()) else { return };
        let live = app.room.session(&app.model).is_some_and(|session| session.world() == World::Live);
        if live && survey.verbatim.look_alikes > 0 {
            return app.say("As they are, these line ends may end the letter early: only hosts of the lab get them.");
        }
        self.wire = if self.wire == Wire::Normalise { Wire::Verbatim } else { Wire::Normalise };
    }

    fn lines(&self, app: &App, room: usize) -> Vec<Vec<Run>> {
        let ascii = app.settings.ascii;
        let Some(file) = file(app) else {
            let path = app.room.choice.as_ref().map(|choice| choice.path.as_str()).unwrap_or_default();
            let mut runs = remote::runs(path.as_bytes(), Role::Heading, ascii);
            runs.push(Run::new(" is read once, to see what it holds. Nothing is sent.", Role::Text));
            return wrap_words(&runs, room);
        };
        let extensions = app.room.session(&app.model).map(Session::dialogue).and_then(|it| it.extensions());
        let path = file.path.display().to_string();
        let summary = Summary {
            path: &path,
            survey: &file.survey,
            wire: self.wire,
            size: extensions.map_or(Size::None, Extensions::size),
            eight_bit_mime: extensions.is_some_and(|extensions| extensions.has("8BITMIME")),
        };
        summary.lines(room, ascii)
    }

    /// Where it is drawn, with its frame.
    fn outer(&self, app: &App, area: Rect) -> Rect {
        let lines = self.lines(app, room(area)).len();
        let height = u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(4);
        centred(area, WIDTH, height.min(area.height.saturating_sub(2)))
    }

    /// The last line that may be the first one shown, and the lines of a page.
    fn last(&self, app: &App) -> (usize, usize) {
        let area = app.area();
        let page = usize::from(self.outer(app, area).height.saturating_sub(4));
        (self.lines(app, room(area)).len().saturating_sub(page), page)
    }
}

/// The file that was chosen, once it is known.
fn file(app: &App) -> Option<&LetterFile> {
    app.room.choice.as_ref().and_then(|choice| choice.file.as_ref())
}

/// Cells for the text in a line.
fn room(area: Rect) -> usize {
    usize::from(area.width.min(WIDTH)).saturating_sub(4)
}

impl Layer for SendFile {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        match (key.code, key.ctrl) {
            (Code::Esc, _) => app.room.choice = None,
            (Code::Char('d'), true) => {
                if self.send(app) {
                    app.room.choice = None;
                }
            }
            (Code::Tab, _) => self.turn(app),
            // It may come late, and may have been meant for something else.
            (Code::Enter, _) if file(app).is_some() => app.say("Ctrl-D sends the file; Esc leaves it."),
            _ => {
                let (last, page) = self.last(app);
                scroll(&mut self.first, key, page, last);
            }
        }
        app.room.choice.is_some().then_some(self as Box<dyn Layer>)
    }

    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        self.first = wheeled(self.first, mouse, self.last(app).0);
        foot::key_at(mouse, inside(self.outer(app, app.area())), &self.keys(app))
    }

    fn is_over(&self, app: &App) -> bool {
        app.room.choice.is_none()
    }

    fn wake(&self) -> Option<Moment> {
        Some(self.shown)
    }

    fn view(&self, app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        if file(app).is_none() && app.now() < self.shown {
            return None;
        }
        let inner = window(pen, self.outer(app, area), "Send a file as the letter");
        let mut pen = pen.within(inner);
        draw_lines(&mut pen, &self.lines(app, room(area)), self.first);
        foot::draw(&mut pen, &self.keys(app));
        place(inner, 0, 0)
    }
}
