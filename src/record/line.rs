//! One line of a recording behind its header.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::dns::Heard;
use crate::events::json;
use crate::ports::lab::{Delivered, News};
use crate::ports::net::{SessionId, Target};
use crate::session::look_ups::Subject;
use crate::session::visits::Caller;
use crate::tape::mark::Mark;
use crate::tape::told::Imported;
use crate::tape::{Moment, Side};

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Line {
    /// A session begins.
    Session(Box<Begun>),
    /// Octets came or went.
    Bytes(Bytes),
    /// Octets went that were counted and not kept.
    Elided {
        /// The session.
        s: SessionId,
        /// When the last of them went.
        t: Moment,
        /// Who sent them.
        side: Side,
        /// How many.
        octets: u64,
    },
    /// Something else happened.
    Mark {
        /// The session.
        s: SessionId,
        /// When.
        t: Moment,
        /// What.
        mark: Mark,
    },
    /// A session is over, and nothing more comes from its connection.
    End {
        /// The session.
        s: SessionId,
    },
    /// A letter lies in a mailbox of the lab.
    Letter(Delivered),
    /// Something happened to a letter in the lab.
    News(News),
    /// The DNS panel was opened; what is heard from now on is about this.
    Panel(Box<Subject>),
    /// The DNS answered a question of the panel.
    LookUp(Box<Heard>),
}

/// A session, as it was wished for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Its number in this recording.
    pub s: SessionId,
    /// When its tape began, in microseconds since the recording began.
    pub after: u64,
    /// Where it goes.
    pub target: Target,
    /// Who spoke, if somebody else did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// Where it was read from, if it was not recorded here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<Imported>,
}

/// Octets of one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bytes {
    /// The session.
    pub s: SessionId,
    /// When.
    pub t: Moment,
    /// Who sent them.
    pub side: Side,
    /// They as text, where all of it can be printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// They in Base64, where not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    /// Where secrets were: from an octet of these up to, not including, another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holes: Vec<(u64, u64)>,
}

impl Bytes {
    /// Octets that `side` sent.
    pub fn new(s: SessionId, t: Moment, side: Side, octets: &[u8], holes: Vec<(u64, u64)>) -> Self {
        let plain = |text: &&str| text.chars().all(|char| matches!(char, '\r' | '\n' | '\t') || !char.is_control());
        let text = std::str::from_utf8(octets).ok().filter(plain).map(str::to_owned);
        let base64 = if text.is_none() { Some(STANDARD.encode(octets)) } else { None };
        Self { s, t, side, text, base64, holes }
    }

    /// The octets; nothing if what stands there is no Base64.
    pub fn octets(&self) -> Option<Cow<'_, [u8]>> {
        match (&self.text, &self.base64) {
            (Some(text), _) => Some(Cow::Borrowed(text.as_bytes())),
            (None, Some(coded)) => STANDARD.decode(coded).ok().map(Cow::Owned),
            (None, None) => None,
        }
    }
}

impl Line {
    /// The session that it belongs to, if it belongs to one.
    pub fn session(&self) -> Option<SessionId> {
        match self {
            Self::Session(begun) => Some(begun.s),
            Self::Bytes(bytes) => Some(bytes.s),
            Self::Elided { s, .. } | Self::Mark { s, .. } | Self::End { s } => Some(*s),
            Self::Letter(_) | Self::News(_) | Self::Panel(_) | Self::LookUp(_) => None,
        }
    }

    /// The number of the session that it belongs to, to give it another.
    pub(super) fn session_mut(&mut self) -> Option<&mut SessionId> {
        match self {
            Self::Session(begun) => Some(&mut begun.s),
            Self::Bytes(bytes) => Some(&mut bytes.s),
            Self::Elided { s, .. } | Self::Mark { s, .. } | Self::End { s } => Some(s),
            _ => None,
        }
    }

    /// When it was, since the tape of its session began.
    pub fn at(&self) -> Option<Moment> {
        match self {
            Self::Bytes(bytes) => Some(bytes.t),
            Self::Elided { t, .. } | Self::Mark { t, .. } => Some(*t),
            _ => None,
        }
    }

    /// True for one that is of all sessions, or of none.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Letter(_) | Self::News(_) | Self::Panel(_) | Self::LookUp(_))
    }

    /// It as JSON, with its line end.
    pub fn json(&self) -> String {
        json::ascii(self) + "\n"
    }
}
