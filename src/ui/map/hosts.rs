//! The hosts of a way as boxes, with the links between them.

use crate::ports::lab::Step;
use crate::session::journey::{Journey, Row};
use crate::ui::remote;
use crate::ui::text::{Pen, Role, clip, width};

use super::words::{self, Secured, secured};
use super::{Map, short};

/// A host in the way.
struct Stop {
    name: String,
    address: String,
    /// What it said last about the letter, with its sign.
    said: (String, Role),
    /// How the letter came here; nothing for the first one.
    link: Option<Link>,
    /// The row that leads here is the selected one.
    selected: bool,
    more: String,
}

struct Link {
    port: u16,
    secured: Secured,
}

/// Draws as many boxes as there is room for, the selected one among them.
pub(super) fn draw(map: &Map<'_>, journey: &Journey<'_>, pen: &mut Pen<'_>) {
    let stops = stops(map, journey, pen.ascii());
    let large = pen.height() >= 6;
    let (wide, gap) = if large { (26, 14) } else { (16, 5) };
    let fit = ((pen.width() + gap) / (wide + gap)).max(1);
    let selected = stops.iter().position(|stop| stop.selected).unwrap_or_default();
    let first = (selected + 1).saturating_sub(fit).min(stops.len().saturating_sub(fit));
    for (place, (index, stop)) in stops.iter().enumerate().skip(first).take(fit).enumerate() {
        let x = place * (wide + gap);
        boxed(pen, x, wide, index + 1, stop);
        if place > 0
            && let Some(link) = &stop.link
        {
            linked(pen, x - gap, gap, link);
        }
    }
}

fn stops(map: &Map<'_>, journey: &Journey<'_>, ascii: bool) -> Vec<Stop> {
    let path = journey.path(map.row);
    // What a host writes begins there.
    let writes = |at: &usize| journey.rows.get(*at).is_some_and(|row| matches!(row.news.step, Step::Wrote { .. }));
    let begins = path.iter().rposition(writes).unwrap_or_default();
    let way = path.get(begins..).unwrap_or_default();
    let mut stops = Vec::new();
    for at in way {
        let Some(row) = journey.rows.get(*at) else { continue };
        if stops.is_empty() {
            stops.push(first(map, journey, row));
        }
        if let Some(stop) = stop(map, journey, row, ascii) {
            stops.push(Stop { selected: *at == map.row, ..stop });
        } else if let (true, Some(last)) = (*at == map.row, stops.last_mut()) {
            last.selected = true;
        }
    }
    for (stop, at) in stops.iter_mut().skip(1).zip(way) {
        stop.more = words::came_to(journey, *at);
    }
    stops
}

/// Where the way begins.
fn first(map: &Map<'_>, journey: &Journey<'_>, row: &Row<'_>) -> Stop {
    let stop = |name: String, address: String, said: &str| Stop {
        name,
        address,
        said: (said.to_owned(), Role::Quiet),
        link: None,
        selected: false,
        more: String::new(),
    };
    match &row.news.step {
        Step::Accepted { .. } => {
            let (name, address) = words::client(map, journey, row);
            stop(name, address, "sent it")
        }
        Step::Wrote { .. } => stop(row.news.host.clone(), String::new(), "wrote it"),
        _ => stop(row.news.host.clone(), String::new(), "has it"),
    }
}

/// The host that a row leads to.
fn stop(map: &Map<'_>, journey: &Journey<'_>, row: &Row<'_>, ascii: bool) -> Option<Stop> {
    let name = row.leads_to()?.to_owned();
    let (address, port) = match &row.news.step {
        Step::Calls { address, port, .. } | Step::Hop { address, port, .. } | Step::Tried { address, port, .. } => {
            (address.to_string(), *port)
        }
        _ => {
            let session = map.model.brought(&row.news.id).map(|(session, _)| session);
            let address = session.and_then(|session| session.opened()?.peer.ip()).map(|ip| ip.to_string());
            (address.unwrap_or_default(), session.map_or(0, |session| session.target.port))
        }
    };
    let said = words::said(row, ascii);
    let link = Some(Link { port, secured: secured(map, journey, row) });
    Some(Stop { name, address, said, link, selected: false, more: String::new() })
}

fn boxed(pen: &mut Pen<'_>, x: usize, wide: usize, number: usize, stop: &Stop) {
    let bottom = pen.height().saturating_sub(1);
    // The selected one has another frame, not only another colour.
    let (flat, upright, corners) = match (stop.selected, pen.ascii()) {
        (false, false) => ("─", "│", ["┌", "┐", "└", "┘"]),
        (true, false) => ("═", "║", ["╔", "╗", "╚", "╝"]),
        (false, true) => ("-", "|", ["+", "+", "+", "+"]),
        (true, true) => ("=", "#", ["#", "#", "#", "#"]),
    };
    let role = if stop.selected { Role::Focus } else { Role::Frame };
    let last = x + wide - 1;
    for y in [0, bottom] {
        pen.repeat(x, y, flat, wide, role);
    }
    for y in 1..bottom {
        pen.repeat(x, y, upright, 1, role);
        pen.repeat(last, y, upright, 1, role);
    }
    for ((x, y), corner) in [(x, 0), (last, 0), (x, bottom), (last, bottom)].into_iter().zip(corners) {
        pen.repeat(x, y, corner, 1, role);
    }
    let (room, ascii) = (wide - 2, pen.ascii());
    let lines = [
        (format!("{number} {}", remote::shown(short(&stop.name))), Role::Heading),
        (stop.address.clone(), Role::Quiet),
        (remote::shown(&stop.said.0), stop.said.1),
        (stop.more.clone(), Role::Text),
    ];
    for ((text, role), y) in lines.iter().zip(1..bottom) {
        pen.put(x + 1, y, &clip(text, room, ascii), *role);
    }
}

/// Port, arrow and security, one below the other.
fn linked(pen: &mut Pen<'_>, x: usize, gap: usize, link: &Link) {
    let centred = |text: &str| x + gap.saturating_sub(width(text)) / 2;
    let port = if link.port == 0 { String::new() } else { link.port.to_string() };
    pen.put(centred(&port), 1, &port, Role::Text);
    let (flat, head) = if pen.ascii() { ("-", ">") } else { ("─", "▶") };
    pen.repeat(x, 2, flat, gap - 1, Role::Frame);
    pen.repeat(x + gap - 1, 2, head, 1, Role::Frame);
    let (long, short, role) = link.secured.words();
    let text = if width(long) < gap { long } else { short };
    pen.put(centred(text), 3, text, role);
}
