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
    compile(r#"(?:: | \(|stat=|reject=|LED=|,<,"?|C=")([245]\d\d[ -](?:[245]\.\d{1,3}\.\d{1,3}\b|[A-Za-z<#]))"#)
});

/// A status code and words, where there was no reply: `dsn=4.4.1, status=deferred (connect to …)`, `stat=Deferred: …`, and
/// what a milter of Postfix says.
static STATUS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(
        r"dsn=([245]\.\d{1,3}\.\d{1,3}), (?:status=[a-z]+(?: \((.+)\)$)?|stat=(.+)$)|-reject: \S+ from [^;]*?: ([45]\.\d{1,3}\.\d{1,3}) ([^;]+)",
    )
});

/// What Exim says in words alone: `** pat@x.test …: Unrouteable address`, `== … defer (110): …`, `rejected RCPT <…>: …`.
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    compile(
        r" (?:(\*\*) [^\s:]+@\S+?(?: <[^>]*>)?(?: [A-Z]=[^:]*?)*: (.+)$|== \S+@.* (defer) \(-?\d+\):? (.+)$|(temporarily rejected|rejected) (?:RCPT <[^>]*>|after \S+|EHLO or HELO \S+|MAIL):? (.+)$)",
    )
});

/// What stands behind a reply and is none of it.
const BEHIND: [&[u8]; 5] = [b" (in reply to ", b"; from=<", b"};{", b"\" ", b",\""];

/// Lines by which a log is told.
const FIRST: usize = 16;

fn compile(expression: &str) -> Option<Regex> {
    regex::bytes::RegexBuilder::new(expression).unicode(false).build().ok()
}

/// What a line tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// 2, 4 or 5.
    pub class: u8,
    /// A reply from its code on, or a status code alone; empty where the log has words only.
    pub reply: &'a [u8],
    /// The words of the log where there is no reply.
    pub words: &'a [u8],
}

/// True for a line that begins as those of logs do; what a client wrote of its own conversation is no log of a server.
pub fn is_line(text: &[u8]) -> bool {
    let is_clients =
        || [&b"CLIENT -> SERVER:"[..], b"SERVER -> CLIENT:"].iter().any(|it| memmem::find(text, it).is_some());
    STAMP.as_ref().is_some_and(|stamp| stamp.is_match(text)) && !is_clients()
}

/// True for a text that begins as logs do: half of its first lines are of one, without comments as those of Exchange.
pub fn begins(text: &[u8]) -> bool {
    let lines = text.split(|octet| *octet == b'\n').map(<[u8]>::trim_ascii);
    let lines: Vec<_> = lines.filter(|line| !line.is_empty() && !line.starts_with(b"#")).take(FIRST).collect();
    let many = lines.iter().filter(|line| is_line(line)).count();
    many > 0 && many * 2 >= lines.len()
}

/// The reply that a line of a log tells of, if it does.
pub fn entry(text: &[u8]) -> Option<Entry<'_>> {
    let text = text.trim_ascii_end();
    if let Some(found) = REPLY.as_ref()?.captures(text).and_then(|found| found.get(1)) {
        let reply = text.get(found.start()..)?;
        let bracketed = found.start().checked_sub(1).and_then(|before| text.get(before)) == Some(&b'(');
        let reply = cut(reply, bracketed || text.ends_with(b")"));
        return Some(Entry { class: class(reply), reply, words: b"" });
    }
    if let Some(found) = STATUS.as_ref()?.captures(text) {
        let group = |number| found.get(number).map_or(&b""[..], |group: regex::bytes::Match<'_>| group.as_bytes());
        let (reply, words) = if group(4).is_empty() {
            (group(1), if group(2).is_empty() { group(3) } else { group(2) })
        } else {
            (group(4), group(5))
        };
        return Some(Entry { class: class(reply), reply, words });
    }
    let found = WORDS.as_ref()?.captures(text)?;
    let group = |number| found.get(number).map_or(&b""[..], |group: regex::bytes::Match<'_>| group.as_bytes());
    let (sign, words) = [(1, 2), (3, 4), (5, 6)]
        .into_iter()
        .map(|(sign, words)| (group(sign), group(words)))
        .find(|(sign, _)| !sign.is_empty())?;
    let class = if matches!(sign, b"defer" | b"temporarily rejected") { 4 } else { 5 };
    Some(Entry { class, reply: b"", words })
}

fn class(reply: &[u8]) -> u8 {
    reply.first().map_or(0, |digit| digit.wrapping_sub(b'0'))
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
    let reply = reply.strip_suffix(b",").unwrap_or(reply);
    reply.strip_suffix(b"\"").unwrap_or(reply)
}
