//! Which server it is that speaks, by its greeting and by what it offers.

use super::Session;
use crate::dialogue::exchange::{Cause, Exchange};
use crate::knowledge::{self, Traits};
use crate::ports::net::Place;
use crate::smtp::line::lines;

impl Session {
    /// Looks at the greeting, and again at each answer to EHLO.
    pub(super) fn recognise(&mut self) {
        let greets = |exchange: &&Exchange| exchange.cause == Cause::Greeting;
        let first = self.dialogue.exchanges().first().filter(greets);
        let greeted = first.and_then(Exchange::code).is_some();
        let greetings = usize::from(greeted) + self.dialogue.capabilities().len();
        if greetings == self.greetings || self.target.place == Place::Lab {
            return;
        }
        self.greetings = greetings;
        let lines = |exchange: Option<&Exchange>| {
            let answer = exchange.and_then(|exchange| exchange.answer);
            answer.map(|answer| self.tape.bytes(answer.span).into_owned()).unwrap_or_default()
        };
        let greeting = lines(first);
        let hello = self.dialogue.capabilities().last().and_then(|last| self.dialogue.exchange(last.exchange));
        let hello = lines(hello);
        let traits = Traits { greeting: &texts(&greeting), ehlo: &texts(&hello), reply: None, host: &self.target.host };
        self.server = knowledge::fingerprint(&traits);
    }
}

/// The texts behind the codes of a reply's lines.
fn texts(reply: &[u8]) -> Vec<&[u8]> {
    lines(reply).map(|line| line.text.get(4..).unwrap_or_default()).collect()
}
