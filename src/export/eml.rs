//! The letters of a recording, octet by octet as the client had them: without the dots that SMTP adds (RFC 5321 §4.5.2).
//!
//! Their files have names of our own. What a letter says of itself, its Message-ID or its subject, never names a file.

use std::collections::BTreeMap;

use super::page::Page;
use super::{NotExported, Piece};
use crate::dialogue::row::{Row, What};
use crate::ports::net::SessionId;
use crate::session::Session;
use crate::smtp::command::{Command, Verb};
use crate::smtp::data::Unstuffer;
use crate::tape::Span;

/// The letters that were kept whole: those that were sent, then those that lie in mailboxes of the lab.
pub fn pieces(page: &Page) -> Result<Vec<Piece>, NotExported> {
    let sent = (1..).zip(page.model.sessions().iter().flat_map(letters).flatten());
    let sent = sent.map(|(number, it)| Piece { name: name(number), octets: it.octets, masked: it.masked });
    let lying = (1..).zip(page.model.letters());
    let lying = lying.map(|(number, it)| Piece {
        name: format!("delivered-{number}.eml"),
        octets: it.letter.to_vec(),
        masked: false,
    });
    let pieces: Vec<_> = sent.chain(lying).collect();
    if pieces.is_empty() { Err(NotExported::NoLetter) } else { Ok(pieces) }
}

/// The files of the letters of each session, in order; a letter that was not kept whole has none.
pub(super) fn names(page: &Page) -> BTreeMap<SessionId, Vec<Option<String>>> {
    let mut last = 0;
    let mut named = |letter: Option<Sent>| {
        letter.map(|_| {
            last += 1;
            name(last)
        })
    };
    let sessions = page.model.sessions().iter();
    sessions.map(|session| (session.id, letters(session).into_iter().map(&mut named).collect())).collect()
}

fn name(number: u32) -> String {
    format!("letter-{number}.eml")
}

/// A letter that was sent to its end and kept whole.
pub(super) struct Sent {
    pub(super) octets: Vec<u8>,
    /// A secret was hidden in it when it was recorded.
    pub(super) masked: bool,
}

/// The letters that a client sent to their end; nothing in place of one that was not kept whole.
fn letters(session: &Session) -> Vec<Option<Sent>> {
    let mut found = Vec::new();
    let mut letter = Letter::default();
    for row in session.dialogue().rows() {
        letter.take(row, session);
        if letter.ended {
            found.push(std::mem::take(&mut letter).sent());
        }
    }
    found
}

/// The letter that the command in the first of these rows begins; nothing if it was not kept whole, or not ended.
pub(super) fn letter_of(session: &Session, rows: &[Row]) -> Option<Sent> {
    let mut letter = Letter::default();
    for row in rows {
        letter.take(row, session);
        if letter.ended {
            return letter.sent();
        }
    }
    None
}

/// True if a secret is hidden in these octets, which stand at `span`.
pub(super) fn is_masked(session: &Session, span: Span, octets: &[u8]) -> bool {
    session.hides_secrets() && !session.hidden(span, octets).is_empty()
}

/// A letter as it goes by.
#[derive(Default)]
struct Letter {
    octets: Vec<u8>,
    unstuffer: Unstuffer,
    /// Octets that are left of a chunk, if it is the last one.
    last_chunk: Option<u64>,
    /// A part of it was not kept.
    torn: bool,
    masked: bool,
    ended: bool,
}

impl Letter {
    /// What came of it, if it was kept whole.
    fn sent(self) -> Option<Sent> {
        (!self.torn).then_some(Sent { octets: self.octets, masked: self.masked })
    }

    fn take(&mut self, row: &Row, session: &Session) {
        let Some(span) = row.span() else { return };
        let octets = session.tape().bytes(span);
        match row.what {
            What::Command(_) => self.command(&Command::parse(&octets)),
            What::Content { .. } | What::EndOfData(_) => {
                self.torn |= octets.len() as u64 != span.len();
                self.masked |= is_masked(session, span, &octets);
                self.unstuffer.push(&octets, &mut self.octets);
                self.ended = matches!(row.what, What::EndOfData(_));
            }
            What::Chunk(_) => {
                self.torn |= octets.len() as u64 != span.len();
                self.masked |= is_masked(session, span, &octets);
                self.octets.extend_from_slice(&octets);
                self.last_chunk = self.last_chunk.map(|left| left.saturating_sub(span.len()));
                self.ended = self.last_chunk == Some(0);
            }
            What::Elided => self.torn = true,
            _ => {}
        }
    }

    fn command(&mut self, command: &Command<'_>) {
        match command.verb {
            // Whatever there was of a letter before was given up.
            Verb::Mail => *self = Self::default(),
            Verb::Bdat => {
                self.last_chunk = command.chunk().filter(|chunk| chunk.last).map(|chunk| chunk.size);
                self.ended = self.last_chunk == Some(0);
            }
            _ => {}
        }
    }
}
