//! Words that a learner meets (`glossary.toml`).

use std::sync::LazyLock;

use serde::Deserialize;

use super::table::{Meta, load};

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/glossary.toml")));

/// The glossary.
pub fn table() -> &'static Table {
    &TABLE
}

/// All that `glossary.toml` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Source.
    pub meta: Meta,
    /// The terms, in the order of the alphabet.
    pub term: Vec<Term>,
}

/// A term.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The word.
    pub term: String,
    /// Other spellings and words for the same.
    #[serde(default)]
    pub also: Vec<String>,
    /// The shortest explanation, at most 60 cells.
    pub short: String,
    /// The explanation, at most 60 words.
    pub meaning: String,
    /// Related terms.
    #[serde(default)]
    pub see: Vec<String>,
    /// Where it stands.
    pub refs: Vec<String>,
}

/// The entry of a term, in any case of letters and in any of its spellings.
pub fn term(text: &str) -> Option<&'static Term> {
    let wanted = text.trim();
    let is = |name: &String| name.eq_ignore_ascii_case(wanted);
    table().term.iter().find(|entry| is(&entry.term) || entry.also.iter().any(is))
}

#[cfg(test)]
mod tests {
    use super::super::table::is_short;
    use super::*;

    #[test]
    fn the_glossary_parses_is_sorted_and_short() {
        assert!(table().term.is_sorted_by_key(|entry| entry.term.to_ascii_lowercase()));
        for entry in &table().term {
            assert!(is_short(&entry.short, &entry.meaning), "{}", entry.term);
        }
    }

    #[test]
    fn related_terms_exist_and_no_spelling_is_double() {
        let mut seen = std::collections::HashSet::new();
        for entry in &table().term {
            for see in &entry.see {
                assert!(term(see).is_some(), "{} points to {see}", entry.term);
            }
            for name in entry.also.iter().chain([&entry.term]) {
                assert!(seen.insert(name.to_ascii_lowercase()), "{name} twice");
            }
        }
    }
}
