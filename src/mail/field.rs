//! The fields of a letter's header.
//!
//! ```abnf
//! fields = *(field-name ":" unstructured CRLF)           ; RFC 5322 §3.6.8; a line that begins with WSP goes on
//! ```

/// How many fields have this name, in any case.
pub fn count(letter: &[u8], name: &[u8]) -> usize {
    header(letter).filter(|line| is_field(line, name)).count()
}

/// The lines of the header, without their ends, up to the empty line or the end.
fn header(letter: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = letter.split(|octet| *octet == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.take_while(|line| !line.is_empty())
}

/// White space may stand before the colon in letters of old (RFC 5322 §4.5).
fn is_field(line: &[u8], name: &[u8]) -> bool {
    let Some((head, rest)) = line.split_at_checked(name.len()) else { return false };
    head.eq_ignore_ascii_case(name) && rest.trim_ascii_start().starts_with(b":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_counted_in_the_header_only_and_in_any_case() {
        let letter =
            b"Received: one\r\n\tReceived: two\r\nRECEIVED : three\r\nReceivedx: no\r\n\r\nReceived: in the text\r\n";
        assert_eq!(count(letter, b"Received"), 2);
        assert_eq!(count(b"", b"Received"), 0);
        assert_eq!(count(b"received:", b"Received"), 1);
    }
}
