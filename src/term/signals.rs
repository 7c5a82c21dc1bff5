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

    /// SIGTSTP and SIGCONT; tokio knows them only by their numbers.
    const TSTP: i32 = rustix::process::Signal::TSTP.as_raw();
    const CONT: i32 = rustix::process::Signal::CONT.as_raw();

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

    /// True if a shell could bring this process back: its parent is of the same session. A program that is alone in its
    /// window would never wake up again.
    pub fn could_go_on() -> bool {
        // Not rustix: in a container the session of the parent may be one from outside, whose id is 0 and no `Pid` of
        // rustix.
        let session = |process| nix::unistd::getsid(process).ok();
        let parent = nix::unistd::getppid();
        parent.as_raw() != 0 && session(Some(parent)) == session(None)
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

    /// Nor going on.
    pub fn could_go_on() -> bool {
        false
    }
}

#[cfg(not(unix))]
pub use other::{Signals, could_go_on, stop};
#[cfg(unix)]
pub use unix::{Signals, could_go_on, stop};
