//! Reply codes (`reply_codes.toml`): what three digits mean, and what they mean after a certain command.
//!
//! A code is looked up first for the command it answers, then for the command that it is like (`HELO` is like `EHLO`),
//! then for `any` command, then alone, and at last by its digits (RFC 5321 §4.2.1, §4.3.2).

use std::sync::LazyLock;

use serde::Deserialize;

use super::table::{Meta, Rule, load};

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/reply_codes.toml")));

/// The table of reply codes.
pub fn table() -> &'static Table {
    &TABLE
}

/// All that `reply_codes.toml` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Source and counts.
    pub meta: Meta,
    /// Regular expressions for reply lines.
    pub pattern: Pattern,
    /// General rules.
    pub rule: Vec<Rule>,
    /// What the first digit means.
    pub severity: Vec<Digit>,
    /// What the second digit means.
    pub category: Vec<Digit>,
    /// Commands whose replies mean the same as those of another.
    pub alias: Vec<Alias>,
    /// The usual replies of each command.
    pub sequence: Vec<Sequence>,
    /// The codes, in rising order.
    pub code: Vec<ReplyCode>,
}

/// Regular expressions for reply lines, for text that a user pastes; framing never uses them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// A reply line as RFC 5321 writes it.
    pub reply_line: String,
    /// The same, without strictness.
    pub reply_line_lenient: String,
    /// A greeting.
    pub greeting: String,
    /// Where the grammar stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// One digit of a code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digit {
    /// The digit.
    pub digit: u8,
    /// One or two words.
    pub name: String,
    /// A heading.
    #[serde(default)]
    pub title: String,
    /// What it means.
    pub meaning: String,
    /// What to do.
    #[serde(default)]
    pub next: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A command whose replies mean the same as those of another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// The command.
    pub command: String,
    /// The one it is like.
    pub like: String,
}

/// The usual replies of one command (RFC 5321 §4.3.2).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// The command; `connect` is the greeting, `DATA-end` the reply to the final dot.
    pub command: String,
    /// Codes that say it worked.
    #[serde(default)]
    pub success: Vec<u16>,
    /// Codes that ask for more.
    #[serde(default)]
    pub intermediate: Vec<u16>,
    /// Codes that say it did not work.
    #[serde(default)]
    pub error: Vec<u16>,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
    /// A remark.
    #[serde(default)]
    pub note: String,
}

/// Where a code comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// RFC 5321 §4.2.3.
    Core,
    /// Another RFC.
    Extension,
    /// Named only in the registry of enhanced codes.
    Registry,
    /// An Internet-Draft that became no RFC.
    Draft,
    /// Seen from real servers, defined nowhere: folklore.
    Nonstandard,
}

/// One reply code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyCode {
    /// The code.
    pub code: u16,
    /// `success`, `intermediate`, `transient` or `permanent`.
    pub class: String,
    /// Where it comes from.
    pub origin: Origin,
    /// A heading.
    pub title: String,
    /// A note of at most 60 cells.
    pub gloss: String,
    /// What it means.
    pub meaning: String,
    /// What to do.
    pub next: String,
    /// What a program may read from the text.
    #[serde(default)]
    pub machine_text: String,
    /// True if the server closes the connection after it.
    #[serde(default)]
    pub closes: bool,
    /// Enhanced codes that the registry puts beside it, as `X.1.1`.
    #[serde(default)]
    pub enhanced: Vec<String>,
    /// Where it stands.
    pub refs: Vec<String>,
    /// A remark.
    #[serde(default)]
    pub note: String,
    /// Who uses it.
    #[serde(default)]
    pub seen_in: Vec<String>,
    /// What it means after certain commands.
    #[serde(default)]
    pub after: Vec<After>,
}

/// What a code means after one command.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    /// The command; `connect` is the greeting, `DATA-end` the reply to the final dot.
    pub command: String,
    /// `success`, `intermediate` or `error`.
    pub outcome: String,
    /// A note of at most 60 cells.
    pub gloss: String,
    /// What it means here.
    #[serde(default)]
    pub meaning: String,
    /// What to do.
    #[serde(default)]
    pub next: String,
    /// The line to type for that.
    #[serde(default, rename = "type")]
    pub command_line: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// The entry of `code`, if there is one.
pub fn code(code: u16) -> Option<&'static ReplyCode> {
    let codes = &table().code;
    codes.binary_search_by_key(&code, |entry| entry.code).ok().and_then(|index| codes.get(index))
}

/// What `entry` means after `command`, or after the command that it is like, or after any.
pub fn after(entry: &'static ReplyCode, command: &str) -> Option<&'static After> {
    let exact = |name: &str| entry.after.iter().find(|after| after.command.eq_ignore_ascii_case(name));
    exact(command).or_else(|| like(command).and_then(exact)).or_else(|| exact("any"))
}

/// The command whose replies mean the same as those of `command`.
pub fn like(command: &str) -> Option<&'static str> {
    let alias = table().alias.iter().find(|alias| alias.command.eq_ignore_ascii_case(command))?;
    Some(&alias.like)
}

/// The usual replies of `command`.
pub fn sequence(command: &str) -> Option<&'static Sequence> {
    let find = |name: &str| table().sequence.iter().find(|sequence| sequence.command.eq_ignore_ascii_case(name));
    find(command).or_else(|| like(command).and_then(find))
}

/// What the first digit of `code` means.
pub fn severity(code: u16) -> Option<&'static Digit> {
    table().severity.iter().find(|digit| u16::from(digit.digit) == code / 100)
}

/// What the second digit of `code` means.
pub fn category(code: u16) -> Option<&'static Digit> {
    table().category.iter().find(|digit| u16::from(digit.digit) == code / 10 % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_parses_and_is_sorted() {
        assert_eq!(table().code.len(), 62);
        assert!(table().code.is_sorted_by_key(|entry| entry.code), "looked up by binary search");
    }

    #[test]
    fn the_pattern_expressions_compile() {
        let pattern = &table().pattern;
        for text in [&pattern.reply_line, &pattern.reply_line_lenient, &pattern.greeting] {
            regex::Regex::new(text).unwrap();
        }
    }

    #[test]
    fn a_code_is_looked_up_for_the_command_then_its_alias_then_any() {
        let done = code(250).unwrap();
        assert_eq!(after(done, "MAIL").unwrap().command, "MAIL");
        assert_eq!(after(done, "SOML").unwrap().command, "MAIL");
        assert!(after(done, "XYZ").is_none());
        assert_eq!(after(code(421).unwrap(), "NOOP").unwrap().command, "any");
        assert_eq!(after(code(421).unwrap(), "connect").unwrap().command, "connect");
    }

    #[test]
    fn aliases_and_sequences_name_known_commands() {
        for alias in &table().alias {
            assert!(sequence(&alias.like).is_some(), "{}", alias.like);
        }
        for line in &table().sequence {
            for number in line.success.iter().chain(&line.intermediate).chain(&line.error) {
                assert!(code(*number).is_some(), "{} {number}", line.command);
            }
        }
    }

    #[test]
    fn digits_tell_what_a_table_does_not() {
        assert_eq!(severity(577).unwrap().name, "permanent");
        assert_eq!(category(539).unwrap().name, "authentication");
        assert!(severity(999).is_none());
    }
}
