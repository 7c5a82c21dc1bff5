//! Notes: the third column of the transcript, a few words on each line. They are looked up when a row is drawn and
//! never stored, so a note costs no more than a table look-up; only a refusal is matched against provider texts.

mod capability;
mod command;
mod content;
mod mark;
mod reply;
mod sasl;
mod size;

use std::borrow::Cow;

use super::about::About;
use super::{explain, extensions, fields, flaws, glossary, mechanisms, records, replies, statuses, verbs};

pub(crate) use capability::{Login, login_risk};
pub(crate) use reply::detail;
pub(crate) use sasl::prompt;
pub(crate) use size::octets;

/// The longest note, in terminal cells.
pub const LONGEST: usize = 60;

/// A few words on one line of a transcript: at most [`LONGEST`] cells of printable text, perhaps none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Note {
    /// The words; empty if the line needs none.
    pub text: Cow<'static, str>,
    /// What the line is to the eye.
    pub sign: Sign,
}

/// What a line is to the eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sign {
    /// It worked.
    Ok,
    /// It was refused, for now or for good.
    Refused,
    /// Something is odd or unsafe.
    Problem,
    /// Nothing to point at.
    #[default]
    Plain,
}

impl Note {
    /// A note without a mark.
    pub(crate) fn plain(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), sign: Sign::Plain }
    }

    /// A note on something that worked.
    pub(crate) fn ok(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), sign: Sign::Ok }
    }

    /// A note on something odd or unsafe.
    pub(crate) fn problem(text: impl Into<Cow<'static, str>>) -> Self {
        Self { text: text.into(), sign: Sign::Problem }
    }

    /// A note from a table: a text that begins with `!` is a problem.
    pub(crate) fn from_table(text: &'static str) -> Self {
        match text.strip_prefix("! ") {
            Some(warning) => Self::problem(warning),
            None => Self::plain(text),
        }
    }
}

/// The note on one row, or on a thing by its name.
pub fn note(about: &About<'_>) -> Note {
    match *about {
        About::Reply(line) => reply::note(line),
        About::Stray(line) => reply::stray(line),
        About::Command(line) => command::note(line),
        About::Content { line, part } => content::note(line, part),
        About::EndOfData => Note::from_table(gloss_of_verb(b".")),
        About::Chunk => Note::default(),
        About::Sasl(line) => sasl::note(line),
        About::Undecided => Note::plain("what this is depends on the server's answer"),
        About::Elided(octets) => mark::elided(octets),
        About::Mark(it) => mark::note(it),
        About::Keyword(line) => capability::note(line, true),
        About::Capability { line, tls } => capability::note(line, tls),
        ref named => by_name(named),
    }
}

/// The note on a thing by its name: the shortest words its table has.
fn by_name(about: &About<'_>) -> Note {
    let text = match *about {
        About::Code(code) => replies::code(code).map(|entry| entry.gloss.as_str()),
        About::Status(_, subject, detail) => statuses::code(subject, detail).map(|entry| entry.gloss.as_str()),
        About::Verb(verb) => verbs::verb(verb.as_bytes()).map(|entry| entry.gloss.as_str()),
        About::Parameter(verb, name) => {
            extensions::parameter(verb, name.as_bytes()).map(|(extension, _)| extension.gloss.as_str())
        }
        About::Mechanism(name) => mechanisms::mechanism(name.as_bytes()).map(|entry| entry.title.as_str()),
        About::Header(name) => fields::header(name.as_bytes()).map(|entry| entry.gloss.as_str()),
        About::Record { kind, text } => explain::record_title(kind, text),
        About::Tag { policy, tag } => return tag_of(policy, tag).unwrap_or_default(),
        About::Flaw(id) => flaws::flaw(id).map(|flaw| flaw.title.as_str()),
        About::Term(term) => glossary::term(term).map(|entry| entry.short.as_str()),
        _ => None,
    };
    text.map(Note::from_table).unwrap_or_default()
}

/// The note on a tag of a policy: what it is for, and what its value says.
fn tag_of(policy: &str, text: &str) -> Option<Note> {
    let policy = records::policy_named(policy)?;
    let tag = records::tag(policy, text)?;
    let words = if tag.gloss.is_empty() { tag.meaning.trim_end_matches('.') } else { &tag.gloss };
    let value = records::value(policy, tag, text).filter(|value| words.len() + 2 + value.len() <= LONGEST);
    let both = |value| if policy.id == "spf" { format!("{words}; {value}") } else { format!("{words}: {value}") };
    Some(value.map_or(Note::plain(words), |value| Note::plain(both(value)))).filter(|note| note.text.len() <= LONGEST)
}

/// The gloss of a verb, empty if there is none.
fn gloss_of_verb(verb: &[u8]) -> &'static str {
    verbs::verb(verb).map_or("", |entry| &entry.gloss)
}
