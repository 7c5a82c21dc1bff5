//! A secret that is being typed: it does not print, and its memory is wiped when it goes.

use std::fmt;

use secrecy::zeroize::{Zeroize, Zeroizing};
use secrecy::{ExposeSecret, SecretString};

use crate::smtp::limits::AUTH_LINE;

/// A secret that is being typed at its end. It never moves while it grows, so that no copy of it stays behind.
pub struct Typed {
    text: Zeroizing<String>,
}

impl Default for Typed {
    fn default() -> Self {
        Self { text: Zeroizing::new(String::with_capacity(AUTH_LINE)) }
    }
}

impl Typed {
    /// A secret that was typed before; what no login could carry is left out.
    pub fn of(secret: &SecretString) -> Self {
        let mut typed = Self::default();
        let _ = secret.expose_secret().chars().all(|character| typed.push(character));
        typed
    }

    /// Appends a character; false if it is full: no login could carry more.
    pub fn push(&mut self, character: char) -> bool {
        let fits = self.text.len() + character.len_utf8() <= AUTH_LINE;
        if fits {
            self.text.push(character);
        }
        fits
    }

    /// Takes the last character away.
    pub fn pop(&mut self) {
        self.text.pop();
    }

    /// Takes all away.
    pub fn clear(&mut self) {
        self.text.zeroize();
    }

    /// True with nothing typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// How many characters were typed.
    pub fn characters(&self) -> usize {
        self.text.chars().count()
    }

    /// True if it begins or ends in white space, which is seldom meant.
    pub fn is_padded(&self) -> bool {
        self.text.trim().len() < self.text.len()
    }

    /// The text, for a view that was told to reveal.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// The secret.
    pub fn secret(&self) -> SecretString {
        self.text.as_str().into()
    }
}

/// Says how long it is, never what it is.
impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Typed({} characters)", self.characters())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_neither_prints_nor_moves_nor_overflows() {
        let mut typed = Typed::default();
        let place = typed.text.as_ptr();
        assert!("correct horse".chars().all(|character| typed.push(character)));
        assert_eq!(format!("{typed:?}"), "Typed(13 characters)");
        assert_eq!(Typed::of(&typed.secret()).reveal(), "correct horse");
        assert!(!typed.is_padded());
        while typed.push('é') {}
        assert_eq!((typed.reveal().len(), typed.text.as_ptr()), (AUTH_LINE - 1, place));
        assert!(typed.push('e') && !typed.push('e'));
        typed.clear();
        assert!(typed.is_empty() && typed.text.as_ptr() == place);
        assert!(typed.push(' ') && typed.is_padded());
        typed.pop();
        assert!(typed.is_empty());
    }
}
