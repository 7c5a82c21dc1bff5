//! A session as plain annotated text: what a person pastes into a ticket or saves to a file.
//!
//! One line a row: its number, the time since the session began, who spoke, the text, and the note behind it. Remote
//! text goes through the plain profile of [`safe`], which decodes back; secrets are hidden by state and by
//! value.
//!
//! ```text
//! # ehlo 0.1.0 · LAB offline · mx1.harbor.test:25
//!           0.003  · connected to 192.0.2.10:25                     one round trip: 2 ms
//!      1    0.006  S 220 mx1.harbor.test ESMTP Harbor Post          ready; speaks ESMTP
//! ```

use std::fmt::Write as _;
use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use crate::dialogue::row::{Place, Row, RowId};
use crate::knowledge::Sign;
use crate::safe;
use crate::tape::Side;

use super::Session;

/// Notes begin in this column, or behind longer text.
const NOTE_COLUMN: usize = 72;

/// What stands in place of a time of day that nobody knows.
pub const NO_CLOCK: &str = "--:--:--.---";
/// What stands in place of a time that nobody knows.
pub const NO_TIME: &str = "--.---";
/// What stands in place of a secret.
pub const HIDDEN: &str = "••••••••";

impl Session {
    /// The whole session as plain annotated text.
    pub fn text(&self) -> String {
        let mut text = self.heading();
        for index in 0..self.dialogue().rows().len() {
            self.write_row(&mut text, RowId(u32::try_from(index).unwrap_or(u32::MAX)));
        }
        text
    }

    /// The first line of that text: the program, the world, the server.
    pub fn heading(&self) -> String {
        let (version, place) = (env!("CARGO_PKG_VERSION"), plain(self.place().as_bytes()));
        format!("# ehlo {version} · {} · {place}\n", self.origin())
    }

    /// Some rows as plain annotated text.
    pub fn text_of(&self, rows: impl IntoIterator<Item = RowId>) -> String {
        let mut text = String::new();
        for row in rows {
            self.write_row(&mut text, row);
        }
        text
    }

    fn write_row(&self, out: &mut String, id: RowId) {
        let Some(row) = self.dialogue().row(id) else { return };
        let start = out.len();
        let who = match row.side() {
            Some(Side::Client) => 'C',
            Some(Side::Server) => 'S',
            None => '·',
        };
        let number = id.0.saturating_add(1);
        let time = if self.tells_times() { row.at.to_string() } else { NO_TIME.to_owned() };
        let _ = write!(out, "{number:>6} {time:>9}  {who} {}", self.matter(row));
        let note = self.note(id);
        let mark = if note.sign == Sign::Problem { "! " } else { "" };
        if !note.text.is_empty() {
            let width = out.get(start..).map_or(0, UnicodeWidthStr::width);
            let gap = NOTE_COLUMN.saturating_sub(width).max(2);
            for part in [&" ".repeat(gap), mark, &note.text] {
                out.push_str(part);
            }
        }
        out.push('\n');
        for flaw in self.dialogue().flaws_of(id) {
            let _ = writeln!(out, "{:19}└ {}: {}", "", flaw.kind.id(), flaw.kind.title());
        }
    }

    /// The text of a row: its bytes made safe, with secrets hidden, or the words of its mark.
    pub fn matter(&self, row: &Row) -> String {
        let span = match row.place() {
            Place::Bytes(span) => span,
            Place::Mark(index) => {
                let mark = self.tape().marks().get(index).map(|(_, mark)| mark);
                return mark.map(|mark| plain(super::words::of(mark).as_bytes())).unwrap_or_default();
            }
        };
        let bytes = self.tape().bytes(span);
        let text = bytes.strip_suffix(b"\r\n").unwrap_or(&bytes);
        hide(text, &self.hidden(span, &bytes), plain)
    }
}

/// The text with some ranges replaced by [`HIDDEN`]; what remains goes through `show`.
pub fn hide(text: &[u8], hidden: &[Range<usize>], show: impl Fn(&[u8]) -> String) -> String {
    let mut shown = String::new();
    let mut from = 0;
    for range in hidden {
        shown.push_str(&show(text.get(from..range.start).unwrap_or_default()));
        shown.push_str(HIDDEN);
        from = range.end;
    }
    shown.push_str(&show(text.get(from..).unwrap_or_default()));
    shown
}

fn plain(bytes: &[u8]) -> String {
    safe::plain(bytes).into_string()
}
