//! Conversations of others with hosts of the lab: of programs from outside, as the hosts saw them, and of hosts that pass
//! a letter on, as those saw them.
//!
//! Each is a [`Session`] like any other, with a tape of its own; nothing can be sent on it. How many are kept, and how
//! much of each and of all, is bounded: the oldest ones go, those that are over before those that are not.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Session, State};
use crate::ports::lab::{self, Call, Visit, VisitId};
use crate::ports::net::{Opening, Place, SessionId, Target, What};
use crate::smtp::limits::LabLimits;
use crate::tape::mark::Mark;
use crate::tape::{Moment, Side};

/// What a row of a transcript costs besides its octets.
const ROW: u64 = 32;

/// Who speaks in a conversation that is only watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Caller {
    /// A program from outside.
    Guest,
    /// A host of the lab, of this name, that passes a letter on.
    Relay(String),
    /// Nobody any more: this was recorded.
    Recorded,
}

/// The conversations, by their numbers.
#[derive(Debug, Default)]
pub struct Visits {
    known: BTreeMap<VisitId, Session>,
    /// What all of them cost in memory.
    cost: u64,
}

impl Visits {
    /// Those of programs from outside that are kept, oldest first.
    pub fn guests(&self) -> impl DoubleEndedIterator<Item = &Session> {
        self.known.values().filter(|session| session.caller() == Some(&Caller::Guest))
    }

    /// All that are kept, oldest first.
    pub fn all(&self) -> impl Iterator<Item = &Session> {
        self.known.values()
    }

    /// The one of this number, if it is still kept.
    pub fn get(&self, id: VisitId) -> Option<&Session> {
        self.known.get(&id)
    }

    /// The one that is this session.
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        self.known.values().find(|session| session.id == id)
    }

    /// Somebody came: a session of this number begins.
    pub(super) fn begin(&mut self, id: SessionId, visit: &Visit) {
        self.known.insert(visit.id, Session::watching(id, visit));
        self.forget();
    }

    /// A host calls another one: a session of this number begins.
    pub(super) fn called(&mut self, id: SessionId, call: &Call) {
        self.known.insert(call.id, Session::overheard(id, call));
        self.forget();
    }

    /// Takes in what happened in one of them. One that was forgotten stays so.
    pub(super) fn apply(&mut self, signal: &lab::Signal) -> Option<SessionId> {
        let lab::Signal::Heard { visit, at, what } = signal else { return None };
        let id = self.hear(*visit, *at, what);
        self.forget();
        id
    }

    fn hear(&mut self, visit: VisitId, at: Moment, what: &What) -> Option<SessionId> {
        let session = self.known.get_mut(&visit)?;
        let before = cost(session);
        match what {
            // What is not kept is not counted either: the record ends here.
            What::Bytes(..) if before > LabLimits::default().record => {}
            what => session.apply(at, what),
        }
        if before <= LabLimits::default().record && cost(session) > LabLimits::default().record {
            let octets = session.octets(Side::Client) + session.octets(Side::Server);
            session.annotate(Mark::RecordFull { octets });
        }
        self.cost += cost(session).saturating_sub(before);
        Some(session.id)
    }

    fn forget(&mut self) {
        let limits = LabLimits::default();
        while self.known.len() > limits.visits || (self.cost > limits.records && self.known.len() > 1) {
            let is_over = |session: &Session| matches!(session.state(), State::Over | State::Failed(_));
            let over = self.known.iter().find(|(_, session)| is_over(session)).map(|(visit, _)| *visit);
            let Some(oldest) = over.or_else(|| self.known.keys().next().copied()) else { return };
            let gone = self.known.remove(&oldest);
            self.cost = self.cost.saturating_sub(gone.as_ref().map_or(0, cost));
        }
    }
}

impl Session {
    /// A session that is only watched: the conversation of another program.
    pub fn watching(id: SessionId, visit: &Visit) -> Self {
        let mut target = Target::new(visit.host.clone(), visit.to.port(), Place::Lab);
        if visit.tls {
            target.opening = Opening::ImplicitTls;
        }
        Self { caller: Some(Caller::Guest), ..Self::new(id, target) }
    }

    /// The conversation of one host of the lab with another.
    fn overheard(id: SessionId, call: &Call) -> Self {
        let target = Target::new(call.host.clone(), call.to.port(), Place::Lab);
        Self { caller: Some(Caller::Relay(call.from.clone())), ..Self::new(id, target) }
    }
}

/// What a session costs in memory, about.
fn cost(session: &Session) -> u64 {
    let rows = session.dialogue().rows().len() as u64;
    session.octets(Side::Client) + session.octets(Side::Server) + rows * ROW
}
