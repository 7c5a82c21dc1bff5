//! The exchanges whose reply is due.

use std::collections::{HashMap, VecDeque};

use crate::smtp::command::Verb;

use super::exchange::ExchangeId;

/// The exchanges whose reply is due, oldest first. How many of each command there are is known without looking through
/// them: a client may send thousands and read no reply.
#[derive(Debug, Clone, Default)]
pub(super) struct Due {
    queue: VecDeque<(ExchangeId, Option<Verb>)>,
    verbs: HashMap<Verb, usize>,
}

impl Due {
    pub(super) fn push_back(&mut self, id: ExchangeId, verb: Option<Verb>) {
        self.insert(self.queue.len(), id, verb);
    }

    /// Puts an exchange at this place from the front.
    pub(super) fn insert(&mut self, place: usize, id: ExchangeId, verb: Option<Verb>) {
        self.queue.insert(place, (id, verb));
        if let Some(verb) = verb {
            *self.verbs.entry(verb).or_default() += 1;
        }
    }

    pub(super) fn pop_front(&mut self) {
        let Some((_, Some(verb))) = self.queue.pop_front() else { return };
        if let Some(count) = self.verbs.get_mut(&verb) {
            *count -= 1;
        }
    }

    pub(super) fn front(&self) -> Option<ExchangeId> {
        self.queue.front().map(|(id, _)| *id)
    }

    pub(super) fn back(&self) -> Option<ExchangeId> {
        self.queue.back().map(|(id, _)| *id)
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = ExchangeId> {
        self.queue.iter().map(|(id, _)| *id)
    }

    /// True if a reply to such a command is due.
    pub(super) fn has(&self, verb: Verb) -> bool {
        self.verbs.get(&verb).is_some_and(|count| *count > 0)
    }
}
