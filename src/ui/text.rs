//! Runs of styled text and how they break into lines, measured in terminal cells.
//!
//! A run holds text that is safe to show: our own words, or remote bytes that went through [`safe`](crate::safe).
//! Two ways to break: [`wrap_hard`] at the last cell, for text whose every character counts; [`wrap_words`] at blanks, for
//! prose.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

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
    text.graphemes(true).map(cells).sum()
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
    let room = room.max(2);
    let mut lines = vec![Vec::new()];
    let mut used = 0;
    for run in runs {
        for grapheme in run.text.graphemes(true) {
            let wide = cells(grapheme);
            if used + wide > room {
                lines.push(Vec::new());
                used = 0;
            }
            used += wide;
            append(lines.last_mut(), grapheme, run.role);
        }
    }
    lines
}

/// Breaks runs at blanks, and longer words at the last cell. No runs give one empty line.
pub fn wrap_words(runs: &[Run], room: usize) -> Vec<Vec<Run>> {
    let room = room.max(2);
    let mut lines: Vec<Vec<Run>> = vec![Vec::new()];
    let mut used = 0;
    for word in words(runs) {
        let wide = runs_width(&word);
        let blank = word.iter().all(|run| run.text.chars().all(|c| c == ' '));
        if used + wide > room {
            if blank {
                continue;
            }
            if used > 0 {
                lines.push(Vec::new());
                used = 0;
            }
        } else if blank && used == 0 && lines.len() > 1 {
            continue;
        }
        for run in &word {
            for grapheme in run.text.graphemes(true) {
                if used + cells(grapheme) > room {
                    lines.push(Vec::new());
                    used = 0;
                }
                used += cells(grapheme);
                append(lines.last_mut(), grapheme, run.role);
            }
        }
    }
    lines
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

/// Runs cut into words and the blanks between them; a word may hold several styles.
fn words(runs: &[Run]) -> Vec<Vec<Run>> {
    let mut words: Vec<Vec<Run>> = Vec::new();
    let mut blank = None;
    for run in runs {
        for grapheme in run.text.graphemes(true) {
            let now = grapheme == " ";
            if blank != Some(now) {
                words.push(Vec::new());
                blank = Some(now);
            }
            append(words.last_mut(), grapheme, run.role);
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

/// An ASCII character in place of one that is not.
fn folded(grapheme: &str) -> &'static str {
    match grapheme {
        "·" | "–" | "—" | "─" => "-",
        "§" => "s",
        "→" | "▸" => ">",
        "←" => "<",
        "↑" => "^",
        "↓" => "v",
        "✓" => "+",
        "✗" | "×" => "x",
        "│" => "|",
        "…" => "~",
        _ => "?",
    }
}

fn cells(grapheme: &str) -> usize {
    UnicodeWidthStr::width(grapheme)
}

/// Draws into one region of a buffer and never outside it.
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    area: Rect,
    palette: &'a dyn Palette,
}

impl<'a> Pen<'a> {
    /// A pen for `area`, as far as the buffer has it.
    pub fn new(buffer: &'a mut Buffer, area: Rect, palette: &'a dyn Palette) -> Self {
        let area = area.intersection(buffer.area);
        Self { buffer, area, palette }
    }

    /// A pen for a part of this one's region, in coordinates of the buffer.
    pub fn within(&mut self, area: Rect) -> Pen<'_> {
        let area = area.intersection(self.area);
        Pen { buffer: self.buffer, area, palette: self.palette }
    }

    /// The palette.
    pub fn palette(&self) -> &'a dyn Palette {
        self.palette
    }

    /// True if only ASCII may be drawn.
    pub fn ascii(&self) -> bool {
        self.palette.ascii()
    }

    /// The region.
    pub fn area(&self) -> Rect {
        self.area
    }

    /// Width of the region in cells.
    pub fn width(&self) -> usize {
        usize::from(self.area.width)
    }

    /// Height of the region in lines.
    pub fn height(&self) -> u16 {
        self.area.height
    }

    /// Writes `text` from column `x` of line `y` of the region, as far as it fits; gives the column after it.
    pub fn put(&mut self, x: usize, y: u16, text: &str, role: Role) -> usize {
        let style = self.palette.style(role);
        let ascii = self.palette.ascii();
        let mut column = x;
        if y >= self.area.height {
            return x + width(text);
        }
        for grapheme in text.graphemes(true) {
            let wide = cells(grapheme);
            if wide == 0 || grapheme.chars().any(char::is_control) {
                continue;
            }
            if column + wide > self.width() {
                return column + wide;
            }
            let at = self.cell(column, y);
            let symbol = if ascii && !grapheme.is_ascii() { folded(grapheme) } else { grapheme };
            if let Some(cell) = self.buffer.cell_mut(at) {
                cell.set_symbol(symbol).set_style(style);
            }
            for rest in 1..wide {
                let at = self.cell(column + rest, y);
                if let Some(cell) = self.buffer.cell_mut(at) {
                    cell.reset();
                }
            }
            column += wide;
        }
        column
    }

    /// Writes runs one after the other.
    pub fn runs(&mut self, x: usize, y: u16, runs: &[Run]) -> usize {
        let mut column = x;
        for run in runs {
            column = self.put(column, y, &run.text, run.role);
        }
        column
    }

    /// Writes `text` so that it ends in the last column.
    pub fn right(&mut self, y: u16, text: &str, role: Role) -> usize {
        let x = self.width().saturating_sub(width(text));
        self.put(x, y, text, role);
        x
    }

    /// Marks a line of the region as selected.
    pub fn select(&mut self, y: u16) {
        let style = self.palette.selection();
        if y < self.area.height {
            let line = Rect { y: self.area.y + y, height: 1, ..self.area };
            self.buffer.set_style(line, style);
        }
    }

    /// Empties the region.
    pub fn clear(&mut self) {
        let style = self.palette.style(Role::Text);
        for y in 0..self.area.height {
            for x in 0..self.width() {
                let at = self.cell(x, y);
                if let Some(cell) = self.buffer.cell_mut(at) {
                    cell.reset();
                    cell.set_style(style);
                }
            }
        }
    }

    fn cell(&self, x: usize, y: u16) -> (u16, u16) {
        let x = u16::try_from(x).unwrap_or(u16::MAX);
        (self.area.x.saturating_add(x), self.area.y.saturating_add(y))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A palette that shows nothing but text.
    struct Plain;

    impl Palette for Plain {
        fn style(&self, _: Role) -> Style {
            Style::new()
        }

        fn ascii(&self) -> bool {
            false
        }

        fn selection(&self) -> Style {
            Style::new().reversed()
        }
    }

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

        #[test]
        fn a_pen_stays_in_its_region(
            text in ".{0,80}", x in 0usize..50, y in 0u16..12, (left, top, wide, high) in (0u16..30, 0u16..12, 0u16..40, 0u16..12),
        ) {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 10));
            let area = Rect::new(left, top, wide, high);
            let mut pen = Pen::new(&mut buffer, area, &Plain);
            pen.put(x, y, &text, Role::Text);
            pen.right(y, &text, Role::Text);
            pen.select(y);
            for (index, cell) in buffer.content.iter().enumerate() {
                let at = buffer.pos_of(index);
                let inside = area.contains(at.into());
                prop_assert!(inside || cell.symbol() == " ");
                prop_assert!(!cell.symbol().chars().any(char::is_control));
            }
        }
    }
}
