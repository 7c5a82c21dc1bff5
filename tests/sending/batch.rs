//! Batches: lines that leave in one write, and the replies that come back.

use ehlo::app::Effect;
use ehlo::ports::net::{self, Request};

use super::{live, sent};
use crate::world::World;

/// A greeted session behind its EHLO, with PIPELINING offered.
fn hello() -> World {
    let mut world = World::greeted(80, 30);
    world.types("EHLO laptop.you.test\n");
    world
}

/// What was handed to the network and not answered, a text for each write.
fn writes(world: &World) -> Vec<String> {
    let octets = |effect: &Effect| match effect {
        Effect::Net(Request::Do(_, net::Act::Send(octets))) => Some(String::from_utf8_lossy(octets).into_owned()),
        _ => None,
    };
    world.effects.iter().filter_map(octets).collect()
}

#[test]
fn a_batch_is_shown_with_its_octets_and_leaves_in_one_write() {
    let mut world = hello();
    let before = sent(&world);
    world.keys("Alt-p").types("MAIL FROM:<you@you.test>\nRCPT TO:<pat@harbor.test>\nDATA\n");
    assert_eq!(sent(&world), before, "nothing leaves before the empty line");
    let screen = world.text();
    assert!(screen.contains(r#"1 "MAIL FROM:<you@you.test>" CR LF"#), "{screen}");
    assert!(screen.contains("26 bytes"), "{screen}");
    assert!(screen.contains(r#"3 "DATA" CR LF"#), "{screen}");
    assert!(screen.contains("Enter sends 3 lines, 59 bytes, in one write"), "{screen}");
    world.hold();
    world.types("\n");
    assert_eq!(writes(&world), ["MAIL FROM:<you@you.test>\r\nRCPT TO:<pat@harbor.test>\r\nDATA\r\n"]);
}

#[test]
fn c085_each_reply_of_a_batch_is_told_with_its_command() {
    let mut world = hello();
    world.resize(160, 48);
    world.keys("Alt-p").types("MAIL FROM:<you@you.test>\nRCPT TO:<nobody@harbor.test>\nRCPT TO:<pat@harbor.test>\n\n");
    let screen = world.text();
    for told in ["250 in line 11", "✗ 550 in line 12", "250 in line 13", "to 8 MAIL", "✗ to 9 RCPT", "to 10 RCPT"] {
        assert!(screen.contains(told), "{told}: {screen}");
    }
    assert!(screen.contains("1 of 2 accepted"), "{screen}");
    world.types("NOOP\n");
    assert!(!world.text().contains("to 14 NOOP"), "alone, the reply stands below its command");
}

#[test]
fn c083_what_must_come_last_is_warned_of_and_sent_all_the_same_by_hand() {
    let mut world = hello();
    world.keys("Alt-p").types("NOOP\nMAIL FROM:<you@you.test>\n");
    assert!(world.text().contains("NOOP must come last"), "{}", world.text());
    world.types("\n");
    assert!(sent(&world).ends_with("NOOP\r\nMAIL FROM:<you@you.test>\r\n"));
}

#[test]
fn c083_c084_by_form_a_batch_goes_in_groups_that_end_where_they_must() {
    let mut world = hello();
    world.keys("Alt-p").types("NOOP\nMAIL FROM:<you@you.test>\nRCPT TO:<pat@harbor.test>\nDATA\n");
    world.hold();
    world.keys("Ctrl-G");
    assert_eq!(writes(&world), ["NOOP\r\n", "MAIL FROM:<you@you.test>\r\nRCPT TO:<pat@harbor.test>\r\nDATA\r\n"]);
}

#[test]
fn c083_by_form_nothing_goes_behind_data() {
    let mut world = hello();
    world.keys("Alt-p").types("MAIL FROM:<you@you.test>\nRCPT TO:<pat@harbor.test>\nDATA\nQUIT\n");
    let before = sent(&world);
    world.keys("Ctrl-G");
    assert!(world.text().contains("Line 4: Only commands go in groups"), "{}", world.text());
    assert_eq!(sent(&world), before);
    assert!(world.text().contains(r#"4 "QUIT""#), "the batch stays: {}", world.text());
}

#[test]
fn c086_a_354_for_nobody_is_answered_with_a_lone_dot() {
    let mut world = hello();
    world.keys("Alt-p").types("MAIL FROM:<you@you.test>\nRCPT TO:<nobody@harbor.test>\nDATA\n").keys("Ctrl-G");
    assert!(sent(&world).ends_with("DATA\r\n.\r\n"), "{}", sent(&world));
    assert!(world.text().contains("a lone dot went"), "{}", world.text());
}

#[test]
fn c086_by_hand_the_lone_dot_is_advised_and_one_key_sends_it() {
    let mut world = hello();
    world.keys("Alt-p").types("MAIL FROM:<you@you.test>\nRCPT TO:<nobody@harbor.test>\nDATA\n\n");
    assert!(world.text().contains("Send a lone dot"), "{}", world.text());
    world.keys("Ctrl-D");
    assert!(sent(&world).ends_with("DATA\r\n.\r\n"));
}

#[test]
fn c087_without_pipelining_a_batch_is_warned_of_by_hand_and_goes_line_by_line_by_form() {
    let lines = "MAIL FROM:<you@you.test>\nRCPT TO:<pat@harbor.test>\n";
    let mut world = World::greeted(80, 30);
    world.silence(true);
    world.types("EHLO laptop.you.test\n");
    world.server("250-mx1.harbor.test\r\n250 SIZE 1000\r\n");
    world.keys("Alt-p").types(lines);
    assert!(world.text().contains("PIPELINING is not offered"), "{}", world.text());
    world.hold();
    world.keys("Ctrl-G");
    assert_eq!(writes(&world), ["MAIL FROM:<you@you.test>\r\n", "RCPT TO:<pat@harbor.test>\r\n"]);
}

#[test]
fn c087_a_list_from_before_tls_allows_no_batch() {
    let mut world = hello();
    world.keys("Alt-p").types("MAIL FROM:<you@you.test>\nRCPT TO:<pat@harbor.test>\n");
    assert!(!world.text().contains("PIPELINING is not offered"), "{}", world.text());
    world.keys("Backspace Ctrl-U Backspace Ctrl-U Alt-p").types("STARTTLS\n");
    world.keys("Alt-p").types("RSET\nRSET\n");
    assert!(world.text().contains("PIPELINING is not offered"), "{}", world.text());
}

#[test]
fn lines_can_be_taken_back_and_are_not_lost_when_collecting_ends() {
    let mut world = hello();
    world.keys("Alt-p").types("NOOP one\nNOOP two\n");
    world.keys("Backspace");
    assert!(world.text().contains("> NOOP two"), "{}", world.text());
    world.types("!\n").keys("Alt-p");
    assert!(world.text().contains("> NOOP one"), "{}", world.text());
    world.types("\n\n");
    assert!(sent(&world).ends_with("NOOP one\r\nNOOP two!\r\n"), "{}", sent(&world));
}

#[test]
fn a_batch_that_the_network_does_not_take_is_a_batch_again() {
    let mut world = hello();
    world.block(true);
    world.keys("Alt-p").types("NOOP one\nNOOP two\n\n");
    world.block(false);
    assert!(world.text().contains(r#"2 "NOOP two""#), "{}", world.text());
    world.types("\n");
    assert!(sent(&world).ends_with("NOOP one\r\nNOOP two\r\n"));
}

#[test]
fn pasted_lines_can_leave_in_one_write() {
    let mut world = hello();
    world.paste("NOOP one\nNOOP two\n");
    world.keys("↓ ↓ ↓ Enter");
    assert!(world.text().contains(r#"2 "NOOP two""#), "{}", world.text());
    world.hold();
    world.types("\n");
    assert_eq!(writes(&world), ["NOOP one\r\nNOOP two\r\n"]);
}

#[test]
fn secrets_in_a_batch_are_masked_and_asked_about_on_a_real_host() {
    let mut world = live();
    world.keys("Alt-p").types("AUTH LOGIN\nYWxpY2U=\nczNjcmV0");
    assert!(!world.text().contains("YWxpY2U=") && !world.text().contains("czNjcmV0"), "{}", world.text());
    world.types("\n");
    assert!(!world.text().contains("czNjcmV0"), "{}", world.text());
    world.types("\n");
    assert_eq!(sent(&world), "");
    assert!(world.text().contains("Enter again sends this secret in clear"), "{}", world.text());
    world.types("\n");
    assert_eq!(sent(&world), "AUTH LOGIN\r\nYWxpY2U=\r\nczNjcmV0\r\n");
}

#[test]
fn what_stands_behind_starttls_is_asked_about_on_a_real_host() {
    let mut world = live();
    world.keys("Alt-p").types("STARTTLS\nNOOP\n");
    assert!(world.text().contains("STARTTLS must come last"), "{}", world.text());
    world.types("\n");
    assert_eq!(sent(&world), "");
    world.types("\n");
    assert_eq!(sent(&world), "STARTTLS\r\nNOOP\r\n");
}

#[test]
fn e141_outside_the_lab_101_recipients_do_not_go_in_one_write() {
    let block = format!("MAIL FROM:<you@you.test>\n{}", "RCPT TO:<pat@example.org>\n".repeat(101));
    for send in ["Enter", "Ctrl-G"] {
        let mut world = live();
        world.types("EHLO laptop.you.test\n");
        let before = sent(&world);
        world.paste(&block);
        world.keys("↓ ↓ ↓ Enter").keys(send);
        assert_eq!(sent(&world), before, "{send}");
        assert!(world.text().contains("[policy/bulk]"), "{send}: {}", world.text());
    }
    let mut lab = hello();
    lab.paste(&block);
    lab.keys("↓ ↓ ↓ Enter Enter");
    assert_eq!(sent(&lab).matches("RCPT").count(), 101, "the lab takes what it likes");
}

#[test]
fn each_verdict_of_lmtp_says_whom_it_is_for() {
    let mut world = World::new(160, 48);
    world.open();
    for (server, client) in [
        ("220 store LMTP\r\n", "LHLO you.test\r\n"),
        ("250 store\r\n", "MAIL FROM:<you@you.test>\r\n"),
        ("250 ok\r\n", "RCPT TO:<pat@harbor.test>\r\n"),
        ("250 ok\r\n", "RCPT TO:<full@harbor.test>\r\n"),
        ("250 ok\r\n", "DATA\r\n"),
        ("354 go\r\n", "\r\nhello\r\n.\r\n"),
        ("250 stored\r\n452 full\r\n", ""),
    ] {
        world.server(server);
        if !client.is_empty() {
            world.client(client);
        }
    }
    let screen = world.text();
    assert!(screen.contains("for pat@harbor.test:") && screen.contains("for full@harbor.test:"), "{screen}");
}
