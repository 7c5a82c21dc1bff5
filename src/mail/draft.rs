//! A letter made from a form: its header fields, a text, the same text as HTML, files.
//!
//! ```abnf
//! message      = fields CRLF body                       ; RFC 5322 §3.5
//! address-list = mailbox *( "," mailbox )               ; §3.4, without groups and comments
//! mailbox      = addr-spec / [ display-name ] "<" addr-spec ">"
//! ```
//!
//! What is made is legal: whatever would not be is refused with the rule that it breaks.

pub mod sample;

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::mime::{BodyPart, MimePart};

use crate::smtp::data::with_crlf;
use crate::smtp::path::{self, ForwardPath};

/// Octets of a line without its end, at most (RFC 5322 §2.1.1).
const LINE: usize = 998;

/// What a letter is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft<'a> {
    /// Who writes: a list of addresses.
    pub from: &'a str,
    /// To whom; may be empty.
    pub to: &'a str,
    /// Who gets a copy; may be empty.
    pub cc: &'a str,
    /// What it is about; may be empty.
    pub subject: &'a str,
    /// When, in seconds since 1970.
    pub date: u64,
    /// What it is called among all letters, without angle brackets (RFC 5322 §3.6.4).
    pub id: &'a str,
    /// The text; its lines may end with LF.
    pub text: &'a str,
    /// The text once more, as HTML.
    pub html: bool,
    /// Addresses may hold letters beyond ASCII (RFC 6532 §3.2).
    pub international: bool,
    /// Files that go with it.
    pub files: &'a [File],
    /// More header fields, or other texts for those above: names and texts. A name that stands here stands nowhere else.
    pub fields: &'a [(String, String)],
}

/// A file that goes with a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, without folders.
    pub name: String,
    /// What it holds.
    pub octets: Arc<[u8]>,
}

impl File {
    /// In base64 whatever it holds: it arrives octet for octet.
    fn part(&self) -> MimePart<'_> {
        // Lines of 76 characters (RFC 2045 §6.8).
        let lines: Vec<_> = self.octets.chunks(57).map(|line| STANDARD.encode(line) + "\r\n").collect();
        let part =
            MimePart::new(ContentType::new(kind(&self.name)), BodyPart::Binary(lines.concat().into_bytes().into()));
        part.attachment(&*self.name).transfer_encoding("base64")
    }
}

/// A field that holds addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Who writes.
    From,
    /// To whom.
    To,
    /// Who gets a copy.
    Cc,
}

/// Why no letter is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// From is empty.
    Nobody,
    /// What stands in a field is no address.
    NoAddress(Field, String),
    /// An address holds letters beyond ASCII.
    International(Field, String),
    /// A line that cannot be broken is longer than letters may have.
    Line(usize),
}

impl Draft<'_> {
    /// The octets of the letter, every line ended by CR LF; without dot-stuffing.
    pub fn octets(&self) -> Result<Vec<u8>, Unfit> {
        let from = self.list(Field::From, self.from)?;
        if from.is_empty() {
            return Err(Unfit::Nobody);
        }
        let is_own = |name: &str| self.fields.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
        let mut letter = MessageBuilder::new();
        if !is_own("Date") {
            letter = letter.date(Date::new(i64::try_from(self.date).unwrap_or(i64::MAX)));
        }
        if !is_own("From") {
            letter = letter.from(Address::new_list(from));
        }
        if !is_own("Message-ID") {
            letter = letter.message_id(self.id);
        }
        for (field, text) in [(Field::To, self.to), (Field::Cc, self.cc)] {
            let list = self.list(field, text)?;
            if !list.is_empty() && !is_own(field.name()) {
                letter = letter.header(field.name(), Address::new_list(list));
            }
        }
        if !self.subject.trim().is_empty() && !is_own("Subject") {
            letter = letter.subject(self.subject.trim());
        }
        for (name, text) in self.fields {
            // Words beyond ASCII are encoded (RFC 2047); a field that has none says what was given, word for word.
            letter = if text.is_ascii() {
                letter.header(name.as_str(), Raw::new(text.as_str()))
            } else {
                letter.header(name.as_str(), Text::new(text.as_str()))
            };
        }
        // Writing to a vector cannot fail.
        let octets = letter.body(self.body()).write_to_vec().unwrap_or_default();
        let octets = with_crlf(&octets);
        let longest = octets.split(|octet| *octet == b'\n').map(|line| line.len().saturating_sub(1)).max();
        match longest {
            Some(longest) if longest > LINE => Err(Unfit::Line(longest)),
            _ => Ok(octets),
        }
    }

    fn list<'b>(&self, field: Field, text: &'b str) -> Result<Vec<Address<'b>>, Unfit> {
        let mut list = Vec::new();
        for entry in entries(text) {
            let (name, address) = mailbox(entry);
            if !is_address(address) {
                return Err(Unfit::NoAddress(field, entry.to_owned()));
            }
            if !address.is_ascii() && !self.international {
                return Err(Unfit::International(field, address.to_owned()));
            }
            list.push(Address::new_address(name, address));
        }
        Ok(list)
    }

    fn body(&self) -> MimePart<'_> {
        let mut body = MimePart::new("text/plain", self.text);
        // A text that can go as it is can be read on the wire; anything else is encoded.
        if self.text.is_ascii() && self.text.lines().all(|line| line.len() <= LINE) {
            body = body.transfer_encoding("7bit");
        }
        if self.html {
            body = self.joined("alternative", vec![body, MimePart::new("text/html", as_html(self.text))]);
        }
        if !self.files.is_empty() {
            body = self.joined("mixed", [body].into_iter().chain(self.files.iter().map(File::part)).collect());
        }
        body
    }

    /// Several parts as one. The boundary follows from the letter's id, so that the same form gives the same octets, and
    /// stands nowhere in the text; files are in base64, which has no `_`.
    fn joined<'b>(&self, how: &str, parts: Vec<MimePart<'b>>) -> MimePart<'b> {
        let mut boundary = format!("{how}_{}", self.id.split('@').next().unwrap_or_default());
        while self.text.contains(&boundary) {
            boundary.push('_');
        }
        MimePart::new(ContentType::new(format!("multipart/{how}")).attribute("boundary", boundary), parts)
    }
}

/// The addresses of a list, without names and brackets, as far as they can be told.
pub fn addresses(list: &str) -> impl Iterator<Item = &str> {
    entries(list).map(|entry| mailbox(entry).1)
}

/// The entries of a list: commas inside quotes and brackets belong to an entry.
fn entries(list: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    let entries = list.split(move |character| {
        if escaped {
            escaped = false;
            return false;
        }
        match character {
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '<' if !quoted => bracketed = true,
            '>' if !quoted => bracketed = false,
            ',' => return !quoted && !bracketed,
            _ => {}
        }
        false
    });
    entries.map(str::trim).filter(|entry| !entry.is_empty())
}

/// The display name of an entry, and its address.
fn mailbox(entry: &str) -> (Option<String>, &str) {
    let bracketed = entry.strip_suffix('>').and_then(|entry| entry.rsplit_once('<'));
    let Some((name, address)) = bracketed else { return (None, entry) };
    let name = name.trim();
    let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name).replace('\\', "");
    ((!name.is_empty()).then_some(name), address)
}

/// True for an address as MAIL and RCPT take it: local part, `@`, domain.
pub fn is_address(text: &str) -> bool {
    let bracketed = format!("<{text}>");
    let read = path::forward(bracketed.as_bytes());
    let whole = read.len == bracketed.len() && read.flaws.is_empty();
    whole && matches!(read.path, ForwardPath::Path(path) if path.route.is_empty())
}

/// A text as a page: its paragraphs and lines, and nothing else.
fn as_html(text: &str) -> String {
    let text = text.trim_end().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let paragraphs: Vec<_> =
        text.split("\n\n").map(|text| format!("<p>{}</p>", text.replace('\n', "<br>\n"))).collect();
    format!("<!doctype html>\n<html><body>\n{}\n</body></html>\n", paragraphs.join("\n"))
}

/// What a file holds, by the end of its name (RFC 6838).
fn kind(name: &str) -> &'static str {
    let end = name.rsplit_once('.').map_or_else(String::new, |(_, end)| end.to_ascii_lowercase());
    match end.as_str() {
        "csv" => "text/csv",
        "gif" => "image/gif",
        "htm" | "html" => "text/html",
        "jpeg" | "jpg" => "image/jpeg",
        "json" => "application/json",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "txt" => "text/plain",
        "xml" => "application/xml",
        "zip" => "application/zip",
        _ => "application/octet-stream",
    }
}

impl Field {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::From => "From",
            Self::To => "To",
            Self::Cc => "Cc",
        }
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("From is empty: every letter says who wrote it (RFC 5322 §3.6.2)."),
            Self::NoAddress(field, text) => {
                let name = field.name();
                write!(
                    f,
                    "{name}: \"{text}\" is no address. Write you@example.org or Name <you@example.org>, with commas "
                )?;
                f.write_str("between (RFC 5322 §3.4).")
            }
            Self::International(field, address) => {
                let name = field.name();
                write!(
                    f,
                    "{name}: {address} goes beyond ASCII, and the server does not offer SMTPUTF8 (RFC 6531 §3.1)."
                )
            }
            Self::Line(octets) => {
                write!(f, "A line has {octets} octets and cannot be broken; {LINE} is the most (RFC 5322 §2.1.1).")
            }
        }
    }
}

impl std::error::Error for Unfit {}

#[cfg(test)]
mod tests;
