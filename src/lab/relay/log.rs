//! What is kept of a conversation while a relay leads it: what the tape of the one that calls takes.

use std::sync::Arc;

use tokio::time::Instant;

use crate::ports::net::What;
use crate::tape::mark::Mark;
use crate::tape::{Moment, Side};

/// What was said and what happened, in order. It holds one letter at most, so it needs no limit of its own.
pub(super) struct Log {
    started: Instant,
    told: Vec<(Moment, What)>,
}

impl Log {
    /// Begins where the way was found.
    pub(super) fn new(way: impl IntoIterator<Item = Mark>) -> Self {
        let mut log = Self { started: Instant::now(), told: Vec::new() };
        way.into_iter().for_each(|mark| log.mark(mark));
        log
    }

    /// Octets came or went.
    pub(super) fn bytes(&mut self, side: Side, octets: &[u8]) {
        if !octets.is_empty() {
            self.tell(What::Bytes(side, Arc::from(octets)));
        }
    }

    /// Something else happened.
    pub(super) fn mark(&mut self, mark: Mark) {
        self.tell(What::Mark(mark));
    }

    /// The last thing happened.
    pub(super) fn end(mut self, what: What) -> Vec<(Moment, What)> {
        self.tell(what);
        self.told
    }

    fn tell(&mut self, what: What) {
        self.told.push((Moment::START.after(self.started.elapsed()), what));
    }
}
