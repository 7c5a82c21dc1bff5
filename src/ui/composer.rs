//! The Send pane while a line is typed: the line, the suggestion in grey, other moves, the octets that will leave, and
//! one line of warning.
//!
//! ```text
//! > EHLO laptop.you.test                                       → accept
//!   other moves: HELO  NOOP  QUIT                              Tab to choose
//!   sends 22 bytes: "EHLO laptop.you.test" CR LF
//! ```

use super::hex::{hex, spelled};
use super::text::{Pen, Role, Run, clip, runs_width, width};

/// What the pane shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Send {
    /// The line as typed; a secret in it is already replaced.
    pub typed: Vec<Run>,
    /// Cells of the line before the cursor.
    pub before_cursor: usize,
    /// What would be appended to accept the suggestion.
    pub ghost: String,
    /// The usual next line, if something else is typed.
    pub usual: Option<String>,
    /// Other moves.
    pub moves: Vec<&'static str>,
    /// What Tab steps through, and which of it stands in the line.
    pub offers: Option<(Vec<String>, usize)>,
    /// The octets that Enter sends; with nothing typed, those of the suggestion.
    pub octets: Vec<u8>,
    /// True if the octets are those of the suggestion, which is not accepted yet.
    pub if_accepted: bool,
    /// True if the octets must not be shown.
    pub secret: bool,
    /// The best warning about the line, and how many more there are.
    pub warning: Option<(String, usize)>,
    /// What Enter will ask, if it was pressed once; or why nothing can be sent.
    pub question: Option<String>,
    /// How the line will go out: ending, segments.
    pub settings: String,
}

impl Send {
    /// Draws the pane; gives the column and line of the cursor inside it.
    pub fn draw(&self, pen: &mut Pen<'_>) -> (u16, u16) {
        let cursor = self.line_at(pen, 0);
        let tall = pen.height() >= 5;
        let mut y = 1 + self.said(pen, 1);
        if let Some((offers, at)) = self.offers.as_ref().filter(|_| y == 1 || tall) {
            Self::offers(pen, y, offers, *at);
            y += 1;
        } else if y == 1 || tall {
            self.moves(pen, y);
            y += 1;
        }
        self.octets(pen, y);
        if tall {
            let last = pen.height() - 1;
            pen.put(2, last, &clip(&self.settings, pen.width().saturating_sub(3), pen.ascii()), Role::Quiet);
        }
        cursor
    }

    /// The question or the warning in a line of its own; how many lines that took.
    fn said(&self, pen: &mut Pen<'_>, y: u16) -> u16 {
        if let Some(question) = &self.question {
            Self::full(pen, y, "! ", Role::Problem, question);
        } else if let Some((warning, more)) = &self.warning {
            let more = if *more > 0 { format!("  (and {more} more)") } else { String::new() };
            Self::full(pen, y, "! ", Role::Problem, &format!("{warning}{more}"));
        } else {
            return 0;
        }
        1
    }

    /// What is to be said about the line, or else what Tab offers, in one line.
    pub(super) fn remarks(&self, pen: &mut Pen<'_>, y: u16) {
        if let (0, Some((offers, at))) = (self.said(pen, y), &self.offers) {
            Self::offers(pen, y, offers, *at);
        }
    }

    /// The line and the suggestion; gives the column and line of the cursor.
    pub(super) fn line_at(&self, pen: &mut Pen<'_>, y: u16) -> (u16, u16) {
        let hint = if self.ghost.is_empty() {
            ""
        } else if pen.ascii() {
            "-> accept"
        } else {
            "→ accept"
        };
        let room = pen.width().saturating_sub(3);
        // The line moves left so that the cursor stays in sight.
        let hidden = (self.before_cursor + 1).saturating_sub(room);
        pen.put(0, y, if hidden > 0 { "<" } else { ">" }, Role::Key);
        let typed = skip_cells(&self.typed, hidden);
        let x = pen.runs(2, y, &typed);
        let hint_at = pen.width().saturating_sub(width(hint) + 9);
        if !self.ghost.is_empty() {
            let room = hint_at.saturating_sub(x + 1);
            pen.put(x, y, &clip(&self.ghost, room, pen.ascii()), Role::Ghost);
        }
        if !hint.is_empty() && x < hint_at {
            pen.put(hint_at, y, hint, Role::Key);
        }
        (u16::try_from(2 + self.before_cursor - hidden).unwrap_or(0), y)
    }

    fn full(pen: &mut Pen<'_>, y: u16, sign: &str, role: Role, text: &str) {
        let x = pen.put(2, y, sign, role);
        pen.put(x, y, &clip(text, pen.width().saturating_sub(x + 1), pen.ascii()), Role::Text);
    }

    /// What Tab offers, the one in the line first and marked.
    fn offers(pen: &mut Pen<'_>, y: u16, offers: &[String], at: usize) {
        let count = format!("Tab {} of {}", at + 1, offers.len());
        let end = pen.width().saturating_sub(width(&count) + 4);
        let ascii = pen.ascii();
        let mut x = 2;
        for (index, offer) in offers.iter().enumerate().skip(at) {
            let left = end.saturating_sub(x + 2);
            if left < 6 {
                break;
            }
            let role = if index == at { Role::Hit } else { Role::Quiet };
            x = pen.put(x, y, &clip(offer, left, ascii), role) + 2;
        }
        pen.put(end, y, &count, Role::Key);
    }

    fn moves(&self, pen: &mut Pen<'_>, y: u16) {
        let hint = "Tab to choose";
        let at = pen.width().saturating_sub(width(hint) + 4);
        let mut text = match &self.usual {
            Some(usual) => format!("usual next: {usual}"),
            None if self.moves.is_empty() => return,
            None => "other moves:".to_owned(),
        };
        if self.usual.is_some() && !self.moves.is_empty() {
            text.push_str("   also:");
        }
        for verb in &self.moves {
            text.push_str(if text.ends_with(':') { " " } else { "  " });
            text.push_str(verb);
        }
        pen.put(2, y, &clip(&text, at.saturating_sub(4), pen.ascii()), Role::Quiet);
        pen.put(at, y, hint, Role::Key);
    }

    fn octets(&self, pen: &mut Pen<'_>, y: u16) {
        if self.octets.is_empty() {
            return;
        }
        let count = self.octets.len();
        let plural = if count == 1 { "" } else { "s" };
        let sends = if self.if_accepted { "accepted, it sends" } else { "sends" };
        let text = if self.secret {
            format!("{sends} {count} byte{plural}, hidden here because they hold a secret")
        } else {
            let words = spelled(&self.octets);
            let dump = hex(&self.octets);
            let long = format!("{sends} {count} byte{plural}   {dump}   {words}");
            if width(&long) + 3 <= pen.width() { long } else { format!("{sends} {count} byte{plural}: {words}") }
        };
        // The end of the line is what people must see: cut the middle, never the CR LF.
        let room = pen.width().saturating_sub(3);
        pen.put(2, y, &keep_end(&text, room, pen.ascii()), Role::Quiet);
    }
}

/// Cuts the middle of a text so that its start and its last cells stay.
pub(super) fn keep_end(text: &str, room: usize, ascii: bool) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let tail: String = text.chars().skip(text.chars().count().saturating_sub(12)).collect();
    format!("{}{tail}", clip(text, room.saturating_sub(width(&tail)), ascii))
}

/// Runs without their first `cells` cells.
fn skip_cells(runs: &[Run], cells: usize) -> Vec<Run> {
    let mut skipped = 0;
    let mut rest = Vec::new();
    for run in runs {
        let mut kept = String::new();
        for character in run.text.chars() {
            if skipped < cells {
                skipped += width(character.encode_utf8(&mut [0; 4]));
            } else {
                kept.push(character);
            }
        }
        rest.push(Run::new(kept, run.role));
    }
    debug_assert!(runs_width(&rest) <= runs_width(runs));
    rest
}
