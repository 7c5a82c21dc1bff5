//! `ehlo run` against real servers: the dialogues of `interop/scripts/`, one after the other in each of them.

use std::path::Path;
use std::process::Command;

use crate::server::Server;

/// Plays a dialogue; what it did not like is told.
fn play(server: &Server, dialogue: &str, subject: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/interop/scripts/{dialogue}.smtp"));
    let output = Command::new(env!("CARGO_BIN_EXE_ehlo"))
        .arg("run")
        .arg(script)
        .arg("--ca-file")
        .arg(server.authority())
        .args(["--var", &format!("server=127.0.0.1:{}", server.port()), "--var", &format!("subject={subject}")])
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{dialogue}: {}", String::from_utf8_lossy(&output.stdout));
}

/// A letter comes whole out of the server's mailbox.
fn letter(server: &Server) {
    play(server, "letter", "scripted");
    let body = "Dear Ada,\n.this line begins with a dot\n..and this one with two\n.\nPat\n";
    assert_eq!(server.letter("scripted"), body);
}

fn all(name: &str) {
    let server = Server::start(name);
    letter(&server);
    play(&server, "pipelined", "pipelined");
    assert_eq!(server.letter("pipelined"), "In one write.\n");
    for dialogue in ["order", "pieces", "batch", "tls", "wrong-name"] {
        play(&server, dialogue, "none");
    }
}

#[test]
#[ignore = "starts a real Postfix, which needs root; the gate runs it"]
fn postfix_answers_as_the_scripts_expect() {
    all("postfix");
}

#[test]
#[ignore = "starts a real Exim, which needs root; the gate runs it"]
fn exim_answers_as_the_scripts_expect() {
    all("exim");
}

/// It offers no PIPELINING, and Debian's build ends each handshake with an alert.
#[test]
#[ignore = "starts a real OpenSMTPD, which needs root; the gate runs it"]
fn opensmtpd_answers_as_the_scripts_expect() {
    let server = Server::start("opensmtpd");
    letter(&server);
    for dialogue in ["order", "pieces", "unpipelined"] {
        play(&server, dialogue, "none");
    }
}
