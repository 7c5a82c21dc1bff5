//! Fetching the policy of MTA-STS that a domain announces (RFC 8461 §3.3), beside the session it is about.

use std::net::{IpAddr, SocketAddr};

use tokio::time::{Instant, timeout};

use super::connect::Stream;
use super::https;
use super::tls::{Expected, Tls};
use super::{Config, World};
use crate::dns::judge::is_private;
use crate::ports::net::{Handshake, Place, PolicyOf};
use crate::tape::policy::{self, Fetched, Unfetched};

/// The port of HTTPS.
const PORT: u16 = 443;

/// Asks the policy host for it, with one GET.
pub(super) async fn fetch(config: &Config, world: &World, wanted: PolicyOf) -> Fetched {
    let started = Instant::now();
    let mut at = None;
    let errand = Errand { config, world, wanted: &wanted };
    let patience = config.timers.policy;
    let found = timeout(patience, errand.run(&mut at)).await.unwrap_or(Err(Unfetched::TimedOut(patience)));
    Fetched { domain: wanted.domain, id: wanted.id, at, found, took: started.elapsed() }
}

struct Errand<'a> {
    config: &'a Config,
    world: &'a World,
    wanted: &'a PolicyOf,
}

impl Errand<'_> {
    async fn run(&self, at: &mut Option<IpAddr>) -> Result<String, Unfetched> {
        let host = policy::host(&self.wanted.domain);
        let stream = self.reach(&host, at).await?;
        let tls = Tls {
            roots: self.world.roots.clone(),
            calendar: self.world.calendar.clone(),
            patience: self.config.timers.tls,
            keys: super::Keys::default(),
            handshake: Handshake::default(),
        };
        let peer = SocketAddr::new(at.unwrap_or([0, 0, 0, 0].into()), PORT).into();
        let expected = Expected::of(&host, &peer, &tls.handshake);
        let (stream, facts) = tls.shake(stream, &expected, true).await.map_err(|_| Unfetched::NoTls)?;
        // Nothing is said to a host that cannot prove who it is.
        if let Some(why) = facts.doubt() {
            return Err(Unfetched::NotValid(why.to_owned()));
        }
        https::policy(stream, &host).await
    }

    /// The first address of the policy host that takes a connection.
    async fn reach(&self, host: &str, at: &mut Option<IpAddr>) -> Result<Box<dyn Stream>, Unfetched> {
        let found = self.config.resolver.addresses(host, &self.wanted.source).await;
        let found = found.map_err(|bad| Unfetched::NoAddress(bad.to_string()))?;
        let is_barred = |ip: &&IpAddr| self.wanted.place == Place::Live && !self.wanted.is_near && is_private(**ip);
        if let Some(ip) = found.addresses.iter().find(is_barred) {
            return Err(Unfetched::Private(*ip));
        }
        let mut last = Unfetched::NoAddress(found.outcome);
        for ip in found.addresses.into_iter().take(self.config.limits.addresses) {
            let connecting = self.world.connector.connect(host, SocketAddr::new(ip, PORT), None);
            match timeout(self.config.timers.connect, connecting).await {
                Ok(Ok(stream)) => {
                    *at = Some(ip);
                    return Ok(stream);
                }
                Ok(Err(error)) => last = Unfetched::NotReached(error.to_string()),
                Err(_) => last = Unfetched::NotReached("it did not answer in time".into()),
            }
        }
        Err(last)
    }
}
