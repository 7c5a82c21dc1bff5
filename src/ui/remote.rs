//! Remote bytes as runs: through the gate, with every character that is shown instead of performed in a role of its own.

use std::fmt::Write as _;

use crate::safe::{self, Kind};

use super::text::{Role, Run};

/// Remote bytes as runs for the screen; in ASCII, other characters are named.
pub fn runs(bytes: &[u8], role: Role, ascii: bool) -> Vec<Run> {
    let safe = safe::screen(bytes);
    let mut runs = Vec::with_capacity(1);
    for piece in safe.pieces() {
        match piece.kind {
            Kind::Plain if ascii && !piece.text.is_ascii() => named(piece.text, role, &mut runs),
            Kind::Plain => runs.push(Run::new(piece.text, role)),
            Kind::Escape => runs
                .push(Run::new(if ascii { piece.text.replace('×', "x") } else { piece.text.to_owned() }, Role::Escape)),
        }
    }
    runs
}

/// Remote bytes as text for the screen.
pub fn text(bytes: &[u8]) -> String {
    safe::screen(bytes).into_string()
}

/// The same for what is text already.
pub fn shown(text: &str) -> String {
    self::text(text.as_bytes())
}

fn named(text: &str, role: Role, runs: &mut Vec<Run>) {
    let mut plain = String::new();
    for character in text.chars() {
        if character.is_ascii() {
            plain.push(character);
            continue;
        }
        if !plain.is_empty() {
            runs.push(Run::new(std::mem::take(&mut plain), role));
        }
        let mut name = String::new();
        let _ = write!(name, "<U+{:04X}>", u32::from(character));
        runs.push(Run::new(name, Role::Escape));
    }
    if !plain.is_empty() {
        runs.push(Run::new(plain, role));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_performed() {
        let runs = runs(b"250 hi\x1b[2J", Role::Text, false);
        assert_eq!(runs, [Run::new("250 hi", Role::Text), Run::new("^[", Role::Escape), Run::new("[2J", Role::Text)]);
    }

    #[test]
    fn in_ascii_other_characters_are_named() {
        let runs = runs("bücher".as_bytes(), Role::Text, true);
        assert_eq!(runs, [Run::new("b", Role::Text), Run::new("<U+00FC>", Role::Escape), Run::new("cher", Role::Text)]);
    }
}
