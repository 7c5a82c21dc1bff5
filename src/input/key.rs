//! Keys as every terminal can send them, and their names.
//!
//! ```text
//! Enter   Alt-e   Ctrl-R   F1   Shift-Tab   :   PageDown
//! ```

use std::fmt;
use std::str::FromStr;

/// A key with its modifiers. Shift is part of a printable character and not told apart from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// With Ctrl.
    pub ctrl: bool,
    /// With Alt, or behind Esc: most terminals send the same bytes for both.
    pub alt: bool,
}

/// Which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A printable character.
    Char(char),
    /// Enter.
    Enter,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Escape.
    Esc,
    /// A function key, from 1.
    F(u8),
}

/// Names of the keys that are no characters; the first of two is the one that is shown.
const NAMES: &[(&str, Code)] = &[
    ("Enter", Code::Enter),
    ("Shift-Tab", Code::BackTab),
    ("Tab", Code::Tab),
    ("Backspace", Code::Backspace),
    ("Delete", Code::Delete),
    ("←", Code::Left),
    ("→", Code::Right),
    ("↑", Code::Up),
    ("↓", Code::Down),
    ("Left", Code::Left),
    ("Right", Code::Right),
    ("Up", Code::Up),
    ("Down", Code::Down),
    ("Home", Code::Home),
    ("End", Code::End),
    ("PageUp", Code::PageUp),
    ("PageDown", Code::PageDown),
    ("Esc", Code::Esc),
    ("Space", Code::Char(' ')),
];

impl Key {
    /// A key without modifiers.
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false }
    }

    /// A printable character.
    pub const fn char(char: char) -> Self {
        Self::plain(Code::Char(char))
    }

    /// The same key with Alt.
    #[must_use]
    pub const fn with_alt(self) -> Self {
        Self { alt: true, ..self }
    }

    /// The character that the key types, if it types one.
    pub const fn typed(self) -> Option<char> {
        match self {
            Self { code: Code::Char(char), ctrl: false, alt: false } => Some(char),
            _ => None,
        }
    }

    /// The name of the key where only ASCII may be drawn.
    pub fn ascii_name(self) -> String {
        let name = self.to_string();
        [("←", "Left"), ("→", "Right"), ("↑", "Up"), ("↓", "Down")]
            .iter()
            .fold(name, |name, (arrow, word)| name.replace(arrow, word))
    }
}

/// Not the name of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not the name of a key; keys are written as Enter, Alt-e, Ctrl-R, F1")]
pub struct NotAKey(pub String);

impl FromStr for Key {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let (mut rest, mut ctrl, mut alt) = (text, false, false);
        loop {
            if let Some(tail) = rest.strip_prefix("Ctrl-").filter(|tail| !tail.is_empty()) {
                (rest, ctrl) = (tail, true);
            } else if let Some(tail) = rest.strip_prefix("Alt-").filter(|tail| !tail.is_empty()) {
                (rest, alt) = (tail, true);
            } else {
                break;
            }
        }
        let code = code(rest).ok_or_else(|| NotAKey(text.to_owned()))?;
        Ok(match code {
            // Terminals send the same byte for both cases with Ctrl.
            Code::Char(char) if ctrl => Self { code: Code::Char(char.to_ascii_lowercase()), ctrl, alt },
            code => Self { code, ctrl, alt },
        })
    }
}

fn code(name: &str) -> Option<Code> {
    let mut chars = name.chars();
    match (chars.next(), chars.next()) {
        (Some(char), None) if !NAMES.iter().any(|(known, _)| *known == name) => return Some(Code::Char(char)),
        _ => {}
    }
    let function =
        name.strip_prefix('F').and_then(|number| number.parse().ok()).filter(|number| (1..=12).contains(number));
    function.map(Code::F).or_else(|| NAMES.iter().find(|(known, _)| *known == name).map(|(_, code)| *code))
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        if self.alt {
            f.write_str("Alt-")?;
        }
        match self.code {
            Code::F(number) => write!(f, "F{number}"),
            Code::Char(char) if self.ctrl => write!(f, "{}", char.to_ascii_uppercase()),
            Code::Char(' ') => f.write_str("Space"),
            Code::Char(char) => write!(f, "{char}"),
            code => f.write_str(NAMES.iter().find(|(_, known)| *known == code).map_or("", |(name, _)| name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_keys_go_both_ways() {
        for name in [
            "Enter",
            "Alt-e",
            "Ctrl-R",
            "F1",
            "F12",
            "Shift-Tab",
            "→",
            ":",
            "?",
            "Alt-?",
            "Space",
            "PageDown",
            "Alt-→",
            "Q",
        ] {
            let key: Key = name.parse().expect(name);
            assert_eq!(key.to_string(), name);
        }
    }

    #[test]
    fn ctrl_does_not_tell_the_case_of_letters_apart() {
        assert_eq!("Ctrl-R".parse::<Key>(), "Ctrl-r".parse());
        assert_ne!("Alt-Q".parse::<Key>(), "Alt-q".parse());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for name in ["", "F0", "F13", "Strg-R", "Enterr"] {
            assert!(name.parse::<Key>().is_err(), "{name}");
        }
    }
}
