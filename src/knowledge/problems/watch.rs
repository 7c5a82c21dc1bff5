//! Asking the detectors as a dialogue grows: each whole reply and each mark once, in the order of the rows.

use crate::dialogue::Dialogue;
use crate::dialogue::row::{RowId, What};
use crate::smtp::flaw::FlawKind;
use crate::tape::{Side, Tape};

use super::{Finding, Happening, OF_MARKS, OF_REPLIES, Problem, Scene, connection};

/// The problems of a session so far. A problem is kept once, at its first place; repeated ones only count up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watch {
    problems: Vec<Problem>,
    judged: u32,
    /// Rows of the server that were judged before their line was whole.
    unsettled: Vec<RowId>,
}

/// What comes of looking at a row.
enum Verdict {
    /// The line is not whole: look again.
    Later,
    /// It was looked at; perhaps something was found.
    Done(Option<Finding>),
}

impl Watch {
    /// The problems of a whole session.
    pub fn of(tape: &Tape, dialogue: &Dialogue) -> Self {
        let mut watch = Self::default();
        watch.follow(tape, dialogue);
        watch
    }

    /// Judges what the dialogue has gained since the last call.
    pub fn follow(&mut self, tape: &Tape, dialogue: &Dialogue) {
        let total = u32::try_from(dialogue.rows().len()).unwrap_or(u32::MAX);
        let again = std::mem::take(&mut self.unsettled);
        for row in again.into_iter().chain((self.judged..total).map(RowId)) {
            match judge(tape, dialogue, row) {
                Verdict::Later => self.unsettled.push(row),
                Verdict::Done(found) => self.keep(found, row),
            }
        }
        self.judged = total;
    }

    /// The problems, in the order of the rows that show them.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The problem that a row shows.
    pub fn at(&self, row: RowId) -> Option<&Problem> {
        let place = self.problems.binary_search_by_key(&row, |problem| problem.row).ok()?;
        self.problems.get(place)
    }

    fn keep(&mut self, found: Option<Finding>, row: RowId) {
        let Some(problem) = found.and_then(|finding| Problem::new(finding, row)) else { return };
        if let Some(known) = self.problems.iter_mut().find(|known| known.is_same(&problem)) {
            known.times = known.times.saturating_add(1);
            return;
        }
        let place = self.problems.partition_point(|known| known.row < row);
        self.problems.insert(place, problem);
    }
}

fn judge(tape: &Tape, dialogue: &Dialogue, id: RowId) -> Verdict {
    let Some(row) = dialogue.row(id) else { return Verdict::Done(None) };
    match row.what {
        What::Mark => {
            let happening = Happening::of(tape, dialogue, id);
            Verdict::Done(happening.and_then(|it| OF_MARKS.iter().find_map(|detect| detect(&it))))
        }
        What::Reply { exchange, last: true } => {
            let scene = Scene::of(tape, dialogue, exchange);
            Verdict::Done(scene.and_then(|it| OF_REPLIES.iter().find_map(|detect| detect(&it))))
        }
        What::Open | What::Stray(_) if row.side() == Some(Side::Server) => {
            let tls = dialogue.flaws_of(id).iter().any(|flaw| flaw.kind == FlawKind::TlsPort);
            match (tls, row.what) {
                (true, _) => Verdict::Done(connection::wants_tls(tape, row.at)),
                (false, What::Open) => Verdict::Later,
                _ => Verdict::Done(None),
            }
        }
        _ => Verdict::Done(None),
    }
}
