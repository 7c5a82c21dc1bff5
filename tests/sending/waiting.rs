//! Ctrl-C: it clears the line, stops waiting for a reply, and leaves.

use ehlo::app::Effect;
use ehlo::tape::mark::{Mark, Wait};

use super::sent;
use super::world::World;

#[test]
fn ctrl_c_clears_and_twice_on_an_empty_line_leaves() {
    let mut world = World::greeted(80, 24);
    world.types("NOOP").keys("Ctrl-C");
    assert!(!world.text().contains("> NOOP"));
    world.keys("Ctrl-C");
    assert!(!world.effects.contains(&Effect::Quit));
    world.wait(2000);
    world.keys("Ctrl-C");
    assert!(!world.effects.contains(&Effect::Quit), "too late for the second one");
    world.keys("Ctrl-C");
    assert!(world.effects.contains(&Effect::Quit));
}

#[test]
fn ctrl_c_stops_waiting_and_the_composer_is_free_again() {
    let mut world = World::greeted(80, 24);
    world.silence(true);
    world.types("NOOP\n");
    world.wait(5000);
    assert!(world.text().contains("waiting 5 s"), "{}", world.text());
    world.types("RSE").keys("Ctrl-C");
    assert!(world.text().contains("waiting 5 s"), "the line is cleared first: {}", world.text());
    world.keys("Ctrl-C");
    let text = world.text();
    assert!(text.contains("you stopped waiting for the reply") && text.contains("C NOOP"), "{text}");
    assert!(!text.contains("waiting 5 s") && text.contains("No longer waiting"), "{text}");
    assert!(world.session().is_open(), "nothing is closed");
    world.wait(10_000);
    assert_eq!(world.app.wake(), None, "a wait that is over is not counted");
    world.types("QUIT\n");
    assert!(world.app.wake().is_some(), "the next line is waited for again");
    world.server("250 late\r\n221 bye\r\n");
    let dialogue = world.session().dialogue();
    assert_eq!((dialogue.outstanding().len(), dialogue.desync()), (0, None), "late replies still pair up");
}

#[test]
fn ctrl_c_twice_leaves_while_waiting_too() {
    let mut world = World::greeted(80, 24);
    world.silence(true);
    world.types("NOOP\n").keys("Ctrl-C");
    assert!(!world.effects.contains(&Effect::Quit));
    world.keys("Ctrl-C");
    assert!(world.effects.contains(&Effect::Quit));
}

#[test]
fn who_stops_waiting_is_no_longer_asked_about_a_time_out() {
    let mut world = World::greeted(80, 24);
    world.silence(true);
    world.types("NOOP\n");
    world.mark(Mark::TimedOut(Wait::Reply));
    assert!(world.text().contains("Nothing came in time"), "{}", world.text());
    world.keys("Ctrl-C");
    assert!(!world.text().contains("Nothing came in time"), "{}", world.text());
}

#[test]
fn who_stops_waiting_stops_repeating() {
    let mut world = World::greeted(80, 24);
    world.types("NOOP\nRSET\n").keys("F5");
    world.open();
    world.silence(true);
    world.server("220 mx1.harbor.test ESMTP Harbor Post\r\n");
    assert_eq!(sent(&world), "NOOP\r\n");
    world.keys("Ctrl-C");
    world.server("250 late\r\n");
    assert_eq!(sent(&world), "NOOP\r\n");
}
