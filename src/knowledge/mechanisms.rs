//! SASL mechanisms (`auth_mechanisms.toml`): what a login sends, what it gives away, what goes wrong.

use std::sync::LazyLock;

use serde::Deserialize;

use super::table::{Meta, Rule, load};

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/auth_mechanisms.toml")));

/// The table of mechanisms.
pub fn table() -> &'static Table {
    &TABLE
}

/// All that `auth_mechanisms.toml` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Source and counts.
    pub meta: Meta,
    /// General rules.
    pub rule: Vec<Rule>,
    /// Replies to AUTH.
    pub code: Vec<AuthReply>,
    /// Families of mechanisms, by the start of their names.
    pub family: Vec<Family>,
    /// What big providers demand.
    pub provider: Vec<Provider>,
    /// The mechanisms.
    pub mechanism: Vec<Mechanism>,
}

/// A reply to AUTH.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthReply {
    /// The reply code.
    pub code: u16,
    /// The enhanced code that goes with it.
    #[serde(default)]
    pub enhanced: String,
    /// What it means.
    pub meaning: String,
    /// What to do.
    pub next: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A family of mechanisms.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Family {
    /// How the names begin.
    pub prefix: String,
    /// What they have in common.
    pub meaning: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// What a big provider demands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Its name in the table.
    pub id: String,
    /// What it demands.
    pub meaning: String,
    /// Who says so.
    pub source: String,
}

/// One mechanism.
#[expect(clippy::struct_excessive_bools, reason = "four independent facts of a table row, as the file writes them")]
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mechanism {
    /// Its name.
    pub name: String,
    /// A heading.
    pub title: String,
    /// Why one would choose it or not, in a few words beside its name; only for those that the login form knows.
    #[serde(default)]
    pub why: String,
    /// How it is seen today.
    pub status: String,
    /// True if IANA has it.
    pub registered: bool,
    /// IANA's word on its use.
    #[serde(default)]
    pub registry_usage: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
    /// How it works, in a sentence.
    pub meaning: String,
    /// Who speaks first: `client` or `server`.
    pub sends_first: String,
    /// How many lines the client sends.
    pub client_lines: u8,
    /// What an observer of the line sees of the secret.
    pub secret_on_wire: String,
    /// True if the server proves that it knows the secret too.
    pub server_is_proven: bool,
    /// True if the login is tied to the TLS connection.
    pub channel_binding: bool,
    /// True if it can encrypt what follows.
    pub security_layer: bool,
    /// Whether TLS is needed.
    pub tls: String,
    /// What it gives away without TLS.
    #[serde(default)]
    pub leaks: String,
    /// When to use it.
    #[serde(default)]
    pub advice: String,
    /// A remark.
    #[serde(default)]
    pub note: String,
    /// What people get wrong.
    #[serde(default)]
    pub mistakes: Vec<String>,
    /// A dialogue.
    #[serde(default)]
    pub example: Vec<String>,
    /// A regular expression that recognises its lines.
    #[serde(default)]
    pub detect: String,
    /// Its steps.
    #[serde(default)]
    pub step: Vec<Step>,
    /// The fields of its lines.
    #[serde(default)]
    pub field: Vec<Field>,
}

/// One step of a login.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Who speaks: `client` or `server`.
    pub from: String,
    /// The line.
    pub wire: String,
    /// What it says without base64.
    #[serde(default)]
    pub decoded: String,
    /// What it means.
    #[serde(default)]
    pub meaning: String,
}

/// A field of a login line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it means.
    pub meaning: String,
}

/// The entry of a mechanism, in any case of letters.
pub fn mechanism(name: &[u8]) -> Option<&'static Mechanism> {
    table().mechanism.iter().find(|entry| entry.name.as_bytes().eq_ignore_ascii_case(name))
}

/// The family of a mechanism that has no entry of its own.
pub fn family(name: &[u8]) -> Option<&'static Family> {
    let starts =
        |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()));
    table().family.iter().find(|entry| starts(&entry.prefix))
}

#[cfg(test)]
mod tests {
    use super::super::{replies, statuses};
    use super::*;

    #[test]
    fn the_table_parses() {
        assert_eq!(table().mechanism.len(), 54);
    }

    #[test]
    fn every_detector_compiles() {
        for entry in table().mechanism.iter().filter(|entry| !entry.detect.is_empty()) {
            regex::bytes::Regex::new(&entry.detect).unwrap();
        }
    }

    #[test]
    fn every_reply_to_auth_is_a_known_code() {
        for reply in &table().code {
            assert!(replies::code(reply.code).is_some(), "{}", reply.code);
            if let Some((_, rest)) = reply.enhanced.split_once('.') {
                let known = statuses::table().code.iter().any(|entry| entry.code == format!("X.{rest}"));
                assert!(known, "{}", reply.enhanced);
            }
        }
    }

    #[test]
    fn names_are_found_in_any_case_and_families_by_their_start() {
        assert_eq!(mechanism(b"plain").unwrap().name, "PLAIN");
        assert!(mechanism(b"SCRAM-SHA-777").is_none());
        assert_eq!(family(b"scram-sha-777").unwrap().prefix, "SCRAM-");
    }
}
