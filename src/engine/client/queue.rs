//! What is to be written: lines that wait their turn, and a letter that is taken block by block.
//!
//! A letter waits for its 354 like a line, and lines behind it wait until its last block is written. The dot that ends
//! it is a line of its own. Without a DATA before it a letter is dropped: its lines would become commands.

use std::sync::Arc;

use memchr::memchr;

use super::login::Planned;
use super::{Client, State};
use crate::tape::mark::{Ending, Mark};
use crate::tape::{Moment, Side};

/// What waits.
#[derive(Debug)]
pub(super) enum Piece {
    /// A line, or several.
    Octets(Arc<[u8]>),
    /// A letter whose octets are yet to come.
    Letter,
    /// A login that is led from its AUTH on.
    Login(Box<Planned>),
}

/// A line or a letter that waits.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) piece: Piece,
    /// True if only what nobody may pass holds it: no connection, no decision about the certificate.
    pub(super) urgent: bool,
    /// True once the tape says that it is held.
    pub(super) marked: bool,
}

/// What is being written.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) octets: Arc<[u8]>,
    /// True for a block of a letter.
    block: bool,
}

impl Client {
    /// Lets go what is held back, before its time. What waits for a connection or a decision about the certificate
    /// waits on, and so does a letter with all that stands behind it.
    pub fn let_go(&mut self, now: Moment) {
        if self.letter || self.barred().is_some() || !self.held.iter().any(|held| held.octets().is_some()) {
            return;
        }
        self.mark(Mark::SentEarly);
        while let Some(octets) = self.held.front().and_then(Held::octets) {
            self.held.pop_front();
            self.write(octets, now);
        }
    }

    /// True if the next block of a letter may come.
    pub fn wants_block(&self) -> bool {
        self.letter && self.outgoing.is_empty() && self.state == State::Open
    }

    /// True if [`Client::outgoing`] is a block of a letter.
    pub fn is_block(&self) -> bool {
        self.outgoing.front().is_some_and(|first| first.block)
    }

    /// Takes a block of the letter; `last` if nothing follows, not even an empty block.
    pub fn block(&mut self, octets: Arc<[u8]>, last: bool, now: Moment) {
        if !self.letter {
            return;
        }
        self.letter = !last;
        if !octets.is_empty() {
            self.restart(now);
            self.outgoing.push_back(Outgoing { octets, block: true });
        }
        self.release(now);
    }

    /// The letter cannot be read to its end. What stands behind it is dropped: its dot would pass off a part as the
    /// whole.
    pub fn letter_failed(&mut self, name: String, why: String) {
        if self.letter {
            self.mark(Mark::Unread { name, why });
            self.drop_held();
            self.letter = false;
        }
    }

    /// The server answered inside the letter. Whether it still takes the lines for a letter cannot be known, so what goes
    /// on stops at a line edge, and the connection ends: the rest could be taken for commands.
    pub(super) fn answered_early(&mut self, now: Moment) {
        self.drop_held();
        let edge = if self.lane.is_at_line_edge() { Some(self.written) } else { self.line_edge() };
        if let (Some(first), Some(edge)) = (self.outgoing.front_mut(), edge) {
            first.octets = Arc::from(first.octets.get(..edge).unwrap_or_default());
        }
        let unfinished = self.outgoing.front().is_some_and(|first| first.octets.len() > self.written);
        self.outgoing.truncate(usize::from(unfinished));
        if unfinished {
            self.state = State::Leaving(Ending::EarlyReply);
            self.restart(now);
        } else {
            self.end(Side::Client, Ending::EarlyReply);
        }
    }

    /// Where the line that is being written ends in its item.
    fn line_edge(&self) -> Option<usize> {
        let left = self.outgoing.front()?.octets.get(self.written..)?;
        memchr(b'\n', left).map(|end| self.written + end + 1)
    }

    /// True while a letter is held or on its way.
    pub fn has_letter(&self) -> bool {
        self.letter || self.held.iter().any(|held| matches!(held.piece, Piece::Letter))
    }

    /// Writes what may be written; marks what may not.
    pub(super) fn release(&mut self, now: Moment) {
        while let Some(first) = self.held.front().filter(|_| !self.letter) {
            let barred = self.barred().or_else(|| self.busy().filter(|_| !first.urgent));
            if barred.is_some() || (!first.urgent && !self.outgoing.is_empty()) {
                break;
            }
            match self.held.pop_front().map(|first| first.piece) {
                Some(Piece::Octets(octets)) => self.write(octets, now),
                Some(Piece::Letter) if self.lane.in_content() => self.letter = true,
                Some(Piece::Letter) => self.mark(Mark::Dropped { lines: 1 }),
                Some(Piece::Login(planned)) => self.begin_login(*planned, now),
                None => break,
            }
        }
        let Some(why) = self.barred().or_else(|| self.busy()) else { return };
        for held in self.held.iter_mut().filter(|held| !held.marked) {
            held.marked = true;
            if let Piece::Octets(octets) = &held.piece {
                self.wants.push_back(super::Want::Mark(Mark::Held { octets: octets.len() as u64, why }));
            }
        }
    }

    pub(super) fn write(&mut self, octets: Arc<[u8]>, now: Moment) {
        if octets.is_empty() {
            return;
        }
        if self.outgoing.is_empty() && self.expected.awaited().is_none() {
            self.restart(now);
        }
        self.outgoing.push_back(Outgoing { octets, block: false });
    }
}

impl Held {
    fn octets(&self) -> Option<Arc<[u8]>> {
        match &self.piece {
            Piece::Octets(octets) => Some(Arc::clone(octets)),
            Piece::Letter | Piece::Login(_) => None,
        }
    }
}
