//! Drawing: themes, geometry and the regions of a screen.

pub mod batch;
pub mod capabilities;
pub mod certificate;
pub mod compare;
pub mod composer;
pub mod dns;
pub mod explain;
pub mod file;
pub mod hex;
pub mod lab_mail;
pub mod lab_state;
pub mod letter;
pub mod linear;
pub mod mailbox;
pub mod map;
pub mod pane;
pub mod pen;
pub mod rail;
pub mod reader;
pub mod remote;
pub mod text;
pub mod theme;
pub mod title;
pub mod transcript;
pub mod viewport;
