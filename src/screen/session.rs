//! The session screen: the main room.

pub mod layout;
