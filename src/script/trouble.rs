//! Why a script cannot be played: the line, what was expected there and what came.

use super::Place;

/// What is wrong with a script, for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The diagnostic id.
    pub id: &'static str,
    /// The line that it is about.
    pub place: Place,
    /// What was expected and what came, in one sentence without its stop.
    pub what: String,
    /// What to do.
    pub next: String,
}

impl Trouble {
    /// Trouble with a line.
    pub fn at(place: &Place, id: &'static str, what: impl Into<String>, next: impl Into<String>) -> Self {
        Self { id, place: place.clone(), what: what.into(), next: next.into() }
    }
}
