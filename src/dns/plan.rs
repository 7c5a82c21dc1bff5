//! Where mail for a domain goes: RFC 5321 §5.1 with RFC 7505 (null MX), step by step.
//!
//! 1. Ask for MX; an alias at the domain is followed as if it were the name.
//! 2. No MX at all: the domain itself is its one exchanger, preference 0 (implicit MX). With MX records, however
//!    useless, the domain's own address is never used.
//! 3. One `MX 0 .`: the domain takes no mail; nothing is tried.
//! 4. A relay that finds itself in the list drops itself and everything that is not better.
//! 5. Lowest preference first; equal ones in random order; then every address of each host in the order it came.

use std::net::IpAddr;

use super::{Answer, Data, Kind, Name, Outcome, Record, Trouble};

/// What to do with mail for a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The domain at the end of its aliases.
    pub domain: Name,
    /// Where the mail goes.
    pub route: Route,
    /// What is odd about the records.
    pub troubles: Vec<Trouble>,
}

/// Where mail goes, or why it goes nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// These hosts, in this order.
    Hosts(Vec<Exchanger>),
    /// The domain says that it takes no mail: give up at once.
    NullMx,
    /// The domain does not exist: give up at once.
    NoDomain,
    /// There are MX records, but none that can be used; or we are the last stop ourselves.
    Nowhere(DeadEnd),
    /// It could not be found out now: the letter waits.
    Later(Outcome),
}

/// One host that takes mail for the domain.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Exchanger {
    /// The host.
    pub host: Name,
    /// Lower is tried first.
    pub preference: u16,
    /// It is the domain itself, for want of any MX record.
    pub implicit: bool,
}

/// Why no host is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeadEnd {
    /// Every MX names something that is no host.
    NoHost,
    /// No host has an address.
    NoAddress,
    /// The best MX is this very relay (RFC 5321 §5.1: "an error").
    Ourselves,
}

/// What is known of the addresses of a host: the answers for A and AAAA, as far as they are in.
pub type Known<'a> = (Option<&'a Answer>, Option<&'a Answer>);

impl Plan {
    /// The plan for `domain` after the answer to its MX question. `own` are the names of the relay that asks, `seed`
    /// decides the order among equals.
    pub fn new(domain: &Name, mx: &Answer, own: &[Name], seed: u64) -> Self {
        let end = mx.chain(domain).pop().unwrap_or_else(|| domain.clone());
        let mut troubles = Vec::new();
        let route = match &mx.outcome {
            Outcome::Found => with_records(&end, mx, own, seed, &mut troubles),
            Outcome::NoData => implicit(&end, own),
            Outcome::NxDomain => Route::NoDomain,
            Outcome::Loop => Route::Nowhere(DeadEnd::NoHost),
            other => Route::Later(other.clone()),
        };
        if let Route::Hosts(hosts) = &route
            && hosts.iter().any(|host| host.implicit)
        {
            let text = "No MX; mail goes to the host itself.";
            troubles.push(Trouble::note("dns/implicit-mx", "RFC 5321 §5.1", text));
        }
        Self { domain: end, route, troubles }
    }

    /// Every address to try, in order. `known` gives the answers for a host's A and AAAA.
    ///
    /// The error tells what to do when there is none: wait if any look-up failed for now, else give up. The address of
    /// the domain itself is no way out (RFC 5321 §5.1).
    pub fn attempts<'a>(&self, known: impl Fn(&Name) -> Known<'a>) -> Result<Vec<(Exchanger, IpAddr)>, Route> {
        let Route::Hosts(hosts) = &self.route else { return Err(self.route.clone()) };
        let mut attempts = Vec::new();
        let mut later = None;
        for exchanger in hosts {
            let (v4, v6) = known(&exchanger.host);
            for answer in [v4, v6].into_iter().flatten() {
                let addresses = answer.records.iter().filter_map(Record::address);
                attempts.extend(addresses.map(|address| (exchanger.clone(), address)));
                if answer.outcome.is_temporary() {
                    later = Some(answer.outcome.clone());
                }
            }
        }
        match (attempts.is_empty(), later) {
            (false, _) => Ok(attempts),
            (true, Some(outcome)) => Err(Route::Later(outcome)),
            (true, None) => Err(Route::Nowhere(DeadEnd::NoAddress)),
        }
    }
}

fn implicit(domain: &Name, own: &[Name]) -> Route {
    if own.contains(domain) {
        return Route::Nowhere(DeadEnd::Ourselves);
    }
    Route::Hosts(vec![Exchanger { host: domain.clone(), preference: 0, implicit: true }])
}

fn with_records(domain: &Name, mx: &Answer, own: &[Name], seed: u64, troubles: &mut Vec<Trouble>) -> Route {
    let mut hosts: Vec<Exchanger> = mx.of(Kind::MX).filter_map(exchanger).collect();
    let all = hosts.len();
    hosts.retain(|exchanger| !exchanger.host.is_root());
    if hosts.is_empty() {
        let text = "This domain states that it accepts no mail.";
        troubles.push(Trouble::note("dns/null-mx", "RFC 7505 §3", text));
        return Route::NullMx;
    }
    if hosts.len() < all {
        let text = "A null MX must be the only MX; here it stands beside others and is ignored.";
        troubles.push(Trouble::warning("dns/null-mx", "RFC 7505 §3", text));
    }
    for exchanger in hosts.extract_if(.., |exchanger| exchanger.host.as_address().is_some()) {
        let text = format!("An MX must be a host name; '{}' is not one.", exchanger.host);
        troubles.push(Trouble::error("dns/mx-ip", "RFC 5321 §5.1", text));
    }
    if hosts.is_empty() {
        return Route::Nowhere(DeadEnd::NoHost);
    }
    if let Some(ours) = hosts.iter().filter(|it| own.contains(&it.host)).map(|it| it.preference).min() {
        hosts.retain(|exchanger| exchanger.preference < ours);
        if hosts.is_empty() {
            return Route::Nowhere(DeadEnd::Ourselves);
        }
    }
    sort(&mut hosts, domain, seed);
    Route::Hosts(hosts)
}

fn exchanger(record: &Record) -> Option<Exchanger> {
    match &record.data {
        Data::Mx { preference, exchange } => {
            Some(Exchanger { host: exchange.clone(), preference: *preference, implicit: false })
        }
        _ => None,
    }
}

/// By preference; equal ones at random, the same for the same seed and domain.
fn sort(hosts: &mut [Exchanger], domain: &Name, seed: u64) {
    let mut state = domain.labels().flatten().fold(seed, |state, octet| mix(state ^ u64::from(*octet)));
    for last in (1..hosts.len()).rev() {
        state = mix(state);
        let below = u64::try_from(last).unwrap_or(u64::MAX).saturating_add(1);
        hosts.swap(last, usize::try_from(state % below).unwrap_or(0));
    }
    hosts.sort_by_key(|exchanger| exchanger.preference);
}

/// One step of `SplitMix64` (Steele, Lea, Flood 2014): good enough to spread load, no secret.
fn mix(state: u64) -> u64 {
    let mut mixed = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl Route {
    /// The reply that says this to a client, or nothing where there is a way.
    pub const fn reply(&self) -> Option<(u16, &'static str)> {
        match self {
            Self::Hosts(_) => None,
            Self::NullMx => Some((556, "5.1.10")),
            Self::NoDomain => Some((550, "5.1.2")),
            Self::Nowhere(DeadEnd::Ourselves) => Some((550, "5.4.6")),
            Self::Nowhere(_) => Some((550, "5.4.4")),
            Self::Later(_) => Some((451, "4.4.3")),
        }
    }

    /// Whether the letter waits and is tried again.
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Later(_))
    }

    /// One sentence that says it.
    pub fn sentence(&self) -> String {
        match self {
            Self::Hosts(hosts) => match hosts.as_slice() {
                [only] if only.implicit => "No MX: mail goes to the domain's own address.".into(),
                [only] => format!("Mail goes to {}.", only.host.relative()),
                [first, ..] => format!("Mail goes to {} first, then down the list.", first.host.relative()),
                [] => "There is no host to try.".into(),
            },
            Self::NullMx => "The domain states that it accepts no mail: give up at once.".into(),
            Self::NoDomain => "The domain does not exist: give up at once.".into(),
            Self::Nowhere(DeadEnd::NoHost) => "There are MX records, but none names a host: give up.".into(),
            Self::Nowhere(DeadEnd::NoAddress) => "No MX host has an address: give up.".into(),
            Self::Nowhere(DeadEnd::Ourselves) => "The best MX is this host itself: mail would go in circles.".into(),
            Self::Later(outcome) => format!("It could not be found out now ({}): the letter waits.", outcome.word()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::Validation;

    fn record(owner: &str, data: Data) -> Record {
        Record { owner: Name::ascii(owner), ttl: 300, data, proof: Validation::NotChecked }
    }

    fn mx(records: &[(u16, &str)]) -> Answer {
        let mut answer = Answer::empty(Outcome::Found);
        answer.records = records
            .iter()
            .map(|(preference, host)| {
                record("bank.test", Data::Mx { preference: *preference, exchange: Name::ascii(host) })
            })
            .collect();
        answer
    }

    fn plan(records: &[(u16, &str)], own: &[&str], seed: u64) -> Plan {
        let own: Vec<Name> = own.iter().map(|name| Name::ascii(name)).collect();
        Plan::new(&Name::ascii("bank.test"), &mx(records), &own, seed)
    }

    fn order(plan: &Plan) -> Vec<String> {
        match &plan.route {
            Route::Hosts(hosts) => hosts.iter().map(|exchanger| exchanger.host.relative()).collect(),
            other => panic!("no hosts: {other:?}"),
        }
    }

    fn a(address: [u8; 4]) -> Answer {
        let mut answer = Answer::empty(Outcome::Found);
        answer.records = vec![record("mx.bank.test", Data::A(address.into()))];
        answer
    }

    #[test]
    fn c205_an_alias_at_the_domain_is_followed() {
        let mut answer = mx(&[]);
        answer.records = vec![
            record("www.bank.test", Data::Cname(Name::ascii("bank.test"))),
            record("bank.test", Data::Mx { preference: 5, exchange: Name::ascii("mx.bank.test") }),
        ];
        let plan = Plan::new(&Name::ascii("www.bank.test"), &answer, &[], 0);
        assert_eq!((plan.domain.relative().as_str(), order(&plan)), ("bank.test", vec!["mx.bank.test".to_owned()]));
        answer.records.truncate(1);
        answer.outcome = Outcome::NoData;
        let implicit = Plan::new(&Name::ascii("www.bank.test"), &answer, &[], 0);
        assert_eq!(order(&implicit), ["bank.test"], "the implicit MX is the name at the end of the alias");
    }

    #[test]
    fn c206_without_mx_the_domain_is_its_own_exchanger_and_with_mx_never() {
        let none = Plan::new(&Name::ascii("tiny.test"), &Answer::empty(Outcome::NoData), &[], 0);
        assert_eq!(order(&none), ["tiny.test"]);
        assert_eq!(none.troubles[0].id, "dns/implicit-mx");
        let some = plan(&[(10, "mx.bank.test")], &[], 0);
        assert!(!order(&some).contains(&"bank.test".to_owned()));
    }

    #[test]
    fn c207_a_temporary_error_waits_and_nxdomain_does_not() {
        for outcome in [Outcome::ServFail, Outcome::TimedOut, Outcome::Refused, Outcome::Truncated] {
            let plan = Plan::new(&Name::ascii("bank.test"), &Answer::empty(outcome.clone()), &[], 0);
            assert_eq!(plan.route, Route::Later(outcome));
            assert_eq!(plan.route.reply(), Some((451, "4.4.3")));
            assert!(plan.route.is_temporary());
        }
        let gone = Plan::new(&Name::ascii("gone.test"), &Answer::empty(Outcome::NxDomain), &[], 0);
        assert_eq!((gone.route.clone(), gone.route.reply()), (Route::NoDomain, Some((550, "5.1.2"))));
        // an address look-up that fails for now waits as well
        let failing = Answer::empty(Outcome::ServFail);
        let waits = plan(&[(10, "mx.bank.test")], &[], 0).attempts(|_| (Some(&failing), None));
        assert_eq!(waits, Err(Route::Later(Outcome::ServFail)));
    }

    #[test]
    fn c208_lowest_first_equals_shuffled_by_the_seed_every_address_tried() {
        let records = [(20, "far.test"), (10, "a.test"), (10, "b.test"), (10, "c.test")];
        let orders: std::collections::BTreeSet<Vec<String>> =
            (0..200).map(|seed| order(&plan(&records, &[], seed))).collect();
        assert_eq!(orders.len(), 6, "all six orders of three equals come up");
        assert!(orders.iter().all(|order| order[3] == "far.test"));
        assert_eq!(order(&plan(&records, &[], 7)), order(&plan(&records, &[], 7)));

        let mut two = a([192, 0, 2, 1]);
        two.records.push(record("mx.bank.test", Data::A([192, 0, 2, 2].into())));
        let v6 = {
            let mut answer = Answer::empty(Outcome::Found);
            answer.records = vec![record("mx.bank.test", Data::Aaaa("2001:db8::1".parse().unwrap()))];
            answer
        };
        let attempts = plan(&[(10, "mx.bank.test")], &[], 0).attempts(|_| (Some(&two), Some(&v6))).unwrap();
        let addresses: Vec<String> = attempts.iter().map(|(_, address)| address.to_string()).collect();
        assert_eq!(addresses, ["192.0.2.1", "192.0.2.2", "2001:db8::1"]);
    }

    #[test]
    fn c209_a_relay_in_the_list_drops_itself_and_what_is_not_better() {
        let records = [(5, "best.test"), (10, "me.test"), (10, "peer.test"), (20, "worse.test")];
        assert_eq!(order(&plan(&records, &["me.test"], 0)), ["best.test"]);
        let last = plan(&[(5, "ME.test"), (10, "other.test")], &["me.test"], 0);
        assert_eq!(last.route, Route::Nowhere(DeadEnd::Ourselves));
        assert_eq!(last.route.reply(), Some((550, "5.4.6")));
    }

    #[test]
    fn c210_useless_mx_records_are_an_error_not_a_way_to_the_domains_address() {
        let nothing = Answer::empty(Outcome::NxDomain);
        let none = plan(&[(10, "ghost.test"), (20, "ghost2.test")], &[], 0)
            .attempts(|host| if *host == Name::ascii("bank.test") { panic!("asked") } else { (Some(&nothing), None) });
        assert_eq!(none, Err(Route::Nowhere(DeadEnd::NoAddress)));
        assert_eq!(none.unwrap_err().reply(), Some((550, "5.4.4")));
    }

    #[test]
    fn c211_one_null_mx_stops_everything() {
        let null = plan(&[(0, "")], &[], 0);
        assert_eq!(null.route, Route::NullMx);
        assert_eq!(null.route.reply(), Some((556, "5.1.10")));
        assert_eq!(null.troubles[0].id, "dns/null-mx");
        assert!(null.attempts(|_| panic!("nothing may be tried")).is_err());
    }

    #[test]
    fn c212_a_null_mx_beside_others_is_reported_and_ignored() {
        let mixed = plan(&[(0, ""), (10, "mx.bank.test")], &[], 0);
        assert_eq!(order(&mixed), ["mx.bank.test"]);
        let trouble = &mixed.troubles[0];
        assert_eq!((trouble.id, trouble.weight), ("dns/null-mx", crate::dns::Weight::Warning));
    }

    #[test]
    fn c214_an_address_in_place_of_a_host_is_reported_and_not_used() {
        let both = plan(&[(10, "192.0.2.1"), (20, "mx.bank.test")], &[], 0);
        assert_eq!(order(&both), ["mx.bank.test"]);
        assert_eq!(both.troubles[0].id, "dns/mx-ip");
        assert_eq!(both.troubles[0].text, "An MX must be a host name; '192.0.2.1.' is not one.");
        let only = plan(&[(10, "192.0.2.1")], &[], 0);
        assert_eq!(only.route, Route::Nowhere(DeadEnd::NoHost));
        // the alias half of c214 (dns/mx-cname) needs the look-up of the host: see the panel
    }
}
