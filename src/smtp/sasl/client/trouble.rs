//! What goes wrong with a login, before the first octet or on the way. No text here holds a secret.

use std::fmt;

use crate::smtp::flaw::FlawKind;

use super::super::{NotBase64, Prompt};
use super::Mechanism;
use super::prepare::Unprepared;

/// A part of the login, as a form has a cell for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cell {
    /// Whom to act for.
    ActAs,
    /// Who logs in; the trace text of ANONYMOUS.
    User,
    /// The password or the token.
    Secret,
    /// The random text of SCRAM.
    Nonce,
    /// The name of the server, for OAUTHBEARER.
    Host,
}

/// Why a login does not begin, is given up, or may not be believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The mechanism needs this part.
    Missing(Mechanism, Cell),
    /// The mechanism has no place for this part, and leaving it out would log in as somebody else.
    NoPlace(Mechanism, Cell),
    /// This character cannot be part of it.
    Character(Cell, char),
    /// It cannot be prepared (RFC 4013).
    Unprepared(Cell, Unprepared),
    /// A line of so many octets, CR LF included, is longer than what servers are known to take (RFC 4954 §4).
    TooLong(usize),
    /// The mechanism ties the login to the TLS connection, and the data for that are not there.
    NoBinding(Mechanism),
    /// The challenge is no Base64 (RFC 4954 §4: cancel).
    NotBase64(NotBase64),
    /// LOGIN asks out of order.
    Prompt {
        /// What comes next.
        expected: Prompt,
        /// What was asked for.
        asked: Prompt,
    },
    /// A challenge where the mechanism has none, or with text where it is empty.
    Surplus(Mechanism),
    /// SCRAM demands more rounds of hashing than were allowed.
    Cost {
        /// Demanded.
        rounds: u64,
        /// Allowed.
        most: u32,
    },
    /// A SCRAM message is not written as the grammar asks (RFC 5802 §7).
    Message(Malformed),
    /// The server's nonce does not begin with ours, or adds nothing to it.
    Nonce,
    /// The server's signature does not fit.
    Signature,
    /// 235 came before the server had proven itself.
    Unproven,
    /// The server ended SCRAM with an error; the text is safe to show.
    ScramRefused(String),
    /// The token was refused; the status is safe to show.
    TokenRefused(String),
    /// 235 came before all was said, or after the login was given up.
    Early,
    /// A success code that is not 235.
    NotSuccess(u16),
    /// A code that ends no login.
    Code(u16),
}

/// What is wrong with a SCRAM message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Malformed {
    /// This attribute is missing where it must stand.
    Missing(char),
    /// This attribute stands there again.
    Twice(char),
    /// A part that is no attribute.
    NoAttribute,
    /// `m=`: something mandatory that no client knows yet (RFC 5802 §5.1: fail).
    Mandatory,
    /// The nonce holds other octets than printable ASCII.
    Nonce,
    /// The salt is empty or no Base64.
    Salt,
    /// The rounds are not a positive number.
    Rounds,
    /// The signature is no Base64.
    Signature,
}

impl Trouble {
    /// The flaw that this is in a session.
    pub const fn kind(&self) -> FlawKind {
        match self {
            Self::Missing(..) | Self::NoPlace(..) => FlawKind::AuthParts,
            Self::Character(..) | Self::Unprepared(..) => FlawKind::AuthBadCharacter,
            Self::TooLong(_) => FlawKind::LongCommand,
            Self::NoBinding(_) => FlawKind::ChannelBinding,
            Self::NotBase64(_) => FlawKind::AuthBadBase64,
            Self::Prompt { .. } => FlawKind::PromptMismatch,
            Self::Surplus(_) => FlawKind::SurplusChallenge,
            Self::Cost { .. } => FlawKind::ScramCost,
            Self::Message(_) => FlawKind::ScramMessage,
            Self::Nonce | Self::Signature | Self::Unproven => FlawKind::ServerNotProven,
            Self::ScramRefused(_) => FlawKind::ScramRefused,
            Self::TokenRefused(_) => FlawKind::XOauth2Error,
            Self::Early | Self::NotSuccess(_) => FlawKind::UnexpectedSuccess,
            Self::Code(_) => FlawKind::UnexpectedCode,
        }
    }

    /// The diagnostic id, as `auth/scram-cost`.
    pub const fn id(&self) -> &'static str {
        self.kind().id()
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ActAs => "identity to act for",
            Self::User => "user name",
            Self::Secret => "secret",
            Self::Nonce => "nonce",
            Self::Host => "name of the server",
        })
    }
}

/// The trouble in one or two sentences.
impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(mechanism, cell) => write!(f, "{mechanism} needs a {cell}."),
            Self::NoPlace(mechanism, cell) => {
                write!(f, "{mechanism} has no place for an {cell}; leave it empty or choose another mechanism.")
            }
            Self::Character(cell, point) | Self::Unprepared(cell, Unprepared::Prohibited(point)) => {
                write!(f, "The {cell} holds U+{:04X}, which cannot be sent there.", u32::from(*point))
            }
            Self::Unprepared(cell, Unprepared::Directions) => {
                write!(f, "The {cell} mixes characters of both reading directions.")
            }
            Self::Unprepared(cell, Unprepared::Empty) => {
                write!(f, "Nothing is left of the {cell} once invisible characters are taken out.")
            }
            Self::TooLong(octets) => {
                write!(f, "A line of {octets} octets is longer than servers are known to take in a login.")
            }
            Self::NoBinding(mechanism) => {
                write!(f, "{mechanism} ties the login to the TLS connection, and there are no data to do it with.")
            }
            Self::NotBase64(why) => write!(f, "The challenge is not Base64. {why} Cancelled with '*'."),
            Self::Prompt { expected, asked } => {
                write!(f, "The server asks for the {asked} where the {expected} comes next. Not sent.")
            }
            Self::Surplus(mechanism) => write!(f, "{mechanism} has no such challenge. Cancelled with '*'."),
            Self::Cost { rounds, most } => {
                write!(f, "The server demands {rounds} rounds of hashing; at most {most} are done.")
            }
            Self::Message(why) => write!(f, "The server's SCRAM message makes no sense: {why}."),
            Self::Nonce => f.write_str("The server's nonce does not continue ours: it has not read this login."),
            Self::Signature => f.write_str("The server could not prove that it knows the password."),
            Self::Unproven => f.write_str("The server said 235 without proving that it knows the password."),
            Self::ScramRefused(error) => write!(f, "The server ended the login: {error}."),
            Self::TokenRefused(status) => write!(f, "The token was refused: {status}."),
            Self::Early => f.write_str("235 came although the login was not finished: you are not logged in."),
            Self::NotSuccess(code) => write!(f, "{code} is a success, but only 235 says that the login succeeded."),
            Self::Code(code) => write!(f, "{code} does not end a login."),
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(letter) => write!(f, "'{letter}=' is missing where it must stand"),
            Self::Twice(letter) => write!(f, "'{letter}=' stands there twice"),
            Self::NoAttribute => f.write_str("a part of it is not a letter, '=' and a value"),
            Self::Mandatory => f.write_str("'m=' asks for something that no client knows"),
            Self::Nonce => f.write_str("the nonce holds more than printable ASCII"),
            Self::Salt => f.write_str("the salt is empty or not Base64"),
            Self::Rounds => f.write_str("the rounds are not a positive number"),
            Self::Signature => f.write_str("the signature is not Base64"),
        }
    }
}

impl fmt::Display for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Username => "user name",
            Self::Password => "password",
            Self::Other => "end",
        })
    }
}

impl std::error::Error for Trouble {}
