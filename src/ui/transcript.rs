//! One row of the transcript as lines: who spoke, when, the text, and what it means, each in a column of its own.
//!
//! Wide, the note is a column; narrow, it stands in a line of its own below the text. Meaning never replaces text.
//!
//! ```text
//!    3   4.140 S 250-mx1.harbor.test hello laptop          ┐ one reply, five lines
//!    4         S 250-SIZE 10485760                         │ largest letter: 10 MiB
//! ```

use super::text::{Role, Run, runs_width, wrap_hard, wrap_words};
use super::viewport::Tall;

/// The place of a line in a reply of several lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bracket {
    /// Not in one.
    #[default]
    None,
    /// The first line.
    Open,
    /// One between.
    Inside,
    /// The last line.
    Close,
}

/// Who speaks in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The client, `C`.
    Client,
    /// The server, `S`.
    Server,
    /// Nobody: something happened, `·`.
    Nobody,
}

/// A remark on a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// `✓`, `✗`, `!` or nothing.
    pub sign: &'static str,
    /// How it is drawn.
    pub role: Role,
    /// What it says.
    pub text: String,
}

/// What a row of the transcript holds, ready to be laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowView {
    /// Its number, counting lines from 1; nothing for events.
    pub number: Option<u32>,
    /// When, as it is shown; empty to leave it out.
    pub time: String,
    /// Who.
    pub speaker: Speaker,
    /// True if it went through TLS.
    pub tls: bool,
    /// Its place in a reply.
    pub bracket: Bracket,
    /// What was said.
    pub text: Vec<Run>,
    /// What it means.
    pub note: Option<Remark>,
    /// What is odd about it, each in a line of its own.
    pub odd: Vec<Remark>,
    /// True for the selected row.
    pub selected: bool,
}

/// The columns of a transcript of some width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sheet {
    width: usize,
    number: usize,
    time: usize,
    note: usize,
    notes: bool,
    ascii: bool,
}

/// What a sheet shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Notes and what is odd.
    pub notes: bool,
    /// Cells that a time takes.
    pub time: usize,
    /// The largest number of a row.
    pub numbers: u32,
    /// ASCII signs only.
    pub ascii: bool,
}

/// A transcript at least this wide has a column for notes.
const NOTE_COLUMN: usize = 76;

/// A row laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its lines, each as wide as the sheet or less.
    pub lines: Vec<Vec<Run>>,
    /// True for the selected row.
    pub selected: bool,
}

impl Tall for Entry {
    fn lines(&self) -> u16 {
        u16::try_from(self.lines.len()).unwrap_or(u16::MAX)
    }
}

impl Sheet {
    /// The columns for `width` cells.
    pub fn new(width: usize, shown: Shown) -> Self {
        let digits = shown.numbers.max(1).ilog10() as usize + 1;
        let wide = width >= NOTE_COLUMN && shown.notes;
        Self {
            width,
            number: digits.max(if width >= NOTE_COLUMN { 4 } else { 3 }),
            time: shown.time,
            note: if wide { width * 33 / 100 } else { 0 },
            notes: shown.notes,
            ascii: shown.ascii,
        }
    }

    /// Cells before the text.
    pub fn margin(&self) -> usize {
        // number, blank, time, bracket, letter, sign of TLS
        self.number + 1 + self.time + 1 + 1 + 1
    }

    /// Cells for the text.
    fn text(&self) -> usize {
        let note = if self.note > 0 { self.note + 2 } else { 0 };
        self.width.saturating_sub(self.margin() + note).max(8)
    }

    /// Lays a row out.
    pub fn entry(&self, row: &RowView) -> Entry {
        // Of what was said every character counts; what happened is told in words.
        let wrap = if row.speaker == Speaker::Nobody { wrap_words } else { wrap_hard };
        let text = wrap(&row.text, self.text());
        let mut lines: Vec<Vec<Run>> = Vec::with_capacity(text.len() + 1);
        for (index, part) in text.into_iter().enumerate() {
            let mut line = if index == 0 { self.head(row) } else { self.indent(row) };
            line.extend(part);
            lines.push(line);
        }
        if self.notes {
            self.annotate(row, &mut lines);
        }
        Entry { lines, selected: row.selected }
    }

    fn head(&self, row: &RowView) -> Vec<Run> {
        let mark = if row.selected { if self.ascii { '>' } else { '▸' } } else { ' ' };
        let number = row.number.map(|number| number.to_string()).unwrap_or_default();
        let margin = format!("{mark}{number:>digits$} {:>time$}", row.time, digits = self.number - 1, time = self.time);
        let role = match row.speaker {
            Speaker::Client => Role::Client,
            Speaker::Server => Role::Server,
            Speaker::Nobody => Role::Event,
        };
        let letter = match (row.speaker, self.ascii) {
            (Speaker::Client, _) => "C",
            (Speaker::Server, _) => "S",
            (Speaker::Nobody, false) => "·",
            (Speaker::Nobody, true) => "*",
        };
        let sign = if row.tls && row.speaker != Speaker::Nobody { "#" } else { " " };
        vec![
            Run::new(margin, Role::Quiet),
            Run::new(self.narrow_bracket(row.bracket, false), Role::Bracket),
            Run::new(letter, role),
            Run::new(sign, Role::Quiet),
        ]
    }

    /// A line below the first one of a row.
    fn indent(&self, row: &RowView) -> Vec<Run> {
        let before = " ".repeat(self.number + 1 + self.time);
        let bracket = self.narrow_bracket(row.bracket, true);
        vec![Run::new(before, Role::Quiet), Run::new(bracket, Role::Bracket), Run::new("  ", Role::Quiet)]
    }

    /// Where there is no column for notes, the bracket stands before the letter.
    fn narrow_bracket(&self, bracket: Bracket, below: bool) -> &'static str {
        if self.note > 0 {
            return " ";
        }
        self.bracket_sign(bracket, below)
    }

    fn bracket_sign(&self, bracket: Bracket, below: bool) -> &'static str {
        let narrow = self.note == 0;
        match (bracket, below, self.ascii) {
            (Bracket::None, ..) | (Bracket::Close, true, _) => " ",
            (Bracket::Inside, _, false) | (Bracket::Open, true, false) => "│",
            (Bracket::Inside, _, true) | (Bracket::Open, true, true) => "|",
            (Bracket::Open | Bracket::Close, false, true) => "+",
            (Bracket::Open, false, false) => {
                if narrow {
                    "┌"
                } else {
                    "┐"
                }
            }
            (Bracket::Close, false, false) => {
                if narrow {
                    "└"
                } else {
                    "┘"
                }
            }
        }
    }

    fn annotate(&self, row: &RowView, lines: &mut Vec<Vec<Run>>) {
        if self.note == 0 {
            for remark in row.note.iter().chain(&row.odd) {
                self.below(row, remark, self.width, lines);
            }
            return;
        }
        for remark in &row.odd {
            self.below(row, remark, self.margin() + self.text(), lines);
        }
        self.beside(row, lines);
    }

    /// The bracket and the note in their columns, over as many lines as the note needs.
    fn beside(&self, row: &RowView, lines: &mut Vec<Vec<Run>>) {
        let note = row.note.as_ref().map(|note| wrap_words(&remark_runs(note), self.note)).unwrap_or_default();
        while lines.len() < note.len() {
            lines.push(self.indent(row));
        }
        let mut parts = note.into_iter();
        for (index, line) in lines.iter_mut().enumerate() {
            pad(line, self.width - self.note - 2);
            line.push(Run::new(self.bracket_sign(row.bracket, index > 0), Role::Bracket));
            line.push(Run::new(" ", Role::Text));
            line.extend(parts.next().unwrap_or_default());
        }
    }

    /// A remark in lines of its own, led by a hook.
    fn below(&self, row: &RowView, remark: &Remark, end: usize, lines: &mut Vec<Vec<Run>>) {
        let hook = if self.ascii { "`-" } else { "└ " };
        let room = end.saturating_sub(self.margin() + 2).max(8);
        for (index, part) in wrap_words(&remark_runs(remark), room).into_iter().enumerate() {
            let mut line = self.indent(row);
            line.push(Run::new(if index == 0 { hook } else { "  " }, Role::Quiet));
            line.extend(part);
            lines.push(line);
        }
    }
}

fn remark_runs(remark: &Remark) -> Vec<Run> {
    let mut runs = Vec::with_capacity(2);
    if !remark.sign.is_empty() {
        runs.push(Run::new(format!("{} ", remark.sign), remark.role));
    }
    runs.push(Run::new(remark.text.clone(), if remark.sign.is_empty() { Role::Note } else { remark.role }));
    runs
}

/// Fills a line with blanks up to `column`.
fn pad(line: &mut Vec<Run>, column: usize) {
    let wide = runs_width(line);
    if wide < column {
        line.push(Run::new(" ".repeat(column - wide), Role::Text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(text: &str) -> RowView {
        RowView {
            number: Some(3),
            time: "4.14".into(),
            speaker: Speaker::Server,
            tls: false,
            bracket: Bracket::None,
            text: vec![Run::new(text, Role::Text)],
            note: None,
            odd: Vec::new(),
            selected: false,
        }
    }

    fn remark(sign: &'static str, text: &str) -> Remark {
        Remark { sign, role: Role::Problem, text: text.into() }
    }

    fn drawn(width: usize, row: &RowView) -> Vec<String> {
        let sheet = Sheet::new(width, Shown { notes: true, time: 4, numbers: 21, ascii: false });
        let entry = sheet.entry(row);
        entry.lines.iter().map(|line| line.iter().map(|run| run.text.as_str()).collect()).collect()
    }

    #[test]
    fn narrow_the_note_stands_below() {
        let mut row = row("250-AUTH PLAIN LOGIN");
        row.bracket = Bracket::Inside;
        row.note = Some(remark("!", "login offered without encryption"));
        assert_eq!(
            drawn(48, &row),
            ["  3 4.14│S 250-AUTH PLAIN LOGIN", "        │  └ ! login offered without encryption"]
        );
    }

    #[test]
    fn wide_the_note_is_a_column() {
        let mut row = row("250-SIZE 10485760");
        row.bracket = Bracket::Inside;
        row.note = Some(remark("", "largest letter: 10 MiB"));
        let lines = drawn(81, &row);
        assert_eq!(lines, [format!("   3 4.14 S {:<41}│ largest letter: 10 MiB", "250-SIZE 10485760")]);
    }

    #[test]
    fn a_selected_row_and_tls_have_signs() {
        let mut row = row("221 bye");
        row.selected = true;
        row.tls = true;
        assert_eq!(drawn(48, &row), ["▸ 3 4.14 S#221 bye"]);
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_sheet(
            width in 24usize..200, text in "\\PC{0,300}", note in "\\PC{0,80}", odd in "\\PC{0,80}", place in 0usize..4,
            numbers in 0u32..2_000_000, ascii: bool, notes: bool,
        ) {
            let brackets = [Bracket::None, Bracket::Open, Bracket::Inside, Bracket::Close];
            let mut row = row(&text);
            row.bracket = brackets[place];
            row.note = Some(remark("✓", &note));
            row.odd = vec![remark("!", &odd)];
            let entry = Sheet::new(width, Shown { notes, time: 4, numbers, ascii }).entry(&row);
            prop_assert!(entry.tall() >= 1);
            for line in &entry.lines {
                prop_assert!(runs_width(line) <= width.max(33), "{line:?}");
            }
        }
    }
}
