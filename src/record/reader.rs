//! From a file to lines. Everything in it is a stranger's: it is bounded, and what is not understood is left out and told.

use std::fmt;

use serde::Deserialize;

use super::line::Line;
use super::{FORMAT, Header};
use crate::safe;
use crate::smtp::limits::foreign;
use crate::smtp::limits::recording::{DEPTH, LINE, LINES, OCTETS, SESSIONS};
use crate::tape::told::Form;

/// A recording that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Its first line.
    pub header: Header,
    /// What it says, in the order of the file.
    pub lines: Vec<Line>,
    /// What was left out, and why.
    pub remarks: Vec<Remark>,
}

/// Something about a recording that its reader should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remark {
    /// The last line has no end: whoever wrote it was stopped. So many lines before it were read.
    Truncated(usize),
    /// So many lines are of kinds that this version does not know; the first of these kinds.
    Unknown(usize, String),
    /// So many lines could not be read; the number of the first one, from 1, and why.
    Broken(usize, usize, &'static str),
    /// There are more lines than are read.
    TooMany,
    /// There are so many sessions more than are listed.
    MoreSessions(usize),
    /// It is no recording: it was read from this log.
    Imported(Form),
    /// So many lines of a log are no part of a conversation; the number of the first one, from 1.
    LeftOut(usize, usize),
    /// The session of this number begins behind its greeting, or has one side alone.
    Partial(u32),
    /// The log stood in a mail that quotes it.
    Quoted,
    /// The log is text in UTF-16.
    Utf16,
    /// So many lines of a log were longer than lines are read.
    Cut(usize),
    /// A log has more lines than are read.
    TooManyLines,
    /// A log has more sessions than are read.
    TooManySessions,
}

impl Recording {
    /// Both as one: the sessions of the other are numbered on behind these.
    #[must_use]
    pub fn beside(mut self, other: Self) -> Self {
        let last = self.lines.iter().filter_map(Line::session).map(|id| id.0).max().unwrap_or_default();
        let numbered = other.lines.into_iter().map(|mut line| {
            if let Some(id) = line.session_mut() {
                id.0 = id.0.saturating_add(last);
            }
            line
        });
        self.lines.extend(numbered);
        self.remarks.extend(other.remarks);
        self
    }
}

/// Why a file is not shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// It does not begin like a recording.
    #[error("it is no recording of ehlo, and no conversation in a form that is known stands in it")]
    Foreign,
    /// It is a script of the dialogue language.
    #[error("it is a script, not a conversation that took place")]
    Script,
    /// It was written by a version that knows more.
    #[error("it was made by a newer ehlo (format {0}), and this one reads formats up to {FORMAT}")]
    Newer(u32),
    /// It is too large.
    #[error("it has {0} octets, and at most {OCTETS} are read")]
    TooLarge(u64),
    /// It is no recording, and too large for a log.
    #[error("it is no recording of ehlo, and of a log at most {} octets are read; it has {octets}", foreign::OCTETS, octets = _0)]
    TooLargeLog(u64),
}

impl NotRead {
    /// The diagnostic id.
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Foreign | Self::Script => "rec/foreign",
            Self::Newer(_) => "rec/version",
            Self::TooLarge(_) => "rec/too-large",
            Self::TooLargeLog(_) => "import/too-large",
        }
    }
}

impl Remark {
    /// The diagnostic id.
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Truncated(_) => "rec/truncated",
            Self::Unknown(..) => "rec/unknown",
            Self::Broken(..) => "rec/broken",
            Self::TooMany | Self::MoreSessions(_) => "rec/too-large",
            Self::Imported(_) => "import/form",
            Self::LeftOut(..) => "import/left-out",
            Self::Partial(_) => "import/partial",
            Self::Quoted => "import/quoted",
            Self::Utf16 => "import/utf-16",
            Self::Cut(_) => "import/line-limit",
            Self::TooManyLines | Self::TooManySessions => "import/too-large",
        }
    }
}

/// In a sentence, with its id.
impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated(read) => {
                write!(f, "The recording ends in the middle of a line; {read} lines before it were read.")?;
            }
            Self::Unknown(many, kind) => {
                write!(f, "Left out: {many} lines that this version does not know, the first of the kind '{kind}'.")?;
            }
            Self::Broken(many, first, why) => {
                write!(f, "Left out: {many} lines that cannot be read, the first in line {first}: {why}.")?;
            }
            Self::TooMany => write!(f, "Only the first {LINES} lines were read.")?,
            Self::MoreSessions(many) => {
                write!(f, "Only the first {SESSIONS} sessions are listed; {many} more are left out.")?;
            }
            Self::Imported(form) => write!(
                f,
                "Read from {}: line ends are taken to be CR LF, and what it does not tell is not known.",
                form.words()
            )?,
            Self::LeftOut(1, first) => write!(f, "Left out: line {first}, which is no part of a conversation.")?,
            Self::LeftOut(many, first) => {
                write!(f, "Left out: {many} lines that are no part of a conversation, the first is line {first}.")?;
            }
            Self::Partial(number) => write!(
                f,
                "Session {number} begins behind its greeting, or has one side alone: what is missing is not known."
            )?,
            Self::Quoted => f.write_str("It was read without the signs by which a mail quotes it.")?,
            Self::Utf16 => f.write_str("Its text is UTF-16, and was read as such.")?,
            Self::Cut(many) => {
                write!(f, "Cut: {many} lines behind {} octets.", foreign::LINE)?;
            }
            Self::TooManyLines => write!(f, "Only the first {} lines were read.", foreign::LINES)?,
            Self::TooManySessions => write!(f, "Only the first {} sessions were read.", foreign::SESSIONS)?,
        }
        write!(f, " [{}]", self.id())
    }
}

/// Why a line says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bad {
    /// It has no end.
    Open,
    /// It is of a kind that this version does not know; its name, made safe.
    Unknown(String),
    /// It cannot be read.
    Broken(&'static str),
}

/// What is collected of lines that say nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remarks(Vec<Remark>);

/// Reads a recording line by line.
#[derive(Debug)]
pub struct Reader {
    header: Header,
    lines: Vec<Line>,
    remarks: Remarks,
    /// The number of the next line; the header is line 1.
    number: usize,
}

impl Reader {
    /// Begins with the header.
    pub fn begin(line: &[u8]) -> Result<Self, NotRead> {
        Ok(Self { header: header(line)?, lines: Vec::new(), remarks: Remarks::default(), number: 2 })
    }

    /// Takes the next line, with its end; false if no more are taken.
    pub fn take(&mut self, text: &[u8]) -> bool {
        if self.lines.len() >= LINES {
            self.remarks.too_many();
            return false;
        }
        match line(text) {
            Ok(line) => self.lines.push(line),
            Err(bad) => self.remarks.note(self.number, self.lines.len(), &bad),
        }
        self.number += 1;
        true
    }

    /// What was read.
    pub fn end(self) -> Recording {
        Recording { header: self.header, lines: self.lines, remarks: self.remarks.0 }
    }
}

/// Reads a whole recording.
pub fn read(file: &[u8]) -> Result<Recording, NotRead> {
    if file.len() as u64 > OCTETS {
        return Err(NotRead::TooLarge(file.len() as u64));
    }
    let mut lines = file.split_inclusive(|octet| *octet == b'\n');
    let mut reader = Reader::begin(lines.next().unwrap_or_default())?;
    let _ = lines.all(|line| reader.take(line));
    Ok(reader.end())
}

/// True for a file that begins like a recording, whatever its name.
pub fn is_recording(beginning: &[u8]) -> bool {
    beginning.starts_with(b"{\"ehlo\":\"recording\"")
}

/// Reads the first line, with its end.
pub fn header(text: &[u8]) -> Result<Header, NotRead> {
    /// What a header of any format has.
    #[derive(Deserialize)]
    struct Any {
        ehlo: super::Magic,
        format: u32,
    }
    if text.len() > LINE || depth(text) > DEPTH {
        return Err(NotRead::Foreign);
    }
    match serde_json::from_slice::<Any>(text) {
        Ok(Any { ehlo: super::Magic::Recording, format }) if format > FORMAT => Err(NotRead::Newer(format)),
        Ok(_) => serde_json::from_slice(text).map_err(|_| NotRead::Foreign),
        Err(_) => Err(NotRead::Foreign),
    }
}

impl Remarks {
    /// These, and what is noted behind them.
    pub(super) fn new(remarks: &[Remark]) -> Self {
        Self(remarks.to_vec())
    }

    /// All of them, in the order in which they were first made.
    pub fn all(&self) -> &[Remark] {
        &self.0
    }

    /// Notes a line of this number, from 1, behind so many that were read.
    pub(super) fn note(&mut self, number: usize, read: usize, bad: &Bad) {
        match bad {
            Bad::Open => self.0.push(Remark::Truncated(read)),
            Bad::Unknown(kind) => self.unknown(kind),
            Bad::Broken(why) => self.broken(number, why),
        }
    }

    /// Notes that there are more lines than are read.
    pub(super) fn too_many(&mut self) {
        self.0.push(Remark::TooMany);
    }

    /// Notes that there is another session more than are listed.
    pub(super) fn too_many_sessions(&mut self) {
        for remark in &mut self.0 {
            if let Remark::MoreSessions(many) = remark {
                *many += 1;
                return;
            }
        }
        self.0.push(Remark::MoreSessions(1));
    }

    fn unknown(&mut self, kind: &str) {
        for remark in &mut self.0 {
            if let Remark::Unknown(many, _) = remark {
                *many += 1;
                return;
            }
        }
        self.0.push(Remark::Unknown(1, kind.to_owned()));
    }

    fn broken(&mut self, number: usize, why: &'static str) {
        for remark in &mut self.0 {
            if let Remark::Broken(many, ..) = remark {
                *many += 1;
                return;
            }
        }
        self.0.push(Remark::Broken(1, number, why));
    }
}

/// Reads a line with its end.
pub(super) fn line(text: &[u8]) -> Result<Line, Bad> {
    /// The kinds of this version.
    const KINDS: [&str; 9] = ["session", "bytes", "elided", "mark", "end", "letter", "news", "panel", "look-up"];
    /// What every line has.
    #[derive(Deserialize)]
    struct Any {
        kind: String,
    }
    if !text.ends_with(b"\n") {
        return Err(Bad::Open);
    }
    if text.len() > LINE {
        return Err(Bad::Broken("it is longer than 1 MiB"));
    }
    if depth(text) > DEPTH {
        return Err(Bad::Broken("it is too deep"));
    }
    match quickly(text).map_or_else(|| serde_json::from_slice(text), Ok) {
        Ok(Line::Bytes(bytes)) if bytes.octets().is_none() => Err(Bad::Broken("its octets cannot be decoded")),
        Ok(line) => Ok(line),
        Err(_) => match serde_json::from_slice::<Any>(text) {
            Ok(Any { kind }) if !KINDS.contains(&kind.as_str()) => {
                let short: String = kind.chars().take(40).collect();
                Err(Bad::Unknown(safe::screen(short.as_bytes()).into_string()))
            }
            Ok(_) => Err(Bad::Broken("its fields are not those of its kind")),
            Err(_) => Err(Bad::Broken("it is no JSON object with a kind")),
        },
    }
}

/// Most lines are octets, written as this program writes them: their fields need no search for their kind first.
fn quickly(text: &[u8]) -> Option<Line> {
    text.starts_with(b"{\"kind\":\"bytes\",").then(|| serde_json::from_slice(text).ok().map(Line::Bytes)).flatten()
}

/// How deep objects and lists stand in each other.
fn depth(text: &[u8]) -> usize {
    let (mut deepest, mut depth) = (0_usize, 0_usize);
    let (mut quoted, mut escaped) = (false, false);
    for octet in text {
        match octet {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
