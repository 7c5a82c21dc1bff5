//! The commands of the session screen.

use crate::command::Command;

/// The commands of the session screen.
pub const TABLE: &[Command] = &[];
