//! Random runs: whatever happens in whatever order, nobody is lost and nobody is told twice.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// What can happen to a queue.
#[derive(Debug, Clone)]
enum Act {
    /// A letter is accepted: with a reverse path or without, for so many recipients.
    Submit(bool, Vec<&'static str>),
    /// Time passes, in minutes.
    Wait(u64),
    /// The clock is turned to the next event.
    Skip,
    /// What is due begins.
    Begin,
    /// One of the attempts under way ends, each recipient in its own way.
    End(usize, Vec<Verdict>),
    /// One of them ends without a word.
    Break(usize),
    /// The host goes down and comes back: nothing is under way any more.
    Crash,
}

/// Where a recipient is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Queued,
    Delivered,
    Bounced,
    Discarded,
}

/// A queue beside a ledger of all that it took.
struct Run {
    queue: Queue,
    now: Timestamp,
    under_way: Vec<Attempt>,
    ledger: BTreeMap<(String, String), Place>,
    letters: usize,
    delays: BTreeMap<String, usize>,
}

impl Run {
    fn new() -> Self {
        let (under_way, ledger, delays) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        Self { queue: queue(), now: at(0), under_way, ledger, letters: 0, delays }
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Submit(null, recipients) => {
                let from = if *null { "<>" } else { "<mina@you.test>" };
                self.letters += 1;
                let id = format!("S-{:04}", self.letters);
                let recipients: Vec<_> =
                    recipients.iter().enumerate().map(|(at, text)| to(&format!("r{at}{text}"))).collect();
                for recipient in &recipients {
                    self.ledger.insert((id.clone(), key(recipient)), Place::Queued);
                }
                self.queue.submit(letter(&id, from, self.now), recipients);
            }
            Act::Wait(minutes) => self.now += Duration::from_mins(*minutes),
            Act::Skip => self.now = self.queue.next_wakeup().unwrap_or(self.now).max(self.now),
            Act::Begin => {
                self.under_way.extend(self.queue.due(self.now));
                for notice in self.queue.delays(self.now) {
                    assert_ne!(notice.letter.from, ReversePath::Null);
                    *self.delays.entry(notice.letter.id).or_default() += 1;
                }
            }
            Act::End(which, verdicts) if !self.under_way.is_empty() => {
                let attempt = self.under_way.remove(which % self.under_way.len());
                let outcomes: Vec<_> =
                    attempt.recipients.iter().zip(verdicts.iter().cycle()).map(|(_, it)| outcome(*it)).collect();
                let settled = self.queue.result(attempt.number, outcomes, self.now);
                assert_eq!(settled.fates.len(), attempt.recipients.len());
                self.settled(&settled);
            }
            Act::Break(which) if !self.under_way.is_empty() => {
                let attempt = self.under_way.remove(which % self.under_way.len());
                self.queue.lost(attempt.number);
            }
            Act::Crash => self.under_way.drain(..).for_each(|attempt| self.queue.lost(attempt.number)),
            Act::End(..) | Act::Break(_) => {}
        }
        self.check();
    }

    fn settled(&mut self, settled: &Settled) {
        let mut failed = 0;
        for fate in &settled.fates {
            let place = self.ledger.get_mut(&(fate.letter.id.clone(), key(&fate.recipient))).expect("it was taken");
            assert_eq!(*place, Place::Queued, "nobody leaves twice");
            *place = match fate.next {
                Next::Done => Place::Delivered,
                Next::Waits(until) => {
                    assert!(until > self.now || until == at(0) + Duration::from_hours(5 * 24));
                    Place::Queued
                }
                Next::Bounced => Place::Bounced,
                Next::Dropped(_) => Place::Discarded,
            };
            failed += usize::from(*place == Place::Bounced);
        }
        let told = settled.notices.iter().flat_map(|notice| &notice.report.recipients);
        assert_eq!(told.filter(|told| told.action == Action::Failed).count(), failed, "each bounce is told once");
    }

    /// The queue holds those that the ledger has as queued, each once, and nobody else.
    fn check(&self) {
        let mut held: Vec<_> =
            self.queue.waiting().map(|(letter, waiting)| (letter.id.clone(), key(&waiting.recipient))).collect();
        held.sort();
        let queued = self.ledger.iter().filter(|(_, place)| **place == Place::Queued).map(|(key, _)| key.clone());
        assert_eq!(held, queued.collect::<Vec<_>>());
        assert!(self.delays.values().all(|count| *count == 1), "one report of a delay a letter");
    }

    /// Nothing is taken any more and nothing succeeds: all of it comes to an end.
    fn end(&mut self) {
        for _ in 0..2000 {
            self.act(&Act::Crash);
            self.act(&Act::Begin);
            while !self.under_way.is_empty() {
                self.act(&Act::End(0, vec![Verdict::Later]));
            }
            if self.queue.next_wakeup().is_none() {
                break;
            }
            self.act(&Act::Skip);
        }
        assert_eq!(self.queue.waiting().count(), 0, "after five days nobody waits");
        assert!(self.ledger.values().all(|place| *place != Place::Queued));
    }
}

fn key(recipient: &Recipient) -> String {
    String::from_utf8(recipient.path.encode()).expect("ASCII")
}

fn recipients() -> impl Strategy<Value = Vec<&'static str>> {
    let one = prop::sample::select(vec![
        "@harbor.test",
        "@harbor.test NOTIFY=NEVER",
        "@harbor.test NOTIFY=SUCCESS,FAILURE",
        "@old.test",
        "@grey.test NOTIFY=DELAY",
        "@you.test",
        "@you.test NOTIFY=SUCCESS",
    ]);
    vec(one, 1..5)
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        3 => Just(Verdict::Later),
        2 => Just(Verdict::Nobody),
        2 => Just(Verdict::Never),
        1 => Just(Verdict::Delivered),
        1 => Just(HANDED),
        1 => Just(Verdict::Handed { with_dsn: false }),
        1 => Just(Verdict::Dropped),
    ]
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (any::<bool>(), recipients()).prop_map(|(null, recipients)| Act::Submit(null, recipients)),
        2 => (0u64..400).prop_map(Act::Wait),
        3 => Just(Act::Skip),
        6 => Just(Act::Begin),
        6 => (any::<usize>(), vec(verdict(), 1..4)).prop_map(|(which, verdicts)| Act::End(which, verdicts)),
        1 => any::<usize>().prop_map(Act::Break),
        1 => Just(Act::Crash),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn c251_every_accepted_letter_is_at_every_instant_in_exactly_one_place(acts in vec(acts(), 0..60)) {
        let mut run = Run::new();
        for act in &acts {
            run.act(act);
        }
        run.end();
    }
}
