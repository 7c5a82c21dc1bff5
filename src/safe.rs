//! The one gate for text that comes from elsewhere: every octet is shown, none is performed.
//!
//! Servers, DNS, certificates and recordings may hold escape sequences, characters that reverse the reading
//! direction, or nothing visible at all. [`Untrusted`] bytes leave this module only as [`SafeText`].
//!
//! | in the bytes | on the [screen](Profile::Screen) | in [plain](Profile::Plain) text |
//! |---|---|---|
//! | printable ASCII | as it is | as it is, `\` doubled |
//! | ESC and other controls | `^[` | `\x1b`, `\r`, `\n`, `\t` |
//! | an octet that is not UTF-8 | `<9B>` | `\x9b` |
//! | a code point that hides or reorders | `<U+202E>` | `\u{202e}` |
//! | combining marks beyond four | `<+4996 marks>` | `\u{301}` each |
//! | eight and more of the same escape | `<U+200B>×12` | each |
//!
//! The screen profile is total and idempotent. The plain profile is injective: [`decode`] gives the octets back.

mod find;
mod plain;
mod screen;
mod table;
mod text;

use std::fmt;

pub use find::{Finding, find};
pub use plain::{NotPlain, decode};
pub use text::{Kind, Piece, SafeText};

/// Combining marks that are shown on one letter.
const MARKS: usize = 4;
/// So many equal escapes in a row are shown once with a count.
const RUN: usize = 8;

/// How text is made safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Profile {
    /// For people at a screen: escapes are short, and long runs of them are folded.
    Screen,
    /// For files, pipes and the clipboard: nothing is folded and nothing is ambiguous.
    Plain,
}

/// Bytes that came from elsewhere. They cannot be printed; the only way out is [`Untrusted::safe`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Untrusted<'a>(&'a [u8]);

impl<'a> Untrusted<'a> {
    /// Wraps bytes from elsewhere.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes, for parsers and the hex view. Not for showing as text.
    pub const fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// The bytes as text that can be shown.
    pub fn safe(self, profile: Profile) -> SafeText {
        match profile {
            Profile::Screen => screen::render(self.0),
            Profile::Plain => plain::render(self.0),
        }
    }
}

impl<'a> From<&'a [u8]> for Untrusted<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl<'a> From<&'a str> for Untrusted<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.as_bytes())
    }
}

/// Shows the length only.
impl fmt::Debug for Untrusted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Untrusted({} octets)", self.0.len())
    }
}

/// The bytes as a screen shows them. Short for `Untrusted::new(bytes).safe(Profile::Screen)`.
pub fn screen(bytes: &[u8]) -> SafeText {
    Untrusted::new(bytes).safe(Profile::Screen)
}

/// The bytes as plain text that can be decoded. Short for `Untrusted::new(bytes).safe(Profile::Plain)`.
pub fn plain(bytes: &[u8]) -> SafeText {
    Untrusted::new(bytes).safe(Profile::Plain)
}

#[cfg(test)]
mod tests;
