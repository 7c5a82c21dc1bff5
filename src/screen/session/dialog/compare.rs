//! Comparing the shown session with another one: which one, and what differs, to read and to copy.

use crate::app::App;
use crate::ports::net::SessionId;
use crate::screen::session::Room;
use crate::session::compare::compare;
use crate::ui::compare as sheet;

use super::picker::{Item, Picker};
use super::reader::Reader;

/// The sessions that the shown one can be compared with, and where they go.
pub fn others(app: &App) -> Vec<(SessionId, String)> {
    let Some(shown) = app.room.session(&app.model).map(|session| session.id) else { return Vec::new() };
    let others = app.room.sessions(&app.model).into_iter();
    others.filter(|(id, _)| *id != shown).collect()
}

/// Compares with the only other session, or asks with which one; the newest is proposed.
pub fn ask(app: &mut App) {
    let known = others(app);
    if let [(only, _)] = known.as_slice() {
        return choose(app, *only);
    }
    let item =
        |(id, target): (SessionId, String)| Item::new(format!("{:<3} {target}", id.0), move |app| choose(app, id));
    let items = known.into_iter().rev().map(item).collect();
    app.open(Box::new(Picker::new("Compare with", items)));
}

/// One of a recording may have to be read first.
fn choose(app: &mut App, other: SessionId) {
    if app.room.replay.is_some() { Room::show_recorded(app, other, true) } else { show(app, other) }
}

/// Shows what differs. The older of the two stands on the left.
pub fn show(app: &mut App, other: SessionId) {
    let (Some(shown), Some(other)) = (app.room.session(&app.model), app.model.session(other)) else { return };
    let (left, right) = if shown.id.0 < other.id.0 { (shown, other) } else { (other, shown) };
    let found = compare(left, right);
    let copy = sheet::text(&found);
    app.open(Box::new(Reader::new("Compare", copy, move |room, _| sheet::lines(&found, room))));
}
