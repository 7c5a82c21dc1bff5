//! What a layer is where there is no screen: a text, a choice, a line that is asked for, a question; or what it would
//! draw.

use crate::ui::text::Run;

/// What a layer is where there is no screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A text to read; it is closed when it was told.
    Text(Vec<Vec<Run>>),
    /// One of these lines is chosen; Home, ↓ and Enter do it.
    Choice {
        /// What it is about.
        about: Vec<Run>,
        /// The lines, fit to be shown.
        items: Vec<String>,
    },
    /// A line is asked for.
    Line {
        /// What for.
        title: String,
        /// What is known about it, or what was wrong with the last one.
        hint: String,
        /// What stands there already.
        text: String,
    },
    /// Something is done with Enter, or left.
    Question {
        /// The question.
        question: String,
        /// What Enter does, as a verb.
        verb: String,
    },
    /// What it draws says best what it is; it takes keys by their names, and text.
    Form,
}
