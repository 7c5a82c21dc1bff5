//! Diagnostics (`flaws.toml`): what is odd about a line, in words for people. The ids are those of the hostile corpus.

use std::sync::LazyLock;

use serde::Deserialize;

use super::table::{Meta, load};

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/flaws.toml")));

/// The table of diagnostics.
pub fn table() -> &'static Table {
    &TABLE
}

/// All that `flaws.toml` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Source.
    pub meta: Meta,
    /// The diagnostics, by id.
    pub flaw: Vec<Flaw>,
}

/// A diagnostic.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flaw {
    /// Its stable id, as `reply/mixed-codes`.
    pub id: String,
    /// A heading, at most 60 cells; it serves as the note.
    pub title: String,
    /// What is odd and why it matters.
    pub meaning: String,
    /// What to do.
    pub next: String,
    /// The rule that is broken; empty if there is none or [`FlawKind::cite`](crate::smtp::flaw::FlawKind::cite) has it.
    pub refs: Vec<String>,
}

/// The entry of a diagnostic.
pub fn flaw(id: &str) -> Option<&'static Flaw> {
    table().flaw.iter().find(|entry| entry.id == id)
}

#[cfg(test)]
mod tests {
    use super::super::table::is_short;
    use super::*;
    use crate::smtp::flaw::FlawKind;

    #[test]
    fn the_table_parses_is_sorted_and_short() {
        assert!(table().flaw.is_sorted_by_key(|entry| entry.id.clone()));
        for entry in &table().flaw {
            assert!(is_short(&entry.title, &entry.meaning), "{}", entry.id);
        }
    }
    #[test]
    fn every_flaw_of_a_session_has_words_and_one_source() {
        for kind in FlawKind::ALL {
            let entry = flaw(kind.id()).unwrap_or_else(|| panic!("no words for {kind}"));
            assert!(kind.cite().is_empty() || entry.refs.is_empty(), "{kind} is cited in two places");
        }
    }
}
