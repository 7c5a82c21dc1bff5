//! When a queue tries again, tells the sender, and gives up (RFC 5321 §4.5.4.1).

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

/// The times of a queue, in minutes of the lab's clock.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// The pauses between tries; the last one goes on.
    pub retry: Vec<u32>,
    /// When the sender is told that the letter still waits.
    pub tell: u32,
    /// When it is given up.
    pub give_up: u32,
}

/// Half an hour twice, then every two hours, five days in all; the sender hears of it after four hours.
impl Default for Schedule {
    fn default() -> Self {
        Self { retry: vec![30, 30, 120], tell: 4 * 60, give_up: 5 * 24 * 60 }
    }
}

impl Schedule {
    /// When the next try is, after so many.
    pub(super) fn next(&self, tries: u32, now: Timestamp) -> Timestamp {
        let at = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX);
        let pause = self.retry.get(at).or_else(|| self.retry.last()).copied();
        after(now, pause.unwrap_or(30).max(1))
    }

    /// How often a letter is tried at most: at once, and after each pause until it is given up.
    pub fn tries(&self) -> u32 {
        let last = self.retry.last().copied().unwrap_or(30).max(1);
        let (mut passed, mut tries) = (0, 1);
        for pause in &self.retry {
            if passed >= self.give_up {
                return tries;
            }
            passed += (*pause).max(1);
            tries += 1;
        }
        tries + self.give_up.saturating_sub(passed).div_ceil(last)
    }

    /// When a letter is given up.
    pub fn gives_up(&self, arrived: Timestamp) -> Timestamp {
        after(arrived, self.give_up)
    }

    /// When its sender is told of the delay.
    pub(super) fn tells(&self, arrived: Timestamp) -> Timestamp {
        after(arrived, self.tell)
    }
}

fn after(time: Timestamp, minutes: u32) -> Timestamp {
    time.checked_add(Duration::from_secs(u64::from(minutes) * 60)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_counted_as_they_are_made() {
        let count = |retry: &[u32], give_up| Schedule { retry: retry.to_vec(), tell: 1, give_up }.tries();
        assert_eq!(count(&[30, 30, 120], 0), 1);
        assert_eq!(count(&[30, 30, 120], 30), 2, "at once, and when the time is over");
        assert_eq!(count(&[30, 30, 120], 61), 4);
        assert_eq!(count(&[60], 180), 4);
        assert_eq!(Schedule::default().tries(), 63);
    }
}
