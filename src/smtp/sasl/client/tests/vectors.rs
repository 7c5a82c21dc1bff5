//! The examples that the RFCs print, octet by octet.

use super::*;

#[test]
fn the_examples_of_rfc_4616() {
    let mut exchange = begun(&setup(Mechanism::Plain, "tim", "tanstaaftanstaaf"));
    exchange.command(false, COMMAND_LINE);
    assert_eq!(decoded(&exchange.answers("")), "\0tim\0tanstaaftanstaaf");

    let login = Login { act_as: "Ursel".into(), ..login("Kurt", "xipj3plmq") };
    let mut exchange = begun(&Setup::new(Mechanism::Plain, login));
    assert_eq!(decoded(&exchange.auth()), "Ursel\0Kurt\0xipj3plmq");
    assert_eq!(exchange.concluded(535), Ok(Outcome::Refused));
}

#[test]
fn plain_is_nul_user_nul_password() {
    let line = begun(&setup(Mechanism::Plain, "alice", "s3cret")).auth();
    assert_eq!(text(&line), "AUTH PLAIN AGFsaWNlAHMzY3JldA==");
}

#[test]
fn the_examples_of_rfc_4954() {
    let login = Login { act_as: "test".into(), ..login("test", "1234") };
    assert_eq!(text(&begun(&Setup::new(Mechanism::Plain, login)).auth()), "AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=");
    let mut exchange = begun(&setup(Mechanism::External, "", ""));
    assert_eq!(text(&exchange.auth()), "AUTH EXTERNAL =");
}

#[test]
fn the_example_of_rfc_2195() {
    let mut exchange = begun(&setup(Mechanism::CramMd5, "tim", "tanstaaftanstaaf"));
    exchange.auth();
    let turn = exchange.challenge(b"PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+");
    assert_eq!(turn.heard.reveal(), b"<1896.697170952@postoffice.reston.mci.net>");
    let Reaction::Answer(said) = turn.reaction else { panic!("no answer") };
    assert_eq!(decoded(&said), "tim b913a602c7eda7a495b4e6e7334d3890");
    assert_eq!(text(&said), "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw");
    assert_eq!(exchange.concluded(235), Ok(Outcome::In));
}

#[test]
fn a_cram_secret_longer_than_a_block_is_hashed_first() {
    // RFC 2202 §2, test case 6: a key of 80 octets.
    let digest = hash::cram(&[0xAA; 80], b"Test Using Larger Than Block-Size Key - Hash Key First");
    assert_eq!(digest, "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
}

#[test]
fn the_example_of_rfc_4505() {
    let mut exchange = begun(&setup(Mechanism::Anonymous, "sirhc", ""));
    exchange.command(false, COMMAND_LINE);
    assert_eq!(text(&exchange.answers("")), "c2lyaGM=");
    assert_eq!(exchange.concluded(235), Ok(Outcome::In));
}

#[test]
fn the_example_of_rfc_5802() {
    let mut exchange = begun(&setup(Mechanism::ScramSha1, "user", "pencil"));
    let first = exchange.auth();
    assert_eq!(text(&first), "AUTH SCRAM-SHA-1 biwsbj11c2VyLHI9ZnlrbytkMmxiYkZnT05Sdjlxa3hkYXdM");
    assert_eq!(decoded(&first), "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
    let last = exchange.answers("r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096");
    let proof = "p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";
    assert_eq!(decoded(&last), format!("c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,{proof}"));
    assert_eq!(text(&exchange.answers("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")), "");
    assert_eq!(exchange.concluded(235), Ok(Outcome::In));
}

#[test]
fn the_example_of_rfc_7677() {
    let nonce = "rOprNGfwEbeRWgbNEkqO".to_owned();
    let mut exchange = begun(&Setup { nonce, ..setup(Mechanism::ScramSha256, "user", "pencil") });
    exchange.command(false, COMMAND_LINE);
    assert_eq!(decoded(&exchange.answers("")), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    let both = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    let last = exchange.answers(&format!("{both},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"));
    assert_eq!(decoded(&last), format!("c=biws,{both},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
    assert_eq!(text(&exchange.answers("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")), "");
    assert_eq!(exchange.concluded(235), Ok(Outcome::In));
}

#[test]
fn the_example_of_rfc_7628() {
    let service = Some(Service { host: "server.example.com".into(), port: 587 });
    let token = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==";
    let mut exchange = begun(&Setup { service, ..setup(Mechanism::OauthBearer, "user@example.com", token) });
    assert_eq!(
        text(&exchange.auth()),
        "AUTH OAUTHBEARER bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9NTg3AWF1dGg9QmVhcmVyIHZG\
         OWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"
    );
    assert_eq!(exchange.concluded(235), Ok(Outcome::In));
}

#[test]
fn c125_a_refused_oauthbearer_token_is_answered_with_a_single_01() {
    let mut exchange = begun(&setup(Mechanism::OauthBearer, "someuser@example.com", "vF9dft4qmTc2Nvb3"));
    exchange.auth();
    // RFC 7628 §4.4
    let turn = exchange.challenge(
        b"eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIiwic2NoZW1lcyI6ImJlYXJlciBtYWMiLCJzY29wZSI6Imh0dHBzOi8vbWFpbC5leGFtcGxlLmNv\
          bS8ifQ==",
    );
    let Reaction::GiveUp { line, why } = turn.reaction else { panic!("went on") };
    assert_eq!((text(&line), line.meaning().reveal()), ("AQ==", &b"\x01"[..]));
    assert_eq!((why.id(), why), ("auth/xoauth2-error", Trouble::TokenRefused("invalid_token".into())));
    assert_eq!(exchange.concluded(535), Ok(Outcome::Refused));
    assert_eq!(exchange.concluded(235), Err(Trouble::Early));
}

#[test]
fn xoauth2_as_its_providers_describe_it() {
    // The example of Google's page: the token is cut short there too.
    let mut exchange = begun(&setup(Mechanism::XOauth2, "alice@example.org", "ya29.token"));
    assert_eq!(text(&exchange.auth()), "AUTH XOAUTH2 dXNlcj1hbGljZUBleGFtcGxlLm9yZwFhdXRoPUJlYXJlciB5YTI5LnRva2VuAQE=");
    let refusal = r#"{"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}"#;
    assert_eq!(exchange.gives_up(refusal), (String::new(), Trouble::TokenRefused("401".into())));
    assert_eq!(exchange.concluded(535), Ok(Outcome::Refused));
}
