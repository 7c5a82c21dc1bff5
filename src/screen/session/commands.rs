//! The commands of the session screen, in tables: typing, reading, panes, connections, the lab, a recording.

pub mod connection;
pub mod lab;
pub mod panes;
pub mod reading;
pub mod replay;
pub mod typing;

use crate::app::App;
use crate::command::Availability;
use crate::dialogue::phase::Phase;

use super::replay::{NOTHING_IS_SENT, world};

/// There is a session.
fn session(app: &App) -> Availability {
    if app.room.session(&app.model).is_some() { Availability::Yes } else { Availability::No("there is no session") }
}

/// There is a session, and a world to connect to again.
fn own(app: &App) -> Availability {
    match world(app) {
        Availability::Yes => session(app),
        no @ Availability::No(_) => no,
    }
}

/// There is something in the transcript.
fn transcript(app: &App) -> Availability {
    match app.room.session(&app.model) {
        Some(session) if session.dialogue().rows().is_empty() => {
            Availability::No("there is nothing to copy or save yet")
        }
        Some(_) => Availability::Yes,
        None => Availability::No("there is no session"),
    }
}

/// The connection stands.
fn open(app: &App) -> Availability {
    match app.room.session(&app.model) {
        Some(_) if app.room.replay.is_some() => Availability::No(NOTHING_IS_SENT),
        Some(session) if session.is_watched() => Availability::No("this is the conversation of somebody else"),
        Some(session) if session.is_open() => Availability::Yes,
        Some(_) => Availability::No("the connection is over"),
        None => Availability::No("there is no session"),
    }
}

/// Nothing stands in the way of the draft.
fn draft(app: &App) -> Availability {
    if app.room.file_goes(&app.model) { Availability::No("a file goes as the letter") } else { world(app) }
}

/// The server has asked for a letter.
fn letter(app: &App) -> Availability {
    match app.room.session(&app.model) {
        Some(session) if session.dialogue().phase() == Phase::Content && !session.is_watched() => draft(app),
        _ => Availability::No("the server has not asked for a letter: say DATA first"),
    }
}

/// The DNS panel is open, and the DNS can be asked.
fn domain(app: &App) -> Availability {
    if app.room.replay.is_some() {
        world(app)
    } else if app.model.look_ups.panel().is_some() {
        Availability::Yes
    } else {
        Availability::No("no domain was looked up yet")
    }
}
