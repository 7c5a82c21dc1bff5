//! AUTH: PLAIN, LOGIN, CRAM-MD5, and SCRAM against our own client.

use super::*;
use crate::smtp::command::Verb;
use crate::smtp::extension::Extensions;
use crate::smtp::limits::Limits;
use crate::smtp::sasl::client::{Binding, Exchange, Login, Reaction, Said, Setup};
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

/// A server inside TLS that speaks whatever the engine speaks.
fn able() -> Talk {
    let offers = [strict().offers, vec![Extension::Auth]].concat();
    let mechanisms = vec![
        Mechanism::ScramSha256Plus,
        Mechanism::ScramSha256,
        Mechanism::ScramSha1,
        Mechanism::CramMd5,
        Mechanism::XOauth2,
    ];
    let mut session = Talk::with(Config { offers, mechanisms, ..strict() });
    session.server.tie_logins([7; 32]);
    session.line("EHLO laptop.you.test");
    session
}

/// What a line of a client is on the wire.
fn wire(said: &Said) -> String {
    use secrecy::ExposeSecret;
    said.line().expose_secret().to_owned()
}

/// A whole login of our own client; what the server said last.
fn log_in(mechanism: Mechanism, user: &str, secret: &str) -> String {
    let login = Login { act_as: String::new(), user: user.into(), secret: secret.into() };
    let binding = Binding::TlsExporter([7; 32]);
    let setup = Setup { binding, nonce: "fresh".into(), ..Setup::new(mechanism, login) };
    let mut client = Exchange::begin(&setup).expect("a login");
    let mut session = able();
    let mut reply = session.line(&wire(&client.command(true, 512)));
    while let Some(challenge) = reply.strip_prefix("334 ") {
        let line = match client.challenge(challenge.trim_end().as_bytes()).reaction {
            Reaction::Answer(said) => said,
            Reaction::Derive(work) => match client.derived(&work.run()) {
                Some(Reaction::Answer(said)) => said,
                other => panic!("{other:?}"),
            },
            Reaction::GiveUp { why, .. } => panic!("{why}"),
        };
        reply = session.line(&wire(&line));
    }
    assert_eq!(client.concluded(235).is_ok(), reply == OK, "{reply}");
    reply
}

#[test]
fn mechanisms_that_keep_the_password_off_the_line() {
    for mechanism in [Mechanism::CramMd5, Mechanism::ScramSha1, Mechanism::ScramSha256, Mechanism::ScramSha256Plus] {
        assert_eq!(log_in(mechanism, "mina", "sunflower"), OK, "{mechanism}");
    }
    for mechanism in [Mechanism::ScramSha256, Mechanism::ScramSha256Plus] {
        assert_eq!(log_in(mechanism, "mina", "moonflower"), "535 5.7.8 Wrong\r\n", "{mechanism}");
        assert_eq!(log_in(mechanism, "sam", "sunflower"), "535 5.7.8 Wrong\r\n", "a stranger is asked as others are");
    }
}

#[test]
fn a_wrong_digest_of_cram_gets_535_and_an_initial_response_501() {
    let mut session = able();
    let challenge = session.line("AUTH CRAM-MD5");
    assert_eq!(challenge, format!("334 {}\r\n", encode(b"<nonce.of.mx1.harbor.test@mx1.harbor.test>")));
    assert_eq!(session.line(&encode(b"mina 00000000000000000000000000000000")), "535 5.7.8 Wrong\r\n");
    assert!(session.line("AUTH CRAM-MD5 bWluYQ==").starts_with("501 5.5.2"));
    session.line("AUTH CRAM-MD5");
    assert!(session.line(&encode(b"mina")).starts_with("501 5.5.2"));
    assert!(session.line("NOOP").starts_with("250"), "commands come next");
}

#[test]
fn whoever_stops_before_the_servers_proof_is_read_is_not_signed_in() {
    let mut session = able();
    session.line(&format!("AUTH SCRAM-SHA-256 {}", encode(b"n,,n=mina,r=abc")));
    assert!(session.line("*").starts_with("501 5.7.0"));
    session.line(&format!("AUTH SCRAM-SHA-256 {}", encode(b"n,,n=mina,r=abc")));
    assert!(session.line(&encode(b"c=biws,r=abcx,p=AAAA")).starts_with("535"));
    assert!(session.line(&format!("AUTH SCRAM-SHA-256 {}", encode(b"y,,n=mina,r=abc"))).starts_with("501"));
    assert!(session.line("AUTH XOAUTH2").starts_with("504"), "the engine has no tokens");
}

#[test]
fn c127_a_star_cancels_and_commands_come_next() {
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
fn c127_what_is_no_base64_or_not_what_the_mechanism_wants_gets_501() {
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
fn c126_auth_comes_once_after_ehlo_and_outside_a_transaction() {
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
fn c128_mechanisms_that_are_not_offered_get_504() {
    assert_eq!(ready().line("AUTH CRAM-MD5"), "504 5.5.4 Mechanism CRAM-MD5 not offered\r\n");
    assert_eq!(ready().line("AUTH WHATEVER"), "504 5.5.4 Mechanism WHATEVER not offered\r\n");
    assert!(ready().line("AUTH").starts_with("501 5.5.4"));
    let plain_only = Config { mechanisms: vec![Mechanism::Plain], ..trusting() };
    let mut session = Talk::with(plain_only);
    session.line("EHLO laptop.you.test");
    assert!(session.line("AUTH LOGIN").starts_with("504"));
}

#[test]
fn c129_a_response_may_have_12288_octets() {
    let mut session = ready();
    session.line("AUTH LOGIN");
    let name = encode(&[b'x'; 9213]);
    assert_eq!(name.len() + 2, 12_286);
    assert!(session.line(&name).starts_with("334"));
    assert_eq!(session.line(&format!("{name}xxxx")), "500 5.5.6 Authentication line too long\r\n");
    assert!(session.line("NOOP").starts_with("250"), "commands come next");
}

#[test]
fn c130_a_host_for_its_own_users_refuses_strangers_with_530() {
    let mut session = Talk::with(Config { auth_required: true, ..trusting() });
    for open in ["EHLO laptop.you.test", "HELO laptop.you.test", "NOOP", "RSET", "EHLO laptop.you.test"] {
        assert!(session.line(open).starts_with("250"), "{open}");
    }
    for shut in ["MAIL FROM:<you@you.test>", "RCPT TO:<pat@harbor.test>", "DATA", "VRFY pat", "EXPN crew", "HELP"] {
        assert_eq!(session.line(shut), "530 5.7.0 Authentication required\r\n", "{shut}");
    }
    session.line(&format!("AUTH PLAIN {}", encode(b"\0mina\0sunflower")));
    assert!(session.line("MAIL FROM:<you@you.test>").starts_with("250"));
}

#[test]
fn c132_outside_tls_no_mechanism_is_offered_unless_the_host_says_so() {
    let mechanisms = vec![Mechanism::Plain, Mechanism::Login, Mechanism::ScramSha256];
    let mut session = Talk::with(Config { mechanisms, ..strict() });
    assert!(!session.line("EHLO laptop.you.test").contains("AUTH"));
    assert!(session.line("AUTH PLAIN").starts_with("502 5.5.1"));
}

#[test]
fn c133_mail_may_name_who_sent_it_first() {
    let mut session = ready();
    for value in ["<>", "mina+40pine.test", "mina@pine.test"] {
        assert!(session.line(&format!("MAIL FROM:<you@you.test> AUTH={value}")).starts_with("250"), "{value}");
        let asked = session.asked.iter().rev().find_map(|ask| match ask {
            Ask::Mail { params, .. } => Some(params.clone()),
            _ => None,
        });
        let params = asked.expect("the host was asked");
        assert_eq!(params[0].value.as_deref(), Some(value.as_bytes()));
        session.line("RSET");
    }
    for bad in ["AUTH", "AUTH=a+ZZ"] {
        let said = session.line(&format!("MAIL FROM:<you@you.test> {bad}"));
        assert!(said.starts_with("501 5.5.4"), "{bad}: {said}");
    }
    let offer = |text: &[u8]| Extensions::parse(&crate::smtp::reply::Reply::parse(text).expect("a reply"));
    let limit = |offer: &Extensions| Limits::default().command_line(Verb::Mail, Some(offer));
    assert_eq!(limit(&offer(b"250-mx\r\n250 AUTH PLAIN\r\n")), limit(&offer(b"250 mx\r\n")) + 500);
    let long = format!("MAIL FROM:<you@you.test> AUTH={}@pine.test", "x".repeat(60 + 400));
    assert!(long.len() > 450 && session.line(&long).starts_with("250"), "a line of {} octets", long.len());
}
