//! Exchanges: what the client said and the one reply that answers it.

use crate::smtp::code::Code;
use crate::smtp::command::Verb;
use crate::smtp::stage::Stage;
use crate::smtp::status::Status;
use crate::tape::{Moment, Span};

use super::row::RowId;

/// An exchange's number: counts up from 0 and never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExchangeId(pub u32);

impl ExchangeId {
    /// The exchange's place in [`Dialogue::exchanges`](super::Dialogue::exchanges).
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Something that asks for one reply, and the reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What asks for the reply.
    pub cause: Cause,
    /// The client's line, if there is one.
    pub command: Option<Span>,
    /// The row of that line, or the first row of the reply.
    pub row: RowId,
    /// When the last octet of the question went; for the greeting, when the connection stood.
    pub asked: Moment,
    /// The reply, as far as it has come.
    pub answer: Option<Answer>,
    /// True inside TLS.
    pub tls: bool,
    /// True once a time-out passed without the whole reply.
    pub overdue: bool,
    /// In LMTP, behind the lone dot and BDAT LAST: which recipient the verdict is for, by index in the envelope.
    pub recipient: Option<u32>,
}

/// Which lines of a batch belong together: a command and its reply, with other lines between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The row of the command.
    pub command: RowId,
    /// The first row of the reply.
    pub reply: RowId,
}

/// What asks for a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The connection itself: the server speaks first.
    Greeting,
    /// A command.
    Command(Verb),
    /// The lone dot after the letter.
    EndOfData,
    /// A client's line after a 334.
    Sasl,
    /// Nothing: the server spoke unasked.
    Unasked,
}

/// A reply, as far as it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The code that decides: the one of the last line so far.
    pub code: Code,
    /// From the first to the last line so far, stray lines between them included.
    pub span: Span,
    /// Lines with a code, so far.
    pub lines: u32,
    /// When its first octet came.
    pub first: Moment,
    /// When its last octet came.
    pub last: Moment,
    /// False while more lines are promised.
    pub complete: bool,
    /// The enhanced code of the latest line that has one.
    pub status: Option<Status>,
    /// True if its lines carry different codes: never a success, whatever the last one says.
    pub mixed: bool,
}

impl Exchange {
    /// The code of the whole reply; nothing while it is incomplete.
    pub fn code(&self) -> Option<Code> {
        self.answer.filter(|answer| answer.complete).map(|answer| answer.code)
    }

    /// True if the whole reply came and it is a success without a contradiction.
    pub fn succeeded(&self) -> bool {
        self.answer.is_some_and(|answer| answer.complete && !answer.mixed && answer.code.is_success())
    }

    /// The verb of its command.
    pub fn verb(&self) -> Option<Verb> {
        match self.cause {
            Cause::Command(verb) => Some(verb),
            Cause::Greeting | Cause::EndOfData | Cause::Sasl | Cause::Unasked => None,
        }
    }

    /// The step of the session that it belongs to; none for commands that may come at any time.
    pub const fn stage(&self) -> Option<Stage> {
        match self.cause {
            Cause::Greeting => Some(Stage::Greeting),
            Cause::EndOfData => Some(Stage::Final),
            Cause::Sasl => Some(Stage::Auth),
            Cause::Command(verb) => Stage::of(verb),
            Cause::Unasked => None,
        }
    }
}
