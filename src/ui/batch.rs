//! The Send pane while a batch is composed: the lines that were collected, numbered, each with its octets; below them
//! the line that is typed, and what Enter will do.
//!
//! ```text
//! 1 "MAIL FROM:<you@you.test>" CR LF                                  26 bytes
//! 2 "DATA" CR LF                                                       6 bytes
//!   ! DATA must come last: ...
//! > RCPT TO:<pat@harbor.test>
//!   one write, 34 bytes: Enter on an empty line sends it
//! ```

use super::composer::Send;
use super::hex::spelled;
use super::text::{Pen, Role, Run, clip, runs_width, width};

/// A line that was collected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchLine {
    /// The line as it is shown, without its end; a secret in it is already replaced.
    pub text: Vec<Run>,
    /// Its octets, the end included; none if they hold a secret.
    pub octets: Vec<u8>,
    /// How many octets it has.
    pub size: usize,
    /// The best warning about it, and how many more there are.
    pub warning: Option<(String, usize)>,
}

/// What the pane shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchView {
    /// The newest lines.
    pub lines: Vec<BatchLine>,
    /// How many lines there are, and how many octets they have.
    pub all: (usize, usize),
    /// The line that is typed.
    pub send: Send,
    /// The keys that send the batch in groups, and that end it.
    pub keys: [String; 2],
}

impl BatchView {
    /// Draws the pane; gives the column and line of the cursor inside it.
    pub fn draw(&self, pen: &mut Pen<'_>) -> (u16, u16) {
        // Below the lines: the one that is typed, what is to be said about it, and what Enter does.
        let said = u16::from(self.send.warning.is_some() || self.send.question.is_some() || self.send.offers.is_some());
        let room = usize::from(pen.height().saturating_sub(2 + said));
        let before = self.all.0.saturating_sub(self.lines.len());
        let lines: Vec<_> =
            (before + 1..).zip(&self.lines).flat_map(|(number, line)| rows(number, line, pen)).collect();
        let hidden = lines.len().saturating_sub(room);
        let mut y = 0;
        for line in lines.iter().skip(hidden) {
            pen.runs(0, y, line);
            y += 1;
        }
        let cursor = self.send.line_at(pen, y);
        if said > 0 {
            self.send.remarks(pen, y + 1);
        }
        let last = pen.height().saturating_sub(1);
        pen.put(2, last, &clip(&self.total(), pen.width().saturating_sub(3), pen.ascii()), Role::Quiet);
        cursor
    }

    fn total(&self) -> String {
        let (count, size) = self.all;
        let [groups, end] = &self.keys;
        match count {
            0 => format!("Enter adds a line, Enter on an empty one sends all; {end} goes back to single lines"),
            count => {
                let plural = if count == 1 { "" } else { "s" };
                let how = format!("Enter sends {count} line{plural}, {size} bytes, in one write");
                format!("{how}; {groups} in groups")
            }
        }
    }
}

/// A line with its number and its octets, and its warning below it.
fn rows(number: usize, line: &BatchLine, pen: &Pen<'_>) -> Vec<Vec<Run>> {
    let plural = if line.size == 1 { "" } else { "s" };
    let size = format!("{} byte{plural}", line.size);
    let head = format!("{number:>2} ");
    let room = pen.width().saturating_sub(width(&head) + 2);
    let kept = room.saturating_sub(width(&size) + 2);
    let mut runs = vec![Run::new(head, Role::Quiet)];
    if line.octets.is_empty() {
        runs.extend(line.text.iter().cloned());
    } else {
        runs.push(Run::new(super::composer::keep_end(&spelled(&line.octets), kept, pen.ascii()), Role::Text));
    }
    let gap = (room + 3).saturating_sub(runs_width(&runs) + width(&size));
    runs.extend([Run::new(" ".repeat(gap), Role::Text), Run::new(size, Role::Quiet)]);
    let mut rows = vec![runs];
    if let Some((warning, more)) = &line.warning {
        let more = if *more > 0 { format!("  (and {more} more)") } else { String::new() };
        let text = clip(&format!("{warning}{more}"), pen.width().saturating_sub(6), pen.ascii());
        rows.push(vec![Run::new("   ! ", Role::Problem), Run::new(text, Role::Text)]);
    }
    rows
}
