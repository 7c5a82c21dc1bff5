//! The line that is being typed: editing, the ending it will get, and the octets that will leave.
//!
//! What is typed is what is sent: the octets are the text in UTF-8 and the chosen ending, nothing else.

use tui_input::{Input, InputRequest};

/// What ends a line on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineEnd {
    /// CR LF, as RFC 5321 §2.3.8 asks.
    #[default]
    CrLf,
    /// A bare LF.
    Lf,
    /// A bare CR.
    Cr,
    /// Nothing: the line stays open.
    None,
}

impl LineEnd {
    /// All, in the order in which a key steps through them.
    pub const ALL: [Self; 4] = [Self::CrLf, Self::Lf, Self::Cr, Self::None];

    /// The octets.
    pub const fn octets(self) -> &'static [u8] {
        match self {
            Self::CrLf => b"\r\n",
            Self::Lf => b"\n",
            Self::Cr => b"\r",
            Self::None => b"",
        }
    }

    /// Its name on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CrLf => "CRLF",
            Self::Lf => "LF only",
            Self::Cr => "CR only",
            Self::None => "none",
        }
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::CrLf => Self::Lf,
            Self::Lf => Self::Cr,
            Self::Cr => Self::None,
            Self::None => Self::CrLf,
        }
    }
}

/// The line and its ending.
#[derive(Debug, Clone, Default)]
pub struct Line {
    input: Input,
    /// What will end it.
    pub ending: LineEnd,
}

impl Line {
    /// The text as typed.
    pub fn text(&self) -> &str {
        self.input.value()
    }

    /// The cursor, in characters from the start.
    pub fn cursor(&self) -> usize {
        self.input.cursor()
    }

    /// True with nothing typed.
    pub fn is_empty(&self) -> bool {
        self.input.value().is_empty()
    }

    /// True if the cursor stands behind the last character.
    pub fn at_end(&self) -> bool {
        self.input.cursor() >= self.input.value().chars().count()
    }

    /// The octets that Enter sends.
    pub fn octets(&self) -> Vec<u8> {
        octets(self.text(), self.ending)
    }

    /// Puts `text` in the line, the cursor behind it.
    pub fn set(&mut self, text: &str) {
        let input = std::mem::take(&mut self.input);
        self.input = input.with_value(text.to_owned());
    }

    /// Takes the text out.
    pub fn take(&mut self) -> String {
        self.input.value_and_reset()
    }

    /// One step of editing.
    pub fn edit(&mut self, request: InputRequest) {
        let _ = self.input.handle(request);
    }

    /// Inserts text at the cursor.
    pub fn insert(&mut self, text: &str) {
        for character in text.chars() {
            self.edit(InputRequest::InsertChar(character));
        }
    }

    /// Appends what is missing to make the line `suggestion`, up to the end or the end of its next word.
    /// Only if the line so far is a beginning of it, in any case of letters.
    pub fn accept(&mut self, suggestion: &str, word: bool) {
        let Some(rest) = rest_of(suggestion, self.text()) else { return };
        let end = if word { word_end(rest) } else { rest.len() };
        let more = rest.get(..end).unwrap_or(rest).to_owned();
        self.edit(InputRequest::GoToEnd);
        self.insert(&more);
    }
}

/// The octets of a text with an ending.
pub fn octets(text: &str, ending: LineEnd) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len() + 2);
    octets.extend_from_slice(text.as_bytes());
    octets.extend_from_slice(ending.octets());
    octets
}

/// What `suggestion` has beyond `typed`, if `typed` begins it in any case of ASCII letters.
pub fn rest_of<'a>(suggestion: &'a str, typed: &str) -> Option<&'a str> {
    let head = suggestion.get(..typed.len())?;
    if head.eq_ignore_ascii_case(typed) { suggestion.get(typed.len()..) } else { None }
}

/// Where the next word of `text` ends, blanks before it included; after `:`, `<` and `@` a new one begins.
fn word_end(text: &str) -> usize {
    let blanks = text.len() - text.trim_start_matches(' ').len();
    let word = text.get(blanks..).unwrap_or_default();
    let stop = word.find([' ', ':', '<', '@']).unwrap_or(word.len());
    let signs = word.get(stop..).unwrap_or_default();
    blanks + stop + (signs.len() - signs.trim_start_matches([':', '<', '@']).len())
}

/// Where the secret begins in `AUTH MECHANISM secret`.
pub(super) fn secret_in(text: &str) -> Option<usize> {
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    if !words.next()?.eq_ignore_ascii_case("AUTH") {
        return None;
    }
    let mechanism = words.next()?;
    let secret = words.next()?;
    let place = |part: &str| (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    (secret != "=" && place(secret) > place(mechanism)).then(|| place(secret))
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_what_is_sent() {
        let mut line = Line::default();
        line.insert("NOOP  x\t");
        assert_eq!(line.octets(), b"NOOP  x\t\r\n");
        line.ending = LineEnd::None;
        assert_eq!(line.octets(), b"NOOP  x\t");
        assert_eq!(LineEnd::ALL.map(|end| end.octets().len()), [2, 1, 1, 0]);
        assert_eq!(LineEnd::CrLf.next().next().next().next(), LineEnd::CrLf);
    }

    #[test]
    fn a_suggestion_is_taken_whole_or_by_words() {
        let suggestion = "MAIL FROM:<you@you.test> SIZE=512";
        let mut line = Line::default();
        let mut seen = Vec::new();
        while line.text() != suggestion {
            line.accept(suggestion, true);
            seen.push(line.text().to_owned());
        }
        assert_eq!(seen, ["MAIL", "MAIL FROM:<", "MAIL FROM:<you@", "MAIL FROM:<you@you.test>", suggestion]);
        line.set("mail f");
        line.accept(suggestion, false);
        assert_eq!(line.text(), "mail from:<you@you.test> SIZE=512".replace("from", "fROM"));
        line.set("RSET");
        line.accept(suggestion, false);
        assert_eq!(line.text(), "RSET");
    }

    #[test]
    fn editing_steps_over_whole_characters() {
        let mut line = Line::default();
        line.insert("bücher");
        line.edit(InputRequest::GoToStart);
        line.edit(InputRequest::GoToNextChar);
        line.edit(InputRequest::DeleteNextChar);
        assert_eq!(line.text(), "bcher");
        assert!(!line.at_end());
        assert_eq!(line.cursor(), 1);
    }
}
