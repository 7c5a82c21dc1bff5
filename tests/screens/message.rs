//! The message form through the real keymap: what it writes, what it refuses, and that nothing typed is lost.

use ehlo::app::{Effect, Msg};

use crate::world::World;

/// A server that has taken a sender and a recipient, and asks for the letter if `data`.
fn enveloped(data: bool) -> World {
    let mut world = World::greeted(80, 24);
    world.types("EHLO laptop.you.test\nMAIL FROM:<you@you.test>\nRCPT TO:<pat@harbor.test>\n");
    if data {
        world.types("DATA\n");
    }
    world
}

/// The text in the editor.
fn letter(world: &World) -> String {
    world.app.room.composer.letter.text()
}

fn shows(world: &World, text: &str) {
    assert!(world.text().contains(text), "{text:?} is not on the screen:\n{}", world.text());
}

fn hides(world: &World, text: &str) {
    assert!(!world.text().contains(text), "{text:?} is on the screen:\n{}", world.text());
}

#[test]
fn what_is_typed_is_the_letter_and_it_goes_as_it_stands() {
    let mut world = enveloped(true);
    world.keys("Alt-l Tab").types("High at six.\n.low at noon").keys("Ctrl-D");
    hides(&world, "Write a letter");
    let wanted = "Date: Thu, 1 Jan 2026 10:05:00 +0000\nFrom: <you@you.test>\n\
                  Message-ID: <1767261900.1.1@laptop.you.test>\nTo: <pat@harbor.test>\nSubject: A letter by hand\n\
                  MIME-Version: 1.0\nContent-Type: text/plain; charset=\"utf-8\"\n\
                  Content-Transfer-Encoding: 7bit\n\nHigh at six.\n.low at noon\n";
    assert_eq!(letter(&world), wanted);
    world.keys("Ctrl-D");
    let delivered = world.app.model.letters().back().expect("a letter");
    let sent = String::from_utf8_lossy(delivered.letter.get(delivered.added..).expect("what was sent"));
    assert_eq!(sent, wanted.replace('\n', "\r\n"));
    shows(&world, "Queued as A1B2");
}

#[test]
fn before_data_the_letter_waits() {
    let mut world = enveloped(false);
    world.keys("Alt-l ↓ Enter");
    shows(&world, "It waits until the server asks for it: DATA.");
    world.types("DATA\n");
    assert!(letter(&world).contains("Subject: A test letter\n"), "{}", letter(&world));
}

#[test]
fn a_text_that_was_begun_is_the_text_of_the_form_and_can_be_brought_back() {
    let mut world = enveloped(true);
    world.types("High at six.\nLow at noon.").keys("Alt-l Enter");
    assert!(letter(&world).ends_with("\n\nHigh at six.\nLow at noon.\n"), "{}", letter(&world));
    shows(&world, "undo brings back what stood there");
    world.keys("Ctrl-U Ctrl-U");
    assert_eq!(letter(&world), "High at six.\nLow at noon.\n");
}

#[test]
fn what_is_refused_stays_in_the_form_and_in_the_letter() {
    let mut world = enveloped(true);
    world.types("a draft").keys("Alt-l Shift-Tab Shift-Tab Shift-Tab").types("pat, sam@harbor.test\n");
    shows(&world, "\"pat\" is no address");
    shows(&world, "Write a letter");
    assert_eq!(letter(&world), "a draft\n");
    world.keys("Esc Alt-l");
    shows(&world, "pat, sam@harbor.test");
    world.keys("Shift-Tab Shift-Tab Shift-Tab Ctrl-U").types("sam@harbor.test\n");
    assert!(letter(&world).contains("To: <sam@harbor.test>"), "{}", letter(&world));
}

#[test]
fn header_and_envelope_are_compared() {
    let mut world = enveloped(false);
    world.keys("Alt-l");
    shows(&world, "MAIL <you@you.test>");
    shows(&world, "RCPT <pat@harbor.test>");
    world.keys("Shift-Tab Shift-Tab Shift-Tab").types("sam@harbor.test");
    shows(&world, "pat@harbor.test is in the envelope alone");
    world.types(", pat@harbor.test");
    shows(&world, "sam@harbor.test is named, but not in the envelope");
    world.keys("Ctrl-U").types("PAT@harbor.test").keys("Shift-Tab").types("boss@you.test");
    shows(&world, "Answers go to boss@you.test, reports of failure to <you@you.test>.");
}

#[test]
fn a_file_goes_with_the_letter() {
    let mut world = enveloped(true);
    world.keys("Alt-l Shift-Tab Shift-Tab Shift-Tab Shift-Tab Shift-Tab").types("/tmp/a.bin\n");
    shows(&world, "reading /tmp/a.bin");
    assert!(world.effects.iter().any(|effect| matches!(effect, Effect::Attach { path, .. } if path == "/tmp/a.bin")));
    world.message(Msg::Attached { path: "/tmp/a.bin".into(), found: Err("Cannot read /tmp/a.bin: no.".into()) });
    shows(&world, "Cannot read /tmp/a.bin: no.");
    shows(&world, "/tmp/a.bin");
    world.keys("Enter");
    world.message(Msg::Attached { path: "/tmp/a.bin".into(), found: Ok(vec![0, 255, 10]) });
    shows(&world, "a.bin (3 bytes)");
    world.message(Msg::Attached { path: "/tmp/a.bin".into(), found: Ok(vec![1]) });
    hides(&world, "(1 bytes)");
    world.keys("Ctrl-D");
    let letter = letter(&world);
    assert!(letter.contains("filename=\"a.bin\"") && letter.contains("\nAP8K\n"), "{letter}");
}

#[test]
fn what_sets_off_alarms_goes_to_no_stranger() {
    let mut world = World::greeted(80, 24);
    world.keys("Alt-l ↑ Enter");
    assert!(letter(&world).contains("eicar.com"), "{}", letter(&world));
    world.connect("mail.example.org", 25);
    world.keys("↓ Enter");
    world.open_at([198, 18, 0, 1]);
    world.server("220 mail.example.org ESMTP\r\n");
    world.keys("Alt-l Enter");
    shows(&world, "it goes to the lab and to this machine only");
    world.keys("↓ ↓ ↓ ↓ ↓ ↓ ↓");
    hides(&world, "▸ GTUBE");
    hides(&world, "▸ EICAR");
}

#[test]
fn a_paste_goes_where_the_keys_go() {
    let mut world = enveloped(true);
    world.keys("Alt-l Tab");
    world.paste("one\ntwo");
    world.keys("Shift-Tab Shift-Tab");
    world.paste("a subject");
    world.keys("Ctrl-D");
    let letter = letter(&world);
    assert!(letter.contains("Subject: a subject\n") && letter.ends_with("\n\none\ntwo\n"), "{letter}");
}
