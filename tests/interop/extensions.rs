//! Extensions by hand: chunks, batches, international addresses, delivery reports.

use crate::dialogue::{BODY, Conversation};
use crate::server::Server;

fn in_chunks(name: &str) {
    let server = Server::start(name);
    let mut talk = Conversation::open(server.port());
    talk.command("EHLO laptop.you.test", "250");
    talk.command("MAIL FROM:<pat@you.test>", "250");
    talk.command("RCPT TO:<ada@port.test>", "250");
    // The second count is what is left; a dot at the beginning of a line stays as it is.
    talk.letter_in_chunks("in chunks", "33");
    assert_eq!(server.letter("in chunks"), BODY);
    talk.command("QUIT", "221");
    talk.is_clean();
    talk.leave();
}

fn in_one_write(name: &str) {
    let server = Server::start(name);
    let mut talk = Conversation::open(server.port());
    talk.command("EHLO laptop.you.test", "250");
    let lines = ["MAIL FROM:<pat@you.test>", "RCPT TO:<nobody@port.test>", "RCPT TO:<ada@port.test>", "DATA"];
    talk.batch(&lines, "354");
    talk.shows("✗ to ");
    talk.letter("in one write");
    assert_eq!(server.letter("in one write"), BODY);
    talk.command("QUIT", "221");
    talk.leave();
}

fn international(name: &str) -> String {
    let server = Server::start(name);
    let mut talk = Conversation::open(server.port());
    talk.command("EHLO laptop.you.test", "250");
    talk.command("MAIL FROM:<pät@you.test> SMTPUTF8", "250");
    talk.command("RCPT TO:<ada@port.test>", "250");
    talk.command("DATA", "354");
    talk.letter("grüße");
    assert_eq!(server.letter("grüße"), BODY);
    talk.command("QUIT", "221");
    talk.is_clean();
    talk.leave();
    server.header("grüße")
}

#[test]
#[ignore = "starts a real Postfix, which needs root; the gate runs it"]
fn postfix_takes_a_letter_in_chunks() {
    in_chunks("postfix");
}

#[test]
#[ignore = "starts a real Exim, which needs root; the gate runs it"]
fn exim_takes_a_letter_in_chunks() {
    in_chunks("exim");
}

#[test]
#[ignore = "starts a real Postfix, which needs root; the gate runs it"]
fn postfix_takes_an_envelope_in_one_write() {
    in_one_write("postfix");
}

#[test]
#[ignore = "starts a real Exim, which needs root; the gate runs it"]
fn exim_takes_an_envelope_in_one_write() {
    in_one_write("exim");
}

#[test]
#[ignore = "starts a real Postfix, which needs root; the gate runs it"]
fn postfix_takes_an_international_address() {
    let header = international("postfix");
    assert!(header.contains("pät@you.test") && header.contains("UTF8SMTP"), "{header}");
}

#[test]
#[ignore = "starts a real Postfix, which needs root; the gate runs it"]
fn postfix_reports_a_success_that_was_asked_for() {
    let server = Server::start("postfix");
    let mut talk = Conversation::open(server.port());
    talk.command("EHLO laptop.you.test", "250");
    talk.command("MAIL FROM:<pat@you.test> RET=HDRS ENVID=letter+2B7", "250");
    talk.command("RCPT TO:<ada@port.test> NOTIFY=SUCCESS ORCPT=rfc822;ada@port.test", "250");
    talk.command("DATA", "354");
    talk.letter("with a receipt");
    assert_eq!(server.letter("with a receipt"), BODY);
    server.logs("mail.log", "sender delivery status notification");
    talk.command("QUIT", "221");
    talk.is_clean();
    talk.leave();
}
