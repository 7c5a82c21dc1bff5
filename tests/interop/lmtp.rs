//! A mail store: Dovecot's LMTP, over TCP and over a Unix socket, with a verdict for each recipient.

use crate::dialogue::{BODY, Conversation};
use crate::server::Server;

/// Eve has no room: her mailbox takes the recipient and refuses the letter.
fn write_to_ada_and_eve(talk: &mut Conversation, subject: &str) {
    talk.command("MAIL FROM:<pat@you.test>", "250");
    talk.command("RCPT TO:<ada@port.test>", "250");
    talk.command("RCPT TO:<nobody@port.test>", "550");
    talk.command("RCPT TO:<eve@port.test>", "250");
    talk.command("DATA", "354");
    talk.letter_judged(subject, "552");
    talk.shows("250 2.0.0 <ada@port.test>");
    talk.shows("552 5.2.2 <eve@port.test>");
}

#[test]
#[ignore = "starts a real Dovecot, which needs root; the gate runs it"]
fn dovecot_gives_a_verdict_for_each_recipient() {
    let server = Server::start("dovecot");
    let mut talk = Conversation::open_at(&format!("lmtp://127.0.0.1:{}", server.port()), &[]);
    talk.shows("to speak LMTP");
    talk.command("LHLO laptop.you.test", "250");
    write_to_ada_and_eve(&mut talk, "to two");
    assert_eq!(server.letter("to two"), BODY);
    talk.command("QUIT", "221");
    talk.leave();
}

#[test]
#[ignore = "starts a real Dovecot, which needs root; the gate runs it"]
fn tls_is_led_with_lhlo_and_a_clean_session_shows_no_problem() {
    let server = Server::start("dovecot");
    let authority = server.authority().display().to_string();
    let target = format!("lmtp://127.0.0.1:{}", server.port());
    let mut talk = Conversation::start(&target, &["--tls", "require", "--ca-file", &authority]);
    talk.shows("certificate verified");
    talk.answered("LHLO", "250");
    talk.command("MAIL FROM:<pat@you.test>", "250");
    talk.command("RCPT TO:<ada@port.test>", "250");
    talk.command("DATA", "354");
    talk.letter("inside TLS");
    assert_eq!(server.letter("inside TLS"), BODY);
    talk.command("QUIT", "221");
    talk.is_clean();
    talk.leave();
}

#[test]
#[ignore = "starts a real Dovecot, which needs root; the gate runs it"]
fn a_unix_socket_is_a_way_to_dovecot() {
    let server = Server::start("dovecot");
    let socket = server.path("lmtp").display().to_string();
    // Dovecot's greeting does not say LMTP: by hand LHLO is known all the same.
    let mut talk = Conversation::open_at(&format!("unix:{socket}"), &[]);
    talk.command("LHLO laptop.you.test", "250");
    write_to_ada_and_eve(&mut talk, "through a socket");
    assert_eq!(server.letter("through a socket"), BODY);
    talk.command("QUIT", "221");
    talk.leave();
    let authority = server.authority().display().to_string();
    let mut talk = Conversation::start(&format!("lmtp://{socket}"), &["--tls", "prefer", "--ca-file", &authority]);
    talk.shows("certificate verified");
    talk.answered("LHLO", "250");
    talk.command("QUIT", "221");
    talk.leave();
}
