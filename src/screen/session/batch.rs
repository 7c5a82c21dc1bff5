//! A batch: lines that are collected in the Send pane and leave in one write, each with the end that it was given.
//!
//! Nothing of it is sent before Enter on an empty line. Lines that were collected are never lost: when collecting stops
//! without sending, they wait to be sent one by one.

use crate::dialogue::Dialogue;
use crate::dialogue::batch::{Judged, Piece, judge, recipients};
use crate::smtp::bdat::Chunk;
use crate::smtp::limits::BULK;
use crate::smtp::line::{Line, breaks};
use crate::ui::batch::BatchLine;
use crate::ui::remote;

use super::line::{LineEnd, secret_in};

/// What is said of more recipients than may go at once (PRODUCT, safety rule 3).
pub(super) const TOO_MANY: &str = "Outside the lab ehlo sends to at most 5 recipients at once or by itself; one by one \
     you may type more. [policy/bulk]";

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

    /// How many octets they have together.
    pub fn size(&self) -> usize {
        self.lines.iter().map(Vec::len).sum()
    }

    /// True with nothing collected.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Adds a line with its end.
    pub fn push(&mut self, line: Vec<u8>) {
        self.lines.push(line);
    }

    /// Takes the last line out again, and its end. Octets that are no text stay: they cannot be edited in a line.
    pub fn pop(&mut self) -> Option<(String, LineEnd)> {
        let line = self.lines.last().and_then(|line| split(line))?;
        self.lines.pop();
        Some(line)
    }

    /// Forgets what was collected: it has been handed on.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Stops collecting; gives the lines, without their ends. If they cannot go one by one with this end, as parts of
    /// chunks cannot, they stay for the next time.
    pub fn take(&mut self, ending: LineEnd) -> Vec<String> {
        self.on = false;
        let lines: Option<Vec<_>> = self.lines.iter().map(|line| split(line)).collect();
        match lines.filter(|lines| lines.iter().all(|(_, end)| *end == ending)) {
            Some(lines) => {
                self.lines.clear();
                lines.into_iter().map(|(line, _)| line).collect()
            }
            None => Vec::new(),
        }
    }

    /// Collects a letter in chunks: a BDAT each, and its octets as they are.
    pub fn collect(&mut self, chunks: Vec<(Chunk, Vec<u8>)>) {
        self.on = true;
        for (chunk, octets) in chunks {
            self.lines.push(format!("BDAT {}\r\n", chunk.encode()).into_bytes());
            self.lines.extend(octets.split_inclusive(|octet| *octet == b'\n').map(<[u8]>::to_vec));
        }
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
        let inside = |line: &Vec<u8>| split(line).is_some_and(|(line, _)| breaks(&line));
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

    /// Why it does not go to a host that is neither lab nor loopback: it is bulk mail.
    pub fn refusal(&self, dialogue: &Dialogue) -> Option<&'static str> {
        (recipients(dialogue, &self.lines) > BULK).then_some(TOO_MANY)
    }

    /// The lines as the pane shows them; secrets are hidden if `hide`.
    pub fn shown(&self, dialogue: &Dialogue, hide: bool) -> Vec<BatchLine> {
        let judged = judge(dialogue, &self.lines);
        let from = self.lines.len().saturating_sub(SHOWN);
        let line = |(judged, line): (Judged, &Vec<u8>)| {
            let secret = Self::secret_from(&judged, line).filter(|_| hide);
            let count = judged.warnings.len();
            BatchLine {
                text: remote::masked(Line::of(line).text, secret),
                octets: if secret.is_some() { Vec::new() } else { line.clone() },
                size: line.len(),
                warning: judged.warnings.into_iter().next().map(|warning| (warning.text, count - 1)),
            }
        };
        judged.into_iter().zip(&self.lines).skip(from).map(line).collect()
    }
}

/// So many of the newest lines are made ready to be shown; no screen has room for more.
const SHOWN: usize = 200;

/// A line and its end; nothing if it is no text.
fn split(line: &[u8]) -> Option<(String, LineEnd)> {
    let ending = LineEnd::ALL.into_iter().find(|ending| line.ends_with(ending.octets())).unwrap_or_default();
    let text = line.strip_suffix(ending.octets()).unwrap_or(line);
    Some((std::str::from_utf8(text).ok()?.to_owned(), ending))
}
