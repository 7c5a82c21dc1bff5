//! The DNS panel's state: the domain it is about, whom it asks, and which record is selected.

use crate::dns::panel::{Panel, Row, Target};
use crate::dns::typed::{self, BadName};
use crate::dns::{Kind, Name};
use crate::ports::dns::{Request, Signal, Source};
use crate::ui::dns as pane;
use crate::ui::viewport::Scroll;

/// The state of the DNS panel.
#[derive(Debug, Clone)]
pub struct LookUp {
    panel: Option<Panel>,
    /// Whom to ask.
    pub source: Source,
    /// Names asked before, for near spellings.
    history: Vec<Name>,
    /// The selected record, by its place among those shown.
    pub selected: usize,
    /// Where the window stands.
    pub scroll: Scroll,
    /// Records that only say that something is missing are shown too.
    pub all: bool,
    next_ticket: u64,
    open: Vec<u64>,
}

impl LookUp {
    /// An empty panel that asks `source`.
    pub fn new(source: Source) -> Self {
        Self {
            panel: None,
            source,
            history: Vec::new(),
            selected: 0,
            scroll: Scroll::at(0),
            all: false,
            next_ticket: 1,
            open: Vec::new(),
        }
    }

    /// The panel, once a domain was asked for.
    pub fn panel(&self) -> Option<&Panel> {
        self.panel.as_ref()
    }

    /// The records that are shown.
    pub fn rows(&self) -> Vec<Row> {
        self.panel.as_ref().map(|panel| pane::rows(panel, self.all)).unwrap_or_default()
    }

    /// Asks about a domain; the questions to send.
    pub fn look_at(&mut self, domain: &str, seed: u64) -> Result<Vec<Request>, BadName> {
        let typed = typed::name(domain)?;
        self.history.push(typed.name.clone());
        self.panel = Some(Panel::new(typed, self.history.clone(), seed));
        self.selected = 0;
        self.scroll = Scroll::at(0);
        self.open.clear();
        Ok(self.ask())
    }

    /// A free look-up: `NAME` or `NAME TYPE`.
    pub fn ask_free(&mut self, text: &str, seed: u64) -> Result<Vec<Request>, BadName> {
        let (name, kind) = match text.trim().rsplit_once(' ') {
            Some((name, kind)) if Kind::parse(kind).is_some() => (name, Kind::parse(kind)),
            _ => (text.trim(), None),
        };
        let Some(kind) = kind else { return self.look_at(name, seed) };
        let (question, _) = typed::question(name, kind)?;
        if self.panel.is_none() {
            self.panel = Some(Panel::new(typed::name(name)?, self.history.clone(), seed));
        }
        if let Some(panel) = &mut self.panel {
            panel.ask(question);
        }
        Ok(self.ask())
    }

    /// Asks for a DKIM key.
    pub fn ask_key(&mut self, selector: &str) -> Result<Vec<Request>, BadName> {
        if let Some(panel) = &mut self.panel {
            panel.ask_key(selector)?;
        }
        Ok(self.ask())
    }

    /// Asks everything again.
    pub fn refresh(&mut self) -> Vec<Request> {
        if let Some(panel) = &mut self.panel {
            panel.refresh();
        }
        self.ask()
    }

    /// Takes an answer; the questions that follow from it.
    pub fn apply(&mut self, signal: &Signal) -> Vec<Request> {
        let Some(place) = self.open.iter().position(|ticket| *ticket == signal.ticket) else { return Vec::new() };
        self.open.swap_remove(place);
        if let Some(panel) = &mut self.panel {
            panel.apply(signal.heard());
        }
        self.ask()
    }

    /// The host that Enter connects to.
    pub fn target(&self) -> Option<Target> {
        self.rows().into_iter().nth(self.selected).and_then(|row| row.target)
    }

    /// Selects the record some places further on.
    pub fn step(&mut self, by: isize) {
        let last = self.rows().len().saturating_sub(1);
        self.selected = self.selected.saturating_add_signed(by).min(last);
    }

    fn ask(&mut self) -> Vec<Request> {
        let questions = self.panel.as_mut().map(Panel::questions).unwrap_or_default();
        let mut requests = Vec::with_capacity(questions.len());
        for question in questions {
            requests.push(Request { ticket: self.next_ticket, question, source: self.source.clone() });
            self.open.push(self.next_ticket);
            self.next_ticket += 1;
        }
        requests
    }
}
