//! Commands, session states, limits, time-outs, ports and typing mistakes (`commands.toml`).

use std::sync::LazyLock;

use regex::bytes::RegexSet;
use serde::Deserialize;

use super::table::{Meta, Rule, load};

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/commands.toml")));

/// The table of commands.
pub fn table() -> &'static Table {
    &TABLE
}

/// All that `commands.toml` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Source and counts.
    pub meta: Meta,
    /// General rules.
    pub rule: Vec<Rule>,
    /// The commands.
    pub command: Vec<VerbEntry>,
    /// The states of a session.
    pub state: Vec<State>,
    /// Size limits.
    pub limit: Vec<Limit>,
    /// Time-outs.
    pub timeout: Vec<Timeout>,
    /// Ports.
    pub port: Vec<Port>,
    /// Detectors of common mistakes.
    pub mistake: Vec<Mistake>,
}

/// One command.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerbEntry {
    /// The verb; `.` is the end of the letter, `(auth response)` a line of a login.
    pub verb: String,
    /// A heading.
    pub title: String,
    /// A note of at most 60 cells: the command in plain words.
    pub gloss: String,
    /// `required`, `optional`, `extension`, `private` or `obsolete`.
    pub status: String,
    /// The keyword that offers it.
    #[serde(default)]
    pub extension: String,
    /// Its ABNF.
    pub syntax: String,
    /// An example.
    pub example: String,
    /// What it asks.
    pub meaning: String,
    /// What it changes.
    #[serde(default)]
    pub effect: String,
    /// The states in which it may be sent.
    pub states: Vec<String>,
    /// The state after success; `unchanged` if there is no change.
    pub state_after_success: String,
    /// What usually follows.
    #[serde(default)]
    pub next: String,
    /// The entry of its usual replies.
    pub reply_sequence: String,
    /// True if the reply may have several lines.
    pub multiline_reply: bool,
    /// How long a client waits for the reply, in seconds.
    #[serde(default)]
    pub client_timeout_s: u32,
    /// Where that stands.
    #[serde(default)]
    pub timeout_ref: String,
    /// Longest line in octets including CRLF, without extensions.
    #[serde(default)]
    pub max_line_octets: u32,
    /// Where that stands.
    #[serde(default)]
    pub line_ref: String,
    /// How it may stand in a batch.
    #[serde(default)]
    pub pipelining: String,
    /// What to be careful about.
    #[serde(default)]
    pub security: String,
    /// A remark.
    #[serde(default)]
    pub note: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
    /// Its arguments.
    #[serde(default)]
    pub arg: Vec<Argument>,
    /// What people get wrong.
    #[serde(default)]
    pub mistake: Vec<Slip>,
}

/// An argument of a command.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its ABNF.
    pub syntax: String,
    /// What it means.
    pub meaning: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// What people get wrong with one command.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slip {
    /// Its name in the table.
    pub id: String,
    /// The mistake and what comes of it.
    pub text: String,
}

/// A state of a session.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Its name.
    pub id: String,
    /// What has happened.
    pub meaning: String,
    /// What comes next.
    pub expects: String,
}

/// A size limit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Its name.
    pub id: String,
    /// How many octets, if it counts octets.
    #[serde(default)]
    pub octets: Option<u32>,
    /// How many, if it counts something else.
    #[serde(default)]
    pub count: Option<u32>,
    /// `maximum`, `minimum to support`, …
    pub kind: String,
    /// What is limited.
    pub meaning: String,
    /// The reply when it is passed.
    #[serde(default)]
    pub error: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A time-out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timeout {
    /// Its name.
    pub id: String,
    /// Who waits.
    pub waits: String,
    /// How long, in seconds.
    pub seconds: u32,
    /// For what.
    pub meaning: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A port.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Port {
    /// The number.
    pub port: u16,
    /// Its name.
    pub service: String,
    /// How TLS starts there.
    #[serde(default)]
    pub tls: String,
    /// What it is for.
    pub meaning: String,
    /// Where it stands.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// A detector of a common mistake.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mistake {
    /// Its name.
    pub id: String,
    /// Who makes it: `client` or `server`.
    pub side: String,
    /// Where to look: `command`, `data`, `bytes`, `line`, `reply` or `flow`.
    #[serde(rename = "where")]
    pub place: String,
    /// What to look for, if a regular expression can.
    #[serde(default)]
    pub regex: String,
    /// What is wrong.
    pub text: String,
    /// What to do.
    pub fix: String,
    /// What servers do about it.
    #[serde(default)]
    pub typical_reaction: String,
    /// Where the rule stands; `-` if none does.
    #[serde(rename = "ref")]
    pub cite: String,
}

/// The entry of a verb, in any case of letters.
pub fn verb(name: &[u8]) -> Option<&'static VerbEntry> {
    table().command.iter().find(|entry| entry.verb.as_bytes().eq_ignore_ascii_case(name))
}

/// The slips that a line shows, of those that are looked for at `places`.
pub fn mistakes(line: &[u8], places: &[&str]) -> Vec<&'static Mistake> {
    let hits = MISTAKES.matches(line);
    let found = hits.iter().filter_map(|index| DETECTED.get(index));
    found.copied().filter(|mistake| places.contains(&mistake.place.as_str())).collect()
}

/// The mistakes that a regular expression can see.
static DETECTED: LazyLock<Vec<&'static Mistake>> =
    LazyLock::new(|| table().mistake.iter().filter(|mistake| !mistake.regex.is_empty()).collect());

/// Their expressions, over bytes.
static MISTAKES: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new(DETECTED.iter().map(|mistake| mistake.regex.as_str())).unwrap_or_else(|_| RegexSet::empty())
});

/// The entry of a port.
pub fn port(number: u16) -> Option<&'static Port> {
    table().port.iter().find(|entry| entry.port == number)
}

#[cfg(test)]
mod tests {
    use super::super::replies;
    use super::*;

    #[test]
    fn the_table_parses() {
        assert_eq!(table().command.len(), 29);
    }

    #[test]
    fn every_detector_compiles_as_bytes() {
        for mistake in table().mistake.iter().filter(|mistake| !mistake.regex.is_empty()) {
            regex::bytes::Regex::new(&mistake.regex).unwrap_or_else(|error| panic!("{}: {error}", mistake.id));
        }
    }

    #[test]
    fn states_and_reply_sequences_exist() {
        let state = |id: &str| id == "unchanged" || table().state.iter().any(|state| state.id == id);
        for command in &table().command {
            assert!(command.states.iter().all(|id| state(id)), "{}", command.verb);
            assert!(state(&command.state_after_success), "{}", command.verb);
            let known = replies::sequence(&command.reply_sequence).is_some();
            let silent = ["VERB", "ONEX", "PROXY"].contains(&command.verb.as_str());
            assert!(known || silent, "{} answers as {}", command.verb, command.reply_sequence);
        }
    }
}
