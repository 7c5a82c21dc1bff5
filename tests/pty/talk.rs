//! The linear explorer in a terminal: a prompt, lines appended, secrets that are not seen, silence while nothing happens.

use std::time::Duration;

use crate::terminal::{Start, Terminal};

/// Runs `ehlo` with these arguments and waits for the greeting and the prompt behind it.
fn talk(home: &std::path::Path, arguments: &[&str], change: impl FnOnce(Start) -> Start) -> Terminal {
    let terminal = change(Start::ehlo(home, arguments).size(100, 60)).start();
    terminal.wait_for("server: 220 ");
    prompted(&terminal, "you:");
    terminal
}

/// Waits until this prompt is the last thing that is seen.
fn prompted(terminal: &Terminal, prompt: &str) {
    terminal.wait_until(prompt, |screen| screen.contents().trim_end().ends_with(prompt));
}

fn leave(mut terminal: Terminal) {
    terminal.press(":quit\r");
    assert!(terminal.wait_for_end(Duration::from_secs(5)).success());
    assert!(terminal.is_cooked(), "lines and echo are as they were");
    assert!(!terminal.raw().contains(&0x1b), "no escape byte: {}", terminal.screen());
}

#[test]
fn a1_lines_are_chosen_by_themselves_where_they_are_wanted() {
    let home = tempfile::tempdir().expect("a home");
    for (name, value) in [("TERM", "dumb"), ("ACCESSIBLE", "1"), ("EHLO_LINEAR", "1")] {
        leave(talk(home.path(), &[], |start| start.env(name, value)));
    }
    leave(talk(home.path(), &["--linear"], |start| start));
    leave(talk(home.path(), &["connect", "mx2.harbor.test", "--linear"], |start| start));
}

#[test]
fn what_is_typed_is_not_repeated_and_what_it_means_is_told() {
    let home = tempfile::tempdir().expect("a home");
    let mut terminal = talk(home.path(), &["talk"], |start| start);
    terminal.press("EHLO laptop.you.test\r");
    terminal.wait_for("server: reply 250, nine lines");
    prompted(&terminal, "you:");
    assert_eq!(terminal.screen().matches("EHLO laptop.you.test").count(), 1, "{}", terminal.screen());
    terminal.wait_for("meaning: my name; which extensions have you?");
    terminal.press(":accept\r");
    terminal.wait_for("line: MAIL FROM:<you@you.test> An empty line sends it.");
    terminal.press("\r");
    terminal.wait_for("server: 250 2.1.0 Sender OK");
    terminal.press("DATA\r");
    terminal.wait_for("problem: 503 expected: no recipient was accepted.");
    leave(terminal);
}

#[test]
fn a_line_that_was_held_back_is_told_when_it_leaves() {
    let home = tempfile::tempdir().expect("a home");
    let mut terminal = talk(home.path(), &["talk"], |start| start);
    for line in ["EHLO laptop.you.test", "MAIL FROM:<you@you.test>"] {
        terminal.press(&format!("{line}\r"));
        terminal.wait_for(line.split([' ', ':']).next().expect("a verb"));
        prompted(&terminal, "you:");
    }
    terminal.wait_for("server: 250 2.1.0");
    terminal.press("RCPT TO:<delay-2@harbor.test>\r");
    terminal.wait_for("meaning: envelope: who gets it");
    terminal.press("RSET\r");
    terminal.wait_for("event: 6 octets held back");
    terminal.wait_until("the line, below", |screen| {
        let screen = screen.contents();
        let below =
            screen.split_once("event: 6 octets held back").is_some_and(|(_, below)| below.contains("you: RSET"));
        below && screen.contains("meaning: forget this envelope")
    });
    leave(terminal);
}

#[test]
fn a_secret_is_not_seen_while_it_is_typed_and_the_echo_comes_back() {
    let home = tempfile::tempdir().expect("a home");
    let mut terminal = talk(home.path(), &["talk", "submit.you.test:587", "--tls", "require"], |start| start);
    terminal.press("AUTH LOGIN\r");
    prompted(&terminal, "secret, not shown:");
    terminal.press("bWluYQ==\r");
    terminal.wait_for("meaning: asks: Password:");
    prompted(&terminal, "secret, not shown:");
    terminal.press("c3VuZmxvd2Vy\r");
    terminal.wait_for("server: 235 2.7.0");
    prompted(&terminal, "you:");
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    // The terminal echoed neither; the transcript may show the lab's own, which are public.
    assert!(!raw.contains("not shown: bWlu") && !raw.contains("not shown: c3Vu"), "{raw}");
    terminal.press("NOOP\r");
    terminal.wait_for("you: NOOP");
    leave(terminal);
}

#[test]
fn a3_nothing_is_written_while_nothing_happens() {
    let home = tempfile::tempdir().expect("a home");
    let terminal = talk(home.path(), &["talk"], |start| start);
    let before = terminal.raw().len();
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(terminal.raw().len(), before, "{}", terminal.screen());
    leave(terminal);
}

#[test]
fn a15_lines_are_as_short_as_asked() {
    let home = tempfile::tempdir().expect("a home");
    let mut terminal = talk(home.path(), &["talk", "--width", "40"], |start| start);
    terminal.press("HELP\r");
    prompted(&terminal, "you:");
    let screen = terminal.screen();
    assert!(screen.lines().all(|line| line.trim_end().chars().count() <= 40), "{screen}");
    leave(terminal);
}
