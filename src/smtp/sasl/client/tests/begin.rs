//! What a form refuses before anything is on the wire.

use super::*;

fn refused(setup: &Setup) -> Trouble {
    Exchange::begin(setup).expect_err("begun")
}

#[test]
fn every_mechanism_says_what_it_lacks() {
    use Mechanism::{CramMd5, Login, OauthBearer, Plain, ScramSha1, ScramSha256, XOauth2};
    for mechanism in [Plain, Login, CramMd5, ScramSha1, ScramSha256, XOauth2] {
        let why = refused(&setup(mechanism, "", "s3cret"));
        assert_eq!((why.id(), why), ("auth/parts", Trouble::Missing(mechanism, Cell::User)));
    }
    for mechanism in [Plain, Login, CramMd5, ScramSha1, ScramSha256, XOauth2, OauthBearer] {
        let why = refused(&setup(mechanism, "ada", ""));
        assert_eq!((why.id(), why), ("auth/parts", Trouble::Missing(mechanism, Cell::Secret)));
    }
    let why = refused(&Setup::new(ScramSha256, login("ada", "s3cret")));
    assert_eq!(why, Trouble::Missing(ScramSha256, Cell::Nonce));
}

#[test]
fn an_identity_that_has_no_place_is_not_dropped() {
    for mechanism in [Mechanism::Login, Mechanism::CramMd5, Mechanism::XOauth2, Mechanism::Anonymous] {
        let login = Login { act_as: "bob".into(), ..login("ada", "s3cret") };
        let why = refused(&Setup::new(mechanism, login));
        assert_eq!((why.id(), why), ("auth/parts", Trouble::NoPlace(mechanism, Cell::ActAs)));
    }
}

#[test]
fn no_nul_and_no_line_end_gets_into_a_message() {
    for mechanism in [Mechanism::Plain, Mechanism::Login, Mechanism::CramMd5] {
        for bad in ['\0', '\r', '\n'] {
            let why = refused(&setup(mechanism, "ada", &format!("s3{bad}cret")));
            assert_eq!((why.id(), why), ("auth/bad-char", Trouble::Character(Cell::Secret, bad)));
            let why = refused(&setup(mechanism, &format!("a{bad}da"), "s3cret"));
            assert_eq!(why, Trouble::Character(Cell::User, bad));
        }
    }
    let login = Login { act_as: "b\0b".into(), ..login("ada", "s3cret") };
    let why = refused(&Setup::new(Mechanism::Plain, login));
    assert_eq!(why, Trouble::Unprepared(Cell::ActAs, Unprepared::Prohibited('\0')));
}

#[test]
fn a_token_is_one_word() {
    for mechanism in [Mechanism::XOauth2, Mechanism::OauthBearer] {
        for bad in ['\u{1}', ' ', '\n', 'é'] {
            let why = refused(&setup(mechanism, "ada", &format!("ya29{bad}auth=Bearer")));
            assert_eq!((why.id(), why), ("auth/bad-char", Trouble::Character(Cell::Secret, bad)));
        }
    }
    assert_eq!(refused(&setup(Mechanism::XOauth2, "ada\u{1}auth=x", "tok")), Trouble::Character(Cell::User, '\u{1}'));
    let service = Some(Service { host: "mx\u{1}auth=x".into(), port: 587 });
    assert_eq!(
        refused(&Setup { service, ..setup(Mechanism::OauthBearer, "ada", "tok") }),
        Trouble::Character(Cell::Host, '\u{1}')
    );
}

#[test]
fn names_of_scram_and_oauthbearer_are_quoted() {
    let login = Login { act_as: "b=b,c".into(), ..login("a,d=a", "s3cret") };
    let setup = Setup { nonce: "n0nce".into(), ..Setup::new(Mechanism::ScramSha256, login) };
    assert_eq!(decoded(&begun(&setup).auth()), "n,a=b=3Db=2Cc,n=a=2Cd=3Da,r=n0nce");
    let setup = super::setup(Mechanism::OauthBearer, "a,b", "tok");
    assert_eq!(decoded(&begun(&setup).auth()), "n,a=a=2Cb,\u{1}auth=Bearer tok\u{1}\u{1}");
    assert_eq!(
        decoded(&begun(&super::setup(Mechanism::OauthBearer, "", "tok")).auth()),
        "n,,\u{1}auth=Bearer tok\u{1}\u{1}"
    );
}

#[test]
fn scram_prepares_names_and_passwords() {
    // RFC 4013 §3: a soft hyphen vanishes, a Roman nine becomes two letters.
    let first = |user| decoded(&begun(&setup(Mechanism::ScramSha1, user, "pencil")).auth());
    assert_eq!(first("I\u{AD}X"), first("\u{2168}"));
    let proof = |password| {
        let mut exchange = begun(&setup(Mechanism::ScramSha1, "user", password));
        exchange.auth();
        decoded(&exchange.answers("r=fyko+d2lbbFgONRv9qkxdawLx,s=QSXCR+Q6sek8bf92,i=2"))
    };
    assert_eq!(proof("I\u{AD}X"), proof("\u{2168}"));
    assert_ne!(proof("IX"), proof("ix"));
    let why = refused(&setup(Mechanism::ScramSha1, "user", "\u{627}1"));
    assert_eq!(why, Trouble::Unprepared(Cell::Secret, Unprepared::Directions));
    let why = refused(&setup(Mechanism::ScramSha1, "\u{AD}", "pencil"));
    assert_eq!((why.id(), why), ("auth/bad-char", Trouble::Unprepared(Cell::User, Unprepared::Empty)));
}

#[test]
fn a_nonce_is_printable_and_has_no_comma() {
    for bad in [',', ' ', 'é', '\n'] {
        let nonce = format!("abc{bad}");
        let why = refused(&Setup { nonce, ..setup(Mechanism::ScramSha1, "user", "pencil") });
        assert_eq!(why, Trouble::Character(Cell::Nonce, bad));
    }
}

#[test]
fn the_trace_text_of_anonymous_is_short_unless_it_is_an_address() {
    assert!(Exchange::begin(&setup(Mechanism::Anonymous, &"é".repeat(255), "")).is_ok());
    assert!(Exchange::begin(&setup(Mechanism::Anonymous, &"é".repeat(256), "")).is_err());
    let why = refused(&setup(Mechanism::Anonymous, "a\u{7}b", ""));
    assert_eq!(why, Trouble::Unprepared(Cell::User, Unprepared::Prohibited('\u{7}')));
}

#[test]
fn a_line_that_no_server_takes_is_not_begun() {
    // 9,216 octets are 12,288 letters; with CR LF that is two too many. PLAIN adds two NUL and "ada".
    let plain = |octets: usize| Exchange::begin(&setup(Mechanism::Plain, "ada", &"x".repeat(octets - 5)));
    assert!(plain(9_213).is_ok());
    assert_eq!(plain(9_214).expect_err("begun"), Trouble::TooLong(12_290));
    assert_eq!(refused(&setup(Mechanism::Login, "ada", &"x".repeat(9_216))).id(), "cmd/long-line");
}

#[test]
fn the_flag_says_what_both_sides_can_do() {
    let first = |mechanism, binding| {
        let setup = Setup { binding, ..setup(mechanism, "user", "pencil") };
        Exchange::begin(&setup).map(|mut exchange| decoded(&exchange.auth()))
    };
    let exporter = Binding::TlsExporter([9; 32]);
    let (plain, plus) = (Mechanism::ScramSha256, Mechanism::ScramSha256Plus);
    assert!(first(plain, Binding::Unable).unwrap().starts_with("n,,n="));
    assert!(first(plain, Binding::NotOffered).unwrap().starts_with("y,,n="));
    // The server lists -PLUS and the user chose the other: "y" would tell it of an attack (RFC 5802 §6).
    assert!(first(plain, exporter).unwrap().starts_with("n,,n="));
    assert!(first(plus, exporter).unwrap().starts_with("p=tls-exporter,,n="));
    for binding in [Binding::Unable, Binding::NotOffered] {
        let why = first(plus, binding).unwrap_err();
        assert_eq!((why.id(), why), ("auth/channel-binding", Trouble::NoBinding(plus)));
    }
}
