//! The real program against real mail servers: Postfix, Exim, Sendmail, OpenSMTPD and Dovecot on loopback, in plain text
//! and inside TLS, typed by hand in a pseudo-terminal. The letter must lie in the server's mailbox byte for byte.
//!
//! `interop/serve.sh` starts a server without installing it. It needs root; where something is missing the test fails
//! and says what.

#![expect(clippy::expect_used, reason = "a test that has no server must stop")]

#[path = "interop/certificates.rs"]
mod certificates;
#[path = "interop/dialogue.rs"]
mod dialogue;
#[path = "interop/extensions.rs"]
mod extensions;
#[path = "interop/lmtp.rs"]
mod lmtp;
#[path = "interop/logins.rs"]
mod logins;
#[path = "hostile_net/pem.rs"]
mod pem;
#[path = "interop/proxy.rs"]
mod proxy;
#[path = "interop/scripted.rs"]
mod scripted;
#[path = "interop/sent.rs"]
mod sent;
#[path = "interop/server.rs"]
mod server;
#[path = "pty/terminal.rs"]
mod terminal;
#[path = "interop/tls.rs"]
mod tls;

use std::io::Write as _;

use dialogue::{BODY, Conversation};
use server::Server;

/// Greets, writes one letter to ada and says goodbye; RCPT in capitals, one line that begins with a dot.
fn write_a_letter(talk: &mut Conversation, subject: &str) {
    talk.command("MAIL FROM:<pat@you.test>", "250");
    talk.command("RCPT TO:<ada@port.test>", "250");
    talk.command("DATA", "354");
    talk.letter(subject);
    talk.command("QUIT", "221");
}

fn in_plain_text(name: &str) {
    let server = Server::start(name);
    let mut talk = Conversation::open(server.port());
    talk.command("EHLO laptop.you.test", "250");
    write_a_letter(&mut talk, "in plain text");
    assert_eq!(server.letter("in plain text"), BODY);
    talk.is_clean();
    talk.leave();
}

fn inside_tls(name: &str) {
    let server = Server::start(name);
    let mut talk = Conversation::open_trusting(server.port(), &server.authority());
    talk.command("EHLO laptop.you.test", "250");
    talk.command("STARTTLS", "220");
    talk.shows("certificate verified");
    talk.command("EHLO laptop.you.test", "250");
    write_a_letter(&mut talk, "inside TLS");
    assert_eq!(server.letter("inside TLS"), BODY);
    talk.is_clean();
    talk.leave();
}

#[test]
#[ignore = "starts a real Postfix, which needs root; the gate runs it"]
fn postfix_takes_a_letter_in_plain_text() {
    in_plain_text("postfix");
}

#[test]
#[ignore = "starts a real Postfix, which needs root; the gate runs it"]
fn postfix_takes_a_letter_inside_tls() {
    inside_tls("postfix");
}

/// A file that never comes into the editor, with the line ends of Unix and lines that begin with dots.
#[test]
#[ignore = "starts a real Postfix, which needs root; the gate runs it"]
fn postfix_takes_a_large_file_inside_tls() {
    let server = Server::start("postfix");
    let body = "a line of a large letter\n.one that begins with a dot\n..\n\n".repeat(100_000);
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    write!(file, "From: Pat <pat@you.test>\nTo: Ada <ada@port.test>\nSubject: large\n\n{body}")
        .expect("room on the disk");
    let mut talk = Conversation::open_trusting(server.port(), &server.authority());
    talk.command("EHLO laptop.you.test", "250");
    talk.command("STARTTLS", "220");
    talk.shows("certificate verified");
    talk.command("EHLO laptop.you.test", "250");
    talk.command("MAIL FROM:<pat@you.test>", "250");
    talk.command("RCPT TO:<ada@port.test>", "250");
    talk.command("DATA", "354");
    talk.file(file.path());
    let stored = server.body("large", body.len());
    assert!(stored == body, "{} octets of {} lie in the mailbox", stored.len(), body.len());
    talk.command("QUIT", "221");
    talk.leave();
}

/// The authority of the certificate is not known: the session stands still until the user goes on.
#[test]
#[ignore = "starts a real Postfix, which needs root; the gate runs it"]
fn a_certificate_that_nobody_vouches_for_waits_for_the_user() {
    let server = Server::start("postfix");
    let mut talk = Conversation::open(server.port());
    talk.command("EHLO laptop.you.test", "250");
    talk.types("STARTTLS"); // the question may cover the reply
    talk.goes_on();
    talk.command("EHLO laptop.you.test", "250");
    write_a_letter(&mut talk, "not verified");
    assert_eq!(server.letter("not verified"), BODY);
    talk.leave();
}

#[test]
#[ignore = "starts a real Exim, which needs root; the gate runs it"]
fn exim_takes_a_letter_in_plain_text() {
    in_plain_text("exim");
}

#[test]
#[ignore = "starts a real Exim, which needs root; the gate runs it"]
fn exim_takes_a_letter_inside_tls() {
    inside_tls("exim");
}

#[test]
#[ignore = "starts a real Sendmail, which needs root; the gate runs it"]
fn sendmail_takes_a_letter_in_plain_text() {
    in_plain_text("sendmail");
}

#[test]
#[ignore = "starts a real Sendmail, which needs root; the gate runs it"]
fn sendmail_takes_a_letter_inside_tls() {
    inside_tls("sendmail");
}

#[test]
#[ignore = "starts a real OpenSMTPD, which needs root; the gate runs it"]
fn opensmtpd_takes_a_letter_in_plain_text() {
    in_plain_text("opensmtpd");
}

/// The same with the fault of Debian's build worked round. It closes without the goodbye of TLS, and that is told.
#[test]
#[ignore = "starts a real OpenSMTPD, which needs root and a C compiler; the gate runs it"]
fn opensmtpd_takes_a_letter_inside_tls() {
    let server = Server::start("opensmtpd-sasl");
    let mut talk = Conversation::open_trusting(server.port(), &server.authority());
    talk.command("EHLO laptop.you.test", "250");
    talk.command("STARTTLS", "220");
    talk.shows("certificate verified");
    talk.command("EHLO laptop.you.test", "250");
    write_a_letter(&mut talk, "inside TLS");
    assert_eq!(server.letter("inside TLS"), BODY);
    talk.shows("without a TLS");
    talk.leave();
}

/// Debian's OpenSMTPD ends each handshake with an alert; the screen must say so, and say whose fault it is.
#[test]
#[ignore = "starts a real OpenSMTPD, which needs root; the gate runs it"]
fn the_alert_of_opensmtpd_is_explained() {
    let server = Server::start("opensmtpd");
    let mut talk = Conversation::open(server.port());
    talk.command("EHLO laptop.you.test", "250");
    talk.command("STARTTLS", "220");
    talk.shows("TLS failed: the peer sent the alert");
    talk.previous_problem();
    talk.shows("the server broke off");
    talk.shows("the peer sent the alert internal_error");
    talk.shows("internal_error means that the");
    talk.shows("OpenSMTPD 6.8 does so");
    talk.leave();
}
