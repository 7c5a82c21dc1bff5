//! The form without a screen: what it lists first, what it refuses, what it asks, and what it shows.

use super::*;
use crate::ui::text::Run;

fn ground(offered: &[Mechanism]) -> Ground {
    Ground {
        offered: offered.to_vec(),
        secured: true,
        verified: true,
        missed: false,
        binds: true,
        legal: Legal::Now,
        world: World::Live,
        suggested: None,
    }
}

fn lab() -> Ground {
    let suggested = Some(("mina".to_owned(), "sunflower".to_owned()));
    Ground { suggested, world: World::Lab, ..ground(&[Mechanism::Plain, Mechanism::Login]) }
}

fn form(mechanism: Mechanism, user: &str, secret: &str) -> Form {
    let known = Known { mechanism, act_as: String::new(), user: user.to_owned() };
    let mut form = Form::new(&ground(&[]), Some(&known));
    secret.chars().for_each(|character| assert!(form.secret.push(character)));
    form
}

fn text(lines: &[Vec<Run>]) -> Vec<String> {
    lines.iter().map(|line| line.iter().map(|run| run.text.as_str()).collect()).collect()
}

#[test]
fn what_is_offered_and_can_be_used_comes_first_and_the_best_of_it() {
    use Mechanism::{Plain, ScramSha256, ScramSha256Plus};
    let tls13 = ground(&[Plain, ScramSha256, ScramSha256Plus]);
    let first = |ground: &Ground| ground.choices().iter().take(3).map(|choice| choice.mechanism).collect::<Vec<_>>();
    assert_eq!(first(&tls13), [ScramSha256Plus, ScramSha256, Plain]);
    let tls12 = Ground { binds: false, ..tls13.clone() };
    assert_eq!(first(&tls12), [ScramSha256, Plain, ScramSha256Plus]);
    assert_eq!(tls12.choices().len(), Mechanism::ALL.len());
    assert_eq!(Form::new(&tls12, None).mechanism, ScramSha256);
    let clear = Ground { secured: false, ..tls12 };
    let plain = clear.choices().into_iter().find(|choice| choice.mechanism == Plain).expect("it is listed");
    assert!(plain.doubtful && plain.offered);
}

#[test]
fn turning_goes_through_all_mechanisms_and_back() {
    let ground = ground(&[Mechanism::Plain]);
    let mut form = Form::new(&ground, None);
    let mut seen = Vec::new();
    for _ in Mechanism::ALL {
        seen.push(form.mechanism);
        form.turn(&ground, false);
    }
    assert_eq!((seen.len(), form.mechanism), (11, Mechanism::Plain));
    form.turn(&ground, true);
    assert_eq!(Some(&form.mechanism), seen.last());
}

#[test]
fn what_is_missing_or_has_no_place_is_refused_and_stays() {
    let ground = ground(&[Mechanism::Plain]);
    let why = |form: &Form| form.plan(&ground).unwrap_err();
    assert_eq!(why(&form(Mechanism::Plain, "", "x")), "PLAIN needs a user name.");
    assert_eq!(why(&form(Mechanism::Plain, "ada", "")), "PLAIN needs a secret.");
    let mut login = form(Mechanism::Login, "ada", "s3cret");
    login.act_as = "boss".into();
    assert!(why(&login).starts_with("LOGIN has no place for an identity to act for"));
    assert_eq!((login.act_as.value(), login.secret.reveal()), ("boss", "s3cret"));
}

#[test]
fn a_form_sends_nothing_out_of_order_and_no_secret_under_a_doubtful_certificate() {
    let plain = form(Mechanism::Plain, "ada", "s3cret");
    let late = Ground { legal: Legal::Not { code: 503, why: "already logged in" }, ..ground(&[]) };
    assert_eq!(plain.plan(&late).unwrap_err(), "AUTH cannot be sent now: already logged in.");
    let doubtful = Ground { verified: false, ..ground(&[Mechanism::Plain]) };
    assert!(plain.plan(&doubtful).unwrap_err().starts_with("The certificate is not in order"));
    assert!(form(Mechanism::External, "", "").plan(&doubtful).is_ok(), "there is no secret in it");
    let missed = Ground { secured: false, binds: false, missed: true, ..ground(&[Mechanism::CramMd5]) };
    for mechanism in [Mechanism::Plain, Mechanism::CramMd5] {
        let why = form(mechanism, "ada", "s3cret").plan(&missed).unwrap_err();
        assert!(why.starts_with("TLS was preferred and there is none"), "{why}");
    }
}

#[test]
fn auth_that_is_not_offered_is_warned_of_and_sent() {
    let plain = form(Mechanism::Plain, "ada", "s3cret");
    let silent = Ground { legal: Legal::Not { code: 502, why: "AUTH is not offered here" }, ..ground(&[]) };
    assert!(plain.warning(&silent).expect("a warning").starts_with("502 expected"));
    let wanted = plain.plan(&silent).expect("it is sent");
    assert_eq!((wanted.mechanism, wanted.initial, wanted.plus_listed), (Mechanism::Plain, true, false));
    let other = ground(&[Mechanism::ScramSha256Plus]);
    assert!(plain.warning(&other).expect("a warning").starts_with("504 expected"));
    assert!(plain.plan(&other).expect("it is sent").plus_listed);
}

#[test]
fn only_a_readable_secret_for_a_real_host_without_tls_is_asked_about() {
    let clear = Ground { secured: false, binds: false, ..ground(&[Mechanism::Plain, Mechanism::ScramSha256]) };
    let plain = form(Mechanism::Plain, "ada", "s3cret");
    assert!(plain.question(&clear).expect("a question").contains("can read the password"));
    assert!(form(Mechanism::XOauth2, "ada", "tok").question(&clear).expect("a question").contains("the token"));
    assert_eq!(form(Mechanism::ScramSha256, "ada", "s3cret").question(&clear), None);
    for world in [World::Lab, World::Loopback] {
        let here = Ground { world, ..clear.clone() };
        assert_eq!(plain.question(&here), None);
        assert!(plain.warning(&here).expect("a warning").starts_with("No TLS"));
    }
    assert_eq!(plain.question(&ground(&[Mechanism::Plain])), None);
}

#[test]
fn the_lab_suggests_its_user_and_a_typed_name_has_a_password_of_its_own() {
    let mut form = Form::new(&lab(), None);
    let wanted = form.plan(&lab()).expect("the suggestions are enough");
    assert_eq!(wanted.login, Login { act_as: String::new(), user: "mina".into(), secret: "sunflower".into() });
    form.user = "sam".into();
    assert_eq!(form.plan(&lab()).unwrap_err(), "PLAIN needs a secret.");
    assert!(form.secret.push('x'));
    assert_eq!(form.plan(&lab()).expect("both are typed").login.user, "sam");
}

#[test]
fn the_lines_are_those_that_will_be_sent_with_secrets_hidden_unless_asked() {
    let ground = ground(&[]);
    let mut plain = form(Mechanism::Plain, "ada", "s3cret");
    plain.act_as = "boss".into();
    let hidden = text(&plain.lines(&ground, false));
    assert_eq!(hidden[..2], ["C AUTH PLAIN ••••••••", "    boss␀ada␀••••••••"]);
    let shown = text(&plain.lines(&ground, true));
    assert_eq!(shown[..2], ["C AUTH PLAIN Ym9zcwBhZGEAczNjcmV0", "    boss␀ada␀s3cret"]);
    plain.initial = false;
    assert_eq!(text(&plain.lines(&ground, false))[..3], ["C AUTH PLAIN", "S 334", "C ••••••••"]);

    let login = text(&form(Mechanism::Login, "ada", "s3cret").lines(&ground, false));
    assert_eq!(login[..3], ["C AUTH LOGIN YWRh", "    ada", "S 334 UGFzc3dvcmQ6   Password:"]);
    let scram = text(&form(Mechanism::ScramSha256, "ada", "s3cret").lines(&ground, false));
    assert_eq!(scram[1], "    n,,n=ada,r=<fresh random text>");
    assert!(scram[2].starts_with("S 334 <base64>   r=<client nonce><server nonce>"), "{scram:?}");
}

#[test]
fn no_secret_is_in_any_line_of_any_mechanism_or_in_what_a_form_prints() {
    for mechanism in Mechanism::ALL {
        let form = form(*mechanism, "ada", "s3cret-t0ken");
        for initial in [true, false] {
            let form = Form { initial, ..self::form(*mechanism, "ada", "s3cret-t0ken") };
            let lines = text(&form.lines(&ground(&[]), false)).concat();
            for spelling in ["s3cret", "czNjcmV0", "NzZWNyZXQ"] {
                assert!(!lines.contains(spelling), "{mechanism}: {lines}");
            }
        }
        let wanted = form.plan(&ground(&[]));
        assert!(!format!("{form:?} {wanted:?}").contains("s3cret"), "{mechanism}");
    }
}

#[test]
fn who_reads_it_depends_on_the_line() {
    let said = |ground: &Ground| text(&[form(Mechanism::Plain, "ada", "x").readers(ground)]).concat();
    assert!(said(&ground(&[])).ends_with("On the way: nobody reads it (TLS)."), "{}", said(&ground(&[])));
    let clear = Ground { secured: false, ..ground(&[]) };
    assert!(
        said(&clear).contains("Everybody on the way learns: who logs in, the password itself."),
        "{}",
        said(&clear)
    );
    let mut boss = form(Mechanism::Plain, "ada", "x");
    boss.act_as = "boss".into();
    assert!(text(&[boss.readers(&clear)]).concat().contains("who logs in, whom you act for, the password itself"));
}
