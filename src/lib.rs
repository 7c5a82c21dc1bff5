//! `ehlo`, an interactive terminal explorer of SMTP.
//!
//! The house has four rings; an inner one knows nothing of an outer one, and `tests/architecture.rs` keeps it so.
//!
//! 1. **Protocol**, pure: [`safe`], [`written`], [`smtp`], [`mail`], [`dns`], [`check`], [`tape`], [`dialogue`], [`engine`], [`knowledge`]
//! 2. **Services**, the only I/O: [`net`] and [`lab`], spoken to through the plain data of [`ports`]; [`files`]
//! 3. **Application**, pure: [`config`], [`session`], [`send`], [`events`], [`record`], [`export`], [`script`], [`command`], [`input`], [`ui`], [`layer`], [`screen`], [`app`]
//! 4. **Edge**: [`term`], [`run`], [`cli`]
//!
//! Data travels one way: bytes → [`tape`] → [`dialogue`] → [`knowledge`] → screen.

pub mod app;
pub mod check;
pub mod cli;
pub mod command;
pub mod config;
pub mod dialogue;
pub mod dns;
pub mod engine;
pub mod events;
pub mod export;
pub mod files;
pub mod input;
pub mod knowledge;
pub mod lab;
pub mod layer;
pub mod mail;
pub mod net;
pub mod ports;
pub mod record;
pub mod run;
pub mod safe;
pub mod screen;
pub mod script;
pub mod send;
pub mod session;
pub mod smtp;
pub mod tape;
pub mod term;
pub mod ui;
pub mod written;
