//! A stream that remembers the first octets the peer sent, what it said instead of a TLS record, and the records that
//! passed.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::records::Records;
use crate::net::connect::Stream;
use crate::tape::Side;
use crate::tape::tls::TlsRecord;

/// How many octets are remembered.
const HEAD: usize = 80;

/// A stream, the first octets that came through it, and its records.
pub(crate) struct Witness<S = Box<dyn Stream>> {
    stream: S,
    peer: Side,
    head: Vec<u8>,
    records: Passed,
}

/// The records that passed: known even where the handshake took the stream with it.
#[derive(Debug, Clone)]
pub(super) struct Passed(Arc<Mutex<Records>>);

impl Passed {
    /// The first of them, in either direction.
    pub(super) fn seen(&self) -> Vec<TlsRecord> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).seen().to_vec()
    }

    fn note(&self, from: Side, octets: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).passed(from, octets);
    }
}

impl<S> Witness<S> {
    /// A witness of a handshake with the end that is `peer`.
    pub(super) fn new(stream: S, peer: Side) -> Self {
        Self { stream, peer, head: Vec::new(), records: Passed(Arc::new(Mutex::new(Records::new()))) }
    }

    /// The stream itself.
    pub(in crate::net) fn stream(&self) -> &S {
        &self.stream
    }

    /// The first octets that came, at most 80.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// The records that passed, and those that will.
    pub(super) fn records(&self) -> Passed {
        self.records.clone()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Witness<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let room = HEAD.saturating_sub(self.head.len());
        let came = buffer.filled().get(before..).unwrap_or_default();
        self.head.extend(came.iter().take(room));
        let peer = self.peer;
        self.records.note(peer, came);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Witness<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(context, octets);
        if let Poll::Ready(Ok(wrote)) = &wrote {
            let us = self.peer.other();
            self.records.note(us, octets.get(..*wrote).unwrap_or_default());
        }
        wrote
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
