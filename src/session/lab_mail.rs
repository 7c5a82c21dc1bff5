//! What is known of the lab's mail: what waits where, what happened to letters, and what time it is there.

use std::collections::{BTreeMap, VecDeque};

use super::Model;
use crate::ports::lab::{self, Delivered, News, Step, Waits};
use crate::smtp::limits::LabLimits;

/// News that are kept: a loop of a hundred hops and the way there.
const KEPT: usize = 1000;

/// The lab's mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabMail {
    waiting: BTreeMap<String, Vec<Waits>>,
    news: VecDeque<News>,
    /// The lab's clock, in seconds since 1970, once it has told the time.
    pub now: Option<u64>,
    /// When something is due next.
    pub next: Option<u64>,
    /// Seconds that pass there in one of ours while the clock runs by itself; 0 while it stands still.
    pub pace: u32,
}

impl LabMail {
    /// What waits at a host is this.
    pub(super) fn waits(&mut self, host: &str, waiting: &[Waits]) {
        if waiting.is_empty() {
            self.waiting.remove(host);
        } else {
            self.waiting.insert(host.to_owned(), waiting.to_vec());
        }
    }

    /// Something happened. A call whose end is told is no longer under way.
    pub(super) fn heard(&mut self, news: News) {
        if let Step::Hop { call, .. } | Step::Tried { call, .. } = news.step {
            self.news.retain(|it| !matches!(it.step, Step::Calls { call: under_way, .. } if under_way == call));
        }
        self.news.push_back(news);
        if self.news.len() > KEPT {
            self.news.pop_front();
        }
    }

    /// A letter lies in a mailbox.
    pub(super) fn delivered(&mut self, letter: &Delivered) {
        let step = Step::Delivered { to: letter.mailbox.clone() };
        self.heard(News { at: letter.at, host: letter.host.clone(), id: letter.id.clone(), step });
    }

    /// The hosts where something waits, with what waits there.
    pub fn waiting(&self) -> impl Iterator<Item = (&str, &[Waits])> {
        self.waiting.iter().map(|(host, waiting)| (host.as_str(), waiting.as_slice()))
    }

    /// What waits for this recipient of a letter.
    pub fn waits_for(&self, id: &str, to: &str) -> Option<&Waits> {
        let mut all = self.waiting.values().flatten();
        all.find(|waits| waits.id == id && waits.to == to)
    }

    /// What happened, oldest first.
    pub fn news(&self) -> &VecDeque<News> {
        &self.news
    }
}

impl Model {
    /// A model that keeps at most so many octets of letters.
    #[must_use]
    pub fn keeping(self, store: u64) -> Self {
        Self { store, ..self }
    }

    /// Keeps a letter; the oldest ones go when there are too many or they are too large together.
    pub(super) fn keep(&mut self, letter: lab::Delivered) {
        self.letters.push_back(letter);
        let limits = LabLimits::default();
        let octets = |letter: &lab::Delivered| letter.letter.len() as u64;
        let mut all: u64 = self.letters.iter().map(octets).sum();
        while self.letters.len() > limits.letters || (all > self.store && self.letters.len() > 1) {
            all -= self.letters.pop_front().as_ref().map_or(0, octets);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::lab::Step;

    #[test]
    fn a_queue_that_is_empty_is_gone_and_old_news_go() {
        let mut mail = LabMail::default();
        let waits = Waits {
            id: "S-1".into(),
            from: String::new(),
            to: "pat".into(),
            tries: 1,
            most: 63,
            next: 60,
            until: 600,
            why: None,
        };
        mail.waits("submit.you.test", std::slice::from_ref(&waits));
        assert_eq!(mail.waiting().collect::<Vec<_>>(), [("submit.you.test", &[waits][..])]);
        mail.waits("submit.you.test", &[]);
        assert_eq!(mail.waiting().count(), 0);
        for at in 0..=KEPT as u64 {
            let step = Step::Dropped { to: "pat".into(), why: "rule".into() };
            mail.heard(News { at, host: "submit.you.test".into(), id: "S-1".into(), step });
        }
        assert_eq!((mail.news().len(), mail.news()[0].at), (KEPT, 1));
    }
}
