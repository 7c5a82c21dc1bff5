//! What a view shows of a line, and what is learned from it.

use proptest::prelude::*;

use super::*;

/// The parts as a view shows them: `#` for a secret.
fn shown(meaning: &Meaning) -> String {
    meaning.pieces().map(|piece| piece.text.map_or_else(|| "#".to_owned(), |text| text.as_str().to_owned())).collect()
}

fn of(mechanism: Mechanism, octets: &[u8]) -> Meaning {
    Meaning::of_response(mechanism, Prompt::Username, octets.to_vec())
}

#[test]
fn secrets_are_marked_and_nul_is_visible() {
    let cases: [(Mechanism, &[u8], &str); 13] = [
        (Mechanism::Plain, b"bob\0ada\0s3cret", "bob␀ada␀#"),
        (Mechanism::Plain, b"\0ada\0s3cret\n", "␀ada␀#"),
        (Mechanism::Login, b"ada", "ada"),
        (Mechanism::CramMd5, b"tim b913a602c7eda7a495b4e6e7334d3890", "tim #"),
        (Mechanism::XOauth2, b"user=ada@x.test\x01auth=Bearer tok\x01\x01", "user=ada@x.test^Aauth=Bearer #^A^A"),
        (
            Mechanism::OauthBearer,
            b"n,a=ada,\x01host=mx\x01port=587\x01auth=bearer tok\x01\x01",
            "n,a=ada,^Ahost=mx^Aport=587^Aauth=bearer #^A^A",
        ),
        (Mechanism::OauthBearer, b"\x01", "^A"),
        (Mechanism::External, b"ada", "ada"),
        (Mechanism::Anonymous, b"sirhc", "sirhc"),
        (Mechanism::ScramSha1, b"n,,n=user,r=fyko", "n,,n=user,r=fyko"),
        (Mechanism::ScramSha1Plus, b"p=tls-exporter,a=bob,n=user,r=fyko", "p=tls-exporter,a=bob,n=user,r=fyko"),
        (Mechanism::ScramSha256, b"c=biws,r=fyko3rfc,p=v0X8v3Bz2T0C=", "c=biws,r=fyko3rfc,p=#"),
        (Mechanism::ScramSha256, b"", ""),
    ];
    for (mechanism, octets, view) in cases {
        assert_eq!(shown(&of(mechanism, octets)), view, "{mechanism} {octets:?}");
    }
    assert_eq!(shown(&Meaning::of_response(Mechanism::Login, Prompt::Password, b"s3cret".to_vec())), "#");
    assert_eq!(shown(&Meaning::of_response(Mechanism::Login, Prompt::Other, b"s3cret".to_vec())), "#");
}

#[test]
fn what_a_hand_got_wrong_is_hidden_as_a_whole() {
    let wrong: [(Mechanism, &[u8]); 9] = [
        (Mechanism::Plain, b"ada\0s3cret"),
        (Mechanism::Plain, b"s3cret"),
        (Mechanism::Plain, b"s3cret\0\0"),
        (Mechanism::CramMd5, b"ada s3cret"),
        (Mechanism::CramMd5, b"s3cret"),
        (Mechanism::ScramSha256, b"s3cret"),
        (Mechanism::ScramSha256, b"s3cret,s3cret"),
        (Mechanism::XOauth2, b"s3cret"),
        (Mechanism::OauthBearer, b"auth s3cret"),
    ];
    for (mechanism, octets) in wrong {
        assert!(!shown(&of(mechanism, octets)).contains("s3cret"), "{mechanism} {octets:?}");
    }
    assert_eq!(shown(&of(Mechanism::XOauth2, b"user=ada\x01auth=s3cret\x01pass=s3cret")), "user=ada^Aauth=#^A#");
    assert_eq!(shown(&of(Mechanism::ScramSha1, b"n,,n=ada,r=x,w=s3cret")), "n,,n=ada,r=x,w=#");
}

#[test]
fn challenges_are_read_too() {
    let of = |mechanism, text: &str| shown(&Meaning::of_challenge(mechanism, text.as_bytes().to_vec()));
    assert_eq!(of(Mechanism::ScramSha1, "r=fyko3rfc,s=QSXC,i=4096,z=1"), "r=fyko3rfc,s=QSXC,i=4096,z=1");
    assert_eq!(of(Mechanism::ScramSha1, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="), "v=#");
    assert_eq!(of(Mechanism::ScramSha1, "e=unknown-user"), "e=unknown-user");
    assert_eq!(of(Mechanism::Login, "User Name\0"), "User Name^@");
    assert_eq!(of(Mechanism::CramMd5, "<1896@a\u{1b}>"), "<1896@a^[>");
}

#[test]
fn readers_learn_what_stands_there() {
    use Fact::{ActAs, Connection, Guesses, Knowledge, Password, Token, Trace, User};
    let learned = |mechanism, octets: &[u8]| {
        let meaning = of(mechanism, octets);
        (meaning.learned(Reader::Server), meaning.learned(Reader::Wire))
    };
    let same = |facts: &[Fact]| (facts.to_vec(), facts.to_vec());
    assert_eq!(learned(Mechanism::Plain, b"bob\0ada\0s3cret"), same(&[ActAs, User, Password]));
    assert_eq!(learned(Mechanism::XOauth2, b"user=ada\x01auth=Bearer tok\x01\x01"), same(&[User, Token]));
    assert_eq!(learned(Mechanism::External, b""), same(&[]));
    assert_eq!(learned(Mechanism::Anonymous, b"sirhc"), same(&[Trace]));
    assert_eq!(learned(Mechanism::ScramSha256, b"n,,n=user,r=fyko"), same(&[User]));
    assert_eq!(
        learned(Mechanism::CramMd5, b"tim b913a602c7eda7a495b4e6e7334d3890"),
        (vec![User, Knowledge, Guesses], vec![User, Guesses])
    );
    assert_eq!(
        learned(Mechanism::ScramSha256, b"c=biws,r=fyko3rfc,p=v0X8v3Bz2T0C="),
        (vec![Knowledge, Guesses], vec![Guesses])
    );
    assert_eq!(
        learned(Mechanism::ScramSha256Plus, b"c=cD10bHMtZXhwb3J0ZXIsLA==,r=fyko3rfc,p=v0X8v3Bz2T0C="),
        (vec![Connection, Knowledge, Guesses], vec![Guesses])
    );
}

proptest! {
    /// The parts cover every message without a gap, whatever it holds, and read alike in every mechanism.
    #[test]
    fn parts_cover_the_message(octets in proptest::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"nyp=,ar\0\x01 "[..])], 0..80)) {
        for mechanism in Mechanism::ALL {
            for prompt in [Prompt::Username, Prompt::Password] {
                let response = Meaning::of_response(*mechanism, prompt, octets.clone());
                let challenge = Meaning::of_challenge(*mechanism, octets.clone());
                for meaning in [response, challenge] {
                    let mut at = 0;
                    for part in meaning.parts() {
                        prop_assert_eq!(part.span.start, at);
                        prop_assert!(part.span.end > at);
                        at = part.span.end;
                    }
                    prop_assert_eq!(at, octets.len());
                    meaning.learned(Reader::Server);
                }
            }
        }
    }

    /// What goes into the cell of the secret is in no piece that a view shows.
    #[test]
    fn a_secret_is_in_no_piece(secret in "[!-+\\--~]{9,20}") {
        for mechanism in Mechanism::ALL.iter().filter(|mechanism| **mechanism != Mechanism::Anonymous) {
            let mut exchange = begun(&Setup { binding: Binding::TlsExporter([3; 32]), ..setup(*mechanism, "ada", &secret) });
            let mut view = shown(exchange.auth().meaning());
            if *mechanism == Mechanism::Login {
                view += &shown(exchange.answers("Password:").meaning());
            }
            prop_assert!(!view.contains(&secret), "{mechanism}: {view}");
        }
    }
}
