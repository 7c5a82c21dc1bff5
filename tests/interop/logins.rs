//! Logins by the form against what others have written: Cyrus SASL, Dovecot, Exim, OpenSMTPD. Debian's OpenSMTPD logs nobody
//! in as it is: only inside TLS, and its handshakes fail; `opensmtpd-sasl.sh` says how that is worked round.

use crate::dialogue::Conversation;
use crate::server::Server;
use crate::{BODY, write_a_letter};

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

/// Logs in by the certificate of this person, in a connection of its own inside TLS.
fn shows_a_certificate(server: &Server, who: &str, code: &str) -> Conversation {
    let file = |name: String| server.path(&name).display().to_string();
    let (authority, certificate, key) =
        (file("tls/ca.pem".into()), file(format!("{who}.pem")), file(format!("{who}.key")));
    let options = ["--ca-file", &authority, "--client-cert", &certificate, "--client-key", &key];
    let mut talk = Conversation::open_at(&format!("127.0.0.1:{}", server.port()), &options);
    talk.command("EHLO laptop.you.test", "250");
    talk.command("STARTTLS", "220");
    talk.shows("certificate verified");
    talk.command("EHLO laptop.you.test", "250");
    talk.log_in("EXTERNAL", "", "", code);
    talk
}

#[test]
#[ignore = "starts a real Exim, which needs root; the gate runs it"]
fn exim_knows_its_user_by_the_certificate() {
    let server = Server::start("exim-external");
    let mut talk = shows_a_certificate(&server, "ada", "235");
    write_a_letter(&mut talk, "by certificate");
    assert_eq!(server.letter("by certificate"), BODY);
    server.logs("exim-log/mainlog", "A=external:ada");
    talk.leave();
    let mut talk = shows_a_certificate(&server, "byron", "535");
    talk.command("QUIT", "221");
    talk.leave();
}

#[test]
#[ignore = "starts a real OpenSMTPD, which needs root and a C compiler; the gate runs it"]
fn opensmtpd_takes_every_login_it_offers() {
    let server = Server::start("opensmtpd-sasl");
    for mechanism in ["PLAIN", "LOGIN"] {
        log_in(&server, mechanism, "lovelace", "235");
        log_in(&server, mechanism, "byron", "535");
    }
}
