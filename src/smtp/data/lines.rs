//! The lines of a letter, as the wire ends them (RFC 5321 §2.3.8).

use memchr::memchr2;

/// The letter with CR LF at the end of every line, the last one too. A lone CR or LF ends a line.
pub fn with_crlf(letter: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(letter.len() + letter.len() / 32 + 2);
    let mut rest = letter;
    while !rest.is_empty() {
        let (line, end) = rest.split_at(memchr2(b'\r', b'\n', rest).unwrap_or(rest.len()));
        lines.extend_from_slice(line);
        lines.extend_from_slice(b"\r\n");
        rest = end.strip_prefix(b"\r\n").unwrap_or(end.get(1..).unwrap_or_default());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::with_crlf;

    #[test]
    fn every_line_is_ended_once() {
        for (letter, lines) in [
            (&b""[..], &b""[..]),
            (b"a", b"a\r\n"),
            (b"a\n", b"a\r\n"),
            (b"a\r\nb\rc\n\nd", b"a\r\nb\r\nc\r\n\r\nd\r\n"),
            (b"\r\r\n", b"\r\n\r\n"),
        ] {
            assert_eq!(with_crlf(letter), lines);
        }
    }
}
