//! SIZE: how large a letter may be.
//!
//! ```abnf
//! size-param = [1*DIGIT]                                 ; RFC 1870 §3
//! ```

use super::Keyword;

/// What a server says about the size of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// SIZE is not offered.
    None,
    /// SIZE is offered without a number: nothing is said about a limit.
    Undeclared,
    /// SIZE 0: no fixed limit.
    Unlimited,
    /// So many octets.
    Limit(u64),
    /// What is said is no number in range.
    Bad,
}

impl Size {
    /// What the parameters of one SIZE line say.
    pub(super) fn of_params(params: &[Vec<u8>]) -> Self {
        let [param] = params else { return if params.is_empty() { Self::Undeclared } else { Self::Bad } };
        let digits = param.iter().all(u8::is_ascii_digit);
        match std::str::from_utf8(param).ok().filter(|_| digits).and_then(|number| number.parse().ok()) {
            None => Self::Bad,
            Some(0) => Self::Unlimited,
            Some(limit) => Self::Limit(limit),
        }
    }
}

/// What all SIZE lines say together: the first usable one counts.
pub(super) fn of<'a>(keywords: impl Iterator<Item = &'a Keyword>) -> Size {
    let sizes: Vec<_> = keywords.map(|keyword| Size::of_params(&keyword.params)).collect();
    let usable = sizes.iter().find(|size| matches!(size, Size::Limit(_) | Size::Unlimited));
    let rest = || if sizes.contains(&Size::Bad) { Size::Bad } else { sizes.first().copied().unwrap_or(Size::None) };
    usable.copied().unwrap_or_else(rest)
}
