//! Commands for a recording that is shown: to play it, to step through it, to go to its ends.

use crate::command::{Command, Context};
use crate::screen::session::Room;
use crate::screen::session::replay::{Move, recording};

/// The commands of a recording.
pub const TABLE: &[Command] = &[
    Command {
        id: "replay.play",
        title: "play",
        about: "Plays the recording at the speed at which it was recorded, or stops it.",
        keys: &[(Context::Replay, "Space")],
        when: recording,
        run: Room::play_or_stop,
    },
    Command {
        id: "replay.forward",
        title: "step",
        about: "Goes to the next thing that happened in the recording.",
        keys: &[(Context::Replay, "]")],
        when: recording,
        run: |app| Room::replay(app, Move::Forward),
    },
    Command {
        id: "replay.back",
        title: "step back",
        about: "Goes to the moment before the last thing that happened.",
        keys: &[(Context::Replay, "[")],
        when: recording,
        run: |app| Room::replay(app, Move::Back),
    },
    Command {
        id: "replay.start",
        title: "beginning",
        about: "Goes to the beginning of the recording.",
        keys: &[(Context::Replay, "{")],
        when: recording,
        run: |app| Room::replay(app, Move::Start),
    },
    Command {
        id: "replay.end",
        title: "all",
        about: "Goes to the end of the recording.",
        keys: &[(Context::Replay, "}")],
        when: recording,
        run: |app| Room::replay(app, Move::End),
    },
];
