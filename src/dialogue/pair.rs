//! Which command a reply answers, where the eye does not see it: with PIPELINING other lines stand between the two.

use super::Dialogue;
use super::exchange::{Cause, ExchangeId, Pair};
use super::row::{Row, RowId, What};

/// So many rows behind a command its reply is looked for.
const FAR: u32 = 256;

impl Dialogue {
    /// The command and the first line of its reply, for the row of either; nothing if they stand together.
    pub fn pair(&self, row: RowId) -> Option<Pair> {
        match self.row(row)?.what {
            What::Command(id) | What::EndOfData(id) => self.pair_of_command(id, row),
            What::Reply { exchange, .. } => self.pair_of_reply(exchange, row),
            _ => None,
        }
    }

    fn pair_of_command(&self, id: ExchangeId, command: RowId) -> Option<Pair> {
        self.exchange(id)?.answer?;
        let rows = (command.0 + 1..command.0.saturating_add(FAR)).map(RowId);
        let reply = rows.take_while(|row| self.row(*row).is_some()).find(|row| self.answers(*row, id))?;
        self.pair_of_reply(id, reply)
    }

    fn pair_of_reply(&self, id: ExchangeId, reply: RowId) -> Option<Pair> {
        let exchange = self.exchange(id)?;
        let asks = matches!(exchange.cause, Cause::Command(_) | Cause::EndOfData) && exchange.recipient.is_none();
        let before =
            (0..reply.0).rev().map(RowId).find_map(|row| self.row(row).filter(|row| row.what != What::Mark))?;
        (asks && exchange.row < reply && before.exchange() != Some(id)).then_some(Pair { command: exchange.row, reply })
    }

    fn answers(&self, row: RowId, id: ExchangeId) -> bool {
        matches!(self.row(row).map(|row: &Row| row.what), Some(What::Reply { exchange, .. }) if exchange == id)
    }
}
