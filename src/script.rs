//! The dialogue language: a conversation as text, one step a line; read here, and played by a director without I/O.
//!
//! ```text
//! text ──read──▶ Script: steps and their places ──Player──▶ what to do next: open, write, wait … ─▶ an outcome
//! ```
//!
//! `assets/script/language.md` says what can be written. Nothing here waits, dials or asks the time: whoever plays a
//! script owns connections and clock, and asks the [`Player`] again whenever something happened.

pub mod check;
pub mod pattern;
pub mod play;
pub mod policy;
pub mod print;
pub mod read;
pub mod rehearse;
pub mod step;
pub mod text;
pub mod trouble;

use std::fmt;
use std::sync::Arc;

pub use play::{Next, Player};
pub use step::Step;
pub use trouble::Trouble;

/// A script that can be played.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// Its steps, those of included files in their places.
    pub steps: Vec<Placed>,
}

/// A step and where it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Where.
    pub place: Place,
    /// What.
    pub step: Step,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
