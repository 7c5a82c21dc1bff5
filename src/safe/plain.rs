//! The plain profile: C escapes, injective, so that a file or a clipboard loses nothing.
//!
//! ```text
//! \\            a backslash
//! \t \n \r      tab, LF, CR
//! \x1b          any other octet that is not shown: a control, or not UTF-8
//! \u{202e}      a code point that is not shown as it is
//! ```

use std::fmt;

use super::MARKS;
use super::table::{is_denied, is_mark};
use super::text::SafeText;

/// Writes bytes as plain text.
pub(super) fn render(bytes: &[u8]) -> SafeText {
    if let Some(text) = SafeText::as_it_is(bytes, Some(b'\\')) {
        return text;
    }
    let mut text = SafeText::with_room_for(bytes);
    let mut at = 0;
    // Marks on the letter before; none may stand where there is no letter.
    let mut marks = MARKS;
    for chunk in bytes.utf8_chunks() {
        for point in chunk.valid().chars() {
            at += point.len_utf8();
            marks = match point {
                _ if is_mark(point) => marks + 1,
                ' '..='~' => 0,
                _ if !point.is_ascii() && !is_denied(point) => 0,
                _ => MARKS,
            };
            push(&mut text, point, marks > MARKS, at);
        }
        for octet in chunk.invalid() {
            at += 1;
            marks = MARKS;
            text.push_escape(format_args!("\\x{octet:02x}"), at);
        }
    }
    text
}

fn push(text: &mut SafeText, point: char, crowded: bool, end: usize) {
    match point {
        '\\' => text.push_escape(format_args!("\\\\"), end),
        ' '..='~' => text.push_plain(point.encode_utf8(&mut [0; 4]), end),
        '\t' => text.push_escape(format_args!("\\t"), end),
        '\n' => text.push_escape(format_args!("\\n"), end),
        '\r' => text.push_escape(format_args!("\\r"), end),
        '\0'..='\x1f' | '\x7f' => text.push_escape(format_args!("\\x{:02x}", u32::from(point)), end),
        _ if crowded || is_denied(point) => text.push_escape(format_args!("\\u{{{:x}}}", u32::from(point)), end),
        _ => text.push_plain(point.encode_utf8(&mut [0; 4]), end),
    }
}

/// The text is not something that the plain profile wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotPlain {
    /// The octet of the text where it stops making sense.
    pub at: usize,
}

impl fmt::Display for NotPlain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no escape that ehlo writes begins at octet {}", self.at)
    }
}

impl std::error::Error for NotPlain {}

/// The bytes that the plain profile wrote as `text`.
pub fn decode(text: &str) -> Result<Vec<u8>, NotPlain> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(backslash) = rest.find('\\') {
        let (before, escape) = rest.split_at_checked(backslash).unwrap_or((rest, ""));
        bytes.extend_from_slice(before.as_bytes());
        rest = unescape(escape, &mut bytes).ok_or(NotPlain { at: text.len() - escape.len() })?;
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

/// Decodes the escape at the beginning of a text; what follows it.
fn unescape<'a>(escape: &'a str, bytes: &mut Vec<u8>) -> Option<&'a str> {
    let rest = escape.strip_prefix('\\')?;
    if let Some(hex) = rest.strip_prefix('x') {
        let (digits, rest) = hex.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        return Some(rest);
    }
    if let Some(hex) = rest.strip_prefix("u{") {
        let (digits, rest) = hex.split_once('}')?;
        let point = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
        bytes.extend_from_slice(point.encode_utf8(&mut [0; 4]).as_bytes());
        return Some(rest);
    }
    let mut points = rest.chars();
    bytes.push(match points.next()? {
        '\\' => b'\\',
        't' => b'\t',
        'n' => b'\n',
        'r' => b'\r',
        _ => return None,
    });
    Some(points.as_str())
}
