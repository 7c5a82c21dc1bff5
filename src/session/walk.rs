//! The first walk: five steps that a newcomer takes, ticked by what happens.

use crate::dialogue::exchange::Cause;

use super::{Model, Session};

/// How far the first walk has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Walk {
    /// One for each of [`STEPS`].
    pub done: [bool; 5],
}

/// The five steps, each as an order.
pub const STEPS: [&str; 5] = [
    "read the greeting",
    "say EHLO and read what the server can do",
    "write the envelope: MAIL, then RCPT",
    "send a letter with DATA and end it with a dot",
    "read the letter in its mailbox",
];

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

    /// The first step that is not done.
    pub fn next(self) -> Option<&'static str> {
        self.done.iter().position(|done| !done).and_then(|step| STEPS.get(step).copied())
    }
}

impl Model {
    /// True if a letter that came by this session lies in a mailbox.
    pub fn has_letters(&self) -> bool {
        !self.letters().is_empty()
    }
}
