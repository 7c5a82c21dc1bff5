//! What the application asks of the DNS, and what it hears.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::dns::{Answer, Heard, Question};
use crate::tape::mark::LookUp;

/// Whom to ask.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// The lab's own server.
    Lab,
    /// The resolver that the operating system is set to.
    System,
    /// A given server.
    Server(SocketAddr),
}

impl Source {
    /// Whom to ask, as it is typed: `system`, `lab`, `192.0.2.53`, `[2001:db8::53]:5353`; what [`fmt::Display`] writes is
    /// read back. Nobody can be asked at port 0, nor at an address that stands for any or many machines.
    pub fn parse(text: &str) -> Option<Self> {
        let server = || text.parse().ok().or_else(|| Some(SocketAddr::new(text.parse().ok()?, 53)));
        match text {
            "system" => Some(Self::System),
            "lab" => Some(Self::Lab),
            _ => server().filter(is_somebody).map(Self::Server),
        }
    }
}

fn is_somebody(server: &SocketAddr) -> bool {
    let address = server.ip().to_canonical();
    server.port() != 0 && !address.is_unspecified() && !address.is_multicast()
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
    /// The question, its answer and where it came from, without the ticket.
    pub fn heard(&self) -> Heard {
        let Self { question, answer, from, took, .. } = self.clone();
        Heard { question, answer, from, took }
    }

    /// The look-up as a tape keeps it.
    pub fn look_up(&self) -> LookUp {
        look_up(&self.question, &self.answer, &self.from, self.took)
    }
}

impl From<&Heard> for LookUp {
    fn from(heard: &Heard) -> Self {
        look_up(&heard.question, &heard.answer, &heard.from, heard.took)
    }
}

fn look_up(question: &Question, answer: &Answer, from: &str, took: Duration) -> LookUp {
    LookUp {
        name: question.name.to_string(),
        kind: question.kind.to_string(),
        answers: answer.records.iter().map(|record| record.data.text()).collect(),
        outcome: answer.outcome.word().into_owned(),
        source: from.to_owned(),
        ttl: answer.lifetime(),
        took,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_to_ask_is_read_as_it_is_written() {
        for text in ["system", "lab", "192.0.2.53", "127.0.0.1:5353", "2001:db8::53", "[2001:db8::53]:5353"] {
            assert_eq!(Source::parse(text).map(|source| source.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Source::parse("192.0.2.53"), Some(Source::Server(([192, 0, 2, 53], 53).into())));
        for nobody in ["nobody", "", "0.0.0.0", "[::]:53", "224.0.0.251", "192.0.2.53:0"] {
            assert_eq!(Source::parse(nobody), None, "{nobody}");
        }
    }
}
