//! The relay: what waits in the queues of the lab's hosts is sent on, by our own client over streams in memory.
//!
//! One attempt after the other, in the order of the world, each a second of the lab's clock: the same seed gives the same
//! journey. The way to a domain is asked of the name server over the wire (RFC 5321 §5.1); there is no other way out,
//! so what the lab's DNS does not know is not reached.

mod demand;
mod log;
pub(super) mod policies;
mod session;
#[cfg(test)]
mod tests;
mod tls;
mod way;

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use tokio::io::DuplexStream;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep, timeout};

use crate::dns::plan::{Exchanger, Route};
use crate::dns::{Answer, Question};
use crate::ports::lab::{Call, Signal, Step, VisitId};
use crate::ports::net::{Failure, What};
use crate::smtp::limits::Limits;
use crate::smtp::status::Status;
use crate::tape::mark::{self, Mark, Unreached};

use super::queue::{Attempt, Destination, Outcome, Verdict, address};
use super::world::Host;
use super::{Hosts, Inner};

use demand::Demand;
use log::Log;
use session::{Ended, Session};
use way::Way;

/// A question on its way.
pub type Asking = Pin<Box<dyn Future<Output = Answer> + Send>>;
/// Asks the lab's name server. The lab itself cannot: it names no client of DNS.
pub type Names = Arc<dyn Fn(Question) -> Asking + Send + Sync>;

/// How long a hop takes on the lab's clock.
const HOP: Duration = Duration::from_secs(1);
/// How often a clock that runs goes on.
const BEAT: Duration = Duration::from_secs(1);
/// How long a session may take on ours: a server that falls silent must not stop the lab's mail.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends what is due, and then what comes to be due, until the lab ends.
pub(super) async fn run(hosts: Hosts, names: Names) {
    let tls = tls::Client::new(&hosts.inner.root, hosts.inner.clock.clone());
    let relay = Relay { hosts, names, tls };
    let mut beat = interval(BEAT);
    beat.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        while relay.turn().await {}
        relay.hosts.inner.post.tell_clock().await;
        if !relay.hosts.inner.post.run_on() {
            relay.rest(&mut beat).await;
        }
    }
}

struct Relay {
    hosts: Hosts,
    names: Names,
    tls: Option<tls::Client>,
}

/// One server to be talked to.
struct Peer {
    name: String,
    address: SocketAddr,
    /// How it was found.
    way: Vec<Mark>,
    /// What it must show.
    demand: Demand,
}

impl Relay {
    /// Waits until somebody turns the clock, or a letter comes. In a lab that is served the clock goes by itself: there a
    /// letter that waits is tried again in its own time, for the program that sent it. Where somebody has set the clock
    /// running, it goes on with each beat.
    async fn rest(&self, beat: &mut Interval) {
        let post = &self.hosts.inner.post;
        let next = post.next_wakeup().filter(|_| self.hosts.inner.served);
        let now = Timestamp::now().max(self.hosts.inner.clock.now());
        let wait = next.map(|next| Duration::try_from(next.duration_since(now)).unwrap_or_default());
        tokio::select! {
            () = post.due.notified() => {}
            () = sleep(wait.unwrap_or_default()), if wait.is_some() => post.skip(),
            _ = beat.tick(), if post.pace() > 0 => post.pass(BEAT * post.pace()),
        }
    }

    /// Does what is due now at every host, once; false if nothing was.
    async fn turn(&self) -> bool {
        let post = &self.hosts.inner.post;
        let mut some = false;
        for host in &self.hosts.inner.world.host {
            for attempt in post.due(host) {
                some = true;
                let outcomes = match &attempt.to {
                    Destination::Here => self.here(host, &attempt).await,
                    Destination::Domain(domain) => self.send(host, &attempt, domain).await,
                };
                post.settle(host, &attempt, outcomes).await;
            }
            some |= post.delays(host).await;
        }
        some
    }

    async fn here(&self, host: &Host, attempt: &Attempt) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for recipient in &attempt.recipients {
            outcomes.push(self.hosts.inner.post.deliver(host, &attempt.letter, recipient).await);
        }
        outcomes
    }

    /// Tries the mail servers of a domain in order until one has spoken (RFC 5321 §5.1).
    async fn send(&self, host: &Host, attempt: &Attempt, domain: &str) -> Vec<Outcome> {
        self.hosts.inner.clock.forward(HOP);
        let all = |outcome: Outcome| vec![outcome; attempt.recipients.len()];
        let way = match way::find(&self.names, domain, &host.name, self.hosts.inner.seed).await {
            Ok(way) => way,
            Err(route) => return all(no_way(&route, domain)),
        };
        let wishes = self.wishes(&self.hosts.inner.settings.of(host), &attempt.letter, domain).await;
        let mut last = None;
        for (exchanger, ip) in way.servers.iter().take(Limits::default().addresses) {
            let demand = wishes.of(&self.names, &way, exchanger).await;
            match self.talk(host, attempt, &Peer::of(&way, exchanger, *ip, demand)).await {
                Ok(outcomes) => return outcomes,
                Err(outcome) => last = Some(outcome),
            }
        }
        all(last.unwrap_or_else(|| no_way(&Route::Later(crate::dns::Outcome::NoData), domain)))
    }

    /// One server; an error leads to the next one. Where TLS fails, the letter goes without (RFC 7435), unless more is
    /// demanded.
    async fn talk(&self, host: &Host, attempt: &Attempt, peer: &Peer) -> Result<Vec<Outcome>, Outcome> {
        let name = peer.name.as_str();
        if let Err(doubt) = peer.demand.before() {
            let mut log = self.calls(host, attempt, peer).await;
            let call = log.call();
            log.mark(doubt.mark());
            log.end(What::Ended).await;
            let outcome = doubt.outcome(name);
            self.tried(host, attempt, peer, call, &outcome).await;
            return Err(outcome);
        }
        let mut last = None;
        for with_tls in [true, false] {
            let mut log = self.calls(host, attempt, peer).await;
            let call = log.call();
            log.told().await;
            let stream = match self.dial(host, peer) {
                Ok(stream) => stream,
                Err(error) => return Err(self.unreached(host, attempt, peer, &error, log).await),
            };
            let tls = self.tls.clone().filter(|_| with_tls);
            let mut session = Session::new(stream, peer.address, &host.name, name, tls, log, &peer.demand);
            let lead = session.lead(&attempt.letter, &attempt.recipients);
            let ended = timeout(PATIENCE, lead).await.unwrap_or(Err(Ended::Silent));
            if matches!(ended, Err(Ended::Silent)) {
                session.fell_silent();
            }
            let (secure, said) = (session.is_secure(), session.last_said());
            session.end().await;
            let outcomes = match ended {
                Ok(outcomes) => outcomes,
                Err(ended) => {
                    let without_tls = matches!(ended, Ended::Tls) && with_tls && !peer.demand.wants_tls();
                    let outcome = ended.outcome(name);
                    self.tried(host, attempt, peer, call, &outcome).await;
                    if without_tls {
                        last = Some(outcome);
                        continue;
                    }
                    return Err(outcome);
                }
            };
            let handed = |outcome: &Outcome| matches!(outcome.verdict, Verdict::Handed { .. });
            let both = attempt.recipients.iter().zip(&outcomes);
            let to: Vec<_> = both.filter(|(_, it)| handed(it)).map(|(it, _)| address(&it.path.encode())).collect();
            let (address, port) = (peer.address.ip(), peer.address.port());
            let step = Step::Hop { server: name.to_owned(), address, port, tls: secure, said, to, call };
            self.hosts.inner.post.step(host, &attempt.letter.id, step).await;
            return Ok(outcomes);
        }
        Err(last.unwrap_or_else(|| nobody(name, "Nobody answered.")))
    }

    /// Connects.
    fn dial(&self, host: &Host, peer: &Peer) -> io::Result<DuplexStream> {
        // Nobody sees the lab's hosts wait; their clock does.
        self.hosts.inner.clock.forward(self.hosts.inner.links.delay(peer.address.ip()));
        self.hosts.connect(peer.address, &host.client())
    }

    /// A server could not be reached, which is told.
    async fn unreached(&self, host: &Host, attempt: &Attempt, peer: &Peer, error: &io::Error, mut log: Log) -> Outcome {
        let (name, ip, call) = (peer.name.as_str(), peer.address.ip(), log.call());
        let why = Unreached::of(error.kind());
        log.mark(Mark::Refused(mark::Attempt {
            host: name.into(),
            peer: peer.address.into(),
            why,
            took: Duration::ZERO,
        }));
        log.end(What::Failed(Failure::AllFailed { tried: 1, known: 1 })).await;
        let outcome = nobody(name, &format!("{name} [{ip}] cannot be reached: {error}."));
        self.tried(host, attempt, peer, call, &outcome).await;
        outcome
    }

    /// Tells that a conversation begins; gives its record.
    async fn calls(&self, host: &Host, attempt: &Attempt, peer: &Peer) -> Log {
        let Inner { visits, told, post, .. } = &*self.hosts.inner;
        let id = VisitId(visits.fetch_add(1, Ordering::Relaxed));
        let (server, address, port) = (peer.name.clone(), peer.address.ip(), peer.address.port());
        post.step(host, &attempt.letter.id, Step::Calls { server, address, port, call: id }).await;
        let call = Call { id, from: host.name.clone(), host: peer.name.clone(), to: peer.address };
        // Nobody listens once the program is being left.
        let _ = told.send(Signal::Called(call)).await;
        Log::new(id, told.clone(), peer.way.iter().cloned())
    }

    /// Tells that nothing came of it.
    async fn tried(&self, host: &Host, attempt: &Attempt, peer: &Peer, call: VisitId, outcome: &Outcome) {
        let (address, port, server) = (peer.address.ip(), peer.address.port(), peer.name.clone());
        let step = Step::Tried { server, address, port, why: outcome.reason(), call };
        self.hosts.inner.post.step(host, &attempt.letter.id, step).await;
    }
}

impl Peer {
    fn of(way: &Way, exchanger: &Exchanger, ip: IpAddr, demand: Demand) -> Self {
        let name = exchanger.host.relative().trim_end_matches('.').to_owned();
        let found = way.to(exchanger).into_iter().chain(demand.marks().iter().cloned());
        Self { name, address: (ip, 25).into(), way: found.collect(), demand }
    }
}

/// A server that could not be talked to.
fn nobody(name: &str, why: &str) -> Outcome {
    let status = Status { class: 4, subject: 4, detail: 1 };
    let remote = Some(name.to_owned());
    Outcome { verdict: Verdict::Nobody, status, remote, said: None, why: Some(why.to_owned()) }
}

/// No server to talk to: for good, or for now.
fn no_way(route: &Route, domain: &str) -> Outcome {
    let status = route.reply().and_then(|(_, status)| Status::parse(status.as_bytes()));
    let status = status.unwrap_or(Status { class: 5, subject: 4, detail: 4 });
    let verdict = if route.is_temporary() { Verdict::Nobody } else { Verdict::Never };
    let why = format!("{domain}: {}", route.sentence());
    Outcome { verdict, status, remote: None, said: None, why: Some(why) }
}
