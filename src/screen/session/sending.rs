//! What the session screen does on a connection: send lines and letters, repeat, wait, close, and copy what was said.

use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::Timestamp;

use crate::app::{App, Effect};
use crate::command;
use crate::dialogue::batch::groups;
use crate::dialogue::exchange::ExchangeId;
use crate::dialogue::phase::Phase;
use crate::dialogue::row::RowId;
use crate::export::{Format, export};
use crate::knowledge::Step;
use crate::ports::net::{Act, Request, SessionId};
use crate::record::reader::Recording;
use crate::record::writer::Writer;
use crate::record::{Class, Header};
use crate::session::Session;
use crate::session::place::World;

use super::Room;
use super::composer::Enter;
use super::desk::Desk;
use super::events::is_waiting;
use super::file::ONE_LETTER;
use super::layout::Pane;
use super::repeat::{Next, Repeat};

/// Why nothing is sent where somebody else speaks.
const WATCHED: &str = "This is the conversation of somebody else: you watch. Alt-c opens one of your own.";
/// Octets that terminals take through OSC 52: many stop at 100,000 in base64.
const LARGEST_COPY: usize = 74_000;

impl Room {
    /// Enter in the Send pane.
    pub fn enter(&mut self, desk: &mut Desk<'_>) {
        let session = self.current.and_then(|id| desk.model.session(id));
        if session.is_some_and(Session::is_watched) {
            return desk.say(WATCHED);
        }
        if self.file_goes(desk.model) {
            return desk.say(ONE_LETTER);
        }
        if self.composer.writes_letter(session.map(Session::dialogue)) {
            if self.composer.letter.enter() {
                self.send_letter(desk);
            }
            return;
        }
        match self.composer.enter(session) {
            Enter::Send(octets) => self.send(octets, desk),
            Enter::Cannot(why) => desk.say(why),
            Enter::Ask | Enter::Kept => {}
        }
    }

    /// Hands octets to the connection, as one write.
    fn send(&mut self, octets: Vec<u8>, desk: &mut Desk<'_>) {
        let Some(session) = self.session(desk.model) else { return };
        let id = session.id;
        self.grouped.remove(&id);
        if let Some(repeat) = self.repeats.get_mut(&id) {
            repeat.answered(session);
        }
        self.act(Act::Send(Arc::from(octets)), desk);
        self.look(desk.model, |view, _| view.follow());
    }

    /// Sends the batch in groups that RFC 2920 §3.1 allows, each in one write; or says which line stands against it.
    pub fn send_groups(&mut self, desk: &mut Desk<'_>) {
        let Some(session) = self.session(desk.model).filter(|session| session.is_open()) else {
            return desk.say("There is no connection. The batch stays here.");
        };
        let id = session.id;
        let dialogue = session.dialogue();
        if session.world() == World::Live && self.composer.batch.question(dialogue).is_some() {
            return desk
                .say("In groups no secret goes in clear, and no byte that may end a line early. The batch stays.");
        }
        if let (World::Live, Some(why)) = (session.world(), self.composer.batch.refusal(dialogue)) {
            return desk.say(why);
        }
        let lines = self.composer.batch.lines();
        let groups: Vec<Vec<u8>> = match groups(dialogue, lines) {
            Ok(groups) => groups.into_iter().filter_map(|group| lines.get(group)).map(<[_]>::concat).collect(),
            Err((line, why)) => return desk.say(format!("Line {line}: {why} The batch stays.")),
        };
        self.composer.batch.clear();
        self.composer.touched();
        let count = groups.len();
        for group in groups {
            self.send(group, desk);
        }
        self.grouped.insert(id);
        desk.say(format!(
            "{count} write{}, each when the one before it is answered.",
            if count == 1 { "" } else { "s" }
        ));
    }

    /// A batch that was sent by form and got no recipient, yet a 354: the letter for nobody is a lone dot (RFC 2920
    /// §3.1).
    pub(super) fn end_empty_letter(&mut self, id: SessionId, desk: &mut Desk<'_>) {
        let Some(session) = desk.model.session(id).filter(|_| self.grouped.contains(&id)) else { return };
        let dialogue = session.dialogue();
        if dialogue.phase() != Phase::Content {
            return;
        }
        let nobody = dialogue.envelope().accepted().next().is_none();
        self.grouped.remove(&id);
        if nobody {
            desk.emit(Effect::Net(Request::Do(id, Act::Send(Arc::from(&b".\r\n"[..])))));
            desk.say("The server wants the letter though no recipient was accepted: a lone dot went (RFC 2920 §3.1).");
        }
    }

    /// Sends the letter as it stands, and the dot that ends it.
    pub fn send_letter(&mut self, desk: &mut Desk<'_>) {
        if let Err(why) = self.may_send_letter(desk.model) {
            return desk.say(why);
        }
        let octets = self.composer.letter.wire();
        self.composer.letter = super::letter::Letter::default();
        self.send(octets, desk);
    }

    /// Something to do on the shown connection.
    pub fn act(&mut self, act: Act, desk: &mut Desk<'_>) {
        if self.session(desk.model).is_some_and(Session::is_watched) {
            return desk.say(WATCHED);
        }
        if let Some(id) = self.current {
            desk.emit(Effect::Net(Request::Do(id, act)));
        }
    }

    /// No longer waits for the replies that are due. False if none is.
    pub fn stop_waiting(&mut self, desk: &mut Desk<'_>) -> bool {
        let Some(session) = self.session(desk.model).filter(|session| is_waiting(session)) else { return false };
        self.repeats.remove(&session.id);
        self.act(Act::StopWaiting, desk);
        true
    }

    /// Connects again to the same place.
    pub fn reconnect(&mut self, desk: &mut Desk<'_>) {
        let Some(target) = self.session(desk.model).map(|session| session.target.clone()) else { return };
        self.start(target, Vec::new(), desk);
    }

    /// Connects again and sends the lines up to the selected one.
    pub fn repeat_to_here(&mut self, desk: &mut Desk<'_>) {
        let Some(session) = self.session(desk.model) else { return };
        let Some(last) = self.view_of(session.id).and_then(|view| view.selected(session)) else { return };
        let repeat = Repeat::of(session, last);
        if repeat.left() == 0 {
            return desk.say("Nothing was sent up to the selected line.");
        }
        let target = session.target.clone();
        let id = self.start(target, Vec::new(), desk);
        self.repeats.insert(id, repeat);
        self.go_on(id, desk);
    }

    /// Goes on repeating, if a session does.
    pub(super) fn go_on(&mut self, id: SessionId, desk: &mut Desk<'_>) {
        let (Some(session), Some(repeat)) = (desk.model.session(id), self.repeats.get_mut(&id)) else { return };
        match repeat.next(session) {
            Next::Wait => {}
            Next::Send(octets) => desk.emit(Effect::Net(Request::Do(id, Act::Send(Arc::from(octets))))),
            Next::Ask(head) => {
                let head = crate::ui::remote::text(&head);
                self.composer.line.set(&head);
                self.focus = Pane::Send;
                desk.say("Repeating: the next line holds a secret, which is not kept. Type it again.");
            }
            Next::Stop(why) => {
                self.repeats.remove(&id);
                desk.say(format!("Repeating stopped: {why}."));
            }
            Next::Done => {
                self.repeats.remove(&id);
            }
        }
    }

    /// Takes a step of the explanation: its line into the Send pane, or the command that does it is run.
    pub fn take_step(app: &mut App) {
        let explanation = app.room.session(&app.model).and_then(|it| app.room.explanation(&app.settings, it));
        let Some(explanation) = explanation else { return };
        let step = explanation.next.into_iter().filter(Step::can_be_taken).nth(app.room.step);
        match step.map(|step| (step.command, step.run.and_then(command::find), step.with)) {
            Some((Some(line), ..)) => {
                app.room.composer.line.set(&line);
                app.room.composer.touched();
                app.room.focus = Pane::Send;
            }
            Some((None, Some(command), Some(text))) => app.call_with(command, &text),
            Some((None, Some(command), None)) => app.call(command),
            _ => app.say("This explanation has no line to take over."),
        }
    }

    /// Copies the selected line, as it was, with secrets hidden.
    pub fn copy_line(&mut self, desk: &mut Desk<'_>) {
        self.copy("the line", desk, |session, row| Some(session.text_of([row?])));
    }

    /// Copies the exchange that the selected line belongs to.
    pub fn copy_exchange(&mut self, desk: &mut Desk<'_>) {
        self.copy("the exchange", desk, |session, row| Some(session.text_of(exchange_of(session, row?))));
    }

    /// Copies the whole session.
    pub fn copy_session(&mut self, desk: &mut Desk<'_>) {
        self.copy("the session", desk, |session, _| Some(session.text()));
    }

    /// Copies some rows.
    pub fn copy_rows(&mut self, rows: RangeInclusive<u32>, desk: &mut Desk<'_>) {
        self.copy("the lines", desk, |session, _| Some(session.text_of(rows.map(RowId))));
    }

    /// Copies a text of the shown session, perhaps of the selected row: a filter may leave none.
    fn copy(
        &mut self,
        what: &'static str,
        desk: &mut Desk<'_>,
        text: impl FnOnce(&Session, Option<RowId>) -> Option<String>,
    ) {
        let Some(session) = self.session(desk.model) else { return };
        let row = self.view_of(session.id).and_then(|view| view.selected(session));
        let Some(text) = text(session, row).filter(|text| !text.is_empty()) else {
            return desk.say("No line is shown, so there is nothing to copy.");
        };
        if text.len() > LARGEST_COPY {
            return desk.say("Too much for the terminal's clipboard; Alt-x saves it to a file.");
        }
        desk.emit(Effect::Copy(text));
        desk.say(format!(
            "Sent {what} to the terminal's clipboard; some terminals ignore that. Alt-x saves to a file."
        ));
    }

    /// Writes the session to a new file: in the form that the ending of its name asks for, else as plain annotated text.
    pub fn save(&mut self, path: &str, desk: &mut Desk<'_>) -> Result<(), String> {
        let Some(session) = self.session(desk.model) else { return Ok(()) };
        let Some(format) = format_of(path) else {
            let text = session.text();
            desk.emit(Effect::Save { path: path.to_owned(), text });
            return Ok(());
        };
        let recording = recording_of(session, desk.settings.born);
        let pieces = export(&recording, format).map_err(|why| format!("{why}. [{}]", why.id()))?;
        let Some(piece) = pieces.into_iter().next() else { return Ok(()) };
        desk.emit(Effect::Export { path: path.to_owned(), octets: piece.octets });
        Ok(())
    }
}

/// The form that the ending of a file's name asks for; text is what everything else is.
fn format_of(path: &str) -> Option<Format> {
    let (_, ending) = path.rsplit_once('.')?;
    let asked = |format: &Format| format.ending().eq_ignore_ascii_case(ending) || format.name() == ending;
    Format::ALL.into_iter().filter(|format| *format != Format::Text).find(asked)
}

/// One session as it would be recorded. `born`: when the program began, in seconds since 1970.
fn recording_of(session: &Session, born: u64) -> Recording {
    let began = Timestamp::from_second(i64::try_from(born).unwrap_or_default()).unwrap_or_default();
    let header = Header::new(began, Class::of(session));
    Recording { header, lines: Writer::default().finish(session, 0), remarks: Vec::new() }
}

/// The rows of the exchange that a row belongs to; the row alone if it belongs to none.
fn exchange_of(session: &Session, row: RowId) -> Vec<RowId> {
    let dialogue = session.dialogue();
    let exchange = |id: u32| dialogue.row(RowId(id)).and_then(crate::dialogue::row::Row::exchange);
    let Some(ExchangeId(wanted)) = exchange(row.0) else { return vec![row] };
    let belongs = |id: &u32| exchange(*id).is_some_and(|it| it.0 == wanted);
    let first = (0..=row.0).rev().take_while(|id| exchange(*id).is_none_or(|it| it.0 == wanted)).filter(belongs).last();
    let count = u32::try_from(dialogue.rows().len()).unwrap_or(u32::MAX);
    let rows = first.unwrap_or(row.0)..count;
    rows.take_while(|id| exchange(*id).is_none_or(|it| it.0 == wanted)).filter(belongs).map(RowId).collect()
}
