//! The director: says what is to be done next, and judges what came of it. It does nothing itself.
//!
//! ```text
//! step ──begin──▶ deeds ──perform──▶ Next::{Open, Do, …}   to be done, then ask again
//!                   ▲         ├────▶ Next::Wait            ask again when something happens
//!                   └─────────┘      Next::Done            the outcome
//! ```
//!
//! Replies are taken in the order of what asked for them. `<` takes one; every step that sends takes all that are left,
//! and a refusal among them ends the script.

mod address;
mod begin;
mod broken;
mod deed;
mod login;
mod perform;
mod reply;
mod secure;
mod serve;
mod tls;

use std::collections::VecDeque;
use std::time::Duration;

use secrecy::SecretString;

use super::policy::Policy;
use super::step::Turn;
use super::text::Variables;
use super::{Placed, Script, Step};
use crate::dialogue::exchange::ExchangeId;
use crate::events::Event;
use crate::ports::dns::Source;
use crate::ports::net::{Act, Handshake, Opening, Route, SessionId, Target};
use crate::session::outcome::Outcome;
use crate::session::target::Wanted;
use crate::session::{Model, Session};
use crate::smtp::stage::Stage;
use crate::tape::Moment;
use deed::{Deed, Flow};
use serve::Serving;

/// What is to be done next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing, until something happens, or until this moment.
    Wait(Option<Moment>),
    /// Find the hosts of a target, and say which they are: [`Player::found`].
    Find(Box<Wanted>),
    /// Open a connection, and say which it is: [`Player::opened`].
    Open(Box<Target>),
    /// Wait for the next client here, and say which connection it will be: [`Player::opened`].
    Answer(Box<Target>),
    /// Do this on a connection.
    Do(SessionId, Act),
    /// Turn the clock of the lab.
    Turn(Turn),
    /// Ask somebody for the secret of a user at a host, and say what came of it: [`Player::answered`].
    Secret {
        /// The user.
        user: String,
        /// The host.
        host: String,
    },
    /// Nothing any more.
    Done(Outcome),
}

/// How a script is to be played.
#[derive(Debug)]
pub struct Wishes {
    /// The values of variables.
    pub variables: Variables,
    /// How to name oneself where nobody writes EHLO.
    pub hello: String,
    /// Whom to ask for the names of real hosts.
    pub resolver: Source,
    /// What handshakes ask for, unless the script says otherwise.
    pub handshake: Handshake,
    /// Which addresses are tried, and from where.
    pub route: Route,
    /// Addresses to use for a name.
    pub pinned: Vec<(String, std::net::IpAddr)>,
    /// The secret of logins at real hosts.
    pub secret: Option<SecretString>,
    /// True if somebody may be asked for one that is missing.
    pub asks: bool,
    /// Where to stop.
    pub end: End,
    /// True if the user runs the servers.
    pub owned: bool,
    /// How long to wait for what no timer of the protocol ends.
    pub patience: Duration,
}

/// Where to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum End {
    /// Where the script ends.
    #[default]
    Script,
    /// Behind this stage, with QUIT.
    Until(Stage),
    /// Behind this stage, without a word.
    DropAfter(Stage),
}

/// Plays a script.
#[derive(Debug)]
pub struct Player {
    steps: Vec<Placed>,
    /// The step that is to be begun next.
    at: usize,
    /// What is left of the steps that were begun.
    deeds: VecDeque<Deed>,
    wishes: Wishes,
    policy: Policy,
    session: Option<SessionId>,
    /// How many exchanges there were when each of the steps was begun on this connection.
    begun: Vec<(usize, usize)>,
    /// Exchanges whose replies were taken.
    taken: usize,
    /// Rows that were read past.
    read: usize,
    /// Octets of the server up to the end of what was taken.
    heard: u64,
    /// The reply that was taken last.
    reply: Option<ExchangeId>,
    stage: Stage,
    /// How TLS comes about on the connection that is wanted, if the script says so.
    opening: Option<Opening>,
    /// What there is besides where the script is the server.
    serving: Option<Box<Serving>>,
    /// What happened, as far as the script asks for it.
    events: Vec<Event>,
    asserts: bool,
    /// The secret that was asked for, or the end of a sentence that says why there is none.
    answer: Option<Result<SecretString, &'static str>>,
    /// The outcome, once it is decided.
    outcome: Option<Outcome>,
}

impl Player {
    /// A player at the beginning of a script.
    pub fn new(script: Script, wishes: Wishes) -> Self {
        let asserts = script.steps.iter().any(|placed| matches!(placed.step, Step::Assert(_)));
        Self {
            steps: script.steps,
            at: 0,
            deeds: VecDeque::new(),
            policy: Policy::new(wishes.owned),
            wishes,
            session: None,
            begun: Vec::new(),
            taken: 0,
            read: 0,
            heard: 0,
            reply: None,
            stage: Stage::Dns,
            opening: None,
            serving: None,
            events: Vec::new(),
            asserts,
            answer: None,
            outcome: None,
        }
    }

    /// The hosts that were to be found are these, the first to try in front; or why there are none.
    pub fn found(&mut self, targets: Result<Vec<Target>, Outcome>) {
        let shaped = targets
            .map_err(|no| self.stopped(no.exit, no.id.unwrap_or("script/target"), no.say.trim_end_matches('.')))
            .and_then(|targets| targets.into_iter().map(|target| self.shaped(target)).collect());
        match shaped {
            Ok(targets) => self.deeds.push_front(Deed::Connect(targets)),
            Err(outcome) => self.end(outcome),
        }
    }

    /// The connection that was asked for is this one.
    pub fn opened(&mut self, session: SessionId) {
        self.session = Some(session);
        (self.taken, self.read, self.heard, self.reply) = (0, 0, 0, None);
        self.begun = vec![(0, self.at.saturating_sub(1))];
        self.stage = Stage::Connect;
        if let Some(serving) = &mut self.serving {
            serving.begin();
        }
    }

    /// The secret that was to be asked for is this; or there is none, and the end of a sentence says why.
    pub fn answered(&mut self, answer: Result<SecretString, &'static str>) {
        self.answer = Some(answer);
    }

    /// This happened.
    pub fn heard(&mut self, events: &[Event]) {
        if self.asserts {
            self.events.extend_from_slice(events);
        }
    }

    /// What the network did not take: the run ends.
    pub fn not_taken(&mut self, why: &str) {
        let outcome = self.stopped(3, "script/network", why);
        self.outcome.get_or_insert(outcome);
        self.deeds.clear();
    }

    /// What to do next, given what is known by now. What is handed out counts as done.
    pub fn next(&mut self, model: &Model, now: Moment) -> Next {
        loop {
            let Some(deed) = self.deeds.pop_front() else {
                match &self.outcome {
                    Some(outcome) => return Next::Done(outcome.clone()),
                    None => self.begin(model),
                }
                continue;
            };
            match self.perform(deed, model, now) {
                Ok(Flow::On) => {}
                Ok(Flow::Then(deeds)) => deeds.into_iter().rev().for_each(|deed| self.deeds.push_front(deed)),
                Ok(Flow::Wait(deed, until)) => {
                    self.deeds.push_front(deed);
                    return Next::Wait(until);
                }
                Ok(Flow::Ask(next)) => return next,
                Err(outcome) => self.end(outcome),
            }
        }
    }

    /// The outcome is decided. A server that can still hear it is told goodbye.
    fn end(&mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
        self.deeds = if self.serving.is_some() {
            VecDeque::from([Deed::Drop])
        } else {
            VecDeque::from([Deed::Quit(None), Deed::Drop])
        };
    }

    /// The connection that the script is at.
    fn session<'m>(&self, model: &'m Model) -> Option<&'m Session> {
        self.session.and_then(|id| model.session(id))
    }

    /// The script ends here, at this line of it.
    fn stopped(&self, exit: u8, id: &'static str, say: &str) -> Outcome {
        self.stopped_at(self.at.min(self.steps.len()).saturating_sub(1), exit, id, say)
    }

    /// It ends with what came of this exchange, so at the line that asked for it.
    fn stopped_over(&self, exchange: usize, exit: u8, id: &'static str, say: &str) -> Outcome {
        // A server asks for nothing.
        let asks = self.begun.iter().rfind(|(before, _)| *before <= exchange && self.serving.is_none());
        match asks {
            Some((_, step)) => self.stopped_at(*step, exit, id, say),
            None => self.stopped(exit, id, say),
        }
    }

    fn stopped_at(&self, step: usize, exit: u8, id: &'static str, say: &str) -> Outcome {
        let place = self.steps.get(step).map_or_else(String::new, |step| format!("{}: ", step.place));
        let end = if say.ends_with(['.', '?', '!']) { "" } else { "." };
        Outcome::stopped(exit, self.stage, id, format!("{place}{say}{end}"))
    }
}

#[cfg(test)]
mod tests;
