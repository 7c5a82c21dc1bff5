//! The panel of one domain: which questions come next, what was heard, what it amounts to.
//!
//! ```text
//! domain ── MX ──▶ plan ──▶ each host: A, AAAA, TLSA ──▶ each address: PTR ──▶ its name: A or AAAA (forward ✓)
//!        ├─ TXT ─▶ SPF ──▶ what the check would ask: includes, a, mx (at most ten)
//!        └─ TXT at _dmarc, _mta-sts, _smtp._tls; at a selector when one is given
//!
//! submission ── SRV at _submissions._tcp and _submission._tcp ──▶ each server: A, AAAA
//! ```
//!
//! Pure: the owner sends [`Panel::questions`] to a resolver and hands every answer to [`Panel::apply`]. Nothing is
//! cached beyond the panel; an answer that is being asked again is marked stale until the new one is in.

mod finding;
mod promise;
mod row;
mod submission;

pub use row::{Confirmed, Content, Row, Section, Target};

use std::collections::HashMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::plan::{Exchanger, Plan, Route};
use super::policy::walk::Walk;
use super::policy::{Policy, dane};
use super::typed::{self, BadName, Typed};
use super::{Data, Heard, Kind, Name, Outcome, Question, Record, Trouble, Validation};
use crate::smtp::limits::dns as limits;

/// Everything that is known of one domain.
#[derive(Debug, Clone)]
pub struct Panel {
    domain: Name,
    /// What was said about the name as it was typed.
    notes: Vec<Trouble>,
    /// Names looked up before, for near spellings.
    history: Vec<Name>,
    seed: u64,
    about: About,
    slots: Vec<Slot>,
    places: HashMap<Question, usize>,
    plan: Option<Plan>,
    walk: Option<Walk>,
    selectors: Vec<Question>,
    free: Vec<Question>,
    /// Questions that were not asked because of the limit.
    dropped: usize,
}

/// What a panel finds out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// Where mail for the domain goes, and what belongs to it.
    Mail,
    /// Where its users hand in letters.
    Submission,
    /// The answer to one question; nothing follows from it.
    Question,
}

/// A question and what was heard.
#[derive(Debug, Clone)]
struct Slot {
    question: Question,
    state: State,
    /// The first answer: its addresses stay in use (no rebinding between look-up and connect).
    first: Option<Heard>,
    /// The newest answer.
    last: Option<Heard>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Wanted,
    Asked,
    Answered,
}

impl Panel {
    /// A panel for a domain. `history` are names that were looked up before, `seed` orders equal exchangers.
    pub fn new(domain: impl Into<Typed>, history: Vec<Name>, seed: u64) -> Self {
        let mut panel = Self::empty(domain.into(), history, seed);
        panel.want(Question::new(panel.domain.clone(), Kind::MX));
        panel.want(Question::new(panel.domain.clone(), Kind::TXT));
        for (prefix, _) in POLICIES {
            panel.want(Question::new(panel.domain.under(prefix), Kind::TXT));
        }
        panel
    }

    /// A panel of one question alone.
    pub fn single(question: Question) -> Self {
        let about = About::Question;
        let mut panel = Self { about, ..Self::empty(question.name.clone().into(), Vec::new(), 0) };
        panel.ask(question);
        panel
    }

    fn empty(domain: Typed, history: Vec<Name>, seed: u64) -> Self {
        Self {
            domain: domain.name,
            notes: domain.troubles,
            history,
            seed,
            about: About::Mail,
            slots: Vec::new(),
            places: HashMap::new(),
            plan: None,
            walk: None,
            selectors: Vec::new(),
            free: Vec::new(),
            dropped: 0,
        }
    }

    /// What it finds out.
    pub fn about(&self) -> About {
        self.about
    }

    /// The question of a panel that is about one alone.
    pub fn question(&self) -> Option<&Question> {
        self.free.first().filter(|_| self.about == About::Question)
    }

    /// Names looked up before.
    pub fn history(&self) -> &[Name] {
        &self.history
    }

    /// The newest answers, in the order in which they were asked for.
    pub fn answers(&self) -> impl Iterator<Item = &Heard> {
        self.slots.iter().filter_map(|slot| slot.last.as_ref())
    }

    /// Takes an answer that was recorded: whatever is asked here, it was asked then.
    pub fn recall(&mut self, heard: Heard) {
        let question = &heard.question;
        if !self.places.contains_key(question) {
            let keys = self.domain.under("_domainkey");
            let beside = if question.kind == Kind::TXT && question.name.is_within(&keys) {
                &mut self.selectors
            } else {
                &mut self.free
            };
            beside.push(question.clone());
            self.want(question.clone());
        }
        if let Some(slot) = self.places.get(question).and_then(|place| self.slots.get_mut(*place)) {
            slot.state = State::Asked;
        }
        self.apply(heard);
    }

    /// The domain the panel is about.
    pub fn domain(&self) -> &Name {
        &self.domain
    }

    /// The questions to ask now. Each is handed out once; every one must come back through [`apply`](Self::apply).
    pub fn questions(&mut self) -> Vec<Question> {
        let mut asked = Vec::new();
        for slot in self.slots.iter_mut().filter(|slot| slot.state == State::Wanted) {
            slot.state = State::Asked;
            asked.push(slot.question.clone());
        }
        asked
    }

    /// Takes an answer; false if the panel did not wait for it.
    pub fn apply(&mut self, heard: Heard) -> bool {
        let question = heard.question.clone();
        let Some(slot) = self.places.get(&question).and_then(|place| self.slots.get_mut(*place)) else { return false };
        if slot.state != State::Asked {
            return false;
        }
        slot.state = State::Answered;
        slot.first.get_or_insert_with(|| heard.clone());
        slot.last = Some(heard);
        self.follow(&question);
        true
    }

    /// Asks for a DKIM key (`<selector>._domainkey.<domain>`).
    pub fn ask_key(&mut self, selector: &str) -> Result<(), BadName> {
        let name = typed::name(&format!("{}._domainkey.{}", selector.trim(), self.domain))?.name;
        let question = Question::new(name, Kind::TXT);
        if !self.selectors.contains(&question) {
            self.selectors.push(question.clone());
        }
        self.want(question);
        Ok(())
    }

    /// Asks a free question: any name, any type.
    pub fn ask(&mut self, question: Question) {
        if !self.free.contains(&question) {
            self.free.push(question.clone());
        }
        self.want(question);
    }

    /// Asks everything again. What is known stays, marked as stale, until the new answer is in.
    pub fn refresh(&mut self) {
        for slot in self.slots.iter_mut().filter(|slot| slot.state == State::Answered) {
            slot.state = State::Wanted;
        }
        self.walk = None;
    }

    /// Whether an answer is still awaited.
    pub fn is_waiting(&self) -> bool {
        self.slots.iter().any(|slot| slot.state != State::Answered)
    }

    /// Whether the panel found out what it is about: where mail goes, or that a domain takes none; the record that was
    /// asked for, or that a name has none. A name that does not exist is none that can be told about, and an answer that
    /// does not validate is none (RFC 4035 §5.5).
    pub fn is_answered(&self) -> bool {
        let bogus = |heard: &Heard| heard.answer.validation == Validation::Bogus;
        if self.slots.iter().filter_map(|slot| slot.last.as_ref()).any(bogus) {
            return false;
        }
        let route = self.attempts().map(|attempts| match attempts {
            Ok(_) | Err(Route::NullMx) => true,
            Err(_) => false,
        });
        let single = || {
            self.slots.iter().all(|slot| {
                let outcome = slot.last.as_ref().map(|heard| &heard.answer.outcome);
                matches!(outcome, Some(Outcome::Found | Outcome::NoData))
            })
        };
        route.unwrap_or_else(single)
    }

    /// Where mail for the domain goes, once the MX answer is in.
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// Every address to try, in order, as far as the answers are in; or why there is none.
    pub fn attempts(&self) -> Option<Result<Vec<(Exchanger, IpAddr)>, Route>> {
        let answer = |host: &Name, kind| self.heard(&Question::new(host.clone(), kind)).map(|heard| &heard.answer);
        self.plan.as_ref().map(|plan| plan.attempts(|host| (answer(host, Kind::A), answer(host, Kind::AAAA))))
    }

    /// The addresses of a host as they were first heard, IPv4 first.
    pub fn addresses(&self, host: &Name) -> Vec<IpAddr> {
        let first = |kind| self.slot(&Question::new(host.clone(), kind)).and_then(|slot| slot.first.as_ref());
        let heard = [first(Kind::A), first(Kind::AAAA)].into_iter().flatten();
        heard.flat_map(|heard| heard.answer.records.iter().filter_map(Record::address)).collect()
    }

    /// The look-ups that lead to a host, for the transcript of the session with it.
    pub fn trail(&self, host: &Name) -> Vec<&Heard> {
        let mx = Question::new(self.domain.clone(), Kind::MX);
        let of_host = [Kind::A, Kind::AAAA].map(|kind| Question::new(host.clone(), kind));
        // What leads past the domain itself belongs to the record of a connection that went there all the same.
        let on_the_way = *host == self.domain || self.hosts().iter().any(|exchanger| exchanger.host == *host);
        let questions = on_the_way.then_some(mx).into_iter().chain(self.services()).chain(of_host);
        questions.filter_map(|question| self.slot(&question)?.first.as_ref()).collect()
    }

    /// The exchangers in the order in which they are tried.
    fn hosts(&self) -> &[Exchanger] {
        match self.plan.as_ref().map(|plan| &plan.route) {
            Some(Route::Hosts(hosts)) => hosts,
            _ => &[],
        }
    }

    fn slot(&self, question: &Question) -> Option<&Slot> {
        self.slots.get(*self.places.get(question)?)
    }

    fn heard(&self, question: &Question) -> Option<&Heard> {
        self.slot(question)?.last.as_ref()
    }

    /// Puts a question on the list, unless it is there.
    fn want(&mut self, question: Question) {
        if self.places.contains_key(&question) {
            return;
        }
        if self.slots.len() >= limits::QUESTIONS {
            self.dropped += 1;
            return;
        }
        self.places.insert(question.clone(), self.slots.len());
        self.slots.push(Slot { question, state: State::Wanted, first: None, last: None });
    }

    /// What an answer leads to.
    fn follow(&mut self, question: &Question) {
        if self.about == About::Question {
            return;
        }
        let Some(heard) = self.heard(question).cloned() else { return };
        if question.name == self.domain && question.kind == Kind::MX {
            self.plan = Some(Plan::new(&self.domain, &heard.answer, &[], self.seed));
            self.ask_hosts();
        }
        if question.name == self.domain && question.kind == Kind::TXT {
            self.begin_walk(&heard);
        }
        match question.kind {
            Kind::SRV => self.ask_ways(),
            Kind::A | Kind::AAAA if self.hosts().iter().any(|host| host.host == question.name) => {
                let addresses = heard.answer.records.iter().filter_map(Record::address);
                for address in addresses.take(limits::REVERSED) {
                    self.want(Question::new(Name::reverse(address), Kind::PTR));
                }
                self.ask_bases(&question.name);
            }
            Kind::PTR => self.confirm(question, &heard),
            _ => {}
        }
        if let Some(walk) = &mut self.walk {
            walk.apply(question, &heard.answer);
        }
        self.walk_on();
    }

    fn ask_hosts(&mut self) {
        let hosts: Vec<Name> = self.hosts().iter().map(|exchanger| exchanger.host.clone()).collect();
        for host in hosts {
            self.want(Question::new(host.clone(), Kind::A));
            self.want(Question::new(host.clone(), Kind::AAAA));
            self.want(Question::new(dane::place(&host), Kind::TLSA));
        }
    }

    /// Asks for TLSA records where the aliases of a host end as well (RFC 7672 §2.2.3).
    fn ask_bases(&mut self, host: &Name) {
        let bases = self.address_answers(host).map(|answers| dane::bases(host, &answers)).unwrap_or_default();
        for base in bases {
            self.want(Question::new(dane::place(&base), Kind::TLSA));
        }
    }

    /// Asks for the address of a reverse name, to see whether it leads back (RFC 8601 §3, "iprev").
    fn confirm(&mut self, question: &Question, heard: &Heard) {
        let Some(address) = question.name.reversed() else { return };
        let kind = if address.is_ipv4() { Kind::A } else { Kind::AAAA };
        let names = heard.answer.records.iter().filter_map(|record| match &record.data {
            Data::Ptr(name) => Some(name.clone()),
            _ => None,
        });
        for name in names.take(REVERSE_NAMES) {
            self.want(Question::new(name, kind));
        }
    }

    /// Starts to follow the SPF record, if there is exactly one.
    fn begin_walk(&mut self, heard: &Heard) {
        let (records, _) = Policy::Spf.find(&heard.answer);
        if let [record] = records.as_slice() {
            self.walk = Some(Walk::new(&self.domain, record));
        }
    }

    /// Gives the walk the answers that are there, and asks for those that are not.
    fn walk_on(&mut self) {
        let Some(mut walk) = self.walk.take() else { return };
        loop {
            let questions = walk.questions();
            if questions.is_empty() {
                break;
            }
            for question in questions {
                match self
                    .slot(&question)
                    .filter(|slot| slot.state == State::Answered)
                    .and_then(|slot| slot.last.clone())
                {
                    Some(heard) => {
                        walk.apply(&question, &heard.answer);
                    }
                    None => self.want(question),
                }
            }
        }
        self.walk = Some(walk);
    }
}

/// Reverse names of one address that are asked for their address.
const REVERSE_NAMES: usize = 2;

/// Where the policies stand that have a place of their own.
const POLICIES: [(&str, Policy); 3] =
    [("_dmarc", Policy::Dmarc), ("_mta-sts", Policy::MtaSts), ("_smtp._tls", Policy::TlsRpt)];

#[cfg(test)]
mod tests;
