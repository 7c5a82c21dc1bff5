//! A login that is led: each challenge gets the answer that its mechanism asks for, and the end is believed only if the
//! exchange believes it.
//!
//! ```text
//! authenticate ──▶ held like a line ──AUTH──▶ Led ──334──▶ answer, work to be done, or `*` and a mark that says why
//!                                              │  └──235, 4yz, 5yz──▶ over; a mark if the 235 may not be believed
//!                                              └──a line by hand──▶ over: the hand has taken the login
//! ```

use std::sync::Arc;

use secrecy::ExposeSecret;

use crate::dialogue::exchange::Cause;
use crate::smtp::command::Verb;
use crate::smtp::limits::COMMAND_LINE;
use crate::smtp::sasl::client::{Derivation, Exchange, Reaction, Said, SaltedPassword, Trouble};
use crate::tape::Moment;
use crate::tape::mark::Mark;

use super::queue::Piece;
use super::{Client, Want};

/// A login that waits for its turn.
#[derive(Debug)]
pub(super) struct Planned {
    exchange: Exchange,
    initial: bool,
}

/// A login under way.
#[derive(Debug)]
pub(super) struct Led {
    exchange: Exchange,
    /// Work that nobody has taken yet.
    derivation: Option<Derivation>,
    /// The next line is ours and waits for that work.
    deriving: bool,
}

impl Client {
    /// Logs in when the server is ready for it; `initial` sends the first message behind AUTH if it fits there.
    pub fn authenticate(&mut self, exchange: Exchange, initial: bool, now: Moment) {
        self.plan(Piece::Login(Box::new(Planned { exchange, initial })), false, now);
    }

    /// A login cannot even begin: why, for the tape.
    pub fn login_refused(&mut self, why: &Trouble) {
        self.mark(stopped(why));
    }

    /// The slow part of SCRAM, after a [`Want::Derive`]; what it comes to goes to [`Client::derived`].
    pub fn derivation(&mut self) -> Option<Derivation> {
        self.login.as_mut()?.derivation.take()
    }

    /// The slow part is done. Nothing comes of it if the login is over or was taken by hand.
    pub fn derived(&mut self, salted: &SaltedPassword, now: Moment) {
        let Some(led) = self.login.as_mut().filter(|led| led.deriving) else { return };
        led.deriving = false;
        if let Some(reaction) = led.exchange.derived(salted) {
            self.react(reaction, now);
        }
    }

    /// True while the next line of the login is being worked out: nothing else may take its place.
    pub(super) fn derives(&self) -> bool {
        self.login.as_ref().is_some_and(|led| led.deriving)
    }

    /// Sends AUTH. Inside a letter, a chunk or another login it would be no command.
    pub(super) fn begin_login(&mut self, planned: Planned, now: Moment) {
        let Planned { mut exchange, initial } = planned;
        if !self.lane.in_commands() {
            return self.mark(Mark::Dropped { lines: 1 });
        }
        // RFC 4954 §4: an initial response must not make the command longer than a command may be.
        let said = exchange.command(initial, COMMAND_LINE);
        self.login = Some(Led { exchange, derivation: None, deriving: false });
        self.say(&said, now);
    }

    /// A reply to AUTH or to an answer of ours; `self.replies` has its text.
    pub(super) fn login_replied(&mut self, cause: Cause, code: u16, now: Moment) {
        let Some(led) = self.login.as_mut().filter(|_| is_login(cause)) else { return };
        if code == 334 {
            let before = led.exchange.server_is_proven();
            let turn = led.exchange.challenge(self.replies.text());
            if led.exchange.server_is_proven() && !before {
                let mechanism = led.exchange.mechanism().name();
                self.mark(Mark::ServerProved { mechanism: mechanism.into() });
            }
            return self.react(turn.reaction, now);
        }
        if let Err(why) = led.exchange.concluded(code) {
            self.mark(stopped(&why));
        }
        self.login = None;
    }

    fn react(&mut self, reaction: Reaction, now: Moment) {
        match reaction {
            Reaction::Answer(said) => self.say(&said, now),
            Reaction::Derive(derivation) => {
                let Some(led) = &mut self.login else { return };
                led.derivation = Some(derivation);
                led.deriving = true;
                self.wants.push_back(Want::Derive);
            }
            Reaction::GiveUp { line, why } => {
                self.mark(stopped(&why));
                self.say(&line, now);
            }
        }
    }

    fn say(&mut self, said: &Said, now: Moment) {
        let line = said.line().expose_secret().as_bytes();
        self.write(Arc::from([line, b"\r\n"].concat()), now);
    }
}

/// True if a reply to this belongs to a login.
fn is_login(cause: Cause) -> bool {
    matches!(cause, Cause::Command(Verb::Auth) | Cause::Sasl)
}

fn stopped(why: &Trouble) -> Mark {
    Mark::LoginStopped { id: why.id().into(), why: why.to_string() }
}
