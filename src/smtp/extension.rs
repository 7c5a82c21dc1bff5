//! The extensions a server offers: what its reply to EHLO says.
//!
//! ```abnf
//! ehlo-ok-rsp  = ( "250" SP Domain [ SP ehlo-greet ] CRLF )
//!              / ( "250-" Domain [ SP ehlo-greet ] CRLF
//!                  *( "250-" ehlo-line CRLF )
//!                  "250" SP ehlo-line CRLF )               ; RFC 5321 §4.1.1.1
//! ehlo-line    = ehlo-keyword *( SP ehlo-param )
//! ehlo-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
//! ehlo-param   = 1*(%d33-126)
//! ```
//!
//! The first line is the server's name and never a keyword. Unknown keywords are kept. A set of extensions is a
//! value: the next EHLO replaces it whole.

mod diff;
mod limits;
mod near;
mod size;

use std::ops::Range;

pub use diff::Diff;
pub use limits::NamedLimits;
pub use near::near_miss;
pub use size::Size;

use super::flaw::{Flaw, FlawKind};
use super::reply::{Reply, ReplyLine};

/// What a server offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extensions {
    greeting: Vec<u8>,
    keywords: Vec<Keyword>,
    flaws: Vec<Flaw>,
}

/// One line of the offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyword {
    /// The keyword, upper case. What is no valid keyword is made safe to show and never used.
    pub name: String,
    /// Its parameters as they were written.
    pub params: Vec<Vec<u8>>,
    /// The whole line behind code and separator, as it was written.
    pub raw: Vec<u8>,
    /// Where that stands in the reply.
    pub span: Range<usize>,
    /// True if it follows the grammar.
    pub valid: bool,
    /// True for `AUTH=…`, a spelling from before the standard.
    pub legacy: bool,
    /// What is odd about it.
    pub flaws: Vec<FlawKind>,
}

/// A login mechanism that a server offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mechanism {
    /// Its name, upper case, safe to show.
    pub name: String,
    /// True if it is listed only behind the legacy `AUTH=`.
    pub legacy: bool,
}

impl Extensions {
    /// Reads the reply to EHLO or LHLO.
    pub fn parse(reply: &Reply) -> Self {
        let mut lines = reply.lines.iter();
        let first = lines.next();
        let greeting = first.map(|line| reply.text(line).to_vec()).unwrap_or_default();
        let mut keywords = Vec::new();
        for line in lines.filter(|line| line.code.is_some()) {
            let keyword = Keyword::parse(reply, line, &keywords);
            keywords.push(keyword);
        }
        note_dependencies(&mut keywords);
        let mut flaws: Vec<_> = keywords.iter().flat_map(Keyword::lifted).collect();
        if keywords.is_empty() {
            flaws.push(Flaw::new(FlawKind::NoExtensions, first.map_or(0..0, |line| line.text.clone())));
        }
        flaws.extend(reply.lines.iter().filter(|line| line.status.is_some()).map(|line| {
            // RFC 2034 §4 leaves the replies to HELO and EHLO without enhanced codes.
            Flaw::new(FlawKind::StatusMisplaced, line.text.clone())
        }));
        Self { greeting, keywords, flaws }
    }

    /// The name that the server gives itself.
    pub fn domain(&self) -> &[u8] {
        self.greeting.split(|octet| *octet == b' ').next().unwrap_or_default()
    }

    /// What the server says behind its name.
    pub fn greet(&self) -> &[u8] {
        self.greeting.get(self.domain().len()..).unwrap_or_default().trim_ascii()
    }

    /// All lines of the offer in order, unknown and odd ones too.
    pub fn keywords(&self) -> &[Keyword] {
        &self.keywords
    }

    /// The first valid line with this keyword, in any case.
    pub fn find(&self, name: &str) -> Option<&Keyword> {
        self.keywords.iter().find(|keyword| keyword.valid && keyword.name.eq_ignore_ascii_case(name))
    }

    /// True if the extension is offered.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// How large a letter may be.
    pub fn size(&self) -> Size {
        size::of(self.keywords.iter().filter(|keyword| keyword.valid && keyword.name == "SIZE"))
    }

    /// The limits that the server names (RFC 9422); none from a malformed line.
    pub fn limits(&self) -> NamedLimits {
        limits::of(self.find("LIMITS"))
    }

    /// The login mechanisms, each once, in the order in which they are listed.
    pub fn auth(&self) -> Vec<Mechanism> {
        let mut mechanisms: Vec<Mechanism> = Vec::new();
        for keyword in self.keywords.iter().filter(|keyword| keyword.valid && keyword.name == "AUTH") {
            for param in &keyword.params {
                let name = crate::safe::plain(&param.to_ascii_uppercase()).into_string();
                match mechanisms.iter_mut().find(|mechanism| mechanism.name == name) {
                    Some(known) => known.legacy &= keyword.legacy,
                    None => mechanisms.push(Mechanism { name, legacy: keyword.legacy }),
                }
            }
        }
        mechanisms
    }

    /// True if this login mechanism is offered.
    pub fn offers_mechanism(&self, name: &str) -> bool {
        self.auth().iter().any(|mechanism| mechanism.name.eq_ignore_ascii_case(name))
    }

    /// What is odd about the offer; places are octets of the reply.
    pub fn flaws(&self) -> &[Flaw] {
        &self.flaws
    }

    /// What changed from this offer to a later one.
    pub fn diff<'a>(&'a self, later: &'a Self) -> Diff<'a> {
        Diff::between(self, later)
    }

    /// True if a later offer says anything else.
    pub fn differs(&self, later: &Self) -> bool {
        !self.diff(later).is_empty()
    }
}

impl Keyword {
    fn parse(reply: &Reply, line: &ReplyLine, before: &[Self]) -> Self {
        let raw = reply.text(line);
        let mut words = raw.split(|octet| *octet == b' ').filter(|word| !word.is_empty());
        let first = words.next().unwrap_or_default();
        let legacy = first.get(..5).is_some_and(|head| head.eq_ignore_ascii_case(b"AUTH="));
        let word = if legacy { b"AUTH" } else { first };
        let joined = first.get(5..).filter(|rest| legacy && !rest.is_empty());
        let params = joined.into_iter().chain(words).map(Into::into).collect();
        let valid = is_keyword(word);
        let name = if valid { word.to_ascii_uppercase() } else { word.to_vec() };
        let name = crate::safe::plain(&name).into_string();
        let mut keyword =
            Self { name, params, raw: raw.to_vec(), span: line.text.clone(), valid, legacy, flaws: Vec::new() };
        keyword.judge(before);
        keyword
    }

    fn judge(&mut self, before: &[Self]) {
        if !self.valid {
            self.flaws.push(FlawKind::BadKeyword);
            return;
        }
        if self.legacy {
            self.flaws.push(FlawKind::AuthLegacy);
        }
        if near_miss(&self.name).is_some() {
            self.flaws.push(FlawKind::NearMiss);
        }
        if before.iter().any(|other| other.valid && other.name == self.name && other.legacy == self.legacy) {
            self.flaws.push(FlawKind::CapabilityTwice);
        }
        self.judge_params();
    }

    fn judge_params(&mut self) {
        let bad = match self.name.as_str() {
            "SIZE" => match Size::of_params(&self.params) {
                Size::Unlimited => {
                    self.flaws.push(FlawKind::SizeZero);
                    false
                }
                size => size == Size::Bad,
            },
            "AUTH" => self.params.is_empty(),
            "LIMITS" => !limits::is_well_formed(&self.params),
            "8BITMIME"
            | "BINARYMIME"
            | "CHUNKING"
            | "DSN"
            | "ENHANCEDSTATUSCODES"
            | "PIPELINING"
            | "REQUIRETLS"
            | "SMTPUTF8"
            | "STARTTLS" => !self.params.is_empty(),
            _ => false,
        };
        if bad {
            self.flaws.push(FlawKind::CapabilityParameter);
        }
    }

    fn lifted(&self) -> impl Iterator<Item = Flaw> {
        self.flaws.iter().map(|kind| Flaw::new(*kind, self.span.clone()))
    }
}

/// RFC 6531 §3.1: SMTPUTF8 asks for 8BITMIME. RFC 3030 §3: BINARYMIME works with CHUNKING only.
fn note_dependencies(keywords: &mut [Keyword]) {
    for (name, needs) in [("SMTPUTF8", "8BITMIME"), ("BINARYMIME", "CHUNKING")] {
        let is = |keyword: &Keyword, name: &str| keyword.valid && keyword.name == name;
        if keywords.iter().any(|keyword| is(keyword, needs)) {
            continue;
        }
        if let Some(keyword) = keywords.iter_mut().find(|keyword| is(keyword, name)) {
            keyword.flaws.push(FlawKind::CapabilityDependency);
        }
    }
}

fn is_keyword(word: &[u8]) -> bool {
    word.first().is_some_and(u8::is_ascii_alphanumeric)
        && word.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-')
}

#[cfg(test)]
mod tests;
