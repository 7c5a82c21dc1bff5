//! Tag lists: `tag-list = tag-spec *( ";" tag-spec ) [ ";" ]`, `tag-spec = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]`
//! (RFC 6376 §3.2). DMARC, MTA-STS and TLS-RPT records are written the same way.

use std::ops::Range;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::{Parsed, Policy, Tag, Trouble, shown};

/// The tags of a list in order, each with its value; what is no `tag=value` is left out.
pub fn pairs(text: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut start = 0;
    text.split(|octet| *octet == b';').filter_map(move |piece| {
        let whole = trim(text, start..start + piece.len());
        start += piece.len() + 1;
        let (name, value) = read(text, &whole)?;
        Some((text.get(name)?, text.get(value)?))
    })
}

/// The octets of a value in base64; white space inside it does not count (RFC 6376 §3.2).
pub fn octets(value: &[u8]) -> Option<Vec<u8>> {
    let compact: Vec<u8> = value.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
    BASE64_STANDARD.decode(compact).ok()
}

/// A tag that a policy defines: its key in the reference tables.
pub(super) type Known = &'static str;

/// Splits a record into tags. `bad` is the diagnostic id for what cannot be read.
pub(super) fn parse(policy: Policy, text: &[u8], known: &[Known], bad: &'static str, cite: &'static str) -> Parsed {
    let mut parsed = Parsed::new(policy, text);
    let mut start = 0;
    for piece in text.split(|octet| *octet == b';') {
        let whole = trim(text, start..start + piece.len());
        start += piece.len() + 1;
        if whole.is_empty() {
            continue;
        }
        let readable = read(text, &whole);
        let (name, value) = readable.clone().unwrap_or_else(|| (whole.clone(), whole.end..whole.end));
        let tag = Tag { key: None, span: whole, name, value, flaw: None };
        if readable.is_some() {
            take(&mut parsed, known, bad, cite, tag);
        } else {
            parsed.tags.push(tag);
            let index = parsed.tags.len() - 1;
            let says = format!("'{}' is no tag=value.", parsed.quote(index));
            parsed.blame(index, Trouble::warning(bad, cite, says));
        }
    }
    parsed
}

fn read(text: &[u8], whole: &Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let equals = whole.start + text.get(whole.clone())?.iter().position(|octet| *octet == b'=')?;
    Some((trim(text, whole.start..equals), trim(text, equals + 1..whole.end)))
}

fn take(parsed: &mut Parsed, known: &[Known], bad: &'static str, cite: &'static str, mut tag: Tag) {
    let name = parsed.slice(&tag.name).to_ascii_lowercase();
    tag.key = known.iter().copied().find(|key| key.as_bytes() == name);
    let twice = tag.key.is_some() && parsed.tags.iter().any(|before| before.key == tag.key);
    parsed.tags.push(tag);
    if twice {
        let says = format!("The tag {}= stands more than once.", shown(&name));
        parsed.blame(parsed.tags.len() - 1, Trouble::warning(bad, cite, says));
    }
}

/// The range without white space at its ends.
fn trim(text: &[u8], range: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = range;
    let blank = |at: usize| text.get(at).is_some_and(|octet| b" \t\r\n".contains(octet));
    while start < end && blank(start) {
        start += 1;
    }
    while start < end && blank(end - 1) {
        end -= 1;
    }
    start..end
}

/// Demands that the first tag is `v=` with exactly this value.
pub(super) fn version_first(parsed: &mut Parsed, version: &str, bad: &'static str, cite: &'static str) {
    let fine =
        parsed.tags.first().is_some_and(|tag| tag.key == Some("v") && parsed.slice(&tag.value) == version.as_bytes());
    if !fine {
        let says = format!("The record must begin with v={version}, spelled just so; else it is ignored.");
        parsed.blame(0, Trouble::error(bad, cite, says));
    }
}

/// The items of a list value, by place.
pub(super) fn items(parsed: &Parsed, index: usize, separator: u8) -> Vec<Range<usize>> {
    let Some(tag) = parsed.tags.get(index) else { return Vec::new() };
    let mut start = tag.value.start;
    let mut found = Vec::new();
    for piece in parsed.slice(&tag.value).split(|octet| *octet == separator) {
        found.push(trim(&parsed.text, start..start + piece.len()));
        start += piece.len() + 1;
    }
    found
}
