//! Our own text of a session: the export as text, as Markdown, and what the screen saves or copies.
//!
//! ```text
//! # ehlo 0.1.0, LAB offline, mx1.harbor.test:25, 2026-03-01 09:12:00 UTC
//!
//!    2 09:12:00.006 S: 220 mx1.harbor.test ESMTP Harbor Post
//!                        ready: the server speaks first and gives its name
//!
//! # ehlo 0.1.0 · LAB offline · mx1.harbor.test:25
//!      2     0.006  S 220 mx1.harbor.test ESMTP Harbor Post          ready: the server …
//! ```
//!
//! What the text says of a line is not read: the fold says it again. Of what is no line, it is all there is.

use std::net::SocketAddr;

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr as _;

use super::paste::Heard;
use super::reach::Reach;
use super::text::Row;
use super::{Item, Log, Said, Spoken};
use crate::ports::net::Place;
use crate::safe;
use crate::session::place::World;
use crate::session::transcript::{HIDDEN, NO_CLOCK, NO_TIME};
use crate::smtp::flaw::FlawKind;
use crate::tape::told::{Form, Means, Told};
use crate::tape::{Moment, Side};

/// Cells that the text of a line has in an export.
const ROOM: usize = 59;
/// Cells by which what is said of a line is set in behind its text.
const SET_IN: usize = 2;
/// The column of notes in what the screen saves.
const NOTE_COLUMN: usize = 72;

/// The heading of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    /// What it was read from before it was exported, if it was.
    pub(super) form: Form,
    pub(super) place: Place,
    pub(super) reach: Reach,
    pub(super) socket: Option<String>,
    pub(super) began: Option<Timestamp>,
    /// The time of day of that.
    pub(super) since: Moment,
}

impl Heading {
    /// Reads a heading without its sign.
    fn read(text: &str) -> Option<Self> {
        let dots = text.contains(" \u{b7} ");
        let mut parts = text.split(if dots { " \u{b7} " } else { ", " });
        parts.next()?.strip_prefix("ehlo ")?;
        let (origin, place) = (parts.next()?, parts.next()?);
        let began = parts.next().and_then(|date| format!("{}Z", date.strip_suffix(" UTC")?).parse::<Timestamp>().ok());
        let worlds = [World::Lab, World::Loopback, World::Live].map(World::words);
        let form = Form::named(origin).or_else(|| worlds.contains(&origin).then_some(Form::Export))?;
        let socket = Some(place.to_owned()).filter(|place| place.starts_with('/'));
        Some(Self {
            form,
            place: if origin == World::Lab.words() { Place::Lab } else { Place::Live },
            reach: if socket.is_some() { Reach::default() } else { named(place) },
            socket,
            began,
            since: Moment::from_micros(
                began.map_or(0, |at| at.as_microsecond().rem_euclid(86_400_000_000).unsigned_abs()),
            ),
        })
    }
}

/// A place as headings have it: the host as it was named, which may be an address, and the port.
fn named(place: &str) -> Reach {
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) && !port.is_empty() => {
            (host, port.parse().ok())
        }
        _ => (place, None),
    };
    let host = Some(host.to_owned()).filter(|host| !host.contains(' '));
    Reach { host, ip: None, port }
}

/// A line of an export, taken apart.
struct Entry<'a> {
    at: Option<Moment>,
    who: Option<Side>,
    text: &'a str,
    /// The column where its text begins; nothing where it has no other lines.
    column: Option<usize>,
}

/// Reads a text of ours.
pub(super) fn read(rows: &[Row]) -> Option<Log> {
    let mut reader = Reader { log: Log::new(Form::Export), heading: None, begun: false, open: None };
    for row in rows {
        match std::str::from_utf8(&row.text) {
            Ok(text) => reader.take(row, text),
            Err(_) => reader.log.left.add(row),
        }
    }
    reader.close();
    reader.begun.then_some(reader.log)
}

struct Reader {
    log: Log,
    /// A heading that may go on in the next line.
    heading: Option<String>,
    /// True behind the first heading.
    begun: bool,
    open: Option<Open>,
}

/// An entry whose other lines may follow.
struct Open {
    row: Row,
    at: Option<Moment>,
    who: Option<Side>,
    /// Its text, line by line.
    text: Vec<String>,
    /// What is said of it, line by line.
    said: Vec<String>,
    column: Option<usize>,
}

impl Reader {
    fn take(&mut self, row: &Row, text: &str) {
        if self.goes_on(text) {
            return;
        }
        let trimmed = text.trim_start();
        let sign = trimmed.strip_prefix("## ").or_else(|| trimmed.strip_prefix("# "));
        if let Some(heading) = sign {
            self.close();
            let plain = heading.replace("<!-- -->", "").replace('\\', "");
            match &mut self.heading {
                Some(open) => *open = format!("{open} {}", plain.trim()),
                None if plain.starts_with("ehlo ") => self.heading = Some(plain.trim().to_owned()),
                None => self.log.left.add(row),
            }
            return;
        }
        if let Some(heading) = self.heading.take()
            && let Some(heading) = Heading::read(&heading)
        {
            self.begun = true;
            self.log.push(row, Said::Begins(Box::new(heading)));
        }
        if !self.begun {
            return self.log.left.add(row);
        }
        if let Some(entry) = entry(text) {
            self.close();
            let Entry { at, who, text, column } = entry;
            let (text, said) = (vec![text.to_owned()], Vec::new());
            self.open = Some(Open { row: row.clone(), at, who, text, said, column });
        } else {
            self.close();
            if !is_ours(trimmed) {
                self.log.left.add(row);
            }
        }
    }

    /// Whether a line belongs to the entry before it.
    fn goes_on(&mut self, text: &str) -> bool {
        let Some(open) = &mut self.open else { return false };
        let Some(column) = open.column else { return false };
        let blank = text.chars().take_while(|sign| *sign == ' ').count();
        let line = text.trim_start();
        match blank {
            _ if line.is_empty() => return false,
            blank if blank == column => open.text.push(line.to_owned()),
            blank if blank == column + SET_IN => open.said.push(line.to_owned()),
            _ => return false,
        }
        true
    }

    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let text = joined(&open.text);
        let said = match open.who {
            Some(side) => {
                let mut spoken = spoken(&text);
                // A blank at the end of a line is not seen; without one a challenge would be odd, and it would be said.
                let odd = open.said.iter().any(|line| line.starts_with(FlawKind::ChallengeWithoutSpace.id()));
                if side == Side::Server && spoken.octets == b"334" && !odd {
                    spoken.octets.push(b' ');
                }
                if side == Side::Client { Said::Client(spoken) } else { Said::Server(spoken) }
            }
            None => Said::Told(told(&text, &open.said)),
        };
        self.log.items.push(Item { at: open.at, number: open.row.number, said });
    }
}

/// True for what our text holds besides lines: what is odd, fences and tables of Markdown.
fn is_ours(line: &str) -> bool {
    line.starts_with('\u{2514}') || line.starts_with("```") || line.starts_with('|')
}

/// A line of an export, of its block of Markdown, or of what the screen saves.
fn entry(line: &str) -> Option<Entry<'_>> {
    exported(line).or_else(|| saved(line))
}

/// `   2 09:12:00.006 S: 220 …`, without the number in Markdown.
fn exported(line: &str) -> Option<Entry<'_>> {
    let begun = line.len() - line.trim_start().len();
    let rest = line.get(begun..)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (numbered, rest) = match rest.get(digits..)?.strip_prefix(' ') {
        Some(behind) if digits > 0 => (true, behind),
        _ => (false, rest),
    };
    let at = clock(rest.get(..12)?)?;
    let rest = rest.get(12..)?.strip_prefix(' ')?;
    let (who, text) = rest.split_at_checked(2)?;
    let who = match who {
        "C:" => Some(Side::Client),
        "S:" => Some(Side::Server),
        "--" => None,
        _ => return None,
    };
    let text = text.strip_prefix(' ').unwrap_or(text);
    // A mail may have taken blanks from the beginning; the text stands where it stands all the same.
    let column = numbered.then(|| begun + digits + 1 + 12 + 1 + 3);
    Some(Entry { at, who, text, column })
}

/// A time of day, or what stands in its place; nothing for anything else.
#[expect(clippy::option_option, reason = "a time that is not known is not the same as no time")]
fn clock(text: &str) -> Option<Option<Moment>> {
    if text == NO_CLOCK {
        return Some(None);
    }
    let signs = [2, 5, 8].map(|at| text.as_bytes().get(at).copied());
    if signs != [Some(b':'), Some(b':'), Some(b'.')] {
        return None;
    }
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let seconds = number(0, 2)? * 3600 + number(3, 5)? * 60 + number(6, 8)?;
    Some(Some(Moment::from_micros((seconds * 1000 + number(9, 12)?) * 1000)))
}

/// `     2     0.006  S 220 …          note`.
fn saved(line: &str) -> Option<Entry<'_>> {
    let number = line.trim_start();
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let rest = number.get(digits..)?.strip_prefix(' ').filter(|_| digits > 0)?.trim_start();
    let (seconds, rest) = rest.split_once("  ")?;
    let (whole, part) = seconds.split_once('.').filter(|(_, part)| part.len() == 3)?;
    let at = if seconds == NO_TIME {
        None
    } else {
        let millis = whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(part.parse().ok()?)?;
        Some(Moment::from_millis(millis))
    };
    let mut signs = rest.chars();
    let who = match signs.next()? {
        'C' => Some(Side::Client),
        'S' => Some(Side::Server),
        '\u{b7}' => None,
        _ => return None,
    };
    let text = signs.as_str().strip_prefix(' ')?;
    Some(Entry { at, who, text: without_note(line, text), column: None })
}

/// The text of a saved line: its note stands in a column of its own, or behind two blanks.
fn without_note<'a>(line: &str, text: &'a str) -> &'a str {
    let before = line.width().saturating_sub(text.width());
    let mut blank = 0;
    let mut end = None;
    let mut column = before;
    for (at, sign) in text.char_indices() {
        if sign == ' ' {
            blank += 1;
        } else {
            if blank >= 2 && column >= NOTE_COLUMN {
                end = Some(at);
                break;
            }
            blank = 0;
        }
        column += sign.to_string().width();
    }
    end.and_then(|end| text.get(..end)).unwrap_or(text).trim_end()
}

/// The lines of a text put together. They were broken where the next word had no room; a word without room in any line was
/// broken at its end.
fn joined(lines: &[String]) -> String {
    let mut text = String::new();
    let mut before: Option<&str> = None;
    for line in lines {
        if let Some(before) = before {
            let word = line.split(' ').next().unwrap_or_default();
            let inside = !before.contains(' ')
                && before.width() + line.chars().next().map_or(0, |it| it.to_string().width()) > ROOM;
            if !inside {
                let least = (ROOM + 1).saturating_sub(before.width() + word.width());
                text.extend(std::iter::repeat_n(' ', least.max(1)));
            }
        }
        text.push_str(line);
        before = Some(line);
    }
    text
}

/// A line as it was said: escapes undone, and what was hidden a hole.
fn spoken(text: &str) -> Spoken {
    let mut spoken = Spoken { octets: Vec::new(), holes: Vec::new() };
    for (index, piece) in text.split(HIDDEN).enumerate() {
        if index > 0 {
            let from = spoken.octets.len() as u64;
            spoken.octets.extend_from_slice(b"********");
            spoken.holes.push((from, spoken.octets.len() as u64));
        }
        spoken.octets.extend(safe::decode(piece).unwrap_or_else(|_| piece.as_bytes().to_vec()));
    }
    spoken
}

/// What happened, in the words that the text has for it.
fn told(words: &str, said: &[String]) -> Told {
    let mut told = Told::new(plain(words), meaning(words));
    let mut notes: Vec<&str> = Vec::new();
    let mut odd = false;
    for line in said {
        let id = line.split_once(": ").map(|(id, _)| id).filter(|id| FlawKind::from_id(id).is_some());
        match id {
            Some(id) => {
                told.odd.push(id.to_owned());
                odd = true;
            }
            None if !odd => notes.push(line),
            None => {}
        }
    }
    told.note = notes.join(" ");
    told
}

fn plain(text: &str) -> String {
    safe::decode(text).ok().and_then(|octets| String::from_utf8(octets).ok()).unwrap_or_else(|| text.to_owned())
}

/// What a log said, as a mark tells it: `swaks says: …`.
fn says(words: &str) -> Option<Means> {
    let (program, text) = words.split_once(" says: ")?;
    let said = match program {
        "swaks" => super::swaks::says_what(text, &mut false),
        "curl" => super::curl::says(text),
        "openssl" => match super::openssl::listen(text.as_bytes(), text.starts_with("New, ")) {
            Some(Heard::Said(said)) => Some(said),
            _ => None,
        },
        "the terminal" => match super::paste::terminal(text.as_bytes()) {
            Some(Heard::Said(said)) => Some(said),
            _ => None,
        },
        "the transcript" => return Some(Means::Secured { version: None, suite: None }),
        _ => None,
    };
    match said {
        Some(Said::Told(told)) => Some(told.means),
        _ => Some(Means::Nothing),
    }
}

/// What the words of a mark mean.
fn meaning(words: &str) -> Means {
    if let Some(means) = says(words) {
        return means;
    }
    if let Some(rest) = words.strip_prefix("connected to ") {
        let peer = rest.split(' ').next().and_then(|peer| peer.parse::<SocketAddr>().ok());
        let lmtp = words.ends_with(", to speak LMTP");
        return Means::Opened { ip: peer.map(|it| it.ip()), port: peer.map(|it| it.port()), whole: true, lmtp };
    }
    if words.starts_with("TLS 1.") {
        let mut parts = words.split(", ").next().unwrap_or_default().splitn(3, ' ');
        let version = parts.by_ref().take(2).collect::<Vec<_>>().join(" ");
        return Means::Secured { version: Some(version), suite: parts.next().map(str::to_owned) };
    }
    if words.starts_with("read from ") {
        return Means::Opened { ip: None, port: None, whole: true, lmtp: false };
    }
    let by = |side| Means::Closed { by: side };
    let ended = words.strip_prefix("connection closed by ").or_else(|| words.strip_prefix("connection reset by "));
    match ended {
        Some(who) if who.starts_with("the server") => by(Side::Server),
        Some(_) => by(Side::Client),
        None if words == super::paste::unseen() => Means::Letter,
        None if words.starts_with("TLS from here on") => Means::Secured { version: None, suite: None },
        None if words.starts_with("connection failed") || words.starts_with("connection ended by") => by(Side::Server),
        None => Means::Nothing,
    }
}
