//! The login form through the real keymap: what leaves, what it refuses, and what of a secret is ever shown.

use ehlo::app::Effect;
use ehlo::ports::net::{Act, Authenticate, Request};
use ehlo::smtp::sasl::client::{Login, Mechanism};
use ehlo::tape::mark::Mark;
use ehlo::tape::tls::{NoTls, TlsDecision};

use crate::world::World;

/// A lab host inside TLS.
fn lab() -> World {
    let mut world = World::greeted(80, 24);
    world.types("EHLO laptop.you.test\nSTARTTLS\nEHLO laptop.you.test\n");
    world
}

/// A real host in plain text.
fn live() -> World {
    let mut world = World::greeted(80, 24);
    world.connect("mail.example.org", 25);
    world.keys("↓ Enter");
    world.open_at([198, 18, 0, 1]);
    world.server("220 mail.example.org ESMTP\r\n");
    world.types("EHLO laptop.you.test\n");
    world
}

/// The logins that were asked of the network.
fn asked(world: &World) -> Vec<&Authenticate> {
    let login = |effect| match effect {
        &Effect::Net(Request::Do(_, Act::Authenticate(ref wanted))) => Some(wanted),
        _ => None,
    };
    world.effects.iter().filter_map(login).collect()
}

fn shows(world: &World, text: &str) {
    assert!(world.text().contains(text), "{text:?} is not on the screen:\n{}", world.text());
}

fn hides(world: &World, text: &str) {
    assert!(!world.text().contains(text), "{text:?} is on the screen:\n{}", world.text());
}

#[test]
fn in_the_lab_two_keys_log_in() {
    let mut world = lab();
    world.keys("Alt-a");
    shows(&world, "mina␀sunflower");
    world.keys("Enter");
    let login = Login { act_as: String::new(), user: "mina".into(), secret: "sunflower".into() };
    let wanted = Authenticate { mechanism: Mechanism::Plain, login, initial: true, plus_listed: false };
    assert_eq!(asked(&world), [&wanted]);
    hides(&world, "─ Log in");
}

#[test]
fn what_is_refused_stays_in_the_form() {
    let mut world = lab();
    world.keys("Alt-a").types("sam\n");
    shows(&world, "PLAIN needs a secret.");
    assert!(asked(&world).is_empty());
    world.keys("Tab").types("lighthouse\n");
    assert_eq!(asked(&world).first().expect("a login").login.user, "sam");
}

#[test]
fn cells_are_reached_in_turn_and_a_mechanism_is_chosen() {
    let mut world = lab();
    world.keys("Alt-a Shift-Tab").types("boss");
    world.keys("Shift-Tab ↓");
    shows(&world, "▸ LOGIN");
    world.keys("Enter");
    shows(&world, "LOGIN has no place for an identity to act for");
    world.keys("Tab Ctrl-U Tab Tab Tab →");
    shows(&world, "AUTH alone");
    world.keys("Enter");
    let wanted = asked(&world).first().copied().expect("a login");
    assert_eq!((wanted.mechanism, wanted.initial), (Mechanism::Login, false));
}

#[test]
fn on_a_real_host_without_tls_enter_asks_and_any_other_key_takes_it_back() {
    let mut world = live();
    world.keys("Alt-a Shift-Tab Shift-Tab");
    // PLAIN is the seventh of the list.
    world.keys("↓ ↓ ↓ ↓ ↓ ↓ Tab Tab").types("ada").keys("Tab").types("sunrise");
    shows(&world, "502 expected");
    world.keys("Enter");
    shows(&world, "can read the password. Enter again sends it");
    world.types("x");
    hides(&world, "Enter again");
    world.keys("Backspace Enter");
    assert!(asked(&world).is_empty());
    world.keys("Enter");
    let wanted = asked(&world).first().copied().expect("a login");
    assert_eq!((wanted.mechanism, wanted.login.user.as_str()), (Mechanism::Plain, "ada"));
}

#[test]
fn a_secret_is_shown_only_on_request_for_ten_seconds_and_the_tape_notes_it() {
    let mut world = live();
    world.keys("Alt-a").types("ada").keys("Tab").types("sunrise");
    shows(&world, "*******");
    hides(&world, "sunrise");
    world.keys("Ctrl-T");
    shows(&world, "Ctrl-T again shows the secret");
    hides(&world, "sunrise");
    world.keys("Ctrl-T");
    shows(&world, "sunrise");
    assert!(world.session().tape().marks().iter().any(|(_, mark)| *mark == Mark::Revealed));
    assert!(world.app.wake().is_some());
    world.wait(10_001);
    hides(&world, "sunrise");
}

#[test]
fn the_form_remembers_all_but_the_secret_for_each_host() {
    let mut world = live();
    world.keys("Alt-a").types("ada").keys("Tab").types("sunrise\n\n");
    let wanted = asked(&world).len();
    assert_eq!(wanted, 1);
    world.keys("Alt-a");
    shows(&world, "user name   ada");
    hides(&world, "password    *");
    let printed = format!("{:?}", world.effects);
    assert!(!printed.contains("sunrise"), "{printed}");
}

#[test]
fn a_pasted_secret_loses_its_line_end_and_blanks_are_pointed_out() {
    let mut world = live();
    world.keys("Alt-a").types("ada").keys("Tab");
    world.paste("sunrise\n");
    shows(&world, "A line end came with the paste and was left out.");
    shows(&world, "*******");
    world.types(" ");
    shows(&world, "The secret begins or ends with a blank");
}

#[test]
fn without_a_connection_there_is_nothing_to_log_in_to() {
    let mut world = World::greeted(80, 24);
    world.types("QUIT\n").keys("Alt-a");
    hides(&world, "─ Log in");
    shows(&world, "the connection is over");
}

#[test]
fn a_click_gives_a_cell_the_keys_and_takes_a_mechanism() {
    use ehlo::input::Act::Press;
    let mut world = lab();
    world.keys("Alt-a");
    world.mouse(Press, 5, 2);
    shows(&world, "▸ PLAIN");
    let line = world.text().lines().position(|line| line.contains("SCRAM-SHA-256 ")).expect("it is listed");
    world.mouse(Press, 5, u16::try_from(line).expect("a line"));
    shows(&world, "▸ SCRAM-SHA-256 ");
    shows(&world, "504 expected");
}

#[test]
fn tls_that_was_preferred_and_is_missing_lets_no_secret_out_of_the_form() {
    let mut world = live();
    let why = NoTls::NotOffered;
    world.mark(Mark::TlsDecided(TlsDecision::Without { why, goes_on: true }));
    let said = "no TLS: the server does not list STARTTLS; going on in plain text";
    assert!(world.session().text().contains(said), "{}", world.session().text());
    world.keys("Alt-a").types("ada").keys("Tab").types("sunrise\n\n");
    shows(&world, "TLS was preferred and there is none, so the form sends no secret here.");
    assert!(asked(&world).is_empty());
}

#[test]
fn where_tls_is_not_wanted_starttls_is_not_suggested() {
    let mut world = live();
    shows(&world, "│> STARTTLS ");
    world.mark(Mark::TlsDecided(TlsDecision::Declined));
    hides(&world, "│> STARTTLS ");
    hides(&world, "STARTTLS first");
    let said = "STARTTLS is listed, but TLS is never to be used here";
    assert!(world.session().text().contains(said), "{}", world.session().text());
}
