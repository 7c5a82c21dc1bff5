//! A session of a lab host: the server engine between a stream and the desk.

use std::io;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::engine::server::Server;
use crate::engine::server::ask::Ask;
use crate::engine::server::config::Config;
use crate::tape::Moment;

use super::clock::Clock;
use super::desk::Desk;
use super::post::Post;
use super::world::{Client, Host, World};

/// Octets read at once.
const READ: usize = 16 * 1024;

/// The stream of a session, before and after STARTTLS.
enum Wire {
    Plain(DuplexStream),
    Tls(Box<TlsStream<DuplexStream>>),
}

impl Wire {
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

    async fn secure(self, tls: &Arc<ServerConfig>) -> io::Result<Self> {
        match self {
            Self::Plain(stream) => Ok(Self::Tls(Box::new(TlsAcceptor::from(Arc::clone(tls)).accept(stream).await?))),
            Self::Tls(_) => Err(io::Error::other("TLS inside TLS")),
        }
    }

    /// What ties logins to TLS 1.3 (RFC 9266 §2).
    fn exported(&self) -> Option<[u8; 32]> {
        let Self::Tls(stream) = self else { return None };
        stream.get_ref().1.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b"")).ok()
    }

    async fn close(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.shutdown().await,
            Self::Tls(stream) => stream.shutdown().await,
        }
    }
}

/// A host as one of its sessions sees it.
pub(super) struct Node {
    pub(super) world: Arc<World>,
    pub(super) clock: Clock,
    pub(super) host: Host,
    /// Who connected.
    pub(super) client: Client,
    pub(super) tls: Arc<ServerConfig>,
    pub(super) post: Arc<Post>,
}

impl Node {
    /// Serves one client until either side has had enough. An error ends the session and nothing else.
    pub(super) async fn serve(&self, config: Config, implicit_tls: bool, stream: DuplexStream) -> io::Result<()> {
        let mut wire = Wire::Plain(stream);
        let mut server = Server::new(config, Moment::START);
        if implicit_tls {
            wire = wire.secure(&self.tls).await?;
            secured(&mut server, &wire);
        }
        let mut desk = Desk::new(self);
        let mut buffer = vec![0; READ];
        loop {
            while let Some(ask) = server.poll() {
                send(&mut server, &mut wire).await?;
                match ask {
                    Ask::StartTls => {
                        wire = wire.secure(&self.tls).await?;
                        secured(&mut server, &wire);
                        // Who was logged in is forgotten with all the rest.
                        desk = Desk::new(self);
                    }
                    Ask::Close => return wire.close().await,
                    ask => server.answer(&desk.decide(&ask).await),
                }
            }
            send(&mut server, &mut wire).await?;
            // The clock of the lab stands still between events, so a thinking learner is never timed out.
            match wire.read(&mut buffer).await? {
                0 => return Ok(()),
                octets => server.receive(buffer.get(..octets).unwrap_or_default(), Moment::START),
            }
        }
    }
}

/// TLS stands.
fn secured(server: &mut Server, wire: &Wire) {
    server.tls_ready();
    if let Some(exported) = wire.exported() {
        server.tie_logins(exported);
    }
}

async fn send(server: &mut Server, wire: &mut Wire) -> io::Result<()> {
    while !server.outgoing().is_empty() {
        let bytes = server.outgoing().to_vec();
        wire.write(&bytes).await?;
        server.wrote(bytes.len());
    }
    Ok(())
}
