//! `ehlo send` against servers that others have written: one call, and the letter lies in the mailbox.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::dialogue::BODY;
use crate::server::Server;

/// Sends to ada at this target; the exit code is checked, what was printed comes back.
#[track_caller]
fn send(target: &str, options: &[&str], subject: &str, password: &str, exit: i32) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_ehlo"));
    program.args(["send", "--server", target, "--helo", "laptop.you.test", "--subject", subject, "--body", BODY]);
    program.args(["--from", "pat@you.test", "--to", "ada@port.test"]).args(options);
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program runs");
    child.stdin.take().expect("a pipe").write_all(password.as_bytes()).expect("it is read or closed");
    let output = child.wait_with_output().expect("it ends");
    let told = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(output.status.code(), Some(exit), "{told}");
    told
}

fn takes_what_is_sent(name: &str) {
    let server = Server::start(name);
    let target = format!("127.0.0.1:{}", server.port());
    send(&target, &["--tls", "never"], "in plain text", "", 0);
    assert_eq!(server.letter("in plain text"), BODY);
    let authority = server.authority().display().to_string();
    let told = send(&target, &["--tls", "require", "--ca-file", &authority], "inside TLS", "", 0);
    assert!(told.contains("certificate verified"), "{told}");
    assert_eq!(server.letter("inside TLS"), BODY);
    let told = send(&target, &["--tls", "never", "--pipelining", "--to", "nobody@port.test"], "in one write", "", 5);
    assert!(told.contains("# stopped at rcpt: 1 of 2 recipients refused"), "{told}");
    assert_eq!(server.letter("in one write"), BODY);
    // Nobody vouches for the certificate, and it is not the user who is asked.
    let told = send(&target, &["--tls", "require"], "not trusted", "", 4);
    assert!(told.contains("[send/certificate]"), "{told}");
}

#[test]
#[ignore = "starts a real Postfix, which needs root; the gate runs it"]
fn postfix_takes_what_is_sent() {
    takes_what_is_sent("postfix");
}

#[test]
#[ignore = "starts a real Exim, which needs root; the gate runs it"]
fn exim_takes_what_is_sent() {
    takes_what_is_sent("exim");
}

#[test]
#[ignore = "starts a real OpenSMTPD, which needs root; the gate runs it"]
fn opensmtpd_takes_what_is_sent() {
    let server = Server::start("opensmtpd");
    let target = format!("127.0.0.1:{}", server.port());
    send(&target, &["--tls", "never"], "in plain text", "", 0);
    assert_eq!(server.letter("in plain text"), BODY);
}

#[test]
#[ignore = "starts a real Postfix, which needs root; the gate runs it"]
fn postfix_takes_chunks_and_a_wish_for_reports() {
    let server = Server::start("postfix");
    let target = format!("127.0.0.1:{}", server.port());
    let options = ["--tls", "never", "--bdat=40", "--notify", "failure,delay", "--ret", "hdrs", "--envid", "trip+1"];
    let told = send(&target, &options, "in chunks", "", 0);
    assert!(told.contains("BDAT 40") && told.contains("RET=HDRS ENVID=trip+2B1"), "{told}");
    assert_eq!(server.letter("in chunks"), BODY);
}

#[test]
#[ignore = "starts a real Postfix with Cyrus SASL, which needs root; the gate runs it"]
fn a_login_goes_with_the_best_mechanism_and_a_wrong_password_ends_it() {
    let server = Server::start("postfix-sasl");
    let target = format!("127.0.0.1:{}", server.port());
    let authority = server.authority().display().to_string();
    let options = ["--ca-file", &authority, "--auth-user", "ada", "--password-stdin"];
    let told = send(&target, &options, "logged in", "lovelace\n", 0);
    assert!(told.contains("C AUTH SCRAM-SHA-256 ") && told.contains("logged in"), "{told}");
    assert_eq!(server.letter("logged in"), BODY);
    let told = send(&target, &options, "not let in", "byron\n", 5);
    assert!(told.contains("# stopped at auth: 535"), "{told}");
    assert!(!told.contains("lovelace") && !told.contains("byron"), "{told}");
}

#[test]
#[ignore = "starts a real Dovecot, which needs root; the gate runs it"]
fn a_mail_store_gives_a_verdict_for_each_recipient() {
    let server = Server::start("dovecot");
    let target = format!("lmtp://127.0.0.1:{}", server.port());
    let told = send(&target, &["--to", "eve@port.test"], "to two", "", 5);
    assert!(told.contains("eve@port.test: 552 5.2.2"), "{told}");
    assert_eq!(server.letter("to two"), BODY);
}
