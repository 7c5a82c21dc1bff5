//! The policies of MTA-STS that senders keep, each its own (RFC 8461 §5.1). Pure: time is an argument.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::dns::policy::enforce::StsPolicy;

/// Policies that are kept at most.
const MOST: usize = 1000;
/// A policy that lasts longer is asked for again so often (RFC 8461 §3.3).
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// After a failure the same policy is not asked for again for so long (RFC 8461 §3.3).
const PAUSE: SignedDuration = SignedDuration::from_mins(5);

/// What senders keep.
#[derive(Debug, Default)]
pub(in crate::lab) struct Policies {
    kept: Mutex<BTreeMap<(String, String), Entry>>,
}

/// What one sender knows of one domain.
#[derive(Debug, Default)]
struct Entry {
    policy: Option<(String, StsPolicy, Timestamp)>,
    missed: Option<(String, Timestamp)>,
}

impl Policies {
    /// The policy that a sender has of a domain and that has not run out.
    pub(super) fn of(&self, sender: &str, domain: &str, now: Timestamp) -> Option<StsPolicy> {
        self.kept().get(&key(sender, domain))?.live(now).map(|(_, policy, _)| policy.clone())
    }

    /// True if a sender has to ask for the policy that is announced under this id.
    pub(super) fn asks(&self, sender: &str, domain: &str, id: &str, now: Timestamp) -> bool {
        let kept = self.kept();
        let Some(entry) = kept.get(&key(sender, domain)) else { return true };
        let is_paused = |(missed, at): &(String, Timestamp)| missed == id && now.duration_since(*at) < PAUSE;
        let is_fresh = |(known, _, at): &(String, StsPolicy, Timestamp)| known == id && now.duration_since(*at) < DAY;
        !entry.missed.as_ref().is_some_and(is_paused) && !entry.live(now).is_some_and(is_fresh)
    }

    /// A sender asked for it: none came if there is none, and what was known stays.
    pub(super) fn keep(&self, sender: &str, domain: &str, id: &str, policy: Option<StsPolicy>, now: Timestamp) {
        let mut kept = self.kept();
        if kept.len() >= MOST && !kept.contains_key(&key(sender, domain)) {
            kept.pop_first();
        }
        let entry = kept.entry(key(sender, domain)).or_default();
        match policy {
            Some(policy) => *entry = Entry { policy: Some((id.to_owned(), policy, now)), missed: None },
            None => entry.missed = Some((id.to_owned(), now)),
        }
    }

    /// Nobody knows anything any more.
    pub(in crate::lab) fn forget(&self) {
        self.kept().clear();
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<(String, String), Entry>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn live(&self, now: Timestamp) -> Option<&(String, StsPolicy, Timestamp)> {
        let is_live = |policy: &StsPolicy, since: Timestamp| {
            u64::try_from(now.duration_since(since).as_secs()).is_ok_and(|age| age < policy.max_age)
        };
        self.policy.as_ref().filter(|(_, policy, since)| is_live(policy, *since))
    }
}

fn key(sender: &str, domain: &str) -> (String, String) {
    (sender.to_owned(), domain.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::policy::enforce::Mode;

    fn after(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_767_261_900 + seconds).expect("a time")
    }

    fn policy(max_age: u64) -> StsPolicy {
        StsPolicy { mode: Mode::Enforce, mx: vec!["mx.bank.test".into()], max_age }
    }

    #[test]
    fn a_policy_is_kept_by_the_sender_that_asked_and_for_as_long_as_it_says() {
        let policies = Policies::default();
        assert!(policies.asks("submit", "bank.test", "1", after(0)));
        policies.keep("submit", "bank.test", "1", Some(policy(600)), after(0));
        assert_eq!(policies.of("submit", "Bank.TEST", after(599)), Some(policy(600)));
        assert_eq!(policies.of("submit", "bank.test", after(600)), None);
        assert_eq!(policies.of("alumni", "bank.test", after(0)), None);
        assert!(!policies.asks("submit", "bank.test", "1", after(599)), "it is there");
        assert!(policies.asks("submit", "bank.test", "1", after(600)), "it has run out");
    }

    #[test]
    fn another_id_or_another_day_is_asked_for_and_what_does_not_come_leaves_what_is_there() {
        let policies = Policies::default();
        policies.keep("submit", "bank.test", "1", Some(policy(604_800)), after(0));
        assert!(!policies.asks("submit", "bank.test", "1", after(86_399)));
        assert!(policies.asks("submit", "bank.test", "1", after(86_400)));
        assert!(policies.asks("submit", "bank.test", "2", after(1)));
        policies.keep("submit", "bank.test", "2", None, after(1));
        assert_eq!(policies.of("submit", "bank.test", after(2)), Some(policy(604_800)));
        assert!(!policies.asks("submit", "bank.test", "2", after(300)), "not again so soon");
        assert!(policies.asks("submit", "bank.test", "3", after(2)), "but another one");
        assert!(policies.asks("submit", "bank.test", "2", after(301)));
    }
}
