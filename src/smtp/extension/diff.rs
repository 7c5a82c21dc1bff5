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
        let counterpart = |keyword: &Keyword, offer: &'a Extensions| {
            offer.keywords.iter().find(|other| other.name == keyword.name && other.legacy == keyword.legacy)
        };
        let gone = before.keywords.iter().filter(|keyword| counterpart(keyword, now).is_none()).collect();
        let new = now.keywords.iter().filter(|keyword| counterpart(keyword, before).is_none()).collect();
        let pairs = before.keywords.iter().filter_map(|keyword| Some((keyword, counterpart(keyword, now)?)));
        let changed = pairs.filter(|(before, now)| sorted(before) != sorted(now)).collect();
        Self { gone, new, changed }
    }

    /// True if both offers say the same.
    pub const fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.new.is_empty() && self.changed.is_empty()
    }
}

/// The parameters without order and case.
fn sorted(keyword: &Keyword) -> Vec<Vec<u8>> {
    let mut params: Vec<_> = keyword.params.iter().map(|param| param.to_ascii_uppercase()).collect();
    params.sort();
    params
}
