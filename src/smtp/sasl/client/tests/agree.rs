//! A client and a server that were written apart come to the same end.

use proptest::prelude::*;

use super::super::super::Plain;
use super::server::{Account, Says, Server};
use super::*;

/// Walks a login to its end: how it ended, and the trouble if the client gave up.
fn walk(setup: &Setup, server: &mut Server<'_>, initial: bool) -> (Result<Outcome, Trouble>, Option<Trouble>) {
    let mut client = begun(setup);
    let mut given_up = None;
    let command = client.command(initial, COMMAND_LINE);
    let mut says = match text(&command).splitn(3, ' ').nth(2) {
        Some("=") => server.hears(b""),
        Some(response) => server.hears(&decode(response.as_bytes()).unwrap()),
        None => Says::Challenge(server.asks()),
    };
    for _ in 0..6 {
        let challenge = match says {
            Says::Code(code) => return (client.concluded(code), given_up),
            Says::Challenge(challenge) => challenge,
        };
        let reaction = match client.challenge(encode(&challenge).as_bytes()).reaction {
            Reaction::Derive(derivation) => client.derived(&derivation.run()).unwrap(),
            reaction => reaction,
        };
        let line = match reaction {
            Reaction::Answer(said) => said,
            Reaction::GiveUp { line, why } => {
                given_up = Some(why);
                line
            }
            Reaction::Derive(_) => panic!("worked twice"),
        };
        says = match text(&line) {
            "*" => Says::Code(501),
            line => server.hears(&decode(line.as_bytes()).unwrap()),
        };
    }
    panic!("the login has no end")
}

const EXPORTED: [u8; 32] = [0x5A; 32];

fn bound(mechanism: Mechanism, user: &str, secret: &str) -> Setup {
    Setup { binding: Binding::TlsExporter(EXPORTED), ..setup(mechanism, user, secret) }
}

#[test]
fn c134_scram_plus_ties_the_login_to_the_tls_connection() {
    let account = Account { user: "ada".into(), password: "s3cret".into() };
    for mechanism in [Mechanism::ScramSha1Plus, Mechanism::ScramSha256Plus] {
        let mut server = Server::new(&account, mechanism, Some(EXPORTED));
        assert_eq!(walk(&bound(mechanism, "ada", "s3cret"), &mut server, true), (Ok(Outcome::In), None));

        // Somebody in between has two connections, and they export different octets.
        let mut server = Server::new(&account, mechanism, Some([0xA5; 32]));
        let (end, why) = walk(&bound(mechanism, "ada", "s3cret"), &mut server, true);
        assert_eq!(end, Ok(Outcome::Refused));
        assert_eq!(why, Some(Trouble::ScramRefused("channel-bindings-dont-match".into())));
    }
}

#[test]
fn a_list_that_was_shortened_on_the_way_is_noticed() {
    let account = Account { user: "ada".into(), password: "s3cret".into() };
    let setup = Setup { binding: Binding::NotOffered, ..setup(Mechanism::ScramSha256, "ada", "s3cret") };
    let mut server = Server::new(&account, Mechanism::ScramSha256, Some(EXPORTED));
    let (_, why) = walk(&setup, &mut server, true);
    assert_eq!(why, Some(Trouble::ScramRefused("server-does-support-channel-binding".into())));
    let mut server = Server::new(&account, Mechanism::ScramSha256, None);
    assert_eq!(walk(&setup, &mut server, true), (Ok(Outcome::In), None));
}

proptest! {
    #[test]
    fn client_and_server_agree(
        user in "[!-~]{1,12}",
        password in "[!-~]{1,80}",
        mechanism in prop::sample::select(Mechanism::ALL),
        initial: bool,
    ) {
        // OAUTHBEARER quotes its name, which the simple server does not read.
        let user = user.replace([',', '='], "x");
        let account = Account { user: user.clone(), password: password.clone() };
        let mut server = Server::new(&account, mechanism, Some(EXPORTED));
        let setup = bound(mechanism, &user, &password);
        prop_assert_eq!(walk(&setup, &mut server, initial), (Ok(Outcome::In), None));
    }

    #[test]
    fn plain_is_read_back(act_as in "[a-z@.]{0,8}", user in "[!-~]{1,12}", password in "[ -~é]{1,20}") {
        let login = Login { act_as: act_as.clone(), ..login(&user, &password) };
        let message = decoded(&begun(&Setup::new(Mechanism::Plain, login)).auth()).into_bytes();
        let plain = Plain::parse(&message);
        prop_assert_eq!(plain.trouble, None);
        prop_assert_eq!(&message[plain.authzid], act_as.as_bytes());
        prop_assert_eq!(&message[plain.authcid], user.as_bytes());
        prop_assert_eq!(&message[plain.password], password.as_bytes());
    }

    #[test]
    fn a_wrong_password_is_refused_and_never_a_success(
        password in "[!-~]{1,20}",
        tried in "[!-~]{1,20}",
        mechanism in prop::sample::select(Mechanism::ALL),
        initial: bool,
    ) {
        prop_assume!(password != tried && !matches!(mechanism, Mechanism::External | Mechanism::Anonymous));
        let account = Account { user: "ada".into(), password };
        let mut server = Server::new(&account, mechanism, Some(EXPORTED));
        let (end, _) = walk(&bound(mechanism, "ada", &tried), &mut server, initial);
        prop_assert_eq!(end, Ok(Outcome::Refused));
    }

    #[test]
    fn names_with_commas_and_equals_signs_come_through(user in "[a-z,=é]{1,8}") {
        let account = Account { user: user.clone(), password: "s3cret".into() };
        let mut server = Server::new(&account, Mechanism::ScramSha256, None);
        let (end, _) = walk(&setup(Mechanism::ScramSha256, &user, "s3cret"), &mut server, true);
        prop_assert_eq!(end, Ok(Outcome::In));
    }

    /// No server, whatever it says, gets more than three lines out of a client or makes it believe in a SCRAM login.
    #[test]
    fn any_server_is_survived(
        mechanism in prop::sample::select(Mechanism::ALL),
        initial: bool,
        challenges in proptest::collection::vec(prop_oneof![
            Just(Vec::new()),
            Just(b"Username:".to_vec()),
            Just(b"Password:".to_vec()),
            Just(b"v=AAAA".to_vec()),
            "r=fyko\\+d2lbbFgONRv9qkxdawL[!-+.-~]{0,4},s=[A-Z]{0,4},i=[0-9]{1,3}".prop_map(String::into_bytes),
            proptest::collection::vec(any::<u8>(), 0..40),
        ], 1..8),
    ) {
        let mut client = begun(&bound(mechanism, "ada", "s3cret"));
        client.command(initial, COMMAND_LINE);
        let mut answers = 0;
        for challenge in challenges {
            let reaction = match client.challenge(encode(&challenge).as_bytes()).reaction {
                Reaction::Derive(derivation) => client.derived(&derivation.run()).unwrap(),
                reaction => reaction,
            };
            answers += u32::from(matches!(reaction, Reaction::Answer(_)));
        }
        prop_assert!(answers <= 3);
        if mechanism.hash().is_some() {
            prop_assert_eq!(client.concluded(235), Err(Trouble::Unproven));
        }
    }
}
