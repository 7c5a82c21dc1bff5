//! A recording on the screen, through the real keymap: stepped through, played, and never sent from.

use std::io::Cursor;

use ehlo::app::Msg;
use ehlo::ports::net::{Place, SessionId, Target};
use ehlo::record::kept::Budget;
use ehlo::record::line::{Begun, Bytes, Line};
use ehlo::record::player;
use ehlo::record::slice;
use ehlo::record::writer::Writer;
use ehlo::record::{Class, Header};
use ehlo::screen::session::Room;
use ehlo::session::look_ups::LookUps;
use ehlo::session::{Model, Session};
use ehlo::tape::mark::{Mark, Opened};
use ehlo::tape::{Moment, Side};
use proptest::prelude::*;

use crate::world::World;

impl World {
    /// Shows a recording of these octets.
    fn open_recording(&mut self, file: Vec<u8>, budget: Budget) {
        let octets = file.len() as u64;
        let opened = slice::open(&mut Cursor::new(&file), octets, budget.slice).expect("octets").expect("a recording");
        self.file = file;
        Room::open_recording_within(&mut self.app, opened, budget);
        for effect in self.app.take_effects() {
            self.answer(effect);
        }
    }

    /// The moment has come at which the screen changes by itself, if there is one.
    fn wake(&mut self) -> Option<Moment> {
        let due = self.app.wake()?;
        self.clock = due.micros().div_ceil(1000);
        self.message(Msg::Tick);
        Some(due)
    }
}

/// The recording of a session.
pub(crate) fn recorded(session: &Session) -> Vec<u8> {
    let header = Header::new("2026-03-01T09:12:00Z".parse().expect("a time"), Class::Lab);
    let lines = Writer::default().finish(session, 0);
    (header.json() + &lines.iter().map(Line::json).collect::<String>()).into_bytes()
}

/// The recording of a first EHLO, on the screen.
pub(crate) fn open(columns: u16, lines: u16) -> World {
    let mut world = World::greeted(columns, lines);
    world.types("EHLO laptop.you.test\n");
    let recording = recorded(world.session());
    let mut world = World::blank(columns, lines);
    world.open_recording(recording, Budget::default());
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
    // Before its first session began it is a recording as well.
    shows(&world, "a recording: nothing is sent from here");
    shows(&world, "Read along: nothing is sent from a recording.");
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
    let times: Vec<Moment> = std::iter::from_fn(|| world.wake()).take(50).collect();
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
    world.open_recording(recording, Budget::default());
    shows(&world, "^[]0;owned^G<U+202E>gpj");
    assert!(world.text().chars().all(|character| !character.is_control() || character == '\n'));
}

/// Budgets under which everything of a small recording is read in many pieces and little of it is held.
const SMALL: Budget = Budget { session: 24 * 1024, head: 4000, all: 40 * 1024, slice: 700, block: 300 };

/// What somebody says in a session, and hears: whole transactions, with letters that are small or large.
fn transactions() -> impl Strategy<Value = Vec<Vec<(Side, String)>>> {
    let letter = (0_usize..4, 0_usize..60).prop_map(|(recipients, lines)| {
        let mut said = vec![(Side::Client, "MAIL FROM:<a@you.test>\r\n".into()), (Side::Server, "250 ok\r\n".into())];
        for number in 0..=recipients {
            said.push((Side::Client, format!("RCPT TO:<{number}@harbor.test>\r\n")));
            said.push((Side::Server, if number == 3 { "550 5.1.1 no\r\n" } else { "250 ok\r\n" }.into()));
        }
        said.extend([(Side::Client, "DATA\r\n".into()), (Side::Server, "354 go\r\n".into())]);
        said.push((Side::Client, "Subject: x\r\n\r\n".into()));
        said.extend((0..lines).map(|line| (Side::Client, format!("line {line} {}\r\n", "x".repeat(line % 40)))));
        said.extend([(Side::Client, ".\r\n".into()), (Side::Server, "250 queued\r\n".into())]);
        said
    });
    let noop = Just(vec![(Side::Client, "NOOP\r\n".to_owned()), (Side::Server, "250 ok\r\n".to_owned())]);
    let said = proptest::collection::vec(prop_oneof![2 => letter, 1 => noop], 0..12).prop_map(|all| {
        let hello = [(Side::Server, "220 mx\r\n"), (Side::Client, "EHLO a.test\r\n"), (Side::Server, "250 mx\r\n")];
        hello
            .into_iter()
            .map(|(side, text)| (side, text.to_owned()))
            .chain(all.into_iter().flatten())
            .collect::<Vec<_>>()
    });
    proptest::collection::vec(said, 1..5)
}

/// The recording of sessions that went on at the same time, in this order.
fn file_of(sessions: &[Vec<(Side, String)>], order: &[u8]) -> (Vec<u8>, Vec<Line>) {
    let header = Header::new("2026-03-01T09:12:00Z".parse().expect("a time"), Class::Lab);
    let mut lines = Vec::new();
    let steps = |(said, s): (&'_ Vec<(Side, String)>, u32)| (s, said.clone(), 0_usize);
    let mut open: Vec<_> = sessions.iter().zip(1..).map(steps).collect();
    for (turn, skip) in (0_usize..).zip(order.iter().cycle()) {
        let (before, from) = open.split_at_mut((turn + usize::from(*skip)) % sessions.len());
        let next = from.iter_mut().chain(before).find(|(_, said, step)| *step < said.len() + 3);
        let Some((s, said, step)) = next else { break };
        let (s, place) = (SessionId(*s), step.checked_sub(2));
        let (after, t) = (turn as u64 * 1000, Moment::from_millis(turn as u64));
        lines.push(match (*step, place.map(|place| said.get(place))) {
            (0, _) => {
                let target = Target::new(format!("mx{}.harbor.test", s.0), 25, Place::Lab);
                Line::Session(Box::new(Begun { s, after, target, caller: None, imported: None }))
            }
            (_, None) => Line::Mark { s, t, mark: opened() },
            (_, Some(Some((side, text)))) => Line::Bytes(Bytes::new(s, t, *side, text.as_bytes(), Vec::new())),
            (_, Some(None)) => Line::End { s },
        });
        *step += 1;
    }
    let file = header.json() + &lines.iter().map(Line::json).collect::<String>();
    (file.into_bytes(), lines)
}

fn opened() -> Mark {
    let peer = std::net::SocketAddr::from(([192, 0, 2, 10], 25));
    let took = std::time::Duration::from_millis(2);
    Mark::Opened(Opened { host: "mx1.harbor.test".into(), peer: peer.into(), local: None, lmtp: false, took })
}

/// The recording played whole up to a line.
fn whole(lines: &[Line], position: usize) -> Model {
    let mut model = Model::new(LookUps::new(1));
    lines.iter().take(position).for_each(|line| player::play(line, &mut model));
    model
}

fn moves() -> impl Strategy<Value = Vec<&'static str>> {
    proptest::collection::vec(proptest::sample::select(vec!["{", "}", "[", "]", "] ] ] ] ]", "[ [ [", "Ctrl-N"]), 0..12)
}

#[test]
fn a_log_is_shown_as_a_recording_and_its_secrets_are_not() {
    for (columns, lines) in [(80, 24), (160, 48)] {
        let log = include_bytes!("../foreign/swaks-tls.log");
        let recording = ehlo::record::foreign::read(log).expect("a log");
        let file = recording.header.json() + &recording.lines.iter().map(Line::json).collect::<String>();
        let mut world = World::blank(columns, lines);
        world.open_recording(file.into_bytes(), Budget::default());
        shows(&world, "[REPLAY]");
        shows(&world, "127.0.0.1:31587  TLS");
        shows(&world, "of a swaks log");
        for _ in 0..30 {
            let text = world.text();
            for secret in ["sunflower", "c3VuZmxvd2Vy", "0.000", "0.0 ms", " 0:00"] {
                assert!(!text.contains(secret), "{secret}:\n{text}");
            }
            world.keys("[");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_read_in_pieces_looks_like_what_is_played_whole(
        sessions in transactions(), order in proptest::collection::vec(any::<u8>(), 1..9), moves in moves()
    ) {
        let (file, lines) = file_of(&sessions, &order);
        let mut world = World::blank(80, 24);
        world.open_recording(file, Budget { slice: 700, block: 300, ..Budget::default() });
        for step in std::iter::once("Alt-1").chain(moves) {
            world.keys(step);
            let replay = world.app.room.replay.as_ref().expect("a recording");
            let position = replay.position() as usize;
            let all = whole(&lines, position);
            prop_assert_eq!(replay.sessions().len(), all.sessions().len());
            let Some(shown) = world.app.room.session(&world.app.model) else {
                prop_assert_eq!(all.sessions().len(), 0);
                continue;
            };
            prop_assert_eq!(shown.text(), all.session(shown.id).expect("it").text(), "at line {}", position);
        }
    }

    #[test]
    fn of_a_long_session_the_end_is_shown_and_its_beginning_and_always_the_same(
        sessions in transactions(), order in proptest::collection::vec(any::<u8>(), 1..9), moves in moves()
    ) {
        let (file, lines) = file_of(&sessions, &order);
        let mut world = World::blank(80, 24);
        world.open_recording(file, SMALL);
        let mut seen = std::collections::BTreeMap::new();
        for step in std::iter::once("Alt-1").chain(moves) {
            world.keys(step);
            let position = world.app.room.replay.as_ref().expect("a recording").position() as usize;
            let held: u64 = world.app.model.sessions().iter().map(Session::weight).sum();
            prop_assert!(held <= 2 * SMALL.session + SMALL.all, "{} octets at line {}", held, position);
            let Some(shown) = world.app.room.session(&world.app.model) else { continue };
            let all = whole(&lines, position);
            let all = all.session(shown.id).expect("it");
            for side in [Side::Client, Side::Server] {
                prop_assert_eq!(shown.octets(side), all.octets(side), "at line {}", position);
            }
            prop_assert_eq!(shown.dialogue().phase(), all.dialogue().phase());
            let last = |session: &Session| {
                let rows = session.dialogue().rows().iter().rev().take(20);
                rows.map(|row| (session.matter(row), row.at)).collect::<Vec<_>>()
            };
            prop_assert_eq!(last(shown), last(all), "at line {}", position);
            let before = seen.entry((position, shown.id)).or_insert_with(|| shown.text());
            prop_assert_eq!(&shown.text(), &*before, "at line {}", position);
        }
    }
}
