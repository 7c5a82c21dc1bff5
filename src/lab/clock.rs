//! The lab's clock: virtual, shared by all hosts. It stands still between events and moves when it is told to.
//!
//! Retries, greylisting, trace lines and certificates all read this one clock, so five days of the lab cost nobody five
//! days.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// The time in the lab. Clones show the same time.
#[derive(Debug, Clone)]
pub struct Clock {
    /// Microseconds since 1970.
    micros: Arc<AtomicI64>,
}

impl Clock {
    /// A clock that shows `now`.
    pub fn new(now: Timestamp) -> Self {
        Self { micros: Arc::new(AtomicI64::new(now.as_microsecond())) }
    }

    /// The time it shows.
    pub fn now(&self) -> Timestamp {
        // What is stored was a timestamp.
        Timestamp::from_microsecond(self.micros.load(Ordering::Acquire)).unwrap_or(Timestamp::MAX)
    }

    /// The same in whole seconds since 1970.
    pub fn seconds(&self) -> u64 {
        seconds(self.now())
    }

    /// Turns it forward.
    pub fn forward(&self, by: Duration) {
        self.forward_to(self.now().checked_add(by).unwrap_or(Timestamp::MAX));
    }

    /// Turns it forward to `time`; it never goes back.
    pub fn forward_to(&self, time: Timestamp) {
        self.micros.fetch_max(time.as_microsecond(), Ordering::AcqRel);
    }
}

/// Seconds since 1970; none before it.
pub(super) fn seconds(time: Timestamp) -> u64 {
    u64::try_from(time.as_second()).unwrap_or_default()
}

/// A time as header fields write it: `Thu, 01 Jan 2026 10:05:00 +0000` (RFC 5322 §3.3).
pub(super) fn date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn it_stands_still_until_it_is_turned_and_all_clones_show_the_same() {
        let clock = Clock::new(at("2026-01-01T10:05:00Z"));
        let other = clock.clone();
        assert_eq!(clock.now(), at("2026-01-01T10:05:00Z"));
        clock.forward(Duration::from_hours(5 * 24));
        assert_eq!(other.now(), at("2026-01-06T10:05:00Z"));
    }

    #[test]
    fn it_never_goes_back_and_never_beyond_the_end_of_time() {
        let clock = Clock::new(at("2026-01-01T10:05:00Z"));
        clock.forward_to(at("2025-01-01T00:00:00Z"));
        assert_eq!(clock.now(), at("2026-01-01T10:05:00Z"));
        clock.forward(Duration::MAX);
        assert_eq!(clock.now().as_microsecond(), Timestamp::MAX.as_microsecond());
    }

    #[test]
    fn dates_have_a_numeric_zone_and_a_year_of_four_digits() {
        assert_eq!(date(at("2026-01-01T10:05:00.9Z")), "Thu, 01 Jan 2026 10:05:00 +0000");
    }
}
