//! From lines to a model: what a recording says, played up to any of its lines.

use super::line::Line;
use crate::ports::lab;
use crate::ports::net::What;
use crate::session::{Model, Signal};

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
