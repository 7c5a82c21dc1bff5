//! The mechanisms that a client of ours speaks.
//!
//! ```abnf
//! sasl-mech = 1*20mech-char                              ; RFC 4422 §3.1
//! mech-char = UPPER-ALPHA / DIGIT / HYPHEN / UNDERSCORE
//! ```

use std::fmt;

use super::super::hash::Hash;

/// A mechanism, named as servers list it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mechanism {
    /// Names and password in one message (RFC 4616).
    Plain,
    /// User name and password, asked for one by one. It was never standardised.
    Login,
    /// The server's text, keyed with the password (RFC 2195).
    CramMd5,
    /// Both sides prove that they know the password (RFC 5802).
    ScramSha1,
    /// The same, tied to the TLS connection.
    ScramSha1Plus,
    /// The same with a better digest (RFC 7677).
    ScramSha256,
    /// The same, tied to the TLS connection.
    ScramSha256Plus,
    /// A token, as large providers take it. It was never standardised.
    XOauth2,
    /// A token, as the standard writes it (RFC 7628).
    OauthBearer,
    /// Who the client is was settled below SMTP, mostly by its certificate (RFC 4422 §A).
    External,
    /// Nobody in particular (RFC 4505).
    Anonymous,
}

impl Mechanism {
    /// All of them, what is best against a listener first (RFC 4422 §3.2: the client selects the "best").
    pub const ALL: &'static [Self] = &[
        Self::ScramSha256Plus,
        Self::ScramSha256,
        Self::ScramSha1Plus,
        Self::ScramSha1,
        Self::OauthBearer,
        Self::XOauth2,
        Self::External,
        Self::CramMd5,
        Self::Plain,
        Self::Login,
        Self::Anonymous,
    ];

    /// The mechanism of this name, in any case of letters.
    pub fn from_name(name: &[u8]) -> Option<Self> {
        Self::ALL.iter().copied().find(|mechanism| mechanism.name().as_bytes().eq_ignore_ascii_case(name))
    }

    /// Its name, as behind AUTH.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
            Self::CramMd5 => "CRAM-MD5",
            Self::ScramSha1 => "SCRAM-SHA-1",
            Self::ScramSha1Plus => "SCRAM-SHA-1-PLUS",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha256Plus => "SCRAM-SHA-256-PLUS",
            Self::XOauth2 => "XOAUTH2",
            Self::OauthBearer => "OAUTHBEARER",
            Self::External => "EXTERNAL",
            Self::Anonymous => "ANONYMOUS",
        }
    }

    /// True if the login is tied to the TLS connection (RFC 5802 §6).
    pub const fn binds(self) -> bool {
        matches!(self, Self::ScramSha1Plus | Self::ScramSha256Plus)
    }

    /// True if the server speaks first, so that an initial response is refused with 501 (RFC 4954 §4). Servers take the
    /// user name of LOGIN there all the same.
    pub const fn server_first(self) -> bool {
        matches!(self, Self::CramMd5)
    }

    /// The digest of SCRAM.
    pub(in crate::smtp::sasl) const fn hash(self) -> Option<Hash> {
        match self {
            Self::ScramSha1 | Self::ScramSha1Plus => Some(Hash::Sha1),
            Self::ScramSha256 | Self::ScramSha256Plus => Some(Hash::Sha256),
            _ => None,
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
