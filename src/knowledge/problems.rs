//! Problems (`problems.toml`): what a whole session shows, where one line alone does not.
//!
//! A detector is a pure predicate over what came before one reply or one mark; it never looks at what follows, so a
//! session that grows gives the same problems as one that is read whole. [`Watch`] asks them as a dialogue grows and
//! keeps each problem once: repeated ones only count up. Words, confidence and the one-key fix stand in the table.

mod found;
mod happening;
mod scene;
mod topic;
mod watch;

mod address;
mod chunk;
mod connection;
mod contradiction;
mod exchangers;
mod header;
mod hello;
mod later;
mod letter;
mod login;
mod octets;
mod order;
mod policy;
mod recipient;

use std::sync::LazyLock;

use serde::Deserialize;

use crate::dialogue::Dialogue;
use crate::dialogue::exchange::{Cause, Exchange, ExchangeId};
use crate::dialogue::row::{Row, RowId, What};
use crate::tape::Tape;

use super::explanation::{Confidence, Explanation, sentence};
use super::table::{Meta, load};

pub use found::Problem;
pub use watch::Watch;

use happening::Happening;
use scene::Scene;

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/problems.toml")));

/// The table of problems.
pub fn table() -> &'static Table {
    &TABLE
}

/// All that `problems.toml` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Source.
    pub meta: Meta,
    /// The problems, by id.
    pub problem: Vec<Entry>,
}

/// A problem that a session can have.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its stable id, as `P10`.
    pub id: String,
    /// A heading.
    pub title: String,
    /// When it is found, in words.
    pub when: String,
    /// Where the rule stands.
    pub refs: Vec<String>,
    /// Its kinds.
    pub case: Vec<Case>,
}

/// One kind of a problem. `{name}` in its texts stands for a value of the session.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Its name within the problem.
    pub id: String,
    /// A note of at most 60 cells; empty if the row's own note says it.
    pub note: String,
    /// How sure it is when the detector finds it.
    pub confidence: Confidence,
    /// What happened, then what it means: at most 60 words.
    pub say: String,
    /// What to do.
    #[serde(rename = "do")]
    pub step: String,
    /// The line to type for that; empty if there is none.
    #[serde(default, rename = "type")]
    pub line: String,
    /// The id of the command that does it; empty if there is none.
    #[serde(default)]
    pub run: String,
    /// What the dialog of that command begins with; empty if there is nothing to fill in.
    #[serde(default)]
    pub with: String,
}

/// The entry of a problem, by its id in any case of letters.
pub fn entry(id: &str) -> Option<&'static Entry> {
    table().problem.iter().find(|entry| entry.id.eq_ignore_ascii_case(id))
}

/// What there is to say to somebody who asks why the last letter that was taken has not arrived.
pub fn asked(tape: &Tape, dialogue: &Dialogue) -> Option<Problem> {
    let taken = |exchange: &Exchange| exchange.cause == Cause::EndOfData && exchange.succeeded();
    let verdict = ExchangeId(u32::try_from(dialogue.exchanges().iter().rposition(taken)?).ok()?);
    let shows = |row: &Row| matches!(row.what, What::Reply { exchange, last: true } if exchange == verdict);
    let row = RowId(u32::try_from(dialogue.rows().iter().rposition(shows)?).ok()?);
    Problem::new(header::asked(&Scene::of(tape, dialogue, verdict)?)?, row)
}

/// Explains a problem by itself: when it is found, and what it may mean.
pub(super) fn explain(entry: &'static Entry) -> Explanation {
    let it = Explanation::new(format!("{} · {}", entry.id, entry.title), "problem").say(entry.when.as_str());
    let it = entry.case.iter().fold(it, |it, case| {
        let words = [sentence(case.note.trim_start_matches("! ")), case.say.clone(), sentence(&case.step)];
        let words = words.iter().filter(|words| !words.is_empty()).map(|words| open(words)).collect::<Vec<_>>();
        it.also(case.confidence.word(), words.join(" "))
    });
    it.cite_all(&entry.refs)
}

/// A text whose values no session gives: what stands for them is in angle brackets.
fn open(text: &str) -> String {
    text.replace('{', "<").replace('}', ">")
}

/// Compiles the expressions ahead of their first use.
pub(super) fn warm() {
    topic::warm();
}

/// What a detector finds: which kind of which problem, the rows that show it, and values for its texts.
#[derive(Debug)]
struct Finding {
    problem: &'static str,
    case: &'static str,
    shown_by: Vec<RowId>,
    values: Vec<(&'static str, Vec<u8>)>,
}

impl Finding {
    fn of(problem: &'static str, case: &'static str) -> Self {
        Self { problem, case, shown_by: Vec::new(), values: Vec::new() }
    }

    /// Adds rows that show it, besides the one that is judged.
    fn shown_by(mut self, rows: impl IntoIterator<Item = RowId>) -> Self {
        self.shown_by.extend(rows);
        self
    }

    /// Adds a value for the texts.
    fn with(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        self.values.push((name, value.as_ref().to_vec()));
        self
    }

    /// Adds a number for the texts.
    fn count(self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.with(name, value.to_string())
    }
}

/// What a whole reply shows, the most special first: the first that finds something ends the search.
const OF_REPLIES: &[fn(&Scene<'_>) -> Option<Finding>] = &[
    octets::masked,
    octets::touched,
    chunk::too_few,
    letter::cut,
    order::early,
    login::tls_first,
    login::wrong_base64,
    login::closed_door,
    policy::bad_name,
    hello::name,
    policy::not_authorised,
    recipient::null_sender,
    octets::not_ascii,
    letter::eight_bit,
    letter::too_large,
    letter::gave_up,
    letter::bare,
    octets::long_command,
    letter::long_line,
    recipient::too_many,
    recipient::relay,
    recipient::nobody,
    recipient::too_late,
    address::syntax,
    order::sequence,
    contradiction::status,
    later::come_back,
    contradiction::words,
    letter::lost_dot,
    header::not_what_it_seems,
    recipient::anybody,
];

/// What a mark shows.
const OF_MARKS: &[fn(&Happening<'_>) -> Option<Finding>] = &[
    connection::silence,
    connection::beginnings,
    connection::clock,
    connection::certificate,
    connection::wrong_host,
    connection::name_server,
    connection::fell_back,
    chunk::too_many,
    letter::hanging,
    letter::stalled,
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::table::is_short;
    use super::*;

    #[test]
    fn the_table_parses_is_sorted_and_short() {
        assert!(table().problem.is_sorted_by_key(|entry| entry.id.clone()));
        for entry in &table().problem {
            assert!(!entry.case.is_empty() && !entry.refs.is_empty(), "{}", entry.id);
            assert!(is_short("", &entry.when), "{}", entry.id);
            let mut seen = HashSet::new();
            for case in &entry.case {
                let name = format!("{}/{}", entry.id, case.id);
                assert!(seen.insert(&case.id), "{name} is there twice");
                assert!(is_short(&case.note, &case.say), "{name}");
                assert!(case.say.ends_with('.'), "{name}");
                assert!(!case.step.is_empty(), "{name}");
                assert!(case.line.is_empty() || case.run.is_empty(), "{name}: one key does one thing");
                assert!(case.with.is_empty() || !case.run.is_empty(), "{name}: a text for no dialog");
            }
        }
    }

    #[test]
    fn a_problem_is_explained_by_its_id() {
        let it = explain(entry("p08").unwrap());
        assert_eq!(it.title, "P08 · The base64 of the login is wrong");
        assert!(it.more.iter().any(|paragraph| paragraph.text.starts_with("This was encoded twice. The login is")));
        assert!(it.more.iter().any(|paragraph| paragraph.text.contains("yours has <nuls> NUL.")));
        assert_eq!(entry("P99"), None);
    }
}
