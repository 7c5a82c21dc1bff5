//! Everybody who lives in the lab, in columns: what waits at each host, what is different about it, and who has met the
//! letter.

use crate::session::journey::Row;
use crate::ui::lab_state;
use crate::ui::text::{Pen, Role, clip};

use super::{Map, short};

/// Columns.
const COLUMNS: usize = 4;

/// Draws as many hosts as there is room for, in the order of the world.
pub(super) fn draw(map: &Map<'_>, pen: &mut Pen<'_>) {
    let Some(cast) = &map.model.lab_state.cast else { return };
    let (wide, lines, ascii) = (pen.width() / COLUMNS, usize::from(pen.height()).max(1), pen.ascii());
    for (index, member) in cast.hosts.iter().enumerate().take(COLUMNS * lines) {
        let (x, y) = (index / lines * wide, index % lines);
        let (said, role) = standing(map, &member.host);
        let name = short(&member.host);
        let (mark, look) = match (has_met(map, &member.host), ascii) {
            (true, false) => ("●", Role::Text),
            (true, true) => ("*", Role::Text),
            (false, _) => (" ", Role::Quiet),
        };
        let Ok(y) = u16::try_from(y) else { return };
        let at = pen.put(x + 1, y, &format!("{mark} {name}"), look);
        let room = (x + wide).saturating_sub(at + 2);
        pen.put(at + 1, y, &clip(&said, room, ascii), role);
    }
}

/// What is to be said of a host now: what is different about it, else what waits there.
fn standing(map: &Map<'_>, host: &str) -> (String, Role) {
    let different = lab_state::all(map.model.lab_state.of(host));
    if !different.is_empty() {
        return (different, Role::Problem);
    }
    let waits = map.model.lab_mail.waiting().find(|(at, _)| *at == host).map_or(0, |(_, waiting)| waiting.len());
    if waits == 0 { (String::new(), Role::Quiet) } else { (format!("{waits} waits"), Role::Wait) }
}

/// True if the letter has been at a host, or was offered to it.
fn has_met(map: &Map<'_>, host: &str) -> bool {
    let met = |row: &Row<'_>| row.news.host == host || row.leads_to() == Some(host);
    map.journey.is_some_and(|journey| journey.rows.iter().any(met))
}
