//! Reading a path from the argument of MAIL or RCPT.

use std::ops::Range;

use super::super::flaw::{Flaw, FlawKind};
use super::super::limits;
use super::local;
use super::{Domain, ForwardPath, Mailbox, Path, ReversePath};

/// A path that was read from the beginning of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T> {
    /// The path.
    pub path: T,
    /// How many octets of the text it took, brackets included.
    pub len: usize,
    /// What is odd about it, from the beginning of the text.
    pub flaws: Vec<Flaw>,
}

/// Reads the reverse path at the beginning of `text`.
pub fn reverse(text: &[u8]) -> Read<ReversePath> {
    let mut reader = Reader::new(text);
    let path = match reader.content() {
        b"" if reader.scan.bracketed => ReversePath::Null,
        _ => reader.path().map_or_else(ReversePath::Other, ReversePath::Path),
    };
    reader.finish(path)
}

/// Reads the forward path at the beginning of `text`.
pub fn forward(text: &[u8]) -> Read<ForwardPath> {
    let mut reader = Reader::new(text);
    let content = reader.content();
    let path = if content.eq_ignore_ascii_case(b"postmaster") {
        ForwardPath::Postmaster(content.to_vec())
    } else {
        reader.path().map_or_else(ForwardPath::Other, ForwardPath::Path)
    };
    reader.finish(path)
}

/// How many octets of `text` the path at its beginning takes, brackets included.
pub(in crate::smtp) fn len(text: &[u8]) -> usize {
    scan(text).end
}

/// Where a path lies in a text.
struct Scan {
    content: Range<usize>,
    end: usize,
    bracketed: bool,
    closed: bool,
}

/// Finds the path at the beginning of a text: up to the `>` that is not quoted, or else up to white space.
fn scan(text: &[u8]) -> Scan {
    let Some(inner) = text.strip_prefix(b"<") else {
        let end = outside_quotes(text, |octet| matches!(octet, b' ' | b'\t')).unwrap_or(text.len());
        return Scan { content: 0..end, end, bracketed: false, closed: false };
    };
    let close = outside_quotes(inner, |octet| octet == b'>').or_else(|| memchr::memchr(b'>', inner));
    let unclosed = || 1 + inner.iter().position(|octet| *octet == b' ').unwrap_or(inner.len());
    Scan {
        content: 1..close.map_or_else(unclosed, |close| 1 + close),
        end: close.map_or_else(unclosed, |close| 2 + close),
        bracketed: true,
        closed: close.is_some(),
    }
}

/// The first octet that is `wanted` and stands neither in quotes nor in the brackets of an address literal.
fn outside_quotes(text: &[u8], wanted: impl Fn(u8) -> bool) -> Option<usize> {
    // Most addresses hold neither.
    let plain = text.get(..memchr::memchr2(b'"', b'[', text).unwrap_or(text.len())).unwrap_or_default();
    let found = plain.iter().position(|octet| wanted(*octet));
    if found.is_some() || plain.len() == text.len() {
        return found;
    }
    let (mut quoted, mut escaped, mut literal) = (false, false, false);
    text.iter().position(|octet| {
        let found = !quoted && !literal && wanted(*octet);
        match octet {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if !literal => quoted = !quoted,
            b'[' if !quoted => literal = true,
            b']' if !quoted => literal = false,
            _ => {}
        }
        found
    })
}

struct Reader<'a> {
    text: &'a [u8],
    scan: Scan,
    flaws: Vec<Flaw>,
}

impl<'a> Reader<'a> {
    fn new(text: &'a [u8]) -> Self {
        let scan = scan(text);
        let mut reader = Self { text, scan, flaws: Vec::new() };
        if !reader.scan.bracketed || !reader.scan.closed {
            reader.flaw(FlawKind::AddressSyntax, 0..reader.scan.end);
        }
        if reader.scan.end > limits::PATH {
            reader.flaw(FlawKind::AddressTooLong, 0..reader.scan.end);
        }
        reader
    }

    fn content(&self) -> &'a [u8] {
        self.slice(self.scan.content.clone())
    }

    fn slice(&self, range: Range<usize>) -> &'a [u8] {
        self.text.get(range).unwrap_or_default()
    }

    fn flaw(&mut self, kind: FlawKind, span: Range<usize>) {
        self.flaws.push(Flaw::new(kind, span));
    }

    /// Reads route, local part and domain. What is no path is given back as it was written.
    fn path(&mut self) -> Result<Path, Vec<u8>> {
        let content = self.content();
        let control = |octet: &u8| octet.is_ascii_control();
        if let Some(at) = content.iter().position(control) {
            let begin = self.scan.content.start + at;
            self.flaw(FlawKind::AddressControl, begin..begin + 1);
        }
        let (route, begin) = self.route();
        let mailbox = self.mailbox(begin..self.scan.content.end);
        if mailbox.is_none() {
            self.flaw(FlawKind::AddressSyntax, self.scan.content.clone());
        }
        mailbox.map(|mailbox| Path { route, mailbox }).ok_or_else(|| content.to_vec())
    }

    /// The source route and where the mailbox begins.
    fn route(&mut self) -> (Vec<Domain>, usize) {
        let (begin, content) = (self.scan.content.start, self.content());
        let colon = content.starts_with(b"@").then(|| outside_quotes(content, |octet| octet == b':')).flatten();
        let Some(colon) = colon else { return (Vec::new(), begin) };
        self.flaw(FlawKind::SourceRoute, begin..begin + colon + 1);
        let mut route = Vec::new();
        let mut at = begin;
        for hop in self.slice(begin..begin + colon).split(|octet| *octet == b',') {
            let name = hop.strip_prefix(b"@").unwrap_or(hop);
            let span = at + hop.len() - name.len()..at + hop.len();
            at += hop.len() + 1;
            route.push(self.domain(span));
        }
        (route, begin + colon + 1)
    }

    fn mailbox(&mut self, span: Range<usize>) -> Option<Mailbox> {
        let text = self.slice(span.clone());
        let at = match local::quoted_len(text) {
            Some(len) if text.get(len) == Some(&b'@') => len,
            // No unquoted local part holds a bracket, but an address literal may hold an `@`.
            _ => text.windows(2).position(|two| two == b"@[").or_else(|| memchr::memrchr(b'@', text))?,
        };
        let local = self.slice(span.start..span.start + at);
        if !local::is_valid(local) {
            self.flaw(FlawKind::AddressSyntax, span.start..span.start + at.max(1));
        }
        if local.len() > limits::LOCAL_PART {
            self.flaw(FlawKind::AddressTooLong, span.start..span.start + at);
        }
        let domain = self.domain(span.start + at + 1..span.end);
        Some(Mailbox { local: local.to_vec(), domain })
    }

    fn domain(&mut self, span: Range<usize>) -> Domain {
        let (domain, kind) = Domain::parse(self.slice(span.clone()));
        if let Some(kind) = kind {
            self.flaw(kind, span.clone());
        }
        if span.len() > limits::DOMAIN {
            self.flaw(FlawKind::AddressTooLong, span);
        }
        domain
    }

    fn finish<T>(self, path: T) -> Read<T> {
        Read { path, len: self.scan.end, flaws: self.flaws }
    }
}
