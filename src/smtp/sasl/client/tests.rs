//! Logins, line by line.

mod agree;
mod begin;
mod hostile;
mod meaning;
mod server;
mod vectors;

use super::super::super::limits::COMMAND_LINE;
use super::*;

/// `user` and `secret`, for oneself.
fn login(user: &str, secret: &str) -> Login {
    Login { act_as: String::new(), user: user.to_owned(), secret: secret.into() }
}

fn setup(mechanism: Mechanism, user: &str, secret: &str) -> Setup {
    Setup { nonce: "fyko+d2lbbFgONRv9qkxdawL".to_owned(), ..Setup::new(mechanism, login(user, secret)) }
}

fn begun(setup: &Setup) -> Exchange {
    Exchange::begin(setup).unwrap()
}

fn text(said: &Said) -> &str {
    said.line().expose_secret()
}

/// What the line says once decoded.
fn decoded(said: &Said) -> String {
    String::from_utf8(said.meaning().reveal().to_vec()).unwrap()
}

impl Exchange {
    /// AUTH, with an initial response if there is one.
    fn auth(&mut self) -> Said {
        self.command(true, COMMAND_LINE)
    }

    /// Takes a challenge as the server's mechanism wrote it.
    fn hear(&mut self, challenge: &str) -> Reaction {
        self.challenge(encode(challenge.as_bytes()).as_bytes()).reaction
    }

    /// The answer to a challenge; slow work is done at once.
    fn answers(&mut self, challenge: &str) -> Said {
        match self.hear(challenge) {
            Reaction::Answer(said) => said,
            Reaction::Derive(derivation) => {
                let Some(Reaction::Answer(said)) = self.derived(&derivation.run()) else { panic!("no answer") };
                said
            }
            Reaction::GiveUp { why, .. } => panic!("given up: {why}"),
        }
    }

    /// The line that gives up after a challenge, and why.
    fn gives_up(&mut self, challenge: &str) -> (String, Trouble) {
        match self.hear(challenge) {
            Reaction::GiveUp { line, why } => (text(&line).to_owned(), why),
            other => panic!("went on: {other:?}"),
        }
    }
}

#[test]
fn names_are_read_in_any_case() {
    for mechanism in Mechanism::ALL {
        assert_eq!(Mechanism::from_name(mechanism.name().to_ascii_lowercase().as_bytes()), Some(*mechanism));
    }
    assert_eq!(Mechanism::from_name(b"SCRAM-SHA-256-PLUS").map(Mechanism::binds), Some(true));
    assert_eq!(Mechanism::from_name(b"NTLM"), None);
}

#[test]
fn c117_an_initial_response_of_no_octets_is_an_equals_sign() {
    for mechanism in [Mechanism::External, Mechanism::Anonymous] {
        let mut exchange = begun(&setup(mechanism, "", ""));
        assert_eq!(text(&exchange.auth()), format!("AUTH {mechanism} ="));
        assert_eq!(exchange.concluded(235), Ok(Outcome::In));
    }
    // Behind a 334 the same response is an empty line.
    let mut exchange = begun(&setup(Mechanism::External, "", ""));
    assert_eq!(text(&exchange.command(false, COMMAND_LINE)), "AUTH EXTERNAL");
    assert_eq!(text(&exchange.answers("")), "");
}

#[test]
fn c118_an_initial_response_that_makes_the_line_too_long_waits_for_the_334() {
    // `AUTH PLAIN ` and CR LF leave 499 octets, which is 496 letters of Base64 and 372 octets: two NUL, "ada", 367.
    for (octets, fits) in [(367, true), (368, false)] {
        let secret = "x".repeat(octets);
        let mut exchange = begun(&setup(Mechanism::Plain, "ada", &secret));
        let line = exchange.auth();
        assert_eq!(text(&line) != "AUTH PLAIN", fits, "{octets}");
        assert!(text(&line).len() + 2 <= COMMAND_LINE);
        if !fits {
            assert_eq!(exchange.concluded(235), Err(Trouble::Early), "nothing was said yet");
            assert_eq!(decoded(&exchange.answers("")), format!("\0ada\0{secret}"), "the response itself may be longer");
        }
        assert_eq!(exchange.concluded(235), Ok(Outcome::In));
    }
}

#[test]
fn c119_an_asterisk_cancels() {
    let mut exchange = begun(&setup(Mechanism::Login, "ada", "s3cret"));
    exchange.command(false, COMMAND_LINE);
    exchange.answers("Username:");
    let line = exchange.cancel();
    assert_eq!((text(&line), decoded(&line).as_str()), ("*", ""));
    assert_eq!(exchange.concluded(501), Ok(Outcome::Refused));
    assert_eq!(exchange.concluded(235), Err(Trouble::Early), "nobody logged in");
    let (line, why) = exchange.gives_up("Password:");
    assert_eq!((line.as_str(), why), ("*", Trouble::Surplus(Mechanism::Login)), "the password is not sent any more");
}

#[test]
fn a_mechanism_where_the_server_begins_gets_no_initial_response() {
    let mut exchange = begun(&setup(Mechanism::CramMd5, "tim", "tanstaaftanstaaf"));
    assert_eq!(text(&exchange.auth()), "AUTH CRAM-MD5");
    assert_eq!(exchange.concluded(235), Err(Trouble::Early));
}

#[test]
fn login_goes_with_and_without_an_initial_response() {
    for initial in [true, false] {
        let mut exchange = begun(&setup(Mechanism::Login, "ada", "s3cret"));
        let line = exchange.command(initial, COMMAND_LINE);
        if initial {
            assert_eq!(text(&line), "AUTH LOGIN YWRh");
        } else {
            assert_eq!(text(&line), "AUTH LOGIN");
            assert_eq!(text(&exchange.answers("User Name\0")), "YWRh");
        }
        assert_eq!(text(&exchange.answers("Password\0")), "czNjcmV0");
        assert_eq!(exchange.concluded(235), Ok(Outcome::In));
    }
}

#[test]
fn prompts_in_other_words_are_answered_in_order() {
    let mut exchange = begun(&setup(Mechanism::Login, "ada", "s3cret"));
    exchange.command(false, COMMAND_LINE);
    assert_eq!(decoded(&exchange.answers("Benutzer?")), "ada");
    assert_eq!(decoded(&exchange.answers("")), "s3cret");
}

#[test]
fn only_235_is_a_success() {
    let mut exchange = begun(&setup(Mechanism::Plain, "ada", "s3cret"));
    exchange.auth();
    assert_eq!(exchange.concluded(250), Err(Trouble::NotSuccess(250)));
    assert_eq!(exchange.concluded(250).unwrap_err().id(), "auth/unexpected-success");
    assert_eq!(exchange.concluded(354), Err(Trouble::Code(354)));
    for code in [432, 454, 500, 534, 535, 538] {
        assert_eq!(exchange.concluded(code), Ok(Outcome::Refused));
    }
    assert_eq!(exchange.concluded(235), Ok(Outcome::In));
}

#[test]
fn nothing_that_is_printed_holds_a_secret() {
    const SECRET: &str = "tanstaaftanstaaf";
    for mechanism in Mechanism::ALL.iter().copied().filter(|mechanism| *mechanism != Mechanism::Anonymous) {
        let setup = Setup { binding: Binding::TlsExporter([7; 32]), ..setup(mechanism, "ada", SECRET) };
        let mut exchange = begun(&setup);
        let said = exchange.auth();
        let before = format!("{setup:?} {exchange:?} {said:?}");
        let turn = exchange.challenge(b"");
        let printed = format!("{before} {turn:?} {exchange:?}");
        for spelling in [SECRET, "dGFuc3RhYWZ0YW5zdGFhZ", "Rhbn", "116, 97, 110, 115"] {
            assert!(!printed.contains(spelling), "{mechanism}: {spelling} in {printed}");
        }
    }
}
