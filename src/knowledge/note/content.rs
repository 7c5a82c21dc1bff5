//! The note on a line of the letter: header fields by name, the empty line, the dot that is added or lost.

use super::Note;
use crate::knowledge::about::Part;
use crate::knowledge::fields;
use crate::knowledge::line::without_end;

/// The longest line of a letter, in octets without CRLF (RFC 5321 §4.5.3.1.6).
const LONGEST_LINE: usize = 998;

/// The note on a line of the letter.
pub(crate) fn note(line: &[u8], part: Part) -> Note {
    let line = without_end(line);
    match line {
        [b'.', b'.', ..] => return Note::plain("the first dot is stuffing: the server takes it away"),
        [b'.', ..] => return Note::problem("one dot at the start: the server takes it away"),
        _ => {}
    }
    if line.len() > LONGEST_LINE {
        return Note::problem("longer than the 998 characters that a line may have");
    }
    match part {
        Part::Separator => Note::plain("empty line: the header ends, the text begins"),
        Part::Header => header(line),
        Part::Body => Note::default(),
        Part::Unknown => known_field(line).unwrap_or_default(),
    }
}

/// A line of the header: a field, its continuation, or neither (RFC 5322 §2.2).
fn header(line: &[u8]) -> Note {
    match line {
        [b' ' | b'\t', ..] => Note::plain("goes on with the field above"),
        b"" => Note::plain("empty line: the header ends, the text begins"),
        _ if fields::name_of(line).is_none() => Note::problem("no header field: an empty line should come first"),
        _ => known_field(line).unwrap_or_else(|| Note::plain("a header field of its own")),
    }
}

/// The words on a field that the table knows.
fn known_field(line: &[u8]) -> Option<Note> {
    let entry = fields::name_of(line).and_then(fields::header)?;
    Some(Note::plain(entry.gloss.as_str()))
}

#[cfg(test)]
mod tests {
    use super::super::Sign;
    use super::*;

    #[test]
    fn header_fields_are_known_by_name() {
        assert_eq!(note(b"Subject: dots\r\n", Part::Header).text, "the topic");
        assert_eq!(note(b"X-Mine: 1\r\n", Part::Header).text, "a header field of its own");
        assert_eq!(note(b" folded\r\n", Part::Header).text, "goes on with the field above");
        assert_eq!(note(b"hello there\r\n", Part::Header).sign, Sign::Problem);
        assert_eq!(note(b"\r\n", Part::Separator).text, "empty line: the header ends, the text begins");
        assert_eq!(note(b"hello there\r\n", Part::Body), Note::default());
        assert_eq!(note(b"From: x\r\n", Part::Unknown).text, "the author, as readers see it");
    }

    #[test]
    fn a_dot_at_the_start_is_pointed_at() {
        assert_eq!(note(b"..hidden\r\n", Part::Body).sign, Sign::Plain);
        assert_eq!(note(b".hidden\r\n", Part::Body).sign, Sign::Problem);
    }

    #[test]
    fn a_long_line_is_pointed_at_from_its_999th_character() {
        assert_eq!(note(&[b'x'; 998], Part::Body), Note::default());
        assert_eq!(note(&[b'x'; 999], Part::Body).sign, Sign::Problem);
    }
}
