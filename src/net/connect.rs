//! Transports: how a byte stream to an address comes about. Real ones are TCP and Unix sockets; the lab brings its own,
//! in memory.

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

    /// Opens a stream to a Unix socket of this machine, where there are such.
    fn connect_here<'a>(&'a self, _path: &'a str) -> Connecting<'a> {
        Box::pin(async { Err(io::Error::new(io::ErrorKind::Unsupported, "there are no Unix sockets here")) })
    }
}

/// A byte stream in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {
    /// Our own address, where there is one.
    fn local(&self) -> Option<SocketAddr>;

    /// Sees to it that the end comes as a reset, where there are such.
    fn cut(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Stream for TcpStream {
    fn local(&self) -> Option<SocketAddr> {
        self.local_addr().ok()
    }

    fn cut(&self) -> io::Result<()> {
        self.set_zero_linger()
    }
}

impl Stream for DuplexStream {
    fn local(&self) -> Option<SocketAddr> {
        None
    }
}

#[cfg(unix)]
impl Stream for tokio::net::UnixStream {
    fn local(&self) -> Option<SocketAddr> {
        None
    }
}

/// What the operating system has: TCP, and Unix sockets where there are such.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Connect for System {
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
    #[cfg(unix)]
    fn connect_here<'a>(&'a self, path: &'a str) -> Connecting<'a> {
        use std::os::unix::fs::FileTypeExt as _;

        Box::pin(async move {
            // Anything else would only be "refused", as if nobody listened.
            if !std::fs::metadata(path)?.file_type().is_socket() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no socket"));
            }
            let stream = tokio::net::UnixStream::connect(path).await?;
            Ok(Box::new(stream) as Box<dyn Stream>)
        })
    }
}
