//! The letters of a recording, octet by octet as the client had them: without the dots that SMTP adds (RFC 5321 §4.5.2).
//!
//! Their files have names of our own. What a letter says of itself, its Message-ID or its subject, never names a file.

use super::page::Page;
use super::{NotExported, Piece};
use crate::dialogue::row::{Row, What};
use crate::session::Session;
use crate::smtp::command::{Command, Verb};
use crate::smtp::data::Unstuffer;

/// The letters that were kept whole: those that were sent, then those that lie in mailboxes of the lab.
pub fn pieces(page: &Page) -> Result<Vec<Piece>, NotExported> {
    let sent = (1..).zip(page.model.sessions().iter().flat_map(letters));
    let sent = sent.map(|(number, octets)| Piece { name: format!("letter-{number}.eml"), octets });
    let lying = (1..).zip(page.model.letters());
    let lying = lying.map(|(number, it)| Piece { name: format!("delivered-{number}.eml"), octets: it.letter.to_vec() });
    let pieces: Vec<_> = sent.chain(lying).collect();
    if pieces.is_empty() { Err(NotExported::NoLetter) } else { Ok(pieces) }
}

/// The letters that a client sent to their end.
fn letters(session: &Session) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut letter = Letter::default();
    for row in session.dialogue().rows() {
        letter.take(row, session);
        if letter.ended {
            let ended = std::mem::take(&mut letter);
            if !ended.torn {
                found.push(ended.octets);
            }
        }
    }
    found
}

/// The letter that the command in the first of these rows begins; nothing if it was not kept whole, or not ended.
pub(super) fn letter_of(session: &Session, rows: &[Row]) -> Option<Vec<u8>> {
    let mut letter = Letter::default();
    for row in rows {
        letter.take(row, session);
        if letter.ended {
            return (!letter.torn).then_some(letter.octets);
        }
    }
    None
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
    ended: bool,
}

impl Letter {
    fn take(&mut self, row: &Row, session: &Session) {
        let Some(span) = row.span() else { return };
        let octets = session.tape().bytes(span);
        match row.what {
            What::Command(_) => self.command(&Command::parse(&octets)),
            What::Content { .. } | What::EndOfData(_) => {
                self.torn |= octets.len() as u64 != span.len();
                self.unstuffer.push(&octets, &mut self.octets);
                self.ended = matches!(row.what, What::EndOfData(_));
            }
            What::Chunk(_) => {
                self.torn |= octets.len() as u64 != span.len();
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
