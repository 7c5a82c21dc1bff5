//! A session that is being read from the file, to be shown at some moment; what is shown stays until it is there.

use crate::ports::net::SessionId;
use crate::record::index::Index;
use crate::record::kept::{Budget, Kept, Start};
use crate::record::line::{Begun, Line};
use crate::record::player::play;
use crate::record::slice::{Of, Slice, Wanted};
use crate::session::{Model, Session};

/// What is being made.
#[derive(Debug)]
pub(super) struct Making {
    /// So many lines of the recording are played then.
    pub(super) to: u32,
    /// The session, and what is kept of it, once its first line is read.
    pub(super) made: Option<(Session, Kept)>,
    /// What else is known at that moment; nothing if the moment is the one that is shown.
    pub(super) model: Option<Model>,
    budget: Budget,
    /// What is still to be read, one after the other.
    wanted: Vec<Wanted>,
}

impl Making {
    /// A session as it is when so many lines are played, behind which this octet stands.
    pub(super) fn new(
        id: SessionId,
        (to, until): (u32, u64),
        index: &Index,
        known: Option<(Begun, Vec<Start>)>,
        budget: Budget,
    ) -> Self {
        let made = known.map(|(begun, starts)| Kept::again(begun, budget, starts, until));
        let summary = index.session(id);
        let from = made.as_ref().map(|(_, kept)| kept.begins()).or(summary.map(|summary| summary.at));
        // Behind the last line of a session nothing of it is looked for.
        let until = summary.map_or(until, |summary| summary.end.min(until));
        let wanted = Wanted { ticket: 0, from: from.unwrap_or(until), until, most: budget.slice, of: Of::Session(id) };
        Self { to, made, model: None, budget, wanted: vec![wanted] }
    }

    /// The same with all that is no session's.
    pub(super) fn with_all(mut self, model: Model, index: &Index) -> Self {
        self.model = Some(model);
        let places = index.shared(self.to);
        if !places.is_empty() {
            self.wanted.insert(
                0,
                Wanted { ticket: 0, from: 0, until: u64::MAX, most: self.budget.slice, of: Of::These(places) },
            );
        }
        self
    }

    /// What is read next.
    pub(super) fn wanted(&self) -> Option<&Wanted> {
        self.wanted.last()
    }

    /// Takes in what was read; true if that was all.
    pub(super) fn take(&mut self, slice: Slice) -> bool {
        for placed in slice.lines {
            let Ok(line) = placed.line else { continue };
            match (&mut self.made, &mut self.model, &line) {
                (_, Some(model), line) if line.is_shared() => play(line, model),
                (Some((session, kept)), ..) => {
                    kept.play(session, placed.end - placed.at, placed.end, &line);
                }
                (made @ None, _, Line::Session(begun)) => {
                    *made = Some(Kept::new(begun.as_ref().clone(), self.budget, placed.end));
                }
                _ => {}
            }
        }
        match self.wanted.last_mut() {
            Some(wanted) if !slice.ended => wanted.from = slice.next,
            _ => drop(self.wanted.pop()),
        }
        self.wanted.is_empty()
    }

    /// How much of the session is read, in hundredths; nothing where that is not worth a word.
    pub(super) fn percent(&self, begins: u64) -> Option<u64> {
        let wanted = self.wanted.last().filter(|wanted| matches!(wanted.of, Of::Session(_)))?;
        let (all, read) = (wanted.until.saturating_sub(begins), wanted.from.saturating_sub(begins));
        read.saturating_mul(100).checked_div(all)
    }
}
