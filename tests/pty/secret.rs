//! A secret that no option gives is asked for on the terminal: unseen, broken off by Ctrl-C, and never where nobody types.

use std::time::Duration;

use crate::peer::Peer;
use crate::terminal::{Start, Terminal};

/// What is asked.
const ASKED: &str = "Secret of mina at 127.0.0.1, not shown:";

/// A shell that runs the program with these arguments, `$PORT` being the server's.
fn shell(home: &std::path::Path, line: &str, peer: &Peer) -> Terminal {
    std::fs::write(home.join("login.smtp"), format!("connect 127.0.0.1:{}\nauth PLAIN mina\n< 235\n", peer.port()))
        .expect("a script");
    let line = format!("{line}; echo \"ended with $?\"");
    let start = Start::new(home, "sh", ["-c", &line]).size(100, 40);
    start.env("EHLO", env!("CARGO_BIN_EXE_ehlo")).env("PORT", &peer.port().to_string()).start()
}

/// The terminal after it was seen that the program ended with this code, and put the terminal back.
#[track_caller]
fn ended(mut terminal: Terminal, code: u8) -> String {
    terminal.wait_for(&format!("ended with {code}"));
    terminal.wait_for_end(Duration::from_secs(5));
    assert!(terminal.is_cooked(), "lines and echo are as they were: {}", terminal.screen());
    String::from_utf8_lossy(&terminal.raw()).into_owned()
}

#[test]
fn a_script_asks_for_the_secret_that_its_login_needs() {
    let (home, peer) = (tempfile::tempdir().expect("a home"), Peer::play("login"));
    let mut terminal = shell(home.path(), "\"$EHLO\" run login.smtp > told", &peer);
    terminal.wait_for(ASKED);
    terminal.press("hunter2\r");
    let seen = ended(terminal, 0);
    let heard = peer.ended();
    assert_eq!(heard.exit, 0, "the secret came: {}", heard.say);
    let told = std::fs::read_to_string(home.path().join("told")).expect("a transcript");
    assert!(!seen.contains("hunter2") && !told.contains("hunter2"), "{seen}{told}");
    assert!(told.contains("AUTH PLAIN ••••••••") && !told.contains("Secret of"), "{told}");
}

#[test]
fn a_letter_is_sent_with_a_secret_that_is_asked_for_before_anything_is_sent() {
    let (home, peer) = (tempfile::tempdir().expect("a home"), Peer::play("no-auth"));
    let line = "\"$EHLO\" send --server 127.0.0.1:$PORT --tls never --from a@b.test --to c@d.test --auth-user mina";
    let mut terminal = shell(home.path(), &format!("{line} > told"), &peer);
    terminal.wait_for(ASKED);
    terminal.press("hunter2\r");
    let seen = ended(terminal, 5);
    let heard = peer.ended();
    assert_eq!(heard.exit, 0, "{}", heard.say);
    assert!(!seen.contains("hunter2"), "{seen}");
}

#[test]
fn ctrl_c_breaks_the_question_off_and_an_empty_line_is_no_secret() {
    for line in [
        "\"$EHLO\" run login.smtp",
        "\"$EHLO\" send --server 127.0.0.1:$PORT --to c@d.test --from a@b.test --auth-user mina",
    ] {
        for (keys, code) in [("\x03", 130), ("\r", 2), ("\x04", 2)] {
            let (home, peer) = (tempfile::tempdir().expect("a home"), Peer::play("login"));
            // The shell heeds no Ctrl-C of its own, so that it can tell the exit code.
            let mut terminal = shell(home.path(), &format!("trap : INT; {line}"), &peer);
            terminal.wait_for(ASKED);
            terminal.press(keys);
            ended(terminal, code);
        }
    }
}

#[test]
fn nothing_is_asked_with_no_input_or_where_nobody_types() {
    let send = "send --server 127.0.0.1:$PORT --tls never --to c@d.test --from a@b.test --auth-user mina";
    for line in [
        "\"$EHLO\" run login.smtp --no-input",
        "\"$EHLO\" run login.smtp < /dev/null",
        "\"$EHLO\" run - < login.smtp",
        &format!("\"$EHLO\" {send} --no-input"),
        &format!("\"$EHLO\" {send} < /dev/null"),
    ] {
        let (home, peer) = (tempfile::tempdir().expect("a home"), Peer::play("login"));
        let terminal = shell(home.path(), line, &peer);
        let seen = ended(terminal, if line.contains(" send ") { 5 } else { 2 });
        assert!(!seen.contains("not shown"), "{line}: {seen}");
        assert!(line.contains(" send ") || seen.contains("give --password-file"), "{line}: {seen}");
    }
}

#[test]
fn a_stop_gives_the_terminal_back_and_the_question_comes_again() {
    let (home, peer) = (tempfile::tempdir().expect("a home"), Peer::play("login"));
    let line = "set -m; \"$EHLO\" run login.smtp; echo stopped; fg";
    let mut terminal = shell(home.path(), line, &peer);
    terminal.wait_for(ASKED);
    terminal.press("\x1a");
    terminal.wait_for("stopped");
    terminal.wait_until("the question again", |screen| screen.contents().matches(ASKED).count() == 2);
    terminal.press("hunter2\r");
    let seen = ended(terminal, 0);
    let heard = peer.ended();
    assert_eq!(heard.exit, 0, "the secret came: {}", heard.say);
    assert!(!seen.contains("hunter2"), "{seen}");
}
