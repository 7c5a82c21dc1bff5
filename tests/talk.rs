//! `ehlo talk` through the real program, with pipes: each line waits until the one before is answered, every line that is
//! told begins with a word, and the exit code says how it went.

#![expect(clippy::expect_used, reason = "a test that cannot go on must stop")]

#[path = "peers/peer.rs"]
mod peer;

use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use peer::Peer;

/// What came of a call: its exit code, and what it printed.
struct Told {
    exit: Option<i32>,
    out: String,
    complaint: String,
}

impl Told {
    /// The lines that begin with a word.
    fn of(&self, word: &str) -> Vec<&str> {
        self.out.lines().filter_map(|line| line.strip_prefix(word)?.strip_prefix(": ")).collect()
    }
}

/// Calls `ehlo talk` and pipes some text into it.
fn talk(arguments: &[&str], text: &str) -> Told {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ehlo"))
        .arg("talk")
        .args(arguments)
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Told { exit: output.status.code(), out: text(output.stdout), complaint: text(output.stderr) }
}

#[test]
fn a_letter_is_piped_in_line_by_line_and_each_line_waits_for_its_reply() {
    let told = talk(
        &[],
        "EHLO laptop.you.test\r\nMAIL FROM:<you@you.test>\r\nRCPT TO:<pat@harbor.test>\r\nDATA\r\n\
         Subject: by pipe\r\n\r\n.hidden\r\n.\r\nQUIT\r\n",
    );
    assert_eq!((told.exit, told.complaint.as_str()), (Some(0), ""), "{}", told.out);
    let said: Vec<&str> =
        told.out.lines().filter(|line| line.starts_with("you: ") || line.starts_with("server: 2")).collect();
    let after = |line: &str, next: &str| {
        let at = said.iter().position(|known| *known == line).unwrap_or_else(|| panic!("{line} in {}", told.out));
        assert!(said[at + 1].starts_with(next), "{line} then {} in {}", said[at + 1], told.out);
    };
    after("you: EHLO laptop.you.test", "server: 250-mx1.harbor.test");
    after("you: MAIL FROM:<you@you.test>", "server: 250 2.1.0");
    after("you: ..hidden", "you: .");
    after("you: .", "server: 250 2.0.0");
    after("you: QUIT", "server: 221 2.0.0");
    assert!(told.of("meaning").iter().any(|line| line.contains("sender accepted")), "{}", told.out);
}

#[test]
fn every_line_begins_with_a_word_and_a_reply_of_many_lines_is_announced_once() {
    let told = talk(&[], "EHLO laptop.you.test\nQUIT\n");
    let words = ["you", "server", "meaning", "problem", "event", "session 1", "note"];
    for line in told.out.lines() {
        assert!(words.iter().any(|word| line.starts_with(&format!("{word}: "))), "{line}");
        assert!(!line.contains(['│', '─', '→', '✓', '·', '\u{1b}']), "{line}");
    }
    let announced: Vec<_> = told.of("server").into_iter().filter(|line| line.starts_with("reply 250, ")).collect();
    assert_eq!(announced.len(), 1, "{}", told.out);
    let lines = told.of("server").into_iter().filter(|line| line.starts_with("250")).count();
    assert!(announced[0].ends_with(" lines") && (6..=13).contains(&lines), "{announced:?} {lines}");
}

#[test]
fn a_line_is_no_longer_than_asked_and_is_broken_at_a_blank() {
    let told = talk(
        &["--width", "40"],
        "EHLO laptop.you.test\nMAIL FROM:<you@you.test>\nRCPT TO:<nobody@harbor.test>\nQUIT\n",
    );
    assert!(told.out.lines().all(|line| line.chars().count() <= 40), "{}", told.out);
    assert!(told.out.replace('\n', " ").contains("550 5.1.1 No such user here"), "{}", told.out);
}

#[test]
fn the_exit_code_says_how_it_went() {
    let refused = talk(&[], "EHLO x.test\nMAIL FROM:<you@you.test>\nRCPT TO:<nobody@harbor.test>\nQUIT\n");
    assert_eq!(refused.exit, Some(5), "{}", refused.out);
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address");
    let nobody = talk(&[&free.to_string()], "QUIT\n");
    assert_eq!(nobody.exit, Some(3), "{}", nobody.out);
    let closed = talk(&["127.0.0.1:0"], "QUIT\n");
    assert_eq!((closed.exit, closed.out.as_str()), (Some(2), ""));
    let many = talk(&["mx:harbor.test"], "QUIT\n");
    assert!(many.exit == Some(2) && many.complaint.contains("[cli/host]"), "{}", many.complaint);
}

#[test]
fn nothing_is_sent_before_the_reply_and_the_bytes_are_those_that_were_piped_in() {
    let peer = Peer::play("in-step");
    let told = talk(&[&peer.address()], "EHLO x\r\nnoop  with  blanks \r\nQUIT\r\n");
    let ended = peer.ended();
    assert_eq!((ended.exit, told.exit), (0, Some(0)), "{} {}", ended.say, told.out);
}

#[test]
fn a_connection_that_is_gone_is_told_and_what_is_left_is_not_sent() {
    let peer = Peer::play("says-421");
    let told = talk(&[&peer.address()], "EHLO x\nNOOP\n");
    let ended = peer.ended();
    assert_eq!((ended.exit, ended.said()), (0, vec!["EHLO x".to_owned()]), "{}", ended.say);
    assert_eq!(told.exit, Some(5), "{}", told.out);
    assert!(told.of("note").iter().any(|line| line.contains("no connection")), "{}", told.out);
}

#[test]
fn commands_are_called_by_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("session.txt");
    let lines = format!(
        "EHLO x.test\n:save to a file {}\n:nosuch\n:zoom\n:explain\n:stage\n:look up a word 552\n?\nQUIT\n",
        file.display()
    );
    let told = talk(&[], &lines);
    assert_eq!(told.exit, Some(0), "{}", told.out);
    let saved = std::fs::read_to_string(&file).expect("the session was saved");
    assert!(saved.contains("C EHLO x.test"), "{saved}");
    assert!(told.of("problem").iter().any(|line| line.starts_with("there is no command nosuch.")), "{}", told.out);
    assert!(told.of("note").iter().any(|line| line.starts_with("panes are told by their names")), "{}", told.out);
    assert!(told.out.contains("552") && told.out.contains(":connect. Opens a connection"), "{}", told.out);
    assert!(!told.of("you").iter().any(|line| line.starts_with(':')), "no command was sent: {}", told.out);
}

#[test]
fn with_json_events_are_told_and_all_else_goes_to_standard_error() {
    let told = talk(&["--json"], "EHLO x.test\n:nosuch\n:stage\nMAIL FROM:<>\nQUIT\n");
    let kinds: Vec<&str> = told
        .out
        .lines()
        .map(|line| line.strip_prefix("{\"kind\":\"").and_then(|line| line.split('"').next()).expect("an event"))
        .collect();
    assert!(kinds.contains(&"open") && kinds.last() == Some(&"end"), "{}", told.out);
    assert_eq!(kinds.iter().filter(|kind| **kind == "cmd").count(), 3, "{}", told.out);
    assert!(told.out.is_ascii() && told.exit == Some(0), "{}", told.out);
    assert!(told.complaint.contains("problem: there is no command nosuch."), "{}", told.complaint);
    assert!(!told.complaint.contains("server: ") && !told.complaint.contains("you: "), "{}", told.complaint);
}

#[test]
fn two_colons_begin_a_line_with_one() {
    let told = talk(&[], "::help\nQUIT\n");
    assert!(told.of("you").contains(&":help"), "{}", told.out);
}

#[test]
fn another_host_is_a_command_away_and_a_question_is_answered_by_the_next_line() {
    let told = talk(&[], ":connect mx2.harbor.test\nEHLO x.test\n:sessions\n1\nQUIT\n");
    assert!(told.out.contains("session 2: LAB offline, mx2.harbor.test:25"), "{}", told.out);
    assert!(told.of("question").iter().any(|line| line.contains("Choose one of two")), "{}", told.out);
    assert_eq!(told.out.matches("session 1: LAB offline, mx1.harbor.test:25").count(), 2, "{}", told.out);
}

#[test]
fn a_login_form_takes_its_values_line_by_line() {
    let told = talk(&["submit.you.test:587", "--tls", "require"], ":log in\nmina\nTab\nsunflower\n\nQUIT\n");
    assert!(told.of("server").iter().any(|line| line.starts_with("235 ")), "{}", told.out);
    assert!(told.out.contains("Log in"), "{}", told.out);
    assert_eq!(told.exit, Some(0), "{}", told.out);
}

#[test]
fn what_is_said_line_by_line_is_recorded_and_the_file_is_a_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("talk.ehlo");
    let told = talk(&[], &format!(":record {}\nEHLO x.test\nQUIT\n", file.display()));
    let recorded = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}: {}", told.out));
    assert!(recorded.contains("EHLO x.test") && recorded.contains("221 2.0.0"), "{recorded}");
}

#[test]
fn y255_what_is_not_shown_as_it_is_stands_there_in_c_escapes() {
    let greeting = r#">> "220 mx.test \x1b[2J\x07 \xe2\x80\xae ESMTP ^[ \\x1b\r\n""#;
    let peer = Peer::script(&format!("listen\n{greeting}\n< QUIT\n> 221 bye\n"), &[]);
    let told = talk(&[&peer.address()], "QUIT\n");
    assert_eq!(peer.ended().exit, 0, "{}", told.out);
    assert_eq!(told.of("server"), [r"220 mx.test \x1b[2J\x07 \u{202e} ESMTP ^[ \\x1b", "221 bye"], "{}", told.out);
    assert!(!told.out.chars().any(|letter| letter.is_control() && letter != '\n'), "{}", told.out.escape_debug());
}
