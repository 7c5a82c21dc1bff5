//! The record of a conversation while a relay leads it: what the tape of the one that calls takes, told as it happens.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::ports::lab::{Signal, VisitId};
use crate::ports::net::What;
use crate::tape::mark::Mark;
use crate::tape::{Moment, Side};

/// What was said and what happened, in order; [`told`](Self::told) hands it out.
pub(super) struct Log {
    call: VisitId,
    listener: mpsc::Sender<Signal>,
    started: Instant,
    waiting: Vec<Signal>,
}

impl Log {
    /// Begins where the way was found.
    pub(super) fn new(call: VisitId, listener: mpsc::Sender<Signal>, way: impl IntoIterator<Item = Mark>) -> Self {
        let mut log = Self { call, listener, started: Instant::now(), waiting: Vec::new() };
        way.into_iter().for_each(|mark| log.mark(mark));
        log
    }

    /// The number of the conversation.
    pub(super) const fn call(&self) -> VisitId {
        self.call
    }

    /// Octets came or went.
    pub(super) fn bytes(&mut self, side: Side, octets: &[u8]) {
        if !octets.is_empty() {
            self.note(What::Bytes(side, Arc::from(octets)));
        }
    }

    /// Something else happened.
    pub(super) fn mark(&mut self, mark: Mark) {
        self.note(What::Mark(mark));
    }

    /// Tells what was noted.
    pub(super) async fn told(&mut self) {
        for signal in self.waiting.drain(..) {
            // Nobody listens once the program is being left.
            let _ = self.listener.send(signal).await;
        }
    }

    /// The last thing happened.
    pub(super) async fn end(mut self, what: What) {
        self.note(what);
        self.told().await;
    }

    fn note(&mut self, what: What) {
        let at = Moment::START.after(self.started.elapsed());
        self.waiting.push(Signal::Heard { visit: self.call, at, what });
    }
}
