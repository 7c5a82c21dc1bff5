//! A screen as text: its characters, and its styles as one letter a cell.

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier, Style};

use crate::world::World;

/// The characters, and where the cursor stands.
pub(crate) fn picture(world: &World) -> String {
    let (buffer, cursor) = world.draw();
    let mut text = String::new();
    for line in lines(&buffer) {
        let characters: String = line.iter().map(Cell::symbol).collect();
        let _ = writeln!(text, "{characters}|");
    }
    let _ = match cursor {
        Some(at) => writeln!(text, "cursor {},{}", at.x, at.y),
        None => writeln!(text, "no cursor"),
    };
    text
}

/// The styles: one letter a cell, blank for plain text, with what each letter means.
pub(crate) fn styles(world: &World) -> String {
    let (buffer, _) = world.draw();
    let mut known: Vec<Style> = Vec::new();
    let mut text = String::new();
    for line in lines(&buffer) {
        let letters: String = line.iter().map(|cell| letter(cell, &mut known)).collect();
        let _ = writeln!(text, "{}", letters.trim_end());
    }
    for (index, style) in known.iter().enumerate() {
        let _ = writeln!(text, "{}: {}", name(index), words(*style));
    }
    text
}

fn lines(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buffer.content.chunks(usize::from(buffer.area.width).max(1))
}

fn letter(cell: &Cell, known: &mut Vec<Style>) -> char {
    let style = cell.style();
    let plain = style.fg.unwrap_or_default() == Color::Reset && style.add_modifier.is_empty();
    if plain && style.bg.unwrap_or_default() == Color::Reset {
        return ' ';
    }
    let index = known.iter().position(|it| *it == style).unwrap_or_else(|| {
        known.push(style);
        known.len() - 1
    });
    name(index)
}

fn name(index: usize) -> char {
    char::from(b'a' + u8::try_from(index).expect("few styles"))
}

fn words(style: Style) -> String {
    let mut words = Vec::new();
    if let Some(colour) = style.fg.filter(|colour| *colour != Color::Reset) {
        words.push(colour.to_string());
    }
    if let Some(colour) = style.bg.filter(|colour| *colour != Color::Reset) {
        words.push(format!("on {colour}"));
    }
    if style.add_modifier != Modifier::empty() {
        words.push(format!("{:?}", style.add_modifier));
    }
    words.join(" ")
}
