//! What we write, read as the peer reads it: which octets ask for a reply, and which are letter, login or chunk.
//!
//! ```text
//! Commands ──DATA, AUTH──▶ Undecided ──354──▶ Content ──CR LF . CR LF──▶ Commands
//!    │  ▲                   │  ▲   └───334──▶ Sasl ─────line────┐
//!    │  └──any other reply──┘  └────────────────────────────────┘
//!    └──BDAT n──▶ Chunk ──n octets──▶ Commands
//! ```
//!
//! What is written behind DATA or AUTH before the answer is undecided: a letter, an answer, or the next commands. A
//! letter ends with its dot or with its last chunk.

use memchr::memchr;

use crate::dialogue::exchange::Cause;
use crate::smtp::command::{Command, Verb};

use super::expected::Expected;
use super::recipients::Recipients;
use super::replies::Whole;

/// What the next octet will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Mode {
    /// Part of a command line.
    #[default]
    Commands,
    /// Whatever the answer that is due makes of it.
    Undecided,
    /// Part of a letter.
    Content,
    /// Part of an answer to a challenge.
    Sasl,
    /// One of so many octets of a BDAT chunk.
    Chunk { left: u64 },
}

/// The client's lane as it was written.
#[derive(Debug)]
pub(super) struct Lane {
    mode: Mode,
    /// The beginning of the line that is being written.
    line: Vec<u8>,
    undecided: Vec<u8>,
    end: EndOfData,
    recipients: Recipients,
    /// How many octets of a line are looked at.
    longest: usize,
}

impl Lane {
    pub(super) fn new(longest: usize) -> Self {
        Self {
            mode: Mode::Commands,
            line: Vec::new(),
            undecided: Vec::new(),
            end: EndOfData::default(),
            recipients: Recipients::default(),
            longest,
        }
    }

    /// TLS begins: nothing that was written before it decides what comes.
    pub(super) fn restart(&mut self) {
        *self = Self { recipients: self.recipients.anew(), ..Self::new(self.longest) };
    }

    /// Takes octets that were written, and adds what now waits for a reply.
    pub(super) fn wrote(&mut self, octets: &[u8], expected: &mut Expected) {
        let mut rest = octets;
        while !rest.is_empty() {
            let taken = match self.mode {
                Mode::Commands => self.line(rest, expected, Self::command),
                Mode::Sasl => self.line(rest, expected, Self::answer),
                Mode::Content => self.content(rest, expected),
                Mode::Chunk { left } => self.chunk(left, rest),
                Mode::Undecided => {
                    self.undecided.extend_from_slice(rest);
                    rest.len()
                }
            };
            rest = rest.get(taken..).unwrap_or_default();
        }
    }

    /// The reply to `cause` is complete: what was undecided is letter, answer or commands now.
    pub(super) fn answered(&mut self, cause: Cause, reply: Whole, expected: &mut Expected) {
        self.recipients.answered(cause, reply);
        expected.count_verdicts(&mut self.recipients);
        if self.mode != Mode::Undecided || !decides(cause) {
            return;
        }
        self.mode = match (cause, reply.code) {
            (Cause::Command(Verb::Data), 354) => Mode::Content,
            (Cause::Command(Verb::Auth) | Cause::Sasl, 334) => Mode::Sasl,
            _ => Mode::Commands,
        };
        self.end = EndOfData::default();
        let undecided = std::mem::take(&mut self.undecided);
        self.wrote(&undecided, expected);
    }

    /// True between commands, where the next line is one.
    pub(super) fn in_commands(&self) -> bool {
        self.mode == Mode::Commands
    }

    /// True while a letter is being written.
    pub(super) fn in_content(&self) -> bool {
        self.mode == Mode::Content
    }

    /// True while no line of the letter is begun, or what may become its end is.
    pub(super) fn is_at_line_edge(&self) -> bool {
        self.end.matched >= 2
    }

    /// True while the octets of a chunk are due.
    pub(super) fn in_chunk(&self) -> bool {
        matches!(self.mode, Mode::Chunk { .. })
    }

    /// Writes into the current line up to its end, and acts when it is whole; says how many octets it took.
    fn line(&mut self, octets: &[u8], expected: &mut Expected, act: fn(&mut Self, &mut Expected)) -> usize {
        let end = memchr(b'\n', octets).map(|lf| lf + 1);
        let part = octets.get(..end.unwrap_or(octets.len())).unwrap_or(octets);
        let room = self.longest.saturating_sub(self.line.len());
        self.line.extend(part.iter().take(room));
        if end.is_some() {
            act(self, expected);
            self.line.clear();
        }
        part.len()
    }

    fn command(&mut self, expected: &mut Expected) {
        let command = Command::parse(&self.line);
        let (verb, chunk) = (command.verb, command.chunk());
        self.recipients.commanded(verb);
        match chunk {
            Some(chunk) if chunk.last => expected.end_letter(Cause::Command(verb)),
            _ => expected.ask(Cause::Command(verb)),
        }
        expected.count_verdicts(&mut self.recipients);
        self.mode = match (verb, chunk) {
            (Verb::Data | Verb::Auth, _) => Mode::Undecided,
            (_, Some(chunk)) => chunk_left(chunk.size),
            _ => Mode::Commands,
        };
    }

    fn answer(&mut self, expected: &mut Expected) {
        expected.ask(Cause::Sasl);
        self.mode = Mode::Undecided;
    }

    fn content(&mut self, octets: &[u8], expected: &mut Expected) -> usize {
        let Some(taken) = self.end.find(octets) else { return octets.len() };
        expected.end_letter(Cause::EndOfData);
        expected.count_verdicts(&mut self.recipients);
        self.mode = Mode::Commands;
        taken
    }

    fn chunk(&mut self, left: u64, octets: &[u8]) -> usize {
        let taken = octets.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.mode = chunk_left(left.saturating_sub(taken as u64));
        taken
    }
}

/// What comes when so many octets of a chunk are left.
fn chunk_left(left: u64) -> Mode {
    if left > 0 { Mode::Chunk { left } } else { Mode::Commands }
}

/// True if the reply to this decides what the octets behind it are.
fn decides(cause: Cause) -> bool {
    matches!(cause, Cause::Command(Verb::Data | Verb::Auth) | Cause::Sasl)
}

/// Looks for CR LF `.` CR LF in a letter, in pieces of any size. The 354 counts as a line end before the first line.
#[derive(Debug, Clone, Copy)]
struct EndOfData {
    /// Octets of CR LF `.` CR LF that stand at the end of what was seen.
    matched: u8,
}

impl Default for EndOfData {
    fn default() -> Self {
        Self { matched: 2 }
    }
}

impl EndOfData {
    /// How many octets there are up to and with the end, if it lies in them.
    fn find(&mut self, octets: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            let rest = octets.get(at..).filter(|rest| !rest.is_empty())?;
            if self.matched == 0 {
                // Only a CR begins what is looked for.
                at += memchr(b'\r', rest).unwrap_or(rest.len());
            }
            self.matched = match (self.matched, *octets.get(at)?) {
                (4, b'\n') => return Some(at + 1),
                (1, b'\n') => 2,
                (2, b'.') => 3,
                (3, b'\r') => 4,
                (_, b'\r') => 1,
                _ => 0,
            };
            at += 1;
        }
    }
}
