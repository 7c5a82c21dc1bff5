//! P18: the header of a letter that was accepted.

use std::borrow::Cow;

use crate::dialogue::envelope::path_of;
use crate::dialogue::row::{Part, Row, RowId};
use crate::knowledge::fields;

use super::Finding;
use super::scene::{Scene, domain_of, without_end};

/// Lines of a header that are looked at.
const LINES: usize = 512;

/// P18: a letter was taken that is not what it seems.
pub(super) fn not_what_it_seems(scene: &Scene<'_>) -> Option<Finding> {
    if !scene.is_verdict() || !scene.exchange.succeeded() {
        return None;
    }
    let mail = scene.mail_line().unwrap_or_default();
    let (first, row, part) = scene.letter().next()?;
    if part != Part::Header || fields::name_of(&scene.bytes(row)).is_none() {
        return Some(Finding::of("P18", "no-header").with("mail", mail).shown_by([first]));
    }
    if let Some((odd, row)) = lines(scene).find(|(_, row)| !is_header_line(&scene.bytes(row))) {
        let line = scene.bytes(row).trim_ascii_end().to_vec();
        return Some(Finding::of("P18", "no-blank").with("mail", mail).with("line", line).shown_by([odd]));
    }
    let header = Header::of(scene);
    let missing = header.missing(|| scene.is_logged_in());
    if !missing.is_empty() {
        return Some(Finding::of("P18", "fields").with("missing", missing).with("mail", mail).shown_by([first]));
    }
    other_to(scene, &header)
}

/// Somebody asks why a letter has not arrived that was taken.
pub(super) fn asked(scene: &Scene<'_>) -> Option<Finding> {
    if !scene.is_verdict() || !scene.exchange.succeeded() {
        return None;
    }
    let host = scene.opened().map_or("the server", |opened| &opened.host);
    let stored = queue_id(&scene.text).map(|id| [b" as ", id].concat()).unwrap_or_default();
    let sender = path_of(&scene.mail_line().unwrap_or_default());
    let found = Finding::of("P18", "asked").with("host", host).with("as", stored);
    let found = if sender.is_empty() { found.with("sender", "nobody") } else { found.with("sender", sender) };
    let envelope = scene.envelope();
    let mut accepted = envelope.recipients.into_iter().filter(|recipient| recipient.succeeded());
    let recipient = accepted.next().map(|recipient| without_end(scene.line_of(recipient)));
    // Only what the server offers is proposed, and what was asked for is not asked for twice.
    let asks = |line: &[u8]| memchr::memmem::find(&line.to_ascii_uppercase(), b" NOTIFY=").is_some();
    Some(match recipient.filter(|line| scene.offers("DSN") && !asks(line)) {
        Some(line) => found.with("rcpt", line),
        None => found,
    })
}

/// The id under which a server says that it has stored a letter: `queued as 4D1FF`, `id=1tF4Xs-0001b-2C`, or the first
/// word before `Message accepted`.
fn queue_id(text: &[u8]) -> Option<&[u8]> {
    let lower = text.to_ascii_lowercase();
    let behind = |words: &[u8]| memchr::memmem::find(&lower, words).and_then(|at| text.get(at + words.len()..));
    let accepted = || memchr::memmem::find(&lower, b" message accepted").and_then(|at| text.get(..at));
    let id = behind(b"queued as ").or_else(|| behind(b" id=")).or_else(accepted)?;
    let end = id.iter().position(|octet| !(octet.is_ascii_alphanumeric() || b"-._".contains(octet)));
    id.get(..end.unwrap_or(id.len())).filter(|id| !id.is_empty())
}

/// The letter was taken for somebody whom its header does not name.
fn other_to(scene: &Scene<'_>, header: &Header<'_>) -> Option<Finding> {
    let (row, to) = header.fields(b"To").chain(header.fields(b"Cc")).next()?;
    let envelope = scene.envelope();
    let accepted = envelope.recipients.into_iter().filter(|recipient| recipient.succeeded());
    let paths: Vec<_> = accepted.map(|recipient| (recipient.row, path_of(&scene.line_of(recipient)))).collect();
    let named =
        |path: &[u8]| [&b"To"[..], b"Cc"].iter().any(|name| header.fields(name).any(|(_, to)| holds(&to, path)));
    let (recipient, path) = paths.first()?;
    // One of several that the header names is enough: the others may be a Bcc or on a list.
    if path.is_empty() || paths.iter().any(|(_, path)| named(path)) {
        return None;
    }
    let found = Finding::of("P18", "other-to").with("path", path).with("to", to.trim_ascii());
    Some(found.shown_by([row, *recipient]))
}

/// The domain of the From field of the letter that a verdict is about; empty if it has none.
pub(super) fn from_domain(scene: &Scene<'_>) -> Vec<u8> {
    let header = Header::of(scene);
    let from = header.fields(b"From").next().map(|(_, from)| from).unwrap_or_default();
    let end = |octet: &u8| octet.is_ascii_whitespace() || b">,;(".contains(octet);
    let domain = domain_of(from.trim_ascii());
    domain.split(end).next().unwrap_or_default().to_vec()
}

/// The fields of a header, unfolded.
struct Header<'a>(Vec<(RowId, Cow<'a, [u8]>)>);

impl<'a> Header<'a> {
    /// The header of the letter that a verdict is about.
    fn of(scene: &Scene<'a>) -> Self {
        let mut fields: Vec<(RowId, Cow<'a, [u8]>)> = Vec::new();
        for (id, row) in lines(scene) {
            let line = scene.bytes(row);
            match fields.last_mut().filter(|_| continues(&line)) {
                Some((_, field)) => field.to_mut().extend_from_slice(&line),
                None => fields.push((id, line)),
            }
        }
        Self(fields)
    }

    /// The values of all fields of this name, with the rows that they begin in.
    fn fields(&self, name: &'static [u8]) -> impl Iterator<Item = (RowId, Cow<'_, [u8]>)> {
        self.0.iter().filter_map(move |(row, field)| {
            let found = fields::name_of(field).filter(|found| found.eq_ignore_ascii_case(name))?;
            Some((*row, Cow::Borrowed(field.get(found.len() + 1..)?)))
        })
    }

    /// The fields that a letter needs and that are not there, in words (RFC 5322 §3.6). Where users log in the server
    /// adds Date and Message-ID itself (RFC 6409 §8.2, §8.3).
    fn missing(&self, completed: impl FnOnce() -> bool) -> String {
        let lacks = |name: &&'static str| self.fields(name.as_bytes()).next().is_none();
        let mut missing: Vec<_> = ["From", "Date", "Message-ID"].into_iter().filter(lacks).collect();
        // Whether somebody is logged in takes a look back over the session.
        if missing.iter().any(|name| *name != "From") && completed() {
            missing.retain(|name| *name == "From");
        }
        missing.join(", ")
    }
}

/// The lines of the header of the letter.
fn lines<'a>(scene: &Scene<'a>) -> impl Iterator<Item = (RowId, &'a Row)> {
    let header = scene.letter().take(LINES).take_while(|(.., part)| *part == Part::Header);
    header.map(|(id, row, _)| (id, row))
}

/// A field, or white space that continues one (RFC 5322 §2.2.3).
fn is_header_line(line: &[u8]) -> bool {
    continues(line) || fields::name_of(line).is_some()
}

fn continues(line: &[u8]) -> bool {
    line.starts_with(b" ") || line.starts_with(b"\t")
}

/// True if a field names an address, whatever the case of its letters.
fn holds(field: &[u8], path: &[u8]) -> bool {
    memchr::memmem::find(&field.to_ascii_lowercase(), &path.to_ascii_lowercase()).is_some()
}
