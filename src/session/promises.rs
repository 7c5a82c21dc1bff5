//! What a domain promised about the TLS of its hosts, in the DNS and in its policy, held against what a host showed: marks
//! for its tape.

use super::{Model, Session};
use crate::dns::judge::is_private;
use crate::dns::panel::Panel;
use crate::dns::policy::Parsed;
use crate::dns::policy::dane::Shown;
use crate::dns::{Name, typed};
use crate::ports::net::{self, PolicyOf};
use crate::ports::promises;
use crate::tape::mark::Mark;
use crate::tape::policy::Fetched;
use crate::tape::promise::Promise;
use crate::tape::tls::TlsFacts;

/// The port that the promises of the DNS are about: mail servers among each other.
pub const PROMISED: u16 = 25;

impl Model {
    /// Holds what the DNS promised about a host against what the host showed, once for each handshake. A policy that it
    /// announces is asked for.
    pub(super) fn hold_promises(&mut self) {
        for session in &mut self.sessions {
            if session.target.port != PROMISED || !session.is_open() || session.held == session.shaken() {
                continue;
            }
            let Some(facts) = session.tls() else { continue };
            let Some((panel, host)) = self.look_ups.about(&session.target.host, &session.target.source) else {
                continue;
            };
            let Some(Promises { dane, sts }) = of(panel, &host, facts) else { continue };
            session.held = session.shaken();
            if let Some(promise) = dane {
                session.annotate(Mark::Promised(promise));
            }
            if let Some(id) = sts {
                let domain = panel.domain().relative().trim_end_matches('.').to_owned();
                self.wanted.push(session.policy_of(domain, id));
            }
        }
    }
}

impl Session {
    /// What the DNS promised about the TLS of this host and what came of it, as far as it is known.
    pub fn promises(&self) -> impl Iterator<Item = &Promise> {
        let marks = self.shaken().and_then(|since| self.tape.marks().get(since..)).unwrap_or_default();
        marks.iter().filter_map(|(_, mark)| match mark {
            Mark::Promised(promise) => Some(promise),
            _ => None,
        })
    }

    /// The place of the last handshake among the marks.
    fn shaken(&self) -> Option<usize> {
        self.tape.marks().iter().rposition(|(_, mark)| matches!(mark, Mark::TlsReady(_)))
    }

    /// The wish for a policy of the domain whose mail this host takes.
    fn policy_of(&self, domain: String, id: String) -> net::Request {
        let is_near = self.opened().and_then(|opened| opened.peer.ip()).is_some_and(is_private);
        let (place, source) = (self.target.place, self.target.source.clone());
        net::Request::Policy(self.id, PolicyOf { domain, id, place, source, is_near })
    }

    /// Holds a policy that was asked for against what the host showed.
    pub(super) fn hold_policy(&mut self, fetched: &Fetched) {
        let host = typed::name(&self.target.host).ok().map(|typed| typed.name);
        if let (Some(host), Some(facts)) = (host, self.tls()) {
            let promise = promises::fetched(fetched, &host, facts);
            self.annotate(Mark::Promised(promise));
        }
    }
}

/// What was promised about `host`.
struct Promises {
    /// What came of what DANE promises, if it promises anything.
    dane: Option<Promise>,
    /// The id of a policy of MTA-STS that is announced: what it says is still to be asked for.
    sts: Option<String>,
}

/// The promises about `host`; nothing until the panel has heard all that decides.
fn of(panel: &Panel, host: &Name, facts: &TlsFacts) -> Option<Promises> {
    let dane = panel.dane(host, facts.chain.iter().map(Shown::from).collect()).filter(|_| panel.has_heard_of_sts())?;
    // The id is letters and digits, else the record would not count.
    let id = |record: Parsed| String::from_utf8(record.value("id")?.to_vec()).ok();
    Some(Promises { dane: promises::dane(&dane, host, facts.chain.len()), sts: panel.sts().and_then(id) })
}
