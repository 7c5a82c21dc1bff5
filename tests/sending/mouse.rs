//! The mouse says and takes what keys do.

use super::*;

#[test]
fn t19_a_click_selects_and_a_drag_copies_rows() {
    let mut world = World::greeted(80, 24);
    world.keys("→ Enter");
    world.mouse(Act::Press, 12, 5);
    assert!(world.text().contains("▸ 4"), "{}", world.text());
    world.mouse(Act::Drag, 12, 11);
    world.mouse(Act::Release, 12, 11);
    let copied = world.effects.iter().any(
        |effect| matches!(effect, Effect::Copy(text) if text.contains("250-SIZE") && text.contains("250-STARTTLS")),
    );
    assert!(copied, "{:?}", world.effects);
    world.mouse(Act::Press, 60, 5);
    world.mouse(Act::Wheel(2), 60, 5);
    world.mouse(Act::Press, 10, 18);
    world.types("NOOP\n");
    assert!(sent(&world).ends_with("NOOP\r\n"));
}

/// The place of a text on the screen.
fn place_of(world: &World, text: &str) -> (u16, u16) {
    let screen = world.text();
    let found = screen.lines().enumerate().find_map(|(y, line)| Some((line.find(text)?, y, line)));
    let (at, y, line) = found.expect("the text is on the screen");
    let column = line.get(..at).map_or(0, |head| head.chars().count());
    (u16::try_from(column).expect("a column"), u16::try_from(y).expect("a line"))
}

fn click(world: &mut World, text: &str) {
    let (column, line) = place_of(world, text);
    world.mouse(Act::Press, column, line);
    world.mouse(Act::Release, column, line);
}

#[test]
fn a9_the_mouse_alone_says_hello() {
    let mut world = World::greeted(80, 24);
    click(&mut world, "accept  Tab");
    click(&mut world, "Enter send");
    assert_eq!(sent(&world), "EHLO laptop.you.test\r\n");
    click(&mut world, "4 DNS");
    assert!(world.text().contains("4 DNS ─ 3 Explain"), "{}", world.text());
    click(&mut world, "Esc menu");
    world.wait(300);
    assert!(world.text().contains("Menu"));
}

#[test]
fn a9_a_second_click_takes_a_step_or_connects() {
    let mut world = World::greeted(160, 48);
    world.types("NOOP").keys("Ctrl-C");
    click(&mut world, "(Tab)");
    assert!(world.text().contains("> EHLO laptop.you.test "), "still the grey suggestion: {}", world.text());
    click(&mut world, "(Tab)");
    assert_eq!(world.app.room.composer.line.text().split(' ').next(), Some("EHLO"));
    world.keys("Alt-d").types("harbor.test\n");
    click(&mut world, "20 mx2.harbor.test.");
    click(&mut world, "20 mx2.harbor.test.");
    assert_eq!(world.session().target.host, "mx2.harbor.test");
}
