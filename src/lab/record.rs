//! The record of a conversation with a lab host, seen from its side: what a tape takes, told as it happens.
//!
//! Whoever connects from inside the program keeps a tape of its own, and then nobody is told. What waits to be heard is
//! bounded: while nobody listens, the host reads no further.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::ports::lab::{Signal, Visit, VisitId};
use crate::ports::net::What;
use crate::tape::mark::{Mark, Opened};
use crate::tape::{Moment, Side};

use super::serving::LMTP;

/// The record of one conversation.
pub(super) struct Record {
    listener: Option<Listener>,
    started: Instant,
}

/// Who hears of it.
struct Listener {
    visit: VisitId,
    told: mpsc::Sender<Signal>,
}

impl Record {
    /// None: whoever connected keeps his own.
    pub(super) fn none() -> Self {
        Self::of(None)
    }

    /// Begins a record: somebody came.
    pub(super) async fn begin(visit: Visit, told: mpsc::Sender<Signal>) -> Self {
        let opened = Opened {
            host: visit.host.clone(),
            peer: visit.to.into(),
            local: Some(visit.from),
            lmtp: visit.to.port() == LMTP,
            took: Duration::ZERO,
        };
        let listener = Listener { visit: visit.id, told };
        // Nobody listens once the program is being left; the conversation goes on without a record.
        let _ = listener.told.send(Signal::Came(visit)).await;
        let record = Self::of(Some(listener));
        record.mark(Mark::Opened(opened)).await;
        record
    }

    fn of(listener: Option<Listener>) -> Self {
        Self { listener, started: Instant::now() }
    }

    /// Time since the conversation began.
    pub(super) fn now(&self) -> Moment {
        Moment::START.after(self.started.elapsed())
    }

    /// The point of the runtime's clock at which `moment` comes.
    pub(super) fn instant(&self, moment: Moment) -> Instant {
        self.started + moment.since(Moment::START)
    }

    /// Bytes came or went.
    pub(super) async fn bytes(&self, side: Side, octets: &[u8]) {
        if self.listener.is_some() && !octets.is_empty() {
            self.tell(What::Bytes(side, Arc::from(octets))).await;
        }
    }

    /// Something else happened.
    pub(super) async fn mark(&self, mark: Mark) {
        self.tell(What::Mark(mark)).await;
    }

    /// The conversation is over.
    pub(super) async fn end(self) {
        self.tell(What::Ended).await;
    }

    async fn tell(&self, what: What) {
        if let Some(Listener { visit, told }) = &self.listener {
            let _ = told.send(Signal::Heard { visit: *visit, at: self.now(), what }).await;
        }
    }
}
