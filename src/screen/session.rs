//! The session screen: the main room. Compose a line, watch what comes back, read what it means, see the DNS that led
//! here.
//!
//! [`room`] is what the application knows: keys, text and news come in there. The transcript is looked at through a
//! [`view`], lines are typed in the [`composer`], the geometry is a [`layout`], and [`draw`] shows it all. Remote
//! bytes are the model's; nothing here keeps a copy.

pub mod batch;
pub mod choices;
pub mod commands;
pub mod composer;
pub mod connect;
pub mod desk;
pub mod dialog;
pub mod draw;
pub mod events;
pub mod file;
pub mod history;
pub mod layout;
pub mod letter;
pub mod line;
pub mod lists;
pub mod login;
pub mod lookup;
pub mod message;
pub mod offers;
pub mod panes;
pub mod recording;
pub mod repeat;
pub mod replay;
pub mod room;
pub mod rows;
pub mod saving;
pub mod sending;
pub mod steps;
pub mod view;

pub use room::Room;
