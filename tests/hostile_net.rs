//! Connections that misbehave, through the real pump: in memory with paused time, and TLS on loopback.
//!
//! Each test asserts the diagnostic ids, the phase, how the connection ended and the exact octets of the transcript.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking"
)]

#[path = "hostile_net/certificates.rs"]
mod certificates;
#[path = "hostile_net/dial.rs"]
mod dial;
#[path = "hostile_net/doubt.rs"]
mod doubt;
#[path = "hostile_net/handshake.rs"]
mod handshake;
#[path = "hostile_net/lead.rs"]
mod lead;
#[path = "hostile_net/letter.rs"]
mod letter;
#[path = "hostile_net/login.rs"]
mod login;
#[path = "peers/peer.rs"]
mod peer;
#[path = "hostile_net/pem.rs"]
mod pem;
#[path = "hostile_net/pump.rs"]
mod pump;
#[path = "hostile_net/reach.rs"]
mod reach;
#[path = "hostile_net/stage.rs"]
mod stage;
#[path = "hostile_net/tls.rs"]
mod tls;
