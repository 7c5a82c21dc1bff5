//! DATA: the letter comes, whole or too large, up to its real end. What becomes of it then is the same for BDAT.

use crate::smtp::command::Command;
use crate::smtp::data::Unstuffer;

use super::ask::{Ask, Decision, Letter, Protocol};
use super::saying::Saying;
use super::{Mode, Server};

/// A letter that is coming.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    unstuffer: Unstuffer,
    content: Content,
}

/// What has come of a letter.
#[derive(Debug, Default)]
pub(super) struct Content {
    octets: Vec<u8>,
    count: u64,
    eight_bit: bool,
}

impl Content {
    /// Adds octets. What is too large is counted and not kept (RFC 5321 §4.5.3.1.9).
    pub(super) fn push(&mut self, octets: &[u8], limit: u64) {
        self.count += octets.len() as u64;
        self.eight_bit |= !octets.is_ascii();
        if self.count > limit {
            self.octets = Vec::new();
        } else {
            self.octets.extend_from_slice(octets);
        }
    }

    /// Octets that have come.
    pub(super) fn count(&self) -> u64 {
        self.count
    }
}

impl Server {
    pub(super) fn data(&mut self, command: &Command<'_>) {
        if !command.argument.is_empty() {
            return self.refuse(Saying::NoArgument, "DATA");
        }
        match &self.transaction {
            None => self.refuse(Saying::NeedMail, "DATA"),
            Some(_) if self.chunks.is_some() => self.refuse(Saying::BetweenChunks, "DATA"),
            Some(transaction) if transaction.recipients.is_empty() => {
                let saying = self.config.no_recipient;
                self.refuse(saying, "");
            }
            Some(transaction) if transaction.is_binary() => self.refuse(Saying::BinaryData, ""),
            Some(_) => {
                self.say(Saying::GoAhead, "");
                self.mode = Mode::Letter(Incoming::default());
            }
        }
    }

    /// Takes what has come of the letter; false if it has not come whole.
    pub(super) fn take_letter(&mut self) -> bool {
        let limit = self.config.capacity();
        let Mode::Letter(incoming) = &mut self.mode else { return false };
        let mut out = Vec::new();
        let step = incoming.unstuffer.push(self.input.rest(), &mut out);
        self.input.skip(step.used);
        incoming.content.push(&out, limit);
        if step.done {
            let content = std::mem::take(&mut incoming.content);
            self.mode = Mode::Commands;
            self.hand_in(content);
        }
        step.done
    }

    /// A letter is whole: the host decides about it, unless it cannot be taken. Whatever the verdict, the transaction is
    /// over.
    pub(super) fn hand_in(&mut self, content: Content) {
        self.chunks = None;
        let Some(envelope) = self.transaction.take() else { return };
        if let Some((saying, limit)) = self.config.too_much(content.count(), Saying::TooLarge) {
            return self.refuse(saying, &limit.to_string());
        }
        if self.config.seven_bit && content.eight_bit {
            return self.refuse(Saying::SevenBit, "");
        }
        let client = self.state.hello.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
        let protocol = Protocol { utf8: envelope.is_utf8(), ..self.protocol() };
        let user = self.state.user.clone();
        self.ask(Ask::Letter(Letter { envelope, content: content.octets, client, protocol, user }));
    }

    pub(super) fn letter_decided(&mut self, decision: &Decision) {
        self.answer_with(decision, Saying::Accepted, "");
    }
}
