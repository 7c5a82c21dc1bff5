//! What kind of server the engine is: plain data, so that a host's character can be read from a file.

use std::collections::BTreeMap;

use crate::smtp::limits::LabLimits;

use super::saying::Saying;
pub use crate::smtp::sasl::client::Mechanism;

/// The character of a server.
#[expect(clippy::struct_excessive_bools, reason = "each is a trait of its own, and hosts mix them freely")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The host's name: greeting, EHLO, goodbye.
    pub host: String,
    /// How it opens.
    pub greeting: Greeting,
    /// True if it knows EHLO; false for a host that has HELO only (RFC 821).
    pub ehlo: bool,
    /// What EHLO offers in plain text, in order.
    pub offers: Vec<Extension>,
    /// What EHLO offers inside TLS, in order.
    pub offers_in_tls: Vec<Extension>,
    /// Mechanisms of AUTH in the order offered. They need the AUTH extension in one of the two lists.
    pub mechanisms: Vec<Mechanism>,
    /// True if nothing but NOOP, EHLO, STARTTLS and QUIT is done in plain text (RFC 3207 §4).
    pub tls_required: bool,
    /// True if nothing but AUTH, EHLO, HELO, NOOP, RSET, QUIT and STARTTLS is done for a stranger (RFC 4954 §6).
    pub auth_required: bool,
    /// True if letters with octets above 127 are refused.
    pub seven_bit: bool,
    /// What a command line that ends with LF alone gets.
    pub bare_lf: BareLf,
    /// What DATA gets when no recipient was accepted: 503 or 554 (RFC 5321 §3.3 allows both).
    pub no_recipient: Saying,
    /// Its limits.
    pub limits: LabLimits,
    /// Random text for challenges. It is the same each time, so that dialogues repeat, unless whoever runs the server
    /// draws another.
    pub nonce: String,
    /// Its own words for what the engine says.
    pub words: BTreeMap<Saying, String>,
}

/// How a server opens a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Greeting {
    /// With 220.
    Welcome,
    /// With 554: every command but QUIT gets 503 (RFC 5321 §3.1).
    NoService,
    /// With 421, and closes: it has too many connections as it is (RFC 5321 §3.8).
    Busy,
}

/// An extension that EHLO can offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extension {
    /// Commands may be sent without waiting (RFC 2920).
    Pipelining,
    /// The size is declared and limited (RFC 1870).
    Size,
    /// Letters may have octets above 127 (RFC 6152).
    EightBitMime,
    /// TLS on request (RFC 3207).
    StartTls,
    /// Replies carry status codes (RFC 2034).
    EnhancedStatusCodes,
    /// Users may sign in (RFC 4954).
    Auth,
    /// Lists may be asked for; to be offered if supported (RFC 5321 §3.5.2).
    Expn,
    /// Help may be asked for.
    Help,
    /// Letters may come in chunks (RFC 3030 §2).
    Chunking,
}

impl Extension {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Pipelining,
        Self::Size,
        Self::EightBitMime,
        Self::StartTls,
        Self::EnhancedStatusCodes,
        Self::Auth,
        Self::Expn,
        Self::Help,
        Self::Chunking,
    ];

    /// The EHLO keyword.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::Pipelining => "PIPELINING",
            Self::Size => "SIZE",
            Self::EightBitMime => "8BITMIME",
            Self::StartTls => "STARTTLS",
            Self::EnhancedStatusCodes => "ENHANCEDSTATUSCODES",
            Self::Auth => "AUTH",
            Self::Expn => "EXPN",
            Self::Help => "HELP",
            Self::Chunking => "CHUNKING",
        }
    }

    /// The extension with this keyword, in capitals.
    pub fn from_keyword(keyword: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|extension| extension.keyword() == keyword)
    }
}

/// What a command line that ends with LF alone gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BareLf {
    /// It is taken as a line.
    Accept,
    /// 500, as RFC 5321 §2.3.8 has it.
    Refuse,
}

impl Config {
    /// A strict and complete receiver without TLS and AUTH, of this name.
    pub fn strict(host: &str) -> Self {
        let offers = vec![
            Extension::Pipelining,
            Extension::Size,
            Extension::EightBitMime,
            Extension::EnhancedStatusCodes,
            Extension::Expn,
            Extension::Help,
        ];
        Self {
            host: host.to_owned(),
            greeting: Greeting::Welcome,
            ehlo: true,
            offers_in_tls: offers.clone(),
            offers,
            mechanisms: Vec::new(),
            tls_required: false,
            auth_required: false,
            seven_bit: false,
            bare_lf: BareLf::Refuse,
            no_recipient: Saying::NeedRecipient,
            limits: LabLimits::default(),
            nonce: format!("nonce.of.{host}"),
            words: BTreeMap::new(),
        }
    }

    /// What EHLO offers, given whether the session is inside TLS.
    pub fn offers(&self, secure: bool) -> &[Extension] {
        match (self.ehlo, secure) {
            (false, _) => &[],
            (true, false) => &self.offers,
            (true, true) => &self.offers_in_tls,
        }
    }

    /// True if the extension is offered at any time.
    pub(super) fn ever_offers(&self, extension: Extension) -> bool {
        [false, true].into_iter().any(|secure| self.offers(secure).contains(&extension))
    }

    /// The line of an extension in the reply to EHLO.
    pub(super) fn offer(&self, extension: Extension) -> String {
        let keyword = extension.keyword();
        match extension {
            Extension::Size => format!("{keyword} {}", self.limits.message),
            Extension::Auth => {
                let names: Vec<_> = self.mechanisms.iter().map(|mechanism| mechanism.name()).collect();
                format!("{keyword} {}", names.join(" "))
            }
            _ => keyword.to_owned(),
        }
    }

    /// The words for a saying.
    pub(super) fn words(&self, saying: Saying) -> &str {
        self.words.get(&saying).map_or(saying.text(), String::as_str)
    }
}
