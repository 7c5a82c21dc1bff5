//! `check_host()`: may this host send in the name of this domain? (RFC 7208 §4)
//!
//! ```text
//! check(sender, known) ── a question is open ──▶ ask it, keep the answer, check again
//!                      └─ all is known ────────▶ the result, and every step that led to it
//! ```
//!
//! The check is a function of the sender and the answers that are known. It begins anew with each answer, so there is
//! no state between two steps; at most ten terms and what they lead to are ever asked.

use std::fmt;
use std::net::IpAddr;

use super::macros::expand;
use super::{Term, split_prefix};
use crate::dns::policy::{Parsed, Policy, Tag, shown};
use crate::dns::{Answer, Data, Kind, Name, Outcome, Question};
use crate::smtp::limits::dns as limits;

/// Exchangers of one `mx`, and reverse names of one `ptr` or `%{p}`, that are looked at (RFC 7208 §4.6.4).
const NAMES: usize = 10;

/// Who sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The address of the client.
    pub address: IpAddr,
    /// How the client named itself.
    pub hello: Name,
    /// The local part of the reverse-path.
    pub local: Vec<u8>,
    /// Its domain: the identity that is checked.
    pub domain: Name,
}

impl Sender {
    /// The sender of a reverse-path without brackets. A null path stands for the postmaster of the host that said
    /// hello, and so does a missing local part (RFC 7208 §2.4, §4.3).
    pub fn new(address: IpAddr, hello: &str, path: &str) -> Self {
        let hello = Name::ascii(hello);
        let (local, domain) = match path.rsplit_once('@') {
            Some((local, domain)) => (local, Name::ascii(domain)),
            None => ("", hello.clone()),
        };
        let local = if local.is_empty() { "postmaster" } else { local };
        // An IPv4 client of a dual-stack socket is an IPv4 client (RFC 7208 §5).
        Self { address: address.to_canonical(), hello, local: local.as_bytes().to_vec(), domain }
    }
}

/// What came of it (RFC 7208 §2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The domain says nothing.
    None,
    /// The domain says that it says nothing.
    Neutral,
    /// The host may send.
    Pass,
    /// The host may not send.
    Fail,
    /// The host probably may not send.
    SoftFail,
    /// The DNS failed for now.
    TempError,
    /// The record cannot be followed.
    PermError,
}

impl Verdict {
    /// The word of RFC 7208 §2.6.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Neutral => "neutral",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::SoftFail => "softfail",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One thing that the check did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// How many includes and redirects lie above it.
    pub depth: usize,
    /// The domain whose record is read.
    pub domain: Name,
    /// The term as it stands there, safe to show; empty for what is said of the whole record.
    pub term: String,
    /// What came of it, in a few words.
    pub said: String,
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The result.
    pub verdict: Verdict,
    /// What led to it, in order.
    pub steps: Vec<Step>,
    /// Terms that needed the DNS.
    pub look_ups: usize,
}

/// Checks a sender with the answers that are known; `Err` is the question whose answer is missing.
pub fn check<'k>(sender: &Sender, known: impl Fn(&Question) -> Option<&'k Answer>) -> Result<Checked, Question> {
    let mut run = Run { sender, known: &known, steps: Vec::new(), look_ups: 0, void: 0 };
    let verdict = match run.host(&sender.domain, 0) {
        Ok(verdict) => verdict,
        Err(Stop::Ask(question)) => return Err(question),
        Err(Stop::Temporary) => Verdict::TempError,
        Err(Stop::Permanent) => Verdict::PermError,
    };
    Ok(Checked { verdict, steps: run.steps, look_ups: run.look_ups })
}

/// Why a check does not go on; the last step says more.
#[derive(Debug)]
pub(super) enum Stop {
    Ask(Question),
    Temporary,
    Permanent,
}

/// A check under way.
pub(super) struct Run<'r, 'k> {
    pub(super) sender: &'r Sender,
    known: &'r dyn Fn(&Question) -> Option<&'k Answer>,
    steps: Vec<Step>,
    look_ups: usize,
    void: usize,
}

/// Where in the records the check is.
#[derive(Clone, Copy)]
struct Place<'p> {
    domain: &'p Name,
    depth: usize,
    /// The term as it is shown.
    term: &'p str,
}

impl<'k> Run<'_, 'k> {
    /// The check of one domain: its record, term by term (RFC 7208 §4.4-§4.7).
    fn host(&mut self, domain: &Name, depth: usize) -> Result<Verdict, Stop> {
        let place = Place { domain, depth, term: "" };
        if domain.labels().len() < 2 || !sound(domain) {
            self.note(place, "is no domain with a name of its own");
            return Ok(Verdict::None);
        }
        let Some(record) = self.record(place)? else { return Ok(Verdict::None) };
        let mut redirect = None;
        for (index, tag) in record.tags.iter().enumerate() {
            let Some(term) = tag.term() else { continue };
            let shown = record.quote(index);
            let place = Place { term: &shown, ..place };
            match term {
                Term::Redirect => redirect = Some((tag, shown)),
                // An explanation is a text for a refusal; it decides nothing.
                Term::Exp | Term::Modifier => {}
                term => {
                    if self.matches(place, term, record.slice(&tag.value))? {
                        return Ok(qualifier(&record, tag));
                    }
                }
            }
        }
        if let Some((tag, shown)) = redirect {
            return self.redirected(Place { term: &shown, ..place }, record.slice(&tag.value));
        }
        self.note(place, "no term matched, and none stands for the rest");
        Ok(Verdict::Neutral)
    }

    /// The one SPF record of a domain (RFC 7208 §4.4, §4.5).
    fn record(&mut self, place: Place<'_>) -> Result<Option<Parsed>, Stop> {
        let answer = self.ask(place.domain.clone(), Kind::TXT)?;
        if answer.outcome.is_temporary() {
            return Err(self.failed(place, &answer.outcome));
        }
        let (mut records, several) = Policy::Spf.find(answer);
        if let Some(several) = several {
            self.note(place, &several.text);
            return Err(Stop::Permanent);
        }
        let Some(record) = records.pop() else {
            self.note(place, "has no SPF record");
            return Ok(None);
        };
        if let Some(error) = record.troubles.iter().find(|trouble| trouble.id == super::BAD) {
            self.note(place, &error.text);
            return Err(Stop::Permanent);
        }
        Ok(Some(record))
    }

    /// Whether a mechanism matches (RFC 7208 §5).
    fn matches(&mut self, place: Place<'_>, term: Term, value: &[u8]) -> Result<bool, Stop> {
        if term.needs_dns() {
            self.count(place)?;
        }
        let (spec, prefixes) = split_prefix(value);
        let found = match term {
            Term::All => "matches everybody".to_owned(),
            Term::Ip4 | Term::Ip6 => return Ok(self.network(place, spec, prefixes)),
            Term::Include => return self.included(place, spec),
            Term::A => {
                let Some(target) = self.target(place, spec)? else { return Ok(false) };
                return self.addresses(place, &target, prefixes);
            }
            Term::Mx => return self.exchangers(place, spec, prefixes),
            Term::Ptr => return self.reverse(place, spec),
            Term::Exists => {
                let Some(target) = self.target(place, spec)? else { return Ok(false) };
                let answer = self.ask(target.clone(), Kind::A)?;
                self.heard(place, answer)?;
                let exists = answer.of(Kind::A).next().is_some();
                self.note(
                    place,
                    &format!("{} {}", target.relative(), if exists { "exists" } else { "does not exist" }),
                );
                return Ok(exists);
            }
            Term::Redirect | Term::Exp | Term::Modifier => return Ok(false),
        };
        self.note(place, &found);
        Ok(true)
    }

    fn network(&mut self, place: Place<'_>, address: &[u8], prefixes: &[u8]) -> bool {
        let network = std::str::from_utf8(address).ok().and_then(|text| text.parse::<IpAddr>().ok());
        // These have one slash, whatever the family.
        let bits = std::str::from_utf8(prefixes).ok().and_then(|text| text.strip_prefix('/')?.parse().ok());
        let inside = network.is_some_and(|network| within(self.sender.address, network, bits));
        self.note(place, &format!("{} {}", self.sender.address, if inside { "is in it" } else { "is not in it" }));
        inside
    }

    /// `include` matches if the other check passes; an answer there is no answer here (RFC 7208 §5.2).
    fn included(&mut self, place: Place<'_>, spec: &[u8]) -> Result<bool, Stop> {
        let Some(target) = self.target(place, spec)? else { return Ok(false) };
        self.note(place, &format!("asks the record of {}", target.relative()));
        let verdict = self.host(&target, place.depth + 1)?;
        match verdict {
            Verdict::None => {
                self.note(place, &format!("{} has no SPF record: receivers must give up", target.relative()));
                Err(Stop::Permanent)
            }
            verdict => {
                self.note(place, &format!("{} says {verdict}", target.relative()));
                Ok(verdict == Verdict::Pass)
            }
        }
    }

    fn redirected(&mut self, place: Place<'_>, spec: &[u8]) -> Result<Verdict, Stop> {
        self.count(place)?;
        let Some(target) = self.target(place, spec)? else { return Err(Stop::Permanent) };
        self.note(place, &format!("the record of {} counts instead", target.relative()));
        match self.host(&target, place.depth + 1)? {
            // RFC 7208 §6.1.
            Verdict::None => Err(Stop::Permanent),
            verdict => Ok(verdict),
        }
    }

    /// Whether the client has one of the addresses of a host.
    fn addresses(&mut self, place: Place<'_>, host: &Name, prefixes: &[u8]) -> Result<bool, Stop> {
        let answer = self.ask(host.clone(), self.kind())?;
        self.heard(place, answer)?;
        let bits = prefix(prefixes, self.sender.address);
        let found: Vec<IpAddr> = answer.of(self.kind()).filter_map(crate::dns::Record::address).collect();
        let inside = found.iter().any(|address| within(self.sender.address, *address, bits));
        let list: Vec<String> = found.iter().map(IpAddr::to_string).collect();
        let has = if list.is_empty() { "no address".to_owned() } else { list.join(", ") };
        let then = if inside { "that is the client" } else { "not the client" };
        self.note(place, &format!("{} has {has}: {then}", host.relative()));
        Ok(inside)
    }

    fn exchangers(&mut self, place: Place<'_>, spec: &[u8], prefixes: &[u8]) -> Result<bool, Stop> {
        let Some(target) = self.target(place, spec)? else { return Ok(false) };
        let answer = self.ask(target.clone(), Kind::MX)?;
        self.heard(place, answer)?;
        let exchangers: Vec<Name> = answer
            .of(Kind::MX)
            .filter_map(|record| match &record.data {
                Data::Mx { exchange, .. } if !exchange.is_root() => Some(exchange.clone()),
                _ => None,
            })
            .collect();
        if exchangers.len() > NAMES {
            self.note(place, &format!("{} has more than {NAMES} exchangers", target.relative()));
            return Err(Stop::Permanent);
        }
        if exchangers.is_empty() {
            self.note(place, &format!("{} has no exchanger", target.relative()));
        }
        for exchanger in &exchangers {
            if self.addresses(place, exchanger, prefixes)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn reverse(&mut self, place: Place<'_>, spec: &[u8]) -> Result<bool, Stop> {
        let Some(target) = self.target(place, spec)? else { return Ok(false) };
        let names = self.validated()?;
        let found = names.iter().find(|name| name.is_within(&target));
        let said = found.map_or_else(
            || format!("no validated name of {} is within {}", self.sender.address, target.relative()),
            |name| format!("{} is {}", self.sender.address, name.relative()),
        );
        self.note(place, &said);
        Ok(found.is_some())
    }

    /// The names of the client that lead back to it (RFC 7208 §5.5). Failures of the DNS leave names out.
    pub(super) fn validated(&self) -> Result<Vec<Name>, Stop> {
        let answer = self.ask(Name::reverse(self.sender.address), Kind::PTR)?;
        let mut validated = Vec::new();
        for record in answer.of(Kind::PTR).take(NAMES) {
            let Data::Ptr(name) = &record.data else { continue };
            let addresses = self.ask(name.clone(), self.kind())?;
            if addresses.of(self.kind()).any(|record| record.address() == Some(self.sender.address)) {
                validated.push(name.clone());
            }
        }
        Ok(validated)
    }

    /// The domain that a term names, macros expanded; the current one if it names none. None if it is no name.
    fn target(&mut self, place: Place<'_>, spec: &[u8]) -> Result<Option<Name>, Stop> {
        if spec.is_empty() {
            return Ok(Some(place.domain.clone()));
        }
        let Some(expanded) = expand(self, spec, place.domain)? else {
            self.note(place, "a macro stands here that only explanations may have");
            return Err(Stop::Permanent);
        };
        let name = Name::from_labels(expanded.split(|octet| *octet == b'.'));
        if sound(&name) {
            return Ok(Some(name));
        }
        self.note(place, &format!("{} is no domain name", shown(&expanded)));
        Ok(None)
    }

    fn count(&mut self, place: Place<'_>) -> Result<(), Stop> {
        self.look_ups += 1;
        if self.look_ups <= limits::SPF_LOOK_UPS {
            return Ok(());
        }
        self.note(place, "is more than the 10th look-up: receivers must give up");
        Err(Stop::Permanent)
    }

    /// An answer to a term: a failure ends the check, and so does the third empty one (RFC 7208 §4.6.4).
    fn heard(&mut self, place: Place<'_>, answer: &Answer) -> Result<(), Stop> {
        match &answer.outcome {
            Outcome::NoData | Outcome::NxDomain => self.void += 1,
            outcome if outcome.is_temporary() => return Err(self.failed(place, outcome)),
            _ => {}
        }
        if self.void <= limits::SPF_VOID {
            return Ok(());
        }
        self.note(place, "is the third look-up without an answer: receivers must give up");
        Err(Stop::Permanent)
    }

    fn failed(&mut self, place: Place<'_>, outcome: &Outcome) -> Stop {
        self.note(place, &format!("the DNS failed: {}", outcome.word()));
        Stop::Temporary
    }

    fn ask(&self, name: Name, kind: Kind) -> Result<&'k Answer, Stop> {
        let question = Question::new(name, kind);
        (self.known)(&question).ok_or(Stop::Ask(question))
    }

    /// What addresses like the client's are called in the DNS.
    fn kind(&self) -> Kind {
        if self.sender.address.is_ipv4() { Kind::A } else { Kind::AAAA }
    }

    fn note(&mut self, place: Place<'_>, said: &str) {
        let (domain, term) = (place.domain.clone(), place.term.to_owned());
        self.steps.push(Step { depth: place.depth, domain, term, said: said.to_owned() });
    }
}

/// What a match of this term means (RFC 7208 §4.6.2).
fn qualifier(record: &Parsed, tag: &Tag) -> Verdict {
    match record.text.get(tag.span.start) {
        Some(b'-') => Verdict::Fail,
        Some(b'~') => Verdict::SoftFail,
        Some(b'?') => Verdict::Neutral,
        _ => Verdict::Pass,
    }
}

/// A name that can be asked for.
fn sound(name: &Name) -> bool {
    !name.is_root() && name.wire_len() <= limits::NAME && name.labels().all(|label| label.len() <= limits::LABEL)
}

/// The prefix length for addresses like the client's: `/24//64` has both. None if it is not given.
fn prefix(prefixes: &[u8], client: IpAddr) -> Option<u32> {
    let text = std::str::from_utf8(prefixes).unwrap_or_default();
    let (four, six) = text.split_once("//").unwrap_or((text, ""));
    if client.is_ipv4() { four.strip_prefix('/')?.parse().ok() } else { six.parse().ok() }
}

/// Whether an address lies in a network; addresses of two families never do.
fn within(address: IpAddr, network: IpAddr, bits: Option<u32>) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            let mask = u32::MAX.checked_shl(32 - bits.unwrap_or(32).min(32)).unwrap_or(0);
            u32::from(address) & mask == u32::from(network) & mask
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            let mask = u128::MAX.checked_shl(128 - bits.unwrap_or(128).min(128)).unwrap_or(0);
            u128::from(address) & mask == u128::from(network) & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
