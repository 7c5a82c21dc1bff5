//! Events: what the records of conversations and the lab's own news say happened, one after the other.
//!
//! ```text
//! signals ─▶ session (tape ─▶ dialogue) ─▶ fold ─▶ event ─▶ a line of JSON, or a line of text
//! ```
//!
//! The fold is pure: it is told the time, waits for nothing and never looks ahead. Words and rules are those of one
//! vocabulary for every face of the program: `kind` first, the schema on the first line only, fields are only ever added,
//! everything is ASCII, and what must not be shown is not there either.

pub mod fold;
pub mod vocabulary;

mod body;
mod explained;
mod field;
mod fields;
mod follow;
mod journey;
pub mod json;
mod names;
mod text;
mod what;

use std::sync::Arc;

use serde::Serialize;

use crate::tape::Moment;

pub use field::Field;
pub use fold::Fold;
pub use what::{Advice, Body, Diff, Finding, Seen, Way, What};

/// The version of the vocabulary.
pub const SCHEMA: u32 = 1;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its number, from 1.
    pub n: u64,
    /// When, since the program began.
    pub at: Moment,
    /// What the lab's clock shows, as RFC 3339 writes it.
    pub clock: Arc<str>,
    /// The conversation, if it belongs to one.
    pub session: Option<u32>,
    /// Who did it.
    pub by: By,
    /// What.
    pub what: What,
}

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// The DNS.
    Dns,
    /// The client.
    You,
    /// The server.
    Server,
    /// The lab around them.
    Lab,
    /// The TLS layer.
    Tls,
    /// This program.
    Ui,
}
