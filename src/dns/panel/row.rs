//! The rows of the panel, computed when they are drawn.

use std::net::IpAddr;
use std::time::Duration;

use super::{About, POLICIES, Panel, State};
use crate::dns::policy::{Parsed, Policy, tlsa};
use crate::dns::submission::Way;
use crate::dns::{Data, Heard, Kind, Name, Outcome, Question, Record, Trouble, Validation, judge, unicode};
use crate::safe::{Profile, SafeText, Untrusted};

/// One row: a record, or that there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which part of the panel it belongs to.
    pub section: Section,
    /// Whose record it is.
    pub owner: Name,
    /// The type that was asked for, or that of the record.
    pub kind: Kind,
    /// What it says.
    pub content: Content,
    /// Seconds the record may be kept.
    pub ttl: Option<u32>,
    /// How long the answer took.
    pub took: Option<Duration>,
    /// Who answered; empty while nobody has.
    pub from: String,
    /// What DNSSEC says, judged here.
    pub validation: Validation,
    /// The resolver says that it validated the answer.
    pub claimed: bool,
    /// It is being asked again, and this is the old answer.
    pub stale: bool,
    /// Worth leaving out where rows are few: that there is no IPv6 address, no TLSA record, no reverse name.
    pub minor: bool,
    /// The record taken apart, if it is a policy.
    pub policy: Option<Parsed>,
    /// For a reverse name: whether it leads back.
    pub confirmed: Option<Confirmed>,
    /// What is odd about it.
    pub troubles: Vec<Trouble>,
    /// Where Enter connects to.
    pub target: Option<Target>,
    /// The name it points to in Unicode, if that differs; an addition to what is shown, and untrusted.
    pub unicode: Option<String>,
}

/// The parts of the panel, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Section {
    /// SRV records of submission servers.
    Submission,
    /// MX records.
    Exchangers,
    /// Addresses of the exchangers.
    Addresses,
    /// SPF, DMARC, MTA-STS, TLS-RPT and other texts.
    Policies,
    /// DKIM keys and TLSA records.
    Keys,
    /// Reverse names.
    Reverse,
    /// Free look-ups.
    Asked,
}

/// What a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The answer is not in.
    Waiting,
    /// A record. Texts in it are untrusted octets: see [`Content::safe`].
    Data(Data),
    /// There is no record, and why.
    Nothing(Outcome),
}

/// Whether the reverse name of an address leads back to it (RFC 8601 §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Confirmed {
    /// Not known yet.
    Waiting,
    /// It does.
    Yes,
    /// It does not.
    No,
}

/// Where to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The host name, for SNI and for the title.
    pub host: Name,
    /// Its addresses as they were first heard.
    pub addresses: Vec<IpAddr>,
    /// Connecting needs a decision (`dns/private-target`).
    pub ask: Option<Trouble>,
    /// How letters are handed in there; nothing for an exchanger, which takes them at port 25.
    pub way: Option<Way>,
}

impl Content {
    /// What a screen or a file may show.
    pub fn safe(&self, profile: Profile) -> SafeText {
        match self {
            Self::Data(data) => data.safe(profile),
            _ => Untrusted::from(self.text().as_str()).safe(profile),
        }
    }

    /// The text of the row in plain ASCII.
    pub fn text(&self) -> String {
        match self {
            Self::Waiting => "…".into(),
            Self::Data(data) => data.text(),
            Self::Nothing(Outcome::NoData) => "none".into(),
            Self::Nothing(Outcome::NxDomain) => "NXDOMAIN: no such name".into(),
            Self::Nothing(outcome) => outcome.word().into_owned(),
        }
    }
}

impl Row {
    /// What is known about signatures, in a few words.
    pub fn dnssec(&self) -> &'static str {
        self.validation.words(self.claimed)
    }
}

impl Panel {
    /// Every row, section by section.
    pub fn rows(&self) -> Vec<Row> {
        let mut rows = match self.about {
            About::Mail => self.exchangers(),
            About::Submission => self.submission_rows(),
            About::Question => return self.asked().collect(),
        };
        let hosts: Vec<&Name> = self.hosts().iter().map(|exchanger| &exchanger.host).collect();
        for host in &hosts {
            rows.extend(self.address_rows(host, |target| target));
        }
        rows.extend(self.of(Section::Policies, &Question::new(self.domain.clone(), Kind::TXT)));
        for (prefix, _) in POLICIES {
            rows.extend(self.of(Section::Policies, &Question::new(self.domain.under(prefix), Kind::TXT)));
        }
        for question in &self.selectors {
            rows.extend(self.of(Section::Keys, question));
        }
        for host in &hosts {
            rows.extend(self.of(Section::Keys, &Question::new(host.under("_25._tcp"), Kind::TLSA)));
        }
        for host in &hosts {
            for address in self.addresses(host) {
                rows.extend(self.of(Section::Reverse, &Question::new(Name::reverse(address), Kind::PTR)));
            }
        }
        rows.extend(self.asked());
        rows
    }

    /// The rows of free questions.
    fn asked(&self) -> impl Iterator<Item = Row> {
        self.free.iter().flat_map(|question| self.of(Section::Asked, question))
    }

    /// MX rows in the order of the plan: the tried ones first, then what is not used.
    fn exchangers(&self) -> Vec<Row> {
        let question = Question::new(self.domain.clone(), Kind::MX);
        let mut rows = self.of(Section::Exchangers, &question);
        let place = |row: &Row| match &row.content {
            Content::Data(Data::Mx { exchange, preference }) => {
                let at = self.hosts().iter().position(|it| it.host == *exchange && it.preference == *preference);
                at.unwrap_or(usize::MAX)
            }
            _ => 0,
        };
        rows.sort_by_key(place);
        for row in &mut rows {
            if let Content::Data(Data::Mx { exchange, .. }) = &row.content {
                row.target = self.target(exchange);
                row.troubles.extend(self.exchanger_troubles(exchange));
            }
        }
        rows
    }

    /// The addresses of a host, each a target of its own; `way` says how letters are taken there.
    pub(super) fn address_rows(&self, host: &Name, way: impl Fn(Target) -> Target) -> Vec<Row> {
        let mut rows = Vec::new();
        for kind in [Kind::A, Kind::AAAA] {
            let question = Question::new(host.clone(), kind);
            rows.extend(self.of(Section::Addresses, &question));
            let changed = self.slot(&question).and_then(|slot| {
                let (first, last) = (slot.first.as_ref()?, slot.last.as_ref()?);
                judge::changed(&first.answer, &last.answer)
            });
            if let (Some(trouble), Some(row)) = (changed, rows.last_mut()) {
                row.troubles.push(trouble);
            }
        }
        for row in &mut rows {
            if let Content::Data(Data::A(_) | Data::Aaaa(_)) = &row.content {
                row.target = self.target(host).map(|target| narrowed(way(target), row, &self.domain));
                row.troubles.extend(row.target.as_ref().and_then(|target| target.ask.clone()));
            }
        }
        rows
    }

    /// Where a host can be reached; nothing without an address.
    pub(super) fn target(&self, host: &Name) -> Option<Target> {
        let addresses = self.addresses(host);
        let ask = addresses.iter().find_map(|address| judge::private(&self.domain, *address));
        (!addresses.is_empty()).then(|| Target { host: host.clone(), addresses, ask, way: None })
    }

    /// What is odd about a host that stands in an MX record.
    fn exchanger_troubles(&self, exchange: &Name) -> Vec<Trouble> {
        if exchange.is_root() || exchange.as_address().is_some() {
            return Vec::new(); // the plan says what there is to say
        }
        let mut troubles = Vec::new();
        let heard = [Kind::A, Kind::AAAA].map(|kind| self.heard(&Question::new(exchange.clone(), kind)));
        if let Some(alias) = heard.iter().flatten().find_map(|heard| judge::alias(exchange, &heard.answer)) {
            troubles.push(alias);
        }
        let failed = heard.iter().flatten().find_map(|heard| judge::outcome(&heard.question, &heard.answer));
        let all_in = heard.iter().all(Option::is_some);
        if all_in && self.addresses(exchange).is_empty() {
            let none = || {
                let text = format!("{} has no address; nobody can deliver to it.", exchange.relative());
                Trouble::error("dns/no-address", "RFC 5321 §5.1", text)
            };
            troubles.push(failed.unwrap_or_else(none));
        }
        troubles
    }

    /// The rows of one question.
    pub(super) fn of(&self, section: Section, question: &Question) -> Vec<Row> {
        let Some(slot) = self.slot(question) else { return Vec::new() };
        let Some(heard) = &slot.last else { return vec![Row::new(section, question, Content::Waiting, None)] };
        let mut rows: Vec<Row> =
            heard.answer.records.iter().map(|record| self.of_record(section, heard, record)).collect();
        if heard.answer.outcome != Outcome::Found {
            let mut row = Row::new(section, question, Content::Nothing(heard.answer.outcome.clone()), Some(heard));
            row.ttl = heard.answer.negative;
            row.minor =
                heard.answer.outcome.is_answer() && matches!(question.kind, Kind::AAAA | Kind::TLSA | Kind::PTR);
            // That a policy or a key does not exist is no trouble; that it could not be asked for is.
            let expected = row.minor || matches!(section, Section::Policies | Section::Keys | Section::Submission);
            let failed = judge::outcome(question, &heard.answer);
            row.troubles.extend(failed.filter(|trouble| !expected || trouble.id != "dns/nxdomain"));
            rows.push(row);
        }
        for row in &mut rows {
            row.stale = slot.state != State::Answered;
        }
        if let Some(row) = rows.first_mut() {
            row.troubles.extend(judge::validation(&heard.answer));
            row.troubles.extend(judge::left_out(question, &heard.answer));
        }
        rows
    }

    fn of_record(&self, section: Section, heard: &Heard, record: &Record) -> Row {
        let mut row = Row::new(section, &heard.question, Content::Data(record.data.clone()), Some(heard));
        row.owner = record.owner.clone();
        row.kind = record.kind();
        row.ttl = Some(record.lifetime());
        row.validation = if record.proof == Validation::NotChecked { heard.answer.validation } else { record.proof };
        row.troubles.extend(judge::lifetime(record.ttl));
        row.troubles.extend(judge::hidden(&record.data));
        row.troubles.extend(tlsa::troubles(&record.data, row.validation));
        row.troubles.extend(record.data.names().flat_map(judge::name));
        row.unicode = record.data.names().find_map(unicode::unicode).map(|found| found.text);
        if let Some(text) = record.data.joined()
            && let Some(policy) = Policy::detect(&record.owner, &text)
        {
            let parsed = policy.parse(&text);
            row.troubles.extend(parsed.troubles.iter().cloned());
            row.troubles.extend(policy.find(&heard.answer).1);
            row.troubles.extend(self.walk_trouble(policy, &record.owner, &row.troubles));
            row.policy = Some(parsed);
        }
        if let (Data::Ptr(name), Some(address)) = (&record.data, heard.question.name.reversed()) {
            row.confirmed = Some(self.leads_back(name, address));
        }
        row
    }

    /// What following the SPF record of the domain has shown, unless it was said already.
    fn walk_trouble(&self, policy: Policy, owner: &Name, said: &[Trouble]) -> Option<Trouble> {
        let own = policy == Policy::Spf && *owner == self.domain;
        let trouble = self.walk.as_ref().filter(|_| own)?.trouble()?;
        (!said.contains(trouble)).then(|| trouble.clone())
    }

    fn leads_back(&self, name: &Name, address: IpAddr) -> Confirmed {
        let kind = if address.is_ipv4() { Kind::A } else { Kind::AAAA };
        match self.heard(&Question::new(name.clone(), kind)) {
            None => Confirmed::Waiting,
            Some(heard) if heard.answer.records.iter().any(|record| record.address() == Some(address)) => {
                Confirmed::Yes
            }
            Some(_) => Confirmed::No,
        }
    }
}

/// The target of one address row: this address alone.
fn narrowed(mut target: Target, row: &Row, domain: &Name) -> Target {
    let address = match &row.content {
        Content::Data(Data::A(v4)) => IpAddr::V4(*v4),
        Content::Data(Data::Aaaa(v6)) => IpAddr::V6(*v6),
        _ => return target,
    };
    target.ask = judge::private(domain, address);
    target.addresses = vec![address];
    target
}

impl Row {
    fn new(section: Section, question: &Question, content: Content, heard: Option<&Heard>) -> Self {
        Self {
            section,
            owner: question.name.clone(),
            kind: question.kind,
            content,
            ttl: None,
            took: heard.map(|heard| heard.took),
            from: heard.map(|heard| heard.from.clone()).unwrap_or_default(),
            validation: heard.map_or(Validation::NotChecked, |heard| heard.answer.validation),
            claimed: heard.is_some_and(|heard| heard.answer.claimed),
            stale: false,
            minor: false,
            policy: None,
            confirmed: None,
            troubles: Vec::new(),
            target: None,
            unicode: None,
        }
    }
}
