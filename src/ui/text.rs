//! Runs of styled text and how they break into lines, measured in terminal cells.
//!
//! A run holds text that is safe to show: our own words, or remote bytes that went through [`safe`](crate::safe).
//! Two ways to break: [`wrap_hard`] at the last cell, for text whose every character counts; [`wrap_words`] at blanks, for
//! prose.

use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

pub use super::pen::Pen;

/// What a run is; the theme says how that looks. A word or a sign always says the same, so that no colour is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Role {
    /// Text.
    #[default]
    Text,
    /// Numbers, times and other matter of little weight.
    Quiet,
    /// A heading, a pane's title.
    Heading,
    /// A frame.
    Frame,
    /// The frame of the pane that has the keys.
    Focus,
    /// What the client said: its letter.
    Client,
    /// What the server said: its letter.
    Server,
    /// What happened and was said by nobody.
    Event,
    /// A reply code of success, or what is in order.
    Good,
    /// A reply code that asks for more, or that defers.
    Wait,
    /// A refusal, or what is broken.
    Bad,
    /// A problem to look at.
    Problem,
    /// What something means.
    Note,
    /// Brackets and other strokes between columns.
    Bracket,
    /// A character that is shown instead of performed.
    Escape,
    /// A secret that is not shown.
    Secret,
    /// What was found by a search.
    Hit,
    /// A suggestion that is not typed yet.
    Ghost,
    /// What `ehlo` adds on request.
    Added,
    /// The name of a key.
    Key,
    /// What can be chosen or followed.
    Link,
    /// The world is a real one.
    Live,
    /// The world is the lab.
    Lab,
}

/// How each role looks.
pub trait Palette {
    /// The style of a role.
    fn style(&self, role: Role) -> Style;

    /// True if only ASCII may be drawn.
    fn ascii(&self) -> bool;

    /// The style that is laid over a selected line.
    fn selection(&self) -> Style;
}

/// A piece of text in one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What to show: no control, bidi or invisible characters.
    pub text: String,
    /// How.
    pub role: Role,
}

impl Run {
    /// A run.
    pub fn new(text: impl Into<String>, role: Role) -> Self {
        Self { text: text.into(), role }
    }
}

/// Width of a text in cells.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(cells).sum() }
}

/// Width of runs in cells.
pub fn runs_width(runs: &[Run]) -> usize {
    runs.iter().map(|run| width(&run.text)).sum()
}

/// The text cut to `room` cells, with `…` (or `>` in ASCII) in the last one if something is missing.
pub fn clip(text: &str, room: usize, ascii: bool) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        if used + cells(grapheme) + 1 > room {
            break;
        }
        used += cells(grapheme);
        out.push_str(grapheme);
    }
    if room > 0 {
        out.push(if ascii { '>' } else { '…' });
    }
    out
}

/// Breaks runs at the last cell of each line. No runs give one empty line.
pub fn wrap_hard(runs: &[Run], room: usize) -> Vec<Vec<Run>> {
    let mut page = Page::new(room);
    for run in runs {
        page.break_up(&run.text, run.role);
    }
    page.lines
}

/// Breaks runs at blanks, and longer words at the last cell. No runs give one empty line.
pub fn wrap_words(runs: &[Run], room: usize) -> Vec<Vec<Run>> {
    let mut page = Page::new(room);
    for word in words(runs) {
        let wide: usize = word.iter().map(|(text, _)| width(text)).sum();
        let blank = word.iter().all(|(text, _)| text.starts_with(' '));
        if blank && (page.used + wide > page.room || page.used == 0 && page.lines.len() > 1) {
            continue;
        }
        if page.used + wide > page.room && page.used > 0 {
            page.next();
        }
        for (text, role) in word {
            page.break_up(text, role);
        }
    }
    page.lines
}

/// Lines that are being filled.
struct Page {
    lines: Vec<Vec<Run>>,
    room: usize,
    used: usize,
}

impl Page {
    fn new(room: usize) -> Self {
        Self { lines: vec![Vec::new()], room: room.max(2), used: 0 }
    }

    fn next(&mut self) {
        self.lines.push(Vec::new());
        self.used = 0;
    }

    /// Appends what is not broken up, on a new line if this one is full.
    fn put(&mut self, piece: &str, role: Role) {
        let wide = cells(piece);
        if self.used + wide > self.room {
            self.next();
        }
        self.used += wide;
        append(self.lines.last_mut(), piece, role);
    }

    /// Appends a text, in pieces where a line is full.
    fn break_up(&mut self, text: &str, role: Role) {
        if !text.is_ascii() {
            for grapheme in text.graphemes(true) {
                if cells(grapheme) <= self.room {
                    self.put(grapheme, role);
                } else {
                    // Marks that take cells of their own can make one grapheme wider than any line.
                    grapheme.chars().for_each(|character| self.put(character.encode_utf8(&mut [0; 4]), role));
                }
            }
            return;
        }
        let mut rest = text;
        while !rest.is_empty() {
            if self.used >= self.room {
                self.next();
            }
            let (piece, more) = rest.split_at_checked((self.room - self.used).min(rest.len())).unwrap_or((rest, ""));
            self.used += piece.len();
            append(self.lines.last_mut(), piece, role);
            rest = more;
        }
    }
}

/// The runs with every occurrence of `needle`, in any case of ASCII letters, in the role of a hit.
pub fn highlight(runs: Vec<Run>, needle: &str) -> Vec<Run> {
    let text: String = runs.iter().map(|run| run.text.to_ascii_lowercase()).collect();
    let hits: Vec<(usize, usize)> = if needle.is_empty() {
        Vec::new()
    } else {
        text.match_indices(&needle.to_ascii_lowercase()).map(|(at, hit)| (at, at + hit.len())).collect()
    };
    if hits.is_empty() {
        return runs;
    }
    let mut marked = Vec::with_capacity(runs.len() + hits.len() * 2);
    let mut at = 0;
    for run in runs {
        for grapheme in run.text.graphemes(true) {
            let hit = hits.iter().any(|(start, end)| (*start..*end).contains(&at));
            append(Some(&mut marked), grapheme, if hit { Role::Hit } else { run.role });
            at += grapheme.len();
        }
    }
    marked
}

/// Runs cut into words and the blanks between them; a word may hold several roles.
fn words(runs: &[Run]) -> Vec<Vec<(&str, Role)>> {
    let mut words: Vec<Vec<(&str, Role)>> = Vec::new();
    let mut blank = None;
    for run in runs {
        let mut rest = run.text.as_str();
        while !rest.is_empty() {
            let now = rest.starts_with(' ');
            let end = rest.find(|character| (character == ' ') != now).unwrap_or(rest.len());
            let (piece, more) = rest.split_at_checked(end).unwrap_or((rest, ""));
            if blank != Some(now) {
                words.push(Vec::new());
                blank = Some(now);
            }
            if let Some(word) = words.last_mut() {
                word.push((piece, run.role));
            }
            rest = more;
        }
    }
    words
}

fn append(line: Option<&mut Vec<Run>>, grapheme: &str, role: Role) {
    let Some(line) = line else { return };
    match line.last_mut() {
        Some(last) if last.role == role => last.text.push_str(grapheme),
        _ => line.push(Run::new(grapheme, role)),
    }
}

pub(super) fn cells(grapheme: &str) -> usize {
    UnicodeWidthStr::width(grapheme)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(wrapped: &[Vec<Run>]) -> Vec<String> {
        wrapped.iter().map(|line| line.iter().map(|run| run.text.as_str()).collect()).collect()
    }

    fn plain(text: &str) -> Vec<Run> {
        vec![Run::new(text, Role::Text)]
    }

    #[test]
    fn hard_wrapping_keeps_every_character() {
        assert_eq!(lines(&wrap_hard(&plain("abcdefg"), 3)), ["abc", "def", "g"]);
        assert_eq!(lines(&wrap_hard(&plain("日本語"), 5)), ["日本", "語"]);
        assert_eq!(lines(&wrap_hard(&[], 5)), [""]);
    }

    #[test]
    fn words_stay_whole_where_they_can() {
        let text = "The server will take a user name";
        assert_eq!(lines(&wrap_words(&plain(text), 12)), ["The server ", "will take a ", "user name"]);
        assert_eq!(lines(&wrap_words(&plain("an extraordinarily long"), 8)), ["an ", "extraord", "inarily ", "long"]);
    }

    #[test]
    fn roles_survive_wrapping() {
        let runs = [Run::new("say ", Role::Text), Run::new("EHLO", Role::Key), Run::new(", please", Role::Text)];
        let wrapped = wrap_words(&runs, 9);
        assert_eq!(lines(&wrapped), ["say EHLO,", "please"]);
        assert_eq!(wrapped[0][1], Run::new("EHLO", Role::Key));
    }

    #[test]
    fn hits_are_marked_across_runs() {
        let runs = vec![Run::new("250-", Role::Good), Run::new("SIZE and size", Role::Text)];
        let marked = highlight(runs, "-size");
        assert_eq!(marked[0], Run::new("250", Role::Good));
        assert_eq!(marked[1], Run::new("-SIZE", Role::Hit));
        assert_eq!(marked[2], Run::new(" and size", Role::Text));
    }

    #[test]
    fn a_grapheme_that_is_wider_than_the_room_is_broken_up() {
        let text = "\u{1b155}\u{1134b}";
        assert_eq!((width(text), text.graphemes(true).count()), (3, 1));
        assert_eq!(lines(&wrap_hard(&plain(text), 2)), ["\u{1b155}", "\u{1134b}"]);
        assert_eq!(lines(&wrap_hard(&plain(text), 3)), [text]);
    }

    #[test]
    fn a_clipped_text_says_so() {
        assert_eq!(clip("pat@harbor.test", 11, false), "pat@harbor…");
        assert_eq!(clip("pat@harbor.test", 11, true), "pat@harbor>");
        assert_eq!(clip("pat", 3, false), "pat");
        assert_eq!(clip("pat", 0, false), "");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_room(text in "\\PC{0,80}", room in 2usize..40) {
            for wrapped in [wrap_hard(&plain(&text), room), wrap_words(&plain(&text), room)] {
                for line in wrapped {
                    prop_assert!(runs_width(&line) <= room);
                }
            }
            prop_assert_eq!(lines(&wrap_hard(&plain(&text), room)).concat(), text.clone());
            prop_assert!(width(&clip(&text, room, false)) <= room);
        }
    }
}
