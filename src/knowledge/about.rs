//! What can be asked about: one row of a transcript, or a thing by its name.
//!
//! All of it is borrowed plain data, so that a row can be asked about while it is drawn and nothing is stored.

use crate::smtp::command::Verb;
use crate::tape::mark::Mark;

use super::servers::Server;

/// Something that a note or an explanation is wanted for.
#[derive(Debug, Clone, Copy)]
pub enum About<'a> {
    /// A line of a reply.
    Reply(ReplyLine<'a>),
    /// A line from the server that is no reply line.
    Stray(&'a [u8]),
    /// A line from the client that is a command.
    Command(CommandLine<'a>),
    /// A line of the letter, line end included or not.
    Content {
        /// The line as it is on the wire.
        line: &'a [u8],
        /// Where in the letter it stands.
        part: Part,
    },
    /// The lone dot.
    EndOfData,
    /// Octets of a BDAT chunk.
    Chunk,
    /// A client's line after a 334.
    Sasl(SaslLine<'a>),
    /// A client's line whose meaning the server's answer will decide.
    Undecided,
    /// Octets that were counted and not kept.
    Elided(u64),
    /// Something that is not bytes.
    Mark(&'a Mark),
    /// A reply code.
    Code(u16),
    /// An enhanced status code: class, subject, detail.
    Status(u16, u16, u16),
    /// A verb.
    Verb(&'a str),
    /// An EHLO keyword with its parameters, wherever it was met.
    Keyword(&'a [u8]),
    /// A line of the answer to EHLO, behind code and separator, in a session.
    Capability {
        /// Keyword and parameters.
        line: &'a [u8],
        /// True inside TLS.
        tls: bool,
    },
    /// A parameter of MAIL or RCPT: verb and name.
    Parameter(&'a str, &'a str),
    /// A SASL mechanism.
    Mechanism(&'a str),
    /// A header field, by name.
    Header(&'a str),
    /// A DNS record: its type and its data as text.
    Record {
        /// The type, as `MX`.
        kind: &'a str,
        /// The data, as `10 mx1.harbor.test.`
        text: &'a str,
    },
    /// A tag of a policy: the policy's name (`spf`, `dmarc`, …) and the tag with its value.
    Tag {
        /// The policy.
        policy: &'a str,
        /// The tag, as `p=reject` or `-all`.
        tag: &'a str,
    },
    /// A diagnostic, by its id.
    Flaw(&'a str),
    /// Any term.
    Term(&'a str),
}

/// A line of a reply, and what it answers.
#[derive(Debug, Clone, Copy)]
pub struct ReplyLine<'a> {
    /// What the reply answers.
    pub to: To,
    /// The line, line end included or not.
    pub line: &'a [u8],
    /// The whole reply, from its first line to its last; may be the line alone if it is not at hand.
    pub whole: &'a [u8],
    /// True for the first line.
    pub first: bool,
    /// True for the line that ends the reply.
    pub last: bool,
    /// True inside TLS.
    pub tls: bool,
    /// What the server looks like, if that is known.
    pub server: Option<&'static Server>,
}

/// What a reply answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// The connection: this is the greeting.
    Greeting,
    /// A command, by its verb in capitals.
    Verb(&'static str),
    /// The last chunk of a letter sent with BDAT.
    LastChunk,
    /// The lone dot.
    EndOfData,
    /// A client's line after a 334.
    Sasl,
    /// Nothing: the server spoke unasked.
    Unasked,
}

impl To {
    /// The command's name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Greeting => "connect",
            Self::Verb(verb) => verb,
            Self::LastChunk => "BDAT LAST",
            Self::EndOfData => "DATA-end",
            Self::Sasl => "AUTH",
            Self::Unasked => "any",
        }
    }

    /// What was answered, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Greeting => "the connection",
            Self::Verb(verb) => verb,
            Self::LastChunk => "the last chunk",
            Self::EndOfData => "the end of the letter",
            Self::Sasl => "the login",
            Self::Unasked => "nothing that was asked",
        }
    }

    /// True if a success is followed by one keyword a line.
    pub fn lists_keywords(self) -> bool {
        matches!(self, Self::Verb("EHLO" | "LHLO"))
    }
}

impl From<Verb> for To {
    fn from(verb: Verb) -> Self {
        Self::Verb(verb.name())
    }
}

/// A command line as it was sent.
#[derive(Debug, Clone, Copy)]
pub struct CommandLine<'a> {
    /// The line, line end included or not.
    pub line: &'a [u8],
    /// True inside TLS.
    pub tls: bool,
    /// True if the client has said hello before on this connection.
    pub greeted: bool,
    /// True if SMTPUTF8 stands on the line, or on the MAIL that it belongs to (RFC 6531 §3.4).
    pub utf8: bool,
}

/// A client's line after a 334.
#[derive(Debug, Clone, Copy)]
pub struct SaslLine<'a> {
    /// The mechanism, in any case of letters.
    pub mechanism: &'a [u8],
    /// Which line of the client this is in the login, from 1; an initial response counts.
    pub step: u32,
    /// The line.
    pub line: &'a [u8],
}

/// A part of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Before the empty line.
    Header,
    /// The empty line that ends the header.
    Separator,
    /// After it.
    Body,
    /// Not known.
    Unknown,
}
