//! What a session tells: each signal with the moment at which it happened, taken at the socket.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::Calendar;
use crate::ports::net::{SessionId, Signal, What};
use crate::tape::mark::Mark;
use crate::tape::{Moment, Side};

/// How far the calendar may run ahead of the clock before the computer must have slept.
const NAP: Duration = Duration::from_mins(1);

/// The application does not listen any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gone;

/// The voice of one session.
pub(super) struct Log {
    session: SessionId,
    signals: mpsc::Sender<Signal>,
    started: Instant,
    calendar: Calendar,
}

impl Log {
    pub(super) fn new(session: SessionId, signals: mpsc::Sender<Signal>, started: Instant, calendar: Calendar) -> Self {
        Self { session, signals, started, calendar }
    }

    /// Time since the session began.
    pub(super) fn now(&self) -> Moment {
        Moment::START.after(self.started.elapsed())
    }

    /// The point of the runtime's clock at which `moment` comes.
    pub(super) fn instant(&self, moment: Moment) -> Instant {
        self.started + moment.since(Moment::START)
    }

    pub(super) async fn bytes(&self, side: Side, at: Moment, bytes: &[u8]) -> Result<(), Gone> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.tell(at, What::Bytes(side, Arc::from(bytes))).await
    }

    pub(super) async fn mark(&self, mark: Mark) -> Result<(), Gone> {
        self.tell(self.now(), What::Mark(mark)).await
    }

    pub(super) async fn tell(&self, at: Moment, what: What) -> Result<(), Gone> {
        self.signals.send(Signal { session: self.session, at, what }).await.map_err(|_| Gone)
    }

    /// A watch over sleep: the runtime's clock stands still while the computer sleeps, the calendar does not.
    pub(super) fn watch(&self) -> Watch {
        Watch { clock: Instant::now(), calendar: self.calendar.now() }
    }

    /// How long the computer slept since the watch began; the watch begins anew.
    pub(super) fn slept(&self, watch: &mut Watch) -> Option<Duration> {
        let before = std::mem::replace(watch, self.watch());
        let real = Duration::from_secs(watch.calendar.saturating_sub(before.calendar));
        let gap = real.saturating_sub(watch.clock - before.clock);
        (gap >= NAP).then_some(gap)
    }
}

/// A reading of clock and calendar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watch {
    clock: Instant,
    /// Seconds since 1970.
    calendar: u64,
}
