//! Servers that are broken, or are not what they pose as.

use super::*;

const NONCE: &str = "fyko+d2lbbFgONRv9qkxdawL";

fn scram() -> Exchange {
    let mut exchange = begun(&setup(Mechanism::ScramSha256, "user", "pencil"));
    exchange.auth();
    exchange
}

/// The trouble that a server's first message makes; the client says `*` and nothing else.
fn first(message: &str) -> Trouble {
    let mut exchange = scram();
    let (line, why) = exchange.gives_up(message);
    assert_eq!(line, "*", "{message}");
    assert_eq!(exchange.concluded(235), Err(Trouble::Unproven), "{message}");
    why
}

/// The trouble that a server's last message makes.
fn last(message: &str) -> Trouble {
    let mut exchange = scram();
    exchange.answers(&format!("r={NONCE}x,s=QSXCR+Q6sek8bf92,i=2"));
    let (line, why) = exchange.gives_up(message);
    assert_eq!(line, "*", "{message}");
    assert_eq!(exchange.concluded(235), Err(Trouble::Unproven), "{message}");
    why
}

#[test]
fn c124_a_challenge_that_is_no_base64_is_named_and_still_shown() {
    for mechanism in Mechanism::ALL {
        let binding = Binding::TlsExporter([1; 32]);
        let mut exchange = begun(&Setup { binding, ..setup(*mechanism, "ada", "s3cret") });
        exchange.auth();
        let turn = exchange.challenge(b"!!!not-base64");
        let shown: Vec<_> = turn.heard.pieces().map(|piece| (piece.what, piece.text.unwrap().into_string())).collect();
        assert_eq!(shown, [(What::Raw, "!!!not-base64".to_owned())]);
        let Reaction::GiveUp { line, why } = turn.reaction else { panic!("{mechanism} went on") };
        assert_eq!((text(&line), why.id()), ("*", "auth/bad-base64"), "{mechanism}");
    }
}

#[test]
fn a_nonce_that_does_not_continue_ours_is_an_impostor() {
    for nonce in ["", "other", "yko+d2lbbFgONRv9qkxdawL3rfc", &NONCE.to_ascii_uppercase(), NONCE] {
        let why = first(&format!("r={nonce},s=QSXCR+Q6sek8bf92,i=4096"));
        assert_eq!((why.id(), why), ("auth/server-not-proven", Trouble::Nonce), "{nonce}");
    }
    let why = first(&format!("r={NONCE}é,s=QSXCR+Q6sek8bf92,i=4096"));
    assert_eq!((why.id(), why), ("auth/scram-message", Trouble::Message(Malformed::Nonce)));
}

#[test]
fn rounds_must_be_a_positive_number() {
    for rounds in ["0", "", "-1", "+4096", "04096", "4096x", "four", "4 096"] {
        let why = first(&format!("r={NONCE}x,s=QSXCR+Q6sek8bf92,i={rounds}"));
        assert_eq!((why.id(), why), ("auth/scram-message", Trouble::Message(Malformed::Rounds)), "{rounds}");
    }
}

#[test]
fn rounds_beyond_the_cap_are_not_begun() {
    for (digits, rounds) in [("600001", 600_001), ("2147483647", 2_147_483_647), (&"9".repeat(40), u64::MAX)] {
        let why = first(&format!("r={NONCE}x,s=QSXCR+Q6sek8bf92,i={digits}"));
        assert_eq!((why.id(), why), ("auth/scram-cost", Trouble::Cost { rounds, most: 600_000 }));
    }
    let raised = Setup { most_rounds: 5_000_000, ..setup(Mechanism::ScramSha1, "user", "pencil") };
    let mut exchange = begun(&raised);
    exchange.auth();
    let Reaction::Derive(derivation) = exchange.hear(&format!("r={NONCE}x,s=QSXCR+Q6sek8bf92,i=5000000")) else {
        panic!("refused")
    };
    assert_eq!(derivation.rounds(), 5_000_000);
    assert_eq!(text(&exchange.cancel()), "*", "and it can be called off while it is being worked out");
    assert!(exchange.derived(&SaltedPassword(vec![0; 20].into())).is_none());
}

#[test]
fn the_first_message_has_its_fields_in_their_order() {
    use Malformed::{Mandatory, Missing, NoAttribute, Salt, Twice};
    let cases = [
        ("", Missing('r')),
        ("s=QSXCR+Q6sek8bf92,i=4096", Missing('r')),
        ("r={},i=4096", Missing('s')),
        ("r={},s=QSXCR+Q6sek8bf92", Missing('i')),
        ("r={},i=4096,s=QSXCR+Q6sek8bf92", Missing('s')),
        ("r={},s=,i=4096", Salt),
        ("r={},s=!!!,i=4096", Salt),
        ("r={},s=QSXCR+Q6sek8bf92,i=4096,i=1", Twice('i')),
        ("r={},s=QSXCR+Q6sek8bf92,i=4096,x", NoAttribute),
        ("r={},s=QSXCR+Q6sek8bf92,i=4096,", NoAttribute),
        ("m=new,r={},s=QSXCR+Q6sek8bf92,i=4096", Mandatory),
        ("r={},s=QSXCR+Q6sek8bf92,i=4096,m=new", Mandatory),
        ("r={};s=QSXCR+Q6sek8bf92;i=4096", Missing('s')),
    ];
    for (message, malformed) in cases {
        let why = first(&message.replace("{}", &format!("{NONCE}x")));
        assert_eq!((why.id(), why), ("auth/scram-message", Trouble::Message(malformed)), "{message}");
    }
    let mut exchange = scram();
    let turn = exchange.challenge(encode(b"r=\xFF\xFE").as_bytes());
    assert!(matches!(turn.reaction, Reaction::GiveUp { why: Trouble::Message(Malformed::NoAttribute), .. }));
}

#[test]
fn optional_fields_that_nobody_knows_are_ignored() {
    let mut exchange = scram();
    exchange.answers(&format!("r={NONCE}x,s=QSXCR+Q6sek8bf92,i=2,z=later,y=a=b"));
}

#[test]
fn the_server_says_why_it_ends_scram() {
    for error in ["invalid-proof", "unknown-user", "channel-bindings-dont-match", "other-error"] {
        for why in [first(&format!("e={error}")), last(&format!("e={error},x=y"))] {
            assert_eq!((why.id(), why), ("auth/scram-refused", Trouble::ScramRefused(error.into())));
        }
    }
    let why = last("e=\u{1b}[2J\u{202e}");
    assert_eq!(why, Trouble::ScramRefused("^[[2J<U+202E>".into()), "and nothing of it acts on a terminal");
    assert!(last(&format!("e={}", "é".repeat(5000))).to_string().chars().count() < 100);
}

#[test]
fn c134_a_server_that_cannot_sign_is_not_believed() {
    let wrong = encode(&[0; 32]);
    for signature in [&wrong, &encode(&[0; 20]), ""] {
        let why = last(&format!("v={signature}"));
        assert_eq!((why.id(), why), ("auth/server-not-proven", Trouble::Signature), "{signature}");
    }
    assert_eq!(last("v=!!!"), Trouble::Message(Malformed::Signature));
    assert_eq!(last(&format!("v={wrong},v={wrong}")), Trouble::Message(Malformed::Twice('v')));
    assert_eq!(last(""), Trouble::Message(Malformed::Missing('v')));
    assert_eq!(last(&format!("r={NONCE}x,s=QSXCR+Q6sek8bf92,i=2")), Trouble::Message(Malformed::Missing('v')));

    // 235 instead of the signature, at any time.
    let mut exchange = scram();
    assert_eq!(exchange.concluded(235), Err(Trouble::Unproven));
    exchange.answers(&format!("r={NONCE}x,s=QSXCR+Q6sek8bf92,i=2"));
    assert_eq!(exchange.concluded(235).unwrap_err().id(), "auth/server-not-proven");
    assert_eq!(exchange.concluded(535), Ok(Outcome::Refused));
}

#[test]
fn a_challenge_while_the_password_is_salted_gives_up() {
    let mut exchange = scram();
    let Reaction::Derive(derivation) = exchange.hear(&format!("r={NONCE}x,s=QSXCR+Q6sek8bf92,i=2")) else {
        panic!("no work")
    };
    assert_eq!(exchange.gives_up("v=AAAA").1, Trouble::Unproven);
    assert!(exchange.derived(&derivation.run()).is_none(), "the proof is not sent any more");
}

#[test]
fn swapped_prompts_get_no_password() {
    let mut exchange = begun(&setup(Mechanism::Login, "ada", "s3cret"));
    exchange.command(false, COMMAND_LINE);
    let (line, why) = exchange.gives_up("Password:");
    assert_eq!((line.as_str(), why.id()), ("*", "auth/prompt-mismatch"));

    let mut exchange = begun(&setup(Mechanism::Login, "ada", "s3cret"));
    exchange.auth();
    let (line, why) = exchange.gives_up("Username:");
    assert_eq!(line, "*");
    assert_eq!(why, Trouble::Prompt { expected: Prompt::Password, asked: Prompt::Username });
}

#[test]
fn a_challenge_too_many_gets_an_asterisk() {
    for mechanism in [Mechanism::Plain, Mechanism::External, Mechanism::Anonymous] {
        // After everything was said.
        let mut exchange = begun(&setup(mechanism, "ada", "s3cret"));
        exchange.auth();
        let (line, why) = exchange.gives_up("");
        assert_eq!((line.as_str(), why.id()), ("*", "auth/surplus-challenge"));
        // With words where there should be none.
        let mut exchange = begun(&setup(mechanism, "ada", "s3cret"));
        exchange.command(false, COMMAND_LINE);
        assert_eq!(exchange.gives_up("Password:"), ("*".to_owned(), Trouble::Surplus(mechanism)));
    }
    let mut exchange = begun(&setup(Mechanism::CramMd5, "ada", "s3cret"));
    exchange.auth();
    exchange.answers("<1@a>");
    assert_eq!(exchange.gives_up("<2@a>").1, Trouble::Surplus(Mechanism::CramMd5), "one digest and no more");
}

#[test]
fn a_cram_challenge_of_any_length_and_shape_is_answered() {
    let mut exchange = begun(&setup(Mechanism::CramMd5, "ada", "s3cret"));
    exchange.auth();
    let said = exchange.answers(&"x".repeat(10_000));
    assert_eq!(decoded(&said).len(), "ada ".len() + 32);
}

#[test]
fn a_server_cannot_make_a_line_that_is_too_long() {
    let mut exchange = scram();
    let Reaction::Derive(derivation) =
        exchange.hear(&format!("r={NONCE}{},s=QSXCR+Q6sek8bf92,i=2", "x".repeat(10_000)))
    else {
        panic!("no work")
    };
    let Some(Reaction::GiveUp { line, why }) = exchange.derived(&derivation.run()) else { panic!("sent") };
    assert_eq!((text(&line), why.id()), ("*", "cmd/long-line"));
}

#[test]
fn a_refusal_of_a_token_without_a_reason_is_ended_all_the_same() {
    for (mechanism, dummy) in [(Mechanism::OauthBearer, "AQ=="), (Mechanism::XOauth2, "")] {
        for refusal in ["", "{}", "nope", r#"{"status":400}"#] {
            let mut exchange = begun(&setup(mechanism, "ada", "tok"));
            exchange.auth();
            let (line, why) = exchange.gives_up(refusal);
            assert_eq!((line.as_str(), why), (dummy, Trouble::TokenRefused("no reason was given".into())));
            assert_eq!(exchange.gives_up(refusal).0, "*", "once");
        }
    }
}
