//! The refusal of a token: a small JSON object in a last challenge (RFC 7628 §3.2.2; XOAUTH2 does the same).

/// The text of a field of a JSON object of plain strings, as `status` of `{"status":"400","scope":"…"}`.
///
/// No more of JSON is read than servers send here; escapes in a value are left as they are.
pub fn refusal_field<'a>(challenge: &'a [u8], name: &str) -> Option<&'a str> {
    let text = std::str::from_utf8(challenge).ok()?;
    let mut rest = text.trim_start().strip_prefix('{')?;
    loop {
        let (key, value) = string(rest)?;
        let (value, tail) = string(value.trim_start().strip_prefix(':')?)?;
        if key == name {
            return Some(value);
        }
        rest = tail.trim_start().strip_prefix(',')?;
    }
}

/// The JSON string at the beginning of a text, and what follows it.
fn string(text: &str) -> Option<(&str, &str)> {
    let inner = text.trim_start().strip_prefix('"')?;
    let mut escaped = false;
    let end = inner.bytes().position(|octet| {
        let ends = octet == b'"' && !escaped;
        escaped = octet == b'\\' && !escaped;
        ends
    })?;
    Some((inner.get(..end)?, inner.get(end + 1..)?))
}
