//! Logins that are led: the exchange answers, the hand may take over, and a success is believed only if it is one.

use super::*;
use crate::smtp::sasl::client::{Exchange, Login, Mechanism, Setup};

/// The login of RFC 7677 §3, and what its server says.
const FIRST: &str = "334 cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEcFdVYTJSYVRDQWZ1eEZJbGopaE5sRiRrMCxzPVcyMlphSjBTTlk3c29Fc1VFamI2Z1E9PSxpPTQwOTY=\r\n";
const PROVEN: &str = "334 dj02cnJpVFJCaTIzV3BSUi93dHVwK21NaFVaVW4vZEI1bkxUSlJzamw5NUc0PQ==\r\n";
const PROOF: &str = "Yz1iaXdzLHI9ck9wck5HZndFYmVSV2diTkVrcU8laHZZRHBXVWEyUmFUQ0FmdXhGSWxqKWhObEYkazAscD1kSHpiWmFwV0lrNGpVaE4rVXRlOXl0YWc5empmTUhnc3FtbWl6N0FuZFZRPQ==\r\n";

fn exchange(mechanism: Mechanism, user: &str, secret: &str) -> Exchange {
    let login = Login { act_as: String::new(), user: user.into(), secret: secret.into() };
    let nonce = "rOprNGfwEbeRWgbNEkqO".to_owned();
    Exchange::begin(&Setup { nonce, ..Setup::new(mechanism, login) }).unwrap()
}

impl Talk {
    fn authenticate(&mut self, exchange: Exchange, initial: bool) {
        self.wire.clear();
        self.client.authenticate(exchange, initial, self.now);
        self.settle();
    }

    /// Does the slow part that was asked for last.
    fn derive(&mut self) {
        assert_eq!(self.wants.last(), Some(&Want::Derive));
        let derivation = self.client.derivation().expect("work to do");
        self.client.derived(&derivation.run(), self.now);
        self.settle();
    }

    fn stopped(&self) -> Vec<&str> {
        let marks = self.marks().into_iter();
        marks
            .filter_map(|mark| if let Mark::LoginStopped { id, .. } = mark { Some(id.as_ref()) } else { None })
            .collect()
    }
}

/// A SCRAM login whose first message is sent.
fn scram() -> Talk {
    let mut talk = Talk::greeted();
    talk.authenticate(exchange(Mechanism::ScramSha256, "user", "pencil"), true);
    assert_eq!(talk.wire(), "AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8=\r\n");
    talk.wire.clear();
    talk
}

#[test]
fn plain_with_and_without_an_initial_response() {
    let mut talk = Talk::greeted();
    talk.authenticate(exchange(Mechanism::Plain, "tim", "tanstaaftanstaaf"), true);
    assert_eq!(talk.wire(), "AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n");
    talk.hear("535 5.7.8 no\r\n");
    talk.authenticate(exchange(Mechanism::Plain, "tim", "tanstaaftanstaaf"), false);
    talk.hear("334 \r\n");
    talk.hear("235 2.7.0 yes\r\n");
    assert_eq!(talk.wire(), "AUTH PLAIN\r\nAHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n");
    assert!(talk.marks().is_empty(), "{:?}", talk.marks());
}

#[test]
fn an_initial_response_that_makes_the_command_too_long_is_sent_behind_a_334() {
    let mut talk = Talk::greeted();
    talk.authenticate(exchange(Mechanism::XOauth2, "tim", &"t".repeat(400)), true);
    assert_eq!(talk.wire(), "AUTH XOAUTH2\r\n");
    talk.hear("334 \r\n");
    assert!(talk.wire().len() > 512);
}

#[test]
fn login_answers_prompt_by_prompt() {
    let mut talk = Talk::greeted();
    talk.authenticate(exchange(Mechanism::Login, "mina", "sunflower"), false);
    talk.hear("334 VXNlcm5hbWU6\r\n");
    talk.hear("334 UGFzc3dvcmQ6\r\n");
    assert_eq!(talk.wire(), "AUTH LOGIN\r\nbWluYQ==\r\nc3VuZmxvd2Vy\r\n");
    talk.hear("235 2.7.0 yes\r\n");
    talk.exchange("NOOP", "250 ok\r\n");
    assert!(talk.marks().is_empty(), "{:?}", talk.marks());
}

#[test]
fn scram_works_out_its_proof_and_wants_the_servers() {
    let mut talk = scram();
    talk.hear(FIRST);
    talk.derive();
    assert_eq!(talk.wire(), PROOF);
    talk.hear(PROVEN);
    talk.hear("235 2.7.0 yes\r\n");
    assert_eq!(talk.wire(), format!("{PROOF}\r\n"));
    assert_eq!(talk.stopped(), [""; 0]);
    let proved = Mark::ServerProved { mechanism: "SCRAM-SHA-256".into() };
    assert_eq!(talk.marks(), [&proved], "it is told once");
}

#[test]
fn a_server_that_cannot_prove_itself_is_told_so_and_not_believed() {
    let mut talk = scram();
    talk.hear(FIRST);
    talk.derive();
    talk.hear("334 dj1BQUFB\r\n");
    assert_eq!(talk.wire(), format!("{PROOF}*\r\n"));
    assert_eq!(talk.stopped(), ["auth/server-not-proven"]);
    talk.hear("235 2.7.0 come in anyway\r\n");
    assert_eq!(talk.stopped().len(), 2, "the 235 that follows is not believed either");

    let mut talk = scram();
    talk.hear("235 2.7.0 come in\r\n");
    assert_eq!(talk.stopped(), ["auth/server-not-proven"]);

    let mut talk = Talk::greeted();
    talk.authenticate(exchange(Mechanism::Login, "mina", "sunflower"), false);
    talk.hear("235 2.7.0 come in\r\n");
    assert_eq!(talk.stopped(), ["auth/unexpected-success"], "before all was said");
}

#[test]
fn a_challenge_that_makes_no_sense_is_answered_with_a_star() {
    let mut talk = Talk::greeted();
    talk.authenticate(exchange(Mechanism::Login, "mina", "sunflower"), false);
    talk.hear("334 UGFzc3dvcmQ6\r\n");
    assert_eq!(talk.wire(), "AUTH LOGIN\r\n*\r\n", "the password is not the user name");
    assert_eq!(talk.stopped(), ["auth/prompt-mismatch"]);
    talk.exchange("NOOP", "501 5.7.0 cancelled\r\n");
    assert!(!talk.wire().contains("sunflower"));
}

#[test]
fn a_line_by_hand_takes_the_login_over() {
    let mut talk = scram();
    talk.hear(FIRST);
    talk.say("*");
    assert_eq!(talk.wire(), "*\r\n", "although the work is not done");
    let derivation = talk.client.derivation();
    assert!(derivation.is_none(), "nobody waits for it");
    talk.hear("501 5.7.0 cancelled\r\n");

    talk.authenticate(exchange(Mechanism::Login, "mina", "sunflower"), false);
    talk.say("cGF0");
    assert_eq!(talk.wire(), "AUTH LOGIN\r\n", "it waits for its challenge");
    talk.hear("334 VXNlcm5hbWU6\r\n");
    talk.hear("334 UGFzc3dvcmQ6\r\n");
    assert_eq!(talk.wire(), "AUTH LOGIN\r\ncGF0\r\n", "and the password is the hand's affair too");
}

#[test]
fn a_login_waits_its_turn_and_is_no_part_of_a_letter() {
    let mut talk = Talk::greeted();
    talk.say("NOOP");
    talk.authenticate(exchange(Mechanism::Plain, "tim", "tanstaaf"), true);
    assert_eq!(talk.wire(), "");
    talk.hear("250 ok\r\n");
    assert!(talk.wire().starts_with("AUTH PLAIN "));
    talk.hear("535 no\r\n");
    talk.exchange("DATA", "354 go\r\n");
    talk.authenticate(exchange(Mechanism::Plain, "tim", "tanstaaf"), true);
    assert_eq!(talk.wire(), "");
    assert!(talk.has(&Mark::Dropped { lines: 1 }));
}

#[test]
fn the_end_of_the_connection_is_the_end_of_the_login() {
    let mut talk = scram();
    talk.hear(FIRST);
    let derivation = talk.client.derivation().expect("work to do");
    talk.client.closed(Ending::Reset);
    talk.settle();
    talk.client.derived(&derivation.run(), talk.now);
    talk.settle();
    assert_eq!(talk.wire(), "", "nobody is there any more");
}

proptest! {
    /// Whatever a server says, and in whatever pieces, the password is not sent in clear by a SCRAM login.
    #[test]
    fn no_server_gets_the_password_out_of_scram(
        replies in prop::collection::vec(("(235|334|250|501|535)", "[ -~]{0,24}"), 1..6),
    ) {
        let mut talk = scram();
        for (code, text) in replies {
            let _ = talk.client.receive(format!("{code} {text}\r\n").as_bytes(), talk.now);
            talk.settle();
        }
        let wire = talk.wire();
        prop_assert!(!wire.contains("pencil") && !wire.contains("cGVuY2ls"), "{wire}");
    }
}

#[test]
fn who_stops_waiting_has_taken_the_login() {
    let mut talk = Talk::greeted();
    talk.authenticate(exchange(Mechanism::Login, "mina", "sunflower"), false);
    talk.hear("334 VXNlcm5hbWU6\r\n");
    talk.client.stop_waiting(talk.now);
    talk.settle();
    talk.hear("334 UGFzc3dvcmQ6\r\n");
    assert_eq!(talk.wire(), "AUTH LOGIN\r\nbWluYQ==\r\n", "the password is not sent by itself");
    talk.exchange("*", "501 cancelled\r\n");
    assert!(talk.stopped().is_empty(), "{:?}", talk.marks());
}
