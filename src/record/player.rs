//! From lines to a model: what a recording says, played up to any of its lines.

use std::collections::BTreeMap;

use super::line::Line;
use crate::ports::lab;
use crate::ports::net::{SessionId, What};
use crate::session::{Model, Session, Signal};
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
            Line::Session(begun) => Some(*self.begun.entry(begun.s).or_insert(begun.after)),
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
        Line::Session(begun) => model.begin_recorded(begun.s, begun.target.clone(), begun.imported),
        Line::Letter(letter) => model.apply(&Signal::Lab(lab::Signal::Delivered(letter.clone()))),
        Line::News(news) => model.apply(&Signal::Lab(lab::Signal::News(news.clone()))),
        Line::Panel(subject) => model.look_ups.open_again(subject),
        Line::LookUp(heard) => model.look_ups.recall(heard.as_ref().clone()),
        line => {
            if let Some(session) = line.session().and_then(|id| model.session_mut(id)) {
                play_in(line, session);
            }
        }
    }
}

/// Plays one line of a session into it; one that is no session's, or begins one, says nothing there.
pub fn play_in(line: &Line, session: &mut Session) {
    match line {
        Line::Bytes(bytes) => {
            if let Some(octets) = bytes.octets() {
                session.play(bytes.t, bytes.side, &octets, &bytes.holes);
            }
        }
        Line::Elided { t, side, octets, .. } => session.apply(*t, &What::Elided(*side, *octets)),
        Line::Mark { t, mark, .. } => session.apply(*t, &What::Mark(mark.clone())),
        Line::End { .. } => session.apply(session.tape().end(), &What::Ended),
        Line::Session(_) | Line::Letter(_) | Line::News(_) | Line::Panel(_) | Line::LookUp(_) => {}
    }
}
