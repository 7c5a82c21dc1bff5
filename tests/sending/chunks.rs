//! BDAT by hand and from a letter: chunks of any size, counts that are right or wrong on purpose.

use super::sent;
use crate::world::World;

/// A session inside an envelope with one recipient, CHUNKING offered or not.
fn envelope(offer: &str) -> World {
    let mut world = World::greeted(120, 48);
    world.silence(true);
    world.types("EHLO laptop.you.test\n");
    world.server(&format!("250-mx1.harbor.test\r\n250-{offer}\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES\r\n"));
    for line in ["MAIL FROM:<you@you.test>", "RCPT TO:<pat@harbor.test>"] {
        world.types(&format!("{line}\n"));
        world.server("250 ok\r\n");
    }
    world
}

/// Collects a letter in chunks of these sizes.
fn collect(world: &mut World, letter: &str, sizes: &str) {
    world.edited(letter);
    world.keys("Alt-:").types("letter in chunks\n").types(sizes).keys("Enter");
}

/// What went after the envelope.
fn letter_of(world: &World) -> String {
    let sent = sent(world);
    sent.split_once("RCPT TO:<pat@harbor.test>\r\n").map(|(_, rest)| rest.to_owned()).unwrap_or_default()
}

#[test]
fn a_letter_goes_in_chunks_of_the_size_that_was_asked_for() {
    let mut world = envelope("CHUNKING");
    collect(&mut world, "Subject: hi\n\n.dots stay as they are\n", "16");
    let screen = world.text();
    assert!(screen.contains(r#"1 "BDAT 16" CR LF"#) && screen.contains(r#""BDAT 7 LAST" CR LF"#), "{screen}");
    assert_eq!(letter_of(&world), "", "nothing is sent yet");
    world.types("\n");
    let chunks = "BDAT 16\r\nSubject: hi\r\n\r\n.BDAT 16\r\ndots stay as theBDAT 7 LAST\r\ny are\r\n";
    assert_eq!(letter_of(&world), chunks);
}

#[test]
fn sizes_are_taken_in_turn_and_a_zero_ends_the_letter_by_itself() {
    let mut world = envelope("CHUNKING");
    collect(&mut world, "one\ntwo\n", "3 4 0");
    world.types("\n");
    assert_eq!(letter_of(&world), "BDAT 3\r\noneBDAT 4\r\n\r\ntwBDAT 3\r\no\r\nBDAT 0 LAST\r\n");
    for reply in ["250 3\r\n", "250 4\r\n", "250 3\r\n", "250 2.0.0 taken\r\n"] {
        world.server(reply);
    }
    let dialogue = world.session().dialogue();
    assert_eq!(dialogue.outstanding().len(), 0, "a reply for each chunk");
    assert_eq!(dialogue.letters().len(), 1);
    assert!(dialogue.letters()[0].verdict.is_some_and(|code| code.get() == 250));
    assert!(dialogue.flaws().is_empty(), "{:?}", dialogue.flaws());
}

#[test]
fn sizes_that_make_no_sense_are_refused_and_nothing_is_lost() {
    let mut world = envelope("CHUNKING");
    collect(&mut world, "one\n", "three");
    assert!(world.text().contains("Sizes are numbers"), "{}", world.text());
    world.keys("Ctrl-U").types("0 5\n");
    assert!(world.text().contains("A chunk of 0 octets can only be the last"), "{}", world.text());
    world.keys("Ctrl-U").types("5\n\n");
    assert_eq!(letter_of(&world), "BDAT 5 LAST\r\none\r\n");
    assert_eq!(world.app.room.composer.letter.text(), "one\n", "the draft is there still");
}

#[test]
fn a_count_that_is_wrong_on_purpose_is_warned_of_and_sent() {
    let mut world = envelope("CHUNKING");
    world.keys("Alt-p").types("BDAT 9\nhello\n");
    assert!(world.text().contains("2 octets of this chunk are missing"), "{}", world.text());
    world.types("BDAT 0 LAST\n");
    let screen = world.text();
    assert!(screen.contains("The chunk ends after 2 of these octets; 11 octets behind it"), "{screen}");
    world.types("\n");
    assert_eq!(letter_of(&world), "BDAT 9\r\nhello\r\nBDAT 0 LAST\r\n", "octet for octet");
    let mut world = envelope("CHUNKING");
    world.keys("Alt-p").types("BDAT 99\nhello\nBDAT 0 LAST\n");
    assert!(world.text().contains("This is part of the chunk, not BDAT as a command"), "{}", world.text());
    world.keys("Ctrl-G");
    assert!(world.text().contains("The chunk is not whole"), "by form it is refused: {}", world.text());
    assert_eq!(letter_of(&world), "");
}

#[test]
fn d162_bdat_without_chunking_and_mixed_with_data_is_warned_of() {
    let mut world = envelope("SIZE 1000");
    world.types("BDAT 5 LAST");
    assert!(world.text().contains("502 expected: CHUNKING is not offered."), "{}", world.text());
    let mut world = envelope("CHUNKING");
    world.types("BDAT 5\nhi!\n");
    world.server("250 ok\r\n");
    world.types("DATA");
    let text = "503 expected: the letter goes in chunks: BDAT with LAST ends it.";
    assert!(world.text().contains(text), "{}", world.text());
}

#[test]
fn by_hand_the_octets_that_are_due_are_counted_and_what_is_over_is_warned_of() {
    let mut world = envelope("CHUNKING");
    world.types("BDAT 12 LAST\n");
    assert!(world.text().contains("chunk, 12 bytes due"), "{}", world.text());
    world.types("hello\n");
    assert!(world.text().contains("chunk, 5 bytes due"), "{}", world.text());
    world.types("world");
    assert!(world.text().contains("The chunk ends after 5 of these octets; 2 octets behind it"), "{}", world.text());
    world.keys("Backspace Backspace").types("\n");
    assert_eq!(letter_of(&world), "BDAT 12 LAST\r\nhello\r\nwor\r\n");
    assert!(!world.text().contains("bytes due"), "{}", world.text());
}

#[test]
fn parts_of_chunks_stay_in_the_batch_when_collecting_stops() {
    let mut world = envelope("CHUNKING");
    collect(&mut world, "one\n", "2");
    world.keys("Alt-p");
    assert!(!world.text().contains("> BDAT"), "they are no lines for themselves: {}", world.text());
    world.keys("Alt-p").types("\n");
    assert_eq!(letter_of(&world), "BDAT 2\r\nonBDAT 2\r\ne\rBDAT 1 LAST\r\n\n");
}
