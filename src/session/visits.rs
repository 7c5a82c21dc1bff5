//! Conversations of other programs with hosts of the lab, as the hosts saw them.
//!
//! Each is a [`Session`] like any other, with a tape of its own; nothing can be sent on it. How many are kept, and how
//! much of each and of all, is bounded: the oldest ones go, those that are over before those that are not.

use std::collections::BTreeMap;

use super::{Session, State};
use crate::ports::lab::{self, Visit, VisitId};
use crate::ports::net::{Opening, Place, SessionId, Target, What};
use crate::smtp::limits::LabLimits;
use crate::tape::Side;
use crate::tape::mark::Mark;

/// What a row of a transcript costs besides its octets.
const ROW: u64 = 32;

/// The conversations, by their numbers.
#[derive(Debug, Default)]
pub struct Visits {
    known: BTreeMap<VisitId, Session>,
    /// What all of them cost in memory.
    cost: u64,
}

impl Visits {
    /// All that are kept, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Session> {
        self.known.values()
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

    /// Takes in what happened in one of them. One that was forgotten stays so.
    pub(super) fn apply(&mut self, signal: &lab::Signal) -> Option<SessionId> {
        let lab::Signal::Heard { visit, at, what } = signal else { return None };
        let session = self.known.get_mut(visit)?;
        let before = cost(session);
        match what {
            // What is not kept is not counted either: the record ends here.
            What::Bytes(..) if before > LabLimits::default().record => {}
            what => session.apply(*at, what),
        }
        if before <= LabLimits::default().record && cost(session) > LabLimits::default().record {
            let octets = session.octets(Side::Client) + session.octets(Side::Server);
            session.annotate(Mark::RecordFull { octets });
        }
        self.cost += cost(session).saturating_sub(before);
        let id = session.id;
        self.forget();
        Some(id)
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
        Self { watched: true, ..Self::new(id, target) }
    }
}

/// What a session costs in memory, about.
fn cost(session: &Session) -> u64 {
    let rows = session.dialogue().rows().len() as u64;
    session.octets(Side::Client) + session.octets(Side::Server) + rows * ROW
}
