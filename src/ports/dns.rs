//! What the application asks of the DNS, and what it hears.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use crate::dns::{Answer, Question};
use crate::tape::mark::LookUp;

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

/// An answer, or the reason why there is none. Every request gets exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// The ticket of the request.
    pub ticket: u64,
    /// The question as it was asked.
    pub question: Question,
    /// What came of it.
    pub answer: Answer,
    /// Who answered, in words: `lab`, `system 192.0.2.53`, `192.0.2.53`.
    pub from: String,
    /// How long the answer took; the validation of its signatures is not counted.
    pub took: Duration,
}

impl Signal {
    /// The look-up as a tape keeps it.
    pub fn look_up(&self) -> LookUp {
        LookUp {
            name: self.question.name.to_string(),
            kind: self.question.kind.to_string(),
            answers: self.answer.records.iter().map(|record| record.data.text()).collect(),
            outcome: self.answer.outcome.word().into_owned(),
            source: self.from.clone(),
            ttl: self.answer.lifetime(),
            took: self.took,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lab => f.write_str("lab"),
            Self::System => f.write_str("system"),
            Self::Server(at) if at.port() == 53 => write!(f, "{}", at.ip()),
            Self::Server(at) => write!(f, "{at}"),
        }
    }
}
