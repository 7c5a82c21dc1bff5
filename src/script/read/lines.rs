//! The lines of one file, with their places.

use std::sync::Arc;

use super::super::Place;
use super::super::trouble::Trouble;

/// The lines of a file.
pub(super) struct Lines<'a> {
    file: Arc<str>,
    left: std::vec::IntoIter<&'a str>,
    read: usize,
    /// The blanks before the line that was read last.
    indent: &'a str,
}

impl<'a> Lines<'a> {
    /// The lines of a text: ends are LF or CR LF.
    ///
    /// # Errors
    ///
    /// If it is no text: octets that are not UTF-8, or control characters.
    pub(super) fn new(name: &str, text: &'a [u8]) -> Result<Self, Trouble> {
        let file: Arc<str> = Arc::from(name);
        let wrong = |line, what: String, next: &str| {
            Trouble::at(&Place { file: Arc::clone(&file), line }, "script/syntax", what, next)
        };
        let text = std::str::from_utf8(text).map_err(|error| {
            let before = text.get(..error.valid_up_to()).unwrap_or_default();
            let line = 1 + memchr::memchr_iter(b'\n', before).count();
            wrong(line, "expected text in UTF-8; got other octets".into(), "In >> \"…\" any octet is written as \\xff.")
        })?;
        let lines: Vec<&str> = text.strip_prefix('\u{feff}').unwrap_or(text).lines().collect();
        for (index, line) in lines.iter().enumerate() {
            if let Some(control) = line.chars().find(|character| character.is_control() && *character != '\t') {
                let what = format!("expected text; got the control character U+{:04X}", u32::from(control));
                let next = "In >> \"…\" it is written as an escape: \\r, \\0, \\x1b.";
                return Err(wrong(index + 1, what, next));
            }
        }
        Ok(Self { file, left: lines.into_iter(), read: 0, indent: "" })
    }

    /// The next line and its place.
    pub(super) fn next(&mut self) -> Option<(Place, &'a str)> {
        let line = self.left.next()?;
        self.read += 1;
        self.indent = line.split_once(|letter: char| !letter.is_whitespace()).map_or("", |(blanks, _)| blanks);
        Some((self.place(self.read), line))
    }

    /// The blanks before the line that was read last.
    pub(super) fn indent(&self) -> &'a str {
        self.indent
    }

    /// The place of a line.
    pub(super) fn place(&self, line: usize) -> Place {
        Place { file: Arc::clone(&self.file), line }
    }
}
