//! The capabilities pane: what the server offers, what TLS changed, and how fast it answers.
//!
//! ```text
//!   SIZE 10485760        10 MiB at most        RFC 1870
//! + AUTH PLAIN LOGIN     log in                RFC 4954
//! - STARTTLS             gone: already in TLS
//! replies  ▁▁▂▁█▁  median 30 ms  max 61 ms
//! ```

use std::time::Duration;

use crate::session::words::milliseconds;

use super::text::{Role, Run, clip, runs_width, width, wrap_words};

/// How an extension differs from the list before TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was there before, or there was no list before.
    Same,
    /// It came with TLS.
    New,
    /// It went with TLS.
    Gone,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Keyword and parameters.
    pub text: String,
    /// What it means.
    pub note: String,
    /// Where it stands.
    pub cite: String,
    /// What TLS did to it.
    pub change: Change,
}

/// All that the pane shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capabilities {
    /// When the list was given: `before TLS`, `inside TLS`; empty while there is none.
    pub when: &'static str,
    /// The list.
    pub offers: Vec<Offer>,
    /// Well-known extensions that are not offered.
    pub missing: Vec<&'static str>,
    /// Times from question to reply, oldest first.
    pub replies: Vec<Duration>,
}

/// Well-known extensions, for the line of those that are not offered.
pub const WELL_KNOWN: [&str; 9] =
    ["STARTTLS", "AUTH", "SIZE", "PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "DSN", "ENHANCEDSTATUSCODES"];

impl Capabilities {
    /// The pane as lines of `room` cells.
    pub fn lines(&self, room: usize, ascii: bool) -> Vec<Vec<Run>> {
        let mut lines = Vec::new();
        if self.offers.is_empty() {
            lines.extend(wrap_words(
                &[Run::new("No list yet: EHLO asks the server what it can do.", Role::Quiet)],
                room,
            ));
        } else {
            lines.extend(wrap_words(&[Run::new(self.when, Role::Quiet)], room));
        }
        for offer in &self.offers {
            offer.lines(room, ascii, &mut lines);
        }
        if !self.offers.is_empty() && !self.missing.is_empty() {
            let text = format!("not here: {}", self.missing.join(" "));
            lines.extend(wrap_words(&[Run::new(text, Role::Quiet)], room));
        }
        if !self.replies.is_empty() {
            lines.push(Vec::new());
            lines.extend(wrap_words(&self.timing(room, ascii), room));
        }
        lines
    }

    fn timing(&self, room: usize, ascii: bool) -> Vec<Run> {
        let median = milliseconds(median(&self.replies));
        let longest = milliseconds(self.replies.iter().max().copied().unwrap_or_default());
        let words = format!(" median {median} max {longest}");
        let bars = room.saturating_sub(width(&words) + 9).clamp(4, 32);
        let newest = self.replies.get(self.replies.len().saturating_sub(bars)..).unwrap_or_default();
        vec![
            Run::new("replies ", Role::Quiet),
            Run::new(sparkline(newest, ascii), Role::Text),
            Run::new(words, Role::Text),
        ]
    }
}

impl Offer {
    fn lines(&self, room: usize, ascii: bool, lines: &mut Vec<Vec<Run>>) {
        let (sign, role) = match self.change {
            Change::Same => ("  ", Role::Text),
            Change::New => ("+ ", Role::Good),
            Change::Gone => ("- ", Role::Problem),
        };
        let mut line = vec![Run::new(sign, role), Run::new(self.text.as_str(), Role::Text)];
        let narrow = room < 44;
        if !narrow {
            let column = (room * 2 / 5).max(23);
            let used = runs_width(&line);
            if used < column {
                line.push(Run::new(" ".repeat(column - used), Role::Text));
                let cite = width(&self.cite) + 1;
                let note = clip(&self.note, room.saturating_sub(column + cite), ascii);
                let left = room.saturating_sub(column + width(&note));
                line.push(Run::new(note, Role::Note));
                line.push(Run::new(format!("{:>left$}", self.cite), Role::Quiet));
                lines.push(line);
                return;
            }
        }
        lines.extend(wrap_words(&line, room));
        if !self.note.is_empty() {
            for part in wrap_words(&[Run::new(self.note.as_str(), Role::Note)], room.saturating_sub(4)) {
                let mut below = vec![Run::new("    ", Role::Text)];
                below.extend(part);
                lines.push(below);
            }
        }
    }
}

/// The middle value; of an even number of values, the lower middle one.
pub fn median(values: &[Duration]) -> Duration {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

/// One cell for each value, scaled to the largest.
pub fn sparkline(values: &[Duration], ascii: bool) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const PLAIN: [char; 8] = ['_', '.', ',', '-', '=', '+', '*', '#'];
    let largest = values.iter().max().copied().unwrap_or_default().as_micros().max(1);
    let bars = if ascii { PLAIN } else { BARS };
    let bar = |value: &Duration| usize::try_from(value.as_micros() * 7 / largest).unwrap_or(0);
    values.iter().map(|value| bars.get(bar(value)).copied().unwrap_or(' ')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: &[Vec<Run>]) -> Vec<String> {
        lines.iter().map(|line| line.iter().map(|run| run.text.as_str()).collect()).collect()
    }

    fn offer(change: Change) -> Offer {
        Offer { text: "SIZE 10485760".into(), note: "10 MiB at most".into(), cite: "RFC 1870".into(), change }
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        let said = [300, 31_000, 2_500_000, 300_000_000].map(|micros| milliseconds(Duration::from_micros(micros)));
        assert_eq!(said, ["0.3 ms", "31 ms", "2.5 s", "5 min"]);
    }

    #[test]
    fn replies_are_drawn_to_scale() {
        let values = [10, 20, 80].map(Duration::from_millis);
        assert_eq!(sparkline(&values, false), "▁▂█");
        assert_eq!(sparkline(&values, true), "_.#");
        assert_eq!(median(&values), Duration::from_millis(20));
        assert_eq!(median(&[]), Duration::ZERO);
    }

    #[test]
    fn wide_and_narrow_show_the_same_words() {
        let pane = Capabilities {
            when: "inside TLS",
            offers: vec![offer(Change::Same), offer(Change::Gone)],
            missing: vec!["DSN"],
            replies: vec![Duration::from_millis(30)],
        };
        assert_eq!(text(&pane.lines(52, false))[1], "  SIZE 10485760        10 MiB at most       RFC 1870");
        let narrow = text(&pane.lines(28, false));
        assert_eq!(narrow[1..5], ["  SIZE 10485760", "    10 MiB at most", "- SIZE 10485760", "    10 MiB at most"]);
        assert!(narrow.iter().any(|line| line == "not here: DSN"));
    }
}
