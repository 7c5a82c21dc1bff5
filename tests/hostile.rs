//! Peers that misbehave, played in memory with paused time against the real connection, engine and fold.
//!
//! Each case of `hostile/cases.toml` is a small dialogue. It asserts the diagnostic ids, the phase and the exact bytes
//! of the transcript; and whatever the peer did, the same bytes in other pieces must give the same dialogue, and no
//! control character may survive the text gate.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a scene that cannot be set must stop")]

#[path = "hostile/capabilities.rs"]
mod capabilities;
#[path = "hostile/connection.rs"]
mod connection;
#[path = "hostile/envelope.rs"]
mod envelope;
#[path = "hostile/greeting.rs"]
mod greeting;
#[path = "hostile/handshake.rs"]
mod handshake;
#[path = "hostile/letter.rs"]
mod letter;
#[path = "hostile/login.rs"]
mod login;
#[path = "hostile/peer.rs"]
mod peer;
#[path = "hostile/replies.rs"]
mod replies;
#[path = "hostile/scene.rs"]
mod scene;
#[path = "hostile/sync.rs"]
mod sync;
#[path = "hostile/texts.rs"]
mod texts;
#[path = "hostile/wire.rs"]
mod wire;
