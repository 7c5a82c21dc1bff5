//! The messages of well-known servers: which one a refusal is.

use std::sync::LazyLock;

use regex::bytes::RegexSet;

use super::{Message, Server, compile, table};
use crate::smtp::status::Status;

static MESSAGES: LazyLock<RegexSet> =
    LazyLock::new(|| compile(table().message.iter().map(|message| message.pattern.as_str())));

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
