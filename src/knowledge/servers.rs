//! Well-known servers and the texts of their replies (`providers.toml`).
//!
//! The greeting, the EHLO lines, the reply texts and the host name say what a server looks like; never what it *is*.
//! Its messages are then looked up before the registry, because big providers give registered codes a meaning of
//! their own. The expressions are compiled at the first refusal, or ahead of it by [`warm`], never on the start path.

pub mod fingerprint;
pub mod message;

use std::sync::LazyLock;

use regex::bytes::{RegexSet, RegexSetBuilder};
use serde::Deserialize;

use super::table::{Meta, load};

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/providers.toml")));

/// The table of servers and their messages.
pub fn table() -> &'static Table {
    &TABLE
}

/// All that `providers.toml` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Source, counts and how to match.
    pub meta: Meta,
    /// Who must act.
    pub who: Vec<Named>,
    /// What kind of trouble.
    pub category: Vec<Named>,
    /// The servers, from special to general.
    pub server: Vec<Server>,
    /// Their messages.
    pub message: Vec<Message>,
}

/// A name with its meaning.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The name.
    pub id: String,
    /// What it means.
    pub meaning: String,
}

/// A server program or service.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Its name in the table.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `open source MTA`, `hosted service`, …
    pub kind: String,
    /// `sure`, `likely` or `weak`.
    pub confidence: String,
    /// Expressions of its greeting, behind the code.
    #[serde(default)]
    pub banner: Vec<String>,
    /// Expressions of its EHLO lines.
    #[serde(default)]
    pub ehlo: Vec<String>,
    /// Expressions of its replies.
    #[serde(default)]
    pub reply: Vec<String>,
    /// Expressions of its host names, in lower case.
    #[serde(default)]
    pub host: Vec<String>,
    /// A greeting.
    #[serde(default)]
    pub example: String,
    /// A remark.
    #[serde(default)]
    pub note: String,
    /// Who says so.
    pub source: String,
}

/// A reply text of a well-known server.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Its name in the table.
    pub id: String,
    /// The server that says it, or `any`.
    pub server: String,
    /// True if the text itself names the server, so that it counts in bounces and behind relays too.
    #[serde(default)]
    pub distinct: bool,
    /// The expression of the normalised text.
    #[serde(rename = "match")]
    pub pattern: String,
    /// The reply codes it comes with; empty for all.
    #[serde(default)]
    pub codes: Vec<u16>,
    /// The enhanced codes it comes with; `""` for none, `5.1.1-5.1.9` for a range; empty for all.
    #[serde(default)]
    pub enhanced: Vec<String>,
    /// What kind of trouble.
    pub category: String,
    /// Who must act.
    pub who: String,
    /// A note of at most 60 cells.
    pub gloss: String,
    /// What it means.
    pub meaning: String,
    /// What to do.
    pub next: String,
    /// Who says so.
    pub source: String,
}

/// The server with this name in the table.
pub fn server(id: &str) -> Option<&'static Server> {
    table().server.iter().find(|server| server.id == id)
}

/// One automaton for many expressions, over bytes: the texts come from the network and need not be UTF-8.
fn compile<I: IntoIterator<Item = S>, S: AsRef<str>>(expressions: I) -> RegexSet {
    let mut builder = RegexSetBuilder::new(expressions);
    builder.unicode(false).size_limit(64 << 20).dfa_size_limit(16 << 20);
    builder.build().unwrap_or_else(|_| RegexSet::empty())
}

/// Compiles the expressions of messages and fingerprints (some 40 ms), so that the first refusal on a screen does not
/// wait for it. Call it from a background thread, after the first frame.
pub fn warm() {
    fingerprint::warm();
    message::warm();
}
