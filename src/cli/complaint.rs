//! Complaints: what was tried, why it failed, what to do.

use std::fmt;

use crate::safe;

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
}

/// Two lines; whatever came from outside is made safe.
impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let safe = |text: &str| safe::screen(text.as_bytes()).into_string();
        write!(f, "ehlo: {} [{}]\n      {}", safe(&self.what), self.id, safe(&self.next))
    }
}
