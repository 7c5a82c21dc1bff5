//! Octets as a person reads them: a hex dump with glyphs for CR and LF, and a spelled-out form for one line.
//!
//! ```text
//! 0000  44 41 54 41 0d 0a                                DATA␍␊
//! "DATA" CR LF
//! ```
//!
//! Everything made here is printable ASCII or one of the control pictures, whatever the octets are.

/// One line of a dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DumpLine {
    /// Offset of the first octet.
    pub offset: usize,
    /// The octets in hex, padded to the full width.
    pub hex: String,
    /// The same octets, one cell each.
    pub glyphs: String,
}

/// How many octets a line of a dump holds in `width` columns: 16, 8 or 4.
pub const fn per_line(width: u16) -> usize {
    match width {
        0..=34 => 4,
        35..=71 => 8,
        _ => 16,
    }
}

/// The lines of a dump with `per_line` octets each. Nothing for no octets.
pub fn dump(bytes: &[u8], per_line: usize, ascii: bool) -> impl Iterator<Item = DumpLine> {
    let per_line = per_line.max(1);
    bytes.chunks(per_line).enumerate().map(move |(index, chunk)| DumpLine {
        offset: index * per_line,
        hex: padded(hex(chunk), per_line * 3 - 1),
        glyphs: chunk.iter().map(|&octet| glyph(octet, ascii)).collect(),
    })
}

/// Octets in hex with a space between: `44 41 54 41 0d 0a`.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 3);
    for (index, octet) in bytes.iter().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        text.push(digit(octet >> 4));
        text.push(digit(octet & 15));
    }
    text
}

/// Octets spelled out: printable runs in quotes, controls by name, others in hex: `"DATA" CR LF`.
pub fn spelled(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut quoted = false;
    for &octet in bytes {
        let printable = octet == b' ' || octet.is_ascii_graphic();
        if printable != quoted {
            if printable && !text.is_empty() {
                text.push(' ');
            }
            text.push_str(if printable { "\"" } else { "\" " });
            quoted = printable;
        } else if !printable && !text.is_empty() {
            text.push(' ');
        }
        match (printable, control_name(octet)) {
            (true, _) => text.push(char::from(octet)),
            (false, Some(name)) => text.push_str(name),
            (false, None) => text.extend(['<', digit(octet >> 4), digit(octet & 15), '>']),
        }
    }
    if quoted {
        text.push('"');
    }
    text
}

/// The name of a control octet that a mail engineer would say.
fn control_name(octet: u8) -> Option<&'static str> {
    Some(match octet {
        0 => "NUL",
        9 => "TAB",
        10 => "LF",
        13 => "CR",
        27 => "ESC",
        127 => "DEL",
        _ => return None,
    })
}

fn glyph(octet: u8, ascii: bool) -> char {
    match octet {
        b' '..=b'~' => char::from(octet),
        _ if ascii => '.',
        0..=31 => char::from_u32(0x2400 + u32::from(octet)).unwrap_or('.'),
        127 => '\u{2421}',
        _ => '\u{b7}',
    }
}

fn digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or('?')
}

fn padded(mut text: String, width: usize) -> String {
    while text.len() < width {
        text.push(' ');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_end_has_glyphs_and_names() {
        let lines: Vec<_> = dump(b"DATA\r\n", 8, false).collect();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].hex, "44 41 54 41 0d 0a      ");
        assert_eq!(lines[0].glyphs, "DATA␍␊");
        assert_eq!(dump(b"DATA\r\n", 8, true).next().unwrap().glyphs, "DATA..");
        assert_eq!(spelled(b"DATA\r\n"), "\"DATA\" CR LF");
        assert_eq!(spelled(b"a\rb\n\n"), "\"a\" CR \"b\" LF LF");
        assert_eq!(spelled(b"\r\n"), "CR LF");
        assert_eq!(spelled(b"\xff\0x"), "<ff> NUL \"x\"");
        assert_eq!(spelled(b" x"), "\" x\"");
        assert_eq!(spelled(b""), "");
    }

    #[test]
    fn long_bytes_take_several_lines() {
        let lines: Vec<_> = dump(&[b'x'; 20], 16, false).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1].offset, 16);
        assert_eq!(lines[0].hex.len(), lines[1].hex.len());
    }

    proptest! {
        #[test]
        fn nothing_but_printable_text_comes_out(bytes in proptest::collection::vec(any::<u8>(), 0..100), ascii: bool) {
            for line in dump(&bytes, 16, ascii) {
                prop_assert!(line.glyphs.chars().all(|c| !c.is_control()));
                if ascii { prop_assert!(line.glyphs.is_ascii()); }
            }
            prop_assert!(spelled(&bytes).chars().all(|c| c.is_ascii() && !c.is_control()));
            prop_assert_eq!(hex(&bytes).len(), (bytes.len() * 3).saturating_sub(1));
        }
    }
}
