//! Delivery reports: what became of a letter, for whoever wrote it and for programs (RFC 3464, RFC 3461 §6, RFC 6533).
//!
//! ```text
//! multipart/report; report-type=delivery-status                        RFC 6522 §3
//! ├ text/plain                   what happened, in words
//! ├ message/delivery-status      the same in fields: first of the letter, then of each recipient
//! └ message/rfc822               the letter; text/rfc822-headers if only its header goes back
//! ```
//!
//! Where addresses beyond ASCII travel, the last two are `message/global-delivery-status` and `message/global` or
//! `message/global-headers`. [`Report::read`] reads back what [`Report::octets`] writes.

mod read;
mod words;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use crate::safe;
use crate::smtp::reply::Reply;
use crate::smtp::status::Status;

use super::field;

pub use read::{Found, Returned};

/// Octets of a line after which it is folded where it can be (RFC 5322 §2.1.1).
const FOLD: usize = 78;
/// Octets of a word of a diagnostic; a longer one is cut in two, so that no line is longer than lines may be.
const WORD: usize = 500;
/// Octets of a letter that goes back whole; of a longer one the header does (RFC 3461 §6.2 leaves the figure open).
const WHOLE: usize = 100 * 1024;

/// What a report says, as programs read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The host that could, or could not, hand the letter on.
    pub reporting: String,
    /// How the sender called the transaction (ENVID), decoded.
    pub envelope_id: Option<String>,
    /// When the letter came to the host, as header fields write it.
    pub arrival: Option<String>,
    /// What became of it, one recipient after the other.
    pub recipients: Vec<Recipient>,
}

/// What became of a letter for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// What the sender called the recipient (ORCPT), decoded: `rfc822;pat@harbor.test`.
    pub original: Option<String>,
    /// The address in the envelope.
    pub address: String,
    /// What was done.
    pub action: Action,
    /// How it stands: class 2 for a delivery, 4 for a delay, 5 for a failure.
    pub status: Status,
    /// Why, where no server said anything: `harbor.test takes no mail`.
    pub why: Option<String>,
    /// The server that said something.
    pub remote: Option<String>,
    /// What it said, whole, in one line; see [`diagnostic`].
    pub diagnostic: Option<String>,
    /// When it was tried last.
    pub last_attempt: Option<String>,
    /// The host's id for the letter.
    pub log_id: Option<String>,
    /// Until when it will be tried; only of a delay.
    pub retry_until: Option<String>,
}

/// What a host has done with a letter (RFC 3464 §2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Given up.
    Failed,
    /// Still trying.
    Delayed,
    /// Put into the mailbox.
    Delivered,
    /// Handed to a host that reports no deliveries.
    Relayed,
    /// Delivered, and sent on to several others.
    Expanded,
}

impl Action {
    const ALL: [Self; 5] = [Self::Failed, Self::Delayed, Self::Delivered, Self::Relayed, Self::Expanded];

    /// The value of the Action field.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
            Self::Relayed => "relayed",
            Self::Expanded => "expanded",
        }
    }

    /// The class that the status of such a report has (RFC 3464 §2.3.4).
    pub const fn class(self) -> u8 {
        match self {
            Self::Failed => 5,
            Self::Delayed => 4,
            Self::Delivered | Self::Relayed | Self::Expanded => 2,
        }
    }
}

/// What is around a report: the letter that carries it.
#[derive(Debug, Clone, Copy)]
pub struct Cover<'a> {
    /// Who answers for the host: a postmaster (RFC 3464 §2).
    pub from: &'a str,
    /// Who wrote the letter: its reverse path.
    pub to: &'a str,
    /// When, as header fields write it.
    pub date: &'a str,
    /// What the report is called, without angle brackets.
    pub id: &'a str,
    /// The letter that is reported on.
    pub letter: &'a [u8],
    /// The sender wants all of it back (RET=FULL); else its header goes back.
    pub whole: bool,
    /// The letter came by SMTPUTF8: addresses may be beyond ASCII.
    pub international: bool,
}

impl Report {
    /// The report as a letter, every line ended by CR LF; without dot-stuffing.
    pub fn octets(&self, cover: &Cover<'_>) -> Vec<u8> {
        // Only a failure sends the letter back whole (RFC 3461 §6.2).
        let failed = self.recipients.iter().any(|recipient| recipient.action == Action::Failed);
        let whole = cover.whole && failed && cover.letter.len() <= WHOLE;
        let returned = if whole { cover.letter } else { field::halves(cover.letter).0 };
        let eight_bit = if returned.is_ascii() { "7bit" } else { "8bit" };
        let (charset, status, content) = match (cover.international, whole) {
            (false, true) => ("us-ascii", "message/delivery-status", "message/rfc822"),
            (false, false) => ("us-ascii", "message/delivery-status", "text/rfc822-headers"),
            (true, true) => ("utf-8", "message/global-delivery-status", "message/global"),
            (true, false) => ("utf-8", "message/global-delivery-status", "message/global-headers"),
        };
        let (words, fields) = (self.words(), self.fields());
        let encoding = |text: &str| if text.is_ascii() { "7bit" } else { "8bit" };
        let top = if (words.is_ascii() && fields.is_ascii()) && returned.is_ascii() { "7bit" } else { "8bit" };
        let boundary = boundary(cover);
        let mut text = format!(
            "Date: {}\r\nFrom: Mail delivery <{}>\r\nTo: <{}>\r\nSubject: {}\r\nMessage-ID: <{}>\r\n\
             Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"{boundary}\"\r\n\
             Content-Transfer-Encoding: {top}\r\n\r\n",
            cover.date,
            cover.from,
            cover.to,
            self.subject(),
            cover.id,
        );
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "--{boundary}\r\nContent-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {}\r\n\r\n{words}\r\n\
             --{boundary}\r\nContent-Type: {status}\r\nContent-Transfer-Encoding: {}\r\n\r\n{fields}\r\n\
             --{boundary}\r\nContent-Type: {content}\r\nContent-Transfer-Encoding: {eight_bit}\r\n\r\n",
            encoding(&words),
            encoding(&fields),
        );
        [text.as_bytes(), returned, format!("\r\n--{boundary}--\r\n").as_bytes()].concat()
    }

    /// `message/delivery-status`: one group of fields for the letter, one for each recipient (RFC 3464 §2.1).
    fn fields(&self) -> String {
        let mut text = String::new();
        add(&mut text, "Original-Envelope-Id", self.envelope_id.as_deref());
        add(&mut text, "Reporting-MTA", Some(&format!("dns; {}", self.reporting)));
        add(&mut text, "Arrival-Date", self.arrival.as_deref());
        for recipient in &self.recipients {
            text.push_str("\r\n");
            recipient.add_to(&mut text);
        }
        text
    }
}

impl Recipient {
    fn add_to(&self, text: &mut String) {
        add(text, "Original-Recipient", self.original.as_deref());
        let kind = if self.address.is_ascii() { "rfc822" } else { "utf-8" };
        add(text, "Final-Recipient", Some(&format!("{kind}; {}", self.address)));
        add(text, "Action", Some(self.action.name()));
        let why = self.why.as_deref().map_or_else(String::new, |why| format!(" ({})", escaped(why)));
        add(text, "Status", Some(&format!("{}{why}", self.status)));
        add(text, "Remote-MTA", self.remote.as_ref().map(|remote| format!("dns; {remote}")).as_deref());
        let diagnostic = self.diagnostic.as_ref().map(|said| format!("smtp; {said}"));
        add(text, "Diagnostic-Code", diagnostic.as_deref());
        add(text, "Last-Attempt-Date", self.last_attempt.as_deref());
        add(text, "Final-Log-ID", self.log_id.as_deref());
        add(text, "Will-Retry-Until", self.retry_until.as_deref().filter(|_| self.action == Action::Delayed));
    }
}

/// A reply as a report quotes it: all its lines, codes and all, in one (RFC 3464 §2.3.6). Octets that are no text are
/// escaped; so are those beyond ASCII unless the report is `international`.
pub fn diagnostic(reply: &Reply, international: bool) -> String {
    let lines = reply.bytes().split(|octet| *octet == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let mut words = Vec::new();
    for line in lines {
        let line = safe::plain(line).into_string();
        let line = if international { line } else { ascii(&line) };
        words.extend(line.split_ascii_whitespace().flat_map(pieces).collect::<Vec<_>>());
    }
    words.join(" ")
}

fn ascii(text: &str) -> String {
    let escape =
        |character: char| if character.is_ascii() { character.into() } else { character.escape_unicode().to_string() };
    text.chars().map(escape).collect()
}

/// A word, cut where it is too long for a line.
fn pieces(word: &str) -> Vec<String> {
    let characters: Vec<char> = word.chars().collect();
    characters.chunks(WORD / 4).map(|piece| piece.iter().collect()).collect()
}

/// One field, folded where its line gets long, if there is a value.
fn add(text: &mut String, name: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    let mut width = name.len() + 1;
    text.push_str(name);
    text.push(':');
    for word in value.split(' ') {
        // A line of white space alone would end the header for many readers.
        if width + word.len() >= FOLD && !word.is_empty() && width > 1 {
            text.push_str("\r\n");
            width = 0;
        }
        text.push(' ');
        text.push_str(word);
        width += word.len() + 1;
    }
    text.push_str("\r\n");
}

/// A text inside a comment (RFC 5322 §3.2.2).
fn escaped(text: &str) -> String {
    let escape =
        |character| if matches!(character, '(' | ')' | '\\') { format!("\\{character}") } else { character.into() };
    text.chars().map(escape).collect()
}

/// A line that stands nowhere in the letter. It follows from the report's id, so that the same report has the same octets.
fn boundary(cover: &Cover<'_>) -> String {
    let mut boundary = format!("report_{}", cover.id.split('@').next().unwrap_or_default());
    while memchr::memmem::find(cover.letter, boundary.as_bytes()).is_some() {
        boundary.push('_');
    }
    boundary
}
