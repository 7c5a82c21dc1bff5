//! Logins as clients and servers really do them.

use proptest::prelude::*;

use super::*;

#[test]
fn base64_is_taken_strictly() {
    assert_eq!(decode(b"VXNlcm5hbWU6").as_deref(), Ok(&b"Username:"[..]));
    assert_eq!(decode(b""), Ok(vec![]));
    assert_eq!(decode(b"!!!not-base64"), Err(NotBase64::Octet(b'!')));
    assert_eq!(decode(b"ab-_"), Err(NotBase64::UrlSafe));
    for bad in ["=AAA", "AAA=BBB=", "QQ", "QQ="] {
        assert_eq!(decode(bad.as_bytes()), Err(NotBase64::Padding), "{bad}");
    }
    assert_eq!(decode(b"QQ==\n"), Err(NotBase64::Octet(b'\n')));
    assert_eq!(decode(b"QR=="), Err(NotBase64::Tail));
}

#[test]
fn a_response_is_a_secret_unless_it_cancels() {
    assert_eq!(response(b"*", false), Response::Cancel);
    assert_eq!(response(b"*", true), Response::Encoded(b"*"));
    assert_eq!(response(b"=", true), Response::Empty);
    assert_eq!(response(b"", false), Response::Empty);
    assert_eq!(response(b"c2VjcmV0", false), Response::Encoded(b"c2VjcmV0"));
}

#[test]
fn the_parts_of_plain_are_found() {
    let decoded = b"\0alice\0s3cret";
    let plain = Plain::parse(decoded);
    assert_eq!(
        (&decoded[plain.authzid], &decoded[plain.authcid], &decoded[plain.password]),
        (&b""[..], &b"alice"[..], &b"s3cret"[..])
    );
    assert_eq!(plain.trouble, None);
}

#[test]
fn the_usual_mistakes_of_plain_are_named() {
    let trouble = |decoded: &[u8]| Plain::parse(decoded).trouble;
    assert_eq!(trouble(b"\0alice\0s3cret\n"), Some(PlainTrouble::LineBreak));
    assert_eq!(trouble(b"alice\0s3cret"), Some(PlainTrouble::MissingNul));
    assert_eq!(trouble(b"\\0alice\\0s3cret"), Some(PlainTrouble::MissingNul));
    assert_eq!(trouble(b"AGFsaWNlAHMzY3JldA=="), Some(PlainTrouble::Twice));
    assert_eq!(trouble(b"\0a\0b\0c"), Some(PlainTrouble::ExtraNul));
    assert_eq!(trouble(b"\0\0s3cret"), Some(PlainTrouble::NoUser));
    assert_eq!(trouble(b""), Some(PlainTrouble::MissingNul));
}

#[test]
fn the_prompts_of_login_must_come_in_order() {
    assert_eq!(challenge_flaws("LOGIN", 0, b"VXNlcm5hbWU6"), []);
    assert_eq!(challenge_flaws("LOGIN", 1, b"UGFzc3dvcmQ6"), []);
    assert_eq!(challenge_flaws("login", 0, b"UGFzc3dvcmQ6"), [FlawKind::PromptMismatch]);
    assert_eq!(Prompt::of(b"User Name\0"), Prompt::Username);
    assert_eq!(Prompt::of(b"PIN?"), Prompt::Other);
}

#[test]
fn challenges_that_are_no_base64_are_flagged() {
    assert_eq!(challenge_flaws("PLAIN", 0, b"!!!not-base64"), [FlawKind::AuthBadBase64]);
    assert_eq!(challenge_flaws("CRAM-MD5", 0, encode(&[b'x'; 10_000]).as_bytes()), []);
    assert_eq!(challenge_flaws("PLAIN", 0, b""), []);
}

#[test]
fn a_refused_token_says_why() {
    let challenge = br#"{"status":"400","schemes":"Bearer","scope":"https://mail.example.test/"}"#;
    assert_eq!(refusal_field(challenge, "status"), Some("400"));
    assert_eq!(refusal_field(challenge, "scope"), Some("https://mail.example.test/"));
    assert_eq!(refusal_field(challenge, "detail"), None);
    assert_eq!(refusal_field(b"{\"status\":400}", "status"), None);
    assert_eq!(challenge_flaws("XOAUTH2", 1, encode(challenge).as_bytes()), [FlawKind::XOauth2Error]);
}

#[test]
fn scram_may_not_cost_too_much() {
    let challenge =
        |rounds: &str| encode(format!("r=fyko+d2lbbFgONRv9qkxdawL,s=QSXCR+Q6sek8bf92,i={rounds}").as_bytes());
    assert_eq!(challenge_flaws("SCRAM-SHA-256", 0, challenge("4096").as_bytes()), []);
    assert_eq!(challenge_flaws("scram-sha-1", 0, challenge("2147483647").as_bytes()), [FlawKind::ScramCost]);
    let message = attributes(b"n,,n=user,r=fyko");
    assert_eq!(
        (message.get(b'n'), message.get(b'r'), message.rounds()),
        (Some(&b"user"[..]), Some(&b"fyko"[..]), None)
    );
}

proptest! {
    #[test]
    fn any_octets_are_read(octets in proptest::collection::vec(any::<u8>(), 0..60)) {
        let plain = Plain::parse(&octets);
        prop_assert!(plain.password.end <= octets.len());
        refusal_field(&octets, "status");
        attributes(&octets).rounds();
        challenge_flaws("LOGIN", 3, &octets);
    }
}
