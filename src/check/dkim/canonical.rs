//! Canonical form: what a relay may change on the way without breaking a signature (RFC 6376 §3.4).

/// A way to make things canonical.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Canon {
    /// Almost no change is forgiven.
    Simple,
    /// White space may change, and the case of field names.
    Relaxed,
}

impl Canon {
    /// The word in `c=`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Relaxed => "relaxed",
        }
    }
}

/// A header field with its end, as it is hashed (RFC 6376 §3.4.1, §3.4.2).
pub fn field(canon: Canon, field: &[u8]) -> Vec<u8> {
    if canon == Canon::Simple {
        return field.to_vec();
    }
    let (name, value) = field.split_at_checked(colon(field)).unwrap_or((field, b""));
    let mut line = name.trim_ascii_end().to_ascii_lowercase();
    line.push(b':');
    let unfolded: Vec<u8> =
        value.get(1..).unwrap_or_default().iter().copied().filter(|octet| !b"\r\n".contains(octet)).collect();
    line.extend(one_space(unfolded.trim_ascii()));
    line.extend(b"\r\n");
    line
}

/// The text as it is hashed (RFC 6376 §3.4.3, §3.4.4).
pub fn body(canon: Canon, text: &[u8]) -> Vec<u8> {
    let mut canonical = Vec::with_capacity(text.len() + 2);
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        let (line, end) = line.strip_suffix(b"\r\n").map_or((line, &b""[..]), |line| (line, b"\r\n"));
        match canon {
            Canon::Simple => canonical.extend_from_slice(line),
            Canon::Relaxed => canonical.extend(one_space(trim_end(line))),
        }
        canonical.extend_from_slice(end);
    }
    while canonical.ends_with(b"\r\n\r\n") || canonical == b"\r\n" {
        canonical.truncate(canonical.len() - 2);
    }
    // An empty text is one empty line in the simple form and nothing in the relaxed one.
    if !canonical.ends_with(b"\r\n") && (canon == Canon::Simple || !canonical.is_empty()) {
        canonical.extend(b"\r\n");
    }
    canonical
}

fn colon(field: &[u8]) -> usize {
    field.iter().position(|octet| *octet == b':').unwrap_or(field.len())
}

fn trim_end(line: &[u8]) -> &[u8] {
    let kept = line.iter().rposition(|octet| !b" \t".contains(octet)).map_or(0, |last| last + 1);
    line.get(..kept).unwrap_or_default()
}

/// Each run of white space as one space.
fn one_space(octets: &[u8]) -> impl Iterator<Item = u8> {
    let mut blank = false;
    octets.iter().filter_map(move |octet| {
        let is_blank = b" \t".contains(octet);
        let kept = if is_blank { (!blank).then_some(b' ') } else { Some(*octet) };
        blank = is_blank;
        kept
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_rfc() {
        // RFC 6376 §3.4.5.
        let text = b" C \r\nD \t E\r\n\r\n\r\n";
        assert_eq!(field(Canon::Relaxed, b"A: X\r\n"), b"a:X\r\n");
        assert_eq!(field(Canon::Relaxed, b"B : Y\t\r\n\tZ  \r\n"), b"b:Y Z\r\n");
        assert_eq!(body(Canon::Relaxed, text), b" C\r\nD E\r\n");
        assert_eq!(field(Canon::Simple, b"B : Y\t\r\n\tZ  \r\n"), b"B : Y\t\r\n\tZ  \r\n");
        assert_eq!(body(Canon::Simple, text), b" C \r\nD \t E\r\n");
    }

    #[test]
    fn an_empty_text_is_a_line_or_nothing() {
        for text in [&b""[..], b"\r\n", b"\r\n\r\n\r\n"] {
            assert_eq!(body(Canon::Simple, text), b"\r\n");
            assert_eq!(body(Canon::Relaxed, text), b"");
        }
        assert_eq!(body(Canon::Relaxed, b"no end"), b"no end\r\n");
        assert_eq!(body(Canon::Simple, b"no end"), b"no end\r\n");
    }
}
