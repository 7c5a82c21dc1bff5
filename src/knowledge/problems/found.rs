//! A problem that was found in a session: where it shows, and its words with the session's values in them.

use std::fmt;

use crate::dialogue::row::RowId;
use crate::knowledge::explanation::{Confidence, Explanation};
use crate::knowledge::note::{LONGEST, Note, Sign};
use crate::safe;

use super::{Case, Entry, Finding, entry};

/// The longest value in a text, in characters.
const LONGEST_VALUE: usize = 64;
/// So many lines that show it are quoted.
const MOST_LINES: usize = 5;

/// A problem that was found in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What it is.
    pub entry: &'static Entry,
    /// Which kind of it.
    pub case: &'static Case,
    /// The row where it is shown: the last one of the reply, or the mark.
    pub row: RowId,
    /// All rows that show it, in order; `row` is among them.
    pub evidence: Vec<RowId>,
    /// How often it was found.
    pub times: u32,
    values: Vec<(&'static str, Vec<u8>)>,
}

impl Problem {
    /// What a detector found at a row; nothing if the table lacks it.
    pub(super) fn new(finding: Finding, row: RowId) -> Option<Self> {
        let entry = entry(finding.problem)?;
        let case = entry.case.iter().find(|case| case.id == finding.case)?;
        let mut evidence = finding.shown_by;
        evidence.push(row);
        evidence.sort_unstable();
        evidence.dedup();
        Some(Self { entry, case, row, evidence, times: 1, values: finding.values })
    }

    /// True if both are the same kind of the same problem.
    pub fn is_same(&self, other: &Self) -> bool {
        std::ptr::eq(self.case, other.case)
    }

    /// How sure it is.
    pub fn confidence(&self) -> Confidence {
        self.case.confidence
    }

    /// The note on the row that shows it; `base` is the row's own, which stays where the problem has none.
    pub fn note(&self, base: Note) -> Note {
        let words = self.fill(&self.case.note);
        let text = words.strip_prefix("! ").unwrap_or(&words);
        if text.is_empty() || text.chars().count() > LONGEST {
            return base;
        }
        let sign = if base.sign == Sign::Refused { Sign::Refused } else { Sign::Problem };
        Note { text: text.to_owned().into(), sign }
    }

    /// What happened and what it means.
    pub fn say(&self) -> String {
        self.fill(&self.case.say)
    }

    /// What to do.
    pub fn step(&self) -> String {
        self.fill(&self.case.step)
    }

    /// The line to type for that, if there is one and every value in it can be typed as it stands.
    pub fn line(&self) -> Option<String> {
        self.typed(&self.case.line)
    }

    /// The id of the command that does it, if there is one.
    pub fn run(&self) -> Option<&'static str> {
        Some(self.case.run.as_str()).filter(|id| !id.is_empty())
    }

    /// What the dialog of that command begins with, if every value in it can be typed as it stands.
    pub fn with(&self) -> Option<String> {
        self.typed(&self.case.with)
    }

    /// The explanation of a row that shows it: the problem first, what is known of the row alone behind "more".
    /// `shown_by` are the other lines that show it, safe to be read.
    pub fn explain(&self, own: Explanation, shown_by: impl IntoIterator<Item = String>) -> Explanation {
        // A problem that adds nothing to the row's own note adds nothing to its title either.
        let named = !self.case.note.is_empty();
        let title = if named { format!("{} · {}", self.entry.id, self.entry.title) } else { own.title.clone() };
        let mut it = Explanation::new(title, own.subtitle).sure(self.confidence()).say(self.say());
        it.doubt = "the session points to it; it may be something else";
        let line = self.line();
        it = it.step(&self.step(), line.as_deref().unwrap_or_default());
        if let Some(step) = it.next.last_mut() {
            (step.run, step.with) = (self.run(), self.with());
        }
        // Advice for the row alone knows less; its lines to type may still serve.
        it.next.extend(own.next.into_iter().filter(|step| step.command.is_some() && step.command != line));
        for line in shown_by.into_iter().take(MOST_LINES) {
            it = it.also("shown by", cut(line));
        }
        if self.times > 1 {
            it = it.also("seen", format!("{} times in this session", self.times));
        }
        if named {
            it = it.also("the line itself", own.title);
        }
        it = it.cite_all(&self.entry.refs);
        it.more.extend(own.body.into_iter().chain(own.more));
        for cite in own.cites {
            if !it.cites.contains(&cite) {
                it.cites.push(cite);
            }
        }
        it
    }

    /// A text to type, with the session's values in it; nothing if one is missing or is not shown as it stands.
    fn typed(&self, text: &str) -> Option<String> {
        let typed = |name: &str| {
            let text = std::str::from_utf8(self.value(name)?).ok()?;
            (safe::screen(text.as_bytes()).as_str() == text).then(|| text.to_owned())
        };
        fill(text, typed).filter(|text| !text.is_empty())
    }

    fn value(&self, name: &str) -> Option<&[u8]> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_slice())
    }

    /// A text with the session's values in it, made safe and cut.
    fn fill(&self, text: &str) -> String {
        let shown = |name: &str| Some(cut(safe::screen(self.value(name)?).into_string()));
        fill(text, shown).unwrap_or_default()
    }
}

/// Its id and kind, as `P04/no-name`.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.entry.id, self.case.id)
    }
}

/// A text that is not too long.
fn cut(text: String) -> String {
    let long = text.chars().count() > LONGEST_VALUE;
    if long { text.chars().take(LONGEST_VALUE).chain(['…']).collect() } else { text }
}

/// `text` with each `{name}` replaced; nothing if a value is missing.
fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}')?;
        filled.push_str(&value(name)?);
        filled.push_str(rest);
    }
    Some(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(given: &[u8]) -> Problem {
        let finding = Finding::of("P04", "no-full-name").with("given", given).with("name", given);
        Problem::new(finding, RowId(3)).unwrap()
    }

    #[test]
    fn values_pass_the_gate_in_texts() {
        let problem = problem(b"a\x1b[2Jb");
        assert!(problem.say().contains("(\"a^[[2Jb\")"), "{}", problem.say());
        assert_eq!(problem.line(), None, "a control character cannot be typed");
    }

    #[test]
    fn a_line_is_typed_as_it_stands_and_a_long_value_is_cut_in_texts_only() {
        let long = "x".repeat(100);
        let problem = problem(long.as_bytes());
        assert_eq!(problem.line(), Some(format!("EHLO {long}")));
        assert!(problem.say().contains(&format!("{}…", "x".repeat(64))));
    }

    #[test]
    fn a_refusal_stays_one_to_the_eye() {
        let note = problem(b"x").note(Note { text: "no".into(), sign: Sign::Refused });
        assert_eq!(note, Note { text: "the name in EHLO is not a full host name".into(), sign: Sign::Refused });
        assert_eq!(problem(b"x").note(Note::default()).sign, Sign::Problem);
    }
}
