//! The map of a letter's way, through the real keymap: a letter is on its way, its conversations are opened from the map
//! and left again.

use std::sync::Arc;
use std::time::Duration;

use ehlo::app::Effect;
use ehlo::ports::lab::{self, Call, Delivered, News, Request, Step, VisitId, Waits};
use ehlo::ports::net::What;
use ehlo::session::Signal;
use ehlo::tape::mark::{Closed, Ending, LookUp, Mark, Opened};
use ehlo::tape::promise::{Kept, Promise};
use ehlo::tape::tls::Judgement;
use ehlo::tape::{Moment, Side};

use crate::world::{World, facts};

const BEGIN: u64 = 1_767_261_900;
const GREYLISTED: &str = "451 4.7.1 Greylisted, try again in 300 seconds";
const RECEIVED: &str = "Received: from laptop.you.test (laptop.you.test [198.51.100.7])\r\n\tby submit.you.test with ESMTPSA id S-0001\r\n\tfor <pat@grey.test>; Thu, 01 Jan 2026 10:05:00 +0000\r\n";

const FORWARDED: &str = "Received: from submit.you.test (submit.you.test [198.51.100.25])\r\n\tby mx.alumni.test with ESMTPS id A-0002;\r\n\tThu, 01 Jan 2026 10:05:01 +0000\r\n";

fn tell(world: &mut World, signal: lab::Signal) {
    world.signal(Signal::Lab(signal));
}

fn news(world: &mut World, at: u64, host: &str, id: &str, step: Step) {
    tell(world, lab::Signal::News(News { at: BEGIN + at, host: host.into(), id: id.into(), step }));
}

/// A host calls another one; each line of the client is answered by the reply beside it.
fn call(world: &mut World, number: u32, from: &str, to: (&str, [u8; 4]), lines: &[(&str, &str)]) {
    let (host, peer) = (to.0.to_owned(), std::net::SocketAddr::from((to.1, 25)));
    let id = VisitId(number);
    let called = Call { id, from: from.into(), host: host.clone(), to: peer };
    tell(world, lab::Signal::Called(called));
    let mut at = 0;
    let mut tell_next = |what| {
        at += 2;
        tell(world, lab::Signal::Heard { visit: id, at: Moment::from_millis(at), what });
    };
    let look_up = LookUp {
        name: "grey.test.".into(),
        kind: "MX".into(),
        answers: vec![format!("10 {host}.")],
        outcome: "NOERROR".into(),
        source: "lab".into(),
        ttl: Some(300),
        took: Duration::from_millis(1),
    };
    tell_next(What::Mark(Mark::LookedUp(look_up)));
    let opened = Opened { host: host.clone(), peer: peer.into(), local: None, lmtp: false, took: Duration::ZERO };
    tell_next(What::Mark(Mark::Opened(opened)));
    for (line, reply) in lines {
        if !line.is_empty() {
            tell_next(What::Bytes(Side::Client, Arc::from(format!("{line}\r\n").as_bytes())));
        }
        tell_next(What::Bytes(Side::Server, Arc::from(format!("{reply}\r\n").as_bytes())));
        if line.starts_with("STARTTLS") {
            tell_next(What::Mark(Mark::TlsStarted { sni: Some(host.clone()) }));
            tell_next(What::Mark(Mark::TlsReady(Box::new(facts(Judgement::Good)))));
            let why = format!("the TLSA record 3 1 1 594d6bf3b3020507… of {host} matches the server's certificate");
            tell_next(What::Mark(Mark::Promised(Promise { kept: Kept::Dane, why })));
        }
    }
    tell_next(What::Mark(Mark::Closed(Closed { by: Side::Client, how: Ending::Clean })));
    tell_next(What::Ended);
}

fn hop(world: &mut World, at: u64, from: (&str, &str), to: (&str, [u8; 4]), said: &str, call: u32) {
    let handed = if said.starts_with('2') { vec!["pat@grey.test".to_owned()] } else { Vec::new() };
    let (server, address, call) = (to.0.to_owned(), to.1.into(), VisitId(call));
    let step = Step::Hop { server, address, port: 25, tls: call.0 == 1, said: said.into(), to: handed, call };
    news(world, at, from.0, from.1, step);
}

const ALUMNI: (&str, [u8; 4]) = ("mx.alumni.test", [203, 0, 113, 30]);
const GREY: (&str, [u8; 4]) = ("mx.grey.test", [203, 0, 113, 40]);

/// A letter has come over two hops and is greylisted at the third.
pub(crate) fn greylisted(columns: u16, lines: u16) -> World {
    let mut world = World::greeted(columns, lines);
    let header = format!("{RECEIVED}Subject: Field trip\r\n");
    let accepted = |added: &str| Step::Accepted {
        from: "mina@you.test".into(),
        to: vec!["pat@alumni.test".into()],
        header: Arc::from(format!("{added}{header}").as_bytes()),
    };
    news(&mut world, 0, "submit.you.test", "S-0001", accepted(""));
    let letter = format!("{header}\r\nOff we go.\r\n.");
    let lines = [
        ("", "220 mx.alumni.test ESMTP"),
        ("EHLO submit.you.test", "250-mx.alumni.test\r\n250 STARTTLS"),
        ("STARTTLS", "220 2.0.0 Ready to start TLS"),
        ("EHLO submit.you.test", "250 mx.alumni.test"),
        ("MAIL FROM:<mina@you.test>", "250 2.1.0 Sender OK"),
        ("RCPT TO:<pat@alumni.test>", "250 2.1.5 Recipient OK"),
        ("DATA", "354 Go on"),
        (&letter, "250 2.0.0 Queued as A-0002"),
        ("QUIT", "221 2.0.0 Bye"),
    ];
    news(&mut world, 1, "mx.alumni.test", "A-0002", accepted(FORWARDED));
    call(&mut world, 1, "submit.you.test", ALUMNI, &lines);
    hop(&mut world, 1, ("submit.you.test", "S-0001"), ALUMNI, "250 2.0.0 Queued as A-0002", 1);
    let judged = Step::Judged {
        check: "grey".into(),
        about: "203.0.113.30 + <mina@you.test> + <pat@grey.test>".into(),
        result: "later".into(),
        why: "the three are known together in 300 s".into(),
    };
    news(&mut world, 2, "mx.grey.test", "", judged);
    let lines = [
        ("", "220 mx.grey.test ESMTP"),
        ("EHLO mx.alumni.test", "250 mx.grey.test"),
        ("MAIL FROM:<mina@you.test>", "250 2.1.0 Sender OK"),
        ("RCPT TO:<pat@grey.test>", GREYLISTED),
        ("QUIT", "221 2.0.0 Bye"),
    ];
    call(&mut world, 2, "mx.alumni.test", GREY, &lines);
    hop(&mut world, 2, ("mx.alumni.test", "A-0002"), GREY, GREYLISTED, 2);
    let (to, why, next) = ("pat@grey.test".to_owned(), format!("mx.grey.test: {GREYLISTED}"), BEGIN + 1802);
    news(&mut world, 2, "mx.alumni.test", "A-0002", Step::Deferred { to: to.clone(), why: why.clone(), next });
    let (id, from, until) = ("A-0002".into(), "mina@you.test".into(), BEGIN + 432_000);
    let waits = Waits { id, from, to, tries: 1, most: 63, next, until, why: Some(why) };
    tell(&mut world, lab::Signal::Queue { host: "mx.alumni.test".into(), waiting: vec![waits] });
    tell(&mut world, lab::Signal::Clock { now: BEGIN + 2, next: Some(next), pace: 0 });
    world
}

/// The clock was turned and the letter has arrived.
pub(crate) fn arrived(columns: u16, lines: u16) -> World {
    let mut world = greylisted(columns, lines);
    let (from, to) = ("mina@you.test".into(), vec!["pat@grey.test".into()]);
    let accepted = Step::Accepted { from, to, header: [].into() };
    news(&mut world, 1802, "mx.grey.test", "G-0003", accepted);
    let letter = format!("Return-Path: <mina@you.test>\r\n{RECEIVED}Subject: Field trip\r\n\r\nOff we go.\r\n");
    tell(
        &mut world,
        lab::Signal::Delivered(Delivered {
            at: BEGIN + 1802,
            host: "mx.grey.test".into(),
            mailbox: "pat@grey.test".into(),
            id: "G-0003".into(),
            from: "mina@you.test".into(),
            letter: Arc::from(letter.as_bytes()),
            added: 30,
        }),
    );
    hop(&mut world, 1802, ("mx.alumni.test", "A-0002"), GREY, "250 2.0.0 Queued as G-0003", 3);
    tell(&mut world, lab::Signal::Queue { host: "mx.alumni.test".into(), waiting: Vec::new() });
    tell(&mut world, lab::Signal::Clock { now: BEGIN + 1802, next: None, pace: 0 });
    world
}

fn shows(world: &World, text: &str) {
    assert!(world.text().contains(text), "{text:?} is not on the screen:\n{}", world.text());
}

#[test]
fn a_letter_that_waits_says_where_and_why_and_until_when() {
    let mut world = greylisted(80, 24);
    world.keys("Alt-M");
    shows(&world, "waits: try 2 of at most 63 at 01 Jan 10:35:02");
    shows(&world, "Why does it wait?");
    shows(&world, "451 4.7.1 Greylisted");
    shows(&world, "3 mx.alumni");
    shows(&world, "4 mx.grey");
    shows(&world, "1 laptop.you");
    shows(&world, "TLS, login");
    world.keys("+");
    assert!(world.effects.contains(&Effect::Lab(Request::Skip)), "{:?}", world.effects);
    world.keys("↑");
    shows(&world, "checked grey: later for 203.0.113.30 + <mina@you.test>");
}

#[test]
fn enter_opens_the_conversation_and_esc_leads_back_and_then_away() {
    let mut world = greylisted(80, 24);
    let own = world.session().id;
    world.keys("Alt-M ↑ Enter");
    assert!(world.session().is_watched());
    shows(&world, "S 451 4.7.1 Greylisted");
    shows(&world, "mx.alumni.test speaks here, you watch");
    shows(&world, "Esc map");
    world.keys("Esc");
    shows(&world, "Journey of S-0001");
    world.keys("↑ Enter");
    shows(&world, "S#250 2.0.0 Queued as A-0002");
    world.keys("Esc Esc");
    assert_eq!(world.session().id, own, "what was shown before is shown again");
    world.keys("Esc Esc");
    shows(&world, "─ Menu");
}

#[test]
fn what_arrived_is_opened_in_its_mailbox_and_the_map_goes_along_with_what_happens() {
    let mut world = greylisted(80, 24);
    world.keys("Alt-M");
    shows(&world, "waits: try 2");
    let mut world = arrived(80, 24);
    world.keys("Alt-M");
    shows(&world, "in the mailbox pat@grey.test at mx.grey");
    world.keys("Enter");
    shows(&world, "─ Letter in pat@grey.test");
    world.keys("Esc Esc");
    shows(&world, "Journey of S-0001");
}

#[test]
fn the_explanation_is_read_whole_and_says_what_the_dns_promised() {
    let mut world = greylisted(80, 24);
    world.keys("Alt-M ↑ ↑");
    shows(&world, "TLS, DANE");
    shows(&world, "DANE: the TLSA record 3 1 1");
    world.keys("e");
    shows(&world, "─ Explain");
    shows(&world, "250 means stored");
    world.keys("Esc");
    shows(&world, "Journey of S-0001");
}

#[test]
fn a_conversation_that_is_no_longer_kept_is_not_made_up() {
    let mut world = arrived(80, 24);
    world.keys("Alt-M ↑");
    shows(&world, "The conversation is no longer kept.");
    world.keys("Enter");
    shows(&world, "Journey of S-0001");
}

#[test]
fn the_letter_is_shown_as_it_was_with_what_is_to_come() {
    let mut world = greylisted(80, 24);
    world.keys("Alt-M ↑ l");
    shows(&world, "a Received line is to come: mx.grey adds it when it takes the letter");
    shows(&world, "added by submit.you");
    let mut world = World::greeted(80, 24);
    world.keys("Alt-M");
    shows(&world, "No letter has been on its way yet.");
    world.keys("Enter e l y Tab + Esc");
    assert!(!world.app.is_covered());
}

#[test]
fn a_letter_that_waits_has_what_its_host_put_on_top() {
    let mut world = greylisted(80, 24);
    world.keys("Alt-M l");
    shows(&world, "added by mx.alumni");
    shows(&world, "added by submit.you");
}

#[test]
fn in_a_batch_the_refusal_that_led_to_the_others_is_explained() {
    let mut world = World::greeted(80, 24);
    let accepted = Step::Accepted { from: "mina@you.test".into(), to: vec!["pat@grey.test".into()], header: [].into() };
    news(&mut world, 0, "mx.alumni.test", "A-0002", accepted);
    let lines = [
        ("", "220 mx.grey.test ESMTP"),
        ("EHLO mx.alumni.test", "250-mx.grey.test\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES"),
        ("MAIL FROM:<mina@you.test>\r\nRCPT TO:<pat@grey.test>\r\nDATA", "250 2.1.0 Sender OK"),
        ("", GREYLISTED),
        ("", "503 5.5.1 No valid recipients"),
        ("QUIT", "221 2.0.0 Bye"),
    ];
    call(&mut world, 2, "mx.alumni.test", GREY, &lines);
    hop(&mut world, 2, ("mx.alumni.test", "A-0002"), GREY, GREYLISTED, 2);
    world.keys("Alt-M e");
    shows(&world, "P12 · Come back later");
}

#[test]
fn a_conversation_is_on_the_map_while_it_lasts_and_can_be_opened() {
    let mut world = World::greeted(80, 24);
    let accepted = Step::Accepted { from: "mina@you.test".into(), to: vec!["pat@grey.test".into()], header: [].into() };
    news(&mut world, 0, "mx.alumni.test", "A-0002", accepted);
    let (server, address, id) = (GREY.0.to_owned(), GREY.1.into(), VisitId(2));
    news(&mut world, 1, "mx.alumni.test", "A-0002", Step::Calls { server, address, port: 25, call: id });
    let (from, host, to) = ("mx.alumni.test".into(), GREY.0.into(), (GREY.1, 25).into());
    tell(&mut world, lab::Signal::Called(Call { id, from, host, to }));
    let mut heard = |what| tell(&mut world, lab::Signal::Heard { visit: id, at: Moment::START, what });
    let opened = Opened { host: GREY.0.into(), peer: to.into(), local: None, lmtp: false, took: Duration::ZERO };
    heard(What::Mark(Mark::Opened(opened)));
    heard(What::Bytes(Side::Server, Arc::from(&b"220 mx.grey.test ESMTP\r\n"[..])));
    world.keys("Alt-M");
    shows(&world, "mx.alumni → mx.grey           plain text   ▸ speaks");
    shows(&world, "They are speaking now");
    world.keys("Enter");
    shows(&world, "S 220 mx.grey.test ESMTP");
    world.keys("Esc");
    hop(&mut world, 2, ("mx.alumni.test", "A-0002"), GREY, GREYLISTED, 2);
    shows(&world, "mx.alumni → mx.grey           plain text   ▸ 451 4.7.1");
    assert!(!world.text().contains("▸ speaks"), "it is over");
}

#[test]
fn space_sets_the_clock_running_and_leaving_the_map_lets_it_stand_still() {
    let mut world = greylisted(80, 24);
    world.keys("Alt-M");
    shows(&world, "paused, x60");
    world.keys("] Space");
    assert!(world.effects.contains(&Effect::Lab(Request::Run(600))), "{:?}", world.effects);
    tell(&mut world, lab::Signal::Clock { now: BEGIN + 602, next: Some(BEGIN + 1802), pace: 600 });
    shows(&world, "10:15:02  runs, x600");
    world.keys("[");
    assert!(world.effects.contains(&Effect::Lab(Request::Run(60))), "at once: {:?}", world.effects);
    world.keys("Esc");
    assert!(world.effects.contains(&Effect::Lab(Request::Run(0))), "nothing runs unseen: {:?}", world.effects);
}

#[test]
fn where_there_is_room_everybody_is_seen_and_the_host_of_a_row_can_be_changed() {
    let mut world = greylisted(160, 48);
    world.keys("Alt-M");
    shows(&world, "Who else is there");
    shows(&world, "mx1.harbor");
    shows(&world, "● submit.you");
    world.keys("↑ ↑ ↑ f");
    shows(&world, "─ submit.you.test ─");
    shows(&world, "greylist");
    shows(&world, "strangers wait (greylisting): nobody waits");
    world.keys("Enter");
    shows(&world, "─ Log of submit.you.test ─");
    shows(&world, "S-0001 accepted: mina@you.test");
    world.keys("Esc ↓ ↓ ↓ ↓ Enter");
    shows(&world, "as it is by itself: nobody waits");
    world.keys("↓ ↓ Enter Esc Esc");
    shows(&world, "submit.you greylist: a minute");
}

#[test]
fn d_leads_from_a_host_to_the_dns_of_its_domain() {
    let mut world = greylisted(160, 48);
    world.keys("Alt-M ↑ ↑ ↑ d");
    assert!(!world.app.is_covered(), "the panel is beside the conversation");
    shows(&world, "DNS and MX ─ you.test");
}
