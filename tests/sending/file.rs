//! A file as the letter: shown before it is sent, alone while it goes, and never passed off as whole when it is not.

use ehlo::app::Effect;
use ehlo::ports::net::{Act, Body, Letter, Request, What};
use ehlo::smtp::data::Wire;
use ehlo::tape::Side;
use ehlo::tape::mark::Mark;

use crate::world::World;
use crate::{live, sent};

/// Asked for a letter, with a draft begun.
fn drafting() -> World {
    let mut world = World::greeted(80, 24);
    world.envelope();
    world.types("DATA\nSubject: draft\n\nhi");
    world
}

/// The letter that was handed to the network, if one was.
fn posted(world: &World) -> Option<&Letter> {
    world.effects.iter().rev().find_map(|effect| match effect {
        Effect::Net(Request::Do(_, Act::Post(letter))) => Some(letter),
        _ => None,
    })
}

#[test]
fn a_file_for_the_wire_is_shown_first_and_esc_goes_back_to_the_draft() {
    let mut world = drafting();
    world.looked_at("big.eml", b"Subject: big\r\n\r\n.dot\r\n", 1);
    for told in ["Send a file as the letter", "big.eml", "size          22 octets", "dots          1 line begins"] {
        assert!(world.text().contains(told), "{told} is not on\n{}", world.text());
    }
    world.keys("Enter");
    assert!(posted(&world).is_none(), "an Enter that was meant for the draft sends nothing");
    world.keys("Esc");
    assert!(world.text().contains("Subject: draft") && !world.app.is_covered(), "{}", world.text());
    world.keys("Ctrl-D");
    assert!(sent(&world).ends_with("DATA\r\nSubject: draft\r\n\r\nhi\r\n.\r\n") && posted(&world).is_none());
}

#[test]
fn while_a_file_is_looked_at_no_key_reaches_the_draft() {
    let mut world = drafting();
    world.choose("big.eml");
    assert!(world.effects.iter().any(|effect| matches!(effect, Effect::Read { path, .. } if path == "big.eml")));
    assert!(!world.text().contains("big.eml"), "most files are known at once: nothing flickers");
    let before = sent(&world);
    world.keys("Ctrl-D Enter Tab x");
    world.wait(300);
    assert!(world.text().contains("big.eml is read once"), "{}", world.text());
    world.read("other.eml", "of another choice");
    world.keys("Esc");
    assert!(!world.app.is_covered() && sent(&world) == before, "{}", sent(&world));
    world.read("big.eml", "nobody waits for it any more");
    assert_eq!(world.app.room.composer.letter.lines(), ["Subject: draft", "", "hi"]);

    world.choose("small.eml");
    world.read("small.eml", ", Theo");
    assert!(!world.app.is_covered() && world.app.wake().is_none());
    assert_eq!(world.app.room.composer.letter.lines(), ["Subject: draft", "", "hi, Theo"]);
}

#[test]
fn while_a_file_goes_there_is_no_other_letter() {
    let mut world = drafting();
    world.looked_at("big.eml", b"0123456789abcd\r\n", 512 * 1024);
    world.keys("Ctrl-D");
    let expected = Letter { body: Body::File("big.eml".into()), wire: Wire::Normalise, octets: Some(8 * 1024 * 1024) };
    assert_eq!(posted(&world), Some(&expected));
    let before = sent(&world);

    world.client("0123456789abcd\r\n");
    world.hear(What::Elided(Side::Client, 2 * 1024 * 1024 - 16));
    let text = world.text();
    assert!(text.contains("[#####...................] 2 MiB of 8 MiB"), "{text}");
    assert!(text.contains("2 MiB of 8 MiB sent") && text.contains("Alt-X stops it"), "{text}");

    let gone = sent(&world);
    world.keys("Ctrl-C");
    assert!(world.text().contains("no other one"), "{}", world.text());
    world.types("RSET\n.\n\n").keys("Ctrl-D Tab F4 Alt-i");
    world.paste("more\n");
    assert!(world.text().contains("no other one"), "{}", world.text());
    world.types(":send\n");
    assert_eq!(sent(&world), gone, "nothing goes between the lines of the file");
    assert!(!world.app.is_covered() && !world.effects.iter().any(|effect| matches!(effect, Effect::Edit(_))));

    world.hear(What::Elided(Side::Client, 6 * 1024 * 1024));
    world.client(".\r\n");
    assert!(!world.text().contains("Alt-X stops it"), "it has gone: {}", world.text());
    world.verdict("552 5.3.4 Too much\r\n");
    assert!(before.ends_with("DATA\r\n"));
    world.types("MAIL FROM:<you@you.test>\nRCPT TO:<pat@harbor.test>\nDATA\n");
    assert!(world.text().contains("Subject: draft"), "the draft is still there: {}", world.text());
}

#[test]
fn a_file_on_its_way_can_be_stopped() {
    let mut world = drafting();
    world.looked_at("big.eml", b"0123456789abcd\r\n", 512 * 1024);
    world.keys("Ctrl-D");
    world.client("0123456789abcd\r\n");
    world.keys("Alt-X");
    let text = world.text();
    assert!(text.contains("Closed.") && !text.contains("Alt-X stops it"), "{text}");
    assert!(sent(&world).ends_with("DATA\r\n0123456789abcd\r\n"), "no dot passes a part off as the whole");
}

#[test]
fn a_file_that_breaks_off_is_told_and_stays_the_only_letter() {
    let mut world = drafting();
    world.looked_at("big.eml", b"0123456789abcd\r\n", 512 * 1024);
    world.keys("Ctrl-D");
    world.client("0123456789abcd\r\n");
    world.mark(Mark::Unread { name: "big.eml".into(), why: "it shrank".into() });
    let text = world.text();
    assert!(text.contains("big.eml was not sent whole: 16 octets went, and no dot"), "{text}");
    let before = sent(&world);
    world.types("the rest\n.\n\n").keys("Ctrl-D");
    assert_eq!(sent(&world), before);
}

#[test]
fn what_the_network_does_not_take_locks_nothing() {
    let mut world = drafting();
    world.looked_at("big.eml", b"Subject: big\r\n", 1);
    world.block(true);
    world.keys("Ctrl-D");
    let text = world.text();
    assert!(text.contains("still busy") && text.contains("Subject: draft"), "{text}");
    world.block(false);
    world.keys("Ctrl-D");
    assert!(sent(&world).ends_with("hi\r\n.\r\n"));
}

#[test]
fn before_data_a_file_is_only_shown() {
    let mut world = World::greeted(80, 24);
    world.envelope();
    world.looked_at("big.eml", b"Subject: big\r\n", 1);
    world.keys("Ctrl-D");
    assert!(posted(&world).is_none() && world.text().contains("DATA comes first"), "{}", world.text());
    assert!(world.app.is_covered(), "it is still shown");
}

#[test]
fn line_ends_stay_on_request_but_never_end_a_letter_early_on_a_real_host() {
    let odd = b"Subject: big\n.\nMAIL FROM:<a@b.test>\r\n";
    let mut world = drafting();
    world.looked_at("big.eml", odd, 1);
    assert!(world.text().contains("2 LF alone: made CR LF"), "{}", world.text());
    world.keys("Tab");
    assert!(world.text().contains("2 LF alone: sent as they are"), "{}", world.text());
    world.keys("Ctrl-D");
    assert_eq!(posted(&world).map(|letter| letter.wire), Some(Wire::Verbatim));

    let mut world = live();
    world.looked_at("big.eml", odd, 1);
    world.keys("Tab");
    let text = world.text();
    assert!(text.contains("2 LF alone: made CR LF") && text.contains("only hosts of the lab"), "{text}");
}
