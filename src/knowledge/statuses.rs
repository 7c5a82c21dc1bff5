//! Enhanced status codes (`enhanced_codes.toml`): class, subject, detail (RFC 3463, registry of RFC 5248).

use std::sync::LazyLock;

use serde::Deserialize;

use super::table::{Meta, Rule, load};

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/enhanced_codes.toml")));

/// The table of enhanced status codes.
pub fn table() -> &'static Table {
    &TABLE
}

/// All that `enhanced_codes.toml` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Source and counts.
    pub meta: Meta,
    /// General rules.
    pub rule: Vec<Rule>,
    /// The regular expression of a code.
    pub pattern: Pattern,
    /// What the class digit means.
    pub class: Vec<Digit>,
    /// What the subject digit means.
    pub subject: Vec<Digit>,
    /// The codes.
    pub code: Vec<StatusCode>,
}

/// The regular expression of a code.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// At the start of a reply's text.
    pub regex: String,
}

/// A class or a subject.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digit {
    /// The digit.
    pub digit: u16,
    /// One word.
    pub name: String,
    /// A heading.
    pub title: String,
    /// What it means.
    pub meaning: String,
    /// Who has to act.
    #[serde(default)]
    pub owner: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// One subject and detail, for every class.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusCode {
    /// As the registry writes it: `X.1.1`.
    pub code: String,
    /// The subject.
    pub subject: u16,
    /// The detail.
    pub detail: u16,
    /// A heading.
    pub title: String,
    /// A note of at most 60 cells.
    pub gloss: String,
    /// What it means.
    pub meaning: String,
    /// What to do.
    pub next: String,
    /// The classes that it is meant for; empty if the registry does not say.
    #[serde(default)]
    pub useful_with: Vec<u16>,
    /// The reply codes that the registry puts beside it.
    #[serde(default)]
    pub basic: Vec<u16>,
    /// Where it stands.
    pub refs: Vec<String>,
    /// A remark.
    #[serde(default)]
    pub note: String,
    /// True if it must not be used any more.
    #[serde(default)]
    pub deprecated: bool,
}

/// The entry of a subject and detail, if the registry has one.
pub fn code(subject: u16, detail: u16) -> Option<&'static StatusCode> {
    table().code.iter().find(|entry| entry.subject == subject && entry.detail == detail)
}

/// What a class digit means.
pub fn class(digit: u16) -> Option<&'static Digit> {
    table().class.iter().find(|entry| entry.digit == digit)
}

/// What a subject means.
pub fn subject(number: u16) -> Option<&'static Digit> {
    table().subject.iter().find(|entry| entry.digit == number)
}

#[cfg(test)]
mod tests {
    use super::super::replies;
    use super::*;

    #[test]
    fn the_table_parses() {
        assert_eq!(table().code.len(), 81);
        regex::Regex::new(&table().pattern.regex).unwrap();
    }

    #[test]
    fn every_code_is_named_after_its_numbers_and_has_a_subject() {
        for entry in &table().code {
            assert_eq!(entry.code, format!("X.{}.{}", entry.subject, entry.detail));
            assert!(subject(entry.subject).is_some(), "{}", entry.code);
        }
    }

    #[test]
    fn codes_and_enhanced_codes_name_each_other() {
        for entry in &table().code {
            for basic in &entry.basic {
                let reply = replies::code(*basic).unwrap_or_else(|| panic!("{} names {basic}", entry.code));
                assert!(reply.enhanced.contains(&entry.code), "{basic} does not name {}", entry.code);
            }
        }
        for reply in &replies::table().code {
            for name in &reply.enhanced {
                assert!(table().code.iter().any(|entry| &entry.code == name), "{} names {name}", reply.code);
            }
        }
    }
}
