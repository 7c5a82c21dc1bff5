//! The session screen through the real keymap: keys in, styled screens out.

#![expect(clippy::expect_used, reason = "a test that cannot go on must stop")]

#[path = "screens/world.rs"]
mod world;

use world::World;

#[test]
fn look() {
    let mut world = World::greeted(80, 24);
    println!("{}", world.text());
    world.keys("→ Enter");
    println!("{}", world.text());
    world.types("MAIL FROM:<you@you.test>\nRCPT TO:<pat@harbor.test>\nRCPT TO:<nobody@harbor.test>\n");
    world.keys("Alt-2 k k b");
    println!("{}", world.text());
    world.keys("Alt-1");
    world.types("DATA\nSubject: hi\n\n.dot\nbye\n.\n");
    println!("{}", world.text());
    world.types("\n");
    println!("{}", world.text());
    world.keys("Alt-m Enter");
    println!("{}", world.text());
    world.keys("Esc Esc Esc");
    println!("{}", world.text());
    world.keys("Esc");
    world.keys("Alt-d");
    world.types("harbor.test\n");
    println!("{}", world.text());
    world.keys("j");
    println!("{}", world.text());
    world.keys("Alt-c");
    println!("{}", world.text());
}
