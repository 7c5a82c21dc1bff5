//! AUTH PLAIN and AUTH LOGIN.

use super::*;
use crate::smtp::sasl::encode;
use config::Mechanism;

/// A server that takes passwords in plain text, for the sake of short dialogues.
fn trusting() -> Config {
    let offers = [strict().offers, vec![Extension::Auth]].concat();
    Config { offers, mechanisms: vec![Mechanism::Plain, Mechanism::Login], ..strict() }
}

fn ready() -> Talk {
    let mut session = Talk::with(trusting());
    assert!(session.line("EHLO laptop.you.test").contains("250 AUTH PLAIN LOGIN\r\n"));
    session
}

const OK: &str = "235 2.7.0 Authentication successful\r\n";

#[test]
fn plain_with_and_without_an_initial_response() {
    let secret = encode(b"\0mina\0sunflower");
    assert_eq!(ready().line(&format!("AUTH PLAIN {secret}")), OK);
    assert_eq!(ready().line(&format!("auth plain {secret}")), OK);
    let mut session = ready();
    assert_eq!(session.line("AUTH PLAIN"), "334 \r\n");
    assert_eq!(session.line(&secret), OK);
    assert_eq!(ready().line(&format!("AUTH PLAIN {}", encode(b"\0mina\0wrong"))), "535 5.7.8 Wrong\r\n");
}

#[test]
fn login_with_and_without_an_initial_response() {
    let mut session = ready();
    assert_eq!(session.line("AUTH LOGIN"), "334 VXNlcm5hbWU6\r\n");
    assert_eq!(session.line(&encode(b"mina")), "334 UGFzc3dvcmQ6\r\n");
    assert_eq!(session.line(&encode(b"sunflower")), OK);
    let mut session = ready();
    assert_eq!(session.line(&format!("AUTH LOGIN {}", encode(b"mina"))), "334 UGFzc3dvcmQ6\r\n");
    assert_eq!(session.line(&encode(b"moonflower")), "535 5.7.8 Wrong\r\n");
}

#[test]
fn a_star_cancels_and_commands_come_next() {
    for script in [&["AUTH PLAIN"][..], &["AUTH LOGIN"], &["AUTH LOGIN", "bWluYQ=="]] {
        let mut session = ready();
        for line in script {
            assert!(session.line(line).starts_with("334"));
        }
        assert_eq!(session.line("*"), "501 5.7.0 Authentication cancelled\r\n");
        assert!(session.line("NOOP").starts_with("250"));
    }
}

#[test]
fn what_is_no_base64_or_not_what_the_mechanism_wants_gets_501() {
    let long = encode(b"mina\0sunflower");
    let bad = ["!!!", "*", "=", "bWluY", "bWluYQ", "bWlu YQ==", &long];
    for response in bad {
        let said = ready().line(&format!("AUTH PLAIN {response}"));
        assert_eq!(said, "501 5.5.2 Invalid base64 or response\r\n", "{response}");
    }
    for response in ["!!!", "bWluY", ""] {
        let mut session = ready();
        session.line("AUTH PLAIN");
        assert!(session.line(response).starts_with("501 5.5.2"), "{response}");
        assert!(session.line("NOOP").starts_with("250"), "commands come next");
    }
}

#[test]
fn a_user_may_act_only_as_the_host_allows_and_is_told_apart() {
    let mut session = ready();
    session.line(&format!("AUTH PLAIN {}", encode(b"boss\0mina\0sunflower")));
    let login = session.asked.iter().find_map(|ask| if let Ask::Login(login) = ask { Some(login) } else { None });
    let login = login.expect("the host was asked");
    assert_eq!((&login.acts_as[..], &login.user[..]), (&b"boss"[..], &b"mina"[..]));
    assert!(!format!("{login:?}").contains("115, 117, 110"), "no octet of the password");
}

#[test]
fn auth_comes_once_after_ehlo_and_outside_a_transaction() {
    let secret = encode(b"\0mina\0sunflower");
    let mut session = Talk::with(trusting());
    assert_eq!(session.line(&format!("AUTH PLAIN {secret}")), "503 5.5.1 Send EHLO first\r\n");
    session.line("HELO laptop.you.test");
    assert_eq!(session.line(&format!("AUTH PLAIN {secret}")), "503 5.5.1 Send EHLO first\r\n");
    session.line("EHLO laptop.you.test");
    session.line("MAIL FROM:<you@you.test>");
    assert!(session.line(&format!("AUTH PLAIN {secret}")).starts_with("503 5.5.1 AUTH not allowed"));
    session.line("RSET");
    assert_eq!(session.line(&format!("AUTH PLAIN {secret}")), OK);
    assert_eq!(session.line(&format!("AUTH PLAIN {secret}")), "503 5.5.1 Already authenticated\r\n");
    session.line("EHLO laptop.you.test");
    assert_eq!(session.line("AUTH PLAIN"), "503 5.5.1 Already authenticated\r\n");
}

#[test]
fn mechanisms_that_are_not_offered_get_504() {
    assert_eq!(ready().line("AUTH CRAM-MD5"), "504 5.5.4 Mechanism CRAM-MD5 not offered\r\n");
    assert!(ready().line("AUTH").starts_with("501 5.5.4"));
    let plain_only = Config { mechanisms: vec![Mechanism::Plain], ..trusting() };
    let mut session = Talk::with(plain_only);
    session.line("EHLO laptop.you.test");
    assert!(session.line("AUTH LOGIN").starts_with("504"));
}

#[test]
fn a_response_may_have_12288_octets() {
    let mut session = ready();
    session.line("AUTH LOGIN");
    let name = encode(&[b'x'; 9213]);
    assert_eq!(name.len() + 2, 12_286);
    assert!(session.line(&name).starts_with("334"));
    assert_eq!(session.line(&format!("{name}xxxx")), "500 5.5.6 Authentication line too long\r\n");
    assert!(session.line("NOOP").starts_with("250"), "commands come next");
}

#[test]
fn a_host_for_its_own_users_refuses_strangers_with_530() {
    let mut session = Talk::with(Config { auth_required: true, ..trusting() });
    session.line("EHLO laptop.you.test");
    assert_eq!(session.line("MAIL FROM:<you@you.test>"), "530 5.7.0 Authentication required\r\n");
    assert!(session.line("NOOP").starts_with("250"));
    session.line(&format!("AUTH PLAIN {}", encode(b"\0mina\0sunflower")));
    assert!(session.line("MAIL FROM:<you@you.test>").starts_with("250"));
}
