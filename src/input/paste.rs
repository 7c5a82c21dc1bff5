//! Text that came at once. It is shown before anything is done with it, and never sent by itself.

/// A block of pasted text, made harmless: line ends are LF, other control characters are gone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Paste {
    /// The text.
    pub text: String,
    /// Control characters that were taken out, terminal codes among them.
    pub removed: usize,
    /// True if keys came at once with the text: it may have held the mark that ends a paste, and they are part of it.
    pub joined: bool,
}

impl Paste {
    /// Takes a block as the terminal gave it. Terminals send CR, LF or CR LF between lines.
    pub fn new(raw: &str) -> Self {
        let unified = raw.replace("\r\n", "\n").replace('\r', "\n");
        let text: String = unified.chars().filter(|char| !char.is_control() || matches!(char, '\n' | '\t')).collect();
        let removed = unified.chars().count() - text.chars().count();
        Self { text, removed, joined: false }
    }

    /// The text, if it is a single line; a final line end does not count.
    pub fn line(&self) -> Option<&str> {
        let line = self.text.strip_suffix('\n').unwrap_or(&self.text);
        (!line.contains('\n')).then_some(line)
    }

    /// Its lines.
    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.text.lines()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_becomes_lf() {
        assert_eq!(Paste::new("a\rb\r\nc\nd").lines().collect::<Vec<_>>(), ["a", "b", "c", "d"]);
    }

    #[test]
    fn e144_terminal_codes_are_taken_out_and_counted() {
        let paste = Paste::new("NOOP\x1b[201~QUIT\r");
        assert_eq!((paste.text.as_str(), paste.removed), ("NOOP[201~QUIT\n", 1));
    }

    #[test]
    fn one_line_is_a_line() {
        assert_eq!(Paste::new("NOOP\r").line(), Some("NOOP"));
        assert_eq!(Paste::new("NOOP\rQUIT\r").line(), None);
    }
}
