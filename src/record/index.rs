//! What a recording holds and where it stands in the file: made while the file is read once, and small whatever its size.
//!
//! ```text
//! blocks    every 128 KiB or so: an octet of the file, the number of its line, when it was
//! sessions  the first and the last octet of each, where it goes
//! shared    letters, what happened to them, look-ups: an octet each
//! ```

use std::collections::BTreeMap;

use super::line::{Begun, Line};
use super::reader::{Remark, Remarks};
use super::slice::{Of, Placed, Wanted};
use crate::ports::net::SessionId;
use crate::session::target::spelled;
use crate::smtp::limits::dns::QUESTIONS;
use crate::smtp::limits::recording::{LETTERS, LINES, NEWS, SESSIONS, SHARED};
use crate::tape::Moment;

/// Letters of a recording that are shown at a moment of it.
const SHOWN_LETTERS: usize = 1000;
/// What happened to letters that is shown: twice what a model keeps, for some of it makes room for the rest.
const SHOWN_NEWS: usize = 2000;
/// Answers of a panel: more than it has questions, for some are asked again.
const ANSWERS: usize = 4 * QUESTIONS;
/// Characters of a target that are listed.
const NAME: usize = 80;

/// What a recording holds, and where.
#[derive(Debug, Clone, Default)]
pub struct Index {
    blocks: Vec<Block>,
    sessions: Vec<Summary>,
    known: BTreeMap<SessionId, u32>,
    names: BTreeMap<String, u32>,
    named: Vec<String>,
    mail: Vec<Shared>,
    /// Panels of the DNS, each with what was answered.
    panels: Vec<(Shared, Vec<Shared>)>,
    remarks: Remarks,
    /// Lines that say something.
    lines: u32,
    /// Lines of the file, the header too.
    number: usize,
    /// When the last line was.
    end: Moment,
    next: u64,
    /// Octets between two blocks.
    apart: u64,
    whole: bool,
}

/// A place of the file that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Block {
    /// Its octet: a line begins there.
    pub at: u64,
    /// So many lines that say something stand before it.
    pub line: u32,
    /// When the last of these was.
    pub time: Moment,
}

/// A session, without what was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Its number.
    pub id: SessionId,
    /// The number of its first line, from 0.
    pub line: u32,
    /// How many lines it has.
    pub lines: u32,
    /// The octet where the first of them begins.
    pub at: u64,
    /// The octet behind the last.
    pub end: u64,
    /// When it began, since the recording did.
    pub began: Moment,
    name: u32,
}

/// A line that is no session's.
#[derive(Debug, Clone, Copy)]
struct Shared {
    at: u64,
    octets: u32,
    line: u32,
    letter: bool,
}

/// True for a line that is played when it is shown: news of a letter whose header alone is very long are not, nor are
/// answers of the DNS that no server could give.
pub fn is_small(line: &Line, octets: u64) -> bool {
    !matches!(line, Line::News(_) | Line::Panel(_) | Line::LookUp(_)) || octets <= NEWS
}

impl Index {
    /// One of a file whose header ends at this octet, with a known place after every so many octets.
    pub fn new(header: u64, apart: u64) -> Self {
        let block = Block { at: header, line: 0, time: Moment::START };
        Self { blocks: vec![block], number: 1, next: header, apart, ..Self::default() }
    }

    /// The same, with something that the reader of the file should know before all else.
    #[must_use]
    pub fn with(self, remarks: &[Remark]) -> Self {
        Self { remarks: Remarks::new(remarks), ..self }
    }

    /// Takes in the next line of the file; false if no more are taken.
    pub fn take(&mut self, placed: &Placed) -> bool {
        if self.lines as usize >= LINES {
            self.remarks.too_many();
            self.whole = true;
            return false;
        }
        if self.blocks.last().is_none_or(|last| placed.at >= last.at + self.apart) {
            self.blocks.push(Block { at: placed.at, line: self.lines, time: self.end });
        }
        self.number += 1;
        self.next = placed.end;
        match &placed.line {
            Ok(line) => self.keep(placed, line),
            Err(bad) => self.remarks.note(self.number, self.lines as usize, bad),
        }
        true
    }

    /// The file ends here.
    pub fn ends(&mut self) {
        self.whole = true;
    }

    /// What is read next to know more, if there is more.
    pub fn wanted(&self, most: usize) -> Option<Wanted> {
        (!self.whole).then_some(Wanted { ticket: 0, from: self.next, until: u64::MAX, most, of: Of::All })
    }

    fn keep(&mut self, placed: &Placed, line: &Line) {
        match line {
            Line::Session(begun) => self.begin(placed, begun),
            line if line.is_shared() && is_small(line, placed.end - placed.at) => self.share(placed, line),
            _ => {}
        }
        if let Some(session) = line.session().and_then(|id| self.place(id)).and_then(|at| self.sessions.get_mut(at)) {
            session.end = placed.end;
            session.lines += 1;
        }
        self.end = self.time(line, self.end);
        self.lines += 1;
    }

    fn share(&mut self, placed: &Placed, line: &Line) {
        let octets = u32::try_from(placed.end - placed.at).unwrap_or(u32::MAX);
        let shared = Shared { at: placed.at, octets, line: self.lines, letter: matches!(line, Line::Letter(_)) };
        match line {
            Line::Letter(_) | Line::News(_) if self.mail.len() < SHARED => self.mail.push(shared),
            Line::Panel(_) if self.panels.len() < SHARED => self.panels.push((shared, Vec::new())),
            Line::LookUp(_) => {
                if let Some((_, answers)) = self.panels.last_mut().filter(|(_, answers)| answers.len() < ANSWERS) {
                    answers.push(shared);
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, placed: &Placed, begun: &Begun) {
        let place = u32::try_from(self.sessions.len()).unwrap_or(u32::MAX);
        if self.known.contains_key(&begun.s) {
            return;
        }
        if self.sessions.len() >= SESSIONS {
            return self.remarks.too_many_sessions();
        }
        let name: String = spelled(&begun.target).chars().take(NAME).collect();
        let unknown = u32::try_from(self.named.len()).unwrap_or(u32::MAX);
        let name = *self.names.entry(name).or_insert_with_key(|name| {
            self.named.push(name.clone());
            unknown
        });
        self.known.insert(begun.s, place);
        let (at, end) = (placed.at, placed.end);
        self.sessions.push(Summary {
            id: begun.s,
            line: self.lines,
            lines: 0,
            at,
            end,
            began: Moment::from_micros(begun.after),
            name,
        });
    }

    fn place(&self, id: SessionId) -> Option<usize> {
        self.known.get(&id).map(|place| *place as usize)
    }

    /// Lines that say something, as far as the file was read.
    pub fn lines(&self) -> u32 {
        self.lines
    }

    /// Octets of the file that were read.
    pub fn read(&self) -> u64 {
        self.next
    }

    /// True if all of it was read.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// When the last line was.
    pub fn end(&self) -> Moment {
        self.end
    }

    /// What was left out, and why.
    pub fn remarks(&self) -> &[Remark] {
        self.remarks.all()
    }

    /// When a line was, since the recording began, if the one before it was at `before`. What has no time of its own was
    /// when the line before it was, and no line was before another that stands before it.
    pub fn time(&self, line: &Line, before: Moment) -> Moment {
        let began = |id| self.session(id).map_or(Moment::START, |session| session.began);
        let time = match line {
            Line::Session(session) => Some(began(session.s)),
            line => line.at().map(|at| {
                let began = line.session().map_or(Moment::START, began);
                Moment::from_micros(began.micros().saturating_add(at.micros()))
            }),
        };
        time.map_or(before, |time| time.max(before))
    }

    /// The last known place at or before a line.
    pub fn block(&self, line: u32) -> Block {
        let behind = self.blocks.partition_point(|block| block.line <= line);
        let found = behind.checked_sub(1).and_then(|last| self.blocks.get(last));
        found.copied().unwrap_or_default()
    }

    /// The sessions that begin before a line, in the order in which they do.
    pub fn begun(&self, line: u32) -> &[Summary] {
        let count = self.sessions.partition_point(|session| session.line < line);
        self.sessions.get(..count).unwrap_or_default()
    }

    /// One of them.
    pub fn session(&self, id: SessionId) -> Option<&Summary> {
        self.place(id).and_then(|place| self.sessions.get(place))
    }

    /// The place of a session in the order in which they begin.
    pub fn rank(&self, id: SessionId) -> Option<usize> {
        self.place(id)
    }

    /// Where a session goes, as it is typed; a stranger may have written it.
    pub fn name(&self, session: &Summary) -> &str {
        self.named.get(session.name as usize).map_or("", String::as_str)
    }

    /// The octets of the lines that say what lies in mailboxes, what happened to letters and what the DNS panel showed
    /// before a line: as much of it as is shown.
    pub fn shared(&self, line: u32) -> Vec<u64> {
        let before = self.mail.partition_point(|shared| shared.line < line);
        let mut places = Vec::new();
        let (mut letters, mut octets) = (0, 0);
        for (back, shared) in self.mail.iter().take(before).rev().enumerate() {
            octets += if shared.letter { u64::from(shared.octets) } else { 0 };
            letters += usize::from(shared.letter);
            let letter = shared.letter && letters <= SHOWN_LETTERS && octets <= LETTERS;
            if letter || (back < SHOWN_NEWS && !shared.letter) {
                places.push(shared.at);
            } else if back >= SHOWN_NEWS && (letters > SHOWN_LETTERS || octets > LETTERS) {
                break;
            }
        }
        places.reverse();
        let before = |shared: &&Shared| shared.line < line;
        let open = self.panels.partition_point(|(panel, _)| panel.line < line);
        if let Some((panel, answers)) = open.checked_sub(1).and_then(|last| self.panels.get(last)) {
            places.push(panel.at);
            places.extend(answers.iter().take_while(before).map(|shared| shared.at));
        }
        places
    }
}
