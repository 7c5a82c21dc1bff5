//! What a recording becomes for others: text for a ticket, a page for a class, a capture for Wireshark, a call to repeat it.
//!
//! One file a format. Each is made of the same sessions and events that the screen shows, and nothing of a stranger's goes
//! into one but through the gate or as octets that a format counts: `.eml`, pcapng.

pub mod cast;
pub mod commands;
pub mod eml;
pub mod html;
pub mod json;
pub mod markdown;
pub mod page;
pub mod pcapng;
pub mod script;
pub mod svg;
pub mod text;

#[cfg(test)]
mod tests;

use crate::record::reader::Recording;
use page::Page;

/// What a recording can become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Plain text of 80 columns.
    Text,
    /// Markdown: a block of what was said, and a table of what it means.
    Markdown,
    /// One page of HTML without resources from elsewhere.
    Html,
    /// A picture whose text is text.
    Svg,
    /// asciicast v2, for asciinema.
    Cast,
    /// Events, one JSON object a line.
    Json,
    /// A script of the dialogue language, for `ehlo run`.
    Script,
    /// The letters, octet by octet.
    Eml,
    /// A capture for Wireshark.
    Pcapng,
    /// Calls of other programs that do the same.
    Commands,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Text,
        Self::Markdown,
        Self::Html,
        Self::Svg,
        Self::Cast,
        Self::Json,
        Self::Script,
        Self::Eml,
        Self::Pcapng,
        Self::Commands,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Svg => "svg",
            Self::Cast => "cast",
            Self::Json => "json",
            Self::Script => "script",
            Self::Eml => "eml",
            Self::Pcapng => "pcapng",
            Self::Commands => "commands",
        }
    }

    /// How its files end.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Json => "jsonl",
            Self::Script => "smtp",
            Self::Commands => "sh",
            other => other.name(),
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// What it is for, in a few words.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Text => "plain text of 80 columns, for a ticket",
            Self::Markdown => "Markdown, for an issue or a wiki",
            Self::Html => "one page of HTML, for a course",
            Self::Svg => "a picture, for slides",
            Self::Cast => "asciicast, played by asciinema",
            Self::Json => "events, one JSON object a line",
            Self::Script => "a script, played by ehlo run",
            Self::Eml => "the letters, for a mail program",
            Self::Pcapng => "a capture, for Wireshark",
            Self::Commands => "calls of swaks, curl, openssl and Python",
        }
    }
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its name: our own, never one out of a letter.
    pub name: String,
    /// What it holds.
    pub octets: Vec<u8>,
    /// True for a letter in which a secret is hidden: it is not what was sent.
    pub masked: bool,
}

/// Why there is no export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotExported {
    /// There is no session in it.
    #[error("there is no session in the recording")]
    Empty,
    /// There is no letter in it that was kept whole.
    #[error("there is no letter in the recording that was kept whole")]
    NoLetter,
}

impl NotExported {
    /// The diagnostic id.
    pub const fn id(&self) -> &'static str {
        match self {
            Self::Empty => "export/empty",
            Self::NoLetter => "export/no-letter",
        }
    }
}

/// Makes of a recording what is asked for: one file, or of letters as many as there are.
pub fn export(recording: &Recording, format: Format) -> Result<Vec<Piece>, NotExported> {
    let page = Page::of(recording);
    if page.model.sessions().is_empty() {
        return Err(NotExported::Empty);
    }
    let octets = match format {
        Format::Text => text::print(&page).into_bytes(),
        Format::Markdown => markdown::print(&page).into_bytes(),
        Format::Html => html::print(&page).into_bytes(),
        Format::Svg => svg::print(&page).into_bytes(),
        Format::Cast => cast::print(&page).into_bytes(),
        Format::Json => json::print(recording).into_bytes(),
        Format::Script => script::print(&page).into_bytes(),
        Format::Pcapng => pcapng::print(recording, &page),
        Format::Commands => commands::print(&page).into_bytes(),
        Format::Eml => return eml::pieces(&page),
    };
    Ok(vec![Piece { name: format!("session.{}", format.ending()), octets, masked: false }])
}
