//! BDAT: the letter comes in chunks of known length, octets as they are (RFC 3030 §2).
//!
//! The octets of a chunk that is refused are read and dropped before the reply: the next command stands behind them.

use crate::smtp::command::Command;

use super::letter::Content;
use super::saying::Saying;
use super::{Mode, Server};

/// A chunk that is coming.
#[derive(Debug)]
pub(super) struct Coming {
    size: u64,
    left: u64,
    last: bool,
    refusal: Option<Saying>,
}

/// The chunks that a transaction has had.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    content: Content,
    failed: bool,
}

impl Server {
    /// BDAT; `refusal` if something else must come first.
    pub(super) fn bdat(&mut self, command: &Command<'_>, refusal: Option<Saying>) {
        // Without a size nobody can tell where a chunk ends: the next line is a command again.
        let Some(chunk) = command.chunk() else { return self.refuse(Saying::ChunkSyntax, "") };
        let refusal = refusal.or_else(|| self.chunk_fault());
        self.mode = Mode::Chunk(Coming { size: chunk.size, left: chunk.size, last: chunk.last, refusal });
    }

    fn chunk_fault(&self) -> Option<Saying> {
        match &self.transaction {
            None => Some(Saying::NeedMail),
            Some(transaction) if transaction.recipients.is_empty() => Some(self.no_recipient()),
            Some(_) => self.chunks.as_ref().is_some_and(|chunks| chunks.failed).then_some(Saying::ChunkFailed),
        }
    }

    /// Takes what has come of the chunk; false if it has not come whole.
    pub(super) fn take_chunk(&mut self) -> bool {
        let limit = self.config.capacity();
        let Mode::Chunk(coming) = &mut self.mode else { return false };
        let rest = self.input.rest();
        let most = usize::try_from(coming.left).unwrap_or(usize::MAX);
        let octets = rest.get(..most.min(rest.len())).unwrap_or_default();
        coming.left -= octets.len() as u64;
        if coming.refusal.is_none() {
            self.chunks.get_or_insert_default().content.push(octets, limit);
        }
        let (taken, whole) = (octets.len(), coming.left == 0);
        self.input.skip(taken);
        if whole {
            self.chunk_came();
        }
        whole
    }

    fn chunk_came(&mut self) {
        let Mode::Chunk(coming) = std::mem::replace(&mut self.mode, Mode::Commands) else { return };
        if let Some(saying) = coming.refusal {
            return self.refuse(saying, "BDAT");
        }
        let Some(mut chunks) = self.chunks.take() else { return };
        if coming.last {
            return self.hand_in(chunks.content);
        }
        let too_much = self.config.too_much(chunks.content.count(), Saying::TooLarge);
        chunks.failed = too_much.is_some();
        match too_much {
            Some((saying, limit)) => self.refuse(saying, &limit.to_string()),
            None => self.say(Saying::ChunkOk, &coming.size.to_string()),
        }
        self.chunks = Some(chunks);
    }
}
