//! Events, one JSON object a line: the vocabulary of `--json` everywhere else, told as the recording goes by.

use crate::dns::Heard;
use crate::events::{Event, Fold};
use crate::ports::dns;
use crate::ports::lab::Signal;
use crate::record::line::Line;
use crate::record::player::{Clock, play};
use crate::record::reader::Recording;
use crate::session::Model;
use crate::session::look_ups::LookUps;

/// The recording as events. What is told with what, and in which order, is as it was while it was recorded.
pub fn print(recording: &Recording) -> String {
    tell(recording, &mut Fold::default())
}

/// The same, as the next events of a fold.
pub fn tell(recording: &Recording, fold: &mut Fold) -> String {
    let mut clock = Clock::default();
    let mut model = Model::new(LookUps::new(1));
    let mut events = String::new();
    for line in &recording.lines {
        let now = clock.time(line);
        play(line, &mut model);
        let told = match line {
            Line::Session(begun) => {
                fold.open(begun.s, now);
                Vec::new()
            }
            Line::Letter(letter) => fold.apply(&Signal::Delivered(letter.clone()), now),
            Line::News(news) => fold.apply(&Signal::News(news.clone()), now),
            Line::LookUp(heard) => {
                let Heard { question, answer, from, took } = heard.as_ref().clone();
                vec![fold.heard(&dns::Signal { ticket: 0, question, answer, from, took }, now)]
            }
            line => line.session().and_then(|id| model.session(id)).map_or_else(Vec::new, |it| fold.follow(it)),
        };
        events.extend(told.iter().map(Event::json));
    }
    events
}
