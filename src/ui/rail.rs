//! The stage rail: where the session stands, what may be sent now, and why the rest may not.
//!
//! One line on a small screen, because it is a sequence; a column where there is room.

use super::text::{Pen, Role, Run, clip, runs_width, width, wrap_words};

/// How far a step has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It succeeded.
    Done,
    /// It was refused or failed.
    Refused,
    /// Its reply is due.
    Due,
    /// Not yet.
    Ahead,
    /// It was passed over.
    Skipped,
}

impl State {
    /// Its sign: one cell, in ASCII too.
    pub fn sign(self, ascii: bool) -> &'static str {
        match (self, ascii) {
            (Self::Done, false) => "✓",
            (Self::Done, true) => "+",
            (Self::Refused, false) => "✗",
            (Self::Refused, true) => "x",
            (Self::Due, false) => "…",
            (Self::Due, true) => "~",
            (Self::Ahead | Self::Skipped, false) => "·",
            (Self::Ahead | Self::Skipped, true) => ".",
        }
    }

    /// How it is drawn.
    pub fn role(self) -> Role {
        match self {
            Self::Done => Role::Good,
            Self::Refused => Role::Bad,
            Self::Due => Role::Wait,
            Self::Ahead | Self::Skipped => Role::Quiet,
        }
    }
}

/// One step of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name in the line: at most four letters.
    pub short: &'static str,
    /// Its name in the column.
    pub long: &'static str,
    /// How far it has come.
    pub state: State,
    /// At the right end of its line: a time, a count, a word.
    pub aside: String,
    /// Below it.
    pub details: Vec<(Option<State>, String)>,
}

/// Verbs that may not be sent now for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotNow {
    /// The verbs.
    pub verbs: Vec<&'static str>,
    /// The reply to expect.
    pub code: u16,
    /// Why.
    pub why: &'static str,
}

/// All that the rail shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rail {
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// The step where the session stands.
    pub here: usize,
    /// Verbs that may be sent now.
    pub may: Vec<&'static str>,
    /// Verbs that may not.
    pub not_now: Vec<NotNow>,
    /// Verbs that may be sent and cost something: the verbs and what.
    pub careful: Vec<(Vec<&'static str>, &'static str)>,
    /// The envelope so far: label and text.
    pub envelope: Vec<(&'static str, String)>,
    /// Time since the start, at the last event.
    pub clock: String,
    /// Round trip, if it is known.
    pub round_trip: Option<String>,
}

impl Rail {
    /// Draws the rail as one line.
    pub fn line(&self, pen: &mut Pen<'_>) {
        let ascii = pen.ascii();
        let room = pen.width().saturating_sub(width(&self.clock) + 2);
        let loose = self.words(ascii, 2).1;
        let gap = if loose <= room { 2 } else { 1 };
        let (words, wide) = self.words(ascii, gap);
        // What is long past gives way to what is to come.
        let mut over = wide.saturating_sub(pen.width());
        let mut x = 1;
        for (index, word) in words.iter().enumerate() {
            let cells = runs_width(word);
            if over > 0 && index + 1 < self.here {
                over = over.saturating_sub(cells + gap);
                continue;
            }
            x = pen.runs(x, 0, word) + gap;
        }
        if x + width(&self.clock) < pen.width() {
            let at = pen.width().saturating_sub(width(&self.clock) + 1);
            pen.put(at, 0, &self.clock, Role::Quiet);
        }
    }

    fn words(&self, ascii: bool, gap: usize) -> (Vec<Vec<Run>>, usize) {
        let words: Vec<Vec<Run>> =
            self.steps.iter().enumerate().map(|(index, step)| self.word(index, step, ascii)).collect();
        let wide = 1 + words.iter().map(|word| runs_width(word) + gap).sum::<usize>();
        (words, wide.saturating_sub(gap))
    }

    fn word(&self, index: usize, step: &Step, ascii: bool) -> Vec<Run> {
        let mut word = Vec::with_capacity(3);
        if index == self.here {
            word.push(Run::new(if ascii { ">" } else { "▸" }, Role::Focus));
        }
        word.push(Run::new(step.short, if index == self.here { Role::Heading } else { Role::Text }));
        word.push(Run::new(step.state.sign(ascii), step.state.role()));
        word
    }

    /// The rail as lines of `room` cells.
    pub fn column(&self, room: usize, ascii: bool) -> Vec<Vec<Run>> {
        let mut lines = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            self.step(index, step, room, ascii, &mut lines);
        }
        lines.push(Vec::new());
        if let Some(step) = self.steps.get(self.here) {
            lines.push(vec![Run::new(" You are here: ", Role::Heading), Run::new(step.short, Role::Heading)]);
        }
        if !self.may.is_empty() {
            lines.push(vec![Run::new(" You may send", Role::Heading)]);
            indented(&self.may.join("  "), Role::Good, room, &mut lines);
        }
        if !self.envelope.is_empty() {
            lines.push(vec![Run::new(" Envelope so far", Role::Heading)]);
            for (label, text) in &self.envelope {
                let text = clip(text, room.saturating_sub(8), ascii);
                lines.push(vec![Run::new(format!("   {label:<4} "), Role::Quiet), Run::new(text, Role::Text)]);
            }
        }
        self.legal(room, &mut lines);
        lines.push(ends("Time", &self.clock, room));
        if let Some(round_trip) = &self.round_trip {
            lines.push(ends("Round trip", round_trip, room));
        }
        lines
    }

    fn step(&self, index: usize, step: &Step, room: usize, ascii: bool, lines: &mut Vec<Vec<Run>>) {
        let here = index == self.here;
        let (sign, role) = match (here && step.state != State::Refused, ascii) {
            (true, false) => ("▸", Role::Focus),
            (true, true) => (">", Role::Focus),
            (false, _) => (step.state.sign(ascii), step.state.role()),
        };
        let name = clip(step.long, room.saturating_sub(3), ascii);
        let mut line =
            vec![Run::new(format!(" {sign} "), role), Run::new(name, if here { Role::Heading } else { Role::Text })];
        let left = room.saturating_sub(runs_width(&line));
        if width(&step.aside) < left {
            line.push(Run::new(format!("{:>left$}", step.aside), Role::Quiet));
        }
        lines.push(line);
        let stroke = if ascii { " |   " } else { " │   " };
        for (state, text) in &step.details {
            let mut line = vec![Run::new(stroke, Role::Bracket)];
            if let Some(state) = state {
                line.push(Run::new(format!("{} ", state.sign(ascii)), state.role()));
            }
            let text = clip(text, room.saturating_sub(runs_width(&line)), ascii);
            line.push(Run::new(text, Role::Text));
            lines.push(line);
        }
    }

    fn legal(&self, room: usize, lines: &mut Vec<Vec<Run>>) {
        if !self.careful.is_empty() {
            lines.push(vec![Run::new(" Careful", Role::Heading)]);
        }
        for (verbs, why) in &self.careful {
            indented(&verbs.join("  "), Role::Text, room, lines);
            reason(why, room, lines);
        }
        if !self.not_now.is_empty() {
            lines.push(vec![Run::new(" Not now", Role::Heading)]);
        }
        for group in &self.not_now {
            indented(&format!("{} {}", group.verbs.join(" "), group.code), Role::Text, room, lines);
            reason(group.why, room, lines);
        }
    }
}

fn indented(text: &str, role: Role, room: usize, lines: &mut Vec<Vec<Run>>) {
    for part in wrap_words(&[Run::new(text, role)], room.saturating_sub(3)) {
        let mut line = vec![Run::new("   ", Role::Text)];
        line.extend(part);
        lines.push(line);
    }
}

fn reason(why: &str, room: usize, lines: &mut Vec<Vec<Run>>) {
    for part in wrap_words(&[Run::new(why, Role::Quiet)], room.saturating_sub(4)) {
        let mut line = vec![Run::new("    ", Role::Text)];
        line.extend(part);
        lines.push(line);
    }
}

/// A label at the left, a value at the right.
fn ends(label: &str, value: &str, room: usize) -> Vec<Run> {
    let left = room.saturating_sub(width(label) + 2);
    vec![Run::new(format!(" {label}"), Role::Quiet), Run::new(format!("{value:>left$} "), Role::Text)]
}
