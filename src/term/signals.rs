//! Signals that end or stop the program.

use std::io;

/// What a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To end, with this exit code: 128 and the signal's number.
    End(u8),
    /// To stop until it is told to go on.
    Stop,
    /// To go on, after having been stopped from outside.
    GoOn,
}

#[cfg(unix)]
mod unix {
    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::{Asked, io};

    /// SIGTSTP; tokio knows it only by its number.
    const TSTP: i32 = if cfg!(target_os = "macos") { 18 } else { 20 };
    /// SIGCONT, likewise.
    const CONT: i32 = if cfg!(target_os = "macos") { 19 } else { 18 };

    /// The signals that are listened to.
    pub struct Signals {
        term: Signal,
        hup: Signal,
        int: Signal,
        stop: Signal,
        go_on: Signal,
    }

    impl Signals {
        /// Begins to listen.
        pub fn new() -> io::Result<Self> {
            Ok(Self {
                term: signal(SignalKind::terminate())?,
                hup: signal(SignalKind::hangup())?,
                int: signal(SignalKind::interrupt())?,
                stop: signal(SignalKind::from_raw(TSTP))?,
                go_on: signal(SignalKind::from_raw(CONT))?,
            })
        }

        /// Waits for a signal.
        pub async fn next(&mut self) -> Asked {
            tokio::select! {
                _ = self.term.recv() => Asked::End(143),
                _ = self.hup.recv() => Asked::End(129),
                _ = self.int.recv() => Asked::End(130),
                _ = self.stop.recv() => Asked::Stop,
                _ = self.go_on.recv() => Asked::GoOn,
            }
        }
    }

    /// Stops this process until SIGCONT. SIGSTOP, because SIGTSTP is listened to, and ignored by orphaned groups.
    pub fn stop() {
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
    }
}

#[cfg(not(unix))]
mod other {
    use super::{Asked, io};

    /// Ctrl-C from outside; there is nothing else to listen to.
    pub struct Signals(());

    impl Signals {
        /// Begins to listen.
        pub fn new() -> io::Result<Self> {
            Ok(Self(()))
        }

        /// Waits for a signal.
        pub async fn next(&mut self) -> Asked {
            // If listening fails nothing can be heard; ending at once would be worse.
            match tokio::signal::ctrl_c().await {
                Ok(()) => Asked::End(130),
                Err(_) => std::future::pending().await,
            }
        }
    }

    /// There is no stopping here.
    pub fn stop() {}
}

#[cfg(not(unix))]
pub use other::{Signals, stop};
#[cfg(unix)]
pub use unix::{Signals, stop};
