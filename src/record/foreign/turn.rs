//! Whose turn it is: as much of the protocol as is needed to say what a line of a log can be.
//!
//! Between commands a line that begins with a code is a reply. Behind a 354 all is letter up to the lone dot, and behind a
//! 334 the next line is an answer, whatever it looks like (RFC 5321 §4.1.1.4, RFC 4954 §4).

use std::collections::VecDeque;

use super::reply;
use crate::smtp::command::{Command, Verb};

/// What a reply is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// A command.
    Command(Verb),
    /// The lone dot.
    EndOfData,
    /// An answer to a challenge.
    Answer,
}

/// A reply whose last line has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answered {
    pub(super) code: u16,
    /// What it answers; nothing if nothing was asked.
    pub(super) to: Option<Asked>,
}

/// What the next line of the client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Mode {
    #[default]
    Command,
    /// A line of the letter, which has so many.
    Letter(usize),
    /// An answer to a challenge: a secret.
    Answer,
    /// So many octets of a chunk.
    Chunk(u64),
}

/// Where a conversation stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Turn {
    asked: VecDeque<Asked>,
    mode: Mode,
    /// True inside a reply of several lines.
    open: bool,
    /// True once anybody has spoken.
    pub(super) spoke: bool,
    /// True behind the server's goodbye.
    pub(super) over: bool,
}

impl Turn {
    /// The client says a line, without its end.
    pub(super) fn client(&mut self, text: &[u8]) {
        (self.spoke, self.over) = (true, false);
        match self.mode {
            Mode::Chunk(left) => {
                let left = left.saturating_sub(text.len() as u64 + 2);
                self.mode = if left > 0 { Mode::Chunk(left) } else { Mode::Command };
            }
            Mode::Letter(_) if text == b"." => self.letter_ended(),
            Mode::Letter(lines) => self.mode = Mode::Letter(lines + 1),
            Mode::Answer => {
                self.mode = Mode::Command;
                self.asked.push_back(Asked::Answer);
            }
            Mode::Command => {
                let command = Command::parse(text);
                self.asked.push_back(Asked::Command(command.verb));
                if let Some(size) = command.chunk().map(|chunk| chunk.size).filter(|size| *size > 0) {
                    self.mode = Mode::Chunk(size);
                }
            }
        }
    }

    /// The server says a line; what it ends, if it ends a reply.
    pub(super) fn server(&mut self, text: &[u8]) -> Option<Answered> {
        self.spoke = true;
        let part = reply(text)?;
        self.open = part.more;
        if part.more {
            return None;
        }
        let (code, to) = (part.code.get(), self.asked.pop_front());
        self.mode = match (code, to) {
            (354, Some(Asked::Command(Verb::Data)) | None) => Mode::Letter(0),
            (334, _) => Mode::Answer,
            _ => Mode::Command,
        };
        self.over = code == 421 || (code == 221 && to == Some(Asked::Command(Verb::Quit)));
        Some(Answered { code, to })
    }

    /// The letter ended, and the log need not show how.
    pub(super) fn letter_ended(&mut self) {
        self.mode = Mode::Command;
        self.asked.push_back(Asked::EndOfData);
    }

    /// A handshake: nothing of before it is due any more.
    pub(super) fn restart(&mut self) {
        *self = Self { spoke: self.spoke, ..Self::default() };
    }

    /// Lines of the letter so far, while it is one.
    pub(super) fn letter(&self) -> Option<usize> {
        match self.mode {
            Mode::Letter(lines) => Some(lines),
            _ => None,
        }
    }

    /// True if the next line of the client is a secret.
    pub(super) fn is_login(&self) -> bool {
        self.mode == Mode::Answer
    }

    /// Octets of a chunk that are still to come.
    pub(super) fn chunk(&self) -> u64 {
        match self.mode {
            Mode::Chunk(left) => left,
            _ => 0,
        }
    }

    /// True if a reply is due.
    pub(super) fn awaits_reply(&self) -> bool {
        !self.asked.is_empty() || self.open
    }

    /// True between commands, when nothing is due.
    pub(super) fn rests(&self) -> bool {
        !self.awaits_reply() && self.mode == Mode::Command
    }
}

/// True for a line that is a command by its form, whatever stands around it: stricter than a server would be, because
/// sentences begin with "Mail", "Data" and "Help" too.
pub(super) fn is_command(text: &[u8]) -> bool {
    let command = Command::parse(text);
    let argument = command.argument.trim_ascii();
    let words = argument.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count();
    let begins = |word: &[u8]| argument.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    match command.verb {
        Verb::Mail | Verb::Send | Verb::Soml | Verb::Saml => begins(b"FROM:"),
        Verb::Rcpt => begins(b"TO:"),
        Verb::Data | Verb::Quit | Verb::Rset | Verb::StartTls | Verb::Turn => words == 0,
        Verb::Ehlo
        | Verb::Helo
        | Verb::Lhlo
        | Verb::Noop
        | Verb::Help
        | Verb::Vrfy
        | Verb::Expn
        | Verb::Etrn
        | Verb::Atrn => words <= 1,
        Verb::Auth => {
            (1..=2).contains(&words) && argument.iter().take_while(|it| **it != b' ').all(|it| is_mechanism(*it))
        }
        Verb::Bdat | Verb::Burl => argument.first().is_some_and(u8::is_ascii_alphanumeric) && words <= 2,
        Verb::Xclient | Verb::Xforward => memchr::memchr(b'=', argument).is_some(),
        Verb::Other => false,
    }
}

fn is_mechanism(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_sentences() {
        for line in ["EHLO a.test", "mail from:<a@b>", "RCPT TO: <a@b>", "data", "AUTH PLAIN =", "BDAT 10 LAST", "HELP"]
        {
            assert!(is_command(line.as_bytes()), "{line}");
        }
        for line in
            ["Mail does not go out", "Data follows", "Quit that", "Help me, please", "Auth", "rcpt", "", "EHLO is it"]
        {
            assert!(!is_command(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn behind_a_354_all_is_letter_up_to_the_dot() {
        let mut turn = Turn::default();
        turn.server(b"220 hi");
        turn.client(b"DATA");
        assert_eq!(turn.server(b"354 go").unwrap().to, Some(Asked::Command(Verb::Data)));
        turn.client(b"250 no reply");
        assert_eq!(turn.letter(), Some(1));
        turn.client(b".");
        assert!(turn.awaits_reply() && turn.letter().is_none());
        assert_eq!(turn.server(b"250 ok").unwrap().to, Some(Asked::EndOfData));
        assert!(turn.rests());
    }
}
