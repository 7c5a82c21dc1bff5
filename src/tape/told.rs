//! What the log of another program tells of a session, or our own text of one: which log it is, and what it says that is
//! no octet.
//!
//! Such a log knows less than a tape. What it does not say stays unknown: when things were, what a certificate was worth,
//! how a connection ended. Its own words are kept, and the fold goes by their meaning alone.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Side;

/// Where a session was read from that was not recorded here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Which log it is.
    pub form: Form,
    /// True if the log says when its lines were.
    pub timed: bool,
}

/// Which program wrote a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A conversation by itself, as it is copied from telnet or nc.
    Paste,
    /// swaks.
    Swaks,
    /// `curl -v`.
    Curl,
    /// `openssl s_client`.
    OpenSsl,
    /// What Postfix mails to its postmaster.
    Postfix,
    /// A sign before each line says who speaks.
    Signs,
    /// A text export of this program.
    Export,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Paste, Self::Swaks, Self::Curl, Self::OpenSsl, Self::Postfix, Self::Signs, Self::Export];

    /// What it is called in a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Paste => "a pasted conversation",
            Self::Swaks => "a swaks log",
            Self::Curl => "a log of curl -v",
            Self::OpenSsl => "a log of openssl s_client",
            Self::Postfix => "a transcript of Postfix",
            Self::Signs => "a transcript with a sign before each line",
            Self::Export => "a text export of ehlo",
        }
    }

    /// The program whose words a log has.
    pub const fn program(self) -> &'static str {
        match self {
            Self::Paste => "the terminal",
            Self::Swaks => "swaks",
            Self::Curl => "curl",
            Self::OpenSsl => "openssl",
            Self::Postfix => "Postfix",
            Self::Signs => "the transcript",
            Self::Export => "ehlo",
        }
    }

    /// The one that is called so.
    pub fn named(words: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.words() == words)
    }
}

/// Something that a log tells and that is no octet. Its texts are a stranger's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// In the words of the log.
    pub words: String,
    /// What was said of it there; a text that begins with `!` is a warning.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The diagnostic ids of what was odd about it there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub odd: Vec<String>,
    /// What the fold goes by.
    pub means: Means,
}

impl Told {
    /// Words and their meaning.
    pub fn new(words: impl Into<String>, means: Means) -> Self {
        Self { words: words.into(), note: String::new(), odd: Vec::new(), means }
    }
}

/// What something that a log tells means for the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// Nothing.
    Nothing,
    /// A connection stands, as far as the log goes.
    Opened {
        /// The address, if it is told.
        #[serde(default)]
        ip: Option<IpAddr>,
        /// The port, if it is told.
        #[serde(default)]
        port: Option<u16>,
        /// False if the log begins behind the greeting, or has one side alone: then what is missing is nobody's fault.
        whole: bool,
        /// True if LMTP was to be spoken.
        #[serde(default)]
        lmtp: bool,
    },
    /// What follows was said inside TLS.
    Secured {
        /// The version, if it is told.
        #[serde(default)]
        version: Option<String>,
        /// The cipher suite, if it is told.
        #[serde(default)]
        suite: Option<String>,
    },
    /// The letter went here, or the rest of it, and the log does not show it.
    Letter,
    /// The connection is over.
    Closed {
        /// Who ended it.
        by: Side,
    },
}
