//! How a session that nobody leads by hand came out: where it stands, and what the program ends with.

use std::fmt;

use super::Session;
use crate::dialogue::exchange::{Cause, Exchange};
use crate::safe;
use crate::smtp::command::Verb;
use crate::smtp::reply::Reply;

/// The steps of a session, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// The way is looked up.
    Dns,
    /// A connection is opened.
    Connect,
    /// The server greets.
    Greeting,
    /// EHLO, HELO or LHLO.
    Hello,
    /// STARTTLS, and the handshake wherever it stands.
    StartTls,
    /// A login.
    Auth,
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA or BDAT.
    Data,
    /// The verdict on the letter.
    Final,
    /// The goodbye.
    Quit,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Dns,
        Self::Connect,
        Self::Greeting,
        Self::Hello,
        Self::StartTls,
        Self::Auth,
        Self::Mail,
        Self::Rcpt,
        Self::Data,
        Self::Final,
        Self::Quit,
    ];

    /// The word for it on the command line and in events.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Greeting => "greeting",
            Self::Hello => "hello",
            Self::StartTls => "starttls",
            Self::Auth => "auth",
            Self::Mail => "mail",
            Self::Rcpt => "rcpt",
            Self::Data => "data",
            Self::Final => "final",
            Self::Quit => "quit",
        }
    }

    /// The one of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.word() == word)
    }

    /// The one that a command belongs to; none for those that may come at any time.
    pub const fn of(verb: Verb) -> Option<Self> {
        Some(match verb {
            Verb::Ehlo | Verb::Helo | Verb::Lhlo => Self::Hello,
            Verb::StartTls => Self::StartTls,
            Verb::Auth => Self::Auth,
            Verb::Mail => Self::Mail,
            Verb::Rcpt => Self::Rcpt,
            Verb::Data | Verb::Bdat => Self::Data,
            Verb::Quit => Self::Quit,
            _ => return None,
        })
    }

    /// The one that an exchange belongs to.
    pub const fn at(exchange: &Exchange) -> Option<Self> {
        match exchange.cause {
            Cause::Greeting => Some(Self::Greeting),
            Cause::EndOfData => Some(Self::Final),
            Cause::Sasl => Some(Self::Auth),
            Cause::Command(verb) => Self::of(verb),
            Cause::Unasked => None,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// How it came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What the program ends with: 0 if all went as it was wanted.
    pub exit: u8,
    /// Where it stopped, or the last step that was taken.
    pub stage: Stage,
    /// The diagnostic id; none if all went well.
    pub id: Option<&'static str>,
    /// What happened, in words; empty if all went well and there is nothing to say.
    pub say: String,
}

impl Outcome {
    /// All went well, up to this step.
    pub const fn fine(stage: Stage) -> Self {
        Self { exit: 0, stage, id: None, say: String::new() }
    }

    /// It stopped here.
    pub fn stopped(exit: u8, stage: Stage, id: &'static str, say: impl Into<String>) -> Self {
        Self { exit, stage, id: Some(id), say: say.into() }
    }
}

/// What a person reads at the end: `stopped at rcpt: …. [send/refused]`.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.exit, self.id) {
            (0, _) if self.say.is_empty() => write!(f, "done, up to {}", self.stage),
            (0, _) => write!(f, "done, up to {}: {}", self.stage, self.say),
            (_, Some(id)) => write!(f, "stopped at {}: {} [{id}]", self.stage, self.say),
            (_, None) => write!(f, "stopped at {}: {}", self.stage, self.say),
        }
    }
}

impl Session {
    /// How far it has come: the stage of the last command that was answered.
    pub fn stage(&self) -> Stage {
        let mut answered = self.dialogue().exchanges().iter().rev().filter(|exchange| exchange.answer.is_some());
        answered.find_map(Stage::at).unwrap_or(Stage::Connect)
    }

    /// What the server said in an exchange, as one line: the code, and the words of all its lines. Safe to show.
    pub fn said(&self, exchange: &Exchange) -> String {
        let Some(answer) = exchange.answer else { return String::new() };
        let bytes = self.tape().bytes(answer.span);
        let plain = |octets: &[u8]| safe::plain(octets).into_string();
        let text = |octets: &[u8]| self.masked(octets, plain);
        let Some(reply) = Reply::parse(&bytes) else { return text(bytes.trim_ascii_end()) };
        let status = reply.status.map(|status| format!(" {status}")).unwrap_or_default();
        let lines = reply.lines.iter().map(|line| text(reply.words(line)));
        let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
        format!("{}{status} {}", answer.code, lines.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_named_as_the_command_line_names_them_and_stand_in_their_order() {
        let words: Vec<_> = Stage::ALL.iter().map(|stage| stage.word()).collect();
        assert_eq!(words.join(" "), "dns connect greeting hello starttls auth mail rcpt data final quit");
        assert!(Stage::ALL.is_sorted());
        assert!(Stage::ALL.into_iter().all(|stage| Stage::named(stage.word()) == Some(stage)));
        assert_eq!(Stage::of(Verb::Bdat), Some(Stage::Data));
        assert_eq!(Stage::of(Verb::Noop), None);
    }

    #[test]
    fn an_outcome_reads_as_a_sentence() {
        let refused = Outcome::stopped(5, Stage::Rcpt, "send/refused", "550 5.1.1 no such user.");
        assert_eq!(refused.to_string(), "stopped at rcpt: 550 5.1.1 no such user. [send/refused]");
        assert_eq!(Outcome::fine(Stage::Quit).to_string(), "done, up to quit");
    }
}
