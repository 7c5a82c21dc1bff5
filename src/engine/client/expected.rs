//! What was asked and is not answered. The same rules as the fold's.
//!
//! In LMTP the end of a letter gets a reply for each recipient that was accepted (RFC 2033 §4.2, §4.3). How many these
//! are is known when all before it is answered, for with PIPELINING a last chunk may follow the RCPT commands at once.

use std::collections::VecDeque;

use crate::dialogue::exchange::Cause;

use super::recipients::Recipients;

/// What was asked and is not answered, oldest first.
#[derive(Debug, Default)]
pub(super) struct Expected {
    due: VecDeque<Due>,
}

/// What asks for a reply.
#[derive(Debug, Clone, Copy)]
struct Due {
    cause: Cause,
    /// It ends a letter, and the letter's verdicts are not counted yet.
    ending: bool,
    /// The user waits for it.
    awaited: bool,
}

impl Expected {
    /// Something asks for one reply.
    pub(super) fn ask(&mut self, cause: Cause) {
        self.due.push_back(Due { cause, ending: false, awaited: true });
    }

    /// The end of a letter asks for its verdicts.
    pub(super) fn end_letter(&mut self, cause: Cause) {
        self.due.push_back(Due { cause, ending: true, awaited: true });
    }

    /// Counts the verdicts on every letter whose turn has come.
    pub(super) fn count_verdicts(&mut self, recipients: &mut Recipients) {
        while let Some(ending) = self.due.pop_front_if(|first| first.ending) {
            for _ in 0..recipients.verdicts(ending.cause) {
                self.due.push_front(Due { ending: false, ..ending });
            }
        }
    }

    /// The oldest is answered.
    pub(super) fn answered(&mut self) -> Option<Cause> {
        self.due.pop_front().map(|due| due.cause)
    }

    /// The user no longer waits for what is due.
    pub(super) fn stop_waiting(&mut self) {
        self.due.iter_mut().for_each(|due| due.awaited = false);
    }

    /// The oldest that the user waits for.
    pub(super) fn awaited(&self) -> Option<Cause> {
        self.due.iter().find(|due| due.awaited).map(|due| due.cause)
    }

    /// True if nothing is due.
    pub(super) fn is_empty(&self) -> bool {
        self.due.is_empty()
    }

    /// Forgets all of it.
    pub(super) fn clear(&mut self) {
        self.due.clear();
    }

    /// All of it, oldest first.
    #[cfg(test)]
    pub(super) fn causes(&self) -> Vec<Cause> {
        self.due.iter().map(|due| due.cause).collect()
    }
}
