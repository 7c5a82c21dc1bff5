//! What a run without a screen tells on standard output: the annotated transcript as it grows, events, or nothing but what
//! went wrong.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use super::drive::Drive;
use crate::dialogue::row::{RowId, What};
use crate::events::{Event, What as Happened};
use crate::ports::net::SessionId;
use crate::session::outcome::Outcome;
use crate::session::{Session, State};

/// How it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The transcript, with what it means.
    Transcript,
    /// Events, a line of JSON each.
    Json,
    /// Only what went wrong, on standard error.
    Quiet,
}

/// Tells of something beside what happens, on standard error.
pub fn complain(text: &str) {
    // Nobody is left to be told of a terminal that is gone.
    let _ = writeln!(io::stderr(), "ehlo: {text}");
}

/// Tells what happens, once.
#[derive(Debug)]
pub struct Teller {
    form: Form,
    /// Rows of each session that were told.
    told: BTreeMap<SessionId, u32>,
    /// Standard output took no more: whoever read has gone away.
    gone: bool,
}

impl Teller {
    /// Nothing is told yet.
    pub fn new(form: Form) -> Self {
        Self { form, told: BTreeMap::new(), gone: false }
    }

    /// True if nobody reads any more.
    pub fn is_alone(&self) -> bool {
        self.gone
    }

    /// Tells what is new.
    pub fn news(&mut self, drive: &Drive, events: &[Event]) {
        if self.form != Form::Json {
            events.iter().filter_map(listening).for_each(|place| complain(&place));
        }
        let text = match self.form {
            Form::Quiet => return,
            Form::Json => events.iter().map(Event::json).collect(),
            Form::Transcript => {
                let sessions = drive.model().sessions();
                sessions.iter().map(|session| self.rows(session)).collect::<String>()
            }
        };
        self.write(&text);
    }

    /// Tells how it came out.
    pub fn outcome(&mut self, drive: &mut Drive, outcome: &Outcome) {
        match self.form {
            Form::Json => {
                let event = drive.ended(outcome);
                self.write(&event.json());
            }
            Form::Transcript => {
                let sessions = drive.model().sessions().iter();
                let problems = sessions.flat_map(|it| it.problems().iter().filter_map(|shown| it.problem(shown.row)));
                let told = problems.map(|it| format!("# {} {}: {}\n", it.entry.id, it.confidence().word(), it.say()));
                let text: Vec<_> = told.collect();
                let text = text.concat();
                self.write(&format!("{text}# {outcome}\n"));
            }
            Form::Quiet if outcome.exit == 0 => {}
            Form::Quiet => complain(&outcome.to_string()),
        }
    }

    /// The rows of a session that are settled and were not told.
    fn rows(&mut self, session: &Session) -> String {
        let over = matches!(session.state(), State::Over | State::Failed(_));
        let rows = session.dialogue().rows();
        let told = self.told.entry(session.id).or_default();
        let from = *told;
        let new = rows.iter().skip(from as usize);
        let settled = new.take_while(|row| over || !matches!(row.what, What::Open | What::Undecided)).count();
        *told += u32::try_from(settled).unwrap_or(u32::MAX);
        if settled == 0 {
            return String::new();
        }
        let text = session.text_of((from..*told).map(RowId));
        if from == 0 { session.heading() + &text } else { text }
    }

    fn write(&mut self, text: &str) {
        if self.gone || text.is_empty() {
            return;
        }
        let mut stdout = io::stdout().lock();
        self.gone = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).is_err();
    }
}

/// Where a client is waited for, in words.
fn listening(event: &Event) -> Option<String> {
    let Happened::Listen { ip, port } = &event.what else { return None };
    Some(match port {
        Some(port) if ip.contains(':') => format!("listening on [{ip}]:{port}"),
        Some(port) => format!("listening on {ip}:{port}"),
        None => format!("listening on {ip}"),
    })
}
