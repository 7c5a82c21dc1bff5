//! The post office of the lab: the queue of each host, and the mailboxes.
//!
//! ```text
//! a host takes a letter ─▶ trace line ─▶ queue ─▶ mailbox, told as delivered
//!                                         │ └──▶ list: a new letter to each member
//!                                         └────▶ another host, by the relay
//! ```
//!
//! What is for the host itself is done before the client hears its 250; the rest waits for the [relay](super::relay).

mod list;
mod route;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, mpsc};

use crate::engine::server::ask;
use crate::engine::server::sender;
use crate::mail::field;
use crate::mail::trace::{Cipher, Received, return_path};
use crate::ports::lab::{Delivered, News, Signal, Step, Waits, Written};
use crate::smtp::params::Param;
use crate::smtp::path::{ForwardPath, ReversePath};
use crate::smtp::status::Status;

use super::clock::{Clock, date, seconds};
use super::magic::Magic;
use super::queue::{Attempt, Destination, Letter, Next, Notice, Outcome, Queue, Recipient, Rule, Schedule, Settled};
use super::queue::{Verdict, Waiting, address};
use super::world::{Client, Host, World};

pub(super) use route::address_at;

/// Octets of a header that are told with a letter that is taken.
const HEADER: usize = 16 * 1024;

/// The post office.
pub(super) struct Post {
    told: mpsc::Sender<Signal>,
    world: Arc<World>,
    clock: Clock,
    /// What the keys that seal letters follow from.
    keys: u64,
    number: AtomicU32,
    queues: Mutex<BTreeMap<String, Queue>>,
    /// The hosts of which it was told last that something waits there.
    waiting: Mutex<BTreeSet<String>>,
    /// Octets in each mailbox.
    stored: Mutex<BTreeMap<String, u64>>,
    /// Until when the clock is to run, in microseconds since 1970.
    until: AtomicI64,
    /// Seconds that pass in each of ours while the clock runs by itself.
    pace: AtomicU32,
    /// Something may be due: a letter came, or the clock is to run.
    pub(super) due: Notify,
}

/// A letter that a host has just been given.
pub(super) struct Taken<'a> {
    pub(super) host: &'a Host,
    /// Who brought it.
    pub(super) client: &'a Client,
    /// What TLS agreed on, if it came inside TLS: suite and group.
    pub(super) tls: Option<&'a (String, Option<String>)>,
    pub(super) letter: &'a ask::Letter,
}

impl Post {
    pub(super) fn new(world: Arc<World>, clock: Clock, keys: u64, told: mpsc::Sender<Signal>) -> Self {
        let queue = |host: &Host| (host.name.clone(), Queue::new(&host.name, Schedule::default()));
        let queues = Mutex::new(world.host.iter().map(queue).collect());
        let (number, until) = (AtomicU32::new(1), AtomicI64::new(clock.now().as_microsecond()));
        let (waiting, stored, pace, due) = (Mutex::default(), Mutex::default(), AtomicU32::new(0), Notify::new());
        Self { told, world, clock, keys, number, queues, waiting, stored, until, pace, due }
    }

    /// Takes a letter: the host is responsible for it from now on (RFC 5321 §4.2.5). Gives the host's id for it: the
    /// letter of the host and a number.
    pub(super) async fn take(&self, taken: &Taken<'_>) -> String {
        let (host, envelope) = (taken.host, &taken.letter.envelope);
        let id = self.id(host);
        let recipients = route::recipients(&self.world, host, &envelope.recipients);
        let trace = taken.trace(&id, self.only_for(host, &envelope.recipients).as_deref(), self.clock.now());
        // All recipients share the octets.
        let content: Arc<[u8]> = [trace.as_bytes(), &taken.letter.content].concat().into();
        self.step(
            host,
            &id,
            Step::Accepted {
                from: sender(&envelope.from),
                to: envelope.recipients.iter().map(|recipient| address(&recipient.path.encode())).collect(),
                header: header(&content),
            },
        )
        .await;
        let (from, params) = (envelope.from.clone(), envelope.params.clone());
        let letter = Letter { id: id.clone(), from, params, content, added: trace.len(), arrived: self.clock.now() };
        self.submit(host, letter, recipients).await;
        id
    }

    /// Puts a letter into a host's queue, and does at once what is for the host itself: letters to its lists and reports
    /// to its users among it.
    async fn submit(&self, host: &Host, letter: Letter, recipients: Vec<Recipient>) {
        self.queue(host, |queue| queue.submit(letter, recipients));
        loop {
            let now = self.clock.now();
            let Some(attempts) = self.queue(host, |queue| queue.due_at(&Destination::Here, now)) else { break };
            if attempts.is_empty() {
                break;
            }
            for attempt in attempts {
                let mut outcomes = Vec::new();
                for recipient in &attempt.recipients {
                    outcomes.push(self.deliver(host, &attempt.letter, recipient).await);
                }
                self.settle(host, &attempt, outcomes).await;
            }
        }
        self.due.notify_one();
    }

    /// Takes what an attempt led to, tells it, and queues the reports that follow.
    pub(super) async fn settle(&self, host: &Host, attempt: &Attempt, outcomes: Vec<Outcome>) {
        let now = self.clock.now();
        let settled = self.queue(host, |queue| queue.result(attempt.number, outcomes, now)).unwrap_or_default();
        self.tell(host, &settled).await;
        self.report(host, settled.notices).await;
        self.tell_queue(host).await;
    }

    /// Reports of delays that are due now.
    pub(super) async fn delays(&self, host: &Host) -> bool {
        let now = self.clock.now();
        let notices = self.queue(host, |queue| queue.delays(now)).unwrap_or_default();
        let some = !notices.is_empty();
        self.report(host, notices).await;
        some
    }

    /// What is due at a host now.
    pub(super) fn due(&self, host: &Host) -> Vec<Attempt> {
        let now = self.clock.now();
        self.queue(host, |queue| queue.due(now)).unwrap_or_default()
    }

    /// The lab's time, in seconds since 1970.
    pub(super) fn now(&self) -> u64 {
        self.clock.seconds()
    }

    /// The clock is to run for so long.
    pub(super) fn pass(&self, time: Duration) {
        self.run_until(self.clock.now().checked_add(time).unwrap_or(Timestamp::MAX));
    }

    /// The clock shows at least this time from now on; what was due till then is done.
    pub(super) fn catch_up(&self, time: Timestamp) {
        self.clock.forward_to(time);
        self.run_until(time);
    }

    /// The same at each command of a program from outside: the relay is woken for what is due by then, and for nothing
    /// else.
    pub(super) fn keep_up(&self, time: Timestamp) {
        self.clock.forward_to(time);
        if self.next_wakeup().is_some_and(|next| next <= time) {
            self.run_until(time);
        }
    }

    /// So much time has passed in a conversation.
    pub(super) fn catch_up_by(&self, time: Duration) {
        self.catch_up(self.clock.now().checked_add(time).unwrap_or(Timestamp::MAX));
    }

    /// The clock is to run until the next thing happens.
    pub(super) fn skip(&self) {
        self.run_until(self.next_wakeup().unwrap_or(self.clock.now()));
    }

    /// The clock runs by itself from now on, so many seconds in one of ours; or it stands still.
    pub(super) fn run_at(&self, pace: u32) {
        self.pace.store(pace, Ordering::Release);
        self.due.notify_one();
    }

    /// How fast the clock runs by itself.
    pub(super) fn pace(&self) -> u32 {
        self.pace.load(Ordering::Acquire)
    }

    fn run_until(&self, time: Timestamp) {
        self.until.fetch_max(time.as_microsecond(), Ordering::AcqRel);
        self.due.notify_one();
    }

    /// Turns the clock to the next thing that happens, or as far as it is to run; false if it has arrived.
    pub(super) fn run_on(&self) -> bool {
        let (now, until) = (self.clock.now(), self.until.load(Ordering::Acquire));
        let until = Timestamp::from_microsecond(until).unwrap_or(now);
        let next = self.next_wakeup().filter(|next| *next > now);
        self.clock.forward_to(next.map_or(until, |next| next.min(until)));
        now < until
    }

    /// When the next thing happens in any queue.
    pub(super) fn next_wakeup(&self) -> Option<Timestamp> {
        self.queues().values().filter_map(Queue::next_wakeup).min()
    }

    /// Puts reports into the queue of the host that makes them.
    async fn report(&self, host: &Host, notices: Vec<Notice>) {
        for notice in notices {
            let (id, now) = (self.id(host), self.clock.now());
            let from = format!("postmaster@{}", host.domains.first().unwrap_or(&host.name));
            let content = notice.octets(&from, &format!("{id}@{}", host.name), now);
            let ReversePath::Path(path) = notice.letter.from.clone() else { continue };
            let mut params = Vec::new();
            if notice.letter.is_international() {
                params.push(Param::new("SMTPUTF8", None));
            }
            // A report is never reported on, not even by hosts that forget about null senders (RFC 3461 §6.1).
            let never = vec![Param::new("NOTIFY", Some("NEVER"))];
            let to = ask::Recipient { path: ForwardPath::Path(path), params: never };
            let recipients = route::recipients(&self.world, host, &[to]);
            let (kind, from, to) = (Written::Report, String::new(), vec![sender(&notice.letter.from)]);
            self.step(host, &notice.letter.id, Step::Wrote { id: id.clone(), kind, from, to }).await;
            let letter =
                Letter { id, from: ReversePath::Null, params, content: content.into(), added: 0, arrived: now };
            self.queue(host, |queue| queue.submit(letter, recipients));
        }
    }

    /// Puts a letter into a mailbox of the host, with the last trace line on top (RFC 5321 §4.4); a list passes it on.
    pub(super) async fn deliver(&self, host: &Host, letter: &Letter, recipient: &Recipient) -> Outcome {
        let here = address_at(host, &recipient.path).and_then(|address| self.world.mailbox(&address));
        let Some(mailbox) = here else {
            let address = address_at(host, &recipient.path).unwrap_or_default();
            let (local, _) = address.rsplit_once('@').unwrap_or_default();
            if let Some(reply) = Magic::later(local) {
                let class = if reply.code().get() < 500 { 4 } else { 5 };
                let status = reply.status().unwrap_or(Status { class, subject: 0, detail: 0 });
                return Outcome::refused(status, "As asked for by magic.");
            }
            return Outcome::refused(Status { class: 5, subject: 1, detail: 1 }, "There is no such mailbox here.");
        };
        if let Some(list) = &mailbox.list {
            return self.pass_on(host, letter, &mailbox.address, list).await;
        }
        let from = sender(&letter.from);
        let top = return_path(&from);
        let delivered = Delivered {
            at: self.now(),
            host: host.name.clone(),
            mailbox: mailbox.address.clone(),
            id: letter.id.clone(),
            from,
            letter: [top.as_bytes(), &letter.content].concat().into(),
            added: top.len() + letter.added,
        };
        *self.stored().entry(mailbox.address.clone()).or_default() += delivered.letter.len() as u64;
        // Nobody reads letters once the explorer is closing.
        let _ = self.told.send(Signal::Delivered(delivered)).await;
        Outcome::done(Verdict::Delivered)
    }

    /// A list takes the letter and sends one of its own to its members (RFC 5321 §3.9.2).
    async fn pass_on(&self, host: &Host, letter: &Letter, address: &str, list: &[String]) -> Outcome {
        if letter.from == ReversePath::Null {
            return Outcome { why: Some("A list passes no reports on.".into()), ..Outcome::done(Verdict::Dropped) };
        }
        let (from, content) = list::of(letter, address);
        let seal = list::seal(host, &letter.content, &content, self.keys, self.now());
        let members = list.iter().filter_map(|member| route::plain(member));
        let recipients = route::recipients(&self.world, host, &members.collect::<Vec<_>>());
        let copy = Letter {
            id: self.id(host),
            from,
            params: letter.params.iter().filter(|param| param.is("SMTPUTF8") || param.is("BODY")).cloned().collect(),
            content: [seal.as_bytes(), &content].concat().into(),
            added: seal.len() + letter.added,
            arrived: self.clock.now(),
        };
        let (id, kind, from, to) = (copy.id.clone(), Written::ListCopy, sender(&copy.from), list.to_vec());
        self.step(host, &letter.id, Step::Wrote { id, kind, from, to }).await;
        self.queue(host, |queue| queue.submit(copy, recipients));
        Outcome::done(Verdict::Delivered)
    }

    /// Tells what an attempt led to.
    async fn tell(&self, host: &Host, settled: &Settled) {
        for fate in &settled.fates {
            let to = address(&fate.recipient.path.encode());
            let reason = fate.outcome.reason();
            let step = match fate.next {
                Next::Done => continue,
                Next::Waits(until) => Step::Deferred { to, why: reason, next: seconds(until) },
                Next::Bounced => {
                    let status = fate.outcome.status.to_string();
                    Step::Bounced { to, status, why: reason, told: sender(&fate.letter.from) }
                }
                Next::Dropped(rule) => Step::Dropped { to, why: rule_of(rule, &reason) },
            };
            self.step(host, &fate.letter.id, step).await;
        }
    }

    /// Tells what happened to a letter.
    pub(super) async fn step(&self, host: &Host, id: &str, step: Step) {
        let news = News { at: self.now(), host: host.name.clone(), id: id.to_owned(), step };
        let _ = self.told.send(Signal::News(news)).await;
    }

    /// Tells what waits at a host, unless nothing does and that is known.
    async fn tell_queue(&self, host: &Host) {
        let waiting = self.queue(host, |queue| {
            let waits = |(letter, waiting): (&Letter, &Waiting)| Waits {
                id: letter.id.clone(),
                from: sender(&letter.from),
                to: address(&waiting.recipient.path.encode()),
                tries: waiting.tries,
                most: queue.schedule().tries(),
                next: seconds(waiting.next),
                until: seconds(queue.schedule().gives_up(letter.arrived)),
                why: waiting.last.as_ref().map(Outcome::reason),
            };
            queue.waiting().map(waits).collect()
        });
        let waiting: Vec<Waits> = waiting.unwrap_or_default();
        if !self.news_of_queue(host, !waiting.is_empty()) {
            return;
        }
        let _ = self.told.send(Signal::Queue { host: host.name.clone(), waiting }).await;
    }

    /// Notes whether something waits at a host; false if nothing does and nothing did.
    fn news_of_queue(&self, host: &Host, waits: bool) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waits {
            waiting.insert(host.name.clone());
            return true;
        }
        waiting.remove(&host.name)
    }

    /// The clock shows another time.
    pub(super) async fn tell_clock(&self) {
        let (now, next, pace) = (self.now(), self.next_wakeup().map(seconds), self.pace());
        let _ = self.told.send(Signal::Clock { now, next, pace }).await;
    }

    /// The recipient, if there is just one: others would learn of each other (RFC 5321 §7.6). All spellings of a mailbox
    /// are one.
    fn only_for(&self, host: &Host, recipients: &[ask::Recipient]) -> Option<String> {
        let name = |recipient: &ask::Recipient| {
            let here = address_at(host, &recipient.path).and_then(|address| self.world.mailbox(&address));
            here.map_or_else(|| address(&recipient.path.encode()), |mailbox| mailbox.address.clone())
        };
        let mut names = recipients.iter().map(name);
        let first = names.next()?;
        names.all(|other| other == first).then_some(first)
    }

    fn id(&self, host: &Host) -> String {
        format!("{}-{:04}", host.queue, self.number.fetch_add(1, Ordering::Relaxed))
    }

    fn queue<T>(&self, host: &Host, act: impl FnOnce(&mut Queue) -> T) -> Option<T> {
        self.queues().get_mut(&host.name).map(act)
    }

    /// Octets of the letters in a mailbox.
    pub(super) fn holds(&self, mailbox: &str) -> u64 {
        self.stored().get(mailbox).copied().unwrap_or_default()
    }

    fn stored(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queues(&self) -> MutexGuard<'_, BTreeMap<String, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken<'_> {
    /// The host's line on top of the letter.
    fn trace(&self, id: &str, only_for: Option<&str>, now: Timestamp) -> String {
        let received = Received {
            // The engine takes no name that is not ASCII.
            hello: std::str::from_utf8(&self.letter.client).unwrap_or("unknown"),
            name: self.client.name.as_deref(),
            address: self.client.address,
            by: &self.host.name,
            with: self.letter.protocol.keyword(),
            id,
            only_for,
            tls: self.tls.map(|(suite, group)| Cipher { suite, group: group.as_deref() }),
            date: &date(now),
        };
        received.field()
    }
}

impl Outcome {
    /// A success that nothing is to be said about.
    pub(super) const fn done(verdict: Verdict) -> Self {
        let status = Status { class: 2, subject: 0, detail: 0 };
        Self { verdict, status, remote: None, said: None, why: None }
    }

    /// A failure for good that no server spoke of.
    pub(super) fn refused(status: Status, why: &str) -> Self {
        Self { verdict: Verdict::Never, status, remote: None, said: None, why: Some(why.to_owned()) }
    }

    /// What was said, or why nothing was.
    pub(super) fn reason(&self) -> String {
        let said = self.said.as_ref().map(|said| match &self.remote {
            Some(remote) => format!("{remote}: {said}"),
            None => said.clone(),
        });
        said.or_else(|| self.why.clone()).unwrap_or_else(|| self.status.to_string())
    }
}

/// The header of a letter, or the beginning of a long one.
fn header(content: &[u8]) -> Arc<[u8]> {
    let header = field::halves(content).0;
    Arc::from(header.get(..HEADER).unwrap_or(header))
}

fn rule_of(rule: Rule, reason: &str) -> String {
    match rule {
        Rule::NullSender => format!("{reason} (the letter is a report itself, so nobody is told)"),
        Rule::NotAskedFor => format!("{reason} (the sender asked not to be told)"),
        Rule::Policy => reason.to_owned(),
    }
}
