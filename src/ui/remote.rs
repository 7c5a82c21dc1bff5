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

/// A line for the screen with everything from some octet on replaced, a star a character.
pub fn masked(line: &[u8], from: Option<usize>) -> Vec<Run> {
    let (plain, hidden) = line.split_at_checked(from.unwrap_or(line.len())).unwrap_or((line, &[]));
    let mut runs = vec![Run::new(text(plain), Role::Text)];
    if !hidden.is_empty() {
        let letters = std::str::from_utf8(hidden).map_or(hidden.len(), |text| text.chars().count());
        runs.push(Run::new("*".repeat(letters), Role::Secret));
    }
    runs
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
    fn a_secret_is_a_star_a_character() {
        let runs = |from| masked("AUTH PLAIN grüß".as_bytes(), from);
        assert_eq!(runs(Some(11)), [Run::new("AUTH PLAIN ", Role::Text), Run::new("****", Role::Secret)]);
        assert_eq!(runs(None), [Run::new("AUTH PLAIN grüß", Role::Text)]);
        assert_eq!(masked(b"\xff\xfe", Some(0)), [Run::new("", Role::Text), Run::new("**", Role::Secret)]);
    }

    #[test]
    fn in_ascii_other_characters_are_named() {
        let runs = runs("bücher".as_bytes(), Role::Text, true);
        assert_eq!(runs, [Run::new("b", Role::Text), Run::new("<U+00FC>", Role::Escape), Run::new("cher", Role::Text)]);
    }
}
