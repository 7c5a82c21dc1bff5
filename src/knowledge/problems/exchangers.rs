//! The MX records of a domain, as far as the tape holds the look-up for them.

use crate::tape::mark::{LookUp, Mark};

/// The hosts that take the mail of a domain, the most wanted first: at least one.
pub(super) struct Exchangers<'a>(Vec<(u16, &'a str)>);

impl<'a> Exchangers<'a> {
    /// What a mark says of the MX records of `domain`, if it is the look-up for them and there are some.
    pub(super) fn of(mark: &'a Mark, domain: &str) -> Option<Self> {
        let Mark::LookedUp(LookUp { kind, name, answers, .. }) = mark else { return None };
        if kind != "MX" || !is_same(name, domain) {
            return None;
        }
        // An alias on the way to the records is an answer of one word.
        let records = answers.iter().filter_map(|answer| answer.split_once(' '));
        let mut all: Vec<_> = records.filter_map(|(rank, host)| Some((rank.parse().ok()?, host))).collect();
        all.sort_unstable();
        (!all.is_empty()).then_some(Self(all))
    }

    /// The most wanted one; empty for a null MX (RFC 7505 §3).
    pub(super) fn first(&self) -> &'a str {
        self.0.first().map_or("", |(_, host)| host.trim_end_matches('.'))
    }

    /// True if this host is among them.
    pub(super) fn name(&self, host: &str) -> bool {
        self.0.iter().any(|(_, exchanger)| is_same(exchanger, host))
    }
}

/// Names are compared as the DNS does (RFC 4343), with or without the final dot.
fn is_same(one: &str, other: &str) -> bool {
    one.trim_end_matches('.').eq_ignore_ascii_case(other.trim_end_matches('.'))
}
