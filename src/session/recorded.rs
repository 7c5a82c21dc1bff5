//! What a session gives to a recording, and takes from one.
//!
//! In a recording a secret is a hole: octets that say nothing stand in its place, as many as it had, so that every
//! address on the tape stays what it was. Where a line of a login can be read, only the secret in it is replaced and the
//! line is coded again: who logged in, and how, can still be seen.
//!
//! So a recording tells how long a secret was. A hole of one length for all would not, but what it stands in is counted
//! elsewhere too: a chunk of BDAT says how many octets it has (RFC 3030 §2), and a letter in one may repeat a password;
//! limits of lines and octets that were counted and not kept go by lengths as well. A tape that is shorter or longer than
//! it was would be read as another conversation, and a wrong record is worse than a length.

use std::sync::Arc;

use super::visits::Caller;
use super::{Model, Session};
use crate::dialogue::Flaw;
use crate::dialogue::exchange::Exchange;
use crate::dialogue::row::Row;
use crate::ports::net::{SessionId, Target, What};
use crate::smtp::sasl;
use crate::tape::mark::Mark;
use crate::tape::told::Imported;
use crate::tape::{Entry, Moment, Side, Span};

/// What stands in a recording in place of each octet of a secret.
const HOLE: u8 = b'*';
/// What a session costs in memory before anything was said in it, in octets.
const ITSELF: u64 = 4096;

impl Model {
    /// A session of a recording begins. A second one of the same number is none.
    pub fn begin_recorded(&mut self, id: SessionId, target: Target, imported: Option<Imported>) {
        // Numbers go up, nearly always: what is above all others needs no look through thousands.
        if id.0 > self.last || self.session(id).is_none() {
            self.last = self.last.max(id.0);
            self.sessions.push(Session::recorded(id, target, imported));
        }
    }

    /// Holds a session of a recording, in the place of the one with its number; `rank` says which stands before which.
    pub fn hold(&mut self, session: Session, rank: impl Fn(SessionId) -> Option<usize>) {
        self.forget(session.id);
        self.last = self.last.max(session.id.0);
        let place = self.sessions.partition_point(|other| rank(other.id) < rank(session.id));
        self.sessions.insert(place, session);
    }
}

impl Session {
    /// A session that is played from a recording. Nothing can be sent on it.
    pub fn recorded(id: SessionId, target: Target, imported: Option<Imported>) -> Self {
        Self { caller: Some(Caller::Recorded), imported, ..Self::new(id, target) }
    }

    /// True for a session of a recording.
    pub fn is_recorded(&self) -> bool {
        self.caller == Some(Caller::Recorded)
    }

    /// What it costs in memory, in octets, about: what is kept of its tape and what stands beside that.
    pub fn weight(&self) -> u64 {
        let each = |count: usize, octets: usize| count as u64 * octets as u64;
        let (tape, dialogue) = (&self.tape, &self.dialogue);
        let kept = tape.lane(Side::Client).kept() + tape.lane(Side::Server).kept();
        let exchanges = each(dialogue.exchanges().len(), size_of::<Exchange>());
        let rows = each(dialogue.rows().len(), size_of::<Row>());
        let flaws = each(dialogue.flaws().len(), size_of::<Flaw>());
        let log = each(tape.log().len(), size_of::<Entry>()) + each(tape.marks().len(), size_of::<Mark>());
        ITSELF + kept + exchanges + rows + flaws + log
    }

    /// True at the end of a line of either side: nothing has begun that goes on.
    pub fn is_between_lines(&self) -> bool {
        let settled = |side| self.dialogue.settled(side) == self.tape.lane(side).len();
        settled(Side::Client) && settled(Side::Server) && self.dialogue.chunk_left() == 0
    }

    /// Where it was read from, if it was not recorded here.
    pub fn imported(&self) -> Option<Imported> {
        self.imported
    }

    /// False if nobody knows when its lines were.
    pub fn tells_times(&self) -> bool {
        self.imported.is_none_or(|it| it.timed)
    }

    /// Takes in octets of a recording; `holes` are the places within them, as ranges of addresses, where a secret was.
    pub fn play(&mut self, at: Moment, side: Side, octets: &[u8], holes: &[(u64, u64)]) {
        let start = self.tape.lane(side).len();
        for (from, to) in holes {
            self.kept.hide(Span::new(side, start.saturating_add(*from), start.saturating_add(*to)));
        }
        self.apply(at, &What::Bytes(side, Arc::from(octets)));
    }

    /// The octets of a line as a recording may have them, and where its holes are, relative to its beginning.
    pub fn without_secrets(&self, span: Span) -> (Vec<u8>, Vec<(u64, u64)>) {
        let mut line = self.tape.bytes(span).into_owned();
        let hidden = self.hidden(span, &line);
        let again = hidden.iter().map(|hidden| self.coded_again(span, hidden.start)).collect::<Vec<_>>();
        let mut holes = Vec::new();
        for (hidden, again) in hidden.into_iter().zip(again) {
            holes.push((hidden.start as u64, hidden.end as u64));
            let Some(place) = line.get_mut(hidden) else { continue };
            match again {
                Some(again) if again.len() == place.len() => place.copy_from_slice(&again),
                _ => place.fill(HOLE),
            }
        }
        (line, holes)
    }

    /// A stretch of a login with its secrets replaced, in Base64 as before; nothing where it cannot be read.
    fn coded_again(&self, line: Span, start: usize) -> Option<Vec<u8>> {
        let at = line.start + start as u64;
        let secret = self.dialogue.secrets().first_in(line).filter(|secret| secret.start == at)?;
        let decoded = self.dialogue.decoded_at(&self.tape, secret)?;
        let mut octets = decoded.meaning.reveal().to_vec();
        for part in decoded.meaning.parts().iter().filter(|part| part.what.is_secret()) {
            octets.get_mut(part.span.clone())?.fill(HOLE);
        }
        Some(sasl::encode(&octets).into_bytes())
    }
}
