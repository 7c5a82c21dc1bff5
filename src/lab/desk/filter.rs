//! The content filter: words cost points, and the score is shown.

use crate::mail::field;

use super::super::world::Filter;

/// The text that every filter must take for spam; it says so itself.
const GTUBE: &str = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";
/// What it costs.
const GTUBE_POINTS: u32 = 1000;

/// What the filter finds in a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Score {
    points: u32,
    limit: u32,
    /// The names of what cost points, each with its points.
    found: Vec<(String, u32)>,
}

impl Score {
    /// The score of a letter.
    pub(super) fn of(filter: &Filter, letter: &[u8]) -> Self {
        let text = letter.to_ascii_lowercase();
        let has = |words: &str| memchr::memmem::find(&text, words.to_ascii_lowercase().as_bytes()).is_some();
        let mut found: Vec<_> =
            filter.word.iter().filter(|word| has(&word.text)).map(|word| (word.name.clone(), word.points)).collect();
        if has(GTUBE) {
            found.push(("GTUBE".to_owned(), GTUBE_POINTS));
        }
        if field::count(letter, b"Date") == 0 {
            found.push(("NO_DATE".to_owned(), 1));
        }
        let points = found.iter().map(|(_, points)| points).sum();
        Self { points, limit: filter.limit, found }
    }

    /// True if the letter is unwanted.
    pub(super) const fn is_unwanted(&self) -> bool {
        self.points >= self.limit
    }

    /// The field that shows the score to the reader.
    pub(super) fn field(&self) -> String {
        let verdict = if self.is_unwanted() { "unwanted" } else { "wanted" };
        format!("X-Filter-Score: {verdict}, {self}\r\n")
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "score {} of {}", self.points, self.limit)?;
        for (number, (name, points)) in self.found.iter().enumerate() {
            write!(f, "{}{name} {points}", if number == 0 { ": " } else { ", " })?;
        }
        Ok(())
    }
}
