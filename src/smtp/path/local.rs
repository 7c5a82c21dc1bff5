//! Local parts: what stands before the `@`.
//!
//! ```abnf
//! Local-part      = Dot-string / Quoted-string           ; RFC 5321 §4.1.2
//! Dot-string      = Atom *("." Atom)
//! Atom            = 1*atext                              ; atext: RFC 5322 §3.2.3, beyond ASCII: RFC 6531 §3.3
//! Quoted-string   = DQUOTE *QcontentSMTP DQUOTE
//! QcontentSMTP    = qtextSMTP / quoted-pairSMTP
//! quoted-pairSMTP = %d92 %d32-126
//! qtextSMTP       = %d32-33 / %d35-91 / %d93-126
//! ```

use std::borrow::Cow;

/// True if a local part is written as the grammar asks.
pub(super) fn is_valid(local: &[u8]) -> bool {
    if local.starts_with(b"\"") {
        return quoted_len(local) == Some(local.len());
    }
    local.split(|octet| *octet == b'.').all(|atom| !atom.is_empty() && atom.iter().all(|octet| is_atext(*octet)))
}

/// The length of the quoted string at the beginning of a text, quotes included.
pub(super) fn quoted_len(text: &[u8]) -> Option<usize> {
    let mut rest = text.strip_prefix(b"\"")?;
    loop {
        rest = match rest {
            [b'"', tail @ ..] => return Some(text.len() - tail.len()),
            [b'\\', b' '..=b'~', tail @ ..] | [b' '..=b'!' | b'#'..=b'[' | b']'..=b'~' | 0x80.., tail @ ..] => tail,
            _ => return None,
        };
    }
}

/// A local part without quotes and backslashes.
pub(super) fn unquoted(local: &[u8]) -> Cow<'_, [u8]> {
    let Some(content) = local.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) else {
        return Cow::Borrowed(local);
    };
    if !content.contains(&b'\\') {
        return Cow::Borrowed(content);
    }
    let mut plain = Vec::with_capacity(content.len());
    let mut octets = content.iter();
    while let Some(octet) = octets.next() {
        plain.push(if *octet == b'\\' { *octets.next().unwrap_or(octet) } else { *octet });
    }
    Cow::Owned(plain)
}

const fn is_atext(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(octet, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'/' | b'=' | b'?' | b'^'..=b'`' | b'{'..=b'~' | 0x80..)
}
