//! A letter that arrived, raw or with its headers explained, and the list of letters.
//!
//! What the server added on top (Return-Path, Received) is told apart from what was sent.

mod parts;
pub mod told;
mod trail;

use crate::knowledge::about::About;
use crate::knowledge::note::note;
use crate::mail::field::{split, value};
use crate::ports::lab::Delivered;

use super::text::{Role, Run, clip, width, wrap_hard, wrap_words};

/// How a letter is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reading {
    /// Each header with what it is for, then the text.
    #[default]
    Explained,
    /// Byte for byte.
    Raw,
    /// The parts that it has.
    Parts,
}

impl Reading {
    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Explained => Self::Raw,
            Self::Raw => Self::Parts,
            Self::Parts => Self::Explained,
        }
    }

    /// What is seen then.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Explained => "explain headers",
            Self::Raw => "raw",
            Self::Parts => "parts",
        }
    }
}

/// One line of the list of letters.
pub fn entry(letter: &Delivered, room: usize, ascii: bool, shown: fn(&[u8]) -> String) -> Vec<Run> {
    let from = if letter.from.is_empty() { "<> (null sender)" } else { &letter.from };
    let subject = subject(&letter.letter).map_or_else(|| "(no subject)".to_owned(), shown);
    let octets = format!("{} bytes", letter.letter.len());
    let to = clip(&shown(letter.mailbox.as_bytes()), 24, ascii);
    let from = clip(&shown(from.as_bytes()), 24, ascii);
    let left = room.saturating_sub(width(&octets) + 1);
    let text = clip(&format!("{to:<24} {from:<24} {subject}"), left, ascii);
    let gap = room.saturating_sub(width(&text));
    vec![Run::new(text, Role::Text), Run::new(format!("{octets:>gap$}"), Role::Quiet)]
}

/// A letter as lines of `room` cells.
pub fn lines(letter: &Delivered, reading: Reading, room: usize, shown: fn(&[u8]) -> String) -> Vec<Vec<Run>> {
    match reading {
        Reading::Raw => raw(letter, room, shown),
        Reading::Explained => explained(letter, room, shown),
        Reading::Parts => parts::lines(&letter.letter, room, shown),
    }
}

fn raw(letter: &Delivered, room: usize, shown: fn(&[u8]) -> String) -> Vec<Vec<Run>> {
    let mut lines = Vec::new();
    let mut at = 0;
    for line in letter.letter.split_inclusive(|octet| *octet == b'\n') {
        let added = at < letter.added;
        at += line.len();
        let sign = if added { Run::new("+ ", Role::Added) } else { Run::new("  ", Role::Text) };
        let text = Run::new(shown(without_end(line)), if added { Role::Quiet } else { Role::Text });
        for (index, part) in wrap_hard(&[text], room.saturating_sub(2)).into_iter().enumerate() {
            let mut runs = vec![if index == 0 { sign.clone() } else { Run::new("  ", Role::Text) }];
            runs.extend(part);
            lines.push(runs);
        }
    }
    lines
}

fn explained(letter: &Delivered, room: usize, shown: fn(&[u8]) -> String) -> Vec<Vec<Run>> {
    let mut lines = vec![vec![
        Run::new("envelope  ", Role::Quiet),
        Run::new(
            format!("from <{}> to <{}>", shown(letter.from.as_bytes()), shown(letter.mailbox.as_bytes())),
            Role::Text,
        ),
    ]];
    lines.push(Vec::new());
    let (fields, body) = split(&letter.letter);
    lines.extend(trail::way(&fields, room, shown));
    let mut at = 0;
    for field in fields {
        let added = at < letter.added;
        at += field.len();
        self::field(field, added, room, shown, &mut lines);
        lines.extend(trail::checks(field, room, shown));
    }
    lines.push(vec![Run::new("(an empty line ends the headers)", Role::Quiet)]);
    for line in body.split_inclusive(|octet| *octet == b'\n') {
        lines.extend(wrap_hard(&[Run::new(shown(without_end(line)), Role::Text)], room));
    }
    lines
}

fn field(field: &[u8], added: bool, room: usize, shown: fn(&[u8]) -> String, lines: &mut Vec<Vec<Run>>) {
    let colon = field.iter().position(|octet| *octet == b':');
    let (name, value) = field.split_at_checked(colon.unwrap_or(0)).unwrap_or((b"", field));
    let value: Vec<&[u8]> = value.split(|octet| *octet == b'\n').map(<[u8]>::trim_ascii).collect();
    let value = value.join(&b' ');
    let name = shown(name);
    let mut runs = Vec::with_capacity(3);
    if added {
        runs.push(Run::new("+ ", Role::Added));
    }
    runs.push(Run::new(name.clone(), Role::Heading));
    runs.push(Run::new(shown(value.trim_ascii_end()), Role::Text));
    for (index, part) in wrap_words(&runs, room.saturating_sub(2)).into_iter().enumerate() {
        let mut runs = vec![Run::new(if index == 0 { "" } else { "  " }, Role::Text)];
        runs.extend(part);
        lines.push(runs);
    }
    let words = note(&About::Header(&name)).text;
    let words = match (added, words.is_empty()) {
        (true, true) => "added by the server".to_owned(),
        (true, false) => format!("added by the server: {words}"),
        (false, true) => return,
        (false, false) => words.into_owned(),
    };
    for part in wrap_words(&[Run::new(words, Role::Note)], room.saturating_sub(4)) {
        let mut runs = vec![Run::new("    ", Role::Text)];
        runs.extend(part);
        lines.push(runs);
    }
}

fn subject(letter: &[u8]) -> Option<&[u8]> {
    let (fields, _) = split(letter);
    fields.into_iter().find_map(|field| value(field, b"Subject")).map(<[u8]>::trim_ascii)
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    fn letter() -> Delivered {
        let added = "Return-Path: <you@you.test>\r\n";
        let text = "Subject: hi\r\nX-Odd: one\r\n two\r\n\r\n.dot\r\n";
        Delivered {
            at: 0,
            host: "mx1.harbor.test".into(),
            mailbox: "pat@harbor.test".into(),
            id: "1".into(),
            from: "you@you.test".into(),
            letter: format!("{added}{text}").into_bytes().into(),
            added: added.len(),
        }
    }

    fn text(lines: &[Vec<Run>]) -> Vec<String> {
        lines.iter().map(|line| line.iter().map(|run| run.text.as_str()).collect()).collect()
    }

    #[test]
    fn raw_is_byte_for_byte_with_the_servers_lines_marked() {
        let lines = text(&lines(&letter(), Reading::Raw, 60, shown));
        assert_eq!(lines, ["+ Return-Path: <you@you.test>", "  Subject: hi", "  X-Odd: one", "   two", "  ", "  .dot"]);
    }

    #[test]
    fn explained_joins_folded_headers_and_says_what_they_are_for() {
        let lines = text(&lines(&letter(), Reading::Explained, 60, shown));
        assert_eq!(lines[0], "envelope  from <you@you.test> to <pat@harbor.test>");
        assert!(lines.contains(&"X-Odd: one two".to_owned()), "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("added by the server")));
        assert_eq!(lines.last().map(String::as_str), Some(".dot"));
        assert_eq!(subject(&letter().letter), Some(&b"hi"[..]));
    }

    #[test]
    fn a_long_header_breaks_between_its_words() {
        let mut long = letter();
        long.letter = b"X-Longer: from laptop.you.test by mx1.harbor.test\r\n\r\n".to_vec().into();
        long.added = 0;
        let lines = text(&lines(&long, Reading::Explained, 34, shown));
        assert_eq!(lines[2..4], ["X-Longer: from laptop.you.test ", "  by mx1.harbor.test"]);
    }

    #[test]
    fn a_letter_without_headers_or_body_is_no_trouble() {
        let mut bare = letter();
        bare.letter = b"no colon".to_vec().into();
        bare.added = 0;
        assert!(!lines(&bare, Reading::Explained, 20, shown).is_empty());
        bare.letter = Vec::new().into();
        assert!(lines(&bare, Reading::Raw, 20, shown).is_empty());
    }
}
