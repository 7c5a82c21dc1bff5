//! Connections that are made for somebody else: haproxy's PROXY line and Postfix's XCLIENT.

use crate::dialogue::{BODY, Conversation};
use crate::server::Server;
use crate::write_a_letter;

#[test]
#[ignore = "starts a real Postfix, which needs root; the gate runs it"]
fn postfix_believes_the_proxy_line() {
    let server = Server::start("postfix-proxy");
    let target = format!("127.0.0.1:{}", server.port());
    let mut talk = Conversation::open_at(&target, &["--proxy-protocol", "198.51.100.7:56324"]);
    talk.shows("C PROXY TCP4 198.51.100.7 127.0.0.1 56324");
    talk.command("EHLO laptop.you.test", "250");
    write_a_letter(&mut talk, "for somebody else");
    assert_eq!(server.letter("for somebody else"), BODY);
    let header = server.header("for somebody else");
    assert!(header.contains("from laptop.you.test (unknown [198.51.100.7])"), "{header}");
    talk.is_clean();
    talk.leave();
}

#[test]
#[ignore = "starts a real Postfix, which needs root; the gate runs it"]
fn postfix_greets_anew_behind_xclient() {
    let server = Server::start("postfix-proxy");
    let target = format!("127.0.0.1:{}", server.port());
    let mut talk = Conversation::open_at(&target, &["--proxy-protocol", "198.51.100.7:56324"]);
    talk.command("EHLO laptop.you.test", "250");
    talk.command("XCLIENT NAME=client.example.org ADDR=203.0.113.9", "220");
    talk.shows("> EHLO"); // suggested again, for the session is a new one
    talk.command("EHLO laptop.you.test", "250");
    write_a_letter(&mut talk, "for a client");
    let header = server.header("for a client");
    assert!(header.contains("from laptop.you.test (client.example.org [203.0.113.9])"), "{header}");
    talk.is_clean();
    talk.leave();
}
