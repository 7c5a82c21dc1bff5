//! What a connection is led with.

use std::net::SocketAddr;

use crate::smtp::limits::{Limits, Timers};
use crate::tape::tls::Opening;

/// How a connection is to be led.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// What is taken from a server before reading stops.
    pub limits: Limits,
    /// How long to wait for what.
    pub timers: Timers,
    /// How TLS comes about.
    pub opening: Opening,
    /// How to name oneself in an EHLO that nobody types, where `opening` asks for one.
    pub hello: String,
    /// The client that the server is told of before all else (PROXY protocol, version 1).
    pub announce: Option<SocketAddr>,
}
