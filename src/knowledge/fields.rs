//! The header of a letter and the fields of delivery reports (`message_fields.toml`).

use std::sync::LazyLock;

use serde::Deserialize;

use super::table::{Meta, Rule, load};

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/message_fields.toml")));

/// The table of header fields.
pub fn table() -> &'static Table {
    &TABLE
}

/// All that `message_fields.toml` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Source and counts.
    pub meta: Meta,
    /// General rules.
    pub rule: Vec<Rule>,
    /// Header fields.
    pub header: Vec<Header>,
    /// The clauses of a Received field.
    pub received: Vec<Clause>,
    /// The parts of a delivery report.
    pub dsn_part: Vec<ReportPart>,
    /// The fields of a delivery report.
    pub dsn_field: Vec<ReportField>,
    /// The values of its Action field.
    pub dsn_action: Vec<ReportAction>,
    /// The checks of Authentication-Results.
    pub auth_method: Vec<Check>,
    /// The words for what came of them.
    pub auth_result: Vec<CheckResult>,
}

/// A header field, or several that belong together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Its name; several are separated by commas.
    pub name: String,
    /// A note of at most 50 cells.
    pub gloss: String,
    /// `header`, `trace`, `list`, `automatic` or `policy`.
    pub group: String,
    /// How often it may stand.
    pub count: String,
    /// Who writes it.
    pub set_by: String,
    /// What it says.
    pub meaning: String,
    /// An example of its text.
    #[serde(default)]
    pub example: String,
    /// A remark.
    #[serde(default)]
    pub note: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A clause of a Received field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clause {
    /// `from`, `by`, `with`, …
    pub clause: String,
    /// Whether it must be there.
    pub required: String,
    /// What it says.
    pub meaning: String,
    /// An example.
    pub example: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A part of a delivery report.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportPart {
    /// Its place, from 1.
    pub part: u8,
    /// Its media type.
    #[serde(rename = "type")]
    pub media: String,
    /// What it holds.
    pub meaning: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A field of a delivery report.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportField {
    /// Its name.
    pub name: String,
    /// Whether it is about the `message` or one `recipient`.
    pub block: String,
    /// Whether it must be there.
    pub required: String,
    /// What it says.
    pub meaning: String,
    /// An example.
    pub example: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A value of the Action field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportAction {
    /// The value.
    pub value: String,
    /// What it means.
    pub meaning: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A check that a receiver makes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its word in Authentication-Results.
    pub name: String,
    /// What it asks.
    pub asks: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// What came of a check.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckResult {
    /// Its word in Authentication-Results.
    pub name: String,
    /// The answer to what the check asks.
    pub meaning: String,
}

/// What a check asks.
pub fn check(method: &str) -> Option<&'static Check> {
    table().auth_method.iter().find(|check| check.name == method)
}

/// What a result answers.
pub fn check_result(result: &str) -> Option<&'static str> {
    table().auth_result.iter().find(|known| known.name == result).map(|known| known.meaning.as_str())
}

/// The entry of a header field, in any case of letters.
pub fn header(name: &[u8]) -> Option<&'static Header> {
    let is = |candidate: &str| candidate.as_bytes().eq_ignore_ascii_case(name);
    table().header.iter().find(|entry| entry.name.split(", ").any(is))
}

/// The name of the header field that `line` begins, or nothing (RFC 5322 §2.2: printable ASCII without colon).
pub fn name_of(line: &[u8]) -> Option<&[u8]> {
    let colon = memchr::memchr(b':', line)?;
    let name = line.get(..colon)?;
    let plain = !name.is_empty() && name.len() <= 76 && name.iter().all(u8::is_ascii_graphic);
    plain.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_parses() {
        assert_eq!(table().header.len(), 35);
    }

    #[test]
    fn a_check_asks_and_its_result_answers() {
        let spf = check("spf").unwrap();
        assert!(spf.asks.ends_with('?') && check_result("softfail").is_some() && check("x").is_none());
        assert!(table().auth_method.iter().all(|check| check.asks.ends_with('?')));
    }

    #[test]
    fn fields_are_found_one_by_one_and_in_groups() {
        assert_eq!(header(b"subject").unwrap().name, "Subject");
        assert_eq!(header(b"Resent-To").unwrap().group, "header");
        assert!(header(b"X-Unknown").is_none());
    }

    #[test]
    fn a_field_name_is_printable_and_ends_at_the_colon() {
        assert_eq!(name_of(b"Subject: dots"), Some(&b"Subject"[..]));
        assert_eq!(name_of(b"see http://x"), None, "a space stands before the colon");
        assert_eq!(name_of(b": x"), None);
    }
}
