//! What the network does not take is not lost and not waited for.

use ehlo::app::Effect;
use ehlo::ports::net::{Act, Authenticate, Request};
use ehlo::smtp::sasl::client::Mechanism;
use ehlo::tape::mark::Mark;
use ehlo::tape::tls::Judgement;
use secrecy::ExposeSecret as _;

use super::sent;
use super::world::{World, facts};

#[track_caller]
fn shows(world: &World, text: &str) {
    assert!(world.text().contains(text), "{text} is missing:\n{}", world.text());
}

#[test]
fn a_pasted_line_stays_before_the_next() {
    let mut world = World::greeted(80, 24);
    world.paste("NOOP\nRSET\nHELP\n");
    world.keys("Enter");
    world.block(true);
    world.keys("Enter");
    shows(&world, "> NOOP");
    world.block(false);
    world.keys("Enter Enter Enter");
    assert_eq!(sent(&world), "NOOP\r\nRSET\r\nHELP\r\n");
}

#[test]
fn a_line_within_a_letter_is_a_line_again() {
    let mut world = World::greeted(80, 24);
    world.envelope();
    world.types("DATA\n");
    world.app.room.composer.by_line = true;
    world.block(true);
    world.types("..two dots\n");
    shows(&world, "> ..two dots");
    assert!(world.app.room.composer.letter.is_empty());
    world.block(false);
    world.keys("Enter");
    assert!(sent(&world).ends_with("DATA\r\n..two dots\r\n"), "{}", sent(&world));
}

#[test]
fn a_repeat_ends_and_its_line_is_a_draft() {
    let mut world = World::greeted(80, 24);
    world.types("NOOP\nRSET\n").keys("F5");
    world.open();
    world.block(true);
    world.server("220 mx1.harbor.test ESMTP Harbor Post\r\n");
    shows(&world, "> NOOP");
    shows(&world, "Repeating stopped");
    world.block(false);
    world.keys("Enter");
    assert_eq!(sent(&world), "NOOP\r\n", "the rest is not repeated behind one's back");
}

#[test]
fn a_repeat_leaves_a_draft_alone() {
    let mut world = World::greeted(80, 24);
    world.types("NOOP\n").keys("F5");
    world.open();
    world.types("HELP");
    world.block(true);
    world.server("220 mx1.harbor.test ESMTP Harbor Post\r\n");
    shows(&world, "> HELP");
    shows(&world, "Repeating stopped");
}

#[test]
fn a_session_that_cannot_begin_has_failed() {
    let mut world = World::greeted(80, 24);
    world.block(true);
    world.connect("mx2.harbor.test", 25);
    shows(&world, "· no connection: the network did not");
    shows(&world, "still busy");
    world.types("NOOP\n");
    shows(&world, "There is no connection");
    world.keys("Ctrl-C Alt-X");
    assert_eq!(world.app.model.sessions().len(), 1, "it leaves the list");
}

#[test]
fn a_repeat_that_cannot_begin_is_over() {
    let mut world = World::greeted(80, 24);
    world.types("NOOP\n");
    world.block(true);
    world.keys("F5");
    shows(&world, "· no connection: the network did not");
    world.block(false);
    world.open();
    world.server("220 mx1.harbor.test ESMTP Harbor Post\r\n");
    assert_eq!(sent(&world), "", "nobody repeats any more");
}

#[test]
fn a_decision_about_a_certificate_is_asked_for_again() {
    let mut world = World::greeted(80, 24);
    let why = "the certificate names another host".to_owned();
    world.mark(Mark::TlsReady(Box::new(facts(Judgement::Bad { id: "cert/name".into(), why }))));
    shows(&world, "Certificate not in order");
    world.block(true);
    world.keys("↓ Enter");
    shows(&world, "Certificate not in order");
    assert!(world.session().awaits_trust());
    world.block(false);
    world.keys("↓ Enter");
    assert!(!world.session().awaits_trust() && !world.app.is_covered(), "{}", world.text());
}

#[test]
fn a_login_is_a_filled_form_again_and_keeps_its_secret() {
    let logins = |world: &World| -> Vec<Authenticate> {
        let login = |effect: &Effect| match effect {
            Effect::Net(Request::Do(_, Act::Authenticate(login))) => Some(login.clone()),
            _ => None,
        };
        world.effects.iter().filter_map(login).collect()
    };
    let mut world = super::live();
    world.mark(Mark::TlsReady(Box::new(facts(Judgement::Good))));
    world.types("EHLO laptop.you.test\n");
    world.keys("Alt-a").types("mina").keys("Tab").types("sun flower").keys("Tab →").keys("↑");
    shows(&world, "AUTH alone, then");
    world.block(true);
    world.keys("Enter");
    shows(&world, "─ Log in");
    shows(&world, "still busy");
    shows(&world, "user name   mina");
    shows(&world, "password    **********");
    shows(&world, "AUTH alone, then");
    assert_eq!(logins(&world), []);
    assert!(!world.text().contains("sun"), "{}", world.text());
    world.block(false);
    world.keys("Enter");
    let logins = logins(&world);
    let login = logins.first().filter(|_| logins.len() == 1).expect("one login");
    assert_eq!((login.mechanism, &*login.login.user, login.initial), (Mechanism::Plain, "mina", false));
    assert_eq!(login.login.secret.expose_secret(), "sun flower");
}
