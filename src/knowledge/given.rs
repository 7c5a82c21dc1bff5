//! What a text is that somebody gives to be explained: a problem, a code, a reply, a line of the client, words of a server.
//!
//! The first that fits, in this order: a problem's id; an enhanced code, a reply code, a reply; a keyword of EHLO, a command
//! line, a mechanism, a term; the words of a reply whose code is missing. A word that is two things is explained as both.
//! What nothing fits is said not to be known.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::dns::near::distance;
use crate::smtp::command::{Command, Verb};
use crate::smtp::line::{Line, lines};
use crate::smtp::status::Status;

use super::about::{About, CommandLine, ReplyLine, To};
use super::explanation::Explanation;
use super::servers::fingerprint::{Traits, fingerprint};
use super::{explain, extensions, fields, glossary, line, mechanisms, messages, problems, records, servers, verbs};

/// Octets of a text that is no letter; a reply of many lines has less.
pub const LONGEST: usize = 16 * 1024;
/// Letters that may be wrong in a word that is taken for another one.
const SLIPS: usize = 2;

/// Something that was given, and what there is to say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// What it is: `reply`, `command`, …
    pub what: &'static str,
    /// The octets that are explained, with what is secret in them replaced by stars. They are remote bytes.
    pub about: Vec<u8>,
    /// What it means.
    pub it: Explanation,
}

/// Why a text is not explained, in words that do not repeat it: it may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// What can be said of it.
    pub why: String,
    /// The nearest thing that it could be, as a sentence; empty if nothing is near.
    pub near: String,
}

/// Explains a text that is no letter.
pub fn read(text: &[u8]) -> Result<Vec<Given>, Unknown> {
    let text = text.trim_ascii();
    if text.len() > LONGEST {
        return Err(unknown(format!("A text of more than {LONGEST} octets that is no letter is not taken."), ""));
    }
    let rows = lines(text).filter(|line| !line.text.trim_ascii().is_empty()).count();
    if let Some(given) = number(text).or_else(|| reply(text)) {
        return Ok(given);
    }
    if rows == 1
        && let Some(given) = client(text)
    {
        return Ok(given);
    }
    if let Some(given) = within(text).or_else(|| said(text)) {
        return Ok(given);
    }
    if rows > 1 {
        let next = "Give one reply, one line or one letter at a time.";
        return Err(unknown("Several lines that are neither one reply nor a letter are not known here.".into(), next));
    }
    if let Some(given) = sloppy(text) {
        return Ok(given);
    }
    Err(unknown("This text is not known here, and nothing is guessed from it.".into(), &near(text)))
}

/// A reply, whatever it answers; nothing if its lines are not those of one reply.
pub fn reply(text: &[u8]) -> Option<Vec<Given>> {
    let rows: Vec<Line<'_>> = lines(text).filter(|line| !line.text.trim_ascii().is_empty()).collect();
    let parts: Vec<_> = rows.iter().map(|row| line::reply(row.text)).collect::<Option<_>>()?;
    let (first, more) = parts.split_first()?;
    let code = first.code;
    let one = (200..600).contains(&code) && more.iter().all(|part| part.code == code);
    if !one || text.len() <= 3 {
        return None;
    }
    let whole: Vec<u8> = rows.iter().flat_map(|row| [row.text, b"\r\n"].concat()).collect();
    let normal = line::normal(&whole);
    let keywords: Vec<&[u8]> = parts.iter().map(|part| part.text).filter(|text| is_offered(code, text)).collect();
    let greeting = code == 220 && memchr::memmem::find(&normal.text, b"SMTP").is_some();
    let texts: Vec<&[u8]> = parts.iter().map(|part| part.text).collect();
    let (to, server) = match code {
        220 if greeting => (To::Greeting, fingerprint(&Traits { greeting: &texts, ..Traits::default() })),
        250 if !keywords.is_empty() => (To::Verb("EHLO"), None),
        _ => (To::Unasked, messages::whose(&normal).and_then(servers::server)),
    };
    let line = whole.split_inclusive(|octet| *octet == b'\n').next().unwrap_or_default();
    let about = ReplyLine { to, line, whole: &whole, first: true, last: rows.len() == 1, tls: false, server };
    let mut it = explain(&About::Reply(about));
    it.subtitle = match to {
        To::Unasked => "reply".into(),
        To::Greeting => "reply, by its words the greeting".into(),
        _ => "reply, by its words the answer to EHLO".into(),
    };
    let mut given = vec![Given { what: "reply", about: joined(&rows), it }];
    given.extend(keywords.into_iter().map(keyword));
    Some(given)
}

/// The reply that a delivery report quotes, all its lines in one, codes and all (RFC 3464 §2.3.6).
pub fn quoted(diagnostic: &str) -> Option<Vec<Given>> {
    let (first, words) = diagnostic.split_once(' ').unwrap_or((diagnostic, ""));
    if Status::parse(first.as_bytes()).is_some() {
        return said(words.as_bytes()).or_else(|| number(first.as_bytes()));
    }
    // Some put a colon behind the code, or write the code twice.
    let code = diagnostic.get(..3).filter(|code| code.bytes().all(|octet| octet.is_ascii_digit()));
    let Some(code) = code else { return said(diagnostic.as_bytes()) };
    let diagnostic = match diagnostic.get(3..).map(|rest| rest.trim_start_matches([':', ' '])) {
        Some(rest) if rest.starts_with(code) => rest.to_owned(),
        Some(rest) if diagnostic.get(3..4) == Some(":") => format!("{code} {rest}"),
        _ => diagnostic.to_owned(),
    };
    let mut text = String::with_capacity(diagnostic.len());
    for (index, word) in diagnostic.split_ascii_whitespace().enumerate() {
        let begins = word == code || word.strip_prefix(code).is_some_and(|rest| rest.starts_with('-'));
        if index > 0 {
            text.push(if begins { '\n' } else { ' ' });
        }
        text.push_str(word);
    }
    reply(text.as_bytes())
}

fn is_offered(code: u16, text: &[u8]) -> bool {
    code == 250 && extensions::keyword(line::first_word(text).0).is_some()
}

/// A problem, or a code by itself.
fn number(text: &[u8]) -> Option<Vec<Given>> {
    let word = line::plain(text, 16)?;
    if problems::entry(word).is_some() {
        return Some(vec![given("problem", text, &About::Term(word))]);
    }
    if let Some(status) = Status::parse(text) {
        let about = About::Status(u16::from(status.class), status.subject, status.detail);
        return Some(vec![given("status", text, &about)]);
    }
    let code: u16 = word.parse().ok().filter(|code| (200..600).contains(code) && word.len() == 3)?;
    Some(vec![given("code", text, &About::Code(code))])
}

/// What one line of the client may be, or one of what a server offers, or a name.
fn client(text: &[u8]) -> Option<Vec<Given>> {
    let (word, rest) = line::first_word(text);
    let command = Command::parse(text);
    let mut found = Vec::new();
    if is_keyword_line(word, rest) {
        found.push(keyword(text));
    }
    if verbs::verb(word).is_some() && is_well_formed(&command) && (found.is_empty() || is_short(rest)) {
        found.push(self::command(text));
    }
    if !found.is_empty() {
        return Some(found);
    }
    let name = line::plain(text, 60);
    if let Some(name) = name.filter(|name| mechanisms::mechanism(name.as_bytes()).is_some()) {
        return Some(vec![given("mechanism", text, &About::Mechanism(name))]);
    }
    let term = std::str::from_utf8(text).ok().filter(|text| glossary::term(text).is_some());
    if let Some(term) = term {
        return Some(vec![given("term", text, &About::Term(term))]);
    }
    let name = name.map(|name| name.trim_end_matches(':'))?;
    if fields::header(name.as_bytes()).is_some() {
        return Some(vec![given("header", text, &About::Header(name))]);
    }
    records::record(name).is_some().then(|| vec![given("record", text, &About::Record { kind: name, text: "" })])
}

/// Whether a line is one that a server offers: of AUTH only if nothing but names of mechanisms follows, because what
/// follows the first of them in a command is a secret.
fn is_keyword_line(word: &[u8], rest: &[u8]) -> bool {
    if extensions::keyword(word).is_none() {
        return false;
    }
    let names = || rest.split(u8::is_ascii_whitespace).filter(|name| !name.is_empty());
    match Verb::parse(word) {
        Verb::Auth => names().all(|name| mechanisms::mechanism(name).is_some()),
        Verb::Other => word.iter().any(u8::is_ascii_uppercase) || rest.is_empty(),
        _ => rest.is_empty(),
    }
}

/// One word at most.
fn is_short(rest: &[u8]) -> bool {
    !rest.trim_ascii().contains(&b' ')
}

/// Whether a line is a command that its server would read without complaint.
fn is_well_formed(command: &Command<'_>) -> bool {
    let named = |name: &[u8]| mechanisms::mechanism(name).is_some() || mechanisms::family(name).is_some();
    match command.verb {
        Verb::Auth => command.mechanism().is_none_or(named),
        Verb::Other => command.word().iter().all(u8::is_ascii_uppercase),
        _ => command.flaws().is_empty(),
    }
}

/// A command that has something wrong with it, and is meant as one all the same.
fn sloppy(text: &[u8]) -> Option<Vec<Given>> {
    let command = Command::parse(text);
    let begins = |word: &[u8]| command.argument.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let meant = match command.verb {
        Verb::Mail => begins(b"FROM"),
        Verb::Rcpt => begins(b"TO"),
        _ => command.word().iter().all(u8::is_ascii_uppercase) || is_short(command.argument),
    };
    (meant && verbs::verb(command.word()).is_some()).then(|| vec![self::command(text)])
}

/// A reply inside what a program says around it: `…Exception: 550 5.7.1 no`, and as Python shows it, `(550, b'5.7.1 no')`.
fn within(text: &[u8]) -> Option<Vec<Given>> {
    static REPLY: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let code = r"[245]\d\d";
        let status = r"[245]\.\d{1,3}\.\d{1,3}\b";
        Regex::new(&format!(
            r#"(?-u)\((?P<code>{code}), b?['"](?P<words>[^'"]+)|(?:[:;,] |[(>'"]|\bsaid |\bstatus |\bcode |\breplied |\breturned )(?P<reply>{code}[ -](?:{status} ?)?[A-Za-z<\[#].*|{code}[ -]{status}.*)"#
        ))
        .ok()
    });
    if text.contains(&b'\n') {
        return None;
    }
    let found = REPLY.as_ref()?.captures(text)?;
    let group = |name| found.name(name).map(|group: regex::bytes::Match<'_>| group.as_bytes());
    match (group("code"), group("words")) {
        (Some(code), Some(words)) => {
            let lines = words.split(|octet| *octet == b'\\').map(|line| line.strip_prefix(b"n").unwrap_or(line));
            let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
            reply(&[code, b" ", &lines.join(&b' ')].concat())
        }
        _ => reply(group("reply")?.trim_ascii_end()),
    }
}

/// Words of a server whose code is missing. A text with a code inside, as a line of a log, says more than the words alone,
/// and is not read as them.
fn said(text: &[u8]) -> Option<Vec<Given>> {
    let words: Vec<&[u8]> = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    if has_code(&words) {
        return None;
    }
    let found = messages::of_text(&words.join(&b' '));
    let (first, others) = found.split_first()?;
    let others = others.iter().filter(|other| other.server != "any" && other.server != first.server);
    let it = others.fold(explain::said(first), |it, other| {
        let server = servers::server(&other.server).map_or("", |server| server.name.as_str());
        it.also(server, other.meaning.as_str())
    });
    Some(vec![Given { what: "text", about: masked(text), it }])
}

fn has_code(words: &[&[u8]]) -> bool {
    words.iter().any(|word| Status::find(word).is_some())
}

fn keyword(text: &[u8]) -> Given {
    given("keyword", text, &About::Keyword(text))
}

fn command(text: &[u8]) -> Given {
    let utf8 = text.to_ascii_uppercase().trim_ascii_end().split(|octet| *octet == b' ').any(|word| word == b"SMTPUTF8");
    let about = CommandLine { line: text, tls: false, greeted: true, utf8 };
    Given { what: "command", about: masked(text), it: explain(&About::Command(about)) }
}

fn given(what: &'static str, text: &[u8], about: &About<'_>) -> Given {
    Given { what, about: text.to_vec(), it: explain(about) }
}

/// The octets of a line, with stars for what AUTH carries behind its mechanism.
fn masked(text: &[u8]) -> Vec<u8> {
    let secret = Command::parse(text).initial_response().filter(|range| text.get(range.clone()) != Some(b"="));
    let (shown, hidden) = secret.and_then(|range| text.split_at_checked(range.start)).unwrap_or((text, b""));
    [shown, "*".repeat(hidden.len().min(8)).as_bytes()].concat()
}

fn joined(rows: &[Line<'_>]) -> Vec<u8> {
    rows.iter().map(|row| row.text).collect::<Vec<_>>().join(&b'\n')
}

fn unknown(why: String, near: &str) -> Unknown {
    Unknown { why, near: near.to_owned() }
}

/// What a text could be meant for.
fn near(text: &[u8]) -> String {
    let (word, rest) = line::first_word(text);
    let words: Vec<&[u8]> = rest.split(u8::is_ascii_whitespace).collect();
    if has_code(&words) {
        return "Give the reply in it alone, from its code on.".into();
    }
    let digits = word.iter().all(|octet| octet.is_ascii_digit() || *octet == b'.');
    if digits {
        return "A reply code has three digits and begins with 2 to 5; an enhanced code has three numbers, as 5.7.1."
            .into();
    }
    if let [b'P' | b'p', number @ ..] = word
        && number.iter().all(u8::is_ascii_digit)
    {
        let ids = || problems::table().problem.iter().map(|problem| problem.id.as_str());
        return format!("Problems have the ids {} to {}.", ids().next().unwrap_or(""), ids().next_back().unwrap_or(""));
    }
    let slips = if word.len() > 4 { SLIPS } else { 1 };
    let upper = word.to_ascii_uppercase();
    // Somebody's sentence is no slip in a command.
    if upper != word && word.len() < text.len() {
        return String::new();
    }
    let names = verbs::table().command.iter().map(|entry| entry.verb.as_str());
    let names = names.chain(extensions::table().extension.iter().map(|entry| entry.keyword.as_str()));
    let names = names.chain(mechanisms::table().mechanism.iter().map(|entry| entry.name.as_str()));
    let near = names.map(|name| (distance(&upper, name.to_ascii_uppercase().as_bytes()), name)).min();
    match near {
        Some((wrong, name)) if wrong <= slips && word.len() > 2 => format!("Did you mean {name}?"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests;
