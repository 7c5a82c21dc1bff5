//! The letter as it was at a point of its way: its header, and who added what.

use crate::mail::field;
use crate::mail::received::Received;
use crate::ports::lab::Step;
use crate::session::journey::{Journey, Opens};
use crate::ui::remote;
use crate::ui::text::{Role, Run, clip, wrap_words};

use super::{Map, short};

/// The header at the selected row: as it went over that link, as the host there keeps it, or as it lies in the mailbox;
/// else as it last was on the way there. Empty if nothing of it is kept.
fn header(map: &Map<'_>, journey: &Journey<'_>) -> Vec<u8> {
    let path = journey.path(map.row);
    let until = path.iter().position(|at| *at == map.row).unwrap_or_default();
    let found = path.iter().take(until + 1).rev().find_map(|at| {
        let header = header_at(map, journey, *at);
        Some(header).filter(|header| !header.is_empty())
    });
    found.unwrap_or_default()
}

fn header_at(map: &Map<'_>, journey: &Journey<'_>, at: usize) -> Vec<u8> {
    let Some(row) = journey.rows.get(at) else { return Vec::new() };
    match map.model.opens(row) {
        Some(Opens::Letter(place)) => {
            let letter = map.model.letters().get(place).map(|letter| field::halves(&letter.letter).0.to_vec());
            letter.unwrap_or_default()
        }
        Some(Opens::Session(_)) if row.enters() => {
            let brought = map.model.brought(&row.news.id);
            brought.map(|(session, letter)| session.header_of(Some(letter.exchange))).unwrap_or_default()
        }
        // What a host sends on is what it keeps, and it keeps what it did not get rid of.
        _ => journey.header(&row.news.id).unwrap_or_default().to_vec(),
    }
}

/// What the first host says of how it got the letter.
pub(super) fn first_hop(journey: &Journey<'_>) -> Option<Received> {
    let first = journey.rows.first().filter(|row| row.enters())?;
    let (fields, _) = field::split(journey.header(&first.news.id)?);
    let mut hops = fields.into_iter().filter_map(|it| field::value(it, b"Received"));
    hops.next().map(Received::read).filter(|hop| hop.by == first.news.host)
}

/// How many Received lines the letter has at the selected row.
pub(super) fn received(map: &Map<'_>, journey: &Journey<'_>) -> usize {
    field::count(&header(map, journey), b"Received")
}

/// The subject, as far as the letter is kept.
pub(super) fn subject(map: &Map<'_>, journey: &Journey<'_>) -> Option<String> {
    let mut headers = (0..journey.rows.len().min(2)).map(|at| header_at(map, journey, at));
    let subject = headers.find_map(|header| field::first(&header, b"Subject"))?;
    Some(clip(&remote::text(&subject), 30, true)).filter(|subject| !subject.is_empty())
}

/// The fields from the top, each with the host that added it where that is known.
pub(super) fn lines(map: &Map<'_>, journey: &Journey<'_>, room: usize) -> Vec<Vec<Run>> {
    let header = header(map, journey);
    let mut lines = Vec::new();
    if let Some(host) = to_come(map, journey) {
        let text = format!("(a Received line is to come: {} adds it when it takes the letter)", short(host));
        lines.extend(wrap_words(&[Run::new(text, Role::Quiet)], room));
    }
    if header.is_empty() {
        lines.push(vec![Run::new("Nothing of the letter is kept here.", Role::Quiet)]);
        return lines;
    }
    let (fields, _) = field::split(&header);
    for field in fields {
        let text = remote::text(&joined(field));
        let by = field::value(field, b"Received").map(Received::read).filter(|hop| !hop.by.is_empty());
        let role = if by.is_some() { Role::Heading } else { Role::Text };
        for (index, mut part) in wrap_words(&[Run::new(text, role)], room.saturating_sub(2)).into_iter().enumerate() {
            if index > 0 {
                part.insert(0, Run::new("  ", Role::Text));
            }
            lines.push(part);
        }
        if let Some(hop) = by {
            let text = format!("  added by {}", remote::shown(short(&hop.by)));
            lines.push(vec![Run::new(text, Role::Note)]);
        }
    }
    lines
}

/// The host that has not taken the letter at the selected row.
fn to_come<'a>(map: &Map<'_>, journey: &Journey<'a>) -> Option<&'a str> {
    let row = journey.rows.get(map.row)?;
    match &row.news.step {
        Step::Hop { to, .. } if to.is_empty() => row.leads_to(),
        Step::Tried { .. } | Step::Calls { .. } => row.leads_to(),
        _ => None,
    }
}

/// A field on one line.
fn joined(field: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = field.split(|octet| *octet == b'\n').map(<[u8]>::trim_ascii).collect();
    lines.join(&b' ').trim_ascii().to_vec()
}
