//! The queue of a host: letters that it is responsible for and has not handed on yet. Pure: time is an argument.
//!
//! ```text
//! submit ─▶ waiting ──due──▶ under way ──result──▶ delivered, handed on, failed (reported or dropped by a rule)
//!              ▲                 │ 4yz, nobody there
//!              └─────────────────┘ until the time to give up, RFC 5321 §4.5.4.1
//! ```
//!
//! Each recipient stands for itself: at every instant it is in exactly one of these places. Reports of a letter are made
//! here and sent by whoever drives the queue; a letter without a reverse path gets none (RFC 5321 §4.5.5).

mod notice;
mod schedule;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::mail::report::Action;
use crate::smtp::params::{self, Param};
use crate::smtp::path::{ForwardPath, ReversePath};
use crate::smtp::status::Status;

pub use notice::Notice;
pub(super) use notice::address;
pub use schedule::Schedule;

/// A letter that a host has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The host's id for it.
    pub id: String,
    /// Where reports go.
    pub from: ReversePath,
    /// The parameters that MAIL had.
    pub params: Vec<Param>,
    /// The letter as it was taken, with this host's trace line on top.
    pub content: Arc<[u8]>,
    /// Octets at its start that this host added.
    pub added: usize,
    /// When it came.
    pub arrived: Timestamp,
}

/// A recipient of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The address in the envelope.
    pub path: ForwardPath,
    /// The parameters that RCPT had.
    pub params: Vec<Param>,
    /// Where it goes.
    pub to: Destination,
}

/// Where the way of a letter leads next. What goes to the same place goes in one transaction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Destination {
    /// Into a mailbox of this host.
    Here,
    /// To the mail servers of a domain, in lower case.
    Domain(String),
}

/// What is to be done now: one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its number.
    pub number: u64,
    /// The letter.
    pub letter: Arc<Letter>,
    /// Where it goes.
    pub to: Destination,
    /// Those who share it; outcomes come in this order.
    pub recipients: Vec<Recipient>,
}

/// What an attempt led to for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// In short.
    pub verdict: Verdict,
    /// What the server said it is about, or what we say where no server did.
    pub status: Status,
    /// The server that said it.
    pub remote: Option<String>,
    /// Its reply, whole, in one line.
    pub said: Option<String>,
    /// Why, where no server said anything.
    pub why: Option<String>,
}

/// An outcome in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It lies in the mailbox.
    Delivered,
    /// The next host has it, and reports deliveries itself if DSN parameters went along.
    Handed {
        /// They did.
        with_dsn: bool,
    },
    /// Not now: 4yz.
    Later,
    /// Nobody could be talked to: whatever goes to the same place waits too.
    Nobody,
    /// Never: 5yz, or no way at all.
    Never,
    /// A rule of the host throws it away.
    Dropped,
}

/// A recipient who waits.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Who.
    pub recipient: Recipient,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next.
    pub next: Timestamp,
    /// What the last attempt led to.
    pub last: Option<Outcome>,
    /// The number of the attempt that is under way.
    attempt: Option<u64>,
}

/// What became of a recipient after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    /// The letter.
    pub letter: Arc<Letter>,
    /// The recipient.
    pub recipient: Recipient,
    /// What the attempt led to.
    pub outcome: Outcome,
    /// What follows.
    pub next: Next,
}

/// What follows for a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: delivered, or the next host is responsible.
    Done,
    /// It waits until then.
    Waits(Timestamp),
    /// It is given up, and the sender is told.
    Bounced,
    /// It is given up or thrown away, and a rule says that nobody is told.
    Dropped(Rule),
}

/// Why nobody is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The letter has no reverse path: it is a report itself (RFC 5321 §4.5.5).
    NullSender,
    /// The sender asked not to be told (NOTIFY, RFC 3461 §5.2.6).
    NotAskedFor,
    /// The host throws such letters away.
    Policy,
}

/// What came of an attempt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settled {
    /// For each recipient, in order.
    pub fates: Vec<Fate>,
    /// Reports to be sent.
    pub notices: Vec<Notice>,
}

/// The queue of a host.
#[derive(Debug, Clone)]
pub struct Queue {
    host: String,
    schedule: Schedule,
    entries: BTreeMap<u64, Entry>,
    /// Places where nobody could be talked to.
    resting: BTreeMap<Destination, Rest>,
    /// The last number given out.
    number: u64,
}

#[derive(Debug, Clone)]
struct Entry {
    letter: Arc<Letter>,
    waiting: Vec<Waiting>,
    /// The sender knows of the delay.
    delay_told: bool,
}

/// A place that is left alone for a while.
#[derive(Debug, Clone, Copy)]
struct Rest {
    tries: u32,
    until: Timestamp,
}

impl Queue {
    /// An empty queue of `host`.
    pub fn new(host: &str, schedule: Schedule) -> Self {
        Self { host: host.to_owned(), schedule, entries: BTreeMap::new(), resting: BTreeMap::new(), number: 0 }
    }

    /// When it tries again and gives up.
    pub const fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// Takes a letter; its first attempt is due at once.
    pub fn submit(&mut self, letter: Letter, recipients: Vec<Recipient>) {
        let next = letter.arrived;
        let wait = |recipient| Waiting { recipient, tries: 0, next, last: None, attempt: None };
        let waiting: Vec<_> = recipients.into_iter().map(wait).collect();
        if !waiting.is_empty() {
            let number = self.count();
            self.entries.insert(number, Entry { letter: Arc::new(letter), waiting, delay_told: false });
        }
    }

    /// What is to be done at `now`: one attempt for all recipients of a letter that go to the same place. An attempt is
    /// under way until its [`result`](Self::result) is told.
    pub fn due(&mut self, now: Timestamp) -> Vec<Attempt> {
        self.begin(now, |_| true)
    }

    /// The same, of what goes to one place.
    pub fn due_at(&mut self, place: &Destination, now: Timestamp) -> Vec<Attempt> {
        self.begin(now, |to| to == place)
    }

    fn begin(&mut self, now: Timestamp, wanted: impl Fn(&Destination) -> bool) -> Vec<Attempt> {
        let mut attempts: Vec<Attempt> = Vec::new();
        let mut number = self.number;
        for entry in self.entries.values_mut() {
            let first = attempts.len();
            for waiting in entry.waiting.iter_mut().filter(|it| it.attempt.is_none() && wanted(&it.recipient.to)) {
                let to = &waiting.recipient.to;
                let rest = self.resting.get(to).map_or(waiting.next, |rest| rest.until);
                if waiting.next.max(rest) > now {
                    waiting.next = waiting.next.max(rest);
                    continue;
                }
                let same = attempts.iter_mut().skip(first).find(|attempt| attempt.to == *to);
                if let Some(attempt) = same {
                    waiting.attempt = Some(attempt.number);
                    attempt.recipients.push(waiting.recipient.clone());
                    continue;
                }
                number += 1;
                waiting.attempt = Some(number);
                let (letter, to, recipients) = (Arc::clone(&entry.letter), to.clone(), vec![waiting.recipient.clone()]);
                attempts.push(Attempt { number, letter, to, recipients });
            }
        }
        self.number = number;
        attempts
    }

    /// Takes what an attempt led to, one outcome for each of its recipients in their order. A recipient without one is
    /// tried again as if nobody had been there.
    pub fn result(&mut self, attempt: u64, outcomes: Vec<Outcome>, now: Timestamp) -> Settled {
        let under_way = |entry: &Entry| entry.waiting.iter().any(|waiting| waiting.attempt == Some(attempt));
        let Some((number, mut entry)) =
            self.entries.iter().find(|(_, entry)| under_way(entry)).map(|(n, e)| (*n, e.clone()))
        else {
            return Settled::default();
        };
        let mut outcomes = outcomes.into_iter();
        let mut fates = Vec::new();
        let mut kept = Vec::new();
        for mut waiting in std::mem::take(&mut entry.waiting) {
            if waiting.attempt != Some(attempt) {
                kept.push(waiting);
                continue;
            }
            let outcome = outcomes.next().unwrap_or_else(Outcome::lost);
            waiting.tries += 1;
            waiting.attempt = None;
            let next = self.next(&entry.letter, &waiting, &outcome, now);
            let (letter, recipient) = (Arc::clone(&entry.letter), waiting.recipient.clone());
            if let Next::Waits(until) = next {
                (waiting.next, waiting.last) = (until, Some(outcome.clone()));
                kept.push(waiting);
            }
            fates.push(Fate { letter, recipient, outcome, next });
        }
        let notices = self.notices(&entry.letter, &fates, now);
        entry.waiting = kept;
        if entry.waiting.is_empty() {
            self.entries.remove(&number);
        } else {
            self.entries.insert(number, entry);
        }
        Settled { fates, notices }
    }

    /// The attempt ended and nobody knows how: its recipients are due again.
    pub fn lost(&mut self, attempt: u64) {
        let all = self.entries.values_mut().flat_map(|entry| &mut entry.waiting);
        all.filter(|waiting| waiting.attempt == Some(attempt)).for_each(|waiting| waiting.attempt = None);
    }

    /// Reports of delays that are due at `now`; each letter gets one.
    pub fn delays(&mut self, now: Timestamp) -> Vec<Notice> {
        let (host, schedule) = (self.host.clone(), self.schedule.clone());
        let mut notices = Vec::new();
        for entry in self.entries.values_mut() {
            if entry.tells_at(&schedule).is_some_and(|at| at <= now) {
                entry.delay_told = true;
                let until = schedule.gives_up(entry.letter.arrived);
                let late =
                    entry.waiting.iter().filter(|waiting| entry.letter.wants(&waiting.recipient, Action::Delayed));
                let late: Vec<_> =
                    late.filter_map(|waiting| Some((&waiting.recipient, waiting.last.as_ref()?))).collect();
                notices.extend(Notice::of_delay(&host, &entry.letter, &late, until, now));
            }
        }
        notices
    }

    /// When something is to be done next; nothing while all that is left is under way.
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        let rest = |to: &Destination| self.resting.get(to).map(|rest| rest.until);
        let tries = self.waiting().filter(|(_, waiting)| !waiting.is_under_way());
        let tries =
            tries.map(|(_, waiting)| rest(&waiting.recipient.to).map_or(waiting.next, |rest| rest.max(waiting.next)));
        let tells = self.entries.values().filter_map(|entry| entry.tells_at(&self.schedule));
        tries.chain(tells).min()
    }

    /// All who wait, with their letters, the oldest letter first.
    pub fn waiting(&self) -> impl Iterator<Item = (&Letter, &Waiting)> {
        self.entries.values().flat_map(|entry| entry.waiting.iter().map(|waiting| (entry.letter.as_ref(), waiting)))
    }

    fn count(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// What follows from an outcome.
    fn next(&mut self, letter: &Letter, waiting: &Waiting, outcome: &Outcome, now: Timestamp) -> Next {
        let to = &waiting.recipient.to;
        let rest = (outcome.verdict == Verdict::Nobody).then(|| self.rest(to, now));
        if rest.is_none() {
            self.resting.remove(to);
        }
        let until = self.schedule.gives_up(letter.arrived);
        match outcome.verdict {
            Verdict::Delivered | Verdict::Handed { .. } => Next::Done,
            Verdict::Dropped => Next::Dropped(Rule::Policy),
            Verdict::Later | Verdict::Nobody if now < until => {
                let own = self.schedule.next(waiting.tries, now);
                // The last try is made when the time is over, not left out.
                Next::Waits(rest.map_or(own, |rest| rest.max(own)).min(until))
            }
            Verdict::Later | Verdict::Nobody | Verdict::Never if letter.from == ReversePath::Null => {
                Next::Dropped(Rule::NullSender)
            }
            Verdict::Later | Verdict::Nobody | Verdict::Never if letter.wants(&waiting.recipient, Action::Failed) => {
                Next::Bounced
            }
            Verdict::Later | Verdict::Nobody | Verdict::Never => Next::Dropped(Rule::NotAskedFor),
        }
    }

    /// A place where nobody could be talked to rests, longer each time.
    fn rest(&mut self, to: &Destination, now: Timestamp) -> Timestamp {
        let rest = self.resting.entry(to.clone()).or_insert(Rest { tries: 0, until: now });
        // Several recipients of one attempt are one failure.
        if rest.until <= now {
            rest.tries += 1;
            rest.until = self.schedule.next(rest.tries, now);
        }
        rest.until
    }

    /// The reports that fates ask for: one for each kind of news.
    fn notices(&self, letter: &Letter, fates: &[Fate], now: Timestamp) -> Vec<Notice> {
        let told = |fate: &Fate| match (fate.next, fate.outcome.verdict) {
            (Next::Bounced, _) => Some(Action::Failed),
            (Next::Done, Verdict::Delivered) => Some(Action::Delivered),
            (Next::Done, Verdict::Handed { with_dsn: false }) => Some(Action::Relayed),
            _ => None,
        };
        let kinds = [Action::Failed, Action::Delivered, Action::Relayed];
        let of = |action| {
            let wanted = |fate: &&Fate| told(fate) == Some(action) && letter.wants(&fate.recipient, action);
            let told: Vec<_> = fates.iter().filter(wanted).map(|fate| (&fate.recipient, &fate.outcome)).collect();
            Notice::of(&self.host, letter, action, &told, now)
        };
        kinds.into_iter().filter_map(of).collect()
    }
}

impl Entry {
    /// When the sender is told of the delay, if that is still to be done.
    fn tells_at(&self, schedule: &Schedule) -> Option<Timestamp> {
        let at = schedule.tells(self.letter.arrived);
        let late =
            |waiting: &&Waiting| waiting.last.is_some() && self.letter.wants(&waiting.recipient, Action::Delayed);
        (!self.delay_told && self.waiting.iter().any(|waiting| late(&waiting))).then_some(at)
    }
}

impl Waiting {
    /// True while an attempt is under way.
    pub const fn is_under_way(&self) -> bool {
        self.attempt.is_some()
    }
}

impl Letter {
    /// True if its sender is to be told this of a recipient (RFC 3461 §5.2): without NOTIFY of failures and delays.
    pub fn wants(&self, recipient: &Recipient, action: Action) -> bool {
        let wanted: &[u8] = match action {
            Action::Failed => b"FAILURE",
            Action::Delayed => b"DELAY",
            Action::Delivered | Action::Relayed | Action::Expanded => b"SUCCESS",
        };
        let notify = params::find(&recipient.params, "NOTIFY").and_then(|param| param.value.as_deref());
        let asked = notify.map_or(wanted != b"SUCCESS", |list| {
            list.split(|octet| *octet == b',').any(|event| event.eq_ignore_ascii_case(wanted))
        });
        asked && self.from != ReversePath::Null
    }

    /// True if it came by SMTPUTF8.
    pub fn is_international(&self) -> bool {
        params::find(&self.params, "SMTPUTF8").is_some()
    }
}

impl Outcome {
    /// What is said of an attempt that ended without an outcome: it may have gone either way, so it is tried again.
    fn lost() -> Self {
        let status = Status { class: 4, subject: 4, detail: 2 };
        let why = Some("The connection ended before the server had said what becomes of the letter.".into());
        Self { verdict: Verdict::Later, status, remote: None, said: None, why }
    }
}
