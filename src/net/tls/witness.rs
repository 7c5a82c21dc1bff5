//! A stream that remembers the first octets the peer sent, what it said instead of a TLS record, and the records that
//! passed.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::records::Records;
use crate::net::connect::Stream;
use crate::tape::Side;
use crate::tape::tls::TlsRecord;

/// How many octets are remembered.
const HEAD: usize = 80;

/// A stream, the first octets that came through it, and its records.
pub(in crate::net) struct Witness {
    stream: Box<dyn Stream>,
    head: Vec<u8>,
    records: Records,
}

impl Witness {
    pub(super) fn new(stream: Box<dyn Stream>) -> Self {
        Self { stream, head: Vec::new(), records: Records::new() }
    }

    /// The first octets that came, at most 80.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// The first records that passed in either direction.
    pub(super) fn records(&self) -> &[TlsRecord] {
        self.records.seen()
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
        self.records.passed(Side::Server, came);
        read
    }
}

impl AsyncWrite for Witness {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(context, octets);
        if let Poll::Ready(Ok(wrote)) = &wrote {
            self.records.passed(Side::Client, octets.get(..*wrote).unwrap_or_default());
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
