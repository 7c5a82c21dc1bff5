//! The session screen: the main room.

pub mod choices;
pub mod commands;
pub mod composer;
pub mod desk;
pub mod history;
pub mod layout;
pub mod letter;
pub mod line;
pub mod lookup;
pub mod offers;
pub mod repair;
pub mod repeat;
pub mod room;
pub mod rows;
pub mod steps;
pub mod target;
pub mod view;

pub use room::Room;
