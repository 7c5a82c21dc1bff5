//! The session screen through the real keymap: keys in, styled screens out.
//!
//! Each state of the list in `screens/states.rs` is drawn at four sizes, with colours and without, and compared with its
//! snapshot. A snapshot is the text of the screen, then the styles: one letter a cell, explained below.

#![expect(clippy::expect_used, reason = "a test that cannot go on must stop")]

#[path = "screens/guests.rs"]
mod guests;
#[path = "screens/layers.rs"]
mod layers;
#[path = "screens/login.rs"]
mod login;
#[path = "screens/map.rs"]
mod map;
#[path = "screens/message.rs"]
mod message;
#[path = "screens/names.rs"]
mod names;
#[path = "screens/picture.rs"]
mod picture;
#[path = "screens/replay.rs"]
mod replay;
#[path = "screens/states.rs"]
mod states;
#[path = "screens/world.rs"]
mod world;

use std::collections::HashMap;
use std::sync::Arc;

use ehlo::input::Act;
use ehlo::ports::net::What;
use ehlo::tape::Side;
use ehlo::ui::theme::Theme;
use proptest::prelude::*;
use ratatui::style::{Color, Modifier};

use picture::{picture, styles};
use states::STATES;
use world::World;

/// Columns and lines of the screens.
const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 30), (160, 48)];

#[test]
fn every_state_looks_as_its_snapshot() {
    for state in STATES {
        for (columns, lines) in SIZES {
            let mut world = (state.reach)(columns, lines);
            let mut drawn = picture(&world);
            drawn.push_str("\n--- sixteen colours\n");
            drawn.push_str(&styles(&world));
            world.app.settings.theme = Theme::Mono;
            drawn.push_str("\n--- mono\n");
            drawn.push_str(&styles(&world));
            let name = format!("{}@{columns}x{lines}", state.name);
            insta::with_settings!({ snapshot_path => "screens/snapshots", prepend_module_to_snapshot => false, omit_expression => true }, {
                insta::assert_snapshot!(name, drawn);
            });
        }
    }
}

#[test]
fn no_two_states_look_the_same() {
    for (columns, lines) in SIZES {
        for theme in [Theme::Sixteen, Theme::Mono] {
            let mut seen: HashMap<String, &str> = HashMap::new();
            for state in STATES {
                let mut world = (state.reach)(columns, lines);
                world.app.settings.theme = theme;
                let drawn = format!("{}{}", picture(&world), styles(&world));
                if let Some(other) = seen.insert(drawn, state.name) {
                    panic!("{other} and {} look the same at {columns}x{lines}", state.name);
                }
            }
        }
    }
}

#[test]
fn ascii_means_ascii() {
    for state in STATES {
        for (columns, lines) in SIZES {
            let mut world = (state.reach)(columns, lines);
            world.app.settings.ascii = true;
            assert!(world.text().is_ascii(), "{} at {columns}x{lines}:\n{}", state.name, world.text());
        }
    }
}

#[test]
fn mono_has_no_colour_and_nothing_is_dimmed() {
    for state in STATES {
        let mut world = (state.reach)(80, 24);
        world.app.settings.theme = Theme::Mono;
        let (buffer, _) = world.draw();
        assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset), "{}", state.name);
        assert!(buffer.content.iter().all(|cell| !cell.modifier.contains(Modifier::DIM)), "{}", state.name);
    }
}

#[test]
fn a4_the_cursor_is_always_somewhere_on_the_screen() {
    for state in STATES {
        for (columns, lines) in SIZES {
            let world = (state.reach)(columns, lines);
            let (buffer, cursor) = world.draw();
            assert!(cursor.is_some_and(|at| buffer.area.contains(at)), "{} at {columns}x{lines}", state.name);
        }
    }
}

#[test]
fn y238_a_screen_that_is_too_small_says_so() {
    for (columns, lines) in [(0, 0), (1, 1), (2, 2), (20, 5), (59, 16), (60, 15)] {
        let world = World::greeted(columns, lines);
        let text = world.text();
        if columns >= 20 {
            assert!(text.contains(&format!("Too small: {columns}×{lines}.")), "{text}");
        }
    }
}

#[test]
fn what_the_network_does_not_take_is_a_draft_again() {
    let mut world = World::greeted(80, 24);
    let rows = world.session().dialogue().rows().len();
    world.block(true);
    world.types("EHLO laptop.you.test\n");
    let text = world.text();
    assert!(text.contains("> EHLO laptop.you.test") && text.contains("still busy"), "{text}");
    assert_eq!(world.session().dialogue().rows().len(), rows, "what was not sent is not on the transcript");
    world.block(false);
    world.types("\n");
    assert!(world.session().dialogue().hello().is_some(), "the draft is sent by Enter: {}", world.text());

    world.types("MAIL FROM:<you@you.test>\nRCPT TO:<pat@harbor.test>\nDATA\n");
    world.block(true);
    world.types("Subject: hi\n\n.hidden\nbye\n.\n\n");
    let letter = world.app.room.composer.letter.text();
    assert_eq!(letter, "Subject: hi\n\n.hidden\nbye\n", "the letter is there as it was written");
    world.block(false);
    world.types("\n.\n\n");
    assert_eq!(world.session().dialogue().letters().len(), 1, "{}", world.text());
}

#[test]
fn y240_a_resize_storm_in_a_flood_of_replies_ends_in_the_right_frame() {
    let mut storm = World::greeted(80, 24);
    let mut calm = World::greeted(80, 24);
    let flood = "250-one more line of a reply that goes on and on\r\n".repeat(20);
    for step in 0..500u16 {
        storm.resize(step * 37 % 200, step * 13 % 60);
        storm.draw();
        storm.server(&flood);
        calm.server(&flood);
    }
    storm.resize(80, 24);
    assert_eq!(storm.text(), calm.text());
}

/// Sizes at which something changes, from nothing to more than anybody has.
const COLUMNS: [u16; 19] = [0, 1, 2, 3, 5, 8, 20, 40, 59, 60, 61, 79, 80, 99, 100, 139, 140, 160, 200];
const LINES: [u16; 14] = [0, 1, 2, 3, 5, 10, 15, 16, 19, 20, 23, 24, 48, 60];

#[test]
fn every_state_with_its_layers_can_be_drawn_at_any_size() {
    for state in STATES {
        let mut world = (state.reach)(120, 30);
        for (columns, lines) in COLUMNS.into_iter().flat_map(|columns| LINES.map(|lines| (columns, lines))) {
            world.resize(columns, lines);
            let (buffer, cursor) = world.draw();
            assert!(cursor.is_none_or(|at| buffer.area.contains(at)), "{} at {columns}x{lines}", state.name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_size_any_text_no_panic(
        columns in 0u16..200, lines in 0u16..60, state in 0..STATES.len(),
        server in proptest::collection::vec(any::<u8>(), 0..200), typed in "\\PC{0,60}", ascii: bool,
    ) {
        let mut world = (STATES[state].reach)(columns, lines);
        world.app.settings.ascii = ascii;
        if world.app.room.current.is_some() {
            world.hear(What::Bytes(Side::Server, Arc::from(server)));
        }
        world.types(&typed);
        let (buffer, cursor) = world.draw();
        prop_assert!(buffer.content.iter().all(|cell| !cell.symbol().chars().any(char::is_control)));
        prop_assert!(cursor.is_none_or(|at| buffer.area.contains(at)));
    }

    #[test]
    fn any_keys_no_panic(keys in proptest::collection::vec(0..KEYS.len(), 0..60), columns in 60u16..170, lines in 16u16..50) {
        let mut world = World::greeted(columns, lines);
        for key in keys {
            world.keys(KEYS[key]);
        }
        world.draw();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_mouse_no_panic(
        state in 0..STATES.len(), columns in 0u16..170, lines in 0u16..50,
        mice in proptest::collection::vec((0..4usize, 0u16..180, 0u16..60, any::<i32>()), 0..30),
    ) {
        let mut world = (STATES[state].reach)(columns, lines);
        for (act, column, line, notches) in mice {
            let act = [Act::Press, Act::Drag, Act::Release, Act::Wheel(notches)][act];
            world.mouse(act, column, line);
        }
        world.draw();
    }
}

/// Keys that are pressed in any order.
const KEYS: [&str; 49] = [
    "Enter",
    "Esc",
    "Tab",
    "Shift-Tab",
    "→",
    "←",
    "↑",
    "↓",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    "Backspace",
    "Delete",
    "Ctrl-C",
    "Ctrl-D",
    "Ctrl-R",
    "Ctrl-U",
    "F1",
    "F2",
    "F3",
    "F4",
    "F5",
    "F6",
    "Alt-1",
    "Alt-2",
    "Alt-3",
    "Alt-5",
    "Alt-6",
    "Alt-b",
    "Alt-c",
    "Alt-d",
    "Alt-f",
    "Alt-h",
    "Alt-m",
    "Alt-M",
    "Alt-n",
    "Alt-R",
    "Alt-s",
    "Alt-t",
    "Alt-x",
    "Alt-y",
    "Alt-z",
    "Alt-/",
    "j",
    "o",
    ":",
    "?",
    "E",
];

#[test]
fn the_picture_in_the_readme_is_what_is_drawn() {
    let state = STATES.iter().find(|state| state.name == "envelope").expect("the state of the picture");
    let drawn = picture(&(state.reach)(120, 30));
    let screen: Vec<&str> = drawn.lines().filter_map(|line| line.strip_suffix('|')).map(str::trim_end).collect();
    let readme = include_str!("../README.md");
    assert!(readme.contains(&screen.join("\n")), "put this picture into the README:\n{}", screen.join("\n"));
}
