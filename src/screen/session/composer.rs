//! The Send pane's state: the line and its history, the letter, what Tab offers, what Enter asks.
//!
//! By hand, a line goes out as it is after at most one line of warning. Enter asks twice in few cases, and never on
//! lab or loopback hosts (PRODUCT, "Two hands").

use std::fmt;

use crate::dialogue::Dialogue;
use crate::dialogue::batch::{Judged, judge};
use crate::dialogue::phase::Phase;
use crate::dialogue::suggest::{Persona, suggest};
use crate::dns::unicode::in_command;
use crate::knowledge::Explanation;
use crate::session::Session;
use crate::session::place::World;
use crate::smtp::command::Verb;
use crate::smtp::line::breaks;
use crate::ui::composer::Send;
use crate::ui::remote;
use crate::ui::text::{Role, Run, width};

use super::batch::Batch;
use super::choices::{Ground, choices, sorted_moves};
use super::history::{History, Stage};
use super::letter::Letter;
use super::line::{Line, rest_of, secret_in};

/// The state of the Send pane. What is typed does not print: it may be a login.
#[derive(Clone, Default)]
pub struct Composer {
    /// The line being typed.
    pub line: Line,
    /// The lines that were sent.
    pub history: History,
    /// The letter being written.
    pub letter: Letter,
    /// Inside the letter, type single lines instead of a whole letter.
    pub by_line: bool,
    /// Octets that Enter asked about: the next Enter sends them.
    asked: Option<Vec<u8>>,
    tab: Option<Tab>,
    /// Lines that were pasted and are offered one by one.
    pub queue: Vec<String>,
    /// Lines that are collected for one write.
    pub batch: Batch,
}

impl fmt::Debug for Composer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.text().chars().count();
        write!(f, "Composer({line} characters, {} lines wait)", self.queue.len())
    }
}

/// Someone is stepping through what Tab offers.
#[derive(Debug, Clone)]
struct Tab {
    offers: Vec<String>,
    at: usize,
}

/// What Enter comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enter {
    /// Send these octets.
    Send(Vec<u8>),
    /// The line was added to the batch.
    Kept,
    /// A question stands in the pane; the line stays.
    Ask,
    /// Nothing can be sent: why. The line stays.
    Cannot(&'static str),
}

impl Composer {
    /// True if keys go to the letter.
    pub fn writes_letter(&self, dialogue: Option<&Dialogue>) -> bool {
        !self.by_line && dialogue.is_some_and(|dialogue| dialogue.phase() == Phase::Content)
    }

    /// The line was edited.
    pub fn touched(&mut self) {
        self.asked = None;
        self.tab = None;
        self.history.settle();
    }

    /// Enter on the line.
    pub fn enter(&mut self, session: Option<&Session>) -> Enter {
        let Some(session) = session.filter(|session| session.dialogue().phase() != Phase::Closed) else {
            return Enter::Cannot("There is no connection. Connect first; the line stays here.");
        };
        if session.world() == World::Live
            && self.sends_batch()
            && let Some(why) = self.batch.refusal(session.dialogue())
        {
            return Enter::Cannot(why);
        }
        let adds = self.batch.on && !self.line.is_empty();
        let octets = if self.sends_batch() { self.batch.octets() } else { self.line.octets() };
        if !adds && self.question(session).is_some() && self.asked.as_ref() != Some(&octets) {
            self.asked = Some(octets);
            return Enter::Ask;
        }
        let dialogue = session.dialogue();
        if !self.line.is_empty() && !self.is_secret(dialogue) {
            let text = self.line.text().to_owned();
            self.history.remember(Stage::of(dialogue.phase()), &text);
        }
        if self.sends_batch() {
            self.batch.clear();
        }
        self.line.take();
        self.next_line();
        if adds {
            self.batch.push(octets);
            return Enter::Kept;
        }
        Enter::Send(octets)
    }

    /// True if Enter sends the lines that were collected.
    pub fn sends_batch(&self) -> bool {
        self.batch.on && self.line.is_empty() && !self.batch.is_empty()
    }

    /// The next of the pasted lines comes into the empty line.
    fn next_line(&mut self) {
        self.touched();
        if !self.queue.is_empty() && self.line.is_empty() {
            let next = self.queue.remove(0);
            self.line.set(&next);
        }
    }

    /// Begins to collect lines, those that wait first; or stops, and what was collected waits to go line by line.
    pub fn toggle_batch(&mut self) {
        if self.batch.on {
            let lines = self.batch.take(self.line.ending);
            self.queue.splice(0..0, lines);
            self.next_line();
        } else {
            self.batch.on = true;
            for line in std::mem::take(&mut self.queue) {
                self.batch.push(super::line::octets(&line, self.line.ending));
            }
            self.touched();
        }
    }

    /// Takes the last line that was collected back into the empty line. False if there is none.
    pub fn take_from_batch(&mut self) -> bool {
        let Some((line, ending)) = self.line.is_empty().then(|| self.batch.pop()).flatten() else { return false };
        self.line.set(&line);
        self.line.ending = ending;
        self.touched();
        true
    }

    /// Octets that were not taken are a draft again, and what came into the line behind them waits for its turn. A line
    /// that was `repeated`, not typed, gives way to a draft.
    pub fn take_back(&mut self, octets: &[u8], letter: bool, repeated: bool) {
        if letter {
            if self.letter.is_empty() {
                self.letter = Letter::of_wire(octets);
            }
            return;
        }
        let lines = Batch::of(octets);
        if !repeated && lines.lines().len() > 1 {
            self.batch.on = true;
            lines.lines().iter().for_each(|line| self.batch.push(line.clone()));
            return self.touched();
        }
        let ending: &[u8] = if repeated { b"\r\n" } else { self.line.ending.octets() };
        let line = std::str::from_utf8(octets.strip_suffix(ending).unwrap_or(octets));
        let Some(line) = line.ok().filter(|_| !repeated || self.line.is_empty()) else { return };
        let next = self.line.take();
        if !next.is_empty() {
            self.queue.insert(0, next);
        }
        self.line.set(line);
        self.touched();
    }

    /// What Enter asks before it sends, if it asks.
    pub fn question(&self, session: &Session) -> Option<&'static str> {
        if self.line.is_empty() && !self.sends_batch() {
            return Some("An empty line: Enter again sends only its end.");
        }
        if session.world() != World::Live {
            return None;
        }
        let dialogue = session.dialogue();
        if self.sends_batch() {
            return self.batch.question(dialogue);
        }
        if self.is_secret(dialogue) && !dialogue.is_secured() {
            return Some("Enter again sends this secret in clear, for all to read.");
        }
        if breaks(self.line.text()) {
            return Some("Enter again sends bytes that may end the line early.");
        }
        None
    }

    /// True if the line holds a secret: a login is under way, or AUTH has its answer with it.
    pub fn is_secret(&self, dialogue: &Dialogue) -> bool {
        self.secret_from(dialogue).is_some()
    }

    /// Where the secret in the line begins, in octets.
    fn secret_from(&self, dialogue: &Dialogue) -> Option<usize> {
        let text = self.line.text();
        if dialogue.phase() == Phase::Sasl {
            return (text.trim() != "*").then_some(0);
        }
        if self.batch.is_empty() {
            return secret_in(text);
        }
        let octets = self.line.octets();
        Batch::secret_from(&self.judged(dialogue)?, &octets)
    }

    /// The line as it will be read behind those that were collected.
    fn judged(&self, dialogue: &Dialogue) -> Option<Judged> {
        let line = self.line.octets();
        let lines: Vec<&[u8]> = self.batch.lines().iter().map(Vec::as_slice).chain([line.as_slice()]).collect();
        judge(dialogue, &lines).pop()
    }

    /// Tab: the next offer; `back` the one before.
    pub fn offer(&mut self, dialogue: &Dialogue, persona: &Persona, explained: Option<&Explanation>, back: bool) {
        if self.tab.is_none() {
            let ground = Ground { dialogue, persona, explained, letter: self.letter.declared() };
            let offers = choices(&ground, self.line.text());
            if offers.is_empty() {
                return;
            }
            let at = if back { 0 } else { offers.len() - 1 };
            self.tab = Some(Tab { offers, at });
        }
        let Some(tab) = &mut self.tab else { return };
        let count = tab.offers.len();
        tab.at = if back { (tab.at + count - 1) % count } else { (tab.at + 1) % count };
        let line = tab.offers.get(tab.at).cloned().unwrap_or_default();
        self.line.set(&line);
        self.asked = None;
    }

    /// Takes the grey suggestion, whole or one word of it. True if there was one.
    pub fn accept(&mut self, dialogue: &Dialogue, persona: &Persona, word: bool) -> bool {
        let Some(suggestion) = suggest(dialogue, persona).filter(|_| self.batch.is_empty()) else { return false };
        if !self.line.at_end() || rest_of(&suggestion, self.line.text()).is_none_or(str::is_empty) {
            return false;
        }
        self.line.accept(&suggestion, word);
        self.touched();
        true
    }

    /// One line back or forth in the history.
    pub fn browse(&mut self, stage: Stage, older: bool) {
        let current = self.line.text().to_owned();
        let found = if older { self.history.older(stage, &current).map(str::to_owned) } else { self.history.newer() };
        if let Some(line) = found {
            self.line.set(&line);
            self.asked = None;
            self.tab = None;
        }
    }

    /// What the pane shows while a line is typed.
    pub fn send(&self, session: Option<&Session>, persona: &Persona, reveal: bool) -> Send {
        let text = self.line.text();
        let before: String = text.chars().take(self.line.cursor()).collect();
        let Some(session) = session else {
            return Send {
                typed: vec![Run::new(remote::shown(text), Role::Text)],
                before_cursor: width(&remote::shown(&before)),
                question: Some("No connection yet.".into()),
                ..Send::default()
            };
        };
        let dialogue = session.dialogue();
        let secret = self.secret_from(dialogue).filter(|_| !reveal && session.hides_secrets());
        // What comes behind a batch depends on how it is answered.
        let suggestion = suggest(dialogue, persona).filter(|_| self.batch.is_empty()).unwrap_or_default();
        let ghost = if self.line.at_end() { rest_of(&suggestion, text).unwrap_or_default() } else { "" };
        let octets = match (self.line.is_empty(), ghost.is_empty()) {
            (true, true) => Vec::new(),
            (true, false) => super::line::octets(ghost, self.line.ending),
            (false, _) => self.line.octets(),
        };
        Send {
            typed: remote::masked(text.as_bytes(), secret),
            before_cursor: remote::masked(before.as_bytes(), secret).iter().map(|run| width(&run.text)).sum(),
            ghost: remote::shown(ghost),
            usual: (!suggestion.is_empty() && ghost.is_empty() && !text.eq_ignore_ascii_case(&suggestion))
                .then_some(suggestion.clone()),
            moves: Self::moves(dialogue, &suggestion),
            offers: self.tab.as_ref().map(|tab| (tab.offers.clone(), tab.at)),
            octets,
            if_accepted: self.line.is_empty(),
            secret: secret.is_some(),
            warning: self.warning(dialogue),
            question: self.asked.as_ref().and_then(|_| self.question(session)).map(str::to_owned),
            settings: self.settings(),
        }
    }

    fn moves(dialogue: &Dialogue, suggestion: &str) -> Vec<&'static str> {
        let usual = suggestion.split(' ').next().unwrap_or_default();
        sorted_moves(dialogue).into_iter().map(Verb::name).filter(|name| *name != usual).collect()
    }

    fn warning(&self, dialogue: &Dialogue) -> Option<(String, usize)> {
        if self.line.is_empty() || dialogue.phase() == Phase::Sasl {
            return None;
        }
        if dialogue.phase() == Phase::Content {
            let dots = self.line.text().starts_with('.') && self.line.text() != ".";
            return dots.then(|| ("The server drops the first dot of this line; type two to keep one.".to_owned(), 0));
        }
        let warnings = self.judged(dialogue)?.warnings.into_iter().map(|warning| warning.text);
        let (gravest, names) = named(self.line.text());
        let mut texts: Vec<String> = gravest.into_iter().chain(warnings).chain(names).collect();
        (!texts.is_empty()).then(|| (texts.remove(0), texts.len()))
    }

    fn settings(&self) -> String {
        let queued = match self.queue.len() {
            0 => String::new(),
            lines => format!("   {lines} pasted lines wait"),
        };
        format!("line ending {}   one line, one write{queued}", self.line.ending.name())
    }
}

/// What to say about an international name in the line: that it passes for another one, which is the gravest thing; and
/// how it is written the other way.
fn named(line: &str) -> (Option<String>, Option<String>) {
    let Some((name, unicode)) = in_command(line) else { return (None, None) };
    let (ascii, text) = (name.relative(), remote::shown(&unicode.text));
    let other = if line.to_ascii_lowercase().contains(&ascii) {
        format!("{ascii} reads {text}.")
    } else {
        format!("{text} is {ascii} in ASCII; Tab writes it so.")
    };
    (unicode.trouble.map(|trouble| trouble.text.into_owned()), Some(other))
}
