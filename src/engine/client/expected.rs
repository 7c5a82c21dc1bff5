//! What was asked and is not answered. The same rules as the fold's.
//!
//! In LMTP the end of a letter gets a reply for each recipient that was accepted (RFC 2033 §4.2, §4.3). How many these
//! are is known when all before it is answered, for with PIPELINING a last chunk may follow the RCPT commands at once.

use std::collections::VecDeque;

use crate::dialogue::exchange::Cause;
use crate::smtp::command::Verb;

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
    /// It waits for a verdict on the same letter as the one before it.
    further: bool,
}

impl Expected {
    /// Something asks for one reply.
    pub(super) fn ask(&mut self, cause: Cause) {
        self.due.push_back(Due { cause, ending: false, awaited: true, further: false });
    }

    /// The end of a letter asks for its verdicts.
    pub(super) fn end_letter(&mut self, cause: Cause) {
        self.due.push_back(Due { cause, ending: true, awaited: true, further: false });
    }

    /// Counts the verdicts on every letter whose turn has come.
    pub(super) fn count_verdicts(&mut self, recipients: &mut Recipients) {
        while let Some(ending) = self.due.pop_front_if(|first| first.ending) {
            for left in 0..recipients.verdicts(ending.cause) {
                let further = left > 0;
                self.due.insert(usize::from(further), Due { ending: false, further, ..ending });
            }
        }
    }

    /// The oldest is answered with this code.
    pub(super) fn answered(&mut self, code: u16) -> Option<Cause> {
        let cause = self.due.pop_front()?.cause;
        // A store without CHUNKING does not take the command, and says so once.
        if cause == Cause::Command(Verb::Bdat) && matches!(code, 500 | 502) {
            while self.due.pop_front_if(|due| due.further).is_some() {}
        }
        Some(cause)
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
