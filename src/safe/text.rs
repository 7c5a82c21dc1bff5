//! Text that is safe to show, in pieces that know where they come from.

use std::fmt::{self, Write};
use std::ops::Range;

use unicode_width::UnicodeWidthStr;

/// What a piece of safe text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Shown as it came.
    Plain,
    /// Stands for something that is not shown as it came; a screen draws it in reverse.
    Escape,
}

/// Text that holds only what a terminal prints: no control, nothing that reorders, nothing that hides.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SafeText {
    text: String,
    pieces: Vec<Part>,
}

/// A piece as it is kept: where it ends in the text and in the source. It begins where the one before ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Part {
    kind: Kind,
    text_end: usize,
    source_end: usize,
}

/// A run of text of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece<'a> {
    /// What is shown.
    pub text: &'a str,
    /// Whether it is shown as it came.
    pub kind: Kind,
    /// The octets it stands for.
    pub source: Range<usize>,
    /// The cells it takes on a screen.
    pub width: usize,
}

impl SafeText {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text, when nothing else of it is needed.
    pub fn into_string(self) -> String {
        self.text
    }

    /// The cells it takes on a screen, computed from what is shown.
    pub fn width(&self) -> usize {
        self.pieces().map(|piece| piece.width).sum()
    }

    /// True if nothing is shown.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// True if all is shown as it came.
    pub fn is_plain(&self) -> bool {
        self.pieces.iter().all(|piece| piece.kind == Kind::Plain)
    }

    /// The pieces in order; together they are the text, and their sources are the bytes without a gap.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let mut begin = (0, 0);
        self.pieces.iter().map(move |part| {
            let text = self.text.get(begin.0..part.text_end).unwrap_or_default();
            let source = begin.1..part.source_end;
            begin = (part.text_end, part.source_end);
            Piece { text, kind: part.kind, source, width: width(text, part.kind) }
        })
    }

    /// The bytes as one plain piece, if each is printable ASCII and none is `special`. Most text is.
    pub(super) fn as_it_is(bytes: &[u8], special: Option<u8>) -> Option<Self> {
        let printable = bytes.iter().fold(true, |all, octet| all & matches!(octet, b' '..=b'~'));
        if !printable || special.is_some_and(|special| memchr::memchr(special, bytes).is_some()) {
            return None;
        }
        let mut text = Self { text: std::str::from_utf8(bytes).ok()?.to_owned(), pieces: Vec::new() };
        if !bytes.is_empty() {
            text.close(Kind::Plain, bytes.len());
        }
        Some(text)
    }

    /// A text with room for the escapes of a few odd octets.
    pub(super) fn with_room_for(bytes: &[u8]) -> Self {
        Self { text: String::with_capacity(bytes.len() + 8), pieces: Vec::new() }
    }

    /// Appends plain text that stands for the source up to `source_end`.
    pub(super) fn push_plain(&mut self, text: &str, source_end: usize) {
        self.text.push_str(text);
        self.close(Kind::Plain, source_end);
    }

    /// Appends an escape that stands for the source up to `source_end`.
    pub(super) fn push_escape(&mut self, escape: fmt::Arguments<'_>, source_end: usize) {
        // Writing to a string cannot fail.
        self.text.write_fmt(escape).unwrap_or_default();
        self.pieces.push(Part { kind: Kind::Escape, text_end: self.text.len(), source_end });
    }

    /// Ends a piece here; plain text that follows plain text is one piece.
    fn close(&mut self, kind: Kind, source_end: usize) {
        let part = Part { kind, text_end: self.text.len(), source_end };
        match self.pieces.last_mut() {
            Some(last) if last.kind == kind => *last = part,
            _ => self.pieces.push(part),
        }
    }
}

fn width(text: &str, kind: Kind) -> usize {
    // Escapes are ASCII but for the sign in front of a count, and most text is ASCII.
    if kind == Kind::Plain && text.is_ascii() { text.len() } else { text.width() }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl AsRef<str> for SafeText {
    fn as_ref(&self) -> &str {
        &self.text
    }
}
