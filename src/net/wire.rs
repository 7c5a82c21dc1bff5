//! The octets of a connection, in plain text or inside TLS, with one place that reads and writes.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio_rustls::TlsStream;

use super::connect::Stream;
use super::tls::Witness;
use crate::tape::mark::Ending;

/// A connection.
pub(super) struct Wire {
    layer: Layer,
    /// Octets were given to TLS and may not have left it yet.
    flush: bool,
}

enum Layer {
    Plain(Box<dyn Stream>),
    Tls(Box<TlsStream<Witness>>),
}

/// What a step of the wire brought.
#[derive(Debug)]
pub(super) enum Step {
    /// So many octets came; none means that no more will.
    Read(usize),
    /// So many octets went.
    Wrote(usize),
    /// The stream broke.
    Broke(Ending),
}

impl Wire {
    pub(super) fn plain(stream: Box<dyn Stream>) -> Self {
        Self { layer: Layer::Plain(stream), flush: false }
    }

    pub(super) fn tls(stream: impl Into<TlsStream<Witness>>) -> Self {
        Self { layer: Layer::Tls(Box::new(stream.into())), flush: false }
    }

    /// Sees to it that the end comes as a reset, without a word.
    pub(super) fn cut(&self) -> io::Result<()> {
        match &self.layer {
            Layer::Plain(stream) => stream.cut(),
            Layer::Tls(stream) => stream.get_ref().0.stream().cut(),
        }
    }

    /// The plain stream, to build TLS on; `None` if TLS is there already.
    pub(super) fn into_plain(self) -> Option<Box<dyn Stream>> {
        match self.layer {
            Layer::Plain(stream) => Some(stream),
            Layer::Tls(_) => None,
        }
    }

    /// Reads into `buffer` if `reads`, writes from `octets` if there are any, whichever is possible first. Reading goes
    /// first: what the server said before our next line is no answer to it. Nothing is lost if the future is dropped.
    pub(super) async fn step(&mut self, reads: bool, buffer: &mut [u8], octets: &[u8]) -> Step {
        poll_fn(|context| {
            if reads && let Poll::Ready(read) = self.poll_read(context, buffer) {
                return Poll::Ready(read.map_or_else(|error| Step::Broke(self.ending(&error)), Step::Read));
            }
            if self.flush
                && let Poll::Ready(Err(error)) = self.poll_flush(context)
            {
                return Poll::Ready(Step::Broke(self.ending(&error)));
            }
            if octets.is_empty() {
                return Poll::Pending;
            }
            let wrote = ready!(self.poll_write(context, octets));
            Poll::Ready(wrote.map_or_else(|error| Step::Broke(self.ending(&error)), Step::Wrote))
        })
        .await
    }

    /// Says goodbye the way the layer does it: FIN, inside TLS with a `close_notify` before it.
    pub(super) async fn shutdown(&mut self) -> io::Result<()> {
        match &mut self.layer {
            Layer::Plain(stream) => stream.shutdown().await,
            Layer::Tls(stream) => stream.shutdown().await,
        }
    }

    /// How the connection ended, given the error that reading or writing gave.
    fn ending(&self, error: &io::Error) -> Ending {
        let tls = error.get_ref().is_some_and(
            <dyn std::error::Error + std::marker::Send + std::marker::Sync + 'static>::is::<rustls::Error>,
        );
        match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
                Ending::Reset
            }
            io::ErrorKind::UnexpectedEof if matches!(self.layer, Layer::Tls(_)) => Ending::NoCloseNotify,
            _ if tls => Ending::Tls,
            _ => Ending::Failed,
        }
    }

    fn poll_read(&mut self, context: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(buffer);
        ready!(match &mut self.layer {
            Layer::Plain(stream) => Pin::new(stream).poll_read(context, &mut buffer),
            Layer::Tls(stream) => Pin::new(stream).poll_read(context, &mut buffer),
        })?;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    fn poll_write(&mut self, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = match &mut self.layer {
            Layer::Plain(stream) => return Pin::new(stream).poll_write(context, octets),
            Layer::Tls(stream) => ready!(Pin::new(stream).poll_write(context, octets)),
        };
        self.flush = true;
        let flushed = self.poll_flush(context);
        Poll::Ready(match (wrote, flushed) {
            (Ok(_), Poll::Ready(Err(error))) | (Err(error), _) => Err(error),
            (Ok(octets), _) => Ok(octets),
        })
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = match &mut self.layer {
            Layer::Plain(stream) => Pin::new(stream).poll_flush(context),
            Layer::Tls(stream) => Pin::new(stream).poll_flush(context),
        };
        self.flush = flushed.is_pending();
        flushed
    }
}
