//! Recordings (`*.ehlo`): the tapes of sessions and what belongs to them, as lines of JSON in the order of events.
//!
//! ```text
//! {"ehlo":"recording","format":1,"program":"0.1.0","began":"2026-03-01T09:12:00Z","class":"lab",…}
//! {"kind":"session","s":1,"after":0,"target":{"host":"mx1.harbor.test",…}}
//! {"kind":"bytes","s":1,"t":6012,"side":"server","text":"220 mx1.harbor.test ESMTP\r\n"}
//! {"kind":"mark","s":1,"t":9100,"mark":{"tls-ready":{…}}}
//! ```
//!
//! The tape is stored and not what the fold makes of it, so a better fold improves old recordings. Lines are only ever
//! appended, and fields only ever added; a new field of an old line has a default. All of it is ASCII: whoever prints a
//! recording prints no terminal code of a stranger.
//!
//! ```text
//! sessions ── writer ──▶ lines ──▶ file ──▶ slice ──▶ index                what stands where; small
//!                                             └─────▶ kept, player ──▶ model   what is looked at; bounded
//! ```

pub mod foreign;
pub mod index;
pub mod kept;
pub mod line;
pub mod player;
pub mod reader;
pub mod slice;
pub mod writer;

#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::events::json;
use crate::session::Session;
use crate::session::place::World;

/// The version of the format; a file of a higher one is not read.
pub const FORMAT: u32 = 1;

/// How secrets are kept, in words.
const MASKED: &str =
    "secrets of live sessions: * stands for each octet; those of the lab are public and stand as they are";

/// The first line of a recording, by which it is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// That it is one.
    pub ehlo: Magic,
    /// The version of the format.
    pub format: u32,
    /// The version of the program that wrote it.
    pub program: String,
    /// When the first session began.
    pub began: Timestamp,
    /// The world of the first session.
    pub class: Class,
    /// What was masked when it was written, in words.
    pub masked: String,
}

/// The word that tells a recording from other JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Magic {
    /// It is a recording.
    Recording,
}

/// The world of a recorded session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// The internet in a box.
    Lab,
    /// Real sockets.
    Live,
    /// Between a real client and a real server.
    Intercept,
}

impl Class {
    /// That of a session.
    pub fn of(session: &Session) -> Self {
        if session.world() == World::Lab { Self::Lab } else { Self::Live }
    }
}

impl Header {
    /// The header of a recording that this program begins.
    pub fn new(began: Timestamp, class: Class) -> Self {
        let (program, masked) = (env!("CARGO_PKG_VERSION").to_owned(), MASKED.to_owned());
        Self { ehlo: Magic::Recording, format: FORMAT, program, began, class, masked }
    }

    /// Its line, with its line end.
    pub fn json(&self) -> String {
        json::ascii(self) + "\n"
    }
}
