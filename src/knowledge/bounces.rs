//! Bounces in free text (`bounces.toml`): who could not be reached, where, and what was said there. Nothing is guessed: what
//! no expression finds is not told.
//!
//! A report for programs (RFC 3464) says the same in fields and is read by `mail`; here is what people are told.

use std::sync::LazyLock;

use regex::bytes::{Captures, Regex, RegexBuilder};
use serde::Deserialize;

use super::explanation::{Confidence, Explanation, sentence};
use super::fields;
use super::given::{Given, quoted};
use super::table::{Meta, load};
use crate::mail::{content, field};
use crate::safe;

/// What is said before the letter that came back.
static RETURNED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = r"(?i)^\W*(?:below this line is a copy|(?:the )?original message(?: follows)?\W*$|original message headers|this is a copy of (?:the|your) message|message headers follow|(?:below|included) is a copy of|the header of the original message|unsent message follows|returned message follows)";
    Regex::new(words).ok()
});

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/bounces.toml")));

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| table().bounce.iter().filter_map(Form::of).collect());

/// Who writes, where the text does not tell.
static SENDER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\bFrom: .{0,80}?\b(?:mailer-daemon|postmaster)@(?P<reporter>[a-z0-9.-]+)").ok());

/// Octets of a text that are looked at: what follows is the letter that came back.
const LONGEST: usize = 256 << 10;
/// Paragraphs that are looked at.
const PARAGRAPHS: usize = 400;
/// Recipients that are told.
const MOST: usize = 100;

/// The table of bounces.
pub fn table() -> &'static Table {
    &TABLE
}

/// All that `bounces.toml` holds.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Source.
    pub meta: Meta,
    /// The forms, the most special first.
    pub bounce: Vec<Entry>,
}

/// How one program writes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its name in the table.
    pub id: String,
    /// The program; empty if it is not known.
    pub name: String,
    /// By what it is told.
    pub sign: String,
    /// A paragraph about a recipient, with the groups `to`, `host`, `said` (or `why`, of the writer) and `later`.
    pub failure: String,
    /// Where the recipient stands, if not there.
    #[serde(default)]
    pub to: String,
    /// Where the host that spoke stands, if not there.
    #[serde(default)]
    pub host: String,
    /// Where the host that writes stands.
    #[serde(default)]
    pub reporter: String,
}

/// The expressions of an entry.
struct Form {
    name: &'static str,
    sign: Regex,
    failure: Regex,
    to: Option<Regex>,
    host: Option<Regex>,
    reporter: Option<Regex>,
}

/// What became of one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Failure {
    to: String,
    host: Option<String>,
    said: Option<String>,
    /// It is tried again.
    later: bool,
    /// What is said is what another server, or a program there, said.
    quotes: bool,
}

impl Form {
    fn of(entry: &'static Entry) -> Option<Self> {
        let compile = |text: &str| RegexBuilder::new(text).size_limit(4 << 20).build().ok();
        let optional = |text: &str| if text.is_empty() { None } else { compile(text) };
        Some(Self {
            name: &entry.name,
            sign: compile(&entry.sign)?,
            failure: compile(&entry.failure)?,
            to: optional(&entry.to),
            host: optional(&entry.host),
            reporter: optional(&entry.reporter),
        })
    }

    fn failures(&self, paragraphs: &[Vec<u8>]) -> Vec<Failure> {
        let whole = paragraphs.join(&b' ');
        let elsewhere = |place: &Option<Regex>, name| group(place.as_ref()?.captures(&whole).as_ref(), name);
        let mut failures = Vec::new();
        for found in paragraphs.iter().flat_map(|paragraph| self.failure.captures_iter(paragraph)) {
            let own = |name| group(Some(&found), name);
            let Some(to) = own("to").or_else(|| elsewhere(&self.to, "to")) else { continue };
            let host = own("host").or_else(|| own("told")).or_else(|| elsewhere(&self.host, "host"));
            let quotes = own("said").is_some();
            let failure =
                Failure { to, host, said: own("said").or_else(|| own("why")), later: own("later").is_some(), quotes };
            // What a server said says more than what the writer makes of it.
            let known = |other: &Failure| other == &failure || (other.to == failure.to && !quotes);
            if failures.iter().any(known) {
                continue;
            }
            failures.retain(|other| other.to != failure.to || other.quotes);
            failures.push(failure);
            if failures.len() >= MOST {
                break;
            }
        }
        failures
    }
}

fn group(found: Option<&Captures<'_>>, name: &str) -> Option<String> {
    let text = found?.name(name)?.as_bytes();
    Some(safe::screen(text).into_string()).filter(|text| !text.is_empty())
}

/// What a bounce tells: who writes, then each recipient and the reply that is quoted; nothing if the text is none.
///
/// Of a letter its text is read, decoded, with the fields that tell who writes before it; else the text as it stands.
pub fn read(text: &[u8]) -> Vec<Given> {
    let (fields, _) = field::split(text);
    let is_letter = fields.first().is_some_and(|first| fields::name_of(first).is_some());
    let decoded = if is_letter { explained(&of_letter(text, &fields)) } else { Vec::new() };
    if decoded.is_empty() { explained(text.get(..LONGEST).unwrap_or(text)) } else { decoded }
}

/// From and Subject, each a paragraph, and the text.
fn of_letter(letter: &[u8], fields: &[&[u8]]) -> Vec<u8> {
    let told =
        fields.iter().filter(|it| [&b"From"[..], b"Subject"].into_iter().any(|name| field::value(it, name).is_some()));
    let mut text: Vec<u8> = told.flat_map(|field| [field, &b"\n\n"[..]].concat()).collect();
    text.extend(content::text(letter, LONGEST));
    text
}

fn explained(text: &[u8]) -> Vec<Given> {
    let paragraphs = paragraphs(text);
    let signed = FORMS.iter().filter(|form| paragraphs.iter().any(|paragraph| form.sign.is_match(paragraph)));
    let found = signed.map(|form| (form, form.failures(&paragraphs))).find(|(_, failures)| !failures.is_empty());
    let Some((form, failures)) = found else { return Vec::new() };
    let whole = paragraphs.join(&b' ');
    let place = |place: &Regex| group(place.captures(&whole).as_ref(), "reporter");
    let reporter = form.reporter.as_ref().and_then(place).or_else(|| SENDER.as_ref().and_then(place));
    let mut given = vec![bounce(form, reporter, failures.len())];
    for failure in &failures {
        given.push(recipient(failure));
        given.extend(failure.said.as_deref().and_then(quoted).unwrap_or_default());
    }
    given
}

fn bounce(form: &Form, reporter: Option<String>, count: usize) -> Given {
    let place = reporter.as_ref().map(|host| format!(" at {host}")).unwrap_or_default();
    let many = if count == 1 { "one recipient".to_owned() } else { format!("{count} recipients") };
    let by = if form.name.is_empty() { "a program that is not known here" } else { form.name };
    let it = Explanation::new(format!("A bounce by {by}{place}"), "letter, in free text")
        .say(sentence(&format!("The server that writes this gives a letter back: it did not reach {many}")))
        .say("What another server said is quoted in it and explained below; that server decided, not the one that writes.")
        .cite("RFC 5321 6.1");
    let it = if form.name.is_empty() { it.sure(Confidence::Possible) } else { it };
    Given { what: "bounce", about: reporter.unwrap_or_else(|| by.to_owned()).into_bytes(), it }
}

fn recipient(failure: &Failure) -> Given {
    let state = if failure.later { "not reached yet" } else { "not reached" };
    let it = Explanation::new(format!("{} · {state}", failure.to), "recipient of the letter that came back")
        .also("server that spoke", failure.host.clone().unwrap_or_default())
        .also("it said", failure.said.clone().unwrap_or_default());
    Given { what: "recipient", about: failure.to.clone().into_bytes(), it }
}

/// The paragraphs of a text, each in one line. One that ends with a colon is joined with the next one as well.
fn paragraphs(text: &[u8]) -> Vec<Vec<u8>> {
    let mut paragraphs: Vec<Vec<u8>> = Vec::new();
    let mut open: Vec<u8> = Vec::new();
    let returned = |line: &[u8]| RETURNED.as_ref().is_some_and(|words| words.is_match(line));
    let lines = text.split(|octet| *octet == b'\n').map(straight).take_while(|line| !returned(line));
    for line in lines.chain([Vec::new()]) {
        let words: Vec<&[u8]> = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            if !open.is_empty() {
                let before = paragraphs.last().filter(|before| before.ends_with(b":") && open.len() < 4096);
                let joined = before.map(|before| [before.as_slice(), b" ", &open].concat());
                paragraphs.push(std::mem::take(&mut open));
                paragraphs.extend(joined);
            }
            if paragraphs.len() >= PARAGRAPHS {
                break;
            }
            continue;
        }
        if !open.is_empty() {
            open.push(b' ');
        }
        open.extend(words.join(&b' '));
    }
    paragraphs
}

/// A line with plain apostrophes, and without the sign of a quotation.
fn straight(line: &[u8]) -> Vec<u8> {
    let line = line.strip_prefix(b"> ").unwrap_or(line);
    let mut plain = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = memchr::memmem::find(rest, "\u{2019}".as_bytes()) {
        let (before, behind) = rest.split_at_checked(at).unwrap_or((rest, b""));
        plain.extend_from_slice(before);
        plain.push(b'\'');
        rest = behind.get(3..).unwrap_or_default();
    }
    plain.extend_from_slice(rest);
    plain
}

#[cfg(test)]
mod tests;
