//! What kind of server the engine is: plain data, so that a host's character can be read from a file.

use std::collections::BTreeMap;

use crate::smtp::extension::NamedLimits;
use crate::smtp::limits::LabLimits;

use super::ask::Dialect;
use super::saying::Saying;
pub use crate::smtp::sasl::client::Mechanism;

/// The character of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The host's name: greeting, EHLO, goodbye.
    pub host: String,
    /// How it opens.
    pub greeting: Greeting,
    /// What it speaks at best; a host of [`Dialect::Smtp`] has HELO only (RFC 821).
    pub dialect: Dialect,
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
    /// How STARTTLS goes.
    pub upgrade: Upgrade,
    /// True if letters with octets above 127 are refused.
    pub seven_bit: bool,
    /// What a command line that ends with LF alone gets.
    pub bare_lf: BareLf,
    /// What CR or LF alone inside a letter become, and what else ends one.
    pub letter_ends: LetterEnds,
    /// What a client gets that speaks before it may: before the greeting has gone out, or several commands at once where
    /// PIPELINING was not offered to it. Nothing if that is let pass.
    pub early_talk: Option<Saying>,
    /// What DATA gets when no recipient was accepted: 503 or 554 (RFC 5321 §3.3 allows both).
    pub no_recipient: Saying,
    /// Its limits.
    pub limits: LabLimits,
    /// What LIMITS names (RFC 9422); they are kept to.
    pub named: NamedLimits,
    /// Octets that it can store now; none for as many as come.
    pub room: Option<u64>,
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
    /// With 521, and so to every command but QUIT: no mail is ever taken here (RFC 7504 §3).
    NoMail,
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
    /// Chunks may hold any octets; needs CHUNKING (RFC 3030 §3).
    BinaryMime,
    /// Senders say what they want to be told (RFC 3461).
    Dsn,
    /// Addresses and header fields may go beyond ASCII; needs 8BITMIME (RFC 6531 §3.1).
    SmtpUtf8,
    /// Some limits are named (RFC 9422).
    Limits,
    /// Senders may insist on TLS for every hop; inside TLS only (RFC 8689 §2).
    RequireTls,
}

impl Extension {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Pipelining,
        Self::Size,
        Self::EightBitMime,
        Self::StartTls,
        Self::EnhancedStatusCodes,
        Self::Auth,
        Self::Expn,
        Self::Help,
        Self::Chunking,
        Self::BinaryMime,
        Self::Dsn,
        Self::SmtpUtf8,
        Self::Limits,
        Self::RequireTls,
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
            Self::BinaryMime => "BINARYMIME",
            Self::Dsn => "DSN",
            Self::SmtpUtf8 => "SMTPUTF8",
            Self::Limits => "LIMITS",
            Self::RequireTls => "REQUIRETLS",
        }
    }

    /// The extension with this keyword, in capitals.
    pub fn from_keyword(keyword: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|extension| extension.keyword() == keyword)
    }
}

/// How STARTTLS goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upgrade {
    /// 220, and all that was said before is forgotten.
    Ready,
    /// 454: not at the moment (RFC 3207 §4).
    Unavailable,
    /// 220, and what came behind STARTTLS in plain text is obeyed as if it had come encrypted: the flaw of
    /// CVE-2011-0411, for whoever wants to see it.
    Vulnerable,
}

/// What becomes of CR and LF in a letter that are no line end of SMTP (RFC 5321 §2.3.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterEnds {
    /// They stay as they are, and only CR LF `.` CR LF ends the letter.
    Keep,
    /// The letter is refused.
    Refuse,
    /// A lone LF becomes CR LF, a lone CR goes; only CR LF `.` CR LF ends the letter.
    Normalise,
    /// They count as line ends: LF `.` LF ends the letter too. So a letter of one sender can hold a second one of another:
    /// the flaw of CVE-2023-51764.
    Lenient,
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
            dialect: Dialect::Esmtp,
            offers_in_tls: offers.clone(),
            offers,
            mechanisms: Vec::new(),
            tls_required: false,
            auth_required: false,
            upgrade: Upgrade::Ready,
            seven_bit: false,
            bare_lf: BareLf::Refuse,
            letter_ends: LetterEnds::Keep,
            early_talk: None,
            no_recipient: Saying::NeedRecipient,
            limits: LabLimits::default(),
            named: NamedLimits::default(),
            room: None,
            nonce: format!("nonce.of.{host}"),
            words: BTreeMap::new(),
        }
    }

    /// What EHLO offers, given whether the session is inside TLS: the list of that case without what would be no honest
    /// offer there.
    pub fn offers(&self, secure: bool) -> impl Iterator<Item = Extension> {
        let list = match (self.dialect, secure) {
            (Dialect::Smtp, _) => &[],
            (_, false) => self.offers.as_slice(),
            (_, true) => self.offers_in_tls.as_slice(),
        };
        let offered = list.iter().copied().filter(move |extension| match extension {
            Extension::SmtpUtf8 => list.contains(&Extension::EightBitMime),
            Extension::BinaryMime => list.contains(&Extension::Chunking),
            Extension::RequireTls => secure,
            Extension::Limits => self.named.names().next().is_some(),
            _ => true,
        });
        // RFC 2033 §4 has an LMTP server offer both.
        let always = [Extension::Pipelining, Extension::EnhancedStatusCodes];
        let missing = always.into_iter().filter(move |extension| !list.contains(extension));
        offered.chain(missing.filter(move |_| self.dialect == Dialect::Lmtp))
    }

    /// True if the extension is offered at any time.
    pub(super) fn ever_offers(&self, extension: Extension) -> bool {
        [false, true].into_iter().any(|secure| self.offers(secure).any(|offered| offered == extension))
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
            Extension::Limits => {
                self.named.names().fold(keyword.to_owned(), |line, (name, limit)| format!("{line} {name}={limit}"))
            }
            _ => keyword.to_owned(),
        }
    }

    /// Octets of a letter that can be kept.
    pub(super) fn capacity(&self) -> u64 {
        self.room.unwrap_or(u64::MAX).min(self.limits.message)
    }

    /// What a letter of so many octets gets if it cannot be taken: not now, or never (RFC 1870 §6.1), with the limit.
    pub(super) fn too_much(&self, octets: u64, never: Saying) -> Option<(Saying, u64)> {
        if octets > self.limits.message {
            Some((never, self.limits.message))
        } else {
            self.room.filter(|room| octets > *room).map(|room| (Saying::NoRoom, room))
        }
    }

    /// The words for a saying.
    pub(super) fn words(&self, saying: Saying) -> &str {
        self.words.get(&saying).map_or(saying.text(), String::as_str)
    }
}
