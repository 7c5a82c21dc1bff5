//! What changed between two offers, as before and after TLS (RFC 3207 §4.2).

use super::{Extensions, Keyword};

/// What changed between two offers. Order does not count, nor does the case of keywords.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff<'a> {
    /// Offered before, but no longer.
    pub gone: Vec<&'a Keyword>,
    /// Offered now, but not before.
    pub new: Vec<&'a Keyword>,
    /// Offered both times with other parameters: before and now.
    pub changed: Vec<(&'a Keyword, &'a Keyword)>,
}

impl<'a> Diff<'a> {
    pub(super) fn between(before: &'a Extensions, now: &'a Extensions) -> Self {
        let gone = before.keywords.iter().filter(|keyword| nth(keyword, 0, now).is_none()).collect();
        let new = now.keywords.iter().filter(|keyword| nth(keyword, 0, before).is_none()).collect();
        let kept = before.keywords.iter().filter_map(|keyword| Some((keyword, counterpart(keyword, before, now)?)));
        // A keyword that is listed once more than before has no partner of its own.
        let more = now.keywords.iter().filter(|keyword| nth(keyword, rank(keyword, now), before).is_none());
        let more = more.filter_map(|keyword| Some((nth(keyword, 0, before)?, keyword)));
        let changed = kept.chain(more).filter(|(before, now)| sorted(before) != sorted(now)).collect();
        Self { gone, new, changed }
    }

    /// True if both offers say the same.
    pub const fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.new.is_empty() && self.changed.is_empty()
    }
}

/// How many keywords of the same name stand before this one in its offer.
fn rank(keyword: &Keyword, own: &Extensions) -> usize {
    let earlier = own.keywords.iter().take_while(|other| !std::ptr::eq(*other, keyword));
    earlier.filter(|other| is_same(other, keyword)).count()
}

/// The keyword of the same name in another offer. Of those that are listed twice the first belongs to the first, the
/// second to the second, and what has no partner of its own belongs to the first.
fn counterpart<'a>(keyword: &Keyword, own: &Extensions, other: &'a Extensions) -> Option<&'a Keyword> {
    nth(keyword, rank(keyword, own), other).or_else(|| nth(keyword, 0, other))
}

fn nth<'a>(keyword: &Keyword, rank: usize, offer: &'a Extensions) -> Option<&'a Keyword> {
    offer.keywords.iter().filter(|other| is_same(other, keyword)).nth(rank)
}

fn is_same(one: &Keyword, other: &Keyword) -> bool {
    one.name == other.name && one.legacy == other.legacy
}

/// The parameters without order and case.
fn sorted(keyword: &Keyword) -> Vec<Vec<u8>> {
    let mut params: Vec<_> = keyword.params.iter().map(|param| param.to_ascii_uppercase()).collect();
    params.sort();
    params
}
