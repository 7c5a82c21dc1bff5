//! The handshake in the life of a connection: nothing passes it, and what fails in it ends the connection.

use crate::tape::mark::{Ending, Mark};
use crate::tape::tls::{TlsFacts, TlsFailure, TlsTrouble};
use crate::tape::{Moment, Side};

use super::{Client, Layer, State, Want};

impl Client {
    /// Octets stood between the 220 of STARTTLS and our first TLS record, and were not given to [`Client::receive`].
    pub fn injected(&mut self) {
        // The handshake that was about to begin must not: not one octet of it may follow the plain text.
        self.wants.retain(|want| *want != Want::StartTls);
        self.mark(Mark::TlsFailed(TlsFailure::at_once(TlsTrouble::InjectedPlaintext)));
        self.end(Side::Client, Ending::Injected);
    }

    /// The TLS handshake ended.
    pub fn tls(&mut self, result: Result<Box<TlsFacts>, TlsFailure>, now: Moment) {
        if self.state != State::Handshake {
            return;
        }
        match result {
            Ok(facts) => {
                self.layer = if facts.accepted() { Layer::Encrypted } else { Layer::Undecided };
                self.mark(Mark::TlsReady(facts));
                self.state = State::Open;
                self.replies.reset();
                self.restart(now);
                self.lead_secured(now);
                self.release(now);
            }
            Err(failure) => {
                let (by, how) = ending_of(&failure.why);
                self.mark(Mark::TlsFailed(failure));
                self.end(by, how);
            }
        }
    }

    /// The user goes on although the certificate is not in order.
    pub fn go_on(&mut self, now: Moment) {
        if self.layer == Layer::Undecided {
            self.layer = Layer::Encrypted;
            self.mark(Mark::WentOn);
            self.lead_secured(now);
            self.release(now);
        }
    }

    /// Nothing of the plain-text epoch may reach the encrypted one.
    pub(super) fn start_tls(&mut self) {
        let unwritten = self.outgoing.len();
        self.outgoing.clear();
        self.written = 0;
        self.expected.clear();
        self.lane.restart();
        self.state = State::Handshake;
        self.dropped(unwritten + self.held.len());
        self.wants.push_back(Want::StartTls);
    }
}

/// Who ended a handshake, and how the connection ends with it.
fn ending_of(trouble: &TlsTrouble) -> (Side, Ending) {
    match trouble {
        TlsTrouble::InjectedPlaintext => (Side::Client, Ending::Injected),
        TlsTrouble::Closed => (Side::Server, Ending::Clean),
        TlsTrouble::Reset => (Side::Server, Ending::Reset),
        TlsTrouble::Alert(_) => (Side::Server, Ending::Tls),
        _ => (Side::Client, Ending::Tls),
    }
}
