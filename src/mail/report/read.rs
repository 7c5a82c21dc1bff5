//! Reading a report back: any `multipart/report` of type `delivery-status`, whoever made it.

use super::{Action, Recipient, Report};
use crate::mail::field;
use crate::mail::mime::{kind_of, parameter, pieces, text};
use crate::smtp::status::Status;

/// A report as it was found in a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'a> {
    /// What it says.
    pub report: Report,
    /// The part for people.
    pub words: &'a [u8],
    /// What came back of the letter.
    pub returned: Option<Returned<'a>>,
    /// The types of the parts, in order, in lower case.
    pub kinds: Vec<String>,
}

/// What came back of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// Its header.
    Header(&'a [u8]),
}

impl Report {
    /// The report that a letter is; `None` if it is none. Fields that are wrong or missing are left out, recipients of
    /// whom nothing can be told as well.
    pub fn read(letter: &[u8]) -> Option<Found<'_>> {
        let (header, body) = field::halves(letter);
        let kind = text(field::first(header, b"Content-Type")?);
        let is_report = kind_of(&kind) == "multipart/report"
            && parameter(&kind, "report-type").is_some_and(|kind| kind.eq_ignore_ascii_case("delivery-status"));
        let boundary = parameter(&kind, "boundary").filter(|boundary| is_report && !boundary.is_empty())?;
        let parts: Vec<_> = pieces(body, &boundary).into_iter().map(Part::of).collect();
        let [words, status, rest @ ..] = parts.as_slice() else { return None };
        if !matches!(status.kind.as_str(), "message/delivery-status" | "message/global-delivery-status") {
            return None;
        }
        let returned = rest.first().map(|part| match part.kind.as_str() {
            "text/rfc822-headers" | "message/global-headers" => Returned::Header(part.body),
            _ => Returned::Whole(part.body),
        });
        let kinds = parts.iter().map(|part| part.kind.clone()).collect();
        Some(Found { report: report(status.body)?, words: words.body, returned, kinds })
    }
}

/// A part of a multipart.
struct Part<'a> {
    kind: String,
    body: &'a [u8],
}

impl<'a> Part<'a> {
    fn of(octets: &'a [u8]) -> Self {
        let (header, body) = field::halves(octets);
        // Without a type it is plain text (RFC 2045 §5.2).
        let kind = field::first(header, b"Content-Type").map_or_else(|| "text/plain".into(), text);
        Self { kind: kind_of(&kind), body }
    }
}

/// The fields of a report, from its groups.
fn report(body: &[u8]) -> Option<Report> {
    let mut groups = groups(body).into_iter();
    let letter = groups.next()?;
    Some(Report {
        reporting: typed(&letter, b"Reporting-MTA")?,
        envelope_id: value(&letter, b"Original-Envelope-Id"),
        arrival: value(&letter, b"Arrival-Date"),
        recipients: groups.filter_map(|group| recipient(&group)).collect(),
    })
}

fn recipient(group: &[u8]) -> Option<Recipient> {
    let action = value(group, b"Action")?;
    let status = value(group, b"Status")?;
    let (code, comment) = status.split_once(char::is_whitespace).unwrap_or((&status, ""));
    Some(Recipient {
        original: value(group, b"Original-Recipient"),
        address: typed(group, b"Final-Recipient")?,
        action: Action::ALL.into_iter().find(|it| it.name().eq_ignore_ascii_case(&action))?,
        status: Status::parse(code.as_bytes())?,
        why: unescaped(comment),
        remote: typed(group, b"Remote-MTA"),
        diagnostic: typed(group, b"Diagnostic-Code"),
        last_attempt: value(group, b"Last-Attempt-Date"),
        log_id: value(group, b"Final-Log-ID"),
        retry_until: value(group, b"Will-Retry-Until"),
    })
}

/// Groups of fields, with empty lines between them.
fn groups(body: &[u8]) -> Vec<Vec<u8>> {
    let mut groups = vec![Vec::new()];
    for line in body.split_inclusive(|octet| *octet == b'\n') {
        match groups.last_mut() {
            Some(group) if !line.trim_ascii().is_empty() => group.extend_from_slice(line),
            Some(group) if group.is_empty() => {}
            _ => groups.push(Vec::new()),
        }
    }
    groups.retain(|group| !group.is_empty());
    groups
}

fn value(group: &[u8], name: &[u8]) -> Option<String> {
    field::first(group, name).map(text)
}

/// What stands behind the type: `dns; mx1.harbor.test`.
fn typed(group: &[u8], name: &[u8]) -> Option<String> {
    let value = value(group, name)?;
    let (_, typed) = value.split_once(';')?;
    Some(typed.trim().to_owned())
}

/// A comment without its brackets.
fn unescaped(comment: &str) -> Option<String> {
    let inner = comment.trim().strip_prefix('(')?.strip_suffix(')')?;
    let mut text = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        text.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    Some(text)
}
