//! Paths: the addresses of the envelope, as they stand between the brackets of MAIL and RCPT.
//!
//! ```abnf
//! Reverse-path = Path / "<>"                             ; RFC 5321 §4.1.2
//! Forward-path = Path                                    ; RCPT also takes "<Postmaster>", §4.1.1.3
//! Path         = "<" [ A-d-l ":" ] Mailbox ">"
//! A-d-l        = At-domain *( "," At-domain )
//! At-domain    = "@" Domain
//! Mailbox      = Local-part "@" ( Domain / address-literal )
//! ```
//!
//! Everything is read and nothing is lost: what is no path is kept as it was written, with its flaws.

mod domain;
mod local;
mod read;

use std::borrow::Cow;

pub use domain::{Domain, Literal, is_hello_name};
pub(super) use read::len;
pub use read::{Read, forward, reverse};

/// The reverse path: where a report goes if the letter cannot be delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReversePath {
    /// `<>`: no report is wanted, for the letter is one (RFC 5321 §4.5.5).
    Null,
    /// An address.
    Path(Path),
    /// Something else, as it was written.
    Other(Vec<u8>),
}

/// The forward path: a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForwardPath {
    /// `<Postmaster>` without a domain, as it was written, without brackets (RFC 5321 §4.1.1.3).
    Postmaster(Vec<u8>),
    /// An address.
    Path(Path),
    /// Something else, as it was written.
    Other(Vec<u8>),
}

/// An address with the hosts it was once to travel by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The source route: accepted, ignored, never written by forms (RFC 5321 §F.2).
    pub route: Vec<Domain>,
    /// The address.
    pub mailbox: Mailbox,
}

/// An address: local part and domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The local part as it was written, quotes included; its case is kept (RFC 5321 §2.4).
    pub local: Vec<u8>,
    /// The domain or address literal.
    pub domain: Domain,
}

impl Mailbox {
    /// The local part without quotes and backslashes: all quoted forms of it are equal (RFC 5321 §4.1.2).
    pub fn local_equivalent(&self) -> Cow<'_, [u8]> {
        local::unquoted(&self.local)
    }

    /// True if both name the same mailbox: local parts equal but for quoting, domains but for case.
    pub fn is_same(&self, other: &Self) -> bool {
        self.local_equivalent() == other.local_equivalent() && self.domain.is_same(&other.domain)
    }

    /// The address as it stands on the wire: `mina@pine.test`.
    pub fn encode(&self) -> Vec<u8> {
        [&self.local, &b"@"[..], &self.domain.encode()].concat()
    }
}

impl Path {
    /// The path to a mailbox, without a route.
    pub const fn to(mailbox: Mailbox) -> Self {
        Self { route: Vec::new(), mailbox }
    }

    /// The path as it stands on the wire, brackets included.
    pub fn encode(&self) -> Vec<u8> {
        let mut wire = b"<".to_vec();
        for (number, domain) in self.route.iter().enumerate() {
            wire.extend_from_slice(if number == 0 { b"@" } else { b",@" });
            wire.extend(domain.encode());
        }
        if !self.route.is_empty() {
            wire.push(b':');
        }
        wire.extend(self.mailbox.encode());
        wire.push(b'>');
        wire
    }
}

impl ReversePath {
    /// The address, if there is one.
    pub const fn mailbox(&self) -> Option<&Mailbox> {
        match self {
            Self::Path(path) => Some(&path.mailbox),
            Self::Null | Self::Other(_) => None,
        }
    }

    /// The path as it stands on the wire, brackets included.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Null => b"<>".to_vec(),
            Self::Path(path) => path.encode(),
            Self::Other(written) => bracketed(written),
        }
    }
}

impl ForwardPath {
    /// The address, if there is one with a domain.
    pub const fn mailbox(&self) -> Option<&Mailbox> {
        match self {
            Self::Path(path) => Some(&path.mailbox),
            Self::Postmaster(_) | Self::Other(_) => None,
        }
    }

    /// The path as it stands on the wire, brackets included.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Path(path) => path.encode(),
            Self::Postmaster(written) | Self::Other(written) => bracketed(written),
        }
    }
}

fn bracketed(written: &[u8]) -> Vec<u8> {
    [b"<", written, b">"].concat()
}

#[cfg(test)]
pub(super) mod tests;
