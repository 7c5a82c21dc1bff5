//! A file as the letter: what is known of it before it is sent, and how far it has gone.
//!
//! It never comes into the editor. While it goes, the Send pane takes no other letter; the draft waits behind it.

use std::path::PathBuf;

use crate::app::{App, Effect};
use crate::dialogue::coach::Advice;
use crate::dialogue::phase::Phase;
use crate::ports::net::{Act, Body, Letter};
use crate::session::{Model, Session};
use crate::smtp::data::{Survey, Wire};
use crate::tape::Side;
use crate::tape::mark::Mark;

use super::Room;
use super::desk::Desk;
use super::dialog::file::SendFile;

/// Why nothing is written or sent while a file goes.
pub const ONE_LETTER: &str = "A file goes as the letter; until its end there is no other one.";

/// What was found where a file was chosen for the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// A text that the editor can hold.
    Text(String),
    /// Anything else: too large, or no text.
    File(LetterFile),
}

/// A file that can be sent as the letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LetterFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it holds.
    pub survey: Survey,
}

/// A file that is being looked at, or waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Its path, as it was typed.
    pub path: String,
    /// What it is, once that is known.
    pub file: Option<LetterFile>,
}

/// A file on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Going {
    /// Its name without the folders; it is not fit to be shown yet.
    pub name: String,
    /// Octets that it has on the wire, the dot that ends it included.
    pub octets: u64,
    /// Octets of the client before it.
    before: u64,
    /// Marks of the tape before it.
    marks: usize,
}

impl Going {
    /// Octets of it that have gone.
    pub fn gone(&self, session: &Session) -> u64 {
        session.octets(Side::Client).saturating_sub(self.before).min(self.octets)
    }

    /// True if it could not be read to its end, so that it was not ended.
    pub fn is_broken(&self, session: &Session) -> bool {
        let since = session.tape().marks().get(self.marks..).unwrap_or_default();
        since.iter().any(|(_, mark)| matches!(mark, Mark::Unread { .. }))
    }

    /// What to do meanwhile, and why.
    pub fn advice(&self, session: &Session) -> Advice {
        if self.is_broken(session) {
            Advice { now: "Close the connection", why: "the letter was not ended, so nothing is delivered" }
        } else {
            Advice { now: "Wait until the file has gone", why: "the final dot goes last" }
        }
    }
}

impl Room {
    /// The file that goes as the letter of a session, until its last octet has gone.
    pub fn going(&self, session: &Session) -> Option<&Going> {
        self.going.get(&session.id).filter(|_| session.dialogue().phase() == Phase::Content)
    }

    /// True while a file goes as the letter of the shown session: nothing else is written or sent.
    pub fn file_goes(&self, model: &Model) -> bool {
        self.session(model).is_some_and(|session| self.going(session).is_some())
    }

    /// Chooses a file for the letter: it is looked at, and keys wait until it is known what it is.
    pub fn choose(app: &mut App, path: &str) {
        let most = u64::try_from(app.room.composer.letter.room()).unwrap_or(u64::MAX);
        app.room.choice = Some(Choice { path: path.to_owned(), file: None });
        app.emit(Effect::Read { path: path.to_owned(), most });
        app.open(Box::new(SendFile::new(app.now())));
    }

    /// A file was looked at: its text goes into the letter; one that the editor cannot take is shown before it is sent.
    /// What nobody waits for any more goes nowhere.
    pub fn read(app: &mut App, path: &str, found: Result<Chosen, String>) {
        let Some(choice) = app.room.choice.as_mut().filter(|choice| choice.path == path) else { return };
        if let Ok(Chosen::File(file)) = found {
            choice.file = Some(file);
            return;
        }
        app.room.choice = None;
        match found {
            Ok(Chosen::Text(text)) if !app.room.composer.letter.insert(&text) => {
                app.say("The file is too large for the editor.");
            }
            Ok(_) => {}
            Err(why) => app.say(why),
        }
    }

    /// Sends a file as the letter, and the dot that ends it; or says why not.
    pub fn send_file(&mut self, file: &LetterFile, wire: Wire, desk: &mut Desk<'_>) -> Result<(), &'static str> {
        let session = self.may_send_letter(desk.model)?;
        let going = Going {
            name: file.path.file_name().unwrap_or_default().display().to_string(),
            octets: file.survey.on(wire).written,
            before: session.octets(Side::Client),
            marks: session.tape().marks().len(),
        };
        self.going.insert(session.id, going);
        let octets = Some(file.survey.on(wire).taken);
        self.act(Act::Post(Letter { body: Body::File(file.path.clone()), wire, octets }), desk);
        self.look(desk.model, |view, _| view.follow());
        Ok(())
    }

    /// The session whose server waits for a letter; or why none may be sent now.
    pub(super) fn may_send_letter<'a>(&self, model: &'a Model) -> Result<&'a Session, &'static str> {
        let asked = self.session(model).filter(|session| session.dialogue().phase() == Phase::Content);
        let session = asked.ok_or("The server has not asked for a letter: DATA comes first.")?;
        if self.going(session).is_some() { Err(ONE_LETTER) } else { Ok(session) }
    }
}
