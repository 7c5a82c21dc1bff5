//! EHLO keywords and their parameters (`extensions.toml`).

use std::sync::LazyLock;

use serde::Deserialize;

use super::table::{Meta, Rule, load};

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/extensions.toml")));

/// The table of EHLO keywords.
pub fn table() -> &'static Table {
    &TABLE
}

/// All that `extensions.toml` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Source and counts.
    pub meta: Meta,
    /// Regular expressions of keywords and parameters.
    pub pattern: Pattern,
    /// General rules.
    pub rule: Vec<Rule>,
    /// The keywords.
    pub extension: Vec<Extension>,
    /// The limits of the LIMITS keyword.
    pub limit: Vec<NamedLimit>,
    /// The policies of the MT-PRIORITY keyword.
    pub priority_policy: Vec<PriorityPolicy>,
    /// The protocol names after `with` in a Received field.
    pub with_protocol: Vec<Protocol>,
}

/// Regular expressions of keywords and parameters.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// One line of an EHLO answer.
    pub ehlo_line: String,
    /// The same, without strictness.
    pub ehlo_line_lenient: String,
    /// A parameter of MAIL or RCPT.
    pub esmtp_param: String,
    /// A value in xtext.
    pub xtext: String,
    /// Where the grammar stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// One EHLO keyword.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// The keyword.
    pub keyword: String,
    /// A heading.
    pub title: String,
    /// A note of at most 60 cells.
    pub gloss: String,
    /// True if IANA has it.
    pub registered: bool,
    /// `standard`, `proposed standard`, `obsolete`, …
    #[serde(default)]
    pub status: String,
    /// What it offers.
    pub meaning: String,
    /// What to do with it.
    #[serde(default)]
    pub next: String,
    /// The grammar of what stands behind the keyword.
    #[serde(default)]
    pub ehlo_params: String,
    /// What that means.
    #[serde(default)]
    pub ehlo_params_meaning: String,
    /// Verbs that it adds.
    #[serde(default)]
    pub verbs: Vec<String>,
    /// Octets that it adds to the limit of a MAIL line.
    #[serde(default)]
    pub mail_line_extra: u16,
    /// Octets that it adds to the limit of an RCPT line.
    #[serde(default)]
    pub rcpt_line_extra: u16,
    /// Whether a submission server offers it.
    #[serde(default)]
    pub submission: String,
    /// Where that stands.
    #[serde(default)]
    pub submission_ref: String,
    /// Whether it may be used when sending to many hosts at once (RFC 8494).
    #[serde(default)]
    pub multicast: String,
    /// True if LMTP has it too.
    #[serde(default)]
    pub lmtp: bool,
    /// How its verbs may stand in a batch.
    #[serde(default)]
    pub pipelining: String,
    /// Keywords that must be offered with it.
    #[serde(default)]
    pub requires: Vec<String>,
    /// The RFC that took its place.
    #[serde(default)]
    pub obsoleted_by: String,
    /// What to be careful about.
    #[serde(default)]
    pub security: String,
    /// A remark.
    #[serde(default)]
    pub note: String,
    /// Who offers it.
    #[serde(default)]
    pub seen_in: Vec<String>,
    /// A regular expression of its line.
    #[serde(default)]
    pub regex: String,
    /// Where it stands.
    pub refs: Vec<String>,
    /// Parameters of MAIL that it adds.
    #[serde(default)]
    pub mail_param: Vec<Parameter>,
    /// Parameters of RCPT that it adds.
    #[serde(default)]
    pub rcpt_param: Vec<Parameter>,
    /// Parameters of other commands that it adds.
    #[serde(default)]
    pub other_param: Vec<Parameter>,
}

/// A parameter of MAIL, RCPT or another command.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its grammar.
    pub syntax: String,
    /// What it means.
    pub meaning: String,
    /// Its values, if there is a fixed list.
    #[serde(default)]
    pub values: Vec<String>,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A limit of the LIMITS keyword (RFC 9422).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedLimit {
    /// Its name.
    pub name: String,
    /// The grammar of its value.
    pub value: String,
    /// What it limits.
    pub meaning: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A priority policy (RFC 6710 §9.2).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorityPolicy {
    /// Its name.
    pub name: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A protocol name in a Received field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// The name, as `ESMTPS`.
    pub name: String,
    /// What it says of the session.
    pub meaning: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// The entry of an EHLO keyword, in any case of letters.
pub fn keyword(name: &[u8]) -> Option<&'static Extension> {
    table().extension.iter().find(|entry| entry.keyword.as_bytes().eq_ignore_ascii_case(name))
}

/// The parameter `name` of MAIL, RCPT or another command, and the extension that brings it.
pub fn parameter(verb: &str, name: &[u8]) -> Option<(&'static Extension, &'static Parameter)> {
    table().extension.iter().find_map(|entry| {
        let list = match verb.to_ascii_uppercase().as_str() {
            "RCPT" => &entry.rcpt_param,
            "MAIL" => &entry.mail_param,
            verb if entry.verbs.iter().any(|known| known == verb) => &entry.other_param,
            _ => return None,
        };
        list.iter().find(|param| param.name.as_bytes().eq_ignore_ascii_case(name)).map(|param| (entry, param))
    })
}

/// The protocol name after `with` in a Received field.
pub fn protocol(name: &[u8]) -> Option<&'static Protocol> {
    table().with_protocol.iter().find(|entry| entry.name.as_bytes().eq_ignore_ascii_case(name))
}

/// A limit of the LIMITS keyword.
pub fn limit(name: &[u8]) -> Option<&'static NamedLimit> {
    table().limit.iter().find(|entry| entry.name.as_bytes().eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::super::verbs;
    use super::*;

    #[test]
    fn the_table_parses() {
        assert_eq!(table().extension.len(), 69);
        assert_eq!(table().extension.iter().filter(|entry| entry.registered).count(), 34);
    }

    #[test]
    fn every_expression_compiles() {
        let pattern = &table().pattern;
        for text in [&pattern.ehlo_line, &pattern.ehlo_line_lenient, &pattern.esmtp_param, &pattern.xtext] {
            regex::Regex::new(text).unwrap();
        }
        for entry in table().extension.iter().filter(|entry| !entry.regex.is_empty()) {
            regex::Regex::new(&entry.regex).unwrap();
        }
    }

    #[test]
    fn keywords_are_known_once_and_needed_ones_exist() {
        for (index, entry) in table().extension.iter().enumerate() {
            let found = table().extension.iter().position(|other| other.keyword.eq_ignore_ascii_case(&entry.keyword));
            assert_eq!(found, Some(index), "{} twice", entry.keyword);
            for needed in &entry.requires {
                assert!(keyword(needed.as_bytes()).is_some(), "{} needs {needed}", entry.keyword);
            }
        }
    }

    #[test]
    fn a_command_that_names_its_extension_finds_it() {
        for verb in &verbs::table().command {
            if !verb.extension.is_empty() {
                assert!(keyword(verb.extension.as_bytes()).is_some(), "{} names {}", verb.verb, verb.extension);
            }
        }
    }

    #[test]
    fn parameters_are_found_by_verb() {
        assert_eq!(parameter("MAIL", b"size").unwrap().0.keyword, "SIZE");
        assert_eq!(parameter("RCPT", b"NOTIFY").unwrap().0.keyword, "DSN");
        assert_eq!(parameter("XCLIENT", b"addr").unwrap().0.keyword, "XCLIENT");
        assert!(parameter("RCPT", b"SIZE").is_none());
    }
}
