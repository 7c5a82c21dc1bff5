//! Reading a line for its note: code, separator, enhanced code and text of a reply line; verb and argument of a
//! command. Framing is decided elsewhere (`smtp`); here a line is only taken apart, and nothing can go wrong.

use super::servers::message::Normal;

/// A reply line taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reply<'a> {
    /// The three digits.
    pub(crate) code: u16,
    /// The enhanced code as written, without what follows it.
    pub(crate) enhanced: Option<&'a str>,
    /// Class, subject and detail of it.
    pub(crate) status: Option<(u16, u16, u16)>,
    /// The text behind both.
    pub(crate) text: &'a [u8],
}

/// Takes a reply line apart; nothing if it does not begin with three digits.
pub(crate) fn reply(line: &[u8]) -> Option<Reply<'_>> {
    let line = trim_end(line);
    let (digits, rest) = line.split_at_checked(3)?;
    let code = number(digits)?;
    let text = match rest {
        [b' ' | b'-', text @ ..] => text,
        other => other,
    };
    let (enhanced, text) = enhanced(text);
    let status = enhanced.and_then(triple);
    Some(Reply { code, enhanced, status, text })
}

/// The enhanced code at the start of a text, and what follows it (RFC 2034 §4).
fn enhanced(text: &[u8]) -> (Option<&str>, &[u8]) {
    let end = text.iter().position(|byte| *byte == b' ').unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end).unwrap_or((text, b""));
    let plausible = matches!(word, [b'2' | b'4' | b'5', b'.', ..]) && word.len() <= 9;
    let Some(code) = std::str::from_utf8(word).ok().filter(|word| plausible && triple(word).is_some()) else {
        return (None, text);
    };
    let rest = rest.iter().position(|byte| *byte != b' ').and_then(|start| rest.get(start..)).unwrap_or(b"");
    (Some(code), rest)
}

/// `5.7.509` as three numbers.
pub(crate) fn triple(text: &str) -> Option<(u16, u16, u16)> {
    let mut parts = text.split('.').map(|part| number(part.as_bytes()));
    let found = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(found)
}

/// One to three digits as a number.
fn number(digits: &[u8]) -> Option<u16> {
    let fits = (1..=3).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    fits.then(|| digits.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0')))
}

/// The line without its end and without white space before it (RFC 5321 §4.1.1 asks receivers to ignore that).
pub(crate) fn trim_end(line: &[u8]) -> &[u8] {
    line.trim_ascii_end()
}

/// The line without its end.
pub(crate) fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The first word of a line, and the rest without the spaces between.
pub(crate) fn first_word(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
    let (word, rest) = line.split_at_checked(end).unwrap_or((line, b""));
    (word, rest.trim_ascii_start())
}

/// A whole reply as messages are matched: lines without codes joined by one space, white space squeezed.
pub(crate) fn normal(whole: &[u8]) -> Normal {
    let mut normal = Normal::default();
    for line in whole.split(|byte| *byte == b'\n') {
        let Some(reply) = reply(line) else { continue };
        normal.code = reply.code;
        if let (true, Some(enhanced)) = (normal.enhanced.is_empty(), reply.enhanced) {
            enhanced.clone_into(&mut normal.enhanced);
        }
        for word in reply.text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
            if !normal.text.is_empty() {
                normal.text.push(b' ');
            }
            normal.text.extend_from_slice(word);
        }
    }
    normal
}

/// `text` if it is printable ASCII of at most `longest` octets: fit to stand in a note.
pub(crate) fn plain(text: &[u8], longest: usize) -> Option<&str> {
    let fit = !text.is_empty() && text.len() <= longest && text.iter().all(u8::is_ascii_graphic);
    fit.then(|| std::str::from_utf8(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_line_is_taken_apart() {
        let line = reply(b"550-5.7.509 Access denied\r\n").unwrap();
        assert_eq!((line.code, line.status, line.text), (550, Some((5, 7, 509)), &b"Access denied"[..]));
        let bare = reply(b"250").unwrap();
        assert_eq!((bare.code, bare.status, bare.text), (250, None, &b""[..]));
        assert!(reply(b"25x").is_none());
    }

    #[test]
    fn a_version_number_is_no_enhanced_code() {
        let line = reply(b"220 5.7.1.2 x").unwrap();
        assert_eq!((line.enhanced, line.text), (None, &b"5.7.1.2 x"[..]));
        assert_eq!(reply(b"250 3.1.1 x").unwrap().enhanced, None);
    }

    #[test]
    fn a_whole_reply_is_joined_without_its_codes() {
        let gmail = b"550-5.1.1 The email account  that\r\n550-5.1.1 you tried\r\n550 5.1.1 to reach - gsmtp\r\n";
        let normal = normal(gmail);
        assert_eq!((normal.code, normal.enhanced.as_str()), (550, "5.1.1"));
        assert_eq!(normal.text, b"The email account that you tried to reach - gsmtp");
    }
}
