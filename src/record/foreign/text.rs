//! A file as lines of text, before anybody knows what it is: octets of UTF-16, signs of a terminal, quoting by mail.

use crate::record::reader::Remark;
use crate::smtp::limits::foreign::{LINE, LINES};

/// A line without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Its number in the file, from 1.
    pub(super) number: usize,
    pub(super) text: Vec<u8>,
}

/// The lines of a file, and what its reader should know of it.
pub(super) fn rows(file: &[u8]) -> (Vec<Row>, Vec<Remark>) {
    let mut remarks = Vec::new();
    let wide = utf16(file);
    if wide.is_some() {
        remarks.push(Remark::Utf16);
    }
    let file = wide.as_deref().unwrap_or(file);
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let drawn = is_drawn(file);
    let mut cut = 0;
    let mut rows = Vec::new();
    for (number, line) in (1..).zip(file.split(|octet| *octet == b'\n')) {
        if number > LINES {
            remarks.push(Remark::TooManyLines);
            break;
        }
        let line = without_cr(line);
        let mut text = if drawn { performed(line) } else { line.to_vec() };
        if text.len() > LINE {
            text.truncate(LINE);
            cut += 1;
        }
        rows.push(Row { number, text });
    }
    if cut > 0 {
        remarks.push(Remark::Cut(cut));
    }
    (rows, remarks)
}

/// A line without the CR before its end; a terminal that writes to a file makes more than one.
fn without_cr(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|octet| *octet != b'\r').map_or(0, |last| last + 1);
    line.get(..end).unwrap_or(line)
}

/// The text of a file in UTF-16, as Windows writes one when output is redirected; nothing for any other.
pub fn utf16(file: &[u8]) -> Option<Vec<u8>> {
    let (body, little) = match file {
        [0xff, 0xfe, body @ ..] => (body, true),
        [0xfe, 0xff, body @ ..] => (body, false),
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => (file, true),
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => (file, false),
        _ => return None,
    };
    let unit = |pair: &[u8]| match pair {
        [low, high] if little => u16::from_le_bytes([*low, *high]),
        [high, low] => u16::from_be_bytes([*high, *low]),
        _ => u16::from(b'?'),
    };
    let characters = char::decode_utf16(body.chunks(2).map(unit));
    let text: String = characters.map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Some(text.into_bytes())
}

/// True for what `script` wrote: it holds what a shell draws with, not only what was said.
fn is_drawn(file: &[u8]) -> bool {
    let signs: [&[u8]; 3] = [b"\x1b[?2004", b"\x1b]0;", b"\x1b[K"];
    file.starts_with(b"Script started") || signs.iter().any(|sign| memchr::memmem::find(file, sign).is_some())
}

/// A line as a terminal shows it that was drawn from its beginning to its end: what was erased is gone, and sequences
/// that draw are no text.
fn performed(line: &[u8]) -> Vec<u8> {
    let mut text: Vec<u8> = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some((octet, behind)) = rest.split_first() {
        rest = match octet {
            0x1b => behind_sequence(behind),
            0x08 => {
                erase(&mut text);
                behind
            }
            0x07 => behind,
            other => {
                text.push(*other);
                behind
            }
        };
    }
    without_cr(&text).to_vec()
}

/// Takes the last character back.
fn erase(text: &mut Vec<u8>) {
    while let Some(octet) = text.pop() {
        if !(0x80..0xc0).contains(&octet) {
            return;
        }
    }
}

/// What stands behind a sequence whose ESC was taken (ECMA-48 §5.4): CSI … final, OSC … BEL or ST, or one octet more.
fn behind_sequence(text: &[u8]) -> &[u8] {
    let end = match text.first() {
        Some(b'[') => text.iter().skip(1).position(|octet| (0x40..0x7f).contains(octet)).map(|at| at + 2),
        Some(b']') => text.iter().position(|octet| matches!(octet, 0x07 | 0x1b)).map(|at| {
            let string = text.get(at) == Some(&0x1b);
            at + 1 + usize::from(string)
        }),
        _ => Some(1),
    };
    end.and_then(|end| text.get(end..)).unwrap_or_default()
}

/// The lines that a mail quotes, without the sign of it; nothing if it quotes less than two.
pub(super) fn unquoted(rows: Vec<Row>) -> Option<Vec<Row>> {
    let quoted = |row: Row| {
        let rest = row.text.trim_ascii_start().strip_prefix(b">")?;
        let text = rest.strip_prefix(b" ").unwrap_or(rest).to_vec();
        Some(Row { text, ..row })
    };
    let rows: Vec<Row> = rows.into_iter().filter_map(quoted).collect();
    (rows.len() > 1).then_some(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(file: &[u8]) -> Vec<String> {
        rows(file).0.into_iter().map(|row| String::from_utf8(row.text).unwrap()).collect()
    }

    #[test]
    fn windows_and_its_utf16_are_text_as_any_other() {
        assert_eq!(texts(b"\xef\xbb\xbf220 hi\r\nEHLO a\r\r\n"), ["220 hi", "EHLO a", ""]);
        let wide: Vec<u8> = "220 hé\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for file in [wide.clone(), [b"\xff\xfe".to_vec(), wide].concat()] {
            assert_eq!(texts(&file), ["220 hé", ""]);
            assert_eq!(rows(&file).1, [Remark::Utf16]);
        }
    }

    #[test]
    fn what_script_drew_is_read_as_it_was_seen_and_nothing_is_taken_from_other_files() {
        let typed = b"Script started on 2026-11-30\n\x1b[?2004h\x1b]0;sh\x07$ telnex\x08 \x08t mx\x1b[0m\r\r\n";
        assert_eq!(texts(typed).get(1).unwrap(), "$ telnet mx");
        assert_eq!(texts(b"<-  220 \x1b[2J\x08mx"), ["<-  220 \u{1b}[2J\u{8}mx"]);
    }

    #[test]
    fn quoting_is_taken_off_where_there_is_some() {
        let (rows, _) = rows(b"Hello,\n> 220 hi\n>EHLO a\n > > deeper\nbye");
        let texts: Vec<_> = unquoted(rows).unwrap().into_iter().map(|row| (row.number, row.text)).collect();
        assert_eq!(texts, [(2, b"220 hi".to_vec()), (3, b"EHLO a".to_vec()), (4, b"> deeper".to_vec())]);
    }

    #[test]
    fn a_line_without_end_is_cut_and_told() {
        let long = vec![b'a'; LINE + 1];
        let (rows, remarks) = rows(&long);
        assert_eq!((rows[0].text.len(), remarks), (LINE, vec![Remark::Cut(1)]));
    }
}
