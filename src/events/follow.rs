//! A conversation, followed row by row: each row is told once it is settled, with its verdict and the problems it shows.

use std::collections::BTreeSet;

use super::body::Counting;
use super::fields;
use super::{By, What};
use crate::dialogue::exchange::{Cause, Exchange, ExchangeId};
use crate::dialogue::row::{Part, Place, Row, RowId, What as Matter};
use crate::session::Session;
use crate::smtp::command::{Command, Verb};
use crate::smtp::stage::Stage;
use crate::tape::mark::Mark;
use crate::tape::told::Means;
use crate::tape::{Moment, Side, Span};

/// Something to be told, and when it was on the session's tape.
pub(super) type Told = (Moment, By, What);

/// How far a conversation has been told.
#[derive(Debug)]
pub(super) struct Following {
    /// Rows told.
    row: usize,
    /// Offers told.
    offers: usize,
    /// The rows of the problems told.
    problems: BTreeSet<RowId>,
    /// The letter that goes by.
    letter: Option<Counting>,
    stage: &'static str,
    /// When the row before was.
    before: Moment,
}

impl Default for Following {
    fn default() -> Self {
        Self {
            row: 0,
            offers: 0,
            problems: BTreeSet::new(),
            letter: None,
            stage: Stage::Connect.word(),
            before: Moment::START,
        }
    }
}

impl Following {
    /// Tells every row that is settled and was not told.
    pub(super) fn follow(&mut self, session: &Session, over: bool, told: &mut Vec<Told>) {
        while let Some(row) = session.dialogue().rows().get(self.row).copied() {
            if matches!(row.what, Matter::Open | Matter::Undecided) && !over {
                break;
            }
            self.tell(session, row, told);
            self.row += 1;
            self.before = row.at;
        }
        let problems = session.problems();
        if problems.len() != self.problems.len() {
            let new: Vec<RowId> = problems.iter().map(|it| it.row).filter(|row| !self.problems.contains(row)).collect();
            for row in new {
                self.problems.insert(row);
                // One that would repeat a secret is not told.
                let at = session.dialogue().row(row).map_or(self.before, |row| row.at);
                told.extend(session.problem(row).map(|problem| (at, By::Lab, fields::problem(problem))));
            }
        }
    }

    fn tell(&mut self, session: &Session, row: Row, told: &mut Vec<Told>) {
        let span = match row.place() {
            Place::Bytes(span) => span,
            Place::Mark(index) => return mark(session, index, row.at, told),
        };
        match row.what {
            Matter::Command(id) => self.command(session, id, span, row.at, told),
            Matter::Reply { exchange, last: true } => self.reply(session, exchange, row.at, told),
            Matter::Content { part, .. } => {
                let line = session.tape().bytes(span);
                self.letter.get_or_insert_default().line(&line, part);
            }
            Matter::Chunk(_) => {
                let line = session.tape().bytes(span);
                self.letter.get_or_insert_default().line(&line, Part::Body);
            }
            Matter::EndOfData(id) => {
                let dot = session.tape().bytes(span).into_owned();
                self.stage = Stage::Final.word();
                let tls = session.dialogue().exchange(id).is_some_and(|it| it.tls);
                let line = fields::Line { session, span, raw: &dot, stage: self.stage, tls };
                let gap = fields::passed(session, row.at.since(self.before));
                told.push((row.at, By::You, line.dot(gap)));
                let body = self.letter.take().unwrap_or_default().finish(Some(&dot));
                told.push((row.at, By::You, What::Body(body)));
            }
            Matter::Sasl(id) => {
                let line = session.tape().bytes(span).into_owned();
                told.extend(fields::sasl(session, id, span, &line).map(|what| (row.at, By::You, what)));
            }
            _ => {}
        }
    }

    fn command(&mut self, session: &Session, id: ExchangeId, span: Span, at: Moment, told: &mut Vec<Told>) {
        let raw = session.tape().bytes(span).into_owned();
        let command = Command::parse(&raw);
        self.stage = Stage::of(command.verb).map_or(self.stage, Stage::word);
        if command.verb == Verb::Data {
            self.letter = None;
        }
        let early = speaks_before_its_turn(session, id, at);
        let tls = session.dialogue().exchange(id).is_some_and(|it| it.tls);
        let line = fields::Line { session, span, raw: &raw, stage: self.stage, tls };
        told.push((at, By::You, line.command(&command, fields::passed(session, at.since(self.before)), early)));
    }

    fn reply(&mut self, session: &Session, id: ExchangeId, at: Moment, told: &mut Vec<Told>) {
        let dialogue = session.dialogue();
        let Some(exchange) = dialogue.exchange(id) else { return };
        let Some(answer) = exchange.answer else { return };
        if is_last_chunk(session, exchange)
            && let Some(letter) = self.letter.take()
        {
            told.push((answer.first, By::You, What::Body(letter.finish(None))));
        }
        let stage = match exchange.cause {
            Cause::Greeting => Stage::Greeting.word(),
            Cause::EndOfData => Stage::Final.word(),
            Cause::Sasl => Stage::Auth.word(),
            Cause::Command(verb) => Stage::of(verb).map_or(self.stage, Stage::word),
            Cause::Unasked => self.stage,
        };
        told.push((at, By::Server, fields::reply(session, exchange, stage)));
        // However much is known by now, an offer is told with the reply that made it.
        let offers = dialogue.capabilities();
        if let Some(place) = offers.iter().position(|offer| offer.exchange == id).filter(|place| *place >= self.offers)
        {
            self.offers = place + 1;
            let known = offers.get(..self.offers).unwrap_or_default();
            told.extend(fields::offer(known).map(|what| (at, By::Server, what)));
        }
        told.extend(fields::verdict(session, id, exchange).map(|what| (at, By::Server, what)));
    }

    /// A conversation that stands where `session` does, all of it told.
    pub(super) fn told(session: &Session) -> Self {
        Self {
            row: session.dialogue().rows().len(),
            offers: session.dialogue().capabilities().len(),
            problems: session.problems().iter().map(|problem| problem.row).collect(),
            ..Self::default()
        }
    }

    /// True once every row of a conversation is told.
    pub(super) fn has_told(&self, session: &Session) -> bool {
        self.row >= session.dialogue().rows().len()
    }
}

fn mark(session: &Session, index: usize, at: Moment, told: &mut Vec<Told>) {
    let Some((_, mark)) = session.tape().marks().get(index) else { return };
    let by = match mark {
        Mark::TlsReady(_) | Mark::TlsFailed(_) => By::Tls,
        Mark::Closed(closed) if closed.by == Side::Server => By::Server,
        Mark::Told(told) => match told.means {
            Means::Secured { .. } => By::Tls,
            Means::Closed { by: Side::Server } => By::Server,
            _ => By::You,
        },
        _ => By::You,
    };
    told.extend(fields::mark(mark, session).map(|what| (at, by, what)));
}

/// True if the reply to what was asked before had not come whole.
fn speaks_before_its_turn(session: &Session, id: ExchangeId, at: Moment) -> bool {
    let before = id.0.checked_sub(1).and_then(|before| session.dialogue().exchange(ExchangeId(before)));
    before.is_some_and(|before| before.answer.is_none_or(|answer| !answer.complete || answer.last > at))
}

fn is_last_chunk(session: &Session, exchange: &Exchange) -> bool {
    let line = exchange.command.filter(|_| exchange.verb() == Some(Verb::Bdat));
    line.is_some_and(|span| Command::parse(&session.tape().bytes(span)).chunk().is_some_and(|it| it.last))
}
