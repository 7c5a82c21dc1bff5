//! Reply texts of well-known servers (`messages.toml`): which one a refusal is.
//!
//! They are looked up before the registry, because big providers give registered codes a meaning of their own. The
//! expressions are compiled at the first refusal, or ahead of it by `warm`, never on the start path.

use std::sync::LazyLock;

use regex::bytes::RegexSet;
use serde::Deserialize;

use super::servers::Server;
use super::table::{Meta, compile, load};
use crate::smtp::status::Status;

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/messages.toml")));

static MESSAGES: LazyLock<RegexSet> =
    LazyLock::new(|| compile(table().message.iter().map(|message| message.pattern.as_str())));

/// The table of messages.
pub fn table() -> &'static Table {
    &TABLE
}

/// All that `messages.toml` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Source, counts and how to match.
    pub meta: Meta,
    /// Who must act.
    pub who: Vec<Named>,
    /// What kind of trouble.
    pub category: Vec<Named>,
    /// The messages.
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

/// A reply as messages are matched: the code, the enhanced code, and the text without either, lines joined by a space.
#[derive(Debug, Clone, Default)]
pub struct Normal {
    /// The reply code.
    pub code: u16,
    /// The enhanced code of the first line that has one.
    pub status: Option<Status>,
    /// The text.
    pub text: Vec<u8>,
}

/// The message that a refusal is, in the order of the table's look-up rule: messages of the recognised server, then
/// those that name their server themselves, then those of any server. Replies of success have none.
pub fn message(reply: &Normal, server: Option<&Server>) -> Option<&'static Message> {
    if reply.code < 400 {
        return None;
    }
    let hits = MESSAGES.matches(&reply.text);
    let all = || hits.iter().filter_map(|index| table().message.get(index)).filter(|message| fits(message, reply));
    let own = |message: &&Message| server.is_some_and(|server| server.id == message.server);
    let rank = |message: &&'static Message| match message {
        message if own(message) => 0,
        message if message.distinct => 1,
        message if message.server == "any" => 2,
        _ => 3,
    };
    all().filter(|message| rank(message) < 3).min_by_key(rank)
}

/// The server whose words a refusal has, where nothing else is known of it: one kind of server has these words alone, or
/// none is named.
pub fn whose(reply: &Normal) -> Option<&'static str> {
    if reply.code < 400 {
        return None;
    }
    let hits = MESSAGES.matches(&reply.text);
    let all = hits.iter().filter_map(|index| table().message.get(index)).filter(|message| fits(message, reply));
    let mut servers = all.filter(|message| message.server != "any").map(|message| message.server.as_str());
    let first = servers.next()?;
    servers.all(|other| other == first).then_some(first)
}

/// The message that a text is, whatever its code: those that name their server, then those of one server, then those of
/// any. Other messages that have the same words stand behind it.
pub fn of_text(text: &[u8]) -> Vec<&'static Message> {
    let hits = MESSAGES.matches(text);
    let mut all: Vec<&Message> = hits.iter().filter_map(|index| table().message.get(index)).collect();
    all.sort_by_key(|message| (!message.distinct, message.server == "any"));
    all
}

/// Compiles the expressions ahead of their first use.
pub(super) fn warm() {
    MESSAGES.is_match(b"");
}

/// Whether code and enhanced code are among those the message comes with.
fn fits(message: &Message, reply: &Normal) -> bool {
    let code = message.codes.is_empty() || message.codes.contains(&reply.code);
    let enhanced = message.enhanced.is_empty() || message.enhanced.iter().any(|form| covers(form, reply.status));
    code && enhanced
}

/// Whether `form` (one code, `""` for none, or a range as `5.7.500-5.7.699`) covers `status`.
fn covers(form: &str, status: Option<Status>) -> bool {
    let Some(status) = status else { return form.is_empty() };
    let bound = |text: &str| Status::parse(text.as_bytes());
    match form.split_once('-') {
        Some((low, high)) => bound(low) <= Some(status) && bound(high).is_some_and(|high| status <= high),
        None => bound(form) == Some(status),
    }
}

#[cfg(test)]
mod tests;
