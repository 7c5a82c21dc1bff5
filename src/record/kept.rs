//! What is kept of a long session while its recording is shown.
//!
//! A session that outgrows its budget is shown from a later moment on: how it began, then octets that are counted and not
//! kept, then all that came behind them. So there is always at least half a budget of what was said last, and addresses
//! on the tape stay what they are.
//!
//! ```text
//! file   |begin|.............................|transaction|......................|what came last|
//! shown  |begin|  (n bytes, not kept)        |transaction|  (n bytes, not kept) |what came last|
//! ```
//!
//! Octets are left out only between two moments of rest of the same kind, so that the fold finds itself where it was:
//! between transactions, between two chunks of one, between two lines of a letter. Where no such moment comes, the record
//! is full, as that of a live session with the lab can be.

use std::sync::Arc;

use super::line::{Begun, Line};
use super::player::play_in;
use crate::dialogue::phase::Phase;
use crate::ports::net::SessionId;
use crate::session::Session;
use crate::smtp::limits::recording::{BLOCK, HEAD, SESSION, SESSIONS_HELD, SLICE};
use crate::tape::mark::Mark;
use crate::tape::{Moment, Side};

/// What sessions may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Octets that one costs in memory, about; twice that where nothing can be left out.
    pub session: u64,
    /// Octets of its beginning, and of that of a transaction, that always stay.
    pub head: u64,
    /// Octets that all cost that are held at a time.
    pub all: u64,
    /// Octets of the file that are read at a time.
    pub slice: usize,
    /// Octets between two places of the file that are known.
    pub block: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { session: SESSION, head: HEAD, all: SESSIONS_HELD, slice: SLICE, block: BLOCK }
    }
}

/// A session of a recording, kept within its budget.
#[derive(Debug)]
pub struct Kept {
    budget: Budget,
    begun: Begun,
    starts: Vec<Start>,
    /// The start that the shown session began with.
    shown: usize,
    /// Octets of marks since then, which stand beside the tape.
    marks: u64,
    /// The same session from a later start on: it takes the place of the shown one when that is too large.
    young: Option<Young>,
    /// From this weight on it is looked whether the session can be begun again.
    patience: u64,
    head: Arc<Stretch>,
    transaction: Arc<Stretch>,
    full: bool,
}

#[derive(Debug)]
struct Young {
    start: usize,
    session: Session,
    /// What it cost when it was begun.
    begun: u64,
    marks: u64,
}

impl Young {
    fn weight(&self) -> u64 {
        self.session.weight() + self.marks
    }
}

/// A moment from which on a session can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The octet of the file where the line behind it begins.
    at: u64,
    /// The octet of the file from which on the session is shown from here.
    shown_from: Option<u64>,
    /// What it is a moment of, when it was, and the octets of each side before it; nothing for the very beginning.
    place: Option<(Rest, Moment, [u64; 2])>,
    head: Arc<Stretch>,
    transaction: Arc<Stretch>,
}

/// Lines that stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Stretch {
    /// Octets of each side before it.
    from: [u64; 2],
    lines: Vec<Line>,
    octets: u64,
    /// So many of its lines stand before a moment of rest, by its kind, and the octets of each side then.
    rests: [Option<(usize, [u64; 2])>; 3],
    closed: bool,
}

/// A moment in which nothing is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Between transactions.
    Ready,
    /// In a transaction, between commands.
    Envelope,
    /// In a letter, between lines.
    Content,
}

impl Rest {
    fn of(session: &Session) -> Option<Self> {
        let dialogue = session.dialogue();
        let quiet = || !dialogue.awaits_reply();
        match dialogue.phase() {
            _ if !session.is_between_lines() => None,
            Phase::Ready if quiet() => Some(Self::Ready),
            Phase::Envelope if quiet() => Some(Self::Envelope),
            Phase::Content => Some(Self::Content),
            _ => None,
        }
    }
}

impl Stretch {
    fn take(&mut self, line: &Line, octets: u64, most: u64) {
        if self.closed {
            return;
        }
        self.octets += octets;
        if self.octets > most {
            self.close();
        } else {
            self.lines.push(line.clone());
        }
    }

    /// Takes nothing more; what stands behind the last rest goes.
    fn close(&mut self) {
        self.closed = true;
        let kept = self.rests.iter().flatten().map(|(lines, _)| *lines).max().unwrap_or(0);
        self.lines.truncate(kept);
        self.lines.shrink_to_fit();
    }

    fn rests(&mut self, rest: Rest, octets: [u64; 2]) {
        if !self.closed
            && let Some(place) = self.rests.get_mut(rest as usize)
        {
            *place = Some((self.lines.len(), octets));
        }
    }

    fn up_to(&self, rest: Rest) -> Option<(&[Line], [u64; 2])> {
        let (lines, octets) = (*self.rests.get(rest as usize)?)?;
        Some((self.lines.get(..lines)?, octets))
    }
}

impl Start {
    /// What is played of the session before.
    fn plan(&self, s: SessionId) -> Option<Vec<Line>> {
        let Some((rest, now, said)) = self.place else { return Some(Vec::new()) };
        let left_out = |from: [u64; 2], to: [u64; 2]| {
            let sides = [Side::Client, Side::Server].into_iter().zip(from.into_iter().zip(to));
            sides.filter(|(_, (from, to))| from < to).map(move |(side, (from, to))| Line::Elided {
                s,
                t: now,
                side,
                octets: to - from,
            })
        };
        let (head, mut told) = self.head.up_to(Rest::Ready)?;
        let mut plan = head.to_vec();
        if rest != Rest::Ready {
            let (lines, until) = self.transaction.up_to(rest)?;
            plan.extend(left_out(told, self.transaction.from));
            plan.extend_from_slice(lines);
            told = until;
        }
        plan.extend(left_out(told, said));
        Some(plan)
    }
}

impl Kept {
    /// A session that begins with a line which ends at this octet of the file.
    pub fn new(begun: Begun, budget: Budget, end: u64) -> (Session, Self) {
        let start = Start {
            at: end,
            shown_from: Some(0),
            place: None,
            head: Arc::default(),
            // There is none before a moment of rest.
            transaction: Arc::new(Stretch { closed: true, ..Stretch::default() }),
        };
        Self::again(begun, budget, vec![start], end)
    }

    /// The session as it is shown at an octet of the file, made anew from the last of its starts; it is to be played on
    /// from there.
    pub fn again(begun: Begun, budget: Budget, starts: Vec<Start>, until: u64) -> (Session, Self) {
        let usable = |start: &Start| start.shown_from.is_some_and(|from| from <= until);
        let shown = starts.iter().rposition(usable).unwrap_or(0);
        let mut session = Session::recorded(begun.s, begun.target.clone(), begun.imported);
        let (mut head, mut transaction) = (Arc::default(), Arc::default());
        if let Some(start) = starts.get(shown) {
            start.plan(begun.s).unwrap_or_default().iter().for_each(|line| play_in(line, &mut session));
            (head, transaction) = (Arc::clone(&start.head), Arc::clone(&start.transaction));
        }
        let (marks, young, patience, full) = (0, None, budget.session / 2, false);
        let kept = Self { budget, begun, starts, shown, marks, young, patience, head, transaction, full };
        (session, kept)
    }

    /// The octet of the file where the line stands with which it is played on after it was made.
    pub fn begins(&self) -> u64 {
        self.starts.get(self.shown).map_or(0, |start| start.at)
    }

    /// True if it can be shown from other moments on than its beginning.
    pub fn is_long(&self) -> bool {
        self.starts.len() > 1
    }

    /// How it was begun, and the moments from which on it can be shown, as far as they are known.
    pub fn starts(&self) -> (Begun, Vec<Start>) {
        (self.begun.clone(), self.starts.clone())
    }

    /// What it costs in memory besides the session that is shown.
    pub fn weight(&self) -> u64 {
        let lines = self.head.octets.min(self.budget.head) + self.transaction.octets.min(self.budget.head);
        lines + self.marks + self.young.as_ref().map_or(0, Young::weight)
    }

    /// Plays a line of the file into the session that is shown: one of so many octets, which ends at this one. True if the
    /// session was made anew, with other rows.
    pub fn play(&mut self, session: &mut Session, octets: u64, end: u64, line: &Line) -> bool {
        if self.full && !matches!(line, Line::End { .. } | Line::Mark { mark: Mark::Closed(_), .. }) {
            return false;
        }
        play_in(line, session);
        let marks = if matches!(line, Line::Mark { .. }) { octets } else { 0 };
        self.marks += marks;
        if let Some(young) = &mut self.young {
            play_in(line, &mut young.session);
            young.marks += marks;
        }
        let said = [session.octets(Side::Client), session.octets(Side::Server)];
        let rest = Rest::of(session);
        self.stretch(line, octets, rest, said);
        let weight = session.weight() + self.marks;
        // Made anew, it is begun again where it was when it was played to here: not before it was the one that is shown.
        let shown = self.starts.get(self.shown).and_then(|start| start.shown_from).is_some_and(|from| from < end);
        if let Some(rest) = rest.filter(|_| shown && self.young.is_none() && weight >= self.patience) {
            // What cannot be left out now is looked at again a while later.
            self.patience = weight + self.budget.session / 16;
            self.begin_again(end, rest, Some((rest, line.at().unwrap_or_default(), said)));
        }
        if weight < self.budget.session {
            return false;
        }
        // Never without a good part of what was said last.
        let grown = |young: &Young| young.weight() >= young.begun + self.budget.session / 4;
        if let Some(young) = self.young.take_if(|young| grown(young)) {
            (*session, self.shown, self.marks) = (young.session, young.start, young.marks);
            self.patience = self.budget.session / 2;
            if let Some(start) = self.starts.get_mut(self.shown) {
                start.shown_from.get_or_insert(end);
            }
            return true;
        }
        if weight >= self.budget.session.saturating_mul(2) && !self.full {
            self.full = true;
            session.annotate(Mark::RecordFull { octets: said.iter().sum() });
        }
        false
    }

    /// Keeps the lines that stay.
    fn stretch(&mut self, line: &Line, octets: u64, rest: Option<Rest>, said: [u64; 2]) {
        let most = self.budget.head;
        for stretch in [&mut self.head, &mut self.transaction].into_iter().filter(|stretch| !stretch.closed) {
            Arc::make_mut(stretch).take(line, octets, most);
        }
        match rest {
            Some(Rest::Ready) => {
                if !self.head.closed {
                    Arc::make_mut(&mut self.head).rests(Rest::Ready, said);
                }
                self.transaction = Arc::new(Stretch { from: said, ..Stretch::default() });
            }
            Some(rest) if !self.transaction.closed => Arc::make_mut(&mut self.transaction).rests(rest, said),
            _ => {}
        }
    }

    /// Begins the session once more, at an octet of the file.
    fn begin_again(&mut self, at: u64, rest: Rest, place: Option<(Rest, Moment, [u64; 2])>) {
        // Where the session was played to before, its starts are known.
        let known = self.starts.iter().position(|start| start.at == at);
        if known.is_none() {
            let (head, transaction) = (Arc::clone(&self.head), Arc::clone(&self.transaction));
            self.starts.push(Start { at, shown_from: None, place, head, transaction });
        }
        let start = known.unwrap_or(self.starts.len().saturating_sub(1));
        let mut session = Session::recorded(self.begun.s, self.begun.target.clone(), self.begun.imported);
        let plan = self.starts.get(start).and_then(|start| start.plan(self.begun.s));
        plan.iter().flatten().for_each(|line| play_in(line, &mut session));
        let said = Some([session.octets(Side::Client), session.octets(Side::Server)]);
        if plan.is_some() && Rest::of(&session) == Some(rest) && said == place.map(|(.., said)| said) {
            self.young = Some(Young { start, begun: session.weight(), session, marks: 0 });
        } else if known.is_none() {
            self.starts.pop();
        }
    }
}
