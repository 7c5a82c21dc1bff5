//! One line of a log: whether it is one, and the reply in it.

use std::sync::LazyLock;

use memchr::memmem;
use regex::bytes::Regex;

/// How lines of logs begin: `Nov 30 05:12:01 host`, `2026-11-30T05:12:01…`, `2026-11-30 05:12:01 …`.
static STAMP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(
        r"^(?:<\d{1,3}>)?(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)",
    )
});

/// A reply, behind what logs write before one.
static REPLY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(r#"(?:: | \(|stat=|reject=|LED=|,<,|C=")([245]\d\d[ -](?:[245]\.\d{1,3}\.\d{1,3}\b|[A-Za-z<#]))"#)
});

/// What Postfix and Sendmail say where there was no reply: `dsn=4.4.1, status=deferred (connect to …)`.
static STATUS: LazyLock<Option<Regex>> =
    LazyLock::new(|| compile(r"dsn=([245]\.\d{1,3}\.\d{1,3}), stat(?:us)?=[A-Za-z]+"));

/// What stands behind a reply and is none of it.
const BEHIND: [&[u8]; 5] = [b" (in reply to ", b"; from=<", b"};{", b"\" ", b",\""];

fn compile(expression: &str) -> Option<Regex> {
    regex::bytes::RegexBuilder::new(expression).unicode(false).build().ok()
}

/// What a line tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// A reply from its code on, or a status code alone.
    pub reply: &'a [u8],
}

impl Entry<'_> {
    /// 2, 4 or 5.
    pub fn class(&self) -> Option<u8> {
        self.reply.first().map(|digit| digit.wrapping_sub(b'0'))
    }
}

/// True for a line that begins as those of logs do.
pub fn is_line(text: &[u8]) -> bool {
    STAMP.as_ref().is_some_and(|stamp| stamp.is_match(text))
}

/// The reply that a line of a log tells of, if it does.
pub fn entry(text: &[u8]) -> Option<Entry<'_>> {
    if let Some(found) = REPLY.as_ref()?.captures(text).and_then(|found| found.get(1)) {
        let reply = text.get(found.start()..)?;
        let bracketed = found.start().checked_sub(1).and_then(|before| text.get(before)) == Some(&b'(');
        return Some(Entry { reply: cut(reply, bracketed || text.ends_with(b")")) });
    }
    let status = STATUS.as_ref()?.captures(text)?.get(1)?;
    Some(Entry { reply: status.as_bytes() })
}

/// A reply without what the log says behind it.
fn cut(reply: &[u8], bracketed: bool) -> &[u8] {
    let end = BEHIND.iter().filter_map(|behind| memmem::find(reply, behind)).min();
    let reply = end.and_then(|end| reply.get(..end)).unwrap_or(reply).trim_ascii_end();
    let open = |octet: u8| memchr::memchr_iter(octet, reply).count();
    let reply = match reply.strip_suffix(b")") {
        Some(inner) if bracketed && open(b')') > open(b'(') => inner,
        _ => reply,
    };
    reply.strip_suffix(b",").or_else(|| reply.strip_suffix(b"\"")).unwrap_or(reply)
}
