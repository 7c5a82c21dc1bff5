//! Commands that give a pane the keys or change which panes are seen.

use crate::app::App;
use crate::command::{Command, Context, always};
use crate::screen::session::Room;
use crate::screen::session::layout::Pane;

/// The commands of the panes.
pub const TABLE: &[Command] = &[
    Command {
        id: "pane.send",
        title: "type",
        about: "Gives the keys to the Send pane.",
        keys: &[(Context::Anywhere, "Alt-1"), (Context::List, "Esc"), (Context::List, "1")],
        when: always,
        run: |app| focus(app, Pane::Send),
    },
    Command {
        id: "pane.transcript",
        title: "transcript",
        about: "Gives the keys to the transcript.",
        keys: &[(Context::Anywhere, "Alt-2"), (Context::List, "2")],
        when: always,
        run: |app| focus(app, Pane::Transcript),
    },
    Command {
        id: "pane.explain",
        title: "explain",
        about: "Gives the keys to the explanation of the selected line.",
        keys: &[(Context::Anywhere, "Alt-e"), (Context::Anywhere, "Alt-3"), (Context::List, "3")],
        when: always,
        run: |app| focus(app, Pane::Explain),
    },
    Command {
        id: "pane.dns",
        title: "DNS",
        about: "Gives the keys to the DNS and MX pane.",
        keys: &[(Context::Anywhere, "Alt-4"), (Context::List, "4")],
        when: always,
        run: |app| focus(app, Pane::Dns),
    },
    Command {
        id: "pane.stage",
        title: "stage",
        about: "Gives the keys to the stage rail: where the session stands and what may be sent.",
        keys: &[(Context::Anywhere, "Alt-5"), (Context::List, "5")],
        when: always,
        run: |app| focus(app, Pane::Stage),
    },
    Command {
        id: "pane.capabilities",
        title: "capabilities",
        about: "Gives the keys to the capabilities and the reply times.",
        keys: &[(Context::Anywhere, "Alt-6"), (Context::List, "6")],
        when: always,
        run: |app| focus(app, Pane::Capabilities),
    },
    Command {
        id: "pane.next",
        title: "next pane",
        about: "Gives the keys to the next pane.",
        keys: &[(Context::Anywhere, "F6"), (Context::List, "Tab"), (Context::Anywhere, "Alt-Tab")],
        when: always,
        run: |app| next(app, false),
    },
    Command {
        id: "pane.previous",
        title: "pane before",
        about: "Gives the keys to the pane before.",
        keys: &[(Context::List, "Shift-Tab")],
        when: always,
        run: |app| next(app, true),
    },
    Command {
        id: "pane.zoom",
        title: "zoom",
        about: "Lets the pane that has the keys fill the place of the others, or puts all back.",
        keys: &[(Context::Anywhere, "Alt-z"), (Context::List, "z")],
        when: always,
        run: |app| {
            app.room.zoom = if app.room.zoom.is_some() { None } else { Some(app.room.focus) };
            Room::work(app, |_, _| ());
        },
    },
];

fn focus(app: &mut App, pane: Pane) {
    let area = app.area();
    app.room.focus_on(pane, area, &app.model);
    Room::work(app, |_, _| ());
}

fn next(app: &mut App, back: bool) {
    let area = app.area();
    app.room.focus_next(area, &app.model, back);
}
