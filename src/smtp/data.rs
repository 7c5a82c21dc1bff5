//! The letter on its way through DATA: dots that are doubled, the end that is looked for, and what resembles it.
//!
//! ```text
//! mail data = *( line CRLF ) "." CRLF        RFC 5321 §4.1.1.4
//! ```
//!
//! A line of the letter that begins with a dot gets one more on the wire, and loses it at the other end
//! (§4.5.2). Only CR LF ends a line (§2.3.8); servers that think otherwise see ends where there are none, which is
//! how letters are smuggled. Both filters take their input in pieces of any size and hold at most two octets back.

mod lines;
mod lookout;
mod stuff;
mod survey;
mod unstuff;

pub use lines::with_crlf;
pub use lookout::Lookout;
pub use stuff::{Stuffed, Stuffer, Wire};
pub use survey::{Survey, Surveyor};
pub use unstuff::{Received, Step, Unstuffer};

/// What ends a letter whose last line is complete.
pub const END: &[u8] = b".\r\n";

#[cfg(test)]
mod tests;
