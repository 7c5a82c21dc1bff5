//! DATA: the letter comes, whole or too large, up to its real end. What becomes of it then is the same for BDAT.

use crate::smtp::command::Command;
use crate::smtp::data::Unstuffer;
use crate::smtp::stage::Stage;

use super::ask::{Ask, Decision, Dialect, Letter, Protocol, Transaction};
use super::config::LetterEnds;
use super::saying::Saying;
use super::{Mode, Server};

/// A letter that is coming.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    unstuffer: Unstuffer,
    content: Content,
}

impl Incoming {
    fn new(ends: LetterEnds) -> Self {
        let unstuffer = if ends == LetterEnds::Lenient { Unstuffer::lenient() } else { Unstuffer::new() };
        Self { unstuffer, content: Content::default() }
    }
}

/// What has come of a letter.
#[derive(Debug, Default)]
pub(super) struct Content {
    octets: Vec<u8>,
    count: u64,
    eight_bit: bool,
    /// A CR or LF that is no line end.
    lone: bool,
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

/// Every LF with its CR, and no CR alone.
fn normal(octets: &[u8]) -> Vec<u8> {
    let lines = octets.split_inclusive(|octet| *octet == b'\n');
    let text = |line: &[u8]| line.iter().copied().filter(|octet| !matches!(octet, b'\r' | b'\n')).collect::<Vec<_>>();
    let end = |line: &[u8]| if line.ends_with(b"\n") { &b"\r\n"[..] } else { b"" };
    lines.flat_map(|line| [text(line), end(line).to_vec()].concat()).collect()
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
                let saying = self.no_recipient();
                self.refuse(saying, "");
            }
            Some(transaction) if transaction.is_binary() => self.refuse(Saying::BinaryData, ""),
            Some(_) => self.ask(Ask::Data),
        }
    }

    pub(super) fn data_decided(&mut self, decision: &Decision) {
        if decision.is_yes() {
            self.say(Saying::GoAhead, "");
            self.mode = Mode::Letter(Incoming::new(self.config.letter_ends));
        } else {
            self.answer_with(decision, Saying::GoAhead, "");
        }
    }

    /// What a letter for nobody gets; RFC 2033 §4.2 leaves LMTP no choice.
    pub(super) fn no_recipient(&self) -> Saying {
        if self.config.dialect == Dialect::Lmtp { Saying::NeedRecipient } else { self.config.no_recipient }
    }

    /// Takes what has come of the letter; false if it has not come whole.
    pub(super) fn take_letter(&mut self) -> bool {
        let limit = self.config.capacity();
        let Mode::Letter(incoming) = &mut self.mode else { return false };
        let mut out = Vec::new();
        let step = incoming.unstuffer.push(self.input.rest(), &mut out);
        self.input.skip(step.used);
        incoming.content.lone = incoming.unstuffer.seen().lone_lf + incoming.unstuffer.seen().lone_cr > 0;
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
        self.stage = Some(Stage::Final);
        let Some(envelope) = self.transaction.take() else { return };
        if let Some((saying, it)) = self.content_fault(&content) {
            // The next transaction has its own errors; in this one each recipient hears of the same.
            self.refuse(saying, &it);
            for _ in 1..self.verdicts(&envelope) {
                self.say(saying, &it);
            }
            return;
        }
        let octets = match self.config.letter_ends {
            LetterEnds::Normalise if content.lone => normal(&content.octets),
            _ => content.octets,
        };
        let client = self.state.hello.as_ref().map(|(name, _)| name.clone()).unwrap_or_default();
        let protocol = Protocol { utf8: envelope.is_utf8(), ..self.protocol() };
        let user = self.state.user.clone();
        self.ask(Ask::Letter(Letter { envelope, content: octets, client, protocol, user }));
    }

    fn content_fault(&self, content: &Content) -> Option<(Saying, String)> {
        if let Some((saying, limit)) = self.config.too_much(content.count(), Saying::TooLarge) {
            Some((saying, limit.to_string()))
        } else if self.config.seven_bit && content.eight_bit {
            Some((Saying::SevenBit, String::new()))
        } else {
            (self.config.letter_ends == LetterEnds::Refuse && content.lone).then(|| (Saying::LoneEnds, String::new()))
        }
    }

    /// Verdicts on a letter: one, or one for each recipient where LMTP is spoken (RFC 2033 §4.2).
    fn verdicts(&self, envelope: &Transaction) -> usize {
        if self.protocol().dialect == Dialect::Lmtp { envelope.recipients.len() } else { 1 }
    }

    pub(super) fn letter_decided(&mut self, letter: &Letter, decision: &Decision) {
        let each: &[Decision] = if let Decision::Each(each) = decision { each } else { std::slice::from_ref(decision) };
        for number in 0..self.verdicts(&letter.envelope) {
            // Too few answers are the host's mistake; the last one stands for the rest.
            let answer = each.get(number).or(each.last()).unwrap_or(&Decision::Accept);
            self.answer_with(answer, Saying::Accepted, "");
        }
    }
}
