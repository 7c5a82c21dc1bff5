//! Pastes: shown before anything is done with them, and never sent by themselves.

use crate::sent;
use crate::world::World;

#[test]
fn a_pasted_block_is_never_sent_by_itself() {
    let mut world = World::greeted(80, 24);
    world.paste("NOOP\nRSET\nQUIT\n");
    assert_eq!(sent(&world), "");
    world.keys("Enter");
    assert_eq!(sent(&world), "", "choosing sends nothing either");
    world.keys("Enter Enter");
    assert_eq!(sent(&world), "NOOP\r\nRSET\r\n");
    world.paste("HELP");
    assert_eq!(sent(&world), "NOOP\r\nRSET\r\n");
}

#[test]
fn e143_a_pasted_block_is_shown_with_what_may_be_done_and_nothing_is_sent() {
    let mut world = World::greeted(80, 24);
    world.paste(&"NOOP\n".repeat(30));
    let screen = world.text();
    assert!(screen.contains("Pasted: 30 lines. Nothing sent yet. [paste/multiline]"), "{screen}");
    for choice in ["one by one", "as the letter", "Esc forget the text"] {
        assert!(screen.contains(choice), "{choice}: {screen}");
    }
    world.keys("Esc").wait(1000);
    assert!(sent(&world).is_empty() && !world.text().contains("> NOOP"), "{}", world.text());
}

#[test]
fn e131_an_address_with_a_line_break_in_it_never_becomes_two_commands() {
    let address = "a@b.test\r\nRCPT TO:<x@y.test>";
    let mut world = World::greeted(80, 24);
    world.paste(&format!("MAIL FROM:<{address}>\r\n"));
    assert!(world.text().contains("[paste/multiline]") && sent(&world).is_empty(), "{}", world.text());
    world.keys("Esc");
    world.paste("MAIL FROM:<a@b.test>\0");
    world.keys("Enter");
    assert_eq!(sent(&world), "MAIL FROM:<a@b.test>\r\n", "a NUL is no part of a line");
    for form in ["Alt-c", "Alt-l Shift-Tab"] {
        let before = sent(&world);
        world.keys(form);
        world.paste(address);
        let screen = world.text();
        assert!(screen.contains("it would become a second command"), "{form}: {screen}");
        assert!(screen.contains("[input/crlf]") && !screen.contains("x@y.test"), "{form}: {screen}");
        world.keys("Esc").wait(1000);
        assert_eq!(sent(&world), before);
    }
}

#[test]
fn a_paste_where_nothing_takes_a_text_is_refused_in_words() {
    for open in ["Esc", "F1", "Alt-s", "Alt-m"] {
        let mut world = World::greeted(80, 24);
        world.keys(open);
        world.wait(1000);
        world.paste("NOOP\nRSET\n");
        assert!(world.text().contains("so the paste was not taken"), "{open}: {}", world.text());
        world.keys("Esc");
        assert!(!world.text().contains("> NOOP") && sent(&world).is_empty(), "{open}");
    }
}
