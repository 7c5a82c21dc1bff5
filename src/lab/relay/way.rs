//! The way to a domain: MX, then the addresses of each host, asked of the name server.

use std::collections::HashMap;
use std::net::IpAddr;

use tokio::time::Instant;

use crate::dns::plan::{Exchanger, Plan, Route};
use crate::dns::{Answer, Heard, Kind, Name, Outcome, Question, typed};
use crate::tape::mark::{LookUp, Mark};

use super::Names;

/// The way to a domain.
pub(super) struct Way {
    /// The servers in order, each with one of its addresses.
    pub(super) servers: Vec<(Exchanger, IpAddr)>,
    mx: Heard,
    addresses: HashMap<Name, (Heard, Heard)>,
}

impl Way {
    /// The answer about the MX records.
    pub(super) fn mx(&self) -> &Answer {
        &self.mx.answer
    }

    /// The answers about the addresses of a server.
    pub(super) fn addresses(&self, host: &Name) -> Vec<&Answer> {
        let known = self.addresses.get(host).map(|(v4, v6)| [&v4.answer, &v6.answer]);
        known.into_iter().flatten().collect()
    }

    /// The look-ups that led to a server, as marks for the tape.
    pub(super) fn to(&self, exchanger: &Exchanger) -> Vec<Mark> {
        let addresses = self.addresses.get(&exchanger.host).map(|(v4, v6)| [v4, v6]);
        let all = [&self.mx].into_iter().chain(addresses.into_iter().flatten());
        all.map(|heard| Mark::LookedUp(LookUp::from(heard))).collect()
    }
}

/// The servers of a domain; or why there is none. `own` is the host that asks.
pub(super) async fn find(names: &Names, domain: &str, own: &str, seed: u64) -> Result<Way, Route> {
    let unread = |_| Route::NoDomain;
    let (domain, own) = (typed::name(domain).map_err(unread)?.name, typed::name(own).map_err(unread)?.name);
    let mx = ask(names, domain.clone(), Kind::MX).await;
    let plan = Plan::new(&domain, &mx.answer, &[own], seed);
    let Route::Hosts(hosts) = &plan.route else { return Err(plan.route) };
    let mut addresses: HashMap<Name, (Heard, Heard)> = HashMap::new();
    for exchanger in hosts {
        let host = &exchanger.host;
        let known = (ask(names, host.clone(), Kind::A).await, ask(names, host.clone(), Kind::AAAA).await);
        addresses.insert(host.clone(), known);
    }
    let known = |host: &Name| -> (Option<&Answer>, Option<&Answer>) {
        addresses.get(host).map_or((None, None), |(v4, v6)| (Some(&v4.answer), Some(&v6.answer)))
    };
    match plan.attempts(known) {
        Ok(servers) => Ok(Way { servers, mx, addresses }),
        // An implicit MX without an address is a domain that takes no mail at all.
        Err(_) if mx.answer.outcome == Outcome::NxDomain => Err(Route::NoDomain),
        Err(route) => Err(route),
    }
}

/// Asks the lab's name server.
pub(super) async fn ask(names: &Names, name: Name, kind: Kind) -> Heard {
    let (question, started) = (Question::new(name, kind), Instant::now());
    let answer = names(question.clone()).await;
    Heard { question, answer, from: "lab".into(), took: started.elapsed() }
}
