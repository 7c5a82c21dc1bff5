//! Repeat to here: what is sent again, and what is not.

use ehlo::ports::net::What;
use ehlo::tape::Side;

use crate::world::World;
use crate::{live, sent};

#[test]
fn repeat_to_here_sends_the_same_lines_again() {
    let mut world = World::greeted(80, 24);
    world.envelope();
    world.types("DATA\nhi\n.\n\n");
    let before = sent(&world);
    world.keys("F5");
    assert_eq!(world.app.model.sessions().len(), 2);
    assert_eq!(sent(&world), "", "nothing before the greeting");
    world.open();
    world.server("220 mx1.harbor.test ESMTP Harbor Post\r\n");
    assert_eq!(sent(&world), before);
}

#[test]
fn repeat_stops_before_a_letter_that_was_not_kept_whole() {
    let mut world = World::greeted(80, 24);
    world.envelope();
    world.silence(true);
    world.types("DATA\n");
    let before = sent(&world);
    world.server("354 Go on\r\n");
    world.client("Subject: large\r\n\r\nthe beginning\r\n");
    world.hear(What::Elided(Side::Client, 5 * 1024 * 1024));
    world.client("the end\r\n.\r\n");
    world.server("250 2.0.0 Queued as A1B2\r\n");
    world.silence(false);
    world.types("NOOP\n");
    world.keys("F5");
    world.open();
    world.server("220 mx1.harbor.test ESMTP Harbor Post\r\n");
    assert_eq!(sent(&world), before, "not an octet of the letter goes");
    let text = world.text();
    assert!(text.contains("Repeating stopped: the letter was too large to be kept whole"), "{text}");
    world.types("hi\n.\n\n");
    assert!(sent(&world).ends_with("DATA\r\nhi\r\n.\r\n"), "it does not go on by itself: {}", sent(&world));
}

#[test]
fn e141_outside_the_lab_a_sixth_recipient_does_not_go_by_itself() {
    let mut world = live();
    world.types("EHLO laptop.you.test\nMAIL FROM:<you@you.test>\n");
    for _ in 0..7 {
        world.types("RCPT TO:<pat@example.org>\n");
    }
    assert_eq!(sent(&world).matches("RCPT").count(), 7, "typing is free");
    world.keys("F5 Enter");
    world.open_at([198, 18, 0, 1]);
    world.server("220 mail.example.org ESMTP\r\n");
    assert_eq!(sent(&world).matches("RCPT").count(), 5, "{}", world.text());
    assert!(
        world.text().contains("at most 5 recipients") && world.text().contains("[policy/bulk]"),
        "{}",
        world.text()
    );
}

#[test]
fn repeat_asks_for_secrets_again() {
    let mut world = live();
    world.types("AUTH LOGIN\nc2VjcmV0bmFtZQ==\n\n");
    world.keys("F5");
    assert_eq!(world.app.model.sessions().len(), 2, "a real server is asked about first");
    world.keys("Enter");
    world.open_at([198, 18, 0, 1]);
    world.server("220 mail.example.org ESMTP\r\n");
    assert_eq!(sent(&world), "AUTH LOGIN\r\n");
    assert!(world.text().contains("secret"), "{}", world.text());
    world.types("b3RoZXI=\n\n");
    assert_eq!(sent(&world), "AUTH LOGIN\r\nb3RoZXI=\r\n");
}
