//! Bugs on purpose, for the tests of what a bug leaves behind. Debug builds only: a release has none of this. They are
//! in no list; the palette knows them by their full names.

use super::{Command, always};
use crate::app::Effect;

/// The hidden commands.
pub const TABLE: &[Command] = &[
    Command {
        id: "debug.panic",
        title: "bug",
        about: "Lets the screen hit a bug.",
        keys: &[],
        when: always,
        run: |_| fail(),
    },
    Command {
        id: "debug.panic-twice",
        title: "bug while a bug is cleared away",
        about: "Lets the screen hit a bug, and then another one.",
        keys: &[],
        when: always,
        run: |_| {
            let _twice = Twice;
            fail();
        },
    },
    Command {
        id: "debug.panic-received",
        title: "bug that quotes",
        about: "Lets the screen hit a bug whose message holds what came from outside.",
        keys: &[],
        when: always,
        run: |app| quote(app.size().0),
    },
    Command {
        id: "debug.panic-service",
        title: "bug in a service",
        about: "Lets a task besides the screen hit a bug.",
        keys: &[],
        when: always,
        run: |app| app.emit(Effect::Fail),
    },
];

/// Hits a bug when it goes.
struct Twice;

impl Drop for Twice {
    fn drop(&mut self) {
        fail();
    }
}

#[expect(clippy::panic, reason = "that is what it is for")]
fn fail() {
    panic!("a bug on purpose");
}

#[expect(clippy::panic, reason = "that is what it is for")]
fn quote(columns: u16) {
    panic!("\u{1b}]0;from outside {columns}\u{7}");
}
