//! Rows: one line of the transcript each, in the order in which they began.

use crate::tape::{Moment, Side, Span};

use super::exchange::ExchangeId;

/// A row's number: counts up from 0 and never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(pub u32);

impl RowId {
    /// The row's place in [`Dialogue::rows`](super::Dialogue::rows).
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One line of the transcript. It holds addresses, never text; a million of them cost 32 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// When its first octet came or went.
    pub at: Moment,
    /// What it is.
    pub what: What,
    side: Option<Side>,
    len: u32,
    start: u64,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Something that is not bytes.
    Mark,
    /// A line whose end has not come; what it is will be known then.
    Open,
    /// A line before all commands, for what stands before the server; nothing answers it.
    Preface,
    /// A command.
    Command(ExchangeId),
    /// A line of a reply.
    Reply {
        /// The exchange that the reply belongs to.
        exchange: ExchangeId,
        /// True for the line that ends the reply.
        last: bool,
    },
    /// A line from the server that is no reply line; inside a reply, the exchange it stands in.
    Stray(Option<ExchangeId>),
    /// A line of the letter, after a 354.
    Content {
        /// The DATA that began the letter.
        letter: ExchangeId,
        /// Where in the letter it stands.
        part: Part,
    },
    /// The lone dot that ends the letter.
    EndOfData(ExchangeId),
    /// A client's answer to a 334; a secret, but for `*`.
    Sasl(ExchangeId),
    /// Octets of a BDAT chunk, up to a line end.
    Chunk(ExchangeId),
    /// A client line behind DATA or AUTH whose meaning the server's answer decides.
    Undecided,
    /// Octets that were counted and not kept.
    Elided,
}

/// Where in a letter a line stands (RFC 5322 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// Before the empty line.
    #[default]
    Header,
    /// The empty line that ends the header.
    Separator,
    /// After it.
    Body,
}

/// Where a row's matter lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Bytes of a lane, line end included.
    Bytes(Span),
    /// A mark, by its index in [`Tape::marks`](crate::tape::Tape::marks).
    Mark(usize),
}

impl Row {
    /// A row of bytes.
    pub(super) fn bytes(at: Moment, span: Span, what: What) -> Self {
        let len = u32::try_from(span.len()).unwrap_or(u32::MAX);
        Self { at, what, side: Some(span.side), len, start: span.start }
    }

    /// A row for a mark.
    pub(super) fn mark(at: Moment, index: usize) -> Self {
        Self { at, what: What::Mark, side: None, len: 0, start: index as u64 }
    }

    /// Where its matter lies.
    pub fn place(&self) -> Place {
        match self.side {
            Some(side) => Place::Bytes(Span::new(side, self.start, self.start + u64::from(self.len))),
            None => Place::Mark(usize::try_from(self.start).unwrap_or(usize::MAX)),
        }
    }

    /// Its bytes, unless it is a mark.
    pub fn span(&self) -> Option<Span> {
        match self.place() {
            Place::Bytes(span) => Some(span),
            Place::Mark(_) => None,
        }
    }

    /// Who sent it, unless it is a mark.
    pub fn side(&self) -> Option<Side> {
        self.side
    }

    /// Moves the end of an open row.
    pub(super) fn extend(&mut self, end: u64) {
        self.len = u32::try_from(end.saturating_sub(self.start)).unwrap_or(u32::MAX);
    }

    /// The exchange it belongs to, if any.
    pub fn exchange(&self) -> Option<ExchangeId> {
        match self.what {
            What::Command(exchange)
            | What::Reply { exchange, .. }
            | What::Stray(Some(exchange))
            | What::Content { letter: exchange, .. }
            | What::EndOfData(exchange)
            | What::Sasl(exchange)
            | What::Chunk(exchange) => Some(exchange),
            What::Mark | What::Open | What::Preface | What::Stray(None) | What::Undecided | What::Elided => None,
        }
    }
}
