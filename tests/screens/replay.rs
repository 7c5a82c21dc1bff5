//! A recording on the screen, through the real keymap: stepped through, played, and never sent from.

use ehlo::app::Msg;
use ehlo::record::line::Line;
use ehlo::record::reader::{Recording, read};
use ehlo::record::writer::Writer;
use ehlo::record::{Class, Header};
use ehlo::screen::session::Room;
use ehlo::session::Session;
use ehlo::tape::Moment;

use crate::world::World;

/// What the recording of a session holds.
pub(crate) fn recorded(session: &Session) -> Recording {
    let header = Header::new("2026-03-01T09:12:00Z".parse().expect("a time"), Class::Lab);
    let lines = Writer::default().finish(session, 0);
    let file = header.json() + &lines.iter().map(Line::json).collect::<String>();
    read(file.as_bytes()).expect("a recording")
}

/// The recording of a first EHLO, on the screen.
pub(crate) fn open(columns: u16, lines: u16) -> World {
    let mut world = World::greeted(columns, lines);
    world.types("EHLO laptop.you.test\n");
    let recording = recorded(world.session());
    let mut world = World::blank(columns, lines);
    Room::open_recording(&mut world.app, recording);
    world
}

fn shows(world: &World, text: &str) {
    assert!(world.text().contains(text), "{text:?} is not on the screen:\n{}", world.text());
}

#[test]
fn a_recording_is_stepped_through_in_both_directions() {
    let mut world = open(160, 48);
    shows(&world, "[REPLAY]");
    shows(&world, "C EHLO laptop.you.test");
    world.keys("{");
    assert!(!world.text().contains("S 220"), "{}", world.text());
    world.keys("] ] ]");
    shows(&world, "S 220 mx1.harbor.test");
    assert!(!world.text().contains("C EHLO"), "{}", world.text());
    world.keys("[");
    assert!(!world.text().contains("S 220"), "{}", world.text());
    world.keys("}");
    shows(&world, "C EHLO laptop.you.test");
    world.keys("Alt-1 [ [");
    assert!(!world.text().contains("C EHLO"), "{}", world.text());
}

#[test]
fn f228_nothing_is_sent_from_a_recording() {
    let mut world = open(160, 48);
    world.keys("Alt-1").types("NOOP");
    shows(&world, "Nothing was typed: this is a recording");
    world.keys("Enter");
    world.keys("Alt-c");
    shows(&world, "this is a recording, and nothing is sent or asked from one");
    world.keys("F5 Alt-R Alt-d Alt-X");
    assert_eq!(world.effects, []);
}

#[test]
fn a_recording_plays_at_the_speed_at_which_it_was_recorded() {
    let mut world = open(160, 48);
    world.keys("{ Space");
    let times = std::iter::from_fn(|| {
        let due = world.app.wake()?;
        world.app.update(Msg::Tick, due);
        Some(due)
    });
    let times: Vec<Moment> = times.take(50).collect();
    assert!(times.is_sorted() && times.len() < 50, "{times:?}");
    shows(&world, "C EHLO laptop.you.test");
    assert_eq!(world.app.wake(), None, "at its end it stands still");
}

#[test]
fn f226_what_a_stranger_put_into_a_recording_is_shown_and_not_performed() {
    let mut world = World::greeted(80, 24);
    world.server("250 \x1b]0;owned\x07\u{202e}gpj\r\n");
    let recording = recorded(world.session());
    let mut world = World::blank(80, 24);
    Room::open_recording(&mut world.app, recording);
    shows(&world, "^[]0;owned^G<U+202E>gpj");
    assert!(world.text().chars().all(|character| !character.is_control() || character == '\n'));
}
