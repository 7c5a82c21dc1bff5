//! The SMTP grammar (RFC 5321 and its extensions), for both directions.
//!
//! Hand-written byte parsers. They never fail on bytes: each returns a value and its [flaws](flaw), because the house
//! shows what came rather than what should have come. The ABNF stands above each parser. What a flaw means in words
//! is for [`knowledge`](crate::knowledge).
//!
//! Bytes become [lines](mod@line), lines become [replies](reply) or [commands](command); nothing here keeps state between
//! lines but the streaming filters of [`data`].

pub mod bdat;
pub mod code;
pub mod command;
pub mod data;
pub mod extension;
pub mod flaw;
pub mod limits;
pub mod line;
pub mod params;
pub mod path;
pub mod proxy;
pub mod reply;
pub mod sasl;
pub mod stage;
pub mod status;
pub mod xclient;
