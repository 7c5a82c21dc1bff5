//! Logs of mail servers, line by line: which reply a line tells of, and which replies a whole log tells of, how often.
//!
//! ```text
//! Postfix   … to=<pat@x.test>, …, dsn=5.1.1, status=bounced (host mx.x.test[192.0.2.1] said: 550 5.1.1 … (in reply to …))
//! Exim      … ** pat@x.test R=… T=… H=mx.x.test [192.0.2.1]: SMTP error … after RCPT TO:<pat@x.test>: 550 5.1.1 …
//! Sendmail  … to=<pat@x.test>, …, dsn=4.7.1, stat=Deferred: 451 4.7.1 …
//! Exchange  …,192.0.2.1:25,198.51.100.2:4711,<,550 5.1.1 …,       and [{LED=550 5.1.1 …};{MSG=…}]
//! ```
//!
//! A log of any size takes constant memory: replies of one kind, which differ in names and numbers alone, are counted.

mod line;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::HashMap;

use super::explanation::{Confidence, Explanation};
use super::given::{self, Given};
pub use line::{Entry, begins, entry, is_line};

/// Kinds of replies that are told apart; the rest is counted together.
const KINDS: usize = 1000;
/// Words by which kinds are told apart.
const WORDS: usize = 12;

/// What was found in a log, so far.
#[derive(Debug, Default)]
pub struct Digest {
    /// Lines.
    pub lines: u64,
    /// Lines that tell of a success.
    pub accepted: u64,
    /// Lines that tell of a reply for which there was no room any more.
    pub beyond: u64,
    kinds: HashMap<Vec<u8>, Kind>,
}

/// Replies that differ in names and numbers alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// 4 or 5.
    pub class: u8,
    /// The first of them, from its code on; a status code by itself, or nothing, where the line has no reply.
    pub reply: Vec<u8>,
    /// The words of the log where the line has no reply.
    pub words: Vec<u8>,
    /// How many.
    pub count: u64,
    /// The line of the first, from 1.
    pub line: u64,
}

impl Digest {
    /// Takes the next line, without its end.
    pub fn push(&mut self, text: &[u8]) {
        self.lines += 1;
        let Some(entry) = entry(text) else { return };
        if entry.class == 2 {
            self.accepted += 1;
            return;
        }
        let key = [kind(entry.reply), kind(entry.words)].concat();
        if let Some(kind) = self.kinds.get_mut(&key) {
            kind.count += 1;
        } else if self.kinds.len() < KINDS {
            let (reply, words) = (entry.reply.to_vec(), entry.words.to_vec());
            self.kinds.insert(key, Kind { class: entry.class, reply, words, count: 1, line: self.lines });
        } else {
            self.beyond += 1;
        }
    }

    /// The kinds: refusals first, then what is tried again; within them the most frequent first.
    pub fn kinds(&self) -> Vec<&Kind> {
        let mut kinds: Vec<&Kind> = self.kinds.values().collect();
        kinds.sort_by_key(|kind| (kind.is_transient(), Reverse(kind.count), kind.line));
        kinds
    }
}

impl Digest {
    /// How it went, in numbers.
    pub fn words(&self) -> String {
        let (later, never): (Vec<&Kind>, Vec<&Kind>) = self.kinds.values().partition(|kind| kind.is_transient());
        let sum = |kinds: &[&Kind]| kinds.iter().map(|kind| kind.count).sum::<u64>();
        let lines = if self.lines == 1 { "line" } else { "lines" };
        let beyond = if self.beyond == 0 { String::new() } else { format!(", {} more of other kinds", self.beyond) };
        let (taken, later, never) = (self.accepted, sum(&later), sum(&never));
        format!("{} {lines}: {taken} taken, {never} refused, {later} to be tried again{beyond}.", self.lines)
    }
}

impl Kind {
    /// True for 4yz and 4.y.z: it is tried again.
    fn is_transient(&self) -> bool {
        self.class == 4
    }

    /// What it means.
    pub fn explained(&self) -> Vec<Given> {
        Entry { class: self.class, reply: &self.reply, words: &self.words }.explained()
    }

    /// How often, and where first.
    pub fn place(&self) -> String {
        match self.count {
            1 => format!("once, in line {}:", self.line),
            count => format!("{count} times, first in line {}:", self.line),
        }
    }
}

impl Entry<'_> {
    /// What it means: the reply; else what the words are known to say, or the status code with them.
    pub fn explained(&self) -> Vec<Given> {
        let status = self.reply.split(|octet| *octet == b' ').next().unwrap_or_default();
        let about = [self.reply, self.words].join(&b' ').trim_ascii().to_vec();
        let words = given::read(self.words).ok().or_else(|| given::read(status).ok());
        let found = given::reply(self.reply).or(words).map(|mut found| {
            if let Some(given) = found.first_mut().filter(|_| !self.words.is_empty()) {
                given.about.clone_from(&about);
            }
            found
        });
        found.unwrap_or_else(|| if about.is_empty() { Vec::new() } else { vec![unknown(self.class, about)] })
    }
}

/// Words of a log of which nothing more is known than what became of the letter.
fn unknown(class: u8, about: Vec<u8>) -> Given {
    let (title, said) = match class {
        4 => (
            "Not yet",
            "The server that writes this log has not delivered it, and tries again. Its words are not known here.",
        ),
        _ => ("Refused", "The server that writes this log refuses it or gives it up. Its words are not known here."),
    };
    Given { what: "text", about, it: Explanation::new(title, "words of a log").say(said).sure(Confidence::Likely) }
}

/// What the replies of one kind have in common: the code, and the first words that are neither names nor numbers.
fn kind(reply: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(64);
    let words = reply.split(|octet| *octet == b' ').filter(|word| !word.is_empty());
    let is_plain = |word: &&[u8]| word.iter().all(|octet| octet.is_ascii_alphabetic() || b",:;'()!".contains(octet));
    let is_code = |word: &&[u8]| word.iter().all(|octet| octet.is_ascii_digit() || b".-".contains(octet));
    let codes = words.clone().take(2).take_while(is_code).count();
    for word in words.clone().take(codes).chain(words.skip(codes).filter(is_plain).take(WORDS)) {
        key.extend_from_slice(word);
        key.push(b' ');
    }
    key
}
