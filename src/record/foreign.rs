//! From the logs of other programs, and from our own text, to a recording: what they say of a session, and no more.
//!
//! ```text
//! paste     220 mx1.harbor.test ESMTP        who speaks follows from the grammar
//! swaks     <-  220 …     -> EHLO …          ~> and <~ inside TLS, <** and <~* for refusals, === and *** in words
//! curl -v   < 220 …      > EHLO …            * in words
//! s_client  CONNECTED(00000003) … ---        then as pasted
//! Postfix   Out: 220 …   In:  EHLO …
//! library   SERVER -> CLIENT: 220 …          PHPMailer; of smtplib reply: b'220 …\r\n' and send: 'EHLO …\r\n'
//! signs     S: 220 …     C: EHLO …           also <<< and >>>, SMTP<< and SMTP>>
//! ehlo      2 09:12:00.006 S: 220 …          text, Markdown, and what the screen saves
//! ```
//!
//! A log is recognised by what it holds. Quoting by mail, indentation and the text around it are taken off. Line ends are
//! not known and taken to be CR LF; times only where they stand there. A secret of a login is hidden by the fold as in a
//! live session, and here already where a log begins so late that the fold could not know.

mod curl;
mod export;
mod library;
mod openssl;
mod paste;
mod reach;
mod sessions;
mod signs;
mod swaks;
mod text;
mod turn;

use jiff::Timestamp;

use super::reader::{NotRead, Recording, Remark};
use crate::safe;
use crate::smtp::limits::foreign::{OCTETS, QUOTES};
use crate::smtp::reply::{Part, Shape, shape};
use crate::tape::Moment;
use crate::tape::told::{Form, Told};
use reach::Reach;
use text::Row;
pub use text::utf16;

/// What a line of a log says.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    /// The client said it.
    Client(Spoken),
    /// The server said it.
    Server(Spoken),
    /// Something else, in words.
    Told(Told),
    /// Where the connection leads to. Behind a conversation another one begins with it.
    Reach(Reach),
    /// A session of our own text begins.
    Begins(Box<export::Heading>),
}

/// A line that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Spoken {
    /// Its octets; without a line end CR LF is meant.
    octets: Vec<u8>,
    /// Where something else stood: from an octet up to, not including, another.
    holes: Vec<(u64, u64)>,
}

/// What a line says, when it was said, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Item {
    /// When, since the log began, or since a day of it did.
    at: Option<Moment>,
    /// The number of the line, from 1.
    number: usize,
    said: Said,
}

/// A log, read by the rules of its form.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Log {
    form: Form,
    items: Vec<Item>,
    /// Lines that are no part of a conversation.
    left: Left,
}

/// How many lines were left out, and the number of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Left {
    many: usize,
    first: usize,
}

impl Left {
    /// Leaves a line out; an empty one is not missed.
    fn add(&mut self, row: &Row) {
        if row.text.trim_ascii().is_empty() {
            return;
        }
        if self.many == 0 {
            self.first = row.number;
        }
        self.many += 1;
    }
}

impl Log {
    fn new(form: Form) -> Self {
        Self { form, items: Vec::new(), left: Left::default() }
    }

    fn push(&mut self, row: &Row, said: Said) {
        self.items.push(Item { at: None, number: row.number, said });
    }

    fn client(&mut self, row: &Row, text: &[u8]) {
        self.push(row, Said::Client(Spoken::new(text)));
    }

    fn server(&mut self, row: &Row, text: &[u8]) {
        self.push(row, Said::Server(Spoken::new(text)));
    }

    /// True if the server's first line is a greeting, and says so.
    fn is_greeted(&self) -> bool {
        let first = self.items.iter().find_map(|item| match &item.said {
            Said::Server(spoken) => Some(spoken),
            _ => None,
        });
        first.is_some_and(|spoken| paste::greets(&spoken.octets))
    }

    /// True if somebody is asked and somebody answers, or a server greets: less could be anything.
    fn is_conversation(&self) -> bool {
        let client = self.items.iter().any(|item| matches!(item.said, Said::Client(_)));
        let mut replies = self.items.iter().filter_map(Item::reply);
        match replies.next() {
            // The signs of these programs are nobody else's.
            Some(_) if matches!(self.form, Form::Swaks | Form::Curl | Form::OpenSsl | Form::Export) => true,
            Some(_) => client || (self.is_greeted() && replies.next().is_some()),
            None => client && matches!(self.form, Form::Swaks | Form::Export),
        }
    }
}

impl Item {
    /// The reply line that the server said, if it is one.
    fn reply(&self) -> Option<Part<'_>> {
        match &self.said {
            Said::Server(spoken) => reply(&spoken.octets),
            _ => None,
        }
    }
}

impl Spoken {
    fn new(text: &[u8]) -> Self {
        Self { octets: text.to_vec(), holes: Vec::new() }
    }
}

/// A reply line taken apart; nothing if it is none.
fn reply(text: &[u8]) -> Option<Part<'_>> {
    match shape(crate::smtp::line::Line::of(text)) {
        Shape::Part(part) if (200..600).contains(&part.code.get()) => Some(part),
        _ => None,
    }
}

/// A text of a log that is shown in a sentence.
fn words(text: &[u8]) -> String {
    String::from_utf8(text.to_vec()).unwrap_or_else(|_| safe::screen(text).into_string())
}

/// Reads a log.
pub fn read(file: &[u8]) -> Result<Recording, NotRead> {
    let octets = file.len() as u64;
    if octets > OCTETS {
        return Err(NotRead::TooLargeLog(octets));
    }
    let (rows, told) = text::rows(file);
    if is_script(&rows) {
        return Err(NotRead::Script);
    }
    let (log, mut remarks) = recognise(rows).ok_or(NotRead::Foreign)?;
    let mut recording = sessions::recording(log);
    remarks.splice(0..0, told);
    recording.remarks.splice(0..0, remarks);
    Ok(recording)
}

/// True for a script of the dialogue language: its lines to send and to expect look like those of curl, and nothing in it
/// was said. Its first step says where to connect, or that it listens.
fn is_script(rows: &[Row]) -> bool {
    let steps = rows.iter().map(|row| row.text.trim_ascii());
    let first = steps.into_iter().find(|step| !step.is_empty() && !step.starts_with(b"#")).unwrap_or_default();
    let word = first.split(u8::is_ascii_whitespace).next();
    matches!(word, Some(b"connect" | b"listen" | b"include"))
}

/// The log that a text is, as it stands or without what quotes it.
fn recognise(mut rows: Vec<Row>) -> Option<(Log, Vec<Remark>)> {
    let mut quoted = 0;
    loop {
        let forms = [export::read, swaks::read, curl::read, library::read, signs::read, openssl::read, paste::pasted];
        if let Some(log) = forms.iter().find_map(|read| read(&rows).filter(Log::is_conversation)) {
            let remarks = if quoted > 0 { vec![Remark::Quoted] } else { Vec::new() };
            return Some((log, remarks));
        }
        quoted += 1;
        rows = text::unquoted(rows).filter(|_| quoted <= QUOTES)?;
    }
}

/// The day that times without a date are counted from.
const NO_DAY: Timestamp = Timestamp::UNIX_EPOCH;
