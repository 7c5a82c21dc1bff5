//! An explanation as an event.

use super::{Advice, Seen, What};
use crate::knowledge::explanation::{Paragraph, Step};
use crate::knowledge::given::Given;
use crate::safe;

/// What something that was given means.
pub(super) fn what(given: &Given, seen: Option<Seen>) -> What {
    let it = &given.it;
    let words = |paragraph: &Paragraph| match paragraph.label.as_str() {
        "" => paragraph.text.clone(),
        label => format!("{label}: {}", paragraph.text),
    };
    let advice = |step: &Step| Advice { say: step.text.clone(), line: step.command.clone() };
    What::Explain {
        what: given.what,
        about: safe::plain(&given.about).into_string(),
        title: it.title.clone(),
        meaning: it.body.iter().map(words).collect::<Vec<_>>().join(" "),
        next: it.next.iter().map(advice).collect(),
        more: it.more.iter().map(words).collect(),
        refs: it.cites.iter().map(ToString::to_string).collect(),
        confidence: it.confidence.word(),
        seen,
    }
}
