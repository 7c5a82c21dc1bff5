//! A file before it is sent as the letter: what it holds, and the keys that send it or leave it.

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
use crate::ui::file::Summary;
use crate::ui::text::{Pen, Run};

use super::reader::{draw_lines, scroll};
use super::{place, window};

/// Columns of the dialog.
const WIDTH: u16 = 78;

/// A file that waits to be sent.
pub struct SendFile {
    file: LetterFile,
    wire: Wire,
    first: usize,
}

impl SendFile {
    /// A file; Esc leaves everything as it is.
    pub fn new(file: LetterFile) -> Self {
        Self { file, wire: Wire::Normalise, first: 0 }
    }

    fn keys(&self) -> Vec<(&'static str, &'static str)> {
        let ends = match self.wire {
            _ if self.file.survey.is_crlf() => None,
            Wire::Normalise => Some(("Tab", "leave line ends")),
            Wire::Verbatim | Wire::Raw => Some(("Tab", "make them CR LF")),
        };
        [("Ctrl-D", "send it")].into_iter().chain(ends).chain([("Esc", "to the draft")]).collect()
    }

    /// The other way to treat line ends. Where they could end the letter early, real servers do not get them.
    fn turn(&mut self, app: &mut App) {
        if self.file.survey.is_crlf() {
            return;
        }
        let live = app.room.session(&app.model).is_some_and(|session| session.world() == World::Live);
        if live && self.file.survey.verbatim.look_alikes > 0 {
            return app.say("As they are, these line ends may end the letter early: only hosts of the lab get them.");
        }
        self.wire = if self.wire == Wire::Normalise { Wire::Verbatim } else { Wire::Normalise };
    }

    fn lines(&self, app: &App, room: usize) -> Vec<Vec<Run>> {
        let extensions = app.room.session(&app.model).map(Session::dialogue).and_then(|it| it.extensions());
        let path = self.file.path.display().to_string();
        let summary = Summary {
            path: &path,
            survey: &self.file.survey,
            wire: self.wire,
            size: extensions.map_or(Size::None, Extensions::size),
            eight_bit_mime: extensions.is_some_and(|extensions| extensions.has("8BITMIME")),
        };
        summary.lines(room, app.settings.ascii)
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

/// Cells for the text in a line.
fn room(area: Rect) -> usize {
    usize::from(area.width.min(WIDTH)).saturating_sub(4)
}

impl Layer for SendFile {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        match (key.code, key.ctrl) {
            (Code::Esc, _) => return None,
            (Code::Char('d'), true) => {
                match Room::work(app, |room, desk| room.send_file(&self.file, self.wire, desk)) {
                    Ok(()) => return None,
                    Err(why) => app.say(why),
                }
            }
            (Code::Tab, _) => self.turn(app),
            // It may have come while somebody typed.
            (Code::Enter, _) => app.say("Ctrl-D sends the file; Esc leaves it."),
            _ => {
                let (last, page) = self.last(app);
                scroll(&mut self.first, key, page, last);
            }
        }
        Some(self)
    }

    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        self.first = wheeled(self.first, mouse, self.last(app).0);
        foot::key_at(mouse, inside(self.outer(app, app.area())), &self.keys())
    }

    fn view(&self, app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let inner = window(pen, self.outer(app, area), "Send a file as the letter");
        let mut pen = pen.within(inner);
        draw_lines(&mut pen, &self.lines(app, room(area)), self.first);
        foot::draw(&mut pen, &self.keys());
        place(inner, 0, 0)
    }
}
