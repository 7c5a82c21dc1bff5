//! The parts of a letter: what kind, how large, how encoded, under which name (RFC 2045, RFC 2046, RFC 2183).
//!
//! ```text
//! multipart/report          1
//! ├ text/plain              1.1
//! └ message/rfc822          1.2
//!   └ text/plain            1.2.1      the letter in it
//! ```
//!
//! Nothing is decoded. How deep and how many is bounded: a letter may be made to have no end of parts.

use super::field;
use crate::safe;

/// Parts in parts in parts, at most.
const DEEP: usize = 10;
/// Parts in all, at most.
const MOST: usize = 100;

/// A part of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<'a> {
    /// Its number: `1`, `1.2`; the whole letter is `1`.
    pub number: String,
    /// Its media type in lower case, as `text/plain`.
    pub kind: String,
    /// Its character set, if it names one.
    pub charset: Option<String>,
    /// Its transfer encoding in lower case; `7bit` where none is named (RFC 2045 §6.1).
    pub encoding: String,
    /// How it is to be shown: `inline`, `attachment`; nothing where it does not say.
    pub disposition: Option<String>,
    /// The name of the file that it was.
    pub name: Option<String>,
    /// What stands behind its header.
    pub body: &'a [u8],
    /// Why its parts are not listed, if it has some.
    pub closed: Option<Closed>,
}

/// Why the parts of a part are not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// Nothing says where they end.
    NoBoundary,
    /// There are too many, or they lie too deep.
    TooMany,
}

/// All parts of a letter, each before those that it holds.
pub fn tree(letter: &[u8]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    grow(letter, "1".to_owned(), 0, &mut parts);
    parts
}

fn grow<'a>(octets: &'a [u8], number: String, depth: usize, parts: &mut Vec<Part<'a>>) {
    let (header, body) = field::halves(octets);
    let value = |name: &[u8]| field::first(header, name).map(text);
    // Without a type it is plain text (RFC 2045 §5.2).
    let media = value(b"Content-Type").unwrap_or_else(|| "text/plain".into());
    let kind = kind_of(&media);
    let encoding = value(b"Content-Transfer-Encoding").unwrap_or_else(|| "7bit".into()).to_ascii_lowercase();
    let shown = value(b"Content-Disposition");
    let disposition = shown.as_deref().map(kind_of);
    let name = shown.as_deref().and_then(|shown| parameter(shown, "filename")).or_else(|| parameter(&media, "name"));
    let charset = parameter(&media, "charset");
    let at = parts.len();
    let part = Part { number, kind, charset, encoding, disposition, name, body, closed: None };
    let inner = match holds(&part, &media) {
        Ok(inner) => inner,
        Err(closed) => {
            parts.push(Part { closed: Some(closed), ..part });
            return;
        }
    };
    let number = part.number.clone();
    parts.push(part);
    for (index, octets) in inner.into_iter().enumerate() {
        if depth + 1 >= DEEP || parts.len() >= MOST {
            if let Some(part) = parts.get_mut(at) {
                part.closed = Some(Closed::TooMany);
            }
            return;
        }
        grow(octets, format!("{number}.{}", index + 1), depth + 1, parts);
    }
}

/// What a part holds as parts of its own.
fn holds<'a>(part: &Part<'a>, media: &str) -> Result<Vec<&'a [u8]>, Closed> {
    if part.kind.starts_with("multipart/") {
        let boundary = parameter(media, "boundary").filter(|boundary| !boundary.is_empty());
        return boundary.map(|boundary| pieces(part.body, &boundary)).ok_or(Closed::NoBoundary);
    }
    let is_letter = matches!(part.kind.as_str(), "message/rfc822" | "message/global");
    // One that is encoded would have to be decoded first, and may not be (RFC 2046 §5.2.1).
    let readable = matches!(part.encoding.as_str(), "7bit" | "8bit" | "binary");
    Ok(if is_letter && readable { vec![part.body] } else { Vec::new() })
}

/// The octets between the lines of a boundary; the line end before such a line belongs to it (RFC 2046 §5.1.1). A part
/// that no such line ends reaches to the end.
pub(super) fn pieces<'a>(body: &'a [u8], boundary: &str) -> Vec<&'a [u8]> {
    let (delimiter, close) = (format!("--{boundary}"), format!("--{boundary}--"));
    let (mut pieces, mut begin, mut at) = (Vec::new(), None, 0);
    for line in body.split_inclusive(|octet| *octet == b'\n') {
        let word = line.trim_ascii_end();
        if word == delimiter.as_bytes() || word == close.as_bytes() {
            if let Some(begin) = begin {
                pieces.push(without_end(body.get(begin..at).unwrap_or_default()));
            }
            begin = (word == delimiter.as_bytes()).then_some(at + line.len());
        }
        at += line.len();
    }
    // One that was cut has no end: its last part is what there is of it.
    pieces.extend(begin.and_then(|begin| body.get(begin..)));
    pieces
}

fn without_end(part: &[u8]) -> &[u8] {
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    part.strip_suffix(b"\r").unwrap_or(part)
}

/// A type without its parameters, in lower case.
pub(super) fn kind_of(value: &str) -> String {
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A parameter of a type, without quotes.
pub(super) fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

/// Octets that are no UTF-8 are escaped: what is read here is shown to people.
pub(super) fn text(octets: Vec<u8>) -> String {
    String::from_utf8(octets).unwrap_or_else(|error| safe::plain(error.as_bytes()).into_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIXED: &[u8] = b"Subject: hi\r\nContent-Type: multipart/mixed; boundary=\"x\"\r\n\r\nno part\r\n--x\r\n\r\nhello\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: in it\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n--y\r\n\r\na\r\n--y\r\nContent-Type: Text/HTML; charset=utf-8\r\nContent-Transfer-Encoding: Quoted-Printable\r\n\r\n<b>\r\n--y--\r\n--x\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename=\"map.png\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--x--\r\nno part\r\n";

    fn seen(letter: &[u8]) -> Vec<(String, String)> {
        tree(letter).into_iter().map(|part| (part.number, part.kind)).collect()
    }

    #[test]
    fn parts_are_numbered_and_a_letter_in_a_letter_is_opened() {
        let parts = tree(MIXED);
        let wanted = [
            ("1", "multipart/mixed"),
            ("1.1", "text/plain"),
            ("1.2", "message/rfc822"),
            ("1.2.1", "multipart/alternative"),
            ("1.2.1.1", "text/plain"),
            ("1.2.1.2", "text/html"),
            ("1.3", "image/png"),
        ];
        assert_eq!(seen(MIXED), wanted.map(|(number, kind)| (number.to_owned(), kind.to_owned())));
        assert_eq!((parts[1].body, parts[1].encoding.as_str()), (&b"hello"[..], "7bit"));
        let html = &parts[5];
        assert_eq!((html.charset.as_deref(), html.encoding.as_str()), (Some("utf-8"), "quoted-printable"));
        let image = &parts[6];
        assert_eq!((image.name.as_deref(), image.disposition.as_deref()), (Some("map.png"), Some("attachment")));
    }

    #[test]
    fn a_letter_without_parts_is_one_and_a_multipart_without_a_boundary_is_closed() {
        assert_eq!(seen(b"Subject: hi\r\n\r\nhello\r\n"), [("1".to_owned(), "text/plain".to_owned())]);
        assert_eq!(seen(b""), [("1".to_owned(), "text/plain".to_owned())]);
        let parts = tree(b"Content-Type: multipart/mixed\r\n\r\n--x\r\n");
        assert_eq!((parts.len(), parts[0].closed), (1, Some(Closed::NoBoundary)));
    }

    #[test]
    fn how_deep_and_how_many_is_bounded() {
        let wide =
            format!("Content-Type: multipart/mixed; boundary=x\r\n\r\n{}--x--\r\n", "--x\r\n\r\na\r\n".repeat(9999));
        let parts = tree(wide.as_bytes());
        assert_eq!((parts.len(), parts[0].closed), (MOST, Some(Closed::TooMany)));
        let deep = "Content-Type: message/rfc822\r\n\r\n".repeat(9999);
        let parts = tree(deep.as_bytes());
        assert_eq!((parts.len(), parts.last().and_then(|part| part.closed)), (DEEP, Some(Closed::TooMany)));
    }
}
