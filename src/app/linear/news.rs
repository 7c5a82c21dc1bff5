//! What has happened since it was told last.

use super::Linear;
use crate::app::App;
use crate::dialogue::phase::Phase;
use crate::dialogue::row::{Place, Row, RowId, What};
use crate::screen::session::layout::Pane;
use crate::session::{Session, State};
use crate::tape::Side;
use crate::tape::mark::Mark;
use crate::ui::linear::{self, in_words, reply_rows};
use crate::ui::reader::{Reader, Times};

/// A row in words.
pub(super) fn row(app: &App, session: &Session, id: RowId) -> Vec<String> {
    let reader =
        Reader { session, times: Times::SinceStart, cells: 9, notes: app.settings.notes, ascii: app.settings.ascii };
    linear::row(&reader, id)
}

impl Linear {
    /// Takes in what has happened.
    pub fn look(&mut self, app: &mut App) {
        if let Some(toast) = app.toast.take() {
            self.out.push(format!("note: {}", in_words(&toast.text)));
        }
        self.rows(app);
        self.silence(app);
        let answers = |session: &Session| session.is_open() && session.dialogue().phase() == Phase::Sasl;
        let written = self
            .handed
            .is_none_or(|(id, octets)| app.model.session(id).is_none_or(|it| it.octets(Side::Client) != octets));
        let due = |session: &Session| session.dialogue().awaits_reply();
        if written && !app.room.session(&app.model).is_some_and(|it| answers(it) || due(it)) {
            self.logs_in = None;
        }
        let waits = app.room.focus == Pane::Dns && super::looks_up(app);
        if self.looks_up && !waits {
            self.pane(app, Pane::Dns);
        }
        self.looks_up = waits;
        self.look_at_layer(app);
    }

    /// New rows of the shown session.
    fn rows(&mut self, app: &App) {
        let Some(session) = app.room.session(&app.model).filter(|_| !self.silent) else { return };
        let mut next = match self.told {
            Some((id, next)) if id == session.id => next,
            _ => {
                let place = crate::ui::remote::shown(&session.place());
                self.out.push(format!("session {}: {}, {place}", session.id.0, session.world().words()));
                0
            }
        };
        let rows = session.dialogue().rows();
        while let Some(row) = rows.get(next) {
            let id = RowId(u32::try_from(next).unwrap_or(u32::MAX));
            if !is_whole(session, row, id) {
                break;
            }
            if let Place::Mark(at) = row.place()
                && let Some((_, Mark::Held { .. })) = session.tape().marks().get(at)
            {
                // What was typed leaves later, below other lines, and is told there.
                self.typed.clear();
            }
            let known = usize::from(self.is_known(session, row));
            self.out.extend(self::row(app, session, id).into_iter().skip(known));
            next += 1;
        }
        self.told = Some((session.id, next));
    }

    /// True for a line that the person has just typed, and for the letter: they are seen above.
    fn is_known(&mut self, session: &Session, row: &Row) -> bool {
        if !self.person || row.side() != Some(Side::Client) {
            return false;
        }
        if matches!(row.what, What::Content { .. } | What::EndOfData(_)) {
            return true;
        }
        let text = row.span().map(|span| session.tape().bytes(span).into_owned()).unwrap_or_default();
        let text = text.strip_suffix(b"\r\n").unwrap_or(&text);
        let known = self.typed.iter().position(|typed| typed.as_bytes() == text);
        known.is_some_and(|at| self.typed.drain(..=at).next().is_some())
    }

    /// Says once that nothing came in time.
    fn silence(&mut self, app: &App) {
        let late = app.room.session(&app.model).is_some_and(Session::awaits_patience);
        if late && !self.late {
            self.out.push("problem: nothing came in time. :keep waiting waits on, :close closes.".into());
        }
        self.late = late;
    }
}

/// True once a row will not change any more, and the whole reply that it begins is there.
fn is_whole(session: &Session, row: &Row, id: RowId) -> bool {
    let goes_on = matches!(session.state(), State::Connecting | State::Open);
    match row.what {
        What::Open | What::Undecided => !goes_on,
        What::Reply { last: false, .. } => !goes_on || reply_rows(session.dialogue(), id).is_some(),
        _ => true,
    }
}
