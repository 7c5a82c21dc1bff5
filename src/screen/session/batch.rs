//! A batch: lines that are collected in the Send pane and leave in one write, each with the end that it was given.
//!
//! Nothing of it is sent before Enter on an empty line. Lines that were collected are never lost: when collecting stops
//! without sending, they wait to be sent one by one.

use crate::dialogue::Dialogue;
use crate::dialogue::batch::{Judged, Piece, judge};
use crate::ui::batch::BatchLine;
use crate::ui::remote;
use crate::ui::text::{Role, Run};

use super::composer::{secret_in, smuggles};
use super::line::LineEnd;

/// Lines that are collected for one write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// True while Enter adds a line instead of sending it.
    pub on: bool,
    lines: Vec<Vec<u8>>,
}

impl Batch {
    /// A batch of octets that were to leave in one write.
    pub fn of(octets: &[u8]) -> Self {
        Self { on: true, lines: octets.split_inclusive(|octet| *octet == b'\n').map(<[u8]>::to_vec).collect() }
    }

    /// The lines, each with its end.
    pub fn lines(&self) -> &[Vec<u8>] {
        &self.lines
    }

    /// True with nothing collected.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Adds a line with its end.
    pub fn push(&mut self, line: Vec<u8>) {
        self.lines.push(line);
    }

    /// Takes the last line out again, and its end.
    pub fn pop(&mut self) -> Option<(String, LineEnd)> {
        self.lines.pop().map(|line| split(&line))
    }

    /// Stops collecting; gives the lines, without their ends.
    pub fn take(&mut self) -> Vec<String> {
        self.on = false;
        std::mem::take(&mut self.lines).iter().map(|line| split(line).0).collect()
    }

    /// What one write will carry.
    pub fn octets(&self) -> Vec<u8> {
        self.lines.concat()
    }

    /// Where a secret is among the lines: from which octet on, for each line that holds one.
    pub(super) fn secret_from(judged: &Judged, line: &[u8]) -> Option<usize> {
        match judged.piece {
            Piece::Answer => (line.trim_ascii() != b"*").then_some(0),
            _ => std::str::from_utf8(line).ok().and_then(secret_in),
        }
    }

    /// What Enter asks before the batch leaves for a host that is neither lab nor loopback.
    pub fn question(&self, dialogue: &Dialogue) -> Option<&'static str> {
        let judged = judge(dialogue, &self.lines);
        let secret = judged.iter().zip(&self.lines).any(|(judged, line)| Self::secret_from(judged, line).is_some());
        let inside = |line: &Vec<u8>| std::str::from_utf8(line).is_ok_and(|line| smuggles(&split(line.as_bytes()).0));
        let (_, before) = self.lines.split_last()?;
        if secret && !dialogue.is_secured() {
            Some("Enter again sends this secret in clear, for all to read.")
        } else if before.iter().any(|line| line.trim_ascii().eq_ignore_ascii_case(b"STARTTLS")) {
            Some("Enter again sends what stands behind STARTTLS in clear, in the same write.")
        } else if self.lines.iter().any(inside) {
            Some("Enter again sends bytes that may end the line early.")
        } else {
            None
        }
    }

    /// The lines as the pane shows them; secrets are hidden if `hide`.
    pub fn shown(&self, dialogue: &Dialogue, hide: bool) -> Vec<BatchLine> {
        let judged = judge(dialogue, &self.lines);
        let line = |(judged, line): (Judged, &Vec<u8>)| {
            let secret = Self::secret_from(&judged, line).filter(|_| hide);
            let count = judged.warnings.len();
            BatchLine {
                text: text(line, secret),
                octets: if secret.is_some() { Vec::new() } else { line.clone() },
                size: line.len(),
                warning: judged.warnings.into_iter().next().map(|warning| (warning.text, count - 1)),
            }
        };
        judged.into_iter().zip(&self.lines).map(line).collect()
    }
}

/// A line and its end.
fn split(line: &[u8]) -> (String, LineEnd) {
    let ending = LineEnd::ALL.into_iter().find(|ending| line.ends_with(ending.octets())).unwrap_or_default();
    let text = line.strip_suffix(ending.octets()).unwrap_or(line);
    (std::str::from_utf8(text).unwrap_or_default().to_owned(), ending)
}

/// A line spelled out for the screen, the part that is secret replaced.
fn text(line: &[u8], secret: Option<usize>) -> Vec<Run> {
    let (text, _) = split(line);
    let (plain, hidden) = text.split_at_checked(secret.unwrap_or(text.len())).unwrap_or((&text, ""));
    let mut runs = vec![Run::new(remote::shown(plain), Role::Text)];
    if !hidden.is_empty() {
        runs.push(Run::new("*".repeat(hidden.chars().count()), Role::Secret));
    }
    runs
}
