//! What a person reads of a letter: its text, decoded, in the order in which it stands there.
//!
//! ```text
//! base64, quoted-printable     RFC 2045 §6.7, §6.8     decoded as far as they can be
//! text/plain, status reports   as they are
//! text/html                    without its marks, and only where there is no plain text
//! message/rfc822               a letter that came back: not part of what is said about it
//! ```

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::field;
use super::mime::{Part, tree};

/// Padding may be missing, and bits may be left over: what was sent is read, whatever its writer did.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The text of a letter without its header: at most so many octets of each of its first parts are looked at.
pub fn text(letter: &[u8], most: usize) -> Vec<u8> {
    let parts = tree(letter);
    let returned = parts.iter().filter(|part| part.kind.starts_with("message/rfc822") || part.kind == "message/global");
    let returned: Vec<_> = returned.map(|part| format!("{}.", part.number)).collect();
    let own = parts.iter().filter(|part| !returned.iter().any(|letter| part.number.starts_with(letter)));
    let own: Vec<_> = own.filter(|part| part.disposition.as_deref() != Some("attachment")).collect();
    let is_plain = |part: &Part<'_>| part.kind == "text/plain" || part.kind.ends_with("delivery-status");
    let plain = own.iter().any(|part| part.kind == "text/plain" && !part.body.trim_ascii().is_empty());
    let mut text = Vec::new();
    for part in own.into_iter().filter(|part| is_plain(part) || (!plain && part.kind == "text/html")) {
        let decoded = decoded(part, most);
        let decoded = if part.kind == "text/html" { unmarked(&decoded).into() } else { decoded };
        let room = most.saturating_sub(text.len());
        text.extend_from_slice(decoded.get(..room).unwrap_or(&decoded));
        text.extend_from_slice(b"\n\n");
    }
    if text.is_empty() {
        // Parts that no boundary parts, as letters are often pasted.
        let (_, body) = field::halves(letter);
        return body.get(..most).unwrap_or(body).to_vec();
    }
    text
}

/// The octets of a part without their transfer encoding, as UTF-8 if they are of Latin-1; at most so many are looked at.
pub fn decoded<'a>(part: &Part<'a>, most: usize) -> Cow<'a, [u8]> {
    let body = part.body.get(..most).unwrap_or(part.body);
    let octets = unencoded(body, &part.encoding);
    let charset = part.charset.as_deref().unwrap_or_default().to_ascii_lowercase();
    if matches!(charset.as_str(), "iso-8859-1" | "iso-8859-15" | "windows-1252" | "latin1") {
        return octets.iter().map(|octet| char::from(*octet)).collect::<String>().into_bytes().into();
    }
    octets
}

/// Octets without a transfer encoding, which is given in lower case.
pub(super) fn unencoded<'a>(body: &'a [u8], encoding: &str) -> Cow<'a, [u8]> {
    match encoding.trim() {
        "base64" => {
            let is_letter = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
            let mut letters: Vec<u8> = body.iter().copied().filter(is_letter).collect();
            // One letter alone stands for less than an octet.
            letters.truncate(letters.len() - usize::from(letters.len() % 4 == 1));
            LENIENT.decode(&letters).unwrap_or_default().into()
        }
        "quoted-printable" => unquoted(body).into(),
        _ => body.into(),
    }
}

/// Decodes quoted-printable; what is no code of it stays as it is (RFC 2045 §6.7 rule 1).
fn unquoted(body: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|octet| *octet == b'\n') {
        let mut rest = line;
        while let Some((octet, behind)) = rest.split_first() {
            rest = behind;
            if *octet != b'=' {
                text.push(*octet);
            } else if behind.trim_ascii().is_empty() {
                // A soft line break, with the white space that a transport may have added.
                rest = b"";
            } else if let Some((code, behind)) = behind.split_at_checked(2).filter(|(code, _)| is_hex(code)) {
                text.push(code.iter().fold(0, |value, digit| value << 4 | hex(*digit)));
                rest = behind;
            } else {
                text.push(b'=');
            }
        }
    }
    text
}

fn is_hex(code: &[u8]) -> bool {
    code.iter().all(u8::is_ascii_hexdigit)
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit.to_ascii_lowercase() - b'a') + 10,
    }
}

/// Octets of an entity at most, as `&thetasym;`.
const ENTITY: usize = 10;

/// The text of HTML: blocks become paragraphs, entities the characters that they stand for.
fn unmarked(html: &[u8]) -> Vec<u8> {
    let (mut text, mut rest) = (Vec::with_capacity(html.len() / 2), html);
    while let Some(at) = memchr::memchr2(b'<', b'&', rest) {
        let (before, marked) = rest.split_at_checked(at).unwrap_or((rest, b""));
        // Line ends mean nothing there.
        text.extend(before.iter().map(|octet| if octet.is_ascii_whitespace() { b' ' } else { *octet }));
        let closing = if marked.first() == Some(&b'<') { b'>' } else { b';' };
        // A mark without an end leaves no other one behind it; an entity is short.
        let within = if closing == b';' { marked.get(..ENTITY).unwrap_or(marked) } else { marked };
        let end = memchr::memchr(closing, within);
        if closing == b'>' && end.is_none() {
            rest = marked;
            break;
        }
        let Some((mark, behind)) = end.and_then(|end| marked.split_at_checked(end + 1)) else {
            let (sign, behind) = marked.split_at_checked(1).unwrap_or((b"", b""));
            text.extend_from_slice(sign);
            rest = behind;
            continue;
        };
        rest = behind;
        if closing == b';' {
            text.extend_from_slice(entity(mark).as_bytes());
            continue;
        }
        let name: Vec<u8> = mark.iter().skip(1).take_while(|it| !b" >\t\r\n".contains(it)).copied().collect();
        match name.to_ascii_lowercase().as_slice() {
            b"style" | b"script" | b"title" => {
                let closing = [b"</", name.as_slice()].concat();
                let end = memchr::memmem::find(rest, &closing).unwrap_or(rest.len());
                rest = rest.get(end..).unwrap_or_default();
            }
            b"br" | b"br/" => text.push(b'\n'),
            b"/p" | b"p" | b"/div" | b"div" | b"/tr" | b"/table" | b"/li" | b"/h1" | b"/h2" | b"/h3" | b"hr" => {
                text.extend_from_slice(b"\n\n");
            }
            _ => {}
        }
    }
    text.extend_from_slice(rest);
    text
}

/// What an entity stands for; one that is not known stays as it is, escaped if it is not UTF-8.
fn entity(mark: &[u8]) -> String {
    let name = std::str::from_utf8(mark).unwrap_or_default().trim_matches(['&', ';']);
    let number = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => digits.parse().ok(),
        },
        None => None,
    };
    match name {
        "lt" => "<".into(),
        "gt" => ">".into(),
        "amp" => "&".into(),
        "quot" => "\"".into(),
        "apos" | "rsquo" | "lsquo" => "'".into(),
        "nbsp" => " ".into(),
        _ => number
            .and_then(char::from_u32)
            .map_or_else(|| format!("&{name};"), |it| it.to_string().replace('\u{a0}', " ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(letter: &str) -> String {
        let text = text(letter.as_bytes(), 4096);
        String::from_utf8(text).unwrap().trim().to_owned()
    }

    fn encoded(encoding: &str, body: &str) -> String {
        read(&format!("Content-Transfer-Encoding: {encoding}\r\n\r\n{body}"))
    }

    #[test]
    fn transfer_encodings_are_taken_off_as_far_as_they_can_be() {
        for (encoding, body, text) in [
            ("base64", "NTUwIDUu\r\nMS4xIG5v\r\n", "550 5.1.1 no"),
            ("BASE64", "NTUwIDUuMS4xIG5vIQ", "550 5.1.1 no!"),
            ("base64", "!!A", ""),
            ("quoted-printable", "550=205.1=\r\n.1 f=C3=BCr=3D=  \n!", "550 5.1.1 für=!"),
            ("Quoted-Printable", "a=b =ZZ =", "a=b =ZZ"),
            ("7bit", "a=3Db", "a=3Db"),
        ] {
            assert_eq!(encoded(encoding, body), text, "{body}");
        }
        assert_eq!(read("Content-Type: text/plain; charset=ISO-8859-1\r\n\r\nfoo bar"), "foo bar");
        let latin = text(b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nf\xfcr", 99);
        assert_eq!(latin.trim_ascii(), "für".as_bytes());
    }

    #[test]
    fn html_is_read_where_there_is_nothing_else() {
        let html = "<html><head><style>p { x }</style></head><body><p>To:\r\n &lt;a@b.test&gt;<br>550 5.1.1&nbsp;it&#39;s &odd; &</p><p>end";
        let letter = format!("Content-Type: text/html\r\n\r\n{html}");
        assert_eq!(
            unmarked(b"a &lt b < c &amp; d"),
            b"a &lt b < c &amp; d",
            "nothing behind a mark without an end is one"
        );
        assert_eq!(read(&letter).trim(), "To:   <a@b.test>\n550 5.1.1 it's &odd; &\n\n\n\nend");
        let both = format!(
            "Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\r\nplain\r\n--x\r\nContent-Type: text/html\r\n\r\n{html}\r\n--x--\r\n"
        );
        assert_eq!(read(&both), "plain");
    }

    #[test]
    fn a_letter_that_came_back_and_files_are_left_out_and_what_is_read_is_bounded() {
        let letter = "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nfailed\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: a\r\n\r\nmy letter\r\n--x\r\nContent-Disposition: attachment\r\n\r\na file\r\n--x--\r\n";
        assert_eq!(read(letter), "failed");
        assert_eq!(read("Content-Type: multipart/report; boundary=x\r\n\r\nfailed"), "failed");
        assert!(text(&[b"A: b\r\n\r\n".as_slice(), &[b'x'; 10_000]].concat(), 100).len() < 110);
    }
}
