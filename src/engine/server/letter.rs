//! DATA: the letter comes, whole or too large, up to its real end.

use crate::smtp::command::Command;
use crate::smtp::data::Unstuffer;

use super::ask::{Ask, Decision, Letter};
use super::saying::Saying;
use super::{Mode, Server};

/// A letter that is coming.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    unstuffer: Unstuffer,
    content: Vec<u8>,
    octets: u64,
    eight_bit: bool,
}

impl Server {
    pub(super) fn data(&mut self, command: &Command<'_>) {
        if !command.argument.is_empty() {
            return self.refuse(Saying::NoArgument, "DATA");
        }
        match &self.transaction {
            None => self.refuse(Saying::NeedMail, "DATA"),
            Some(transaction) if transaction.recipients.is_empty() => {
                let saying = self.config.no_recipient;
                self.refuse(saying, "");
            }
            Some(_) => {
                self.say(Saying::GoAhead, "");
                self.mode = Mode::Letter(Incoming::default());
            }
        }
    }

    /// Takes what has come of the letter; false if it has not come whole.
    pub(super) fn take_letter(&mut self) -> bool {
        let limit = self.config.limits.message;
        let Mode::Letter(incoming) = &mut self.mode else { return false };
        let mut out = Vec::new();
        let step = incoming.unstuffer.push(self.input.rest(), &mut out);
        self.input.skip(step.used);
        incoming.octets += out.len() as u64;
        incoming.eight_bit |= !out.is_ascii();
        // What is too large is read to its real end and not kept (RFC 5321 §4.5.3.1.9).
        if incoming.octets <= limit {
            incoming.content.extend_from_slice(&out);
        } else {
            incoming.content = Vec::new();
        }
        if step.done {
            self.letter_came();
        }
        step.done
    }

    fn letter_came(&mut self) {
        let Mode::Letter(incoming) = std::mem::replace(&mut self.mode, Mode::Commands) else { return };
        let limit = self.config.limits.message;
        // Whatever the verdict, the transaction is over.
        let Some(envelope) = self.transaction.take() else { return };
        if incoming.octets > limit {
            return self.refuse(Saying::TooLarge, &limit.to_string());
        }
        if self.config.seven_bit && incoming.eight_bit {
            return self.refuse(Saying::SevenBit, "");
        }
        let client = self.state.hello.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
        let (protocol, user) = (self.protocol(), self.state.user.clone());
        self.ask(Ask::Letter(Letter { envelope, content: incoming.content, client, protocol, user }));
    }

    pub(super) fn letter_decided(&mut self, decision: &Decision) {
        self.answer_with(decision, Saying::Accepted, "");
    }
}
