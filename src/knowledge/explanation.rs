//! An explanation: what the Explain pane shows. At most sixty words stand before `more`.

use super::cite::Cite;

/// The most words that a reader gets before "more".
pub const WORDS: usize = 60;

/// What something is, what it means here, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// A heading, as `550 5.1.1 · No such mailbox`.
    pub title: String,
    /// What kind of thing it is, as `reply to RCPT`.
    pub subtitle: String,
    /// What it means: at most [`WORDS`] words.
    pub body: Vec<Paragraph>,
    /// What to do, the most useful first.
    pub next: Vec<Step>,
    /// The rest, for those who ask.
    pub more: Vec<Paragraph>,
    /// How sure this is.
    pub confidence: Confidence,
    /// What it rests on where it is not certain.
    pub doubt: &'static str,
    /// Where it stands, the most special first.
    pub cites: Vec<Cite>,
}

/// A paragraph, perhaps with a word in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// The word in front, as `registry`; empty if there is none.
    pub label: String,
    /// The text.
    pub text: String,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What and why.
    pub text: String,
    /// The line to type, if there is one; words in `<…>` are to be replaced.
    pub command: Option<String>,
    /// The id of the command of `ehlo` that does it, if one does.
    pub run: Option<&'static str>,
    /// What the dialog of that command begins with, as the host to connect to.
    pub with: Option<String>,
}

/// How sure an explanation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A standard or a registry says so.
    Certain,
    /// The text is known from this kind of server.
    Likely,
    /// The words point to it; other causes are possible.
    Possible,
}

impl Confidence {
    /// The word on the screen.
    pub fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Possible => "possible",
        }
    }
}

impl Step {
    /// True if there is a line to type for it, or a command that does it.
    pub fn can_be_taken(&self) -> bool {
        self.command.is_some() || self.run.is_some()
    }
}

impl Explanation {
    /// An explanation without content.
    pub(crate) fn new(title: impl Into<String>, subtitle: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            subtitle: subtitle.into(),
            body: Vec::new(),
            next: Vec::new(),
            more: Vec::new(),
            confidence: Confidence::Certain,
            doubt: "the text points to it, no standard says so",
            cites: Vec::new(),
        }
    }

    /// States how sure it is.
    pub(crate) fn sure(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// Adds what it means; a paragraph that the sixty words do not leave room for goes behind `more`.
    pub(crate) fn say(self, text: impl Into<String>) -> Self {
        self.say_as("", text)
    }

    /// Adds what it means, with a word in front.
    pub(crate) fn say_as(mut self, label: impl Into<String>, text: impl Into<String>) -> Self {
        let paragraph = Paragraph { label: label.into(), text: text.into() };
        if paragraph.text.is_empty() {
            return self;
        }
        let words = self.body.iter().map(Paragraph::words).sum::<usize>() + paragraph.words();
        let list = if words <= WORDS { &mut self.body } else { &mut self.more };
        list.push(paragraph);
        self
    }

    /// Adds something for those who ask.
    pub(crate) fn also(mut self, label: impl Into<String>, text: impl Into<String>) -> Self {
        let paragraph = Paragraph { label: label.into(), text: text.into() };
        if !paragraph.text.is_empty() {
            self.more.push(paragraph);
        }
        self
    }

    /// Adds something to do, as a sentence.
    pub(crate) fn step(mut self, text: &str, command: &str) -> Self {
        let text = sentence(text);
        let command = (!command.is_empty()).then(|| command.to_owned());
        if !text.is_empty() && !self.next.iter().any(|step| step.text == text) {
            self.next.push(Step { text, command, run: None, with: None });
        }
        self
    }

    /// Adds where it stands.
    pub(crate) fn cite(mut self, table: &str) -> Self {
        let cite = Cite::new(table);
        if !table.is_empty() && table != "-" && !self.cites.contains(&cite) {
            self.cites.push(cite);
        }
        self
    }

    /// Adds where it stands, one by one.
    pub(crate) fn cite_all<'a>(self, refs: impl IntoIterator<Item = &'a String>) -> Self {
        refs.into_iter().fold(self, |this, table| this.cite(table))
    }
}

impl Paragraph {
    /// How many words a reader gets.
    pub fn words(&self) -> usize {
        self.label.split_whitespace().count() + self.text.split_whitespace().count()
    }
}

/// `words` as a sentence: a capital at its start and a full stop at its end; empty if there are none.
pub(crate) fn sentence(words: &str) -> String {
    let mut text = capital(words.trim());
    if !text.is_empty() && !text.ends_with(['.', '?', '!', '"']) {
        text.push('.');
    }
    text
}

/// `words` with a capital at its start.
pub(crate) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_goes_behind_more() {
        let text = "word ".repeat(40);
        let it = Explanation::new("t", "s").also("a", "b").say(text.clone()).say(text).say("short");
        assert_eq!((it.body.len(), it.more.len()), (2, 2));
    }

    #[test]
    fn steps_are_sentences() {
        let it = Explanation::new("t", "s").step("say hello", "EHLO x").step("Wait. Then try again", "");
        let texts: Vec<&str> = it.next.iter().map(|step| step.text.as_str()).collect();
        assert_eq!(texts, ["Say hello.", "Wait. Then try again."]);
    }

    #[test]
    fn empty_texts_and_repeated_citations_are_left_out() {
        let it = Explanation::new("t", "s").say("").also("x", "").step("", "").cite("").cite("RFC 1").cite("RFC 1");
        assert_eq!((it.body.len(), it.more.len(), it.next.len(), it.cites.len()), (0, 0, 0, 1));
    }
}
