//! An event as one line of JSON, in ASCII: whatever came from outside, it is safe to print.

use std::io;

use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter};

use super::{By, Event, SCHEMA};

/// Octets of a usual line.
const LINE: usize = 512;

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
        let mut line = Vec::with_capacity(LINE);
        self.write_json(&mut line);
        String::from_utf8(line).unwrap_or_default()
    }

    /// Appends the event as a line of JSON with its line end.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"kind\":\"");
        out.extend_from_slice(self.what.kind().as_bytes());
        out.push(b'"');
        let common = Common {
            n: self.n,
            t: seconds(self.at.micros()),
            v: &self.clock,
            s: self.session,
            by: self.by,
            schema: (self.n == 1).then_some(SCHEMA),
        };
        more_fields(out, &common);
        more_fields(out, &self.what);
        out.extend_from_slice(b"}\n");
    }
}

/// Seconds with six decimals at most.
#[expect(clippy::cast_precision_loss, reason = "microseconds of a run of the program are far below 2^53")]
fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// A value as JSON without line breaks, in ASCII; nothing for what is no JSON, as a map whose keys are no strings.
pub fn ascii(value: &impl serde::Serialize) -> String {
    let mut out = Vec::with_capacity(LINE);
    if serialize(&mut out, value).is_err() {
        return String::new();
    }
    String::from_utf8(out).unwrap_or_default()
}

fn serialize(out: &mut Vec<u8>, value: &impl serde::Serialize) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, Ascii))
}

/// Appends the fields of an object to those that stand in an open one before it.
fn more_fields(out: &mut Vec<u8>, value: &impl serde::Serialize) {
    let begin = out.len();
    let written = serialize(out, value);
    match out.get_mut(begin..) {
        Some([brace @ b'{', _, .., b'}']) if written.is_ok() => {
            *brace = b',';
            out.pop();
        }
        _ => out.truncate(begin),
    }
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
