//! What a problem leads to: its line, its command, and the way to it, through the real keymap.

#![expect(clippy::expect_used, reason = "a test that cannot go on must stop")]

#[allow(dead_code, reason = "each test binary uses its own part of this")]
#[path = "screens/world.rs"]
mod world;

use ehlo::tape::Side;

use world::World;

/// What the client has sent, as text.
fn sent(world: &World) -> String {
    let lane = world.session().tape().lane(Side::Client);
    String::from_utf8_lossy(&lane.bytes(0, lane.len())).into_owned()
}

#[test]
fn tab_takes_the_line_against_a_problem() {
    let mut world = World::greeted(80, 24);
    world.types("EHLO laptop.you.test\n").silence(true);
    world.types("MAIL FROM: <you@you.test>\n");
    world.server("501 5.5.4 Syntax: MAIL FROM:<address>\r\n");
    world.keys("Tab");
    assert!(world.text().contains("> MAIL FROM:<you@you.test>"), "{}", world.text());
    world.keys("Enter");
    assert!(sent(&world).ends_with("MAIL FROM:<you@you.test>\r\n"));
}

#[test]
fn enter_runs_the_command_against_a_problem() {
    let mut world = World::greeted(120, 30);
    world.types("EHLO laptop.you.test\n").silence(true);
    world.types("MAIL FROM:<you@you.test>\n");
    world.server("450 4.1.8 Domain of sender not found\r\n");
    world.keys("Alt-2 Enter");
    assert!(world.text().contains("(F3)"), "the step names its key: {}", world.text());
    world.keys("Enter");
    assert!(world.text().contains("Look up"), "{}", world.text());
}

#[test]
fn the_next_problem_is_where_a_session_shows_one() {
    let mut world = World::greeted(80, 24);
    // Nothing is refused here: the code says yes, the words say no.
    world.types("EHLO laptop.you.test\n").silence(true);
    world.types("MAIL FROM:<you@you.test>\n");
    world.server("250 2.1.0 Sender rejected\r\n");
    world.types("NOOP\n");
    world.server("250 2.0.0 OK\r\n");
    world.keys("Alt-2 g n");
    let text = world.text();
    assert!(text.contains("P30 · Text and code") && text.contains("1 problem"), "{text}");
}

#[test]
fn a_command_against_a_problem_finds_its_dialog_filled_in() {
    let mut world = World::greeted(120, 30);
    world.types("EHLO laptop.you.test\n").silence(true);
    world.types("MAIL FROM:<you@you.test>\n");
    world.server("250 2.1.0 Ok\r\n");
    world.types("RCPT TO:<ann@bank.test>\n");
    world.server("550 5.7.1 Relaying denied\r\n");
    world.keys("Alt-2 Enter Enter");
    assert!(world.text().contains("> bank.test"), "{}", world.text());
    world.keys("Enter");
    let panel = world.app.model.look_ups.panel().expect("Enter looks it up");
    assert_eq!(panel.domain().to_string(), "bank.test.");
}

#[test]
fn who_asks_why_a_letter_has_not_arrived_is_told_what_250_means() {
    let mut world = World::greeted(100, 40);
    world.types(":why not\n");
    assert!(world.text().contains("no letter was taken"), "{}", world.text());
    let mut world = World::greeted(100, 40);
    world.envelope();
    world.types("DATA\nSubject: hi\n\nbye").keys("Ctrl-D").types(":why not\n");
    let text = world.text();
    assert!(text.contains("has stored the letter as A1B2"), "{text}");
    assert!(text.contains("lacks") && text.contains("Message-ID"), "what is odd about it: {text}");
}
