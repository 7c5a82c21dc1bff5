//! Certificates of a real server in every state, behind STARTTLS and with TLS from the first octet.

use std::io::Write as _;

use crate::certificates::{Authority, Shown, self_signed};
use crate::dialogue::Conversation;
use crate::server::Server;

const NAME: &str = "mail.port.test";

/// Shakes hands with a server that shows this; what is wrong with it stands in the certificate view in these words.
fn shake(name: &str, mode: &str, authority: &Authority, shown: &Shown, wrong: &[&str]) {
    let server = Server::showing(name, shown);
    let mut trusted = tempfile::NamedTempFile::new().expect("a file");
    trusted.write_all(authority.pem().as_bytes()).expect("room on the disk");
    let trusted = trusted.path().display().to_string();
    let options = ["--tls", mode, "--ca-file", &trusted, "--verify-name", NAME];
    let mut talk = Conversation::start(&format!("127.0.0.1:{}", server.port()), &options);
    if wrong.is_empty() {
        talk.shows("certificate verified");
    } else {
        talk.looks_closer(wrong);
        talk.goes_on();
    }
    if mode == "implicit" {
        talk.types("EHLO laptop.you.test");
    }
    talk.answered("EHLO", "250");
    if wrong.is_empty() {
        talk.is_clean();
    }
    talk.command("QUIT", "221");
    talk.leave();
}

fn every_state(name: &str, mode: &str) {
    let authority = Authority::new();
    shake(name, mode, &authority, &authority.leaf(NAME, -1..30), &[]);
    shake(name, mode, &authority, &authority.leaf(NAME, -60..-2), &["was valid until", "2 days later"]);
    let other = authority.leaf("mail.elsewhere.test", -1..30);
    shake(name, mode, &authority, &other, &["Expected a certificate for mail.port.test", "mail.elsewhere.test"]);
    shake(name, mode, &authority, &self_signed(NAME), &["is self-signed"]);
    let incomplete = authority.without_intermediate(NAME);
    shake(name, mode, &authority, &incomplete, &["The chain ends at", "Between"]);
}

#[test]
#[ignore = "starts a real Postfix, which needs root; the gate runs it"]
fn every_state_of_a_certificate_behind_starttls() {
    every_state("postfix", "require");
}

#[test]
#[ignore = "starts a real Postfix, which needs root; the gate runs it"]
fn every_state_of_a_certificate_before_the_first_line() {
    every_state("postfix-tls", "implicit");
}
