//! The letter being written: what DATA will carry.
//!
//! Lines are edited as plain text; the octets that leave are made from them by dot-stuffing (RFC 5321 §4.5.2). What
//! stuffing adds is shown with `~`, and the dot that ends the letter is a step of its own.

use crate::dialogue::Dialogue;
use crate::dialogue::standing::Standing;
use ratatui_textarea::{CursorMove, TextArea};

use crate::smtp::data::Unstuffer;
use crate::smtp::limits::Limits;

/// The letter being written.
#[derive(Debug, Clone, Default)]
pub struct Letter {
    area: TextArea<'static>,
    armed: bool,
}

/// One step of editing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A character at the cursor.
    Insert(char),
    /// A new line at the cursor.
    NewLine,
    /// Delete before the cursor.
    Backspace,
    /// Delete at the cursor.
    Delete,
    /// Delete the word before the cursor.
    DeleteWord,
    /// Delete to the end of the line.
    DeleteToEnd,
    /// Delete to the start of the line.
    DeleteToStart,
    /// Take back the last step.
    Undo,
    /// Do again what was taken back.
    Redo,
    /// Move the cursor.
    Move(CursorMove),
}

impl Letter {
    /// A letter with this text, the cursor at its end.
    pub fn of(text: &str) -> Self {
        let mut area = TextArea::new(lines_of(text));
        area.move_cursor(CursorMove::Bottom);
        area.move_cursor(CursorMove::End);
        Self { area, armed: false }
    }

    /// A letter as [`Letter::wire`] wrote it: without stuffing and without the dot that ends it.
    pub fn of_wire(octets: &[u8]) -> Self {
        let mut letter = Vec::with_capacity(octets.len());
        Unstuffer::new().push(octets, &mut letter);
        // The editor holds text only, so nothing else can come back.
        Self::of(&String::from_utf8(letter).unwrap_or_default())
    }

    /// The lines, without ends.
    pub fn lines(&self) -> &[String] {
        self.area.lines()
    }

    /// Line and character of the cursor, from 0.
    pub fn cursor(&self) -> (usize, usize) {
        let cursor = self.area.cursor();
        (cursor.0, cursor.1)
    }

    /// True with nothing written.
    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// True once Enter was pressed behind a lone dot on the last line: the next Enter ends the letter.
    pub fn is_armed(&self) -> bool {
        self.armed
    }

    /// The text with LF line ends: what an editor outside wants, and what DATA makes octets of. Its last line has an
    /// end whether Enter was pressed behind it or not.
    pub fn text(&self) -> String {
        let mut text = self.lines().join("\n");
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }

    /// What DATA carries: dot-stuffed lines with CR LF, and the dot that ends the letter (RFC 5321 §4.5.2).
    pub fn wire(&self) -> Vec<u8> {
        let mut octets = Vec::with_capacity(self.octets() + 8);
        for line in self.text().split_terminator('\n') {
            if is_stuffed(line) {
                octets.push(b'.');
            }
            octets.extend_from_slice(line.as_bytes());
            octets.extend_from_slice(b"\r\n");
        }
        octets.extend_from_slice(b".\r\n");
        octets
    }

    /// What is to be said before it goes to this server: octets above 127 need 8BITMIME (RFC 6152 §3).
    pub fn warning(&self, dialogue: &Dialogue) -> Option<&'static str> {
        let offered = Standing::of(dialogue).offers("8BITMIME");
        let ascii = self.lines().iter().all(|line| line.is_ascii());
        (!ascii && !offered).then_some("8-bit, but 8BITMIME is not offered")
    }

    /// What chunks carry: lines with CR LF and nothing else (RFC 3030 §2).
    pub fn content(&self) -> Vec<u8> {
        self.text().split_terminator('\n').flat_map(|line| [line.as_bytes(), b"\r\n"].concat()).collect()
    }

    /// What SIZE declares: each line with its CR LF, without what dot-stuffing adds and without the final dot (RFC 1870
    /// §5).
    pub fn declared(&self) -> usize {
        self.content().len()
    }

    /// Octets of the text, one for each line end.
    pub fn octets(&self) -> usize {
        self.lines().iter().map(|line| line.len() + 1).sum()
    }

    /// Octets that may still be inserted.
    pub fn room(&self) -> usize {
        Limits::default().edited.saturating_sub(self.octets())
    }

    /// One step of editing.
    pub fn edit(&mut self, step: Step) {
        self.armed = false;
        match step {
            Step::Insert(character) => self.area.insert_char(character),
            Step::NewLine => self.area.insert_newline(),
            Step::Backspace => drop(self.area.delete_char()),
            Step::Delete => drop(self.area.delete_next_char()),
            Step::DeleteWord => drop(self.area.delete_word()),
            Step::DeleteToEnd => drop(self.area.delete_line_by_end()),
            Step::DeleteToStart => drop(self.area.delete_line_by_head()),
            Step::Undo => drop(self.area.undo()),
            Step::Redo => drop(self.area.redo()),
            Step::Move(to) => self.area.move_cursor(to),
        }
    }

    /// Enter: a new line, but behind a lone dot on the last line the question whether the letter ends here.
    /// True if this was the answer, and the letter, without that dot, is to be sent.
    pub fn enter(&mut self) -> bool {
        if !self.ends_with_lone_dot() {
            self.edit(Step::NewLine);
            return false;
        }
        if !self.armed {
            self.armed = true;
            return false;
        }
        self.take_lone_dot();
        true
    }

    /// Inserts text at the cursor; CR LF, CR and LF all end a line. False if the letter would grow too large.
    pub fn insert(&mut self, text: &str) -> bool {
        self.armed = false;
        if text.len() > self.room() {
            return false;
        }
        self.area.insert_str(lines_of(text).join("\n"));
        true
    }

    /// Puts this text in the place of all there is; undo brings that back. False if it is too large.
    pub fn replace(&mut self, text: &str) -> bool {
        self.armed = false;
        if text.len() > Limits::default().edited {
            return false;
        }
        self.area.select_all();
        self.area.cut();
        self.area.insert_str(lines_of(text.strip_suffix('\n').unwrap_or(text)).join("\n"));
        true
    }

    /// True if the cursor's line is the last one and holds a dot and nothing else.
    pub fn ends_with_lone_dot(&self) -> bool {
        let last = self.lines().len().saturating_sub(1);
        self.cursor().0 == last && self.lines().last().is_some_and(|line| line == ".")
    }

    fn take_lone_dot(&mut self) {
        self.edit(Step::Backspace);
    }
}

/// True if dot-stuffing adds a dot to this line (RFC 5321 §4.5.2).
pub fn is_stuffed(line: &str) -> bool {
    line.starts_with('.')
}

/// The lines of a text, whatever ends them; a final line end begins no further line.
fn lines_of(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.split('\n').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Letter {
        let mut letter = Letter::default();
        for character in text.chars() {
            if character == '\n' {
                letter.enter();
            } else {
                letter.edit(Step::Insert(character));
            }
        }
        letter
    }

    #[test]
    fn a_letter_is_written_line_by_line() {
        let letter = typed("Subject: hi\n\n.hidden\nbye");
        assert_eq!(letter.lines(), ["Subject: hi", "", ".hidden", "bye"]);
        assert_eq!(letter.text(), "Subject: hi\n\n.hidden\nbye\n");
        assert_eq!(letter.cursor(), (3, 3));
        assert!(is_stuffed(&letter.lines()[2]));
        assert_eq!(letter.wire(), b"Subject: hi\r\n\r\n..hidden\r\nbye\r\n.\r\n");
        assert_eq!(Letter::default().wire(), b".\r\n");
        for text in ["hi\n", "hi\n\n", "\n.\n..x\n\n\n"] {
            assert_eq!(Letter::of_wire(&Letter::of(text).wire()).text(), text);
        }
    }

    #[test]
    fn a_lone_dot_asks_before_it_ends_the_letter() {
        let mut letter = typed("hi\n.");
        assert!(!letter.enter());
        assert!(letter.is_armed());
        letter.edit(Step::Insert('x'));
        assert!(!letter.is_armed(), "typing on makes it text");
        letter.edit(Step::Backspace);
        assert!(!letter.enter());
        assert!(letter.enter());
        assert_eq!(letter.text(), "hi\n");
        let mut blank = typed("hi\n\n.");
        assert!(!blank.enter() && blank.enter());
        assert_eq!(blank.text(), "hi\n\n", "a blank line before the dot stays");
    }

    #[test]
    fn every_line_end_of_a_file_ends_a_line() {
        let mut letter = typed("x");
        assert!(letter.insert("a\r\nb\rc\nd"));
        assert_eq!(letter.lines(), ["xa", "b", "c", "d"]);
        assert!(!letter.insert(&"y".repeat(Limits::default().edited)));
    }

    #[test]
    fn what_was_replaced_can_be_brought_back() {
        let mut letter = typed("old\ntext");
        assert!(letter.replace("Subject: new\n\n.dot\n"));
        assert_eq!(letter.text(), "Subject: new\n\n.dot\n");
        letter.edit(Step::Undo);
        letter.edit(Step::Undo);
        assert_eq!(letter.lines(), ["old", "text"]);
        assert!(!letter.replace(&"y".repeat(Limits::default().edited + 1)) && letter.lines().len() == 2);
    }

    #[test]
    fn steps_can_be_taken_back() {
        let mut letter = typed("one two");
        letter.edit(Step::DeleteWord);
        assert_eq!(letter.lines(), ["one "]);
        letter.edit(Step::Undo);
        assert_eq!(letter.lines(), ["one two"]);
    }
}
