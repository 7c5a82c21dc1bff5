//! Bounces in free text (`bounces.toml`): who could not be reached, where, and what was said there. Nothing is guessed: what
//! no expression finds is not told.
//!
//! A report for programs (RFC 3464) says the same in fields and is read by `mail`; here is what people are told.

use std::sync::LazyLock;

use regex::bytes::{Captures, Regex, RegexBuilder};
use serde::Deserialize;

use super::explanation::{Explanation, sentence};
use super::given::{Given, quoted};
use super::table::{Meta, load};
use crate::safe;

static TABLE: LazyLock<Table> = LazyLock::new(|| load(include_str!("../../assets/knowledge/bounces.toml")));

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| table().bounce.iter().filter_map(Form::of).collect());

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
    /// The program.
    pub name: String,
    /// By what it is told.
    pub sign: String,
    /// A paragraph about a recipient, with the groups `to`, `host` and `said`.
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
    said: String,
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
            let Some(said) = own("said") else { continue };
            let failure = Failure { to, host, said };
            if !failures.contains(&failure) {
                failures.push(failure);
            }
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
pub fn read(text: &[u8]) -> Vec<Given> {
    let text = text.get(..LONGEST).unwrap_or(text);
    let paragraphs = paragraphs(text);
    let signed = FORMS.iter().filter(|form| paragraphs.iter().any(|paragraph| form.sign.is_match(paragraph)));
    let found = signed.map(|form| (form, form.failures(&paragraphs))).find(|(_, failures)| !failures.is_empty());
    let Some((form, failures)) = found else { return Vec::new() };
    let whole = paragraphs.join(&b' ');
    let reporter = form.reporter.as_ref().and_then(|place| group(place.captures(&whole).as_ref(), "reporter"));
    let mut given = vec![bounce(form, reporter, failures.len())];
    for failure in &failures {
        given.push(recipient(failure));
        given.extend(quoted(&failure.said).unwrap_or_default());
    }
    given
}

fn bounce(form: &Form, reporter: Option<String>, count: usize) -> Given {
    let place = reporter.as_ref().map(|host| format!(" at {host}")).unwrap_or_default();
    let many = if count == 1 { "one recipient".to_owned() } else { format!("{count} recipients") };
    let it = Explanation::new(format!("A bounce by {}{place}", form.name), "letter, in free text")
        .say(sentence(&format!("The server that writes this gives a letter back: it did not reach {many}")))
        .say("What another server said is quoted in it and explained below; that server decided, not the one that writes.")
        .cite("RFC 5321 6.1");
    Given { what: "bounce", about: reporter.unwrap_or_else(|| form.name.to_owned()).into_bytes(), it }
}

fn recipient(failure: &Failure) -> Given {
    let it = Explanation::new(format!("{} · not reached", failure.to), "recipient of the letter that came back")
        .also("server that spoke", failure.host.clone().unwrap_or_default())
        .also("it said", failure.said.clone());
    Given { what: "recipient", about: failure.to.clone().into_bytes(), it }
}

/// The paragraphs of a text, each in one line. One that ends with a colon is joined with the next one as well.
fn paragraphs(text: &[u8]) -> Vec<Vec<u8>> {
    let mut paragraphs: Vec<Vec<u8>> = Vec::new();
    let mut open: Vec<u8> = Vec::new();
    for line in text.split(|octet| *octet == b'\n').chain([&b""[..]]) {
        let line = straight(line);
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
