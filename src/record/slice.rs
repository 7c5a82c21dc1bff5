//! A stretch of the file, read into lines: what is asked of the file, and what comes.
//!
//! A recording may be far larger than what fits into memory, so nobody reads it whole: whoever shows one asks for a
//! stretch, gets a bounded part of it, and asks again from where that ended.

use std::io::{self, BufRead, Read as _, Seek, SeekFrom};

use super::Header;
use super::line::Line;
use super::reader::{Bad, NotRead, Remark, header, line};
use crate::ports::net::SessionId;
use crate::smtp::limits::recording::{LINE, OCTETS, SCAN};

/// Lines that are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Ties what comes to what was wanted.
    pub ticket: u64,
    /// The octet of the file where the first of them begins.
    pub from: u64,
    /// No line that begins at this octet or behind it.
    pub until: u64,
    /// Octets that are taken at a time.
    pub most: usize,
    /// Which of them.
    pub of: Of,
}

/// Which lines are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// All.
    All,
    /// Those of a session.
    Session(SessionId),
    /// Those that begin at these octets, in order.
    These(Vec<u64>),
}

/// Lines of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// The ticket of what was wanted.
    pub ticket: u64,
    /// The lines.
    pub lines: Vec<Placed>,
    /// Where those that are still wanted begin.
    pub next: u64,
    /// True if no more are to come: the file ends here, or what was wanted does.
    pub ended: bool,
}

/// A line, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Its first octet.
    pub at: u64,
    /// The octet behind its end.
    pub end: u64,
    /// What it says, or why it says nothing.
    pub line: Result<Line, Bad>,
}

/// A recording that was opened: its header, and the first of its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Its first line.
    pub header: Header,
    /// The octet behind that.
    pub at: u64,
    /// Octets that it has.
    pub octets: u64,
    /// What stands behind it.
    pub first: Slice,
    /// What its reader should know of it before all else.
    pub remarks: Vec<Remark>,
}

/// Opens a recording of so many octets: reads its header and what stands behind it, at most so many octets of that.
pub fn open<R: BufRead + Seek>(file: &mut R, octets: u64, most: usize) -> io::Result<Result<Opened, NotRead>> {
    if octets > OCTETS {
        return Ok(Err(NotRead::TooLarge(octets)));
    }
    let mut text = Vec::new();
    let at = next(file, &mut text)?;
    let header = match header(&text) {
        Ok(header) => header,
        Err(why) => return Ok(Err(why)),
    };
    let first = slice(file, &Wanted { ticket: 0, from: at, until: u64::MAX, most, of: Of::All })?;
    Ok(Ok(Opened { header, at, octets, first, remarks: Vec::new() }))
}

/// Reads what is wanted, as much as is read at a time.
pub fn slice<R: BufRead + Seek>(file: &mut R, wanted: &Wanted) -> io::Result<Slice> {
    if let Of::These(places) = &wanted.of {
        return these(file, wanted, places);
    }
    let only = if let Of::Session(id) = wanted.of { Some(id) } else { None };
    let mut at = file.seek(SeekFrom::Start(wanted.from))?;
    let (mut lines, mut taken, mut text) = (Vec::new(), 0, Vec::new());
    while at < wanted.until {
        if taken >= wanted.most || at - wanted.from >= SCAN {
            return Ok(Slice { ticket: wanted.ticket, lines, next: at, ended: false });
        }
        let octets = next(file, &mut text)?;
        if octets == 0 {
            break;
        }
        let end = at + octets;
        if only.is_none_or(|id| !is_of_another(&text, id)) {
            taken += text.len();
            let line = line(&text);
            if only.is_none_or(|id| line.as_ref().is_ok_and(|line| line.session() == Some(id))) {
                lines.push(Placed { at, end, line });
            }
        }
        at = end;
    }
    Ok(Slice { ticket: wanted.ticket, lines, next: at, ended: true })
}

fn these<R: BufRead + Seek>(file: &mut R, wanted: &Wanted, places: &[u64]) -> io::Result<Slice> {
    let (mut lines, mut text) = (Vec::new(), Vec::new());
    for at in places.iter().copied().filter(|at| (wanted.from..wanted.until).contains(at)) {
        file.seek(SeekFrom::Start(at))?;
        let octets = next(file, &mut text)?;
        if octets == 0 {
            break;
        }
        lines.push(Placed { at, end: at + octets, line: line(&text) });
    }
    Ok(Slice { ticket: wanted.ticket, lines, next: wanted.until, ended: true })
}

/// Takes the next line with its end; says how many octets it has. Of one that is longer than any may be, no more than that
/// is kept.
fn next<R: BufRead>(file: &mut R, text: &mut Vec<u8>) -> io::Result<u64> {
    text.clear();
    let mut octets = file.by_ref().take(LINE as u64 + 2).read_until(b'\n', text)? as u64;
    if text.len() > LINE && !text.ends_with(b"\n") {
        let rest = file.skip_until(b'\n')?;
        octets += rest as u64;
        text.push(b'\n');
    }
    Ok(octets)
}

/// True for a line of another session, as this program writes it; one that is written otherwise is read to know.
fn is_of_another(text: &[u8], id: SessionId) -> bool {
    const KIND: &[u8] = b"{\"kind\":\"";
    const SESSION: &[u8] = b"\",\"s\":";
    let number = || {
        let rest = text.strip_prefix(KIND)?;
        let word = rest.iter().take_while(|octet| octet.is_ascii_lowercase()).count();
        let digits = rest.get(word..)?.strip_prefix(SESSION)?;
        let end = digits.iter().position(|octet| !octet.is_ascii_digit())?;
        std::str::from_utf8(digits.get(..end)?).ok()?.parse::<u32>().ok()
    };
    number().is_some_and(|number| number != id.0)
}
