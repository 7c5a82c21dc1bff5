//! The lines that were sent, kept in memory and offered again; those of the same stage first.
//!
//! What logs in is never kept: a line that carries a secret does not come here at all.

use crate::dialogue::phase::Phase;

/// Most lines that are kept; the oldest leave first.
const MOST: usize = 1000;

/// Where in a session a line was typed, as far as it matters for offering it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Between transactions.
    Command,
    /// Inside one.
    Envelope,
    /// Inside the letter.
    Letter,
    /// Answering a challenge; nothing of it is kept.
    Login,
}

impl Stage {
    /// The stage of a phase.
    pub const fn of(phase: Phase) -> Self {
        match phase {
            Phase::Envelope => Self::Envelope,
            Phase::Content => Self::Letter,
            Phase::Sasl => Self::Login,
            _ => Self::Command,
        }
    }
}

/// The lines so far and the place of someone who looks back.
#[derive(Debug, Clone, Default)]
pub struct History {
    lines: Vec<(Stage, String)>,
    browse: Option<Browse>,
}

/// Someone is looking back.
#[derive(Debug, Clone)]
struct Browse {
    /// What stood in the line before.
    draft: String,
    /// The lines on offer, nearest first.
    offers: Vec<String>,
    /// The one that is shown.
    at: usize,
}

impl History {
    /// Keeps a line. A line that was kept before moves to the end; nothing of a login and no empty line is kept.
    pub fn remember(&mut self, stage: Stage, line: &str) {
        self.browse = None;
        if stage == Stage::Login || line.is_empty() {
            return;
        }
        self.lines.retain(|(at, kept)| *at != stage || kept != line);
        self.lines.push((stage, line.to_owned()));
        if self.lines.len() > MOST {
            self.lines.remove(0);
        }
    }

    /// One line further back. `current` is what stands in the line now.
    pub fn older(&mut self, stage: Stage, current: &str) -> Option<&str> {
        let at = match &self.browse {
            Some(browse) => browse.at + 1,
            None => 0,
        };
        if self.browse.is_none() {
            self.browse = Some(Browse { draft: current.to_owned(), offers: self.matching(stage, ""), at: 0 });
        }
        let browse = self.browse.as_mut()?;
        let at = at.min(browse.offers.len().saturating_sub(1));
        browse.at = at;
        browse.offers.get(at).map(String::as_str)
    }

    /// One line nearer; past the nearest, the draft that stood there before.
    pub fn newer(&mut self) -> Option<String> {
        let browse = self.browse.as_mut()?;
        if browse.at == 0 {
            return self.browse.take().map(|browse| browse.draft);
        }
        browse.at -= 1;
        browse.offers.get(browse.at).cloned()
    }

    /// The line was edited: looking back starts anew.
    pub fn settle(&mut self) {
        self.browse = None;
    }

    /// The kept lines that contain `part` in any case, nearest first, those of `stage` before the others.
    pub fn matching(&self, stage: Stage, part: &str) -> Vec<String> {
        let part = part.to_ascii_lowercase();
        let hit = |line: &str| line.to_ascii_lowercase().contains(&part);
        let own = self.lines.iter().rev().filter(|(at, line)| *at == stage && hit(line));
        let other = self.lines.iter().rev().filter(|(at, line)| *at != stage && hit(line));
        let mut found: Vec<String> = Vec::new();
        for (_, line) in own.chain(other) {
            if !found.contains(line) {
                found.push(line.clone());
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history() -> History {
        let mut history = History::default();
        history.remember(Stage::Command, "EHLO laptop.you.test");
        history.remember(Stage::Command, "MAIL FROM:<you@you.test>");
        history.remember(Stage::Envelope, "RCPT TO:<pat@harbor.test>");
        history
    }

    #[test]
    fn the_same_stage_comes_first() {
        let mut history = history();
        assert_eq!(history.older(Stage::Command, "dra"), Some("MAIL FROM:<you@you.test>"));
        assert_eq!(history.older(Stage::Command, "x"), Some("EHLO laptop.you.test"));
        assert_eq!(history.older(Stage::Command, "x"), Some("RCPT TO:<pat@harbor.test>"));
        assert_eq!(history.older(Stage::Command, "x"), Some("RCPT TO:<pat@harbor.test>"));
        assert_eq!(history.newer().as_deref(), Some("EHLO laptop.you.test"));
        assert_eq!(history.newer().as_deref(), Some("MAIL FROM:<you@you.test>"));
        assert_eq!(history.newer().as_deref(), Some("dra"));
        assert_eq!(history.newer(), None);
    }

    #[test]
    fn a_login_is_never_kept() {
        let mut history = history();
        history.remember(Stage::Login, "AGFsaWNlAHMzY3JldA==");
        assert!(history.matching(Stage::Login, "AGF").is_empty());
    }

    #[test]
    fn a_line_is_kept_once() {
        let mut history = history();
        history.remember(Stage::Command, "EHLO laptop.you.test");
        assert_eq!(history.matching(Stage::Command, "ehlo"), ["EHLO laptop.you.test"]);
        assert_eq!(history.older(Stage::Command, ""), Some("EHLO laptop.you.test"));
    }

    #[test]
    fn an_empty_history_offers_nothing() {
        let mut history = History::default();
        assert_eq!(history.older(Stage::Command, "draft"), None);
        assert_eq!(history.newer().as_deref(), Some("draft"));
    }
}
