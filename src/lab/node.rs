//! A session of a lab host: the server engine between a stream, the desk and the record.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{sleep, sleep_until, timeout};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::engine::server::Server;
use crate::engine::server::ask::Ask;
use crate::engine::server::config::Config;
use crate::net::tls::{Answered, Witness, answer, suite_name};
use crate::smtp::limits::Timers;
use crate::tape::mark::{Closed, Ending, Mark};
use crate::tape::tls::{TlsFailure, TlsTrouble};
use crate::tape::{Moment, Side};

use super::authority::NotCertified;
use super::authority::identities::Identities;
use super::clock::Clock;
use super::desk::Desk;
use super::desk::memory::Memory;
use super::fault::{Fault, Faults, Step};
use super::post::Post;
use super::record::Record;
use super::relay::Names;
use super::world::{Client, Host, World};

/// Octets read at once.
const READ: usize = 16 * 1024;
/// How long a client may take to hear the last reply before the stream is dropped.
const FAREWELL: Duration = Duration::from_secs(1);

/// The stream of a session, before and after STARTTLS.
enum Wire<S> {
    Plain(S),
    Tls(Box<TlsStream<Witness<S>>>),
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer).await,
            Self::Tls(stream) => stream.read(buffer).await,
        }
    }

    /// One write for all of it: a reply is never torn.
    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(bytes).await,
            Self::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }

    /// What ties logins to TLS 1.3 (RFC 9266 §2).
    fn exported(&self) -> Option<[u8; 32]> {
        let Self::Tls(stream) = self else { return None };
        stream.get_ref().1.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b"")).ok()
    }

    /// What TLS agreed on, in the names of the registries: cipher suite and key exchange group.
    fn agreed(&self) -> Option<(String, Option<String>)> {
        let Self::Tls(stream) = self else { return None };
        let session = stream.get_ref().1;
        let suite = suite_name(session.negotiated_cipher_suite()?.suite());
        Some((suite, session.negotiated_key_exchange_group().map(|group| format!("{:?}", group.name()))))
    }

    fn is_tls13(&self) -> bool {
        let Self::Tls(stream) = self else { return false };
        stream.get_ref().1.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3)
    }

    async fn close(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.shutdown().await,
            Self::Tls(stream) => stream.shutdown().await,
        }
    }

    /// Says goodbye on a socket, and hears what the client still had to say: a socket that is dropped with octets unread
    /// takes back what was written last.
    async fn part(&mut self, buffer: &mut [u8]) {
        let parting = async {
            self.close().await?;
            while self.read(buffer).await? > 0 {}
            io::Result::Ok(())
        };
        let _ = timeout(FAREWELL, parting).await;
    }

    /// How a stream ended that gave this error.
    fn ending(&self, error: &io::Error) -> Ending {
        match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
                Ending::Reset
            }
            io::ErrorKind::UnexpectedEof if matches!(self, Self::Tls(_)) => Ending::NoCloseNotify,
            io::ErrorKind::InvalidData if matches!(self, Self::Tls(_)) => Ending::Tls,
            _ => Ending::Failed,
        }
    }
}

/// A host as one of its sessions sees it.
pub(super) struct Node {
    pub(super) world: Arc<World>,
    pub(super) clock: Clock,
    pub(super) host: Arc<Host>,
    /// Who connected.
    pub(super) client: Client,
    pub(super) tls: Arc<ServerConfig>,
    pub(super) identities: Arc<Identities>,
    /// What goes wrong on its side, and the seed of its chance.
    pub(super) faults: Vec<Fault>,
    pub(super) seed: u64,
    pub(super) post: Arc<Post>,
    pub(super) memory: Arc<Memory>,
    /// Whom it asks in the DNS; nobody before the lab relays.
    pub(super) names: Option<Names>,
    /// What the keys that sign letters follow from.
    pub(super) keys: u64,
}

/// How a session is held.
pub(super) struct Seat {
    /// What is told of it.
    pub(super) record: Record,
    /// True for a program on a socket, which must not keep its place for ever: if it is silent for too long it gets 421.
    /// Inside, the clock of the lab stands still between events, so a thinking learner is never timed out.
    pub(super) outside: bool,
    /// The lab closes: 421 for whoever is still here.
    pub(super) closing: CancellationToken,
}

impl Node {
    /// Serves one client until either side has had enough. How it ends is on its record, and ends nothing else.
    pub(super) async fn serve<S>(&self, config: Config, implicit_tls: bool, stream: S, seat: Seat)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let (desk, server) = (Desk::new(self), Server::new(config, Moment::START));
        let faults = Faults::new(self.faults.clone(), self.seed);
        let mut talk = Talk { node: self, desk, server, faults, seat };
        talk.withdraw();
        let closed = talk.lead(Wire::Plain(stream), implicit_tls).await;
        talk.seat.record.mark(Mark::Closed(closed)).await;
        talk.seat.record.end().await;
    }
}

/// One session.
struct Talk<'a> {
    node: &'a Node,
    desk: Desk<'a>,
    server: Server,
    faults: Faults,
    seat: Seat,
}

impl Talk<'_> {
    /// Leads the session to its end.
    async fn lead<S>(&mut self, mut wire: Wire<S>, implicit_tls: bool) -> Closed
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut buffer = vec![0; READ];
        if implicit_tls {
            wire = match self.secure(wire).await {
                Ok(wire) => wire,
                Err(closed) => return closed,
            };
            self.desk.tls = wire.agreed();
        }
        if let Err(closed) = self.be_slow(&mut wire, &mut buffer).await {
            return closed;
        }
        loop {
            // What is said meanwhile gathers: the replies of a group go out together (RFC 2920 §3.2).
            while let Some(ask) = self.server.poll() {
                match ask {
                    Ask::StartTls => {
                        if let Err(closed) = self.send(&mut wire).await {
                            return closed;
                        }
                        wire = match self.secure(wire).await {
                            Ok(wire) => wire,
                            Err(closed) => return closed,
                        };
                        // Who was logged in is forgotten with all the rest.
                        self.desk = Desk::new(self.node);
                        self.desk.tls = wire.agreed();
                    }
                    Ask::Close => {
                        if let Err(closed) = self.send(&mut wire).await {
                            return closed;
                        }
                        if self.seat.outside {
                            wire.part(&mut buffer).await;
                        } else {
                            let _ = wire.close().await;
                        }
                        return Closed { by: Side::Server, how: Ending::Clean };
                    }
                    ask => {
                        if self.seat.outside {
                            // Whoever comes from outside has a clock of his own: the real one.
                            self.node.post.keep_up(Timestamp::now());
                        }
                        let decision = self.desk.decide(&ask).await;
                        for fault in self.desk.take_faults() {
                            self.faults.add(fault);
                        }
                        self.withdraw();
                        self.server.answer(&decision);
                    }
                }
            }
            if let Err(closed) = self.send(&mut wire).await {
                return closed;
            }
            let due = self.seat.record.instant(self.server.deadline());
            tokio::select! {
                read = wire.read(&mut buffer) => {
                    let read = read.map_err(|error| wire.ending(&error));
                    if let Err(closed) = self.heard(read, &buffer).await {
                        return closed;
                    }
                }
                () = sleep_until(due), if self.seat.outside => self.server.tick(self.now()),
                () = self.seat.closing.cancelled() => self.server.shutdown(),
            }
        }
    }

    /// The time that the engine is told.
    fn now(&self) -> Moment {
        if self.seat.outside { self.seat.record.now() } else { Moment::START }
    }

    /// What came from the client, or its end.
    async fn heard(&mut self, read: Result<usize, Ending>, buffer: &[u8]) -> Result<(), Closed> {
        match read {
            Ok(0) => return Err(Closed { by: Side::Client, how: Ending::Clean }),
            Ok(octets) => {
                let octets = buffer.get(..octets).unwrap_or_default();
                self.seat.record.bytes(Side::Client, octets).await;
                self.server.receive(octets, self.now());
            }
            Err(how) => return Err(Closed { by: Side::Client, how }),
        }
        Ok(())
    }

    /// A host that lets its clients wait for the greeting hears who does not.
    async fn be_slow<S>(&mut self, wire: &mut Wire<S>, buffer: &mut [u8]) -> Result<(), Closed>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let wait = Duration::from_secs(self.node.host.greets_after());
        if wait.is_zero() {
            return Ok(());
        }
        let read = tokio::select! {
            read = wire.read(buffer) => read,
            () = sleep(wait) => {
                self.node.post.catch_up_by(wait);
                return Ok(());
            }
        };
        let read = read.map_err(|error| wire.ending(&error));
        self.heard(read, buffer).await
    }

    /// Takes from the engine what a fault does not let it have.
    fn withdraw(&mut self) {
        if let Some(extension) = self.faults.withdrawn() {
            self.server.withdraw(extension);
        }
    }

    /// Writes what the engine has to say, as the faults let it.
    async fn send<S>(&mut self, wire: &mut Wire<S>) -> Result<(), Closed>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        for step in self.faults.pass(self.server.said()) {
            match step {
                Step::Write(octets) => {
                    if let Err(error) = wire.write(&octets).await {
                        return Err(Closed { by: Side::Client, how: wire.ending(&error) });
                    }
                    self.seat.record.bytes(Side::Server, &octets).await;
                }
                Step::Wait(time) => {
                    sleep(time).await;
                    self.node.post.catch_up_by(time);
                }
                Step::Close => {
                    let _ = wire.close().await;
                    return Err(Closed { by: Side::Server, how: Ending::Clean });
                }
                Step::Reset => return Err(Closed { by: Side::Server, how: Ending::Reset }),
            }
        }
        Ok(())
    }

    /// TLS as this session has it.
    fn tls(&self) -> Result<Arc<ServerConfig>, NotCertified> {
        let usual = &self.node.tls;
        match self.faults.spoilt() {
            Some(spoilt) => spoilt.tls(&self.node.host.name, usual, &self.node.identities),
            None => Ok(Arc::clone(usual)),
        }
    }

    /// Takes up TLS. All that was said in plain text is forgotten.
    async fn secure<S>(&mut self, wire: Wire<S>) -> Result<Wire<S>, Closed>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Wire::Plain(stream) = wire else { return Err(Closed { by: Side::Server, how: Ending::Failed }) };
        let Ok(tls) = self.tls() else { return Err(Closed { by: Side::Server, how: Ending::Failed }) };
        match answer(stream, &tls, &self.node.host.name, Timers::INTERACTIVE.tls).await {
            Ok(Answered { stream, facts }) => {
                self.seat.record.mark(Mark::TlsStarted { sni: facts.sni.clone() }).await;
                self.seat.record.mark(Mark::TlsReady(facts)).await;
                let wire = Wire::Tls(Box::new(stream));
                self.server.tls_ready();
                if self.node.host.wants_tls13() && !wire.is_tls13() {
                    self.server.tls_too_weak();
                }
                if let Some(exported) = wire.exported() {
                    self.server.tie_logins(exported);
                }
                Ok(wire)
            }
            Err(failure) => {
                let closed = broken_off(&failure);
                self.seat.record.mark(Mark::TlsFailed(failure)).await;
                Err(closed)
            }
        }
    }
}

/// How a connection ends whose handshake failed.
fn broken_off(failure: &TlsFailure) -> Closed {
    match failure.why {
        TlsTrouble::Closed => Closed { by: Side::Client, how: Ending::Clean },
        TlsTrouble::Reset => Closed { by: Side::Client, how: Ending::Reset },
        TlsTrouble::Alert(_) => Closed { by: Side::Client, how: Ending::Tls },
        _ => Closed { by: Side::Server, how: Ending::Tls },
    }
}
