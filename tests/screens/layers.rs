//! Layers under the mouse and on a screen that is too small for them.

use ehlo::app::Effect;
use ehlo::input::Act;
use ehlo::ports::net::{Handshake, Opening, Place, Request, Sni, Target};
use ehlo::screen::session::Room;
use ehlo::tape::Side;

use crate::states::STATES;
use crate::world::World;

/// A state of the written list, on a screen of 80x24.
fn state(name: &str) -> World {
    let state = STATES.iter().find(|state| state.name == name).expect("a state");
    (state.reach)(80, 24)
}

/// The place of a text on the screen.
#[track_caller]
fn place_of(world: &World, text: &str) -> (u16, u16) {
    let screen = world.text();
    let found = screen.lines().enumerate().find_map(|(y, line)| Some((line.split_once(text)?.0.chars().count(), y)));
    assert!(found.is_some(), "{text} is not on the screen:\n{screen}");
    let (x, y) = found.expect("a place");
    (u16::try_from(x).expect("a column"), u16::try_from(y).expect("a line"))
}

#[track_caller]
fn click(world: &mut World, text: &str) {
    let (column, line) = place_of(world, text);
    click_at(world, column, line);
}

fn click_at(world: &mut World, column: u16, line: u16) {
    world.mouse(Act::Press, column, line);
    world.mouse(Act::Release, column, line);
}

#[track_caller]
fn shows(world: &World, text: &str) {
    assert!(world.text().contains(text), "{text} is missing:\n{}", world.text());
}

#[track_caller]
fn hides(world: &World, text: &str) {
    assert!(!world.text().contains(text), "{text} is still there:\n{}", world.text());
}

#[test]
fn a9_a_click_on_an_entry_of_the_menu_is_its_letter() {
    let mut world = state("menu");
    click(&mut world, "c connect");
    hides(&world, "─ Menu");
    shows(&world, "─ Connect");
    click(&mut world, "leave it");
    assert!(!world.app.is_covered());
}

#[test]
fn what_was_changed_in_the_lab_is_taken_back_where_it_was_changed() {
    let mut world = World::greeted(80, 24);
    world.keys("Alt-L Enter ↓ Enter");
    shows(&world, "STARTTLS is cut out.");
    shows(&world, "one thing is different");
    world.keys("↓ ↓ ↓ ↓");
    shows(&world, "▸ submit.you.test");
    world.keys("Enter ↓ ↓ ↓ ↓ ↓ ↓ ↓");
    shows(&world, "[x] strip");
    world.keys("Enter");
    shows(&world, "[ ] strip");
    shows(&world, "The lab is as it was.");
    world.keys("Esc Esc");
    assert!(!world.app.is_covered());
}

#[test]
fn a_menu_that_is_not_drawn_yet_has_no_mouse() {
    let mut world = World::greeted(80, 24);
    world.keys("Esc");
    click_at(&mut world, 5, 5);
    world.wait(400);
    shows(&world, "─ Menu");
    click(&mut world, "Esc back");
    assert!(!world.app.is_covered());
}

#[test]
fn leaving_the_lab_takes_a_second_click_on_the_selected_answer() {
    let mut world = state("going_live");
    let sessions = world.app.model.sessions().len();
    click(&mut world, "connect to mail");
    shows(&world, "▸ connect to mail");
    assert_eq!(world.app.model.sessions().len(), sessions, "the first click only selects");
    click(&mut world, "connect to mail");
    assert!(!world.app.is_covered());
    assert_eq!(world.app.model.sessions().len(), sessions + 1);
}

#[test]
fn a_click_beside_a_question_or_a_text_of_the_user_does_nothing() {
    for name in ["going_live", "not_verified", "pasted", "connect_dialog", "save_dialog", "sessions", "palette"] {
        let mut world = state(name);
        let before = world.text();
        for (column, line) in [(0, 0), (79, 0), (0, 23), (79, 23), (30, 1)] {
            click_at(&mut world, column, line);
        }
        assert_eq!(world.text(), before, "{name}");
    }
}

#[test]
fn a_click_beside_what_is_only_read_closes_it() {
    for name in ["help", "menu", "certificate", "mailboxes"] {
        let mut world = state(name);
        click_at(&mut world, 0, 0);
        assert!(!world.app.is_covered(), "{name}:\n{}", world.text());
    }
    let mut world = World::greeted(80, 24);
    world.types(":");
    click_at(&mut world, 0, 0);
    assert!(!world.app.is_covered(), "nothing was typed into the palette");
}

#[test]
fn t11_the_wheel_scrolls_help_and_stays_inside_it() {
    let mut world = state("help");
    let top = world.text();
    // Without the strokes of what lies below.
    let line = |text: &str, y: usize| text.lines().nth(y).map(|line| line.chars().skip(2).take(76).collect::<String>());
    world.mouse(Act::Wheel(1), 40, 10);
    assert_eq!(line(&world.text(), 2), line(&top, 5), "three lines further:\n{}", world.text());
    world.mouse(Act::Wheel(i32::MAX), 40, 10);
    shows(&world, "▸ selected or here");
    world.mouse(Act::Wheel(i32::MIN), 40, 10);
    assert_eq!(world.text(), top);
    click(&mut world, "Esc closes");
    assert!(!world.app.is_covered());
}

#[test]
fn the_palette_has_the_wheel_and_runs_what_is_clicked_twice() {
    let mut world = World::greeted(80, 24);
    world.types(":theme");
    shows(&world, "▸ next theme");
    world.mouse(Act::Wheel(1), 40, 10);
    hides(&world, "▸ next theme");
    let theme = world.app.settings.theme;
    click(&mut world, "next theme");
    shows(&world, "▸ next theme");
    assert_eq!(world.app.settings.theme, theme, "the first click only selects");
    click(&mut world, "next theme");
    assert_ne!(world.app.settings.theme, theme);
    assert!(!world.app.is_covered());
}

#[test]
fn the_second_click_in_a_long_list_hits_what_the_first_one_selected() {
    let mut world = World::greeted(80, 24);
    world.types(":");
    world.mouse(Act::Wheel(20), 40, 10);
    let (column, line) = place_of(&world, "▸");
    world.mouse(Act::Press, column, line + 3);
    let selected = world.text().lines().nth(usize::from(line) + 3).map(|line| line.contains('▸'));
    assert_eq!(selected, Some(true), "the list stands still:\n{}", world.text());
}

#[test]
fn keys_at_the_foot_of_a_dialog_are_buttons() {
    let mut world = state("certificate");
    click(&mut world, "copy");
    assert!(world.effects.iter().any(|effect| matches!(effect, Effect::Copy(text) if text.contains("BEGIN"))));
    let mut world = state("letter_explained");
    click(&mut world, "raw");
    shows(&world, "Tab parts");
    click(&mut world, "all letters");
    shows(&world, "Mailboxes of the lab");
    click(&mut world, "you@you.test");
    shows(&world, "Letter in pat@harbor.test");
}

#[test]
fn a_question_at_the_end_is_answered_by_its_buttons_alone() {
    let ask = || {
        let mut world = state("secret_typed_live");
        world.keys("Alt-q");
        shows(&world, "Close it and leave?");
        world
    };
    let quits = |world: &World| world.effects.contains(&Effect::Quit);
    let mut world = ask();
    click_at(&mut world, 0, 0);
    click(&mut world, "A connection to a real server");
    shows(&world, "Close it and leave?");
    click(&mut world, "leave it");
    assert!(!world.app.is_covered() && !quits(&world));
    let mut world = ask();
    click(&mut world, "Enter leave");
    assert!(quits(&world));
}

#[test]
fn a_click_in_the_connect_dialog_gives_a_field_the_keys() {
    let mut world = state("connect_dialog");
    click(&mut world, "names from");
    world.keys("Ctrl-U").types("system");
    shows(&world, "names from  system");
    click(&mut world, "as the port says");
    shows(&world, "as the port says");
    click(&mut world, "as the port says");
    shows(&world, "plain text first");
    world.keys("Shift-Tab Ctrl-U");
    // The title names the target too: the one in the dialog stands behind the arrows.
    let (column, line) = place_of(&world, "↑↓ mx1.harbor.test");
    click_at(&mut world, column + 3, line);
    shows(&world, "to          mx1.harbor.test:25");
}

#[test]
fn certificates_are_copied_and_saved_as_pem_and_their_fingerprints_copied() {
    let mut world = state("certificate");
    let facts = world.session().tls().expect("a handshake").clone();
    let last = |world: &World| world.effects.last().cloned().expect("an effect");
    world.keys("f");
    let Effect::Copy(fingerprints) = last(&world) else { panic!("a copy") };
    for certificate in &facts.chain {
        assert!(fingerprints.contains(&certificate.sha256) && fingerprints.contains(&certificate.spki_sha256));
    }
    world.keys("y");
    let Effect::Copy(pem) = last(&world) else { panic!("a copy") };
    assert_eq!(pem.matches("-----BEGIN CERTIFICATE-----").count(), facts.chain.len());
    world.keys("x");
    shows(&world, "mx1.harbor.test.pem");
    world.keys("Ctrl-U Enter");
    shows(&world, "A path is missing.");
    world.types("/tmp/chain.pem\n");
    assert_eq!(last(&world), Effect::Save { path: "/tmp/chain.pem".into(), text: pem });
    shows(&world, "TLS and certificate");
}

/// The target that the program last asked to connect to.
fn asked_for(world: &World) -> Target {
    let opened = world.effects.iter().rev().find_map(|effect| match effect {
        Effect::Net(Request::Open(_, target)) => Some(target.clone()),
        _ => None,
    });
    opened.expect("a target")
}

#[test]
fn a_target_that_is_recalled_keeps_its_tls_and_its_route_until_another_is_typed() {
    let mut world = state("connect_dialog");
    world.keys("Esc");
    let handshake = Handshake { sni: Sni::None, ..Handshake::default() };
    let set = Target { opening: Opening::Require, handshake, ..Target::new("mx2.harbor.test", 25, Place::Lab) };
    Room::connect(&mut world.app, set.clone());
    for keys in ["Alt-c", "Alt-c →", "Alt-c ↓ ↑"] {
        world.keys(keys);
        shows(&world, "EHLO and STARTTLS by themselves; the end without TLS");
        shows(&world, "As last time: SNI.");
        world.keys("Enter");
        let again = asked_for(&world);
        assert_eq!((again.opening, &again.handshake), (Opening::Require, &set.handshake), "{keys}");
    }
    world.keys("Alt-c").types("mx1.harbor.test");
    shows(&world, "as the port says");
    hides(&world, "As last time");
    world.keys("Enter");
    let other = asked_for(&world);
    assert_eq!(
        (other.host.as_str(), other.opening, other.handshake),
        ("mx1.harbor.test", Opening::Plain, Handshake::default())
    );
}

#[test]
fn what_the_mouse_began_below_a_layer_ends_there() {
    let mut world = World::greeted(80, 24);
    world.keys("→ Enter");
    world.mouse(Act::Press, 12, 5);
    world.keys("F1");
    world.mouse(Act::Drag, 12, 9);
    click_at(&mut world, 0, 0);
    let selected = world.text();
    world.mouse(Act::Drag, 12, 11);
    world.mouse(Act::Release, 12, 11);
    assert_eq!(world.text(), selected, "a drag that began in a layer selects nothing");
    assert!(!world.effects.iter().any(|effect| matches!(effect, Effect::Copy(_))), "{:?}", world.effects);
}

#[test]
fn two_question_marks_type_one_and_f1_twice_is_the_whole_help() {
    let mut world = World::greeted(80, 24);
    world.types("?");
    shows(&world, "─ Help");
    world.types("?");
    assert!(!world.app.is_covered());
    shows(&world, "> ?");
    world.types("??");
    shows(&world, "> ???");
    let mut world = World::greeted(80, 24);
    world.keys("F1 F1");
    shows(&world, "the whole program ");
    hides(&world, "F1 again");
    world.types("?");
    assert!(!world.app.is_covered());
    hides(&world, "> ?");
}

#[test]
fn a_question_mark_in_the_help_of_another_pane_is_no_text() {
    let mut world = World::greeted(80, 24);
    world.keys("Alt-2 F1").types("?");
    shows(&world, "the whole program ");
    world.keys("Esc Alt-1");
    hides(&world, "> ?");
}

#[test]
fn y238_nothing_is_drawn_over_too_small() {
    for state in STATES {
        let mut world = (state.reach)(80, 24);
        for (columns, lines) in [(59, 15), (59, 24), (80, 15)] {
            world.resize(columns, lines);
            let text = world.text();
            let said: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
            let times = if world.app.settings.ascii { "x" } else { "×" };
            let way_out = world.app.way_out().to_owned();
            let expected = [format!("Too small: {columns}{times}{lines}."), format!("Needs 60{times}16."), way_out];
            assert_eq!(said, expected, "{} at {columns}x{lines}", state.name);
        }
    }
}

#[test]
fn y238_what_cannot_be_seen_is_neither_answered_nor_changed() {
    for name in ["going_live", "not_verified", "pasted", "connect_dialog", "save_dialog", "sessions", "palette", "help"]
    {
        // A twin that nobody touches: a wait is counted in both.
        let (mut world, mut twin) = (state(name), state(name));
        world.effects.clear();
        world.resize(59, 15);
        world.keys("↓ Enter x 1 Tab y Space Ctrl-U Alt-2 Ctrl-C");
        world.paste("another\ntext\n");
        click_at(&mut world, 20, 8);
        world.mouse(Act::Wheel(3), 20, 8);
        assert_eq!(world.effects, [], "{name}");
        world.resize(80, 24);
        for world in [&mut world, &mut twin] {
            world.wait(5000);
        }
        assert_eq!(world.text(), twin.text(), "{name}");
    }
}

#[test]
fn y238_esc_and_q_close_what_cannot_be_seen_and_the_next_ones_leave() {
    for close in ["Esc", "q", "Alt-q"] {
        for name in ["connect_dialog", "help", "sessions", "palette"] {
            let mut world = state(name);
            world.resize(59, 15);
            world.keys(close);
            assert!(!world.app.is_covered(), "{name} {close}");
            assert!(!world.effects.contains(&Effect::Quit), "{name} {close}");
            world.keys("Esc q");
            assert!(world.effects.contains(&Effect::Quit), "{name} {close}");
        }
    }
    let mut world = state("help");
    world.resize(59, 15);
    world.keys("Ctrl-Z");
    assert!(world.effects.contains(&Effect::Suspend));
}

#[test]
fn y238_a_real_connection_can_be_left_from_any_size() {
    let question = "A connection to a real server stands: q leaves, Esc stays.";
    for leave in ["Alt-q q", "Alt-q Alt-q", "Esc q q"] {
        let mut world = state("secret_typed_live");
        world.resize(59, 15);
        shows(&world, "Alt-q or Esc q leaves.");
        world.keys(leave.rsplit_once(' ').expect("two keys").0);
        shows(&world, question);
        world.keys("Enter Space x Ctrl-C");
        assert!(!world.effects.contains(&Effect::Quit), "{leave}");
        world.keys("Esc");
        shows(&world, "Alt-q or Esc q leaves.");
        for (columns, lines) in [(59, 15), (20, 5), (1, 1)] {
            world.resize(columns, lines);
            world.effects.clear();
            world.keys(leave);
            assert!(world.effects.contains(&Effect::Quit), "{leave} at {columns}x{lines}");
        }
    }
    let mut world = state("secret_typed_live");
    world.keys("Alt-q");
    shows(&world, "Close it and leave?");
    world.resize(20, 5);
    for line in ["A connection to a", "real server stands:", "q leaves, Esc stays."] {
        shows(&world, line);
    }
}

#[test]
fn y238_nothing_is_typed_sent_or_pasted_where_nothing_can_be_seen() {
    let mut world = World::greeted(80, 24);
    world.resize(59, 15);
    world.effects.clear();
    let before = (world.session().octets(Side::Client), world.app.model.sessions().len());
    world.types("NOOP\n");
    world.paste("NOOP");
    world.keys("→ Enter F5 Ctrl-C Ctrl-C Alt-X Esc X");
    shows(&world, "q leaves, Esc stays.");
    world.wait(1000);
    world.keys("Esc");
    assert_eq!((world.session().octets(Side::Client), world.app.model.sessions().len()), before);
    assert_eq!(world.effects, []);
    world.resize(80, 24);
    shows(&world, "> EHLO laptop.you.test");
    assert!(!world.app.is_covered());
}
