//! The words of a line: between blanks, between quotes, between slashes. A word that begins with `#` begins a comment.

/// What is left of a line.
#[derive(Debug, Clone)]
pub(super) struct Words<'a>(&'a str);

impl<'a> Words<'a> {
    /// All of a line.
    pub(super) fn new(line: &'a str) -> Self {
        Self(line)
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a str {
        self.0.trim()
    }

    /// The next word; none at the end or before a comment.
    pub(super) fn word(&mut self) -> Option<&'a str> {
        let word = self.peek()?;
        self.0 = self.0.trim_start().get(word.len()..).unwrap_or_default();
        Some(word)
    }

    /// The next word, which stays.
    pub(super) fn peek(&self) -> Option<&'a str> {
        self.0.split_whitespace().next().filter(|word| !word.starts_with('#'))
    }

    /// Takes the next word if it is this one.
    pub(super) fn take(&mut self, wanted: &str) -> bool {
        let is = self.peek() == Some(wanted);
        if is {
            self.word();
        }
        is
    }

    /// What stands between quotes next, escapes and all; none if something else does.
    pub(super) fn quoted(&mut self) -> Result<Option<&'a str>, &'static str> {
        self.between('"', "a quote that ends the octets")
    }

    /// What stands between slashes next; none if something else does.
    pub(super) fn slashed(&mut self) -> Result<Option<&'a str>, &'static str> {
        self.between('/', "a slash that ends the pattern")
    }

    /// What stands up to the next edge that no backslash stands before.
    fn between(&mut self, edge: char, missing: &'static str) -> Result<Option<&'a str>, &'static str> {
        let Some(text) = self.0.trim_start().strip_prefix(edge) else { return Ok(None) };
        let mut escaped = false;
        for (at, character) in text.char_indices() {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                _ if character == edge => {
                    self.0 = text.get(at + edge.len_utf8()..).unwrap_or_default();
                    return Ok(text.get(..at));
                }
                _ => {}
            }
        }
        Err(missing)
    }

    /// Takes a letter that stands right here, with nothing but a blank behind it.
    pub(super) fn flag(&mut self, flag: char) -> bool {
        let rest = self.0.strip_prefix(flag).filter(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }
}
