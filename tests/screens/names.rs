//! Whom a session asks for names.

use ehlo::app::Effect;
use ehlo::ports::dns::Source;
use ehlo::ports::net::Request;

use crate::world::World;

/// The resolver of the session that was opened last, and its host.
fn opened(world: &World) -> Option<(&str, Source)> {
    let opened = world.effects.iter().rev().find_map(|effect| match effect {
        Effect::Net(Request::Open(_, target)) => Some(target),
        _ => None,
    });
    opened.map(|target| (target.host.as_str(), target.source.clone()))
}

/// Fills in the connect dialog and agrees to go live if that is asked.
fn connect(world: &mut World, host: &str, resolver: &str) {
    world.keys("Alt-c").types(host).keys("Tab Tab Ctrl-U").types(resolver).keys("Enter");
    if world.app.is_covered() {
        world.keys("↓ Enter");
    }
}

/// Looks up a name; says who answered.
fn look_up(world: &mut World, name: &str) -> String {
    world.keys("F3").types(name).keys("Enter");
    let panel = world.app.model.look_ups.panel().expect("a panel");
    assert!(panel.domain().to_string().starts_with(name), "{}", panel.domain());
    world.app.model.look_ups.source().to_string()
}

#[test]
fn a_resolver_is_chosen_for_one_session() {
    let mut world = World::greeted(80, 24);
    connect(&mut world, "one.example.org", "192.0.2.53");
    assert_eq!(opened(&world), Some(("one.example.org", Source::Server(([192, 0, 2, 53], 53).into()))));
    connect(&mut world, "two.example.org", "[2001:db8::53]:5353");
    assert_eq!(look_up(&mut world, "example.net"), "[2001:db8::53]:5353");
    world.keys("Ctrl-N");
    assert_eq!(look_up(&mut world, "example.com"), "lab", "the first session is in the lab");
    world.keys("Ctrl-N");
    assert_eq!(look_up(&mut world, "example.org"), "192.0.2.53");
}

#[test]
fn the_dialog_shows_whom_the_session_asks_and_the_lab_is_never_meant() {
    let mut world = World::greeted(80, 24);
    world.keys("Alt-c");
    assert!(world.text().contains("names from  system"), "{}", world.text());
    world.keys("Esc");
    connect(&mut world, "one.example.org", "192.0.2.53");
    world.keys("Alt-c");
    assert!(world.text().contains("names from  192.0.2.53"), "{}", world.text());
    world.types("mx2.harbor.test").keys("Enter");
    assert_eq!(opened(&world), Some(("mx2.harbor.test", Source::Lab)), "the lab's own names are its own");
    connect(&mut world, "one.example.org", "nobody");
    assert!(world.text().contains("nobody is no resolver"), "{}", world.text());
}
