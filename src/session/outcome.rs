//! How a session that nobody leads by hand came out: where it stands, and what the program ends with.

use std::fmt;

use super::Session;
use crate::dialogue::exchange::Exchange;
use crate::safe;
use crate::smtp::reply::Reply;
use crate::smtp::stage::Stage;
use crate::tape::mark::Mark;
use crate::tape::tls::{NoTls, TlsDecision};

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
    /// Why the session ended, if TLS was required and did not come about: the decision, and what the server refused if
    /// that was no question of TLS, but of the greeting or of EHLO. A server may lack EHLO (RFC 5321 §4.2.4), and with
    /// it STARTTLS.
    pub fn ended_without_tls(&self) -> Option<(&Mark, Option<(Stage, &Exchange)>)> {
        let (mark, why) = self.tape().marks().iter().rev().find_map(|(_, mark)| match mark {
            Mark::TlsDecided(TlsDecision::Without { why, goes_on: false }) => Some((mark, *why)),
            _ => None,
        })?;
        let exchanges = self.dialogue().exchanges();
        let refused = match why {
            NoTls::Greeting(_) => exchanges.first(),
            NoTls::Hello(500..=504) | NoTls::NotOffered | NoTls::Refused(_) | NoTls::NotAwaited => None,
            NoTls::Hello(_) => exchanges.iter().rfind(|exchange| exchange.stage() == Some(Stage::Hello)),
            NoTls::Goodbye => exchanges.iter().rfind(|exchange| exchange.code().is_some_and(|code| code.get() == 421)),
        };
        Some((mark, refused.map(|refused| (refused.stage().unwrap_or(Stage::Greeting), refused))))
    }

    /// How far it has come: the stage of the last command that was answered.
    pub fn stage(&self) -> Stage {
        let mut answered = self.dialogue().exchanges().iter().rev().filter(|exchange| exchange.answer.is_some());
        answered.find_map(Exchange::stage).unwrap_or(Stage::Connect)
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
    fn an_outcome_reads_as_a_sentence() {
        let refused = Outcome::stopped(5, Stage::Rcpt, "send/refused", "550 5.1.1 no such user.");
        assert_eq!(refused.to_string(), "stopped at rcpt: 550 5.1.1 no such user. [send/refused]");
        assert_eq!(Outcome::fine(Stage::Quit).to_string(), "done, up to quit");
    }
}
