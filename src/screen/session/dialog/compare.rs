//! Comparing the shown session with another one: which one, and what differs, to read and to copy.

use crate::app::App;
use crate::ports::net::SessionId;
use crate::session::Session;
use crate::session::compare::compare;
use crate::session::target::spelled;
use crate::ui::{compare as sheet, remote};

use super::picker::{Item, Picker};
use super::reader::Reader;

/// The sessions that the shown one can be compared with.
pub fn others(app: &App) -> impl Iterator<Item = &Session> {
    let shown = app.room.session(&app.model).map(|session| session.id);
    app.model.sessions().iter().filter(move |session| shown.is_some_and(|shown| shown != session.id))
}

/// Compares with the only other session, or asks with which one; the newest is proposed.
pub fn ask(app: &mut App) {
    let known: Vec<_> = others(app).map(|session| (session.id, remote::shown(&spelled(&session.target)))).collect();
    if let [(only, _)] = known.as_slice() {
        return show(app, *only);
    }
    let item = |(id, target): (SessionId, String)| Item::new(format!("{:<3} {target}", id.0), move |app| show(app, id));
    let items = known.into_iter().rev().map(item).collect();
    app.open(Box::new(Picker::new("Compare with", items)));
}

/// The older of the two stands on the left.
fn show(app: &mut App, other: SessionId) {
    let (Some(shown), Some(other)) = (app.room.session(&app.model), app.model.session(other)) else { return };
    let (left, right) = if shown.id.0 < other.id.0 { (shown, other) } else { (other, shown) };
    let found = compare(left, right);
    let copy = sheet::text(&found);
    app.open(Box::new(Reader::new("Compare", copy, move |room, _| sheet::lines(&found, room))));
}
