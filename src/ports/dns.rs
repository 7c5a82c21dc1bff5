//! What the application asks of the DNS, and what it hears.

use std::net::SocketAddr;
use std::time::Duration;

use crate::dns::{Answer, Question};

/// Whom to ask.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// The lab's own server.
    Lab,
    /// The resolver that the operating system is set to.
    System,
    /// A given server.
    Server(SocketAddr),
}

/// One question; the answer comes as a [`Signal`] with the same ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Ties the answer to the question.
    pub ticket: u64,
    /// What to ask.
    pub question: Question,
    /// Whom.
    pub source: Source,
}

/// An answer, or the reason why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// The ticket of the request.
    pub ticket: u64,
    /// The question as it was asked.
    pub question: Question,
    /// What came of it.
    pub answer: Answer,
    /// Who answered, in words: `lab`, `192.0.2.53`.
    pub from: String,
    /// How long it took.
    pub took: Duration,
}
