//! A stream that remembers the first octets the peer sent: what it said instead of a TLS record.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::net::connect::Stream;

/// How many octets are remembered.
const HEAD: usize = 80;

/// A stream, and the first octets that came through it.
pub(in crate::net) struct Witness {
    stream: Box<dyn Stream>,
    head: Vec<u8>,
}

impl Witness {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Self { stream, head: Vec::new() }
    }

    /// The first octets that came, at most 80.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }
}

impl AsyncRead for Witness {
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
        read
    }
}

impl AsyncWrite for Witness {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
