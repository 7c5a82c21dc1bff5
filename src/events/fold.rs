//! From signals to events: conversations are followed row by row, each row is told once it is settled.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::follow::{Following, Told};
use super::{By, Event, Seen, What};
use super::{explained, fields, journey, names};
use crate::dialogue::exchange::Exchange;
use crate::dialogue::phase::Phase;
use crate::dns::panel::Panel;
use crate::knowledge::given::Given;
use crate::ports::lab::change::Change;
use crate::ports::lab::{Card, Delivered, Signal, Visit, VisitId};
use crate::ports::net::SessionId;
use crate::ports::{dns, net};
use crate::safe;
use crate::session::outcome::Outcome;
use crate::session::{self, Session, State};
use crate::smtp::command::Verb;
use crate::tape::mark::Mark;
use crate::tape::peer::Peer;
use crate::tape::{Moment, Side, Span};

/// A conversation is begun anew at a quiet moment once it has said so many octets, so that one without an end needs no
/// memory without end.
const LONG: u64 = 1 << 20;

/// The fold over all that the lab tells, and over our own sessions.
#[derive(Debug, Default)]
pub struct Fold {
    told: u64,
    clock: Arc<str>,
    /// What is different in the lab.
    changes: Vec<Change>,
    open: BTreeMap<VisitId, Open>,
    /// Our own sessions: when each began, since the program did, and how far it is told.
    own: BTreeMap<SessionId, (Moment, Following)>,
    /// Where a client is waited for.
    listening: Option<Peer>,
}

/// A conversation of somebody else with the lab.
#[derive(Debug)]
struct Open {
    session: Session,
    /// When it began, since the program did.
    begun: Moment,
    following: Following,
}

impl Fold {
    /// The first event: the lab is served.
    pub fn begin(&mut self, card: Card, now: Moment) -> Event {
        self.event(None, (now, By::Lab, What::Lab(card)))
    }

    /// What the lab's clock shows from now on.
    pub fn show_clock(&mut self, shown: impl Into<Arc<str>>) {
        self.clock = shown.into();
    }

    /// What an answer of the DNS, heard `now`, says.
    pub fn heard(&mut self, signal: &dns::Signal, now: Moment) -> Event {
        self.event(None, (now, By::Dns, names::heard(signal)))
    }

    /// What something that was given means; in a log, how often it was seen.
    pub fn explained(&mut self, given: &Given, seen: Option<Seen>, now: Moment) -> Event {
        self.event(None, (now, By::Ui, explained::what(given, seen)))
    }

    /// Where mail for the domain of a panel goes; nothing if it is about something else.
    pub fn route(&mut self, panel: &Panel, now: Moment) -> Option<Event> {
        names::route(panel).map(|what| self.event(None, (now, By::Dns, what)))
    }

    /// How what nobody leads by hand came out; its words are safe already.
    pub fn ended(&mut self, outcome: &Outcome, now: Moment) -> Event {
        let Outcome { exit, stage, id, say } = outcome;
        let what = What::End { stage: stage.word(), exit: *exit, id: *id, say: say.clone() };
        self.event(None, (now, By::Ui, what))
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
                open.following.follow(&open.session, over, &mut told);
                open.begin_anew_if_long();
                let begun = open.begun;
                if over {
                    self.open.remove(visit);
                }
                self.events(visit.0, begun, told)
            }
        }
    }

    /// What anything that a service told `now` says happened. The sessions have taken it in.
    pub fn take(&mut self, signal: &session::Signal, sessions: &[Session], now: Moment) -> Vec<Event> {
        match signal {
            session::Signal::Net(net::Signal { what: net::What::Listening(at), .. }) => self.listens(at, now),
            session::Signal::Net(signal) => {
                let session = sessions.iter().find(|session| session.id == signal.session);
                session.map(|session| self.follow(session)).unwrap_or_default()
            }
            session::Signal::Dns(signal) => vec![self.heard(signal, now)],
            session::Signal::Lab(signal) => self.apply(signal, now),
        }
    }

    /// A client is waited for here: told once.
    fn listens(&mut self, at: &Peer, now: Moment) -> Vec<Event> {
        if self.listening.as_ref() == Some(at) {
            return Vec::new();
        }
        self.listening = Some(at.clone());
        let place = at.ip().map_or_else(|| at.to_string(), |ip| ip.to_string());
        let what = What::Listen { ip: safe::plain(place.as_bytes()).into_string(), port: at.port() };
        vec![self.event(None, (now, By::Ui, what))]
    }

    /// A session of our own begins.
    pub fn open(&mut self, id: SessionId, now: Moment) {
        self.own.insert(id, (now, Following::default()));
    }

    /// What a session of our own says happened since it was asked last; nothing of one that was never begun here.
    pub fn follow(&mut self, session: &Session) -> Vec<Event> {
        let Some((begun, following)) = self.own.get_mut(&session.id) else { return Vec::new() };
        let (begun, over) = (*begun, matches!(session.state(), State::Over | State::Failed(_)));
        let mut told = Vec::new();
        following.follow(session, over, &mut told);
        self.events(session.id.0, begun, told)
    }

    /// Events of a conversation that began at this moment of the program.
    fn events(&mut self, session: u32, begun: Moment, told: Vec<Told>) -> Vec<Event> {
        let since = |at: Moment| begun.after(at.since(Moment::START));
        told.into_iter().map(|(at, by, what)| self.event(Some(session), (since(at), by, what))).collect()
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
        let session = Session::watching(SessionId(visit.id.0), visit);
        Self { session, begun: now, following: Following::default() }
    }

    /// Forgets what was told long ago. What the conversation stands on is said again to a fresh record: the greeting,
    /// TLS, the client's name.
    fn begin_anew_if_long(&mut self) {
        let dialogue = self.session.dialogue();
        let long = self.session.octets(Side::Client) + self.session.octets(Side::Server) > LONG;
        let quiet = dialogue.phase() == Phase::Ready && !dialogue.envelope().is_open() && !dialogue.awaits_reply();
        if !long || !quiet || !self.following.has_told(&self.session) || !self.session.is_open() {
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
        self.following = Following::told(&anew);
        self.session = anew;
    }
}
