//! An event as one line of JSON, in ASCII: whatever came from outside, it is safe to print.

use std::io;

use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter};

use super::{By, Event, SCHEMA};

/// The fields that every event has, but its kind.
#[derive(serde::Serialize)]
struct Common<'a> {
    n: u64,
    /// Seconds.
    t: f64,
    #[serde(skip_serializing_if = "str::is_empty")]
    v: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<u32>,
    by: By,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<u32>,
}

impl Event {
    /// The event as a line of JSON with its line end.
    pub fn json(&self) -> String {
        let common = Common {
            n: self.n,
            t: seconds(self.at.micros()),
            v: &self.clock,
            s: self.session,
            by: self.by,
            schema: (self.n == 1).then_some(SCHEMA),
        };
        let common = object(&common);
        let own = object(&self.what);
        let comma = if own.is_empty() { "" } else { "," };
        format!("{{\"kind\":\"{}\",{common}{comma}{own}}}\n", self.what.kind())
    }
}

/// Seconds with six decimals at most.
#[expect(clippy::cast_precision_loss, reason = "microseconds of a run of the program are far below 2^53")]
fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// A value as JSON without line breaks, in ASCII; nothing for what is no JSON, as a map whose keys are no strings.
pub fn ascii(value: &impl serde::Serialize) -> String {
    let mut out = Vec::with_capacity(256);
    let mut serializer = Serializer::with_formatter(&mut out, Ascii);
    if value.serialize(&mut serializer).is_err() {
        return String::new();
    }
    String::from_utf8(out).unwrap_or_default()
}

/// The fields of an object, without its braces.
fn object(value: &impl serde::Serialize) -> String {
    let text = ascii(value);
    text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or_default().to_owned()
}

/// Writes what is not ASCII as an escape (RFC 8259).
struct Ascii;

impl Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|character: char| !character.is_ascii() || character == '\u{7f}') {
            let (plain, odd) = rest.split_at(at);
            CompactFormatter.write_string_fragment(writer, plain)?;
            let mut characters = odd.chars();
            if let Some(character) = characters.next() {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = characters.as_str();
        }
        CompactFormatter.write_string_fragment(writer, rest)
    }
}
