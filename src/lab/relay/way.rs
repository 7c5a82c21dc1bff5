//! The way to a domain: MX, then the addresses of each host, asked of the name server.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::dns::plan::{Exchanger, Plan, Route};
use crate::dns::{Answer, Kind, Name, Outcome, Question, typed};

use super::Names;

/// The servers of a domain in order, each with one of its addresses; or why there is none. `own` is the host that asks.
pub(super) async fn find(names: &Names, domain: &str, own: &str, seed: u64) -> Result<Vec<(Exchanger, IpAddr)>, Route> {
    let unread = |_| Route::NoDomain;
    let (domain, own) = (typed::name(domain).map_err(unread)?.name, typed::name(own).map_err(unread)?.name);
    let mx = names(Question::new(domain.clone(), Kind::MX)).await;
    let plan = Plan::new(&domain, &mx, &[own], seed);
    let Route::Hosts(hosts) = &plan.route else { return Err(plan.route) };
    let mut known: HashMap<Name, (Answer, Answer)> = HashMap::new();
    for exchanger in hosts {
        let ask = |kind| names(Question::new(exchanger.host.clone(), kind));
        known.insert(exchanger.host.clone(), (ask(Kind::A).await, ask(Kind::AAAA).await));
    }
    let ways = plan.attempts(|host| known.get(host).map_or((None, None), |(v4, v6)| (Some(v4), Some(v6))));
    // An implicit MX without an address is a domain that takes no mail at all.
    ways.map_err(|route| if mx.outcome == Outcome::NxDomain { Route::NoDomain } else { route })
}
