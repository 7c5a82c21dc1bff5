//! A session of a lab host: the server engine between a stream, the desk and the record.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::{sleep_until, timeout};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::engine::server::Server;
use crate::engine::server::ask::Ask;
use crate::engine::server::config::Config;
use crate::net::tls::{Answered, Witness, answer};
use crate::smtp::limits::Timers;
use crate::tape::mark::{Closed, Ending, Mark};
use crate::tape::tls::{TlsFailure, TlsTrouble};
use crate::tape::{Moment, Side};

use super::desk::Desk;
use super::post::Post;
use super::record::Record;
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
        // rustls puts the version into the names of TLS 1.3.
        let suite = format!("{:?}", session.negotiated_cipher_suite()?.suite()).replacen("TLS13_", "TLS_", 1);
        Some((suite, session.negotiated_key_exchange_group().map(|group| format!("{:?}", group.name()))))
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
    pub(super) host: Host,
    /// Who connected.
    pub(super) client: Client,
    pub(super) tls: Arc<ServerConfig>,
    pub(super) post: Arc<Post>,
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
        let mut talk = Talk { node: self, desk: Desk::new(self), server: Server::new(config, Moment::START), seat };
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
        loop {
            while let Some(ask) = self.server.poll() {
                if let Err(error) = self.send(&mut wire).await {
                    return Closed { by: Side::Client, how: wire.ending(&error) };
                }
                match ask {
                    Ask::StartTls => {
                        wire = match self.secure(wire).await {
                            Ok(wire) => wire,
                            Err(closed) => return closed,
                        };
                        // Who was logged in is forgotten with all the rest.
                        self.desk = Desk::new(self.node);
                        self.desk.tls = wire.agreed();
                    }
                    Ask::Close => {
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
                            self.node.post.catch_up(Timestamp::now());
                        }
                        self.server.answer(&self.desk.decide(&ask).await);
                    }
                }
            }
            if let Err(error) = self.send(&mut wire).await {
                return Closed { by: Side::Client, how: wire.ending(&error) };
            }
            let due = self.seat.record.instant(self.server.deadline());
            tokio::select! {
                read = wire.read(&mut buffer) => match read {
                    Ok(0) => return Closed { by: Side::Client, how: Ending::Clean },
                    Ok(octets) => {
                        let octets = buffer.get(..octets).unwrap_or_default();
                        self.seat.record.bytes(Side::Client, octets).await;
                        self.server.receive(octets, self.now());
                    }
                    Err(error) => return Closed { by: Side::Client, how: wire.ending(&error) },
                },
                () = sleep_until(due), if self.seat.outside => self.server.tick(self.now()),
                () = self.seat.closing.cancelled() => self.server.shutdown(),
            }
        }
    }

    /// The time that the engine is told.
    fn now(&self) -> Moment {
        if self.seat.outside { self.seat.record.now() } else { Moment::START }
    }

    /// Writes what the engine has to say.
    async fn send<S>(&mut self, wire: &mut Wire<S>) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        while !self.server.outgoing().is_empty() {
            let octets = self.server.outgoing();
            wire.write(octets).await?;
            self.seat.record.bytes(Side::Server, octets).await;
            let written = octets.len();
            self.server.wrote(written);
        }
        Ok(())
    }

    /// Takes up TLS. All that was said in plain text is forgotten.
    async fn secure<S>(&mut self, wire: Wire<S>) -> Result<Wire<S>, Closed>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let Wire::Plain(stream) = wire else { return Err(Closed { by: Side::Server, how: Ending::Failed }) };
        match answer(stream, &self.node.tls, &self.node.host.name, Timers::INTERACTIVE.tls).await {
            Ok(Answered { stream, facts }) => {
                self.seat.record.mark(Mark::TlsStarted { sni: facts.sni.clone() }).await;
                self.seat.record.mark(Mark::TlsReady(facts)).await;
                let wire = Wire::Tls(Box::new(stream));
                self.server.tls_ready();
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
