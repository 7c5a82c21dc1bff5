//! What libraries of programs print of their conversations when they are asked to.
//!
//! ```text
//! PHPMailer   CLIENT -> SERVER: EHLO a     SERVER -> CLIENT: 250-b, further lines of a reply by themselves; a time before
//! smtplib     send: 'ehlo a\r\n'           reply: b'250-b\r\n', then the reply once more as `reply: retcode (250); …`
//! ```

use super::text::Row;
use super::{Log, reply};
use crate::tape::told::Form;

/// Octets of a time before a sign at most.
const TIME: usize = 40;

/// Who says what.
enum Says {
    Client(Vec<u8>),
    Server(Vec<u8>),
    /// What repeats something that was told, or tells nothing of the conversation.
    Nothing,
}

/// Reads what such a library printed.
pub(super) fn read(rows: &[Row]) -> Option<Log> {
    let said: Vec<_> = rows.iter().map(|row| says(&row.text)).collect();
    let client = said.iter().any(|it| matches!(it, Some(Says::Client(_))));
    let server = |text: &[u8]| reply(text).is_some();
    if !client || !said.iter().any(|it| matches!(it, Some(Says::Server(text)) if server(text))) {
        return None;
    }
    let mut log = Log::new(Form::Signs);
    let mut replies = false;
    for (row, said) in rows.iter().zip(said) {
        match said {
            Some(Says::Client(text)) => {
                lines(&text).for_each(|line| log.client(row, line));
                replies = false;
            }
            Some(Says::Server(text)) => {
                lines(&text).for_each(|line| log.server(row, line));
                replies = true;
            }
            Some(Says::Nothing) => {}
            None if replies && server(bare(&row.text)) => log.server(row, bare(&row.text)),
            None => log.left.add(row),
        }
    }
    Some(log)
}

fn says(line: &[u8]) -> Option<Says> {
    let line = bare(line);
    for (sign, client) in [(&b"CLIENT -> SERVER:"[..], true), (b"SERVER -> CLIENT:", false)] {
        if let Some(at) = memchr::memmem::find(line, sign).filter(|at| *at <= TIME) {
            let text = line.get(at + sign.len()..).unwrap_or_default();
            let text = text.strip_prefix(b" ").unwrap_or(text).to_vec();
            return Some(if client { Says::Client(text) } else { Says::Server(text) });
        }
    }
    if [&b"reply: retcode ("[..], b"connect: ", b"data: ("].iter().any(|sign| line.starts_with(sign)) {
        return Some(Says::Nothing);
    }
    if let Some(text) = line.strip_prefix(b"send: ") {
        return literal(text).map(Says::Client);
    }
    line.strip_prefix(b"reply: ").and_then(literal).map(Says::Server)
}

/// A line without blanks around it, and without what a page of PHP ends it with.
fn bare(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii();
    let ends = [&b"<br>"[..], b"<br/>", b"<br />"];
    ends.iter().find_map(|end| line.strip_suffix(*end)).unwrap_or(line).trim_ascii_end()
}

/// The lines of what went in one write; without an end it is one.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    text.split(|octet| *octet == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// The octets of a text as Python writes it: `'…'` or `b'…'`, with `\r`, `\n`, `\t`, `\\`, `\'` and `\x1b`.
fn literal(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_prefix(b"b").unwrap_or(text);
    let (quote, text) = text.split_first().filter(|(quote, _)| matches!(quote, b'\'' | b'"'))?;
    let mut text = text.strip_suffix(&[*quote])?;
    let mut octets = Vec::with_capacity(text.len());
    while let Some((octet, behind)) = text.split_first() {
        text = behind;
        if *octet != b'\\' {
            octets.push(*octet);
            continue;
        }
        let (escaped, behind) = text.split_first()?;
        text = behind;
        octets.push(match escaped {
            b'r' => b'\r',
            b'n' => b'\n',
            b't' => b'\t',
            b'x' => {
                let (digits, behind) = text.split_at_checked(2)?;
                text = behind;
                u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?
            }
            other => *other,
        });
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::foreign::Said;

    fn told(text: &str) -> Vec<String> {
        let rows = (1..).zip(text.lines()).map(|(number, line)| Row { number, text: line.as_bytes().to_vec() });
        let log = read(&rows.collect::<Vec<_>>()).expect("a log");
        let said = |said: &Said| match said {
            Said::Client(spoken) => format!("C {}", spoken.octets.escape_ascii()),
            Said::Server(spoken) => format!("S {}", spoken.octets.escape_ascii()),
            _ => "?".to_owned(),
        };
        log.items.iter().map(|item| said(&item.said)).collect()
    }

    #[test]
    fn each_library_is_read_in_its_own_way() {
        let php = "2026-01-01 10:00:00 SERVER -> CLIENT: 220 mx.a.test ESMTP<br>\n2026-01-01 10:00:00\tCLIENT -> SERVER: EHLO a.test\nSERVER -> CLIENT: 250-mx.a.test\n250 SIZE\nCLIENT -> SERVER: QUIT\nSMTP ERROR: QUIT command failed: no\n";
        assert_eq!(told(php), ["S 220 mx.a.test ESMTP", "C EHLO a.test", "S 250-mx.a.test", "S 250 SIZE", "C QUIT"]);
        let python = "connect: ('mx.a.test', 25)\nreply: b'220 mx.a.test ESMTP\\r\\n'\nreply: retcode (220); Msg: b'mx.a.test ESMTP'\nsend: 'ehlo a.test\\r\\n'\nreply: b'250-mx.a.test\\r\\n'\nreply: b'250 SIZE\\r\\n'\nsend: b'Subject: it\\'s \\xc3\\r\\n\\r\\nhi\\r\\n.\\r\\n'\n";
        let wanted = [
            "S 220 mx.a.test ESMTP",
            "C ehlo a.test",
            "S 250-mx.a.test",
            "S 250 SIZE",
            "C Subject: it\\'s \\xc3",
            "C ",
            "C hi",
            "C .",
        ];
        assert_eq!(told(python), wanted);
    }
}
