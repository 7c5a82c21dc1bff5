//! What the lab's servers remember between sessions: who has been seen, how often, and which faults are on.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// Entries of one kind that are kept; the first in order go when there are more.
const MOST: usize = 10_000;
/// The time within which letters are counted.
const MINUTE: Duration = Duration::from_mins(1);

/// The memory of all servers. Every entry names its host.
#[derive(Debug, Default)]
pub(in crate::lab) struct Memory {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    triplets: BTreeMap<Triplet, Timestamp>,
    mails: BTreeMap<(String, IpAddr), VecDeque<Timestamp>>,
    faults: BTreeSet<(String, String)>,
    sessions: u64,
}

/// What greylisting knows a letter by (RFC 6647 §2.1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Triplet {
    pub(super) host: String,
    pub(super) client: IpAddr,
    pub(super) from: String,
    pub(super) to: String,
}

impl Memory {
    /// How long a triplet has still to wait until it is `delay` old; it is remembered from the first time on.
    pub(super) fn waits(&self, triplet: Triplet, delay: Duration, now: Timestamp) -> Duration {
        let mut kept = self.kept();
        if kept.triplets.len() >= MOST && !kept.triplets.contains_key(&triplet) {
            kept.triplets.pop_first();
        }
        let first = *kept.triplets.entry(triplet).or_insert(now);
        let passed = Duration::try_from(now.duration_since(first)).unwrap_or_default();
        delay.saturating_sub(passed)
    }

    /// True if this client begins a letter more than `most` within a minute; this one is counted.
    pub(super) fn is_too_often(&self, host: &str, client: IpAddr, most: u32, now: Timestamp) -> bool {
        let mut kept = self.kept();
        if kept.mails.len() >= MOST {
            kept.mails.pop_first();
        }
        let mails = kept.mails.entry((host.to_owned(), client)).or_default();
        let is_old = |mail: &Timestamp| Duration::try_from(now.duration_since(*mail)).is_ok_and(|age| age >= MINUTE);
        while mails.front().is_some_and(is_old) {
            mails.pop_front();
        }
        let too_often = u32::try_from(mails.len()).is_ok_and(|mails| mails >= most);
        if !too_often {
            mails.push_back(now);
        }
        too_often
    }

    /// The number of a session that begins.
    pub(in crate::lab) fn session(&self) -> u64 {
        let mut kept = self.kept();
        kept.sessions += 1;
        kept.sessions
    }

    /// Switches a fault of a host on or off.
    pub(in crate::lab) fn switch(&self, host: &str, fault: &str, on: bool) {
        let entry = (host.to_owned(), fault.to_owned());
        let mut kept = self.kept();
        if on {
            kept.faults.insert(entry);
        } else {
            kept.faults.remove(&entry);
        }
    }

    /// Forgets who was seen and how often.
    pub(in crate::lab) fn forget(&self) {
        let mut kept = self.kept();
        kept.triplets.clear();
        kept.mails.clear();
    }

    /// True if a fault of a host is switched on.
    pub(in crate::lab) fn is_on(&self, host: &str, fault: &str) -> bool {
        self.kept().faults.contains(&(host.to_owned(), fault.to_owned()))
    }

    /// A server that panicked has left nothing half done here.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
