//! The guests of a served lab, through the real keymap: each is listed as it comes, and shown as a session of one's own.

use std::net::SocketAddr;
use std::sync::Arc;

use ehlo::ports::lab::{self, Card, Service, Visit, VisitId};
use ehlo::ports::net::What;
use ehlo::session::Signal;
use ehlo::tape::mark::{Closed, Ending, Mark, Opened};
use ehlo::tape::{Moment, Side};

use crate::world::World;

const MX1: ([u8; 4], u16) = ([192, 0, 2, 10], 25);

/// The explorer of a lab that is served.
fn served(columns: u16, lines: u16) -> World {
    let mut world = World::greeted(columns, lines);
    let service = Service {
        host: "mx1.harbor.test".into(),
        domains: vec!["harbor.test".into()],
        lab: MX1.into(),
        port: 2525,
        tls: false,
        users_only: false,
        lmtp: false,
        web: false,
    };
    world.app.settings.card = Some(Card {
        services: vec![service],
        dns: Some(2553),
        users: vec![("mina".into(), "sunflower".into())],
        authority: String::new(),
        anchor: None,
        exposed: false,
    });
    world
}

fn tell(world: &mut World, visit: u32, what: What) {
    let at = Moment::from_millis(5);
    world.signal(Signal::Lab(lab::Signal::Heard { visit: VisitId(visit), at, what }));
}

fn say(world: &mut World, visit: u32, side: Side, text: &str) {
    tell(world, visit, What::Bytes(side, Arc::from(text.as_bytes())));
}

/// A program comes and is greeted.
fn come(world: &mut World, visit: u32) {
    let from = SocketAddr::from(([127, 0, 0, 1], 40_000 + u16::try_from(visit).expect("few")));
    let host = "mx1.harbor.test".to_owned();
    let came = Visit { id: VisitId(visit), host: host.clone(), to: MX1.into(), tls: false, from };
    world.signal(Signal::Lab(lab::Signal::Came(came)));
    let took = std::time::Duration::ZERO;
    let peer = SocketAddr::from(MX1).into();
    tell(world, visit, What::Mark(Mark::Opened(Opened { host, peer, local: Some(from), lmtp: false, took })));
    say(world, visit, Side::Server, "220 mx1.harbor.test ESMTP Harbor Post\r\n");
}

fn shows(world: &World, text: &str) {
    assert!(world.text().contains(text), "{text:?} is not on the screen:\n{}", world.text());
}

#[test]
fn a_guest_is_announced_listed_live_and_shown_as_a_transcript() {
    let mut world = served(80, 24);
    come(&mut world, 1);
    shows(&world, "127.0.0.1:40001 came to mx1.harbor.test: Alt-g lists the guests.");
    world.keys("Alt-g");
    shows(&world, "─ Guests");
    shows(&world, "220 mx1.harbor.test ESMTP");
    // The list lives: another comes, and the first one goes on.
    come(&mut world, 2);
    say(&mut world, 1, Side::Client, "EHLO swaks.you.test\r\n");
    say(&mut world, 1, Side::Server, "250 mx1.harbor.test hello swaks.you.test\r\n");
    shows(&world, "127.0.0.1:40002");
    shows(&world, "250 mx1.harbor.test hello");
    world.keys("↓ Enter");
    shows(&world, "C EHLO swaks.you.test");
    shows(&world, "another program speaks here");
    // Shown live as well.
    say(&mut world, 1, Side::Client, "RCPT TO:<pat@harbor.test>\r\n");
    say(&mut world, 1, Side::Server, "503 5.5.1 MAIL first\r\n");
    shows(&world, "S 503 5.5.1 MAIL first");
    tell(&mut world, 1, What::Mark(Mark::Closed(Closed { by: Side::Client, how: Ending::Reset })));
    tell(&mut world, 1, What::Ended);
    world.keys("Alt-g");
    shows(&world, "over");
}

#[test]
fn nothing_is_sent_where_another_program_speaks() {
    let mut world = served(80, 24);
    come(&mut world, 1);
    world.keys("Alt-g Enter Alt-1");
    let before = world.effects.len();
    world.types("NOOP\n");
    shows(&world, "This is the conversation of somebody else");
    world.keys("Alt-X");
    assert_eq!(world.effects.len(), before);
    assert!(!world.session().is_watched(), "closing leads back to a session of one's own");
    shows(&world, "NOOP");
}

#[test]
fn a_guest_in_its_letter_does_not_open_the_editor() {
    let mut world = served(80, 24);
    come(&mut world, 1);
    for (line, reply) in [
        ("EHLO a\r\n", "250 mx1.harbor.test\r\n"),
        ("MAIL FROM:<>\r\n", "250 2.1.0 ok\r\n"),
        ("RCPT TO:<pat@harbor.test>\r\n", "250 2.1.5 ok\r\n"),
        ("DATA\r\n", "354 go\r\n"),
    ] {
        say(&mut world, 1, Side::Client, line);
        say(&mut world, 1, Side::Server, reply);
    }
    world.keys("Alt-g Enter");
    assert!(!world.app.room.writes_letter(&world.app.model));
    say(&mut world, 1, Side::Client, "Subject: live\r\n");
    shows(&world, "Subject: live");
}

#[test]
fn the_card_is_shown_and_without_a_served_lab_there_is_none() {
    let mut world = served(80, 24);
    world.keys("Alt-g");
    shows(&world, "Nobody has come yet.");
    world.keys("c");
    shows(&world, "─ How to reach the lab");
    shows(&world, "127.0.0.1:2525");
    shows(&world, "mina with sunflower");
    let mut world = World::greeted(80, 24);
    world.keys("Alt-g");
    shows(&world, "the lab is served by: ehlo lab");
}
