//! How the DNS panel is looked at: which record is selected, and where the window stands. What it knows is the model's.

use crate::dns::panel::{Panel, Row, Target};
use crate::session::look_ups::LookUps;
use crate::ui::dns as pane;
use crate::ui::viewport::Scroll;

/// How the DNS panel is looked at.
#[derive(Debug, Clone)]
pub struct LookUpView {
    /// The selected entry of the panel: 0 says where mail goes, the records follow, then what is worth saying.
    pub selected: usize,
    /// Where the window stands.
    pub scroll: Scroll,
    /// Records that only say that something is missing are shown too.
    pub all: bool,
}

impl Default for LookUpView {
    fn default() -> Self {
        Self { selected: 1, scroll: Scroll::at(0), all: false }
    }
}

impl LookUpView {
    /// The records that are shown.
    pub fn rows(&self, panel: &Panel) -> Vec<Row> {
        pane::rows(panel, self.all)
    }

    /// The host that Enter connects to.
    pub fn target(&self, look_ups: &LookUps) -> Option<Target> {
        let panel = look_ups.panel()?;
        self.rows(panel).into_iter().nth(self.selected.checked_sub(1)?)?.target
    }

    /// Selects the entry some places further on.
    pub fn step(&mut self, look_ups: &LookUps, by: isize) {
        let remarks = |panel: &Panel| usize::from(panel.spf_cost().is_some()) + panel.findings().len();
        let last = look_ups.panel().map_or(0, |panel| self.rows(panel).len() + remarks(panel));
        self.selected = self.selected.saturating_add_signed(by).min(last);
    }

    /// Another domain is looked at.
    pub fn reset(&mut self) {
        *self = Self { all: self.all, ..Self::default() };
    }
}
