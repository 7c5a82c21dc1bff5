//! Events, one JSON object a line: the vocabulary of `--json` everywhere else, in the order of the recording.

use super::page::Page;
use crate::events::Fold;
use crate::ports::lab::Signal;
use crate::record::line::Line;
use crate::record::player::Clock;
use crate::record::reader::Recording;

/// The recording as events: those of each session, then what became of its letters in the lab.
pub fn print(recording: &Recording, page: &Page) -> String {
    let mut fold = Fold::default();
    let mut events = Vec::new();
    for session in page.model.sessions() {
        fold.open(session.id, page.after(session.id));
        events.extend(fold.follow(session));
    }
    let mut clock = Clock::default();
    for line in &recording.lines {
        let now = clock.time(line);
        match line {
            Line::Letter(letter) => events.extend(fold.apply(&Signal::Delivered(letter.clone()), now)),
            Line::News(news) => events.extend(fold.apply(&Signal::News(news.clone()), now)),
            _ => {}
        }
    }
    events.iter().map(crate::events::Event::json).collect()
}
