//! From signals to events: conversations are followed row by row, each row is told once it is settled.

use std::collections::{BTreeMap, BTreeSet};

use super::body::Counting;
use super::fields::{self, millis};
use super::{By, Event, What};
use super::{explained, journey, names};
use crate::dialogue::exchange::{Cause, Exchange, ExchangeId};
use crate::dialogue::phase::Phase;
use crate::dialogue::row::{Part, Place, Row, RowId, What as Matter};
use crate::dns::panel::Panel;
use crate::knowledge::given::Given;
use crate::ports::lab::change::Change;
use crate::ports::lab::{Card, Delivered, Signal, Visit, VisitId};
use crate::ports::{dns, net};
use crate::safe;
use crate::session::Session;
use crate::smtp::command::{Command, Verb};
use crate::tape::mark::Mark;
use crate::tape::{Moment, Side, Span};

/// A conversation is begun anew at a quiet moment once it has said so many octets, so that one without an end needs no
/// memory without end.
const LONG: u64 = 1 << 20;

/// The fold over all that the lab tells.
#[derive(Debug, Default)]
pub struct Fold {
    told: u64,
    clock: String,
    /// What is different in the lab.
    changes: Vec<Change>,
    open: BTreeMap<VisitId, Open>,
}

/// A conversation that is followed.
#[derive(Debug)]
struct Open {
    session: Session,
    /// When it began, since the program did.
    begun: Moment,
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

/// Something to be told, and when it was.
type Told = (Moment, By, What);

impl Fold {
    /// The first event: the lab is served.
    pub fn begin(&mut self, card: Card, now: Moment) -> Event {
        self.event(None, (now, By::Lab, What::Lab(card)))
    }

    /// What the lab's clock shows from now on.
    pub fn show_clock(&mut self, shown: String) {
        self.clock = shown;
    }

    /// What an answer of the DNS, heard `now`, says.
    pub fn heard(&mut self, signal: &dns::Signal, now: Moment) -> Event {
        self.event(None, (now, By::Dns, names::heard(signal)))
    }

    /// What something that was given means.
    pub fn explained(&mut self, given: &Given, now: Moment) -> Event {
        self.event(None, (now, By::Ui, explained::what(given)))
    }

    /// Where mail for the domain of a panel goes; nothing if it is about something else.
    pub fn route(&mut self, panel: &Panel, now: Moment) -> Option<Event> {
        names::route(panel).map(|what| self.event(None, (now, By::Dns, what)))
    }

    /// What a signal of the lab, heard `now`, says happened.
    pub fn apply(&mut self, signal: &Signal, now: Moment) -> Vec<Event> {
        match signal {
            Signal::Delivered(letter) => vec![self.event(None, (now, By::Lab, delivered(letter)))],
            Signal::News(news) => {
                journey::step(news).map(|what| self.event(None, (now, By::Lab, what))).into_iter().collect()
            }
            // What a host said to another is told as the hop that it was; what waits follows from what happened, and the
            // clock stands beside each event.
            Signal::Called(_) | Signal::Queue { .. } | Signal::Clock { .. } | Signal::Unchanged { .. } => Vec::new(),
            Signal::Changed(changes) => {
                let before = std::mem::replace(&mut self.changes, changes.clone());
                let told = journey::changed(&before, changes);
                told.map(|what| self.event(None, (now, By::Lab, what))).collect()
            }
            Signal::Came(visit) => {
                self.open.insert(visit.id, Open::new(visit, now));
                Vec::new()
            }
            Signal::Heard { visit, at, what } => {
                let Some(open) = self.open.get_mut(visit) else { return Vec::new() };
                open.session.apply(*at, what);
                let over = *what == net::What::Ended;
                let mut told = Vec::new();
                open.follow(over, &mut told);
                open.begin_anew_if_long();
                let begun = open.begun;
                if over {
                    self.open.remove(visit);
                }
                let since = |at: Moment| begun.after(at.since(Moment::START));
                told.into_iter().map(|(at, by, what)| self.event(Some(visit.0), (since(at), by, what))).collect()
            }
        }
    }

    fn event(&mut self, session: Option<u32>, (at, by, what): Told) -> Event {
        self.told += 1;
        Event { n: self.told, at, clock: self.clock.clone(), session, by, what }
    }
}

fn delivered(letter: &Delivered) -> What {
    let plain = |text: &str| safe::plain(text.as_bytes()).into_string();
    What::Deliver {
        server: letter.host.clone(),
        mailbox: letter.mailbox.clone(),
        id: letter.id.clone(),
        from: plain(&letter.from),
        bytes: letter.letter.len() as u64,
    }
}

impl Open {
    fn new(visit: &Visit, now: Moment) -> Self {
        Self {
            session: Session::watching(net::SessionId(visit.id.0), visit),
            begun: now,
            row: 0,
            offers: 0,
            problems: BTreeSet::new(),
            letter: None,
            stage: "connect",
            before: Moment::START,
        }
    }

    /// Tells every row that is settled and was not told.
    fn follow(&mut self, over: bool, told: &mut Vec<Told>) {
        while let Some(row) = self.session.dialogue().rows().get(self.row).copied() {
            if matches!(row.what, Matter::Open | Matter::Undecided) && !over {
                break;
            }
            self.tell(row, told);
            self.row += 1;
            self.before = row.at;
        }
        let problems = self.session.problems();
        if problems.len() != self.problems.len() {
            let new: Vec<RowId> = problems.iter().map(|it| it.row).filter(|row| !self.problems.contains(row)).collect();
            for row in new {
                self.problems.insert(row);
                // One that would repeat a secret is not told.
                let at = self.session.dialogue().row(row).map_or(self.before, |row| row.at);
                told.extend(self.session.problem(row).map(|problem| (at, By::Lab, fields::problem(problem))));
            }
        }
    }

    fn tell(&mut self, row: Row, told: &mut Vec<Told>) {
        let span = match row.place() {
            Place::Bytes(span) => span,
            Place::Mark(index) => return self.mark(index, row.at, told),
        };
        match row.what {
            Matter::Command(id) => self.command(id, span, row.at, told),
            Matter::Reply { exchange, last: true } => self.reply(exchange, row.at, told),
            Matter::Content { part, .. } => {
                let line = self.session.tape().bytes(span);
                self.letter.get_or_insert_default().line(&line, part);
            }
            Matter::Chunk(_) => {
                let line = self.session.tape().bytes(span);
                self.letter.get_or_insert_default().line(&line, Part::Body);
            }
            Matter::EndOfData(id) => {
                let dot = self.session.tape().bytes(span).into_owned();
                self.stage = "final";
                let tls = self.session.dialogue().exchange(id).is_some_and(|it| it.tls);
                let line = fields::Line { session: &self.session, span, raw: &dot, stage: self.stage, tls };
                let gap = millis(row.at.since(self.before));
                told.push((row.at, By::You, line.dot(gap)));
                let body = self.letter.take().unwrap_or_default().finish(Some(&dot));
                told.push((row.at, By::You, What::Body(body)));
            }
            Matter::Sasl(id) => {
                let line = self.session.tape().bytes(span).into_owned();
                told.extend(fields::sasl(&self.session, id, span, &line).map(|what| (row.at, By::You, what)));
            }
            _ => {}
        }
    }

    fn mark(&mut self, index: usize, at: Moment, told: &mut Vec<Told>) {
        let Some((_, mark)) = self.session.tape().marks().get(index) else { return };
        let by = match mark {
            Mark::TlsReady(_) | Mark::TlsFailed(_) => By::Tls,
            Mark::Closed(closed) if closed.by == Side::Server => By::Server,
            _ => By::You,
        };
        told.extend(fields::mark(mark, &self.session).map(|what| (at, by, what)));
    }

    fn command(&mut self, id: ExchangeId, span: Span, at: Moment, told: &mut Vec<Told>) {
        let raw = self.session.tape().bytes(span).into_owned();
        let command = Command::parse(&raw);
        self.stage = stage(command.verb).unwrap_or(self.stage);
        if command.verb == Verb::Data {
            self.letter = None;
        }
        let early = self.speaks_before_its_turn(id, at);
        let tls = self.session.dialogue().exchange(id).is_some_and(|it| it.tls);
        let line = fields::Line { session: &self.session, span, raw: &raw, stage: self.stage, tls };
        told.push((at, By::You, line.command(&command, millis(at.since(self.before)), early)));
    }

    /// True if the reply to what was asked before had not come whole.
    fn speaks_before_its_turn(&self, id: ExchangeId, at: Moment) -> bool {
        let before = id.0.checked_sub(1).and_then(|before| self.session.dialogue().exchange(ExchangeId(before)));
        before.is_some_and(|before| before.answer.is_none_or(|answer| !answer.complete || answer.last > at))
    }

    fn reply(&mut self, id: ExchangeId, at: Moment, told: &mut Vec<Told>) {
        let dialogue = self.session.dialogue();
        let Some(exchange) = dialogue.exchange(id) else { return };
        let Some(answer) = exchange.answer else { return };
        if self.is_last_chunk(exchange)
            && let Some(letter) = self.letter.take()
        {
            told.push((answer.first, By::You, What::Body(letter.finish(None))));
        }
        let stage = match exchange.cause {
            Cause::Greeting => "greeting",
            Cause::EndOfData => "final",
            Cause::Sasl => "auth",
            Cause::Command(verb) => stage(verb).unwrap_or(self.stage),
            Cause::Unasked => self.stage,
        };
        told.push((at, By::Server, fields::reply(&self.session, exchange, stage)));
        let offers = dialogue.capabilities();
        if offers.len() > self.offers {
            self.offers = offers.len();
            told.extend(fields::offer(offers).map(|what| (at, By::Server, what)));
        }
        told.extend(fields::verdict(&self.session, id, exchange).map(|what| (at, By::Server, what)));
    }

    fn is_last_chunk(&self, exchange: &Exchange) -> bool {
        let line = exchange.command.filter(|_| exchange.verb() == Some(Verb::Bdat));
        line.is_some_and(|span| Command::parse(&self.session.tape().bytes(span)).chunk().is_some_and(|it| it.last))
    }

    /// Forgets what was told long ago. What the conversation stands on is said again to a fresh record: the greeting,
    /// TLS, the client's name.
    fn begin_anew_if_long(&mut self) {
        let dialogue = self.session.dialogue();
        let long = self.session.octets(Side::Client) + self.session.octets(Side::Server) > LONG;
        let quiet = dialogue.phase() == Phase::Ready && !dialogue.envelope().is_open() && !dialogue.awaits_reply();
        if !long || !quiet || self.row < dialogue.rows().len() || !self.session.is_open() {
            return;
        }
        let at = self.session.tape().end();
        let mut anew = Session::watching(self.session.id, &fields::visit(&self.session));
        let mark = |mark: &Mark| net::What::Mark(mark.clone());
        let marks = || self.session.tape().marks().iter().map(|(_, mark)| mark);
        if let Some(opened) = marks().find(|mark| matches!(mark, Mark::Opened(_))) {
            anew.apply(at, &mark(opened));
        }
        let exchanges = dialogue.exchanges();
        let said = |span: Span| net::What::Bytes(span.side, self.session.tape().bytes(span).into_owned().into());
        if let Some(greeting) = exchanges.first().and_then(|exchange| exchange.answer) {
            anew.apply(at, &said(greeting.span));
        }
        if let Some(ready) = marks().rev().find(|mark| matches!(mark, Mark::TlsReady(_))) {
            anew.apply(at, &mark(ready));
        }
        let is_hello = |exchange: &&Exchange| {
            matches!(exchange.verb(), Some(Verb::Ehlo | Verb::Helo | Verb::Lhlo)) && exchange.succeeded()
        };
        if let Some(Exchange { command: Some(command), answer: Some(answer), .. }) =
            exchanges.iter().rev().find(is_hello)
        {
            anew.apply(at, &said(*command));
            anew.apply(at, &said(answer.span));
        }
        self.row = anew.dialogue().rows().len();
        self.offers = anew.dialogue().capabilities().len();
        self.problems = anew.problems().iter().map(|problem| problem.row).collect();
        self.session = anew;
    }
}

/// The stage that a command belongs to; none for those that may come at any time.
fn stage(verb: Verb) -> Option<&'static str> {
    Some(match verb {
        Verb::Ehlo | Verb::Helo | Verb::Lhlo => "hello",
        Verb::StartTls => "starttls",
        Verb::Auth => "auth",
        Verb::Mail => "mail",
        Verb::Rcpt => "rcpt",
        Verb::Data | Verb::Bdat => "data",
        Verb::Quit => "quit",
        _ => return None,
    })
}
