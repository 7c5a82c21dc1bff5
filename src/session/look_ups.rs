//! The DNS side of the model: one panel at a time, the questions it still wants to ask, and whom.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::dns::panel::{About, Panel};
use crate::dns::typed::{self, BadName, Typed};
use crate::dns::{Heard, Kind, Name, Question};
use crate::ports::dns::{Request, Signal, Source};
use crate::tape::mark::LookUp;

/// Names that are remembered for near spellings.
const REMEMBERED: usize = 64;

/// The DNS panel and what leads to and from it.
#[derive(Debug)]
pub struct LookUps {
    panel: Option<Panel>,
    source: Source,
    /// The ticket of the next question.
    next: u64,
    /// Tickets below this one belong to a panel that was closed.
    first: u64,
    history: Vec<Name>,
    seed: u64,
    /// False where nobody is asked any more: what was found was recorded.
    asks: bool,
}

/// What a panel was opened for: enough to open it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What it finds out.
    pub about: About,
    /// The domain, or the name of the one question.
    pub name: Name,
    /// The type of the one question.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Whom it asks.
    pub source: Source,
    /// What orders exchangers of equal preference.
    pub seed: u64,
    /// Names that were looked up before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Name>,
}

impl LookUps {
    /// No panel yet. `seed` orders exchangers of equal preference.
    pub fn new(seed: u64) -> Self {
        Self { panel: None, source: Source::Lab, next: 1, first: 1, history: Vec::new(), seed, asks: true }
    }

    /// Those of a recording: nobody is asked.
    pub fn recorded() -> Self {
        Self { asks: false, ..Self::new(1) }
    }

    /// Opens the panel of a domain; its questions go to `source`.
    pub fn open(&mut self, domain: &str, source: Source) -> Result<(), BadName> {
        let typed = typed::name(domain)?;
        self.show(typed, source);
        Ok(())
    }

    /// Opens the panel of a domain's submission servers; its questions go to `source`.
    pub fn open_submission(&mut self, domain: &str, source: Source) -> Result<(), BadName> {
        let typed = typed::name(domain)?;
        self.leave(source);
        self.panel = Some(Panel::submission(typed, self.history.clone()));
        Ok(())
    }

    /// Opens a panel of one question, which goes to `source`.
    pub fn open_question(&mut self, name: &str, kind: Kind, source: Source) -> Result<(), BadName> {
        let (question, _) = typed::question(name, kind)?;
        self.leave(source);
        self.panel = Some(Panel::single(question));
        Ok(())
    }

    /// Asks `source` one question beside the panel; where the panel asks somebody else or is not open, opens that of the
    /// name.
    pub fn ask(&mut self, name: &str, kind: Kind, source: Source) -> Result<(), BadName> {
        let (question, _) = typed::question(name, kind)?;
        if self.panel.is_none() || self.source != source {
            self.show(typed::name(name)?, source);
        }
        if let Some(panel) = &mut self.panel {
            panel.ask(question);
        }
        Ok(())
    }

    /// Asks for the DKIM key of a selector under the panel's domain.
    pub fn ask_key(&mut self, selector: &str) -> Result<(), BadName> {
        self.panel.as_mut().map_or(Ok(()), |panel| panel.ask_key(selector))
    }

    /// Asks everything again.
    pub fn refresh(&mut self) {
        if let Some(panel) = &mut self.panel {
            panel.refresh();
        }
    }

    /// Whom the panel asks; the lab while there is none.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The panel.
    pub fn panel(&self) -> Option<&Panel> {
        self.panel.as_ref()
    }

    /// The questions to ask now; each is handed out once.
    pub fn requests(&mut self) -> Vec<Request> {
        if !self.asks {
            return Vec::new();
        }
        let questions = self.panel.as_mut().map(Panel::questions).unwrap_or_default();
        questions.into_iter().map(|question| self.request(question)).collect()
    }

    /// The addresses of a host that the panel knows, IPv4 first.
    pub fn addresses(&self, host: &str) -> Vec<IpAddr> {
        self.named(host).map(|(panel, name)| panel.addresses(&name)).unwrap_or_default()
    }

    /// The look-ups that led to a host, if it is `source` that answered them.
    pub fn trail(&self, host: &str, source: &Source) -> Vec<LookUp> {
        self.about(host, source)
            .map(|(panel, name)| panel.trail(&name).into_iter().map(LookUp::from).collect())
            .unwrap_or_default()
    }

    /// The panel and the name of a host, if it is `source` that the panel asks.
    pub(super) fn about(&self, host: &str, source: &Source) -> Option<(&Panel, Name)> {
        self.named(host).filter(|_| self.source == *source)
    }

    /// What the panel was opened for, and a number that no other panel has.
    pub fn subject(&self) -> Option<(u64, Subject)> {
        let panel = self.panel.as_ref()?;
        let question = panel.question();
        let subject = Subject {
            about: panel.about(),
            name: panel.domain().clone(),
            kind: question.map(|question| question.kind),
            source: self.source.clone(),
            seed: self.seed,
            before: panel.history().to_vec(),
        };
        Some((self.first, subject))
    }

    /// True for an answer to the panel that is open.
    pub fn is_awaited(&self, signal: &Signal) -> bool {
        self.panel.is_some() && signal.ticket >= self.first
    }

    /// Opens a panel that was recorded.
    pub fn open_again(&mut self, subject: &Subject) {
        let Subject { about, name, kind, source, seed, before } = subject;
        self.leave(source.clone());
        let before = before.iter().take(REMEMBERED).cloned().collect();
        self.panel = Some(match (about, kind) {
            (About::Question, Some(kind)) => Panel::single(Question::new(name.clone(), *kind)),
            (About::Submission, _) => Panel::submission(name.clone(), before),
            _ => Panel::new(name.clone(), before, *seed),
        });
    }

    /// Takes an answer that was recorded.
    pub fn recall(&mut self, heard: Heard) {
        if let Some(panel) = &mut self.panel {
            panel.recall(heard);
        }
    }

    /// Takes an answer; one for a panel that is gone is dropped.
    pub(super) fn apply(&mut self, signal: &Signal) {
        if signal.ticket >= self.first
            && let Some(panel) = &mut self.panel
        {
            panel.apply(signal.heard());
        }
    }

    fn named(&self, host: &str) -> Option<(&Panel, Name)> {
        Some((self.panel.as_ref()?, typed::name(host).ok()?.name))
    }

    fn show(&mut self, domain: Typed, source: Source) {
        self.leave(source);
        self.panel = Some(Panel::new(domain, self.history.clone(), self.seed));
    }

    /// Closes the panel; the next one asks `source`.
    fn leave(&mut self, source: Source) {
        if let Some(before) = self.panel.take() {
            self.remember(before.domain().clone());
        }
        self.first = self.next;
        self.source = source;
    }

    fn remember(&mut self, name: Name) {
        self.history.retain(|known| *known != name);
        self.history.push(name);
        if self.history.len() > REMEMBERED {
            self.history.remove(0);
        }
    }

    fn request(&mut self, question: Question) -> Request {
        let ticket = self.next;
        self.next += 1;
        Request { ticket, question, source: self.source.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Answer, Outcome};
    use std::time::Duration;

    fn answer(request: &Request) -> Signal {
        let answer = Answer::empty(Outcome::NxDomain);
        Signal {
            ticket: request.ticket,
            question: request.question.clone(),
            answer,
            from: "lab".into(),
            took: Duration::ZERO,
        }
    }

    #[test]
    fn every_question_is_handed_out_once() {
        let mut look_ups = LookUps::new(1);
        look_ups.open("harbor.test", Source::Lab).expect("a good name");
        let asked = look_ups.requests();
        assert!(asked.len() >= 5, "MX, SPF and the policies");
        assert!(look_ups.requests().is_empty());
    }

    #[test]
    fn an_answer_for_a_panel_that_is_gone_is_dropped() {
        let mut look_ups = LookUps::new(1);
        look_ups.open("harbor.test", Source::Lab).expect("a good name");
        let old = look_ups.requests();
        look_ups.open("harbor.test", Source::Lab).expect("a good name");
        let new = look_ups.requests();
        for request in &old {
            look_ups.apply(&answer(request));
        }
        assert!(look_ups.panel().is_some_and(Panel::is_waiting), "the old answers are not the new panel's");
        for request in &new {
            look_ups.apply(&answer(request));
        }
        assert!(look_ups.panel().is_some_and(|panel| !panel.is_waiting()));
    }

    #[test]
    fn a_question_to_somebody_else_stands_in_a_panel_of_its_own() {
        let mut look_ups = LookUps::new(1);
        look_ups.open("harbor.test", Source::Lab).expect("a good name");
        look_ups.ask("mx2.harbor.test", Kind::A, Source::Lab).expect("a good name");
        assert!(look_ups.requests().iter().all(|request| request.source == Source::Lab));
        let domain = |look_ups: &LookUps| look_ups.panel().map(|panel| panel.domain().to_string());
        assert_eq!(domain(&look_ups).as_deref(), Some("harbor.test."), "beside the panel");
        look_ups.ask("example.org", Kind::A, Source::System).expect("a good name");
        let asked = look_ups.requests();
        assert!(!asked.is_empty() && asked.iter().all(|request| request.source == Source::System));
        assert_eq!(domain(&look_ups).as_deref(), Some("example.org."));
    }

    #[test]
    fn what_somebody_else_answered_did_not_lead_here() {
        let mut look_ups = LookUps::new(1);
        look_ups.ask("mx1.harbor.test", Kind::A, Source::Lab).expect("a good name");
        for request in look_ups.requests() {
            look_ups.apply(&answer(&request));
        }
        assert!(!look_ups.trail("mx1.harbor.test", &Source::Lab).is_empty());
        assert_eq!(look_ups.trail("mx1.harbor.test", &Source::System), []);
    }
}
