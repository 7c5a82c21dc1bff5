//! A text as its reader saw it: without the colours that a pager or `journalctl` put in, and as UTF-8 where Windows wrote
//! UTF-16. Any other sequence of a terminal stays, and is shown.

use std::borrow::Cow;

use crate::record::foreign::utf16;

/// What files of Windows begin with in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// A whole text.
pub(super) fn legible(text: Vec<u8>) -> Vec<u8> {
    let text = utf16(&text).unwrap_or(text);
    uncoloured(without_mark(&text)).into_owned()
}

/// Without a byte order mark.
pub(super) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(MARK).unwrap_or(text)
}

/// Without SGR sequences (ECMA-48 §8.3.117): ESC, `[`, digits and semicolons, `m`.
pub(super) fn uncoloured(text: &[u8]) -> Cow<'_, [u8]> {
    let Some(mut at) = memchr::memchr(0x1b, text) else { return text.into() };
    let (mut plain, mut rest) = (Vec::with_capacity(text.len()), text);
    while let Some((before, sequence)) = rest.split_at_checked(at) {
        plain.extend_from_slice(before);
        let body = sequence.strip_prefix(b"\x1b[").unwrap_or_default();
        let digits = body.iter().take_while(|octet| octet.is_ascii_digit() || **octet == b';').count();
        let colour = body.get(digits) == Some(&b'm');
        let length = if colour { digits + 3 } else { 1 };
        let (sequence, behind) = sequence.split_at_checked(length).unwrap_or((sequence, b""));
        if !colour {
            plain.extend_from_slice(sequence);
        }
        rest = behind;
        match memchr::memchr(0x1b, rest) {
            Some(next) => at = next,
            None => break,
        }
    }
    plain.extend_from_slice(rest);
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_off_and_other_sequences_stay() {
        for (text, plain) in [
            (&b"\x1b[1;32m550\x1b[0m no\x1b[m"[..], &b"550 no"[..]),
            (b"550 \x1b[2Jno\x1b", b"550 \x1b[2Jno\x1b"),
            (b"550 no", b"550 no"),
            (b"\x1b[31", b"\x1b[31"),
        ] {
            assert_eq!(uncoloured(text).as_ref(), plain, "{}", text.escape_ascii());
        }
        let wide: Vec<u8> = "\u{feff}550 no".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(legible(wide), b"550 no");
        assert_eq!(legible(b"\xef\xbb\xbf550 no".to_vec()), b"550 no");
    }
}
