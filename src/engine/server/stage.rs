//! Where in a session a reply stands, so that whoever carries the replies can treat those of one stage in its own way.

use crate::smtp::command::Verb;

/// What a reply answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Nothing: it is the greeting.
    Greeting,
    /// EHLO, HELO or LHLO.
    Hello,
    /// STARTTLS.
    StartTls,
    /// AUTH and the lines of a login.
    Auth,
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA, or a chunk that is not the last.
    Data,
    /// The end of the letter.
    Final,
    /// QUIT.
    Quit,
    /// Anything else.
    Other,
}

impl Stage {
    /// The stage of a command's reply.
    pub(super) const fn of(verb: Verb) -> Self {
        match verb {
            Verb::Ehlo | Verb::Helo | Verb::Lhlo => Self::Hello,
            Verb::StartTls => Self::StartTls,
            Verb::Auth => Self::Auth,
            Verb::Mail => Self::Mail,
            Verb::Rcpt => Self::Rcpt,
            Verb::Data | Verb::Bdat => Self::Data,
            Verb::Quit => Self::Quit,
            _ => Self::Other,
        }
    }

    /// The stage with this name, as the program's own reports name it.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "greeting" => Self::Greeting,
            "hello" => Self::Hello,
            "starttls" => Self::StartTls,
            "auth" => Self::Auth,
            "mail" => Self::Mail,
            "rcpt" => Self::Rcpt,
            "data" => Self::Data,
            "final" => Self::Final,
            "quit" => Self::Quit,
            "other" => Self::Other,
            _ => return None,
        })
    }
}

/// A reply as it is to be written, and what it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What it answers.
    pub stage: Stage,
    /// Its octets.
    pub octets: Vec<u8>,
}
