//! What a decoded line of a login says: its parts, which of them are secret, and what whoever reads it learns.
//!
//! ```abnf
//! message        = [authzid] UTF8NUL authcid UTF8NUL passwd       ; PLAIN, RFC 4616 §2
//! gs2-header     = gs2-cbind-flag "," ["a=" saslname] ","         ; SCRAM, RFC 5802 §7
//! client-resp    = (gs2-header kvsep *kvpair kvsep) / kvsep       ; OAUTHBEARER, RFC 7628 §3.1
//! kvpair         = key "=" value %x01
//! ```
//!
//! Reading never fails. What is not understood counts as secret: a hand may have typed the password there.

use std::fmt;
use std::ops::Range;

use secrecy::{ExposeSecret, SecretSlice};

use crate::safe::{self, SafeText};

use super::super::{Plain, PlainTrouble, Prompt, decode};
use super::Mechanism;

/// What a stretch of a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// Letters that only hold the message together, as `n=` or `auth=Bearer `.
    Frame,
    /// NUL, or the octet 01 between pairs.
    Mark,
    /// Whom to act for.
    ActAs,
    /// Who logs in.
    User,
    /// A password.
    Password,
    /// A token: as good as a password until it expires.
    Token,
    /// The digest of CRAM-MD5: passwords can be tried on it.
    Digest,
    /// The proof of SCRAM: passwords can be tried on it.
    Proof,
    /// The server's signature in SCRAM: passwords can be tried on it.
    Signature,
    /// Random text that is used once.
    Nonce,
    /// The server's salt.
    Salt,
    /// Rounds of hashing.
    Rounds,
    /// Whether and how the login is tied to the TLS connection: `n`, `y` or `p=tls-exporter`.
    Flag,
    /// The flag again with the data of the TLS connection, in Base64.
    Binding,
    /// The text that ANONYMOUS leaves.
    Trace,
    /// Name or port of the server.
    Service,
    /// What the server asks for in words.
    Prompt,
    /// What CRAM-MD5 is to be keyed with.
    Challenge,
    /// Why the server refuses.
    Refusal,
    /// An attribute of a server that nobody knows.
    Extension,
    /// A challenge that is no Base64, as it came.
    Raw,
    /// Something else in a client's message: it could be anything.
    Unknown,
}

impl What {
    /// True if it must not be shown unless asked for.
    pub const fn is_secret(self) -> bool {
        use What::{Digest, Password, Proof, Signature, Token, Unknown};
        matches!(self, Password | Token | Digest | Proof | Signature | Unknown)
    }
}

/// A stretch of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where: octets of the decoded message.
    pub span: Range<usize>,
    /// What.
    pub what: What,
}

/// A stretch of a message for a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub what: What,
    /// Its text, the NUL between parts visible as `␀`; `None` if it is secret.
    pub text: Option<SafeText>,
}

/// Who reads along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reader {
    /// The server, or whoever poses as it.
    Server,
    /// Somebody on the way, where TLS does not hide the line.
    Wire,
}

/// What a reader learns from a client's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fact {
    /// Who logs in.
    User,
    /// Whom the client wants to act for.
    ActAs,
    /// The password itself.
    Password,
    /// A token that works until it expires.
    Token,
    /// That the client knows the password, if the reader knows it too.
    Knowledge,
    /// Something to try passwords on, at home and as fast as wanted.
    Guesses,
    /// That both ends see the same TLS connection: nobody stands between.
    Connection,
    /// The text that was left.
    Trace,
    /// Something that only the one who typed it knows.
    Unknown,
}

impl Mechanism {
    /// What a reader learns from a whole login without an identity to act for: the server, or whoever reads along.
    pub const fn gives_away(self, reader: Reader) -> &'static [Fact] {
        use Fact::{ActAs, Connection, Guesses, Knowledge, Password, Token, Trace, User};
        match (self, reader) {
            (Self::Plain | Self::Login, _) => &[User, Password],
            (Self::XOauth2, _) => &[User, Token],
            (Self::OauthBearer, _) => &[ActAs, Token],
            (Self::External, _) => &[ActAs],
            (Self::Anonymous, _) => &[Trace],
            (Self::ScramSha1Plus | Self::ScramSha256Plus, Reader::Server) => &[User, Knowledge, Guesses, Connection],
            (_, Reader::Server) => &[User, Knowledge, Guesses],
            (_, Reader::Wire) => &[User, Guesses],
        }
    }
}

/// A decoded message with its parts, which cover it without a gap. It prints how long it is, never what it says.
pub struct Meaning {
    octets: SecretSlice<u8>,
    parts: Vec<Part>,
}

impl Meaning {
    /// Reads a decoded response. `asked` is what LOGIN's last prompt asked for.
    pub fn of_response(mechanism: Mechanism, asked: Prompt, octets: Vec<u8>) -> Self {
        let mut reading = Reading::of(&octets);
        match mechanism {
            Mechanism::Plain => plain(&mut reading),
            Mechanism::Login if asked == Prompt::Username => reading.rest(What::User),
            Mechanism::Login => reading.rest(What::Password),
            Mechanism::CramMd5 => cram(&mut reading),
            Mechanism::XOauth2 | Mechanism::OauthBearer => bearer(&mut reading),
            Mechanism::External => reading.rest(What::ActAs),
            Mechanism::Anonymous => reading.rest(What::Trace),
            _ => scram(&mut reading),
        }
        let parts = reading.done(What::Unknown);
        Self { octets: octets.into(), parts }
    }

    /// Reads a decoded challenge.
    pub fn of_challenge(mechanism: Mechanism, octets: Vec<u8>) -> Self {
        let mut reading = Reading::of(&octets);
        let rest = match mechanism {
            Mechanism::CramMd5 => What::Challenge,
            Mechanism::XOauth2 | Mechanism::OauthBearer => What::Refusal,
            _ if mechanism.hash().is_some() => {
                reading.attributes(challenge_attribute);
                What::Extension
            }
            _ => What::Prompt,
        };
        let parts = reading.done(rest);
        Self { octets: octets.into(), parts }
    }

    /// A challenge that cannot be decoded, as it came.
    pub fn raw(text: &[u8]) -> Self {
        Self { octets: text.to_vec().into(), parts: Reading::of(text).done(What::Raw) }
    }

    /// No message at all.
    pub fn none() -> Self {
        Self::raw(b"")
    }

    /// The parts in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The parts as a view shows them unless it was told to reveal.
    pub fn pieces(&self) -> impl Iterator<Item = Piece> {
        self.parts
            .iter()
            .map(|part| Piece { what: part.what, text: self.text(part).filter(|_| !part.what.is_secret()) })
    }

    /// The parts with their secrets, for a view that was told to reveal.
    pub fn revealed(&self) -> impl Iterator<Item = Piece> {
        self.parts.iter().map(|part| Piece { what: part.what, text: self.text(part) })
    }

    fn text(&self, part: &Part) -> Option<SafeText> {
        let octets = self.octets.expose_secret().get(part.span.clone())?;
        Some(if part.what == What::Mark && octets == b"\0" {
            safe::screen("␀".as_bytes())
        } else {
            safe::screen(octets)
        })
    }

    /// All octets, secrets included: for a view that was told to reveal.
    pub fn reveal(&self) -> &[u8] {
        self.octets.expose_secret()
    }

    /// What a reader learns.
    pub fn learned(&self, reader: Reader) -> Vec<Fact> {
        let mut facts = Vec::new();
        for part in &self.parts {
            let new: &[Fact] = match (part.what, reader) {
                (What::User, _) => &[Fact::User],
                (What::ActAs, _) => &[Fact::ActAs],
                (What::Password, _) => &[Fact::Password],
                (What::Token, _) => &[Fact::Token],
                // A server that only poses as one gets no more than somebody on the way.
                (What::Digest | What::Proof, Reader::Server) => &[Fact::Knowledge, Fact::Guesses],
                (What::Digest | What::Proof, Reader::Wire) => &[Fact::Guesses],
                (What::Binding, Reader::Server) if self.is_bound(part) => &[Fact::Connection],
                (What::Trace, _) => &[Fact::Trace],
                (What::Unknown, _) => &[Fact::Unknown],
                _ => &[],
            };
            facts.extend(new.iter().filter(|fact| !facts.contains(*fact)).copied().collect::<Vec<_>>());
        }
        facts
    }

    /// True if the repeated GS2 header begins with `p=`.
    fn is_bound(&self, part: &Part) -> bool {
        let binding = self.reveal().get(part.span.clone()).unwrap_or_default();
        decode(binding).is_ok_and(|header| header.starts_with(b"p="))
    }
}

impl fmt::Debug for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Meaning({} octets in {} parts)", self.octets.expose_secret().len(), self.parts.len())
    }
}

/// Walks a message and notes its parts.
struct Reading<'a> {
    octets: &'a [u8],
    at: usize,
    parts: Vec<Part>,
}

impl<'a> Reading<'a> {
    const fn of(octets: &'a [u8]) -> Self {
        Self { octets, at: 0, parts: Vec::new() }
    }

    fn ahead(&self) -> &'a [u8] {
        self.octets.get(self.at..).unwrap_or_default()
    }

    /// The next `octets` are this; nothing is noted for none.
    fn take(&mut self, octets: usize, what: What) {
        let end = self.octets.len().min(self.at + octets);
        if end > self.at {
            self.parts.push(Part { span: self.at..end, what });
            self.at = end;
        }
    }

    fn rest(&mut self, what: What) {
        self.take(usize::MAX - self.octets.len(), what);
    }

    fn done(mut self, rest: What) -> Vec<Part> {
        self.rest(rest);
        self.parts
    }

    /// Octets before the next `end`, or before the end of the message.
    fn until(&self, end: u8) -> usize {
        memchr::memchr(end, self.ahead()).unwrap_or(self.ahead().len())
    }

    /// `letter=value` between commas, as far as they go.
    fn attributes(&mut self, what: fn(u8) -> What) {
        while let [letter, b'=', ..] = *self.ahead() {
            self.take(2, What::Frame);
            self.take(self.until(b','), what(letter));
            self.take(1, What::Frame);
        }
    }

    /// The GS2 header: whether the login is tied to TLS, and whom to act for.
    fn gs2_header(&mut self) {
        let flag = self.until(b',');
        let known = matches!(self.ahead().get(..flag), Some(b"n" | b"y"))
            || self.ahead().get(..flag).is_some_and(|flag| flag.starts_with(b"p=tls-"));
        if !known {
            return;
        }
        self.take(flag, What::Flag);
        self.take(1, What::Frame);
        if self.ahead().starts_with(b"a=") {
            self.take(2, What::Frame);
            self.take(self.until(b','), What::ActAs);
        }
        if self.ahead().starts_with(b",") {
            self.take(1, What::Frame);
        }
    }
}

/// A message that is not made of two NUL and three parts is taken for a password as a whole.
fn plain(reading: &mut Reading<'_>) {
    let plain = Plain::parse(reading.octets);
    if !matches!(plain.trouble, None | Some(PlainTrouble::LineBreak)) {
        return reading.rest(What::Password);
    }
    reading.take(plain.authzid.len(), What::ActAs);
    reading.take(1, What::Mark);
    reading.take(plain.authcid.len(), What::User);
    reading.take(1, What::Mark);
    reading.rest(What::Password);
}

/// `user SP digest`, the digest being 32 hex digits (RFC 2195 §2).
fn cram(reading: &mut Reading<'_>) {
    let space = memchr::memrchr(b' ', reading.octets);
    let digest = space.and_then(|space| reading.octets.get(space + 1..));
    if let Some(space) = space
        && digest.is_some_and(|digest| digest.len() == 32 && digest.iter().all(u8::is_ascii_hexdigit))
    {
        reading.take(space, What::User);
        reading.take(1, What::Frame);
    }
    reading.rest(What::Digest);
}

fn scram(reading: &mut Reading<'_>) {
    if !reading.ahead().starts_with(b"c=") {
        reading.gs2_header();
        if reading.at == 0 {
            return;
        }
    }
    reading.attributes(|letter| match letter {
        b'n' => What::User,
        b'r' => What::Nonce,
        b'c' => What::Binding,
        b'p' => What::Proof,
        _ => What::Unknown,
    });
}

fn challenge_attribute(letter: u8) -> What {
    match letter {
        b'r' => What::Nonce,
        b's' => What::Salt,
        b'i' => What::Rounds,
        b'v' => What::Signature,
        b'e' => What::Refusal,
        _ => What::Extension,
    }
}

/// Pairs with the octet 01 behind each, in OAUTHBEARER behind a GS2 header.
fn bearer(reading: &mut Reading<'_>) {
    reading.gs2_header();
    while !reading.ahead().is_empty() {
        let pair = reading.until(1);
        let text = reading.ahead().get(..pair).unwrap_or_default();
        match memchr::memchr(b'=', text).and_then(|equals| Some((text.get(..equals)?, equals + 1))) {
            Some((b"user", value)) => reading.pair(value, pair, What::User),
            Some((b"host" | b"port", value)) => reading.pair(value, pair, What::Service),
            Some((b"auth", value)) => reading.pair(value + scheme(text.get(value..)), pair, What::Token),
            _ => reading.take(pair, What::Unknown),
        }
        reading.take(1, What::Mark);
    }
}

impl Reading<'_> {
    fn pair(&mut self, value: usize, end: usize, what: What) {
        self.take(value, What::Frame);
        self.take(end.saturating_sub(value), what);
    }
}

/// Octets of `Bearer ` in front of a token, in any case of letters (RFC 7628 §4).
fn scheme(value: Option<&[u8]>) -> usize {
    const BEARER: &[u8] = b"Bearer ";
    let head = value.and_then(|value| value.get(..BEARER.len()));
    if head.is_some_and(|head| head.eq_ignore_ascii_case(BEARER)) { BEARER.len() } else { 0 }
}
