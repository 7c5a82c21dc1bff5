//! The relay: what waits in the queues of the lab's hosts is sent on, by our own client over streams in memory.
//!
//! One attempt after the other, in the order of the world, each a second of the lab's clock: the same seed gives the same
//! journey. The way to a domain is asked of the name server over the wire (RFC 5321 §5.1); there is no other way out,
//! so what the lab's DNS does not know is not reached.

mod session;
#[cfg(test)]
mod tests;
mod tls;
mod way;

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::dns::plan::{Exchanger, Route};
use crate::dns::{Answer, Question};
use crate::ports::lab::Step;
use crate::smtp::limits::Limits;
use crate::smtp::status::Status;

use super::Hosts;
use super::queue::{Attempt, Destination, Outcome, Verdict, address};
use super::world::Host;

use session::{Ended, Session};

/// A question on its way.
pub type Asking = Pin<Box<dyn Future<Output = Answer> + Send>>;
/// Asks the lab's name server. The lab itself cannot: it names no client of DNS.
pub type Names = Arc<dyn Fn(Question) -> Asking + Send + Sync>;

/// How long a hop takes on the lab's clock.
const HOP: Duration = Duration::from_secs(1);
/// How long a session may take on ours: a server that falls silent must not stop the lab's mail.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends what is due, and then what comes to be due, until the lab ends.
pub(super) async fn run(hosts: Hosts, names: Names) {
    let relay = Relay { hosts, names };
    loop {
        while relay.turn().await {}
        relay.hosts.inner.post.tell_clock().await;
        if !relay.hosts.inner.post.run_on() {
            relay.hosts.inner.post.due.notified().await;
        }
    }
}

struct Relay {
    hosts: Hosts,
    names: Names,
}

impl Relay {
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
            some |= post.delays(host);
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
        let mut last = None;
        for (exchanger, ip) in way.into_iter().take(Limits::default().addresses) {
            match self.talk(host, attempt, &exchanger, ip).await {
                Ok(outcomes) => return outcomes,
                Err(outcome) => last = Some(outcome),
            }
        }
        all(last.unwrap_or_else(|| no_way(&Route::Later(crate::dns::Outcome::NoData), domain)))
    }

    /// One server; an error leads to the next one. Where TLS fails, the letter goes without (RFC 7435): whoever wants
    /// more says so.
    async fn talk(
        &self,
        host: &Host,
        attempt: &Attempt,
        exchanger: &Exchanger,
        ip: IpAddr,
    ) -> Result<Vec<Outcome>, Outcome> {
        let name = exchanger.host.relative();
        let name = name.trim_end_matches('.');
        let mut last = None;
        for with_tls in [true, false] {
            let peer = (ip, 25).into();
            let stream = self
                .hosts
                .connect(peer, &host.client())
                .map_err(|error| nobody(name, &format!("{name} [{ip}] cannot be reached: {error}.")))?;
            let tls = tls::Client::new(&self.hosts.inner.root, self.hosts.inner.clock.clone());
            let mut session = Session::new(stream, peer, &host.name, name, tls.filter(|_| with_tls));
            let lead = session.lead(&attempt.letter, &attempt.recipients);
            let ended = timeout(PATIENCE, lead).await.unwrap_or(Err(Ended::Silent));
            let (secure, said) = (session.is_secure(), session.last_said());
            match ended {
                Ok(outcomes) => {
                    let handed = |outcome: &Outcome| matches!(outcome.verdict, Verdict::Handed { .. });
                    let both = attempt.recipients.iter().zip(&outcomes);
                    let to: Vec<_> =
                        both.filter(|(_, it)| handed(it)).map(|(it, _)| address(&it.path.encode())).collect();
                    let step = Step::Hop { server: name.to_owned(), address: ip, port: 25, tls: secure, said, to };
                    self.hosts.inner.post.step(host, &attempt.letter.id, step).await;
                    return Ok(outcomes);
                }
                Err(Ended::Tls) if with_tls => last = Some(nobody(name, "The TLS handshake failed.")),
                Err(ended) => return Err(ended.outcome(name)),
            }
        }
        Err(last.unwrap_or_else(|| nobody(name, "Nobody answered.")))
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
