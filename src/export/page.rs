//! What every readable export says, before it has a form: sessions, their lines, and what each line means.

use std::collections::BTreeMap;

use jiff::Timestamp;
use unicode_width::UnicodeWidthChar as _;

use crate::dialogue::row::RowId;
use crate::knowledge::Sign;
use crate::ports::net::SessionId;
use crate::record::line::Line as Recorded;
use crate::record::player;
use crate::record::reader::Recording;
use crate::safe;
use crate::session::look_ups::LookUps;
use crate::session::transcript::NO_CLOCK;
use crate::session::visits::Caller;
use crate::session::{Model, Session};
use crate::tape::{Moment, Side};

/// What began before is a log whose times have no date: they are counted from the first day of 1970.
const FIRST_DAY: Timestamp = Timestamp::constant(86_400 * 2, 0);

/// A recording, played to its end.
#[derive(Debug)]
pub struct Page {
    /// Its sessions.
    pub model: Model,
    /// When each of them began.
    times: BTreeMap<SessionId, Timestamp>,
    began: Timestamp,
}

/// A line of a session. All text in it has gone through the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub number: u32,
    /// When it was, since its session began.
    pub at: Moment,
    /// The time of day, UTC: `09:12:00.006`.
    pub clock: String,
    /// `C:`, `S:`, or `--` for what is not said by either.
    pub who: &'static str,
    /// What was said or happened.
    pub text: String,
    /// What it means.
    pub note: String,
    /// True if it shows a problem.
    pub problem: bool,
    /// What is odd about it: id and words.
    pub odd: Vec<String>,
}

impl Page {
    /// A recording, played.
    pub fn of(recording: &Recording) -> Self {
        let began = recording.header.began;
        let mut model = Model::new(LookUps::new(1));
        let mut times = BTreeMap::new();
        for line in &recording.lines {
            player::play(line, &mut model);
            if let Recorded::Session(session) = line {
                times.insert(session.s, later(began, session.after));
            }
        }
        Self { model, times, began }
    }

    /// Its sessions without those that hosts of the lab held with each other: what a client outside did.
    pub fn talks(&self) -> impl Iterator<Item = &Session> {
        self.model.sessions().iter().filter(|session| !matches!(session.caller(), Some(Caller::Relay(_))))
    }

    /// When a session began.
    pub fn begun(&self, id: SessionId) -> Timestamp {
        self.times.get(&id).copied().unwrap_or(self.began)
    }

    /// When a session began, since the recording did.
    pub fn after(&self, id: SessionId) -> Moment {
        let micros = self.begun(id).duration_since(self.began).as_micros();
        Moment::from_micros(u64::try_from(micros).unwrap_or_default())
    }

    /// The heading of a session: program, world, place and the time at which it began, if that is known.
    pub fn heading(&self, session: &Session) -> String {
        let place = safe::plain(session.place().as_bytes()).into_string();
        let begun = self.begun(session.id).strftime("%Y-%m-%d %H:%M:%S");
        let begun = if self.is_dated(session) { format!(", {begun} UTC") } else { String::new() };
        format!("ehlo {}, {}, {place}{begun}", env!("CARGO_PKG_VERSION"), session.origin())
    }

    /// False if nobody knows on which day a session was. Logs that tell times tell no dates.
    fn is_dated(&self, session: &Session) -> bool {
        session.imported().is_none() || self.begun(session.id) >= FIRST_DAY
    }

    /// The lines of a session.
    pub fn lines<'a>(&self, session: &'a Session) -> impl Iterator<Item = Line> + use<'a> {
        let (begun, timed) = (self.begun(session.id), session.tells_times());
        let dialogue = session.dialogue();
        (0..).zip(dialogue.rows()).map(move |(index, row)| {
            let id = RowId(index);
            let note = session.note(id);
            let odd = dialogue.flaws_of(id).iter().map(|flaw| format!("{}: {}", flaw.kind.id(), flaw.kind.title()));
            Line {
                number: index + 1,
                at: row.at,
                clock: if timed {
                    later(begun, row.at.micros()).strftime("%H:%M:%S%.3f").to_string()
                } else {
                    NO_CLOCK.to_owned()
                },
                who: match row.side() {
                    Some(Side::Client) => "C:",
                    Some(Side::Server) => "S:",
                    None => "--",
                },
                text: session.matter(row),
                problem: note.sign == Sign::Problem,
                note: note.text.into(),
                odd: odd.collect(),
            }
        })
    }
}

/// A time so many microseconds later.
fn later(time: Timestamp, micros: u64) -> Timestamp {
    let span = jiff::SignedDuration::from_micros(i64::try_from(micros).unwrap_or(i64::MAX));
    time.checked_add(span).unwrap_or(time)
}

/// A text in lines of at most `room` cells: broken between words, and inside one that has no room in a line.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut wide) = (String::new(), 0);
    for word in text.split_inclusive(' ') {
        let needed: usize = word.trim_end().chars().map(cells).sum();
        if wide > 0 && wide + needed > room {
            lines.push(std::mem::take(&mut line));
            wide = 0;
        }
        for character in word.chars() {
            if wide + cells(character) > room && character != ' ' {
                lines.push(std::mem::take(&mut line));
                wide = 0;
            }
            line.push(character);
            wide += cells(character);
        }
    }
    lines.push(line);
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

fn cells(character: char) -> usize {
    character.width().unwrap_or(0)
}
