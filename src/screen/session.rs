//! The session screen: the main room.

pub mod history;
pub mod layout;
pub mod letter;
pub mod line;
pub mod lookup;
pub mod repair;
pub mod rows;
pub mod target;
