//! The other role: one connection to which this end is the server, led by acts from its first octet to its last.
//!
//! ```text
//! wicket ──caller──▶ plain ──Secure──▶ TLS ──▶ closed, half-closed or reset
//! ```
//!
//! Nothing is read that nobody waits for: how far to read is an act, so that a client that floods fills its own buffers,
//! and what follows a STARTTLS is left for the handshake.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::Shows;
use super::connect::Stream;
use super::log::{Gone, Log};
use super::tls::{Answered, answer};
use super::wicket::Wicket;
use super::wire::{Step, Wire};
use crate::ports::net::{Act, Failure, Serve, Shown, Target, What};
use crate::tape::Side;
use crate::tape::mark::{Closed, Ending, Mark, Opened};
use crate::tape::tls::{TlsFailure, TlsTrouble};

/// Octets read at a time.
const BLOCK: usize = 16 * 1024;
/// How long saying goodbye may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// Attends to one client.
pub(super) struct Attendant {
    pub(super) target: Target,
    pub(super) acts: mpsc::Receiver<Act>,
    pub(super) log: Log,
    pub(super) shows: Option<Shows>,
    /// How long a handshake may take.
    pub(super) patience: Duration,
}

/// How far it has come.
#[derive(Default)]
struct Progress {
    /// What is still to be written.
    out: Vec<u8>,
    /// Octets of the client that came, and how many may.
    heard: u64,
    upto: u64,
    /// The client has finished sending.
    ended: bool,
}

impl Attendant {
    /// Waits for the next who comes, and leads the connection to its end.
    pub(super) async fn run(mut self, wicket: io::Result<Arc<Wicket>>) -> Result<(), Gone> {
        let wicket = match wicket {
            Ok(wicket) => wicket,
            Err(why) => {
                let place = self.target.socket.clone();
                let place = place.unwrap_or_else(|| format!("{} port {}", self.target.host, self.target.port));
                let why = format!("nobody can be listened for at {place}: {why}");
                return self.log.tell(self.log.now(), What::Failed(Failure::BadTarget { why })).await;
            }
        };
        self.log.tell(self.log.now(), What::Listening(wicket.at.clone())).await?;
        let Some((stream, from)) = self.caller(&wicket).await else { return Ok(()) };
        self.open(&wicket, from).await?;
        self.lead(Wire::plain(stream)).await
    }

    /// The next who comes; nobody if it is no longer waited for.
    async fn caller(&mut self, wicket: &Wicket) -> Option<(Box<dyn Stream>, Option<SocketAddr>)> {
        loop {
            tokio::select! {
                caller = wicket.caller() => return Some(caller),
                act = self.acts.recv() => if matches!(act, None | Some(Act::Close)) {
                    return None;
                },
            }
        }
    }

    async fn open(&self, wicket: &Wicket, from: Option<SocketAddr>) -> Result<(), Gone> {
        let opened = Opened {
            host: self.target.host.clone(),
            peer: wicket.at.clone(),
            local: from,
            lmtp: self.target.lmtp,
            took: Duration::ZERO,
        };
        self.log.mark(Mark::Opened(opened)).await
    }

    async fn lead(&mut self, mut wire: Wire) -> Result<(), Gone> {
        let mut buffer = vec![0; BLOCK];
        let mut progress = Progress::default();
        loop {
            let room = usize::try_from(progress.upto.saturating_sub(progress.heard)).unwrap_or(BLOCK).min(BLOCK);
            let reads = room > 0 && !progress.ended;
            let step = tokio::select! {
                step = wire.step(reads, buffer.get_mut(..room).unwrap_or_default(), &progress.out) => step,
                act = self.acts.recv() => match act.unwrap_or(Act::Close) {
                    Act::Send(octets) | Act::SendNow(octets) => {
                        progress.out.extend_from_slice(&octets);
                        continue;
                    }
                    Act::Serve(Serve::Hear(upto)) => {
                        progress.upto = upto;
                        continue;
                    }
                    Act::Serve(Serve::Secure(shown)) => match self.secure(wire, &shown).await? {
                        Some(secured) => {
                            wire = secured;
                            continue;
                        }
                        None => return Ok(()),
                    },
                    Act::Serve(Serve::HalfClose) => {
                        // A client that takes no goodbye will be seen to when there is more to say.
                        let _ = timeout(FAREWELL, wire.shutdown()).await;
                        self.log.mark(Mark::HalfClosed { by: Side::Server }).await?;
                        continue;
                    }
                    Act::Serve(Serve::Reset) => {
                        let _ = wire.cut();
                        drop(wire);
                        return self.closed(Side::Server, Ending::Reset).await;
                    }
                    Act::Close => return self.close(wire, &mut progress, &mut buffer).await,
                    // The rest is a client's.
                    _ => continue,
                },
            };
            if let Some((by, how)) = self.take(step, &mut progress, &buffer).await? {
                return self.closed(by, how).await;
            }
        }
    }

    /// Takes in what a step brought; what ends the connection comes back.
    async fn take(&self, step: Step, progress: &mut Progress, buffer: &[u8]) -> Result<Option<(Side, Ending)>, Gone> {
        let now = self.log.now();
        match step {
            Step::Read(0) => {
                progress.ended = true;
                self.log.mark(Mark::HalfClosed { by: Side::Client }).await?;
            }
            Step::Read(read) => {
                progress.heard += read as u64;
                self.log.bytes(Side::Client, now, buffer.get(..read).unwrap_or_default()).await?;
            }
            Step::Wrote(wrote) => {
                let went: Vec<u8> = progress.out.drain(..wrote.min(progress.out.len())).collect();
                self.log.bytes(Side::Server, now, &went).await?;
            }
            Step::Broke(how) => return Ok(Some((Side::Client, how))),
        }
        Ok(None)
    }

    /// Takes up TLS; nothing if the connection ends with it.
    async fn secure(&mut self, wire: Wire, shown: &Shown) -> Result<Option<Wire>, Gone> {
        let other = |detail: String| TlsFailure { detail, ..TlsFailure::at_once(TlsTrouble::Other) };
        let config = self.shows.as_ref().map_or_else(|| Err("there are no certificates".into()), |shows| shows(shown));
        let answered = match (wire.into_plain(), config) {
            (None, _) => Err(other("TLS is there already".into())),
            (_, Err(why)) => Err(other(why)),
            (Some(stream), Ok(config)) => {
                let answering = answer(stream, &config, &shown.name, self.patience);
                tokio::pin!(answering);
                loop {
                    tokio::select! {
                        answered = &mut answering => break answered,
                        act = self.acts.recv() => if matches!(act, None | Some(Act::Close)) {
                            self.closed(Side::Server, Ending::Clean).await?;
                            return Ok(None);
                        },
                    }
                }
            }
        };
        match answered {
            Ok(Answered { stream, facts }) => {
                self.log.mark(Mark::TlsStarted { sni: facts.sni.clone() }).await?;
                self.log.mark(Mark::TlsReady(facts)).await?;
                Ok(Some(Wire::tls(stream)))
            }
            Err(failure) => {
                let (by, how) = match failure.why {
                    TlsTrouble::Closed => (Side::Client, Ending::Clean),
                    TlsTrouble::Reset => (Side::Client, Ending::Reset),
                    TlsTrouble::Alert(_) => (Side::Client, Ending::Tls),
                    _ => (Side::Server, Ending::Tls),
                };
                self.log.mark(Mark::TlsFailed(failure)).await?;
                self.closed(by, how).await?;
                Ok(None)
            }
        }
    }

    /// Writes the rest and says goodbye, and lets the client do so too: a socket that is dropped with octets unread takes
    /// back what was written last.
    async fn close(&self, mut wire: Wire, progress: &mut Progress, buffer: &mut [u8]) -> Result<(), Gone> {
        let ended = progress.ended;
        let (mut left, mut went) = (std::mem::take(&mut progress.out), Vec::new());
        let parting = async {
            while !left.is_empty() {
                let Step::Wrote(wrote) = wire.step(false, &mut [], &left).await else { return };
                went.extend(left.drain(..wrote.min(left.len())));
            }
            let _ = wire.shutdown().await;
            while !ended && matches!(wire.step(true, buffer, &[]).await, Step::Read(read) if read > 0) {}
        };
        let _ = timeout(FAREWELL, parting).await;
        self.log.bytes(Side::Server, self.log.now(), &went).await?;
        // Whoever had finished before has ended it.
        self.closed(if ended { Side::Client } else { Side::Server }, Ending::Clean).await
    }

    async fn closed(&self, by: Side, how: Ending) -> Result<(), Gone> {
        self.log.mark(Mark::Closed(Closed { by, how })).await
    }
}
