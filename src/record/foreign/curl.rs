//! What `curl -v` prints.
//!
//! ```text
//! *   Trying 192.0.2.10:25...
//! * Connected to mx1.harbor.test (192.0.2.10) port 25 (#0)
//! < 220 mx1.harbor.test ESMTP
//! > EHLO desk.you.test
//! } [30 bytes data]                     the letter, or octets of TLS: counted, not shown
//! ```
//!
//! With `--trace-time` the time of day stands before each line. The meter of progress is drawn over the same lines.

use super::reach::{Reach, is_name};
use super::text::Row;
use super::{Item, Log, Said, Spoken, reply, words};
use crate::tape::told::{Form, Means, Told};
use crate::tape::{Moment, Side};

/// What curl says in words that is worth a line: about certificates, and what went wrong.
const WORTH: [&str; 12] = [
    "subject:",
    "issuer:",
    "start date:",
    "expire date:",
    "SSL certificate",
    "SSL:",
    "TLS alert",
    "Could not resolve",
    "connect to",
    "Failed to connect",
    "Recv failure",
    "Send failure",
];

/// A line taken apart: its time, its sign and what stands behind that.
struct Part<'a> {
    at: Option<Moment>,
    sign: u8,
    text: &'a [u8],
}

fn part(line: &[u8]) -> Option<Part<'_>> {
    let line = behind_meter(line.trim_ascii_start());
    let (at, line) = match clock(line) {
        Some((at, rest)) => (Some(at), rest),
        None => (None, line),
    };
    // What went in both directions is told apart by a number since curl 8.4.
    let line = match line.split_first() {
        Some((b'[', rest)) => rest.iter().position(|octet| *octet == b']').and_then(|end| rest.get(end + 2..))?,
        _ => line,
    };
    let (sign, rest) = line.split_first()?;
    let text = rest.strip_prefix(b" ").or_else(|| rest.is_empty().then_some(rest))?;
    matches!(sign, b'<' | b'>' | b'*' | b'{' | b'}').then_some(Part { at, sign: *sign, text })
}

/// What stands behind the meter of progress, whose twelve columns end at a CR or in the middle of a line.
fn behind_meter(line: &[u8]) -> &[u8] {
    let line = match line.iter().rposition(|octet| *octet == b'\r') {
        Some(at) => line.get(at + 1..).unwrap_or_default().trim_ascii_start(),
        None => line,
    };
    if !line.first().is_some_and(u8::is_ascii_digit) || memchr::memmem::find(line, b"--:--:--").is_none() {
        return line;
    }
    let mut rest = line;
    for _ in 0..11 {
        let word = rest.iter().position(|octet| *octet == b' ').unwrap_or(rest.len());
        rest = rest.get(word..).unwrap_or_default().trim_ascii_start();
    }
    // The speed is the last of them; a time of day may touch it.
    let speed =
        rest.iter().take_while(|octet| octet.is_ascii_digit() || matches!(octet, b'.' | b'k' | b'M' | b'G')).count();
    let behind = rest.get(speed..).unwrap_or_default();
    let touched = speed.checked_sub(2).filter(|_| behind.first() == Some(&b':'));
    touched.and_then(|at| rest.get(at..)).unwrap_or(behind)
}

/// A time of day at the beginning: `09:12:00.006123 `.
fn clock(line: &[u8]) -> Option<(Moment, &[u8])> {
    let text = std::str::from_utf8(line.get(..15)?).ok()?;
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let signs = [2, 5, 8].map(|at| text.as_bytes().get(at).copied());
    if signs != [Some(b':'), Some(b':'), Some(b'.')] {
        return None;
    }
    let seconds = number(0, 2)? * 3600 + number(3, 5)? * 60 + number(6, 8)?;
    Some((Moment::from_micros(seconds * 1_000_000 + number(9, 15)?), line.get(15..)?.trim_ascii_start()))
}

/// Reads what curl printed.
pub(super) fn read(rows: &[Row]) -> Option<Log> {
    let replies = |row: &Row| part(&row.text).is_some_and(|it| it.sign == b'<' && reply(it.text).is_some());
    let others = |row: &Row| part(&row.text).is_some_and(|it| matches!(it.sign, b'>' | b'*'));
    if !rows.iter().any(replies) || !rows.iter().any(others) {
        return None;
    }
    let mut log = Log::new(Form::Curl);
    for row in rows {
        let Some(part) = part(&row.text) else {
            log.left.add(row);
            continue;
        };
        let said = match part.sign {
            b'<' => Said::Server(Spoken::new(part.text)),
            b'>' => Said::Client(Spoken::new(part.text)),
            b'*' => match says(&words(part.text)) {
                Some(said) => said,
                None => continue,
            },
            _ => continue,
        };
        log.items.push(Item { at: part.at, number: row.number, said });
    }
    Some(log)
}

/// What a line in words says; nothing if it says nothing about the conversation.
pub(super) fn says(text: &str) -> Option<Said> {
    let trimmed = text.trim();
    let told = |means| Some(Said::Told(Told::new(format!("curl says: {trimmed}"), means)));
    if let Some(place) = trimmed.strip_prefix("Trying ") {
        return Some(Said::Reach(Reach::with_port(place)));
    }
    let connected =
        trimmed.strip_prefix("Connected to ").or_else(|| trimmed.strip_prefix("Established connection to "));
    if let Some(place) = connected {
        return Some(Said::Reach(connection(place)));
    }
    if let Some(agreed) = trimmed.strip_prefix("SSL connection using ") {
        let mut parts = agreed.split(" / ").map(|part| Some(part.trim().to_owned()));
        return told(Means::Secured { version: parts.next().flatten(), suite: parts.next().flatten() });
    }
    if trimmed.starts_with("Closing connection") {
        return told(Means::Closed { by: Side::Client });
    }
    WORTH.iter().any(|begins| trimmed.starts_with(begins)).then(|| told(Means::Nothing)).flatten()
}

/// `mx1.harbor.test (192.0.2.10) port 25 (#0)`; since curl 8.11 `mx1.harbor.test (192.0.2.10 port 25) from …`.
fn connection(text: &str) -> Reach {
    let host = text.split(' ').next().filter(|host| is_name(host));
    let address = text.split_once('(').map_or("", |(_, rest)| rest).split([')', ' ']).next().unwrap_or_default();
    let port = text.split_once(" port ").and_then(|(_, rest)| rest.split([' ', ')']).next()?.parse().ok());
    let by_address = Reach::host(address);
    Reach { port, host: Reach::host(host.unwrap_or_default()).host, ip: by_address.ip }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_meter_and_the_time_are_taken_off() {
        let meter = "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0";
        let drawn = format!("{meter}* Closing connection 0");
        assert_eq!(part(drawn.as_bytes()).unwrap().text, b"Closing connection 0");
        let timed = format!("{meter}11:50:09.212631 *   Trying 127.0.0.1:31587...");
        let found = part(timed.as_bytes()).unwrap();
        assert_eq!((found.at, found.sign), (Some(Moment::from_micros(42_609_212_631)), b'*'));
        assert!(part(meter.as_bytes()).is_none());
    }

    #[test]
    fn where_it_connected_to_is_told_in_two_ways() {
        let ip = Some([192, 0, 2, 10].into());
        for text in ["mx1.a.test (192.0.2.10) port 25 (#0)", "mx1.a.test (192.0.2.10 port 25) from 192.0.2.1 port 4711"]
        {
            assert_eq!(connection(text), Reach { host: Some("mx1.a.test".into()), ip, port: Some(25) });
        }
    }
}
