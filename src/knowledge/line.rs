//! Reading a line for its note: what `smtp` says of it, in the shape that look-ups want. Nothing is decided here.

use crate::smtp::line::{Line, lines};
use crate::smtp::reply::{Shape, shape};
use crate::smtp::status::Status;

use super::messages::Normal;

/// A reply line taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reply<'a> {
    /// The three digits.
    pub(crate) code: u16,
    /// The enhanced code.
    pub(crate) status: Option<Status>,
    /// The text behind both.
    pub(crate) text: &'a [u8],
}

/// Takes a reply line apart; nothing if it is no reply line.
pub(crate) fn reply(line: &[u8]) -> Option<Reply<'_>> {
    part(Line::of(line))
}

fn part(line: Line<'_>) -> Option<Reply<'_>> {
    let Shape::Part(part) = shape(line) else { return None };
    let code = part.code.get();
    let Some(found) = Status::find(part.text) else { return Some(Reply { code, status: None, text: part.text }) };
    let text = part.text.get(found.len..).unwrap_or_default().trim_ascii_start();
    Some(Reply { code, status: Some(found.status), text })
}

/// The line without its end and without white space before it (RFC 5321 §4.1.1 asks receivers to ignore that).
pub(crate) fn trim_end(line: &[u8]) -> &[u8] {
    line.trim_ascii_end()
}

/// The line without its end.
pub(crate) fn without_end(line: &[u8]) -> &[u8] {
    Line::of(line).text
}

/// The first word of a line, and the rest without the spaces between.
pub(crate) fn first_word(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
    let (word, rest) = line.split_at_checked(end).unwrap_or((line, b""));
    (word, rest.trim_ascii_start())
}

/// A whole reply as messages are matched: lines without codes joined by one space, white space squeezed.
pub(crate) fn normal(whole: &[u8]) -> Normal {
    let mut normal = Normal::default();
    for reply in lines(whole).filter_map(part) {
        normal.code = reply.code;
        normal.status = normal.status.or(reply.status);
        for word in reply.text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
            if !normal.text.is_empty() {
                normal.text.push(b' ');
            }
            normal.text.extend_from_slice(word);
        }
    }
    normal
}

/// `text` if it is printable ASCII of at most `longest` octets: fit to stand in a note.
pub(crate) fn plain(text: &[u8], longest: usize) -> Option<&str> {
    let fit = !text.is_empty() && text.len() <= longest && text.iter().all(u8::is_ascii_graphic);
    fit.then(|| std::str::from_utf8(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_line_is_taken_apart() {
        let line = reply(b"550-5.7.509 Access denied\r\n").unwrap();
        assert_eq!((line.code, line.status, line.text), (550, Status::parse(b"5.7.509"), &b"Access denied"[..]));
        let bare = reply(b"250").unwrap();
        assert_eq!((bare.code, bare.status, bare.text), (250, None, &b""[..]));
        assert!(reply(b"25x").is_none() && reply(b"220mx.example").is_none());
    }

    #[test]
    fn a_whole_reply_is_joined_without_its_codes() {
        let gmail = b"550-5.1.1 The email account  that\r\n550-5.1.1 you tried\r\n550 5.1.1 to reach - gsmtp\r\n";
        let normal = normal(gmail);
        assert_eq!((normal.code, normal.status), (550, Status::parse(b"5.1.1")));
        assert_eq!(normal.text, b"The email account that you tried to reach - gsmtp");
    }
}
