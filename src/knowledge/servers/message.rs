//! The messages of well-known servers: which one a refusal is.

use std::sync::LazyLock;

use regex::bytes::RegexSet;

use super::{Message, Server, compile, table};

static MESSAGES: LazyLock<RegexSet> =
    LazyLock::new(|| compile(table().message.iter().map(|message| message.pattern.as_str())));

/// A reply as messages are matched: the code, the enhanced code, and the text without either, lines joined by a space.
#[derive(Debug, Clone, Default)]
pub struct Normal {
    /// The reply code.
    pub code: u16,
    /// The enhanced code as written, empty if there is none.
    pub enhanced: String,
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
    let enhanced = message.enhanced.is_empty() || message.enhanced.iter().any(|form| covers(form, &reply.enhanced));
    code && enhanced
}

/// Whether `form` (one code, `""`, or a range as `5.7.500-5.7.699`) covers `enhanced`.
fn covers(form: &str, enhanced: &str) -> bool {
    if form == enhanced {
        return true;
    }
    let Some((low, high)) = form.split_once('-') else { return false };
    let (Some(low), Some(high), Some(at)) = (triple(low), triple(high), triple(enhanced)) else { return false };
    low <= at && at <= high
}

fn triple(text: &str) -> Option<(u16, u16, u16)> {
    let mut parts = text.splitn(3, '.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests;
