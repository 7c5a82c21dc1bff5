//! Logins by the form against what others have written: Cyrus SASL, Dovecot, Exim. Debian's OpenSMTPD offers none: it logs
//! nobody in outside TLS, and its handshakes fail.

use crate::dialogue::Conversation;
use crate::server::Server;

/// Logs in by the form, as ada, in a connection of its own inside TLS.
fn log_in(server: &Server, mechanism: &str, password: &str, code: &str) {
    let mut talk = Conversation::open_trusting(server.port(), &server.authority());
    talk.command("EHLO laptop.you.test", "250");
    talk.command("STARTTLS", "220");
    talk.shows("certificate verified");
    talk.command("EHLO laptop.you.test", "250");
    talk.log_in(mechanism, "ada", password, code);
    talk.command("QUIT", "221");
    talk.leave();
}

#[test]
#[ignore = "starts a real Postfix with Cyrus SASL, which needs root; the gate runs it"]
fn postfix_takes_every_login_of_the_form() {
    let server = Server::start("postfix-sasl");
    for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"] {
        log_in(&server, mechanism, "lovelace", "235");
    }
}

#[test]
#[ignore = "starts a real Postfix with Dovecot, which needs root; the gate runs it"]
fn dovecot_takes_every_login_of_the_form() {
    let server = Server::start("postfix-dovecot");
    for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER"] {
        log_in(&server, mechanism, "lovelace", "235");
    }
    log_in(&server, "ANONYMOUS", "", "235");
}

#[test]
#[ignore = "starts a real Postfix with Dovecot, which needs root; the gate runs it"]
fn dovecot_refuses_a_wrong_password_and_a_wrong_token() {
    let server = Server::start("postfix-dovecot");
    for mechanism in ["PLAIN", "SCRAM-SHA-256", "OAUTHBEARER"] {
        log_in(&server, mechanism, "byron", "535");
    }
}

#[test]
#[ignore = "starts a real Exim, which needs root; the gate runs it"]
fn exim_takes_every_login_it_offers() {
    let server = Server::start("exim-sasl");
    for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5"] {
        log_in(&server, mechanism, "lovelace", "235");
    }
    log_in(&server, "CRAM-MD5", "byron", "535");
}

#[test]
#[ignore = "starts a real Postfix with Cyrus SASL, which needs root; the gate runs it"]
fn postfix_refuses_a_wrong_password_of_the_form() {
    let server = Server::start("postfix-sasl");
    for mechanism in ["PLAIN", "CRAM-MD5", "SCRAM-SHA-256"] {
        log_in(&server, mechanism, "byron", "535");
    }
}
