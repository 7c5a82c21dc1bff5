//! What the lab tells the application.

use std::sync::Arc;

/// How the lab's certificate authority calls its house (O= in its name).
pub const AUTHORITY: &str = "ehlo lab, worth nothing outside";

/// A letter lies in a mailbox of the lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The host that took it.
    pub host: String,
    /// The mailbox, as `pat@harbor.test`.
    pub mailbox: String,
    /// The server's own id for the letter.
    pub id: String,
    /// The reverse-path of the envelope, without angle brackets; empty for the null sender.
    pub from: String,
    /// The letter as it was stored, trace lines and all.
    pub letter: Arc<[u8]>,
    /// Octets at the start of the letter that the server added (Return-Path, Received).
    pub added: usize,
}

/// What happened in the lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// A letter was delivered.
    Delivered(Delivered),
}
