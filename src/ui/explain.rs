//! The Explain pane: what the selected line means, what to do, and where that stands.
//!
//! ```text
//! 550 5.1.1 No such user here
//! reply to RCPT     RFC 3463 §3.2
//!
//! The server knows the domain but has no such mailbox. …
//!
//! Do   1 name another recipient: RCPT TO:<…>
//! ```

pub mod report;

use crate::knowledge::explanation::{Confidence, Explanation, Paragraph, Step};

use super::text::{Role, Run, width, wrap_words};

/// An explanation laid out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    /// Its lines.
    pub lines: Vec<Vec<Run>>,
    /// The first line of each step that has a line to type or a command to run, with the step's index.
    pub steps: Vec<(usize, usize)>,
}

/// What is explained, as it stands in the transcript.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// Its text.
    pub text: Vec<Run>,
    /// Facts about it: times, octets, plain text or TLS.
    pub facts: String,
    /// What is odd about it: a title with its citation.
    pub odd: Vec<String>,
}

/// Lays an explanation out in lines of `room` cells; `all` shows what stands behind "more" too.
pub fn sheet(subject: &Subject, it: &Explanation, room: usize, all: bool) -> Sheet {
    let mut sheet = Sheet::default();
    if !subject.text.is_empty() {
        sheet.lines.extend(wrap_words(&subject.text, room));
    }
    sheet.words(&it.title, Role::Heading, room);
    let cite = it.cites.first().map(ToString::to_string).unwrap_or_default();
    sheet.lines.extend(ends(&it.subtitle, &cite, room));
    sheet.blank();
    for paragraph in &it.body {
        sheet.paragraph(paragraph, room);
    }
    for odd in &subject.odd {
        sheet.hanging("!", Role::Problem, odd, room);
    }
    if it.confidence != Confidence::Certain {
        sheet.words(&format!("({}: {})", it.confidence.word(), it.doubt), Role::Quiet, room);
    }
    sheet.steps(&it.next, room);
    if !subject.facts.is_empty() {
        sheet.blank();
        sheet.words(&subject.facts, Role::Quiet, room);
    }
    sheet.rest(it, room, all);
    sheet
}

impl Sheet {
    fn words(&mut self, text: &str, role: Role, room: usize) {
        if !text.is_empty() {
            self.lines.extend(wrap_words(&[Run::new(text, role)], room));
        }
    }

    fn blank(&mut self) {
        if self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(Vec::new());
        }
    }

    fn paragraph(&mut self, paragraph: &Paragraph, room: usize) {
        let mut runs = Vec::with_capacity(2);
        if !paragraph.label.is_empty() {
            runs.push(Run::new(format!("{}: ", paragraph.label), Role::Quiet));
        }
        runs.push(Run::new(paragraph.text.as_str(), Role::Text));
        self.lines.extend(wrap_words(&runs, room));
    }

    /// A paragraph that hangs from a sign or a word.
    fn hanging(&mut self, sign: &str, role: Role, text: &str, room: usize) {
        let indent = width(sign) + 1;
        for (index, part) in
            wrap_words(&[Run::new(text, Role::Text)], room.saturating_sub(indent)).into_iter().enumerate()
        {
            let head = if index == 0 { format!("{sign} ") } else { " ".repeat(indent) };
            let mut line = vec![Run::new(head, role)];
            line.extend(part);
            self.lines.push(line);
        }
    }

    fn steps(&mut self, steps: &[Step], room: usize) {
        if steps.is_empty() {
            return;
        }
        self.blank();
        let mut typed = false;
        for (index, step) in steps.iter().enumerate() {
            let label = if index == 0 { "Do  " } else { "    " };
            let first = self.lines.len();
            self.hanging(label, Role::Heading, &step.text, room);
            if step.can_be_taken() {
                self.steps.push((first, index));
            }
            let Some(command) = &step.command else { continue };
            let key = if typed { "" } else { "  (Tab)" };
            typed = true;
            for part in
                wrap_words(&[Run::new(command.as_str(), Role::Link), Run::new(key, Role::Key)], room.saturating_sub(5))
            {
                let mut line = vec![Run::new("     ", Role::Text)];
                line.extend(part);
                self.lines.push(line);
            }
        }
    }

    fn rest(&mut self, it: &Explanation, room: usize, all: bool) {
        let more = it.more.len() + usize::from(it.cites.len() > 1);
        if more == 0 {
            return;
        }
        self.blank();
        if !all {
            self.lines.push(vec![Run::new("more  ", Role::Heading), Run::new("(m)", Role::Key)]);
            return;
        }
        for paragraph in &it.more {
            self.paragraph(paragraph, room);
        }
        if it.cites.len() > 1 {
            let cites: Vec<String> = it.cites.iter().map(ToString::to_string).collect();
            self.words(&cites.join(", "), Role::Quiet, room);
        }
    }
}

/// One text at the left and one at the right, or below each other where both do not fit.
fn ends(left: &str, right: &str, room: usize) -> Vec<Vec<Run>> {
    let free = room.saturating_sub(width(left));
    if right.is_empty() || width(right) + 2 <= free {
        return vec![vec![Run::new(left, Role::Quiet), Run::new(format!("{right:>free$}"), Role::Quiet)]];
    }
    [left, right].iter().flat_map(|text| wrap_words(&[Run::new(*text, Role::Quiet)], room)).collect()
}
