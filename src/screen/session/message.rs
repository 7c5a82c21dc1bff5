//! The message form: who, to whom, about what, which text, which files. It builds the letter that DATA will carry, and
//! only what is legal.
//!
//! The header is the form's, the envelope is what MAIL and RCPT said; both stand side by side, for they need not agree.
//! The letter goes into the editor of the Send pane, where it can be read, changed and sent.

use std::path::Path;
use std::sync::Arc;

use tui_input::Input;

use crate::app::{App, Effect};
use crate::dialogue::envelope::Envelope;
use crate::dialogue::phase::Phase;
use crate::dialogue::suggest::Persona;
use crate::mail::draft::sample::Sample;
use crate::mail::draft::{self, Draft, File};
use crate::session::Session;
use crate::session::place::World;
use crate::ui::remote;

use super::Room;
use super::layout::Pane;
use super::letter::Letter;
use super::room::persona;

/// A cell of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Who writes.
    From,
    /// To whom.
    To,
    /// Who gets a copy.
    Cc,
    /// What it is about.
    Subject,
    /// Which text.
    Content,
    /// The own text.
    Text,
    /// The text once more, as HTML.
    Html,
    /// Files that go with it.
    Files,
}

impl Cell {
    /// All, from top to bottom.
    pub const ALL: [Self; 8] =
        [Self::From, Self::To, Self::Cc, Self::Subject, Self::Content, Self::Text, Self::Html, Self::Files];
}

/// Which text a letter has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Content {
    /// One's own.
    #[default]
    Own,
    /// That of a letter that tests something.
    Sample(Sample),
}

impl Content {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Own].into_iter().chain(Sample::ALL.map(Self::Sample))
    }

    /// What it is called, and what it is.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Own => ("your own", "what you type below"),
            Self::Sample(sample) => (sample.name(), sample.about()),
        }
    }
}

/// What is filled in. It stays when the form is left.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Who writes; what is suggested if empty.
    pub from: Input,
    /// To whom; what is suggested if empty.
    pub to: Input,
    /// Who gets a copy.
    pub cc: Input,
    /// What it is about; what is suggested if empty.
    pub subject: Input,
    /// Which text.
    pub content: Content,
    /// The own text.
    pub text: Letter,
    /// The text once more, as HTML.
    pub html: bool,
    /// The path of one more file.
    pub path: Input,
    /// The files that go with it.
    pub files: Vec<File>,
    /// The path of the file that is being read.
    pub reading: Option<String>,
    /// What came of the last file, if it was not taken.
    pub complaint: Option<String>,
    /// What the form wrote into the letter.
    written: Option<String>,
}

/// What the form has to know of the session.
#[derive(Debug, Clone)]
pub struct Ground {
    /// Where the server is.
    pub world: World,
    /// The sender of the envelope, or whom one speaks for.
    pub from: String,
    /// The recipients of the envelope, or whom one writes to.
    pub to: String,
    /// The envelope as it stands.
    pub envelope: Envelope,
    /// The server takes addresses beyond ASCII.
    pub international: bool,
    /// Seconds since 1970.
    pub date: u64,
    /// What the letter is called, without brackets.
    pub id: String,
}

impl Ground {
    /// Of the shown session.
    pub fn of(app: &App) -> Self {
        let session = app.room.session(&app.model);
        let persona = persona(&app.settings, session);
        let envelope = session.map(|session| session.dialogue().envelope().clone()).unwrap_or_default();
        let world = session.map_or(World::Lab, Session::world);
        let offered = session.and_then(|session| session.dialogue().extensions());
        // The lab's day stands still, and the same steps give the same letter there.
        let (date, number) = match (world, session) {
            (World::Lab, Some(session)) => {
                (app.settings.lab_day, format!("{}.{}", session.id.0, session.dialogue().letters().len() + 1))
            }
            _ => (app.settings.born + app.now().micros() / 1_000_000, app.now().micros().to_string()),
        };
        Self {
            world,
            from: sender(&envelope, persona),
            to: recipients(&envelope, persona),
            international: offered.is_some_and(|offered| offered.has("SMTPUTF8")),
            envelope,
            date,
            id: format!("{date}.{number}@{}", persona.hello),
        }
    }

    /// True if a content may be sent here: what sets off alarms goes to the lab and to this machine only.
    pub fn allows(&self, content: Content) -> bool {
        self.world != World::Live || !matches!(content, Content::Sample(sample) if sample.alarms())
    }
}

fn sender(envelope: &Envelope, persona: &Persona) -> String {
    let path = envelope.reverse_path.as_deref().filter(|path| !path.is_empty());
    path.map_or_else(|| persona.sender.clone(), remote::text)
}

fn recipients(envelope: &Envelope, persona: &Persona) -> String {
    let accepted: Vec<_> = envelope.accepted().map(|recipient| remote::text(&recipient.path)).collect();
    match (accepted.is_empty(), persona.recipients.first()) {
        (true, Some(first)) if first.contains('@') => first.clone(),
        _ => accepted.join(", "),
    }
}

impl Form {
    /// What stands in a cell, or what is suggested there.
    pub fn value<'a>(&'a self, cell: Cell, ground: &'a Ground) -> &'a str {
        let typed = self.input(cell).map_or("", Input::value);
        if typed.trim().is_empty() { self.suggested(cell, ground) } else { typed }
    }

    /// What is suggested in a cell.
    pub fn suggested<'a>(&self, cell: Cell, ground: &'a Ground) -> &'a str {
        match (cell, self.content) {
            (Cell::From, _) => &ground.from,
            (Cell::To, _) => &ground.to,
            (Cell::Subject, Content::Sample(sample)) => sample.subject(),
            (Cell::Subject, Content::Own) => "A letter by hand",
            _ => "",
        }
    }

    /// The line of text in a cell that has one.
    pub const fn input(&self, cell: Cell) -> Option<&Input> {
        match cell {
            Cell::From => Some(&self.from),
            Cell::To => Some(&self.to),
            Cell::Cc => Some(&self.cc),
            Cell::Subject => Some(&self.subject),
            Cell::Files => Some(&self.path),
            Cell::Content | Cell::Text | Cell::Html => None,
        }
    }

    /// The same, to be changed.
    pub const fn input_mut(&mut self, cell: Cell) -> Option<&mut Input> {
        match cell {
            Cell::From => Some(&mut self.from),
            Cell::To => Some(&mut self.to),
            Cell::Cc => Some(&mut self.cc),
            Cell::Subject => Some(&mut self.subject),
            Cell::Files => Some(&mut self.path),
            Cell::Content | Cell::Text | Cell::Html => None,
        }
    }

    /// True if a cell can have the keys: an own text is typed only where it is the text.
    pub fn has(&self, cell: Cell) -> bool {
        cell != Cell::Text || self.content == Content::Own
    }

    /// The cell after or before one, round and round.
    pub fn next(&self, cell: Cell, back: bool) -> Cell {
        let cells: Vec<_> = Cell::ALL.into_iter().filter(|cell| self.has(*cell)).collect();
        let at = cells.iter().position(|it| *it == cell).unwrap_or_default();
        let step = if back { cells.len() - 1 } else { 1 };
        cells.get((at + step) % cells.len()).copied().unwrap_or(cell)
    }

    /// The next or previous content that may be sent here.
    pub fn turn(&mut self, ground: &Ground, back: bool) {
        let allowed: Vec<_> = Content::all().filter(|content| ground.allows(*content)).collect();
        let at = allowed.iter().position(|content| *content == self.content).unwrap_or_default();
        let step = if back { allowed.len() - 1 } else { 1 };
        self.content = allowed.get((at + step) % allowed.len()).copied().unwrap_or_default();
    }

    /// The letter: lines that end with LF. Or why there is none.
    pub fn letter(&self, ground: &Ground) -> Result<String, String> {
        if !ground.allows(self.content) {
            return Err("This letter sets off alarms: it goes to the lab and to this machine only.".into());
        }
        let (text, with) = match self.content {
            Content::Own => (self.text.text(), Vec::new()),
            Content::Sample(sample) => (sample.text(), sample.files()),
        };
        let draft = Draft {
            from: self.value(Cell::From, ground),
            to: self.value(Cell::To, ground),
            cc: self.cc.value(),
            subject: self.value(Cell::Subject, ground),
            date: ground.date,
            id: &ground.id,
            text: &text,
            html: self.html,
            international: ground.international,
            files: &[with, self.files.clone()].concat(),
            fields: &[],
        };
        let octets = draft.octets().map_err(|unfit| unfit.to_string())?;
        // It is made of text, and what is none is in base64.
        Ok(String::from_utf8(octets).unwrap_or_default().replace("\r\n", "\n"))
    }

    /// How header and envelope differ, if they do; nothing before there is an envelope.
    pub fn difference(&self, ground: &Ground) -> Option<String> {
        let envelope = &ground.envelope;
        let sender = envelope.reverse_path.as_deref().map(remote::text)?;
        let named = |address: &str| {
            let lists = [self.value(Cell::To, ground), self.cc.value()];
            lists.into_iter().flat_map(draft::addresses).any(|named| named.eq_ignore_ascii_case(address))
        };
        let takes: Vec<String> = envelope.accepted().map(|recipient| remote::text(&recipient.path)).collect();
        if let Some(hidden) = takes.iter().find(|address| !named(address)) {
            return Some(format!("{hidden} is in the envelope alone: it gets the letter unnamed, as with Bcc."));
        }
        let lists = [self.value(Cell::To, ground), self.cc.value()];
        let idle = lists
            .into_iter()
            .flat_map(draft::addresses)
            .find(|named| !takes.iter().any(|address| address.eq_ignore_ascii_case(named)));
        if let Some(idle) = idle.filter(|_| !takes.is_empty()) {
            return Some(format!("{idle} is named, but not in the envelope: only RCPT delivers."));
        }
        let from = draft::addresses(self.value(Cell::From, ground)).next()?;
        let differs = !from.eq_ignore_ascii_case(&sender);
        differs.then(|| format!("Answers go to {from}, reports of failure to <{sender}>."))
    }
}

/// The envelope beside a cell: what MAIL or RCPT said.
pub fn beside(cell: Cell, envelope: &Envelope) -> Option<String> {
    let mut accepted = envelope.accepted().map(|recipient| remote::text(&recipient.path));
    match cell {
        Cell::From => Some(match &envelope.reverse_path {
            Some(path) => format!("MAIL <{}>", remote::text(path)),
            None => "no MAIL yet".into(),
        }),
        Cell::To => Some(match (accepted.next(), accepted.count()) {
            (None, _) => "no RCPT yet".into(),
            (Some(first), 0) => format!("RCPT <{first}>"),
            (Some(first), more) => format!("RCPT <{first}> and {more} more"),
        }),
        _ => None,
    }
}

impl Room {
    /// Reads one more file for the message form.
    pub fn attach(app: &mut App, path: &str, most: u64) {
        app.room.message.reading = Some(path.to_owned());
        app.emit(Effect::Attach { path: path.to_owned(), most });
    }

    /// A file for the message form was read, or could not be. What nobody waits for any more goes nowhere.
    pub fn attached(app: &mut App, path: &str, found: Result<Vec<u8>, String>) {
        let form = &mut app.room.message;
        if form.reading.as_deref() != Some(path) {
            return;
        }
        form.reading = None;
        match found {
            Ok(octets) => {
                let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned();
                form.files.push(File { name, octets: Arc::from(octets) });
                form.path = Input::default();
            }
            Err(why) => form.complaint = Some(why),
        }
    }

    /// Begins the form: a draft that has no header yet is its text.
    pub(super) fn begin_message(&mut self) {
        let draft = self.composer.letter.text();
        let own = self.message.written.as_ref() != Some(&draft);
        if own && !self.composer.letter.is_empty() && !has_header(&draft) {
            self.message.text = Letter::of(draft.trim_end_matches('\n'));
            self.message.content = Content::Own;
        }
        self.message.complaint = None;
    }

    /// Writes the letter of the form into the editor of the Send pane; or says why not.
    pub(super) fn write_message(app: &mut App) -> Result<(), String> {
        let letter = app.room.message.letter(&Ground::of(app))?;
        let before = app.room.composer.letter.text();
        let lost = !before.is_empty() && app.room.message.written.as_ref() != Some(&before);
        if !app.room.composer.letter.replace(&letter) {
            let octets = letter.len();
            return Err(format!(
                "The letter has {octets} octets, too many for the editor. Send a file instead (Alt-i)."
            ));
        }
        app.room.message.written = Some(app.room.composer.letter.text());
        app.room.focus = Pane::Send;
        let phase = app.room.session(&app.model).map(|session| session.dialogue().phase());
        let waits = phase == Some(Phase::Content);
        app.say(match (waits, lost) {
            (true, false) => "The letter stands below. Ctrl-D sends it and the final dot.",
            (true, true) => "The letter stands below; undo brings back what stood there. Ctrl-D sends it.",
            (false, false) => "The letter is written. It waits until the server asks for it: DATA.",
            (false, true) => {
                "The letter is written, in place of another one. It waits until the server asks for it: DATA."
            }
        });
        Ok(())
    }
}

/// True if a text begins with a header field: a name and a colon (RFC 5322 §3.6.8).
fn has_header(text: &str) -> bool {
    let name = text.split_once(':').map(|(name, _)| name);
    name.is_some_and(|name| !name.is_empty() && name.chars().all(|character| character.is_ascii_graphic()))
}
