//! The fields of a letter's header.
//!
//! ```abnf
//! fields = *(field-name ":" unstructured CRLF)           ; RFC 5322 §3.6.8; a line that begins with WSP goes on
//! ```

/// How many fields have this name, in any case.
pub fn count(letter: &[u8], name: &[u8]) -> usize {
    header(letter).filter(|line| is_field(line, name)).count()
}

/// The header fields, each whole with its folded lines and their ends, and what stands behind the empty line.
pub fn split(letter: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let mut fields: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    for line in letter.split_inclusive(|octet| *octet == b'\n') {
        let end = at + line.len();
        if matches!(line, b"\n" | b"\r\n") {
            at = end;
            break;
        }
        match fields.last_mut() {
            Some(last) if line.starts_with(b" ") || line.starts_with(b"\t") => last.1 = end,
            _ => fields.push((at, end)),
        }
        at = end;
    }
    let fields = fields.into_iter().filter_map(|(start, end)| letter.get(start..end)).collect();
    (fields, letter.get(at..).unwrap_or_default())
}

/// What stands behind the colon of a field with this name, in any case; folded lines and the end are part of it.
pub fn value<'f>(field: &'f [u8], name: &[u8]) -> Option<&'f [u8]> {
    is_field(field, name).then(|| field.splitn(2, |octet| *octet == b':').nth(1).unwrap_or_default())
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

    #[test]
    fn fields_keep_their_folded_lines_and_the_text_stands_behind_the_empty_line() {
        let (fields, text) = split(b"Subject: a\r\n b\r\nTo: c\r\n\r\nhi\r\n\r\n");
        assert_eq!(fields, [&b"Subject: a\r\n b\r\n"[..], b"To: c\r\n"]);
        assert_eq!(text, b"hi\r\n\r\n");
        assert_eq!(value(fields[0], b"SUBJECT"), Some(&b" a\r\n b\r\n"[..]));
        assert_eq!(value(fields[0], b"To"), None);
        assert_eq!(split(b""), (Vec::new(), &b""[..]));
    }
}
