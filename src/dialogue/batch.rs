//! A batch: lines that leave in one write (RFC 2920), judged before they do.
//!
//! Each line is read as what it will be if the server takes all before it: a command, a line of the letter behind DATA,
//! an answer behind AUTH, octets of a chunk behind BDAT. By hand, a batch is warned of and sent; by form it is cut into
//! groups that are legal, or refused.

use std::ops::Range;

use crate::smtp::command::{Command, Verb};
use crate::smtp::flaw::FlawKind;

use super::Dialogue;
use super::forecast::{Warning, forecast};
use super::phase::Phase;
use super::standing::Standing;

/// What a line of a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// A command, or the octets of a chunk with a command behind them.
    Command,
    /// A line of the letter, or the dot that ends it.
    Letter,
    /// An answer in a login: a secret.
    Answer,
    /// Octets of a chunk.
    Chunk,
}

/// A line of a batch as it will be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// What it is.
    pub piece: Piece,
    /// What is to be said about it, the gravest first.
    pub warnings: Vec<Warning>,
}

/// Judges the lines of a batch, each with its end.
pub fn judge<T: AsRef<[u8]>>(dialogue: &Dialogue, lines: &[T]) -> Vec<Judged> {
    let mut walk = Walk::of(dialogue);
    let mut judged: Vec<_> = lines.iter().map(|line| walk.line(line.as_ref())).collect();
    let commands: Vec<_> =
        judged.iter().enumerate().filter(|(_, line)| line.piece == Piece::Command).map(|(index, _)| index).collect();
    let standing = Standing::of(dialogue);
    if let ([first, _, ..], false) = (commands.as_slice(), standing.offers("PIPELINING")) {
        let text = "PIPELINING is not offered: the server may refuse or drop all behind the first command.";
        let warning = Warning { id: FlawKind::Batch.id(), text: text.into(), expect: None };
        if let Some(line) = judged.get_mut(*first) {
            line.warnings.insert(0, warning);
        }
    }
    // Alone, a BDAT is followed by what is typed next.
    if lines.len() > 1
        && let (Mode::Chunk(left), Some(line)) = (walk.mode, walk.chunk.and_then(|index| judged.get_mut(index)))
    {
        let plural = if left == 1 { "" } else { "s" };
        let text =
            format!("{left} octet{plural} of this chunk are missing: the server takes whatever comes next for them.");
        line.warnings.push(Warning { id: FlawKind::BdatUse.id(), text, expect: None });
    }
    for (index, verb) in walk.ends.iter().filter(|(index, _)| index + 1 < lines.len()) {
        if let Some(line) = judged.get_mut(*index) {
            line.warnings.insert(0, Warning { id: FlawKind::Batch.id(), text: behind(*verb), expect: None });
        }
    }
    judged
}

/// What comes of lines behind a command that ends a group.
fn behind(verb: Verb) -> String {
    match verb {
        Verb::StartTls => "STARTTLS must come last: the server drops what stands behind it (RFC 3207 §4).".into(),
        Verb::Data => {
            "DATA must come last: behind it all is letter, or after a refusal commands (RFC 2920 §3.1).".into()
        }
        Verb::Auth => "AUTH must come last: what stands behind it may be taken for an answer (RFC 4954 §4).".into(),
        Verb::Quit => "QUIT must come last: behind it nothing is read any more (RFC 2920 §3.1).".into(),
        Verb::Other => "An unknown command must come last in a batch (RFC 2920 §3.1).".into(),
        _ => format!("{} must come last: its reply changes what may follow (RFC 2920 §3.1).", verb.name()),
    }
}

/// Cuts a batch into groups that RFC 2920 §3.1 allows, as ranges of its lines: each goes in one write when all before
/// it is answered. Without PIPELINING every command is a group.
///
/// # Errors
///
/// The first line that is not legal, counted from 1, and the rule.
pub fn groups<T: AsRef<[u8]>>(dialogue: &Dialogue, lines: &[T]) -> Result<Vec<Range<usize>>, (usize, String)> {
    let pipelined = Standing::of(dialogue).offers("PIPELINING");
    let mut walk = Walk::of(dialogue);
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut fresh = true;
    for (index, line) in lines.iter().enumerate() {
        let line = line.as_ref();
        if walk.mode != Mode::Commands && !walk.in_chunk() {
            return Err((
                index + 1,
                "Only commands go in groups; the letter or the answer waits for the server.".into(),
            ));
        }
        let judged = walk.line(line);
        if let Some(wrong) = judged.warnings.iter().find(|warning| warning.expect.is_some()) {
            return Err((index + 1, wrong.text.clone()));
        }
        let begins = judged.piece == Piece::Command && (fresh || !pipelined);
        match groups.last_mut().filter(|_| !begins) {
            Some(group) => group.end = index + 1,
            None => groups.push(index..index + 1),
        }
        if judged.piece == Piece::Command {
            fresh = walk.ends.last().is_some_and(|(last, _)| *last == index);
        }
    }
    if walk.in_chunk() {
        return Err((lines.len(), "The chunk is not whole: BDAT promises more octets (RFC 3030 §2).".into()));
    }
    Ok(groups)
}

/// The most recipients that one letter has by a RCPT of the batch, those from before it included.
pub fn recipients<T: AsRef<[u8]>>(dialogue: &Dialogue, lines: &[T]) -> usize {
    let mut walk = Walk::of(dialogue);
    let mut most = 0;
    for line in lines {
        let before = walk.at.recipients;
        walk.line(line.as_ref());
        if walk.at.recipients > before {
            most = most.max(walk.at.recipients);
        }
    }
    most
}

/// What the next octet of a batch is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Commands,
    Letter,
    Login,
    /// So many octets of a chunk are due.
    Chunk(u64),
}

/// Reads a batch as the server will, if it takes everything.
struct Walk<'a> {
    at: Standing<'a>,
    mode: Mode,
    /// How many lines were read.
    read: usize,
    /// The line with the newest BDAT.
    chunk: Option<usize>,
    /// The lines with a command that ends a group.
    ends: Vec<(usize, Verb)>,
}

impl<'a> Walk<'a> {
    fn of(dialogue: &'a Dialogue) -> Self {
        let at = Standing::of(dialogue);
        let mode = match (dialogue.chunk_left(), at.phase) {
            (0, Phase::Content) => Mode::Letter,
            (0, Phase::Sasl) => Mode::Login,
            (0, _) => Mode::Commands,
            (left, _) => Mode::Chunk(left),
        };
        Self { at, mode, read: 0, chunk: None, ends: Vec::new() }
    }

    fn in_chunk(&self) -> bool {
        matches!(self.mode, Mode::Chunk(_))
    }

    fn line(&mut self, line: &[u8]) -> Judged {
        let index = self.read;
        self.read += 1;
        match self.mode {
            Mode::Commands => self.command(index, line),
            Mode::Chunk(left) => self.chunk(index, left, line),
            Mode::Letter => {
                if line == b".\r\n" {
                    self.mode = Mode::Commands;
                    self.at = self.at.after(&Command::parse(b"RSET\r\n"));
                }
                Judged { piece: Piece::Letter, warnings: Vec::new() }
            }
            Mode::Login => Judged { piece: Piece::Answer, warnings: Vec::new() },
        }
    }

    fn command(&mut self, index: usize, line: &[u8]) -> Judged {
        let command = Command::parse(line);
        let warnings = forecast(&self.at, &command);
        // An empty line is refused and changes nothing.
        if command.ends_group() && !command.word().is_empty() {
            self.ends.push((index, command.verb));
        }
        if command.verb == Verb::Bdat {
            self.chunk = Some(index);
        }
        self.at = self.at.after(&command);
        self.mode = match (command.verb, command.chunk()) {
            (Verb::Data, _) => Mode::Letter,
            (Verb::Auth, _) if command.ends_group() => Mode::Login,
            (_, Some(chunk)) if chunk.size > 0 => Mode::Chunk(chunk.size),
            _ => Mode::Commands,
        };
        Judged { piece: Piece::Command, warnings }
    }

    fn chunk(&mut self, index: usize, left: u64, line: &[u8]) -> Judged {
        let taken = line.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let left = left.saturating_sub(taken as u64);
        self.mode = if left > 0 { Mode::Chunk(left) } else { Mode::Commands };
        let rest = line.get(taken..).unwrap_or_default();
        if rest.is_empty() {
            let command = Command::parse(line);
            let text = format!(
                "This is part of the chunk, not {} as a command: the count before it is too high.",
                command.verb
            );
            let swallowed = Warning { id: FlawKind::BdatUse.id(), text, expect: None };
            let warnings = if command.verb == Verb::Bdat { vec![swallowed] } else { Vec::new() };
            return Judged { piece: Piece::Chunk, warnings };
        }
        let mut judged = self.command(index, rest);
        judged.warnings.insert(0, chunk_ends_inside(taken, rest.len()));
        judged
    }
}

/// A chunk ends inside a line: what is left over is read as a command.
pub(super) fn chunk_ends_inside(taken: usize, over: usize) -> Warning {
    let plural = if over == 1 { "" } else { "s" };
    let text = format!(
        "The chunk ends after {taken} of these octets; {over} octet{plural} behind it will be read as a command."
    );
    Warning { id: FlawKind::BdatUse.id(), text, expect: None }
}
