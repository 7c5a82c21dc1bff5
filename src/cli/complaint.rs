//! Complaints: what was tried, why it failed, what to do.

use std::fmt;

use crate::safe;
use crate::smtp::flaw::FlawKind;
use crate::smtp::line::breaks;

/// Characters that are kept of the beginning of a text too long to be read.
const HEAD: usize = 240;
/// Characters that are kept of its end.
const TAIL: usize = 160;

/// An error for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// The diagnostic id, as `cli/port`.
    pub id: &'static str,
    /// The exit code.
    pub exit: u8,
    /// What was tried and why it failed, in one sentence.
    pub what: String,
    /// What to do.
    pub next: String,
}

impl Complaint {
    /// A complaint that ends the program with this exit code.
    pub fn new(id: &'static str, exit: u8, what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { id, exit, what: what.into(), next: next.into() }
    }

    /// A complaint about the value of an option, with what it needs to be. A line break in it is the graver trouble: it
    /// would make a second command of the rest.
    pub fn value(option: &str, given: &str, needs: &str) -> Self {
        if breaks(given) {
            let what = format!("The value of {option} holds a line break; it would become a second command. Not sent.");
            return Self::new(FlawKind::LineBreakInField.id(), 2, what, "Take the line break out of it.");
        }
        let given = if given.is_empty() { "empty".to_owned() } else { format!("'{given}'") };
        let what = format!("{option} cannot be {given}: it needs {needs}.");
        Self::new("cli/value", 2, what, "Correct the value, or leave the option out.")
    }
}

/// Two lines; whatever came from outside is made safe, and the middle of a long quotation is left out.
impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let safe = |text: &str| shortened(safe::screen(text.as_bytes()).as_str());
        write!(f, "ehlo: {} [{}]\n      {}", safe(&self.what), self.id, safe(&self.next))
    }
}

impl std::error::Error for Complaint {}

/// A sentence says why at its end, so both ends are kept.
fn shortened(text: &str) -> String {
    let count = text.chars().count();
    if count <= HEAD + TAIL {
        return text.to_owned();
    }
    let head: String = text.chars().take(HEAD).collect();
    let tail: String = text.chars().skip(count - TAIL).collect();
    format!("{head} … {tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_quotation_both_ends_are_kept() {
        let long = format!("'{}' is not a host name.", "ab".repeat(10_000));
        let text = Complaint::new("cli/host", 2, long, "Give a name.").to_string();
        assert!(text.chars().count() < HEAD + TAIL + 60, "{text}");
        assert!(
            text.contains("'abab") && text.contains(" … ") && text.contains("is not a host name. [cli/host]"),
            "{text}"
        );
    }
}
