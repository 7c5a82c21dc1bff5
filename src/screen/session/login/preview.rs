//! What a login will look like: each line on the wire and what it says, who reads it, and what is learned.

use secrecy::ExposeSecret;

use crate::knowledge::login::learned;
use crate::knowledge::mechanisms::{self, Step};
use crate::session::place::World;
use crate::session::transcript::HIDDEN;
use crate::smtp::limits::COMMAND_LINE;
use crate::smtp::sasl::client::{Fact, Meaning, Mechanism, Reaction, Reader, Said, What};
use crate::smtp::sasl::encode;
use crate::ui::text::{Role, Run};

use super::{Cell, Form, Ground};

/// The challenges of LOGIN, which servers word alike.
const PROMPTS: [&[u8]; 2] = [b"Username:", b"Password:"];

impl Form {
    /// The lines of the login, as far as they are settled before it begins, and behind them what the mechanism's table
    /// says of the rest. `reveal` shows the secret in them.
    pub fn lines(&self, ground: &Ground, reveal: bool) -> Vec<Vec<Run>> {
        let steps = mechanisms::mechanism(self.mechanism.name().as_bytes()).map(|entry| entry.step.as_slice());
        let steps = steps.unwrap_or_default();
        let Ok(mut exchange) = self.exchange(ground) else { return steps.iter().map(step).collect() };
        let mut lines = Vec::new();
        let first = exchange.command(self.initial, COMMAND_LINE);
        lines.extend(said(&first, reveal));
        for challenge in self.challenges(&first) {
            lines.push(vec![Run::new("S ", Role::Server), Run::new(heard(challenge), Role::Text)]);
            if let Reaction::Answer(answer) = exchange.challenge(encode(challenge).as_bytes()).reaction {
                lines.extend(said(&answer, reveal));
            }
        }
        lines.extend(steps.iter().skip(self.settled()).map(step));
        lines
    }

    /// The challenges that are known before they come.
    fn challenges(&self, first: &Said) -> &'static [&'static [u8]] {
        match self.mechanism {
            Mechanism::Login if first.meaning().parts().is_empty() => &PROMPTS,
            Mechanism::Login => PROMPTS.get(1..).unwrap_or_default(),
            _ if first.meaning().parts().is_empty() && !self.mechanism.server_first() => &[b""],
            _ => &[],
        }
    }

    /// How many steps of the table are settled.
    fn settled(&self) -> usize {
        match self.mechanism {
            Mechanism::Login => 5,
            Mechanism::External => 2,
            _ => 1,
        }
    }

    /// Who reads along, and what that tells.
    pub fn readers(&self, ground: &Ground) -> Vec<Run> {
        let wire = match (ground.secured, ground.world) {
            (true, _) if ground.verified => "On the way: nobody reads it (TLS).".to_owned(),
            (true, _) => "On the way: perhaps somebody, the certificate is not in order.".to_owned(),
            (false, World::Lab) => format!("On the way (in the lab nobody is): {}.", self.learned(Reader::Wire)),
            (false, World::Loopback) => format!("On this machine's loopback: {}.", self.learned(Reader::Wire)),
            (false, World::Live) => format!("Everybody on the way learns: {}.", self.learned(Reader::Wire)),
        };
        let role = if ground.secured && ground.verified { Role::Text } else { Role::Problem };
        vec![
            Run::new(format!("The server learns: {}. ", self.learned(Reader::Server)), Role::Text),
            Run::new(wire, role),
        ]
    }

    fn learned(&self, reader: Reader) -> String {
        let mut facts = self.mechanism.gives_away(reader).to_vec();
        if self.uses(Cell::ActAs) && !self.act_as.value().is_empty() && !facts.contains(&Fact::ActAs) {
            facts.insert(facts.len().min(1), Fact::ActAs);
        }
        learned(&facts)
    }
}

/// A line of the client, and below it what it says.
fn said(said: &Said, reveal: bool) -> Vec<Vec<Run>> {
    let meaning = said.meaning();
    let hidden = !reveal && meaning.parts().iter().any(|part| part.what.is_secret());
    let mut line = vec![Run::new("C ", Role::Client)];
    let wire = said.line().expose_secret();
    let (verb, coded) = match wire.strip_prefix("AUTH ").and_then(|rest| rest.split_once(' ')) {
        Some((name, coded)) => (format!("AUTH {name} "), coded),
        None if meaning.parts().is_empty() => (wire.to_owned(), ""),
        None => (String::new(), wire),
    };
    let drawn = meaning.parts().iter().any(|part| part.what == What::Nonce);
    line.push(Run::new(verb, Role::Text));
    line.push(match (hidden, drawn) {
        _ if coded.is_empty() => Run::new("", Role::Text),
        (true, _) => Run::new(HIDDEN, Role::Secret),
        (false, true) => Run::new("<base64 of the line below>", Role::Quiet),
        (false, false) => Run::new(coded, Role::Text),
    });
    let below = says(meaning, reveal);
    let says = (!below.is_empty()).then(|| [vec![Run::new("    ", Role::Text)], below].concat());
    [line].into_iter().chain(says).collect()
}

/// What a line says, its secrets hidden.
fn says(meaning: &Meaning, reveal: bool) -> Vec<Run> {
    let pieces: Vec<_> = if reveal { meaning.revealed().collect() } else { meaning.pieces().collect() };
    let runs = pieces.into_iter();
    runs.map(|piece| match (piece.what, piece.text) {
        (What::Nonce, _) => Run::new("<fresh random text>", Role::Quiet),
        (What::Mark, Some(text)) => Run::new(text.into_string(), Role::Escape),
        (What::Frame, Some(text)) => Run::new(text.into_string(), Role::Quiet),
        (_, Some(text)) => Run::new(text.into_string(), Role::Note),
        (_, None) => Run::new(HIDDEN, Role::Secret),
    })
    .collect()
}

/// A challenge and what it says.
fn heard(challenge: &[u8]) -> String {
    match std::str::from_utf8(challenge) {
        Ok("") | Err(_) => "334".to_owned(),
        Ok(words) => format!("334 {}   {words}", encode(challenge)),
    }
}

/// A step of the mechanism's table.
fn step(step: &Step) -> Vec<Run> {
    let (letter, role) = if step.from == "client" { ("C ", Role::Client) } else { ("S ", Role::Server) };
    let text = if step.decoded.is_empty() { String::new() } else { format!("   {}", step.decoded) };
    vec![Run::new(letter, role), Run::new(step.wire.as_str(), Role::Text), Run::new(text, Role::Quiet)]
}
