//! From a target to a stream: look-ups, then the addresses one after the other, each attempt marked.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::connect::{Connect, Stream};
use super::log::{Gone, Log};
use super::resolver::Resolver;
use crate::ports::dns::Source;
use crate::ports::net::Target;
use crate::smtp::limits::{Limits, Timers};
use crate::tape::mark::{Attempt, Failure, Mark, Opened, Unreached};
use crate::tape::peer::Peer;

/// A stream that stands, and the mark for it.
pub(super) struct Dialled {
    pub(super) stream: Box<dyn Stream>,
    pub(super) opened: Opened,
}

/// Why there is no stream.
pub(super) enum Missed {
    Failed(Failure),
    Gone,
}

impl From<Gone> for Missed {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

/// What dialling needs.
pub(super) struct Dialler<'a> {
    pub(super) resolver: &'a Resolver,
    pub(super) source: Source,
    pub(super) connect: &'a dyn Connect,
    pub(super) timers: &'a Timers,
    pub(super) limits: &'a Limits,
    pub(super) log: &'a Log,
}

impl Dialler<'_> {
    /// Looks up and dials; every step is marked.
    pub(super) async fn dial(&self, target: &Target) -> Result<Dialled, Missed> {
        if let Some(path) = &target.socket {
            return self.here(target, path).await;
        }
        let mut addresses = self.addresses(target).await?;
        let known = addresses.len();
        addresses.retain(|address| target.route.takes(*address));
        if let (true, Some(family)) = (addresses.is_empty(), target.route.family()) {
            let outcome = format!("none of the {known} is {family}, and only that was asked for");
            return Err(Missed::Failed(Failure::NoAddress { outcome }));
        }
        if let Some(nowhere) = addresses.iter().find(|address| address.is_unspecified()) {
            let why = format!("{nowhere} is not a destination; it stands for \"any address\" of the own machine");
            return Err(Missed::Failed(Failure::BadTarget { why }));
        }
        if target.port == 0 {
            return Err(Missed::Failed(Failure::BadTarget { why: "port 0 is no port; use 1 to 65535".into() }));
        }
        self.first_of(target, &addresses).await
    }

    /// A Unix socket of this machine: there is nothing to look up, and one place to try.
    async fn here(&self, target: &Target, path: &str) -> Result<Dialled, Missed> {
        let started = Instant::now();
        let peer = Peer::Unix(path.to_owned());
        let reached = timeout(self.timers.connect, self.connect.connect_here(path)).await;
        let error = match reached {
            Ok(Ok(stream)) => return Ok(dialled(target, stream, peer, started.elapsed())),
            Ok(Err(error)) => error,
            Err(_) => io::ErrorKind::TimedOut.into(),
        };
        if let Some(why) = no_socket(&error) {
            return Err(Missed::Failed(Failure::BadTarget { why: format!("{path}: {why}") }));
        }
        let host = target.host.clone();
        let attempt = Attempt { host, peer, why: Unreached::of(error.kind()), took: started.elapsed() };
        self.log.mark(Mark::Refused(attempt)).await?;
        Err(Missed::Failed(Failure::AllFailed { tried: 1, known: 1 }))
    }

    async fn addresses(&self, target: &Target) -> Result<Vec<IpAddr>, Missed> {
        if !target.pinned.is_empty() {
            return Ok(target.pinned.clone());
        }
        let found = self.resolver.addresses(&target.host, &self.source).await;
        let found = found.map_err(|bad| Missed::Failed(Failure::BadTarget { why: bad.to_string() }))?;
        for look_up in found.look_ups {
            self.log.mark(Mark::LookedUp(look_up)).await?;
        }
        if found.addresses.is_empty() {
            return Err(Missed::Failed(Failure::NoAddress { outcome: found.outcome }));
        }
        Ok(found.addresses)
    }

    /// The first address that answers, in order; at most so many, in at most so much time (L5).
    async fn first_of(&self, target: &Target, addresses: &[IpAddr]) -> Result<Dialled, Missed> {
        let host = target.host.as_str();
        let patience = Instant::now() + self.timers.connect_all;
        let mut tried = 0;
        for address in addresses.iter().take(self.limits.addresses) {
            let left = patience.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            tried += 1;
            let peer = SocketAddr::new(*address, target.port);
            let started = Instant::now();
            match self.attempt(target, peer, left.min(self.timers.connect)).await {
                Ok(stream) => return Ok(dialled(target, stream, peer.into(), started.elapsed())),
                Err(why) => {
                    let attempt = Attempt { host: host.into(), peer: peer.into(), why, took: started.elapsed() };
                    self.log.mark(Mark::Refused(attempt)).await?;
                }
            }
        }
        Err(Missed::Failed(Failure::AllFailed { tried, known: addresses.len() }))
    }

    async fn attempt(
        &self,
        target: &Target,
        peer: SocketAddr,
        patience: Duration,
    ) -> Result<Box<dyn Stream>, Unreached> {
        let from = target.route.from;
        match timeout(patience, self.connect.connect(&target.host, peer, from)).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) if from.is_some() && is_about_us(&error) => Err(Unreached::Source),
            Ok(Err(error)) => Err(Unreached::of(error.kind())),
            Err(_) => Err(Unreached::TimedOut),
        }
    }
}

fn dialled(target: &Target, stream: Box<dyn Stream>, peer: Peer, took: Duration) -> Dialled {
    let opened = Opened { host: target.host.clone(), peer, local: stream.local(), lmtp: target.lmtp, took };
    Dialled { stream, opened }
}

/// Why a path leads to no socket that could be tried.
fn no_socket(error: &io::Error) -> Option<String> {
    Some(match error.kind() {
        io::ErrorKind::NotFound => "there is no such socket".into(),
        io::ErrorKind::PermissionDenied => "you may not open it; it belongs to another user or group".into(),
        io::ErrorKind::NotADirectory => "a part of the path is no folder".into(),
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => error.to_string(),
        _ => return None,
    })
}

/// True for an own address that cannot be had: it is none of this machine's, its port is taken, or not for everybody.
fn is_about_us(error: &io::Error) -> bool {
    use io::ErrorKind::{AddrInUse, AddrNotAvailable, PermissionDenied};
    matches!(error.kind(), AddrNotAvailable | AddrInUse | PermissionDenied)
}
