//! Transports: how a byte stream to an address comes about. Real ones are TCP; the lab brings its own, in memory.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::net::{TcpSocket, TcpStream};

/// The future of a connection.
pub type Connecting<'a> = Pin<Box<dyn Future<Output = io::Result<Box<dyn Stream>>> + Send + 'a>>;

/// Something that opens byte streams.
pub trait Connect: Send + Sync {
    /// Opens a stream to `addr`, which `host` led to, from an own address if one was chosen. An error is the reason why not,
    /// with the kind that an operating system would give.
    fn connect<'a>(&'a self, host: &'a str, addr: SocketAddr, from: Option<SocketAddr>) -> Connecting<'a>;
}

/// A byte stream in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {
    /// Our own address, where there is one.
    fn local(&self) -> Option<SocketAddr>;
}

impl Stream for TcpStream {
    fn local(&self) -> Option<SocketAddr> {
        self.local_addr().ok()
    }
}

impl Stream for DuplexStream {
    fn local(&self) -> Option<SocketAddr> {
        None
    }
}

/// Real TCP.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tcp;

impl Connect for Tcp {
    fn connect<'a>(&'a self, _: &'a str, addr: SocketAddr, from: Option<SocketAddr>) -> Connecting<'a> {
        Box::pin(async move {
            let socket = if addr.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
            if let Some(from) = from {
                socket.bind(from)?;
            }
            let stream = socket.connect(addr).await?;
            // One write is one command; waiting for more to send costs 40 ms a step.
            stream.set_nodelay(true)?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }
}
