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

/// The header with its line ends, and the body. The empty line between them belongs to neither.
pub fn halves(letter: &[u8]) -> (&[u8], &[u8]) {
    let (fields, body) = split(letter);
    let end = fields.into_iter().map(<[u8]>::len).sum();
    (letter.get(..end).unwrap_or(letter), body)
}

/// What the first field with this name says: unfolded, without white space around it (RFC 5322 §2.2.3).
pub fn first(letter: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let (fields, _) = split(letter);
    let folded = fields.into_iter().find_map(|field| value(field, name))?;
    let unfolded: Vec<u8> = folded.iter().copied().filter(|octet| !matches!(octet, b'\r' | b'\n')).collect();
    Some(unfolded.trim_ascii().to_vec())
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

    #[test]
    fn header_and_body_are_what_the_empty_line_parts() {
        assert_eq!(halves(b"A: 1\r\n\r\nhi\r\n"), (&b"A: 1\r\n"[..], &b"hi\r\n"[..]));
        assert_eq!(halves(b"A: 1\n\n\nhi"), (&b"A: 1\n"[..], &b"\nhi"[..]));
        assert_eq!(halves(b"\r\nhi"), (&b""[..], &b"hi"[..]));
        assert_eq!(halves(b"A: 1\r\n"), (&b"A: 1\r\n"[..], &b""[..]));
    }

    #[test]
    fn the_first_field_of_a_name_is_unfolded() {
        let letter = b"Other: x\r\nSubject : one\r\n two\r\n\tthree\r\nTo: me\r\n\r\nSubject: no\r\n";
        assert_eq!(first(letter, b"subject").as_deref(), Some(&b"one two\tthree"[..]));
        assert_eq!(first(letter, b"To").as_deref(), Some(&b"me"[..]));
        assert_eq!(first(letter, b"Cc"), None);
    }
}
