//! From lines to a model: what a recording says, played up to any of its lines.

use std::collections::BTreeMap;

use super::line::Line;
use crate::ports::lab;
use crate::ports::net::{SessionId, What};
use crate::session::{Model, Signal};
use crate::tape::Moment;

/// When lines were, since the recording began. What has no time of its own was when the line before it was, and no line
/// was before another that stands before it.
#[derive(Debug, Default)]
pub struct Clock {
    begun: BTreeMap<SessionId, u64>,
    now: Moment,
}

impl Clock {
    /// When the next line of the recording was.
    pub fn time(&mut self, line: &Line) -> Moment {
        let time = match line {
            Line::Session(begun) => {
                self.begun.insert(begun.s, begun.after);
                Some(begun.after)
            }
            line => {
                let begun = line.session().and_then(|id| self.begun.get(&id)).copied().unwrap_or_default();
                line.at().map(|at| begun.saturating_add(at.micros()))
            }
        };
        self.now = self.now.max(time.map_or(self.now, Moment::from_micros));
        self.now
    }
}

/// Plays one line. A line of a session that did not begin is left out.
pub fn play(line: &Line, model: &mut Model) {
    match line {
        Line::Session(begun) => model.begin_recorded(begun.s, begun.target.clone()),
        Line::Letter(letter) => model.apply(&Signal::Lab(lab::Signal::Delivered(letter.clone()))),
        Line::News(news) => model.apply(&Signal::Lab(lab::Signal::News(news.clone()))),
        Line::Bytes(bytes) => {
            if let (Some(session), Some(octets)) = (model.session_mut(bytes.s), bytes.octets()) {
                session.play(bytes.t, bytes.side, &octets, &bytes.holes);
            }
        }
        Line::Elided { s, t, side, octets } => {
            if let Some(session) = model.session_mut(*s) {
                session.apply(*t, &What::Elided(*side, *octets));
            }
        }
        Line::Mark { s, t, mark } => {
            if let Some(session) = model.session_mut(*s) {
                session.apply(*t, &What::Mark(mark.clone()));
            }
        }
        Line::End { s } => {
            if let Some(session) = model.session_mut(*s) {
                session.apply(session.tape().end(), &What::Ended);
            }
        }
    }
}
