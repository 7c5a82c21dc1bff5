//! The other end: what answers a dial, and the peer that a scene plays.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use ehlo::net::connect::{Connect, Connecting, Stream};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What a line between two ends may hold before the writer waits.
const CAPACITY: usize = 1 << 22;
/// Lets the other tasks run until nobody has anything to do.
pub(crate) const MOMENT: Duration = Duration::from_millis(1);

/// What becomes of one attempt to connect.
pub(crate) enum Attempt {
    /// It stands.
    Stands(Line),
    /// It fails as an operating system would say.
    Fails(io::ErrorKind),
    /// Nobody answers.
    Silence,
}

/// A dialler whose attempts are written in advance, one after the other.
pub(crate) struct Script {
    pub(crate) attempts: Mutex<VecDeque<Attempt>>,
}

impl Connect for Script {
    fn connect<'a>(&'a self, _: &'a str, _: SocketAddr, _: Option<SocketAddr>) -> Connecting<'a> {
        let attempt = self.attempts.lock().unwrap().pop_front().unwrap_or(Attempt::Silence);
        Box::pin(async move {
            match attempt {
                Attempt::Stands(line) => Ok(Box::new(line) as Box<dyn Stream>),
                Attempt::Fails(kind) => Err(kind.into()),
                Attempt::Silence => std::future::pending().await,
            }
        })
    }
}

/// Our end of a line that a peer can also break.
pub(crate) struct Line {
    inner: DuplexStream,
    broken: Arc<AtomicBool>,
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        let ended = buffer.filled().len() == before;
        let reset = ended && self.broken.load(Ordering::Relaxed);
        Poll::Ready(if reset { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) })
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl Stream for Line {
    fn local(&self) -> Option<SocketAddr> {
        None
    }
}

/// The peer's end.
pub(crate) struct Peer {
    layer: Layer,
    broken: Arc<AtomicBool>,
    received: Vec<u8>,
}

enum Layer {
    Plain(DuplexStream),
    Tls(Box<TlsStream<DuplexStream>>),
    Gone,
}

/// Two ends of a new line.
pub(crate) fn line() -> (Line, Peer) {
    let (ours, theirs) = tokio::io::duplex(CAPACITY);
    let broken = Arc::new(AtomicBool::new(false));
    let line = Line { inner: ours, broken: Arc::clone(&broken) };
    (line, Peer { layer: Layer::Plain(theirs), broken, received: Vec::new() })
}

impl Peer {
    /// Hears what has come, then sends octets; a reader that has stopped is not waited for.
    pub(crate) async fn send(&mut self, octets: &[u8]) {
        self.received().await;
        let written = async {
            match &mut self.layer {
                Layer::Plain(stream) => stream.write_all(octets).await,
                Layer::Tls(stream) => {
                    stream.write_all(octets).await?;
                    stream.flush().await
                }
                Layer::Gone => Ok(()),
            }
        };
        let _ = timeout(MOMENT, written).await;
        sleep(MOMENT).await;
    }

    /// Every octet that has come so far, inside TLS and before.
    pub(crate) async fn received(&mut self) -> &[u8] {
        let mut block = [0; 4096];
        loop {
            let read = match &mut self.layer {
                Layer::Plain(stream) => timeout(MOMENT, stream.read(&mut block)).await,
                Layer::Tls(stream) => timeout(MOMENT, stream.read(&mut block)).await,
                Layer::Gone => break,
            };
            match read {
                Ok(Ok(octets @ 1..)) => self.received.extend_from_slice(&block[..octets]),
                _ => break,
            }
        }
        &self.received
    }

    /// Takes the client's TLS handshake, with a certificate of this key.
    pub(crate) async fn secure(&mut self, identity: &Identity) {
        if let Layer::Plain(stream) = std::mem::replace(&mut self.layer, Layer::Gone) {
            let stream = identity.acceptor.accept(stream).await.unwrap();
            self.layer = Layer::Tls(Box::new(stream));
        }
        sleep(MOMENT).await;
    }

    /// Finishes sending and reads on; inside TLS, with a `close_notify`.
    pub(crate) async fn finish(&mut self) {
        let _ = match &mut self.layer {
            Layer::Plain(stream) => stream.shutdown().await,
            Layer::Tls(stream) => stream.shutdown().await,
            Layer::Gone => Ok(()),
        };
        sleep(MOMENT).await;
    }

    /// Closes both ways; inside TLS, without a `close_notify`.
    pub(crate) async fn hang_up(&mut self) {
        self.received().await;
        self.layer = Layer::Gone;
        sleep(MOMENT).await;
    }

    /// Resets the connection.
    pub(crate) async fn reset(&mut self) {
        self.broken.store(true, Ordering::Relaxed);
        self.hang_up().await;
    }
}

/// The peer's certificate and key.
pub(crate) struct Identity {
    acceptor: TlsAcceptor,
    /// The certificate, which is its own authority.
    pub(crate) certificate: Vec<u8>,
}

impl Identity {
    /// A certificate for this name.
    pub(crate) fn of(name: &str) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        Self { acceptor: TlsAcceptor::from(Arc::new(config)), certificate: made.cert.der().to_vec() }
    }
}
