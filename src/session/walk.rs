//! The first walk: five steps that a newcomer takes, ticked by what happens.

use crate::dialogue::exchange::Cause;

use super::Session;

/// The steps of the first walk.
pub const STEPS: usize = 5;

/// How far the first walk has come: read the greeting; say EHLO and read what the server can do; write the envelope with
/// MAIL and RCPT; send a letter with DATA and end it with a dot; read it in its mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Walk {
    /// One for each step.
    pub done: [bool; STEPS],
}

impl Walk {
    /// The walk of one session; `read` says whether the user has opened a letter.
    pub fn of(session: &Session, read: bool) -> Self {
        let dialogue = session.dialogue();
        let greeted =
            dialogue.exchanges().iter().any(|exchange| exchange.cause == Cause::Greeting && exchange.succeeded());
        let hello = dialogue.hello().is_some() || !dialogue.capabilities().is_empty();
        let letter = dialogue.letters().iter().any(|letter| letter.delivered_to().next().is_some());
        let envelope = letter || dialogue.envelope().accepted().next().is_some();
        Self { done: [greeted, hello, envelope, letter, read] }
    }

    /// How many steps are done.
    pub fn count(self) -> usize {
        self.done.iter().filter(|done| **done).count()
    }

    /// True if the letter was sent and only reading it is left.
    pub fn ends_in_the_mailbox(self) -> bool {
        self.done == [true, true, true, true, false]
    }
}
