//! What the lines of a login say: of a login that was typed as of one that was led.

use crate::smtp::command::{Command, Verb};
use crate::smtp::sasl::client::{Meaning, Mechanism};
use crate::smtp::sasl::{Prompt, Response, decode, response};
use crate::tape::{Span, Tape};

use super::Dialogue;
use super::exchange::{Cause, Exchange, ExchangeId};
use super::row::{RowId, What};

/// Where an answer to a 334 stands in its login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The mechanism as it was typed.
    pub mechanism: Vec<u8>,
    /// Which line of the client this is, from 1; an initial response counts.
    pub step: u32,
    /// What the prompt before it asked for; by its place if the words do not tell.
    pub asked: Prompt,
}

/// A line of a login, decoded.
#[derive(Debug)]
pub struct Decoded {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// What the line says.
    pub meaning: Meaning,
}

impl Dialogue {
    /// What a line of a login says: AUTH with an initial response, an answer, a challenge. Nothing for other lines, for
    /// what is empty or no Base64, and for mechanisms that a client of ours does not speak.
    pub fn decoded(&self, tape: &Tape, row: RowId) -> Option<Decoded> {
        let row = self.row(row)?;
        let line = tape.bytes(row.span()?);
        match row.what {
            What::Command(_) => {
                let command = Command::parse(&line);
                let initial = line.get(command.initial_response()?)?;
                answer(&command, initial, true, Prompt::Username)
            }
            What::Sasl(exchange) => {
                let place = self.place_in_login(tape, exchange)?;
                let auth = self.auth_before(exchange)?;
                let command = tape.bytes(auth.command?);
                answer(&Command::parse(&command), line.trim_ascii_end(), false, place.asked)
            }
            What::Reply { exchange, last: true } => {
                let text = self.exchange(exchange).filter(|it| it.code().is_some_and(|code| code.get() == 334));
                let auth = text.and_then(|_| self.auth_at_or_before(exchange))?;
                let command = tape.bytes(auth.command?);
                let mechanism = Mechanism::from_name(Command::parse(&command).mechanism()?)?;
                let challenge = decode(line.trim_ascii_end().get(4..)?).ok().filter(|octets| !octets.is_empty())?;
                Some(Decoded { mechanism, meaning: Meaning::of_challenge(mechanism, challenge) })
            }
            _ => None,
        }
    }

    /// Where an answer to a 334 stands.
    pub fn place_in_login(&self, tape: &Tape, id: ExchangeId) -> Option<Place> {
        let before = self.exchanges().get(..id.index())?;
        let at = before.iter().rposition(|exchange| exchange.cause == Cause::Command(Verb::Auth))?;
        let bytes = tape.bytes(before.get(at)?.command?);
        let command = Command::parse(&bytes);
        let answers = id.index() - at + usize::from(command.initial_response().is_some());
        let words = before.last().and_then(|last| last.answer).map(|answer| tape.bytes(answer.span).into_owned());
        // A name is asked for once: whoever asks for it again may get the password, and that is not to be shown.
        let asked = words.and_then(|reply| prompt(&reply)).filter(|asked| answers < 2 || *asked != Prompt::Username);
        let asked = asked.unwrap_or_else(|| Prompt::expected(answers - 1));
        let mechanism = command.mechanism().unwrap_or_default().to_vec();
        Some(Place { mechanism, step: u32::try_from(answers).unwrap_or(u32::MAX), asked })
    }

    /// The same for a secret, by where it stands.
    pub fn decoded_at(&self, tape: &Tape, secret: Span) -> Option<Decoded> {
        let holds = |exchange: &&Exchange| exchange.command.is_some_and(|line| line.contains(secret));
        self.decoded(tape, self.exchanges().iter().rev().find(holds)?.row)
    }

    fn auth_before(&self, id: ExchangeId) -> Option<&Exchange> {
        let before = self.exchanges().get(..id.index())?;
        before.iter().rev().find(|exchange| exchange.cause == Cause::Command(Verb::Auth))
    }

    fn auth_at_or_before(&self, id: ExchangeId) -> Option<&Exchange> {
        match self.exchange(id)?.cause {
            Cause::Command(Verb::Auth) => self.exchange(id),
            Cause::Sasl => self.auth_before(id),
            _ => None,
        }
    }
}

/// What a client's line says.
fn answer(command: &Command<'_>, text: &[u8], initial: bool, asked: Prompt) -> Option<Decoded> {
    let mechanism = Mechanism::from_name(command.mechanism()?)?;
    let Response::Encoded(coded) = response(text, initial) else { return None };
    let octets = decode(coded).ok().filter(|octets| !octets.is_empty())?;
    Some(Decoded { mechanism, meaning: Meaning::of_response(mechanism, asked, octets) })
}

/// What a 334 asks for, if its words tell.
fn prompt(reply: &[u8]) -> Option<Prompt> {
    let challenge = decode(reply.trim_ascii_end().strip_prefix(b"334 ")?).ok()?;
    Some(Prompt::of(&challenge)).filter(|prompt| *prompt != Prompt::Other)
}
