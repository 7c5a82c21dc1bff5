//! Screens: each a struct, its command table, its layout and its view.

pub mod session;
