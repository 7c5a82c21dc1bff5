//! The limits that a server names (RFC 9422 §3).
//!
//! ```abnf
//! limits-param = limit-name-value 0*( SP limit-name-value )
//! limit-name-value = limit-name [ "=" limit-value ]
//! limit-name   = 1*( ALPHA / DIGIT / "-" / "_" )
//! ```
//!
//! A line that breaks the grammar is ignored as a whole, a value that makes no sense ignores its limit; limits that
//! nobody knows are kept and not used.

use super::Keyword;

/// The limits of one LIMITS line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamedLimits {
    /// MAIL commands in one connection, failed ones included (RFC 9422 §4.1).
    pub mails: Option<u32>,
    /// RCPT commands in one transaction (RFC 9422 §4.2).
    pub recipients: Option<u32>,
    /// Different recipient domains in one connection (RFC 9422 §4.3).
    pub domains: Option<u32>,
    /// Limits that are not known, as they were written.
    pub others: Vec<String>,
}

impl NamedLimits {
    /// The limits that are known and set, by name.
    pub fn names(&self) -> impl Iterator<Item = (&'static str, u32)> {
        let known = [("MAILMAX", self.mails), ("RCPTMAX", self.recipients), ("RCPTDOMAINMAX", self.domains)];
        known.into_iter().filter_map(|(name, limit)| Some((name, limit?)))
    }
}

/// The limits of the first LIMITS line; none if there is none, or if it is malformed.
pub(super) fn of(keyword: Option<&Keyword>) -> NamedLimits {
    let mut limits = NamedLimits::default();
    let Some(keyword) = keyword.filter(|keyword| is_well_formed(&keyword.params)) else { return limits };
    for param in &keyword.params {
        let (name, value) = halves(param);
        let number = value.and_then(number);
        match name.to_ascii_uppercase().as_slice() {
            b"MAILMAX" => limits.mails = number,
            b"RCPTMAX" => limits.recipients = number,
            b"RCPTDOMAINMAX" => limits.domains = number,
            _ => limits.others.push(crate::safe::plain(param).into_string()),
        }
    }
    limits
}

/// True if every word of the line follows the grammar.
pub(super) fn is_well_formed(params: &[Vec<u8>]) -> bool {
    let name_octet = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    !params.is_empty()
        && params.iter().all(|param| {
            let (name, value) = halves(param);
            let sound = value.is_none_or(|value| !value.is_empty() && value.iter().all(u8::is_ascii_graphic));
            !name.is_empty() && name.iter().all(name_octet) && sound
        })
}

fn halves(param: &[u8]) -> (&[u8], Option<&[u8]>) {
    let mut halves = param.splitn(2, |octet| *octet == b'=');
    (halves.next().unwrap_or_default(), halves.next())
}

/// 1 to 6 digits, not 0.
fn number(value: &[u8]) -> Option<u32> {
    let digits = (1..=6).contains(&value.len()) && value.iter().all(u8::is_ascii_digit);
    let number: u32 = std::str::from_utf8(value).ok().filter(|_| digits)?.parse().ok()?;
    (number > 0).then_some(number)
}
