//! How the tables of `assets/knowledge` are read: embedded TOML, parsed at the first look-up, never before.

use std::sync::atomic::{AtomicUsize, Ordering};

use regex::bytes::{RegexSet, RegexSetBuilder};
use serde::de::DeserializeOwned;

/// Tables that were opened in this process.
static OPENED: AtomicUsize = AtomicUsize::new(0);

/// How many tables were opened in this process: what nobody reads should open none.
pub fn opened() -> usize {
    OPENED.load(Ordering::Relaxed)
}

/// Parses one embedded table.
///
/// A table that does not parse comes back empty where it is used, and stops every test that looks something up in it: a
/// wrong asset costs the build and not a session.
pub(crate) fn load<T: DeserializeOwned + Default>(text: &str) -> T {
    OPENED.fetch_add(1, Ordering::Relaxed);
    let table = toml::from_str(text);
    debug_assert!(table.is_ok(), "{:?}", table.err());
    table.unwrap_or_default()
}

/// True if a note fits its line and a paragraph is read at a glance.
#[cfg(test)]
pub(super) fn is_short(note: &str, paragraph: &str) -> bool {
    note.len() <= super::note::LONGEST && paragraph.split_whitespace().count() <= super::explanation::WORDS
}

/// One automaton for many expressions, over bytes: the texts come from the network and need not be UTF-8.
pub(crate) fn compile<I: IntoIterator<Item = S>, S: AsRef<str>>(expressions: I) -> RegexSet {
    let mut builder = RegexSetBuilder::new(expressions);
    builder.unicode(false).size_limit(64 << 20).dfa_size_limit(16 << 20);
    builder.build().unwrap_or_else(|_| RegexSet::empty())
}

/// What a table says about itself: schema, source, counts.
pub type Meta = toml::Table;

/// A general rule with its source.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name in the table.
    pub id: String,
    /// The rule, in one or two sentences.
    pub text: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}
