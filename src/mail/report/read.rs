//! Reading a report back, whoever made it: the fields of the part that holds them, also where the letter is no
//! `multipart/report`, where that part is encoded, and where fields are missing that must not be.

use super::{Action, Recipient, Report};
use crate::mail::content::unencoded;
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
        let is_multipart = kind_of(&kind).starts_with("multipart/");
        let boundary = parameter(&kind, "boundary").filter(|boundary| is_multipart && !boundary.is_empty())?;
        let parts: Vec<_> = pieces(body, &boundary).into_iter().map(Part::of).collect();
        let is_status = |part: &Part<'_>| {
            matches!(part.kind.as_str(), "message/delivery-status" | "message/global-delivery-status")
        };
        let at = parts.iter().position(is_status)?;
        let status = parts.get(at)?;
        let returned = parts.get(at + 1).map(|part| match part.kind.as_str() {
            "text/rfc822-headers" | "message/global-headers" => Returned::Header(part.body),
            _ => Returned::Whole(part.body),
        });
        let words = parts.first().filter(|_| at > 0).map_or(&b""[..], |part| part.body);
        let kinds = parts.iter().map(|part| part.kind.clone()).collect();
        Some(Found { report: Self::fields_of(&unencoded(status.body, &status.encoding))?, words, returned, kinds })
    }

    /// The report whose fields stand in a text, with other things around them: without the letter, or in its words.
    pub fn fields_of(text: &[u8]) -> Option<Self> {
        let groups = groups(text);
        let letter = groups.iter().find(|group| field::first(group, b"Reporting-MTA").is_some());
        let value = |name: &[u8]| letter.and_then(|group| value(group, name));
        let recipients: Vec<_> = groups.iter().filter_map(|group| recipient(group)).collect();
        (letter.is_some() || !recipients.is_empty()).then(|| Self {
            reporting: letter.and_then(|group| typed(group, b"Reporting-MTA")).unwrap_or_default(),
            envelope_id: value(b"Original-Envelope-Id"),
            arrival: value(b"Arrival-Date"),
            recipients,
        })
    }
}

/// A part of a multipart.
struct Part<'a> {
    kind: String,
    encoding: String,
    body: &'a [u8],
}

impl<'a> Part<'a> {
    fn of(octets: &'a [u8]) -> Self {
        let (header, body) = field::halves(octets);
        // Without a type it is plain text (RFC 2045 §5.2).
        let kind = field::first(header, b"Content-Type").map_or_else(|| "text/plain".into(), text);
        let encoding = field::first(header, b"Content-Transfer-Encoding").map_or_else(String::new, text);
        Self { kind: kind_of(&kind), encoding: encoding.to_ascii_lowercase(), body }
    }
}

/// A recipient, if it is said who and what became of it. What is done and how it stands follow from each other and from
/// what the server said, where one of them is missing.
fn recipient(group: &[u8]) -> Option<Recipient> {
    let address = typed(group, b"Final-Recipient").or_else(|| typed(group, b"Original-Recipient"))?;
    let diagnostic = typed(group, b"Diagnostic-Code");
    let action = value(group, b"Action");
    let action = action.and_then(|name| Action::ALL.into_iter().find(|it| it.name().eq_ignore_ascii_case(&name)));
    let stated = value(group, b"Status").unwrap_or_default();
    let (code, comment) = stated.split_once(char::is_whitespace).unwrap_or((&stated, ""));
    let said = || diagnostic.as_deref().unwrap_or_default().split_ascii_whitespace();
    let status = Status::parse(code.as_bytes()).or_else(|| said().find_map(|word| Status::parse(word.as_bytes())));
    let status = status.or_else(|| action.map(|action| Status { class: action.class(), subject: 0, detail: 0 }))?;
    let by_class = || Action::ALL.into_iter().find(|it| it.class() == status.class);
    Some(Recipient {
        original: value(group, b"Original-Recipient"),
        address: address.trim_matches(['<', '>']).to_owned(),
        action: action.or_else(by_class)?,
        status,
        why: unescaped(comment),
        remote: typed(group, b"Remote-MTA"),
        diagnostic,
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

/// What stands behind the type: `dns; mx1.harbor.test`; all of it where the type is missing.
fn typed(group: &[u8], name: &[u8]) -> Option<String> {
    let value = value(group, name)?;
    let is_type = |kind: &str| !kind.trim().contains([' ', '<', '@']);
    let typed = value.split_once(';').filter(|(kind, _)| is_type(kind)).map_or(value.as_str(), |(_, typed)| typed);
    Some(typed.trim().to_owned()).filter(|typed| !typed.is_empty())
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
