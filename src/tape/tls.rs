//! TLS as a tape keeps it: what was agreed, what the certificates say, and three separate judgements.
//!
//! The handshake is finished whatever the certificate, so that everything can be shown. Chain, name and dates are
//! judged each on its own; only the handshake signature, which proves that the peer holds the key, is never waived.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Side;

/// How a connection begins, and how TLS comes about on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Opening {
    /// Plain text; STARTTLS follows if somebody types it.
    #[default]
    Plain,
    /// EHLO and STARTTLS are sent without being typed; without TLS the session ends.
    Require,
    /// The same, but without TLS the session goes on in plain text and says why.
    Prefer,
    /// Plain text, and STARTTLS is not even suggested.
    Never,
    /// TLS from the first octet, as on port 465 (RFC 8314 §3).
    ImplicitTls,
}

/// What was decided about TLS without being typed, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsDecision {
    /// TLS comes before the first line, as the target or its port asks.
    First,
    /// STARTTLS is listed, so it is sent.
    Upgrade {
        /// True if the session would end without TLS.
        required: bool,
    },
    /// STARTTLS is listed and not used, because TLS is not wanted.
    Declined,
    /// TLS does not come about.
    Without {
        /// Why not.
        why: NoTls,
        /// True if the session goes on in plain text, false if it ends.
        goes_on: bool,
    },
}

/// Why TLS does not come about, before any handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoTls {
    /// The greeting was this code.
    Greeting(u16),
    /// EHLO got this code, so nothing is listed.
    Hello(u16),
    /// The answer to EHLO does not list STARTTLS: it is not there, or somebody in between took it out.
    NotOffered,
    /// STARTTLS got this code, which is not 220 alone.
    Refused(u16),
    /// The server ended the session with 421.
    Goodbye,
    /// The user no longer waited for an answer.
    NotAwaited,
}

/// What a TLS handshake agreed and showed. Texts come from the certificates and are untrusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsFacts {
    /// `TLS 1.3`.
    pub version: String,
    /// The cipher suite as the registry names it.
    pub suite: String,
    /// The key exchange group, as `X25519MLKEM768`.
    pub group: Option<String>,
    /// The name sent in SNI.
    pub sni: Option<String>,
    /// The name the certificate was checked against.
    pub expected: String,
    /// The chain as presented, leaf first.
    pub chain: Vec<Certificate>,
    /// Whether the chain leads to an authority we trust.
    pub trust: Judgement,
    /// Whether the certificate names the host.
    pub name: Judgement,
    /// Whether today lies between its dates.
    pub dates: Judgement,
    /// What was seen of it on the socket, in order; at most [`RECORDS`].
    pub records: Vec<TlsRecord>,
    /// What the user had set for it, and what came of that.
    pub terms: Terms,
    /// How long the handshake took.
    #[serde(with = "crate::written::nanoseconds")]
    pub took: Duration,
}

impl TlsFacts {
    /// True if chain, name and dates are all in order.
    pub fn verified(&self) -> bool {
        [&self.trust, &self.name, &self.dates].into_iter().all(|judgement| *judgement == Judgement::Good)
    }

    /// The first thing that is wrong, in words.
    pub fn doubt(&self) -> Option<&str> {
        [&self.trust, &self.name, &self.dates].into_iter().find_map(|judgement| match judgement {
            Judgement::Bad { why, .. } => Some(why.as_str()),
            Judgement::Good | Judgement::Theirs => None,
        })
    }

    /// True on the side that showed the certificate: it is for the other end to judge.
    pub fn is_own(&self) -> bool {
        [&self.trust, &self.name, &self.dates].into_iter().all(|judgement| *judgement == Judgement::Theirs)
    }

    /// True if something is wrong, or is not known to be in order.
    pub fn in_doubt(&self) -> bool {
        !self.verified() && !self.is_own()
    }

    /// True if all is in order that has to be for the session to go on by itself.
    pub fn accepted(&self) -> bool {
        let fine = |judgement: &Judgement| !matches!(judgement, Judgement::Bad { .. });
        let chain = fine(&self.trust) && fine(&self.dates);
        let name = fine(&self.name);
        match self.terms.checks {
            Checks::All => chain && name,
            Checks::Chain => chain,
            Checks::Name => name,
            Checks::None => true,
        }
    }
}

/// So many records of a handshake are kept.
pub const RECORDS: usize = 64;

/// A TLS record as it was seen on the socket (RFC 8446 §5.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsRecord {
    /// Who sent it.
    pub from: Side,
    /// What its header says it is.
    pub content: Content,
    /// Octets on the wire, those of the header included.
    pub octets: usize,
    /// Since the handshake began.
    #[serde(with = "crate::written::nanoseconds")]
    pub after: Duration,
    /// The handshake messages that begin in it, as far as they are in clear.
    pub messages: Vec<Cow<'static, str>>,
}

/// The content of a TLS record, by its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// From here on the sender encrypts; TLS 1.3 sends it only for the sake of what is in between.
    ChangeCipherSpec,
    /// An alert.
    Alert,
    /// Handshake messages in clear.
    Handshake,
    /// Something encrypted: what it is cannot be seen from outside.
    Encrypted,
}

/// What the user had set for a handshake, and what came of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Terms {
    /// What of the certificate has to be in order.
    pub checks: Checks,
    /// What the server saw of ours.
    pub client: ClientCertificate,
    /// What became of the keys.
    pub keys: KeyLogging,
}

/// What of a certificate has to be in order before a session goes on by itself. All of it is judged and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Checks {
    /// Chain, dates and name.
    #[default]
    All,
    /// Chain and dates, whatever the name.
    Chain,
    /// The name, whoever vouches for it.
    Name,
    /// Nothing.
    None,
}

/// What the server saw of a certificate of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClientCertificate {
    /// It did not ask.
    #[default]
    NotAsked,
    /// It asked, and there is none to show.
    None,
    /// It asked, and takes no signature that the key can make.
    Unfit,
    /// It asked and was shown it.
    Shown,
}

/// What became of the keys of a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyLogging {
    /// Nobody else knows them.
    #[default]
    Off,
    /// They stand in the key log: who has it can read a record of the session.
    On,
    /// They were to stand there, and could not be written, or not all.
    Failed,
}

/// One judgement on a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judgement {
    /// In order.
    Good,
    /// Not in order.
    Bad {
        /// The diagnostic id, as `cert/expired`.
        id: Cow<'static, str>,
        /// Why, with expected and presented values, in one sentence.
        why: String,
    },
    /// Not judged here: this side showed the certificate, and the other end judges it.
    Theirs,
}

/// One certificate of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Certificate {
    /// The subject, as `CN=mx1.harbor.test`.
    pub subject: String,
    /// The issuer.
    pub issuer: String,
    /// The names in the subject alternative name.
    pub names: Vec<String>,
    /// Start of validity, seconds since 1970.
    pub not_before: i64,
    /// End of validity, seconds since 1970.
    pub not_after: i64,
    /// Seconds from the handshake to that end; below zero once it is past.
    pub seconds_left: i64,
    /// The key, as `ECDSA P-256`.
    pub key: String,
    /// What the key may be used for, in the names of RFC 5280, as `serverAuth`; empty if the certificate does not say.
    pub usage: Vec<String>,
    /// The signature algorithm.
    pub signature: String,
    /// SHA-256 of the certificate, in hex.
    pub sha256: String,
    /// SHA-256 of the public key (SPKI), in hex.
    pub spki_sha256: String,
    /// SHA-512 of the certificate, in hex.
    pub sha512: String,
    /// SHA-512 of the public key, in hex.
    pub spki_sha512: String,
    /// The public key itself (SPKI), DER.
    #[serde(with = "crate::written::octets")]
    pub spki: Vec<u8>,
    /// The certificate itself.
    #[serde(with = "crate::written::octets")]
    pub der: Vec<u8>,
    /// True if the chain from the server's certificate up to this one holds when this one alone is trusted: signatures,
    /// dates and purpose. Never for the server's own.
    pub vouches: bool,
    /// False if its fields could not be read and only the bytes can be shown.
    pub readable: bool,
}

impl Certificate {
    /// What it says of itself and its issuer: texts that anybody may have written.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        [&self.subject, &self.issuer].into_iter().chain(&self.names).map(String::as_str)
    }
}

/// Why a handshake failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsFailure {
    /// What kind of failure.
    pub why: TlsTrouble,
    /// The library's or the peer's own words; untrusted.
    pub detail: String,
    /// The first records that passed, in order; none where nothing of TLS did.
    pub records: Vec<TlsRecord>,
    /// How long it took to fail.
    #[serde(with = "crate::written::nanoseconds")]
    pub took: Duration,
}

impl TlsFailure {
    /// A failure before anything of TLS passed.
    pub fn at_once(why: TlsTrouble) -> Self {
        Self { why, detail: String::new(), records: Vec::new(), took: Duration::ZERO }
    }
}

/// The kinds of failure that a user must be able to tell apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsTrouble {
    /// Plain text stood between the 220 and the handshake (RFC 3207 §4.2).
    InjectedPlaintext,
    /// The peer answered the `ClientHello` with something that is no TLS record; the first octets of it.
    NotTls(#[serde(with = "crate::written::octets")] Vec<u8>),
    /// The peer greeted in plain SMTP on a port where TLS was expected; the first octets of it.
    PlainPort(#[serde(with = "crate::written::octets")] Vec<u8>),
    /// The peer sent an alert, by its registered name.
    Alert(String),
    /// The peer speaks no version that we do.
    Version,
    /// The peer closed the connection.
    Closed,
    /// The peer reset the connection.
    Reset,
    /// Nothing came in time.
    TimedOut,
    /// The handshake signature does not fit the certificate's key, or the key is too weak to check.
    Signature,
    /// Something else.
    Other,
}
