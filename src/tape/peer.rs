//! Where the other end of a connection is: an address of the internet, or a socket of this machine.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

/// The other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    /// An address and a port.
    Inet(SocketAddr),
    /// The path of a Unix socket, as the user gave it.
    Unix(String),
}

impl Peer {
    /// Its address and port, if it has them.
    pub fn inet(&self) -> Option<SocketAddr> {
        match self {
            Self::Inet(address) => Some(*address),
            Self::Unix(_) => None,
        }
    }

    /// Its address, if it has one.
    pub fn ip(&self) -> Option<IpAddr> {
        self.inet().map(|address| address.ip())
    }

    /// Its port, if it has one.
    pub fn port(&self) -> Option<u16> {
        self.inet().map(|address| address.port())
    }

    /// True on this machine.
    pub fn is_here(&self) -> bool {
        self.ip().is_none_or(|ip| ip.is_loopback())
    }
}

impl<T: Into<SocketAddr>> From<T> for Peer {
    fn from(address: T) -> Self {
        Self::Inet(address.into())
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(address) => address.fmt(f),
            Self::Unix(path) => f.write_str(path),
        }
    }
}
