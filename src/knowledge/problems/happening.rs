//! A session up to one mark: what a detector may look at. Nothing that came later is seen from here.

use std::borrow::Cow;

use crate::dialogue::Dialogue;
use crate::dialogue::exchange::Exchange;
use crate::dialogue::row::{Place, Row, RowId, What};
use crate::smtp::command::Verb;
use crate::tape::mark::{Mark, Opened};
use crate::tape::{Moment, Side, Tape};

use super::scene::rows_between;

/// So many exchanges back one may still be due.
const FAR: usize = 256;

/// A session up to one mark.
pub(super) struct Happening<'a> {
    pub(super) tape: &'a Tape,
    pub(super) dialogue: &'a Dialogue,
    /// The row of the mark.
    pub(super) row: RowId,
    /// What happened.
    pub(super) mark: &'a Mark,
    at: Moment,
    index: usize,
}

impl<'a> Happening<'a> {
    /// The session up to the mark in `row`; nothing if the row is no mark.
    pub(super) fn of(tape: &'a Tape, dialogue: &'a Dialogue, row: RowId) -> Option<Self> {
        let Place::Mark(index) = dialogue.row(row)?.place() else { return None };
        let (at, mark) = tape.marks().get(index)?;
        Some(Self { tape, dialogue, row, mark, at: *at, index })
    }

    /// The marks before this one, newest first, with their rows.
    pub(super) fn marks(&self) -> impl Iterator<Item = (RowId, &'a Mark)> {
        let rows = self.dialogue.rows().get(..self.row.index()).unwrap_or_default();
        let tape = self.tape;
        (0..self.row.0).map(RowId).zip(rows).rev().filter_map(move |(id, row)| match row.place() {
            Place::Mark(index) => tape.marks().get(index).map(|(_, mark)| (id, mark)),
            Place::Bytes(_) => None,
        })
    }

    /// The connection, if it stands.
    pub(super) fn opened(&self) -> Option<&'a Opened> {
        let before = self.tape.marks().get(..self.index).unwrap_or_default();
        before.iter().rev().find_map(|(_, mark)| match mark {
            Mark::Opened(opened) => Some(opened),
            _ => None,
        })
    }

    /// True if a TLS handshake began before.
    pub(super) fn tls_began(&self) -> bool {
        let before = self.tape.marks().get(..self.index).unwrap_or_default();
        before.iter().any(|(_, mark)| matches!(mark, Mark::TlsStarted { .. } | Mark::TlsReady(_)))
    }

    /// The exchanges that began before the mark.
    pub(super) fn exchanges(&self) -> &'a [Exchange] {
        let exchanges = self.dialogue.exchanges();
        let began = exchanges.partition_point(|exchange| exchange.row < self.row);
        exchanges.get(..began).unwrap_or_default()
    }

    /// The code of a reply that had come whole.
    pub(super) fn code(&self, exchange: &Exchange) -> Option<u16> {
        let answer = exchange.answer.filter(|answer| answer.complete && answer.last <= self.at)?;
        Some(answer.code.get())
    }

    /// The exchange whose reply was due, the oldest of several.
    pub(super) fn due(&self) -> Option<&'a Exchange> {
        let awaited: Vec<_> = self.dialogue.outstanding().collect();
        // In LMTP a last chunk for nobody gets no reply at all (RFC 2033 §4.3).
        let answerable = |id: usize, exchange: &Exchange| {
            exchange.answer.is_some() || awaited.iter().any(|awaited| awaited.index() == id)
        };
        let open = |(_, exchange): &(usize, &Exchange)| self.code(exchange).is_none();
        let recent = self.exchanges().iter().enumerate().rev().take(FAR).take_while(open);
        recent.filter(|(id, exchange)| answerable(*id, exchange)).last().map(|(_, exchange)| exchange)
    }

    /// The DATA whose letter was open: the server had said 354 and no dot had come.
    pub(super) fn open_letter(&self) -> Option<&'a Exchange> {
        self.exchanges().last().filter(|last| last.verb() == Some(Verb::Data) && self.code(last) == Some(354))
    }

    /// The client's rows after an exchange's own, up to the mark.
    pub(super) fn client_rows(&self, after: &Exchange) -> impl DoubleEndedIterator<Item = (RowId, &'a Row)> {
        let rows = rows_between(self.dialogue, after.row, self.row);
        rows.filter(|(_, row)| row.side() == Some(Side::Client) || row.what == What::Elided)
    }

    /// The bytes of a row.
    pub(super) fn bytes(&self, row: &Row) -> Cow<'a, [u8]> {
        row.span().map(|span| self.tape.bytes(span)).unwrap_or_default()
    }
}
