//! How one session's transcript is looked at: where the window stands, which row is selected, what is filtered, folded
//! and searched for. The transcript itself is the session's.

use std::collections::BTreeSet;

use crate::dialogue::Dialogue;
use crate::dialogue::exchange::ExchangeId;
use crate::dialogue::row::{Row, RowId, What};
use crate::session::Session;
use crate::smtp::flaw::Weight;
use crate::tape::Side;
use crate::ui::viewport::{Scroll, Tall};

use super::rows::Rows;

/// Which rows are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// What the client said.
    Client,
    /// What the server said.
    Server,
    /// What happened.
    Events,
    /// Refusals and what is odd.
    Problems,
    /// All but the letter.
    NoLetter,
}

impl Filter {
    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::All => Self::NoLetter,
            Self::NoLetter => Self::Client,
            Self::Client => Self::Server,
            Self::Server => Self::Events,
            Self::Events => Self::Problems,
            Self::Problems => Self::All,
        }
    }

    /// Its name on screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Client => "client",
            Self::Server => "server",
            Self::Events => "events",
            Self::Problems => "problems",
            Self::NoLetter => "no letter",
        }
    }
}

/// An open search.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// What is looked for, in any case of ASCII letters.
    pub query: String,
    /// The rows that hold it.
    pub hits: Rows,
}

/// What is folded: nothing or everything of several lines, but for some exchanges.
#[derive(Debug, Clone, Default)]
struct Folds {
    all: bool,
    but: BTreeSet<u32>,
}

impl Folds {
    fn holds(&self, exchange: ExchangeId) -> bool {
        self.all != self.but.contains(&exchange.0)
    }

    fn turn(&mut self, exchange: ExchangeId) {
        if !self.but.remove(&exchange.0) {
            self.but.insert(exchange.0);
        }
    }
}

/// Where a jump ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Landing {
    /// On a row, which is selected now; so many were passed over because the filter hides them.
    Row {
        /// Rows that were passed over.
        passed: u32,
    },
    /// Nowhere: the filter hides all there is to jump to.
    Hidden,
    /// Nowhere: there is nothing to jump to.
    Nothing,
}

/// How a transcript is looked at.
#[derive(Debug, Clone)]
pub struct View {
    /// Where the window stands, in positions of the shown rows.
    pub scroll: Scroll,
    /// The selected row; nothing while the newest one is meant.
    selected: Option<u32>,
    /// Which rows are shown.
    pub filter: Filter,
    folds: Folds,
    /// The open search.
    pub search: Option<Search>,
    shown: Rows,
    events: Rows,
    problems: Rows,
    settled: u32,
    /// First line of the explanation that is shown.
    pub explain_top: usize,
    /// What stands behind "more" is shown.
    pub more: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            scroll: Scroll::default(),
            selected: None,
            filter: Filter::All,
            folds: Folds::default(),
            search: None,
            shown: Rows::All,
            events: Rows::chosen(),
            problems: Rows::chosen(),
            settled: 0,
            explain_top: 0,
            more: false,
        }
    }
}

impl View {
    /// Takes in what was appended to the session.
    pub fn refresh(&mut self, session: &Session) {
        let dialogue = session.dialogue();
        let total = rows(dialogue);
        let unsettled = |row: &Row| matches!(row.what, What::Open | What::Undecided);
        let settled =
            (self.settled..total).find(|row| dialogue.row(RowId(*row)).is_some_and(unsettled)).unwrap_or(total);
        // A problem may be noted in a row that was there before: the last few are judged again.
        let judged = settled.saturating_sub(PROBLEM_DELAY);
        self.events.extend(total, settled, |row| is_event(dialogue, row));
        self.problems.extend(total, judged, |row| is_problem(session, row));
        if let Some(search) = &mut self.search {
            let needle = search.query.to_ascii_lowercase();
            search.hits.extend(total, settled, |row| holds(session, row, &needle));
        }
        let Self { shown, filter, folds, .. } = self;
        shown.extend(total, judged, |row| passes(session, row, *filter) && !is_folded(dialogue, row, folds));
        self.settled = settled;
    }

    /// How many rows are shown.
    pub fn count(&self, session: &Session) -> u32 {
        self.shown.len(rows(session.dialogue()))
    }

    /// The row at a position.
    pub fn row(&self, position: u32) -> Option<u32> {
        self.shown.row(position)
    }

    /// The number of a line: events have none.
    pub fn number(&self, row: u32) -> Option<u32> {
        let event = self.events.row(self.events.position(row));
        let before = match event {
            Some(at) if at == row => return None,
            Some(at) if at < row => self.events.position(row) + 1,
            _ => 0,
        };
        Some(row + 1 - before)
    }

    /// How many lines the session has, events left out.
    pub fn lines(&self, session: &Session) -> u32 {
        let total = rows(session.dialogue());
        total - self.events.len(total).min(total)
    }

    /// How many rows have problems.
    pub fn problems(&self, session: &Session) -> u32 {
        self.problems.len(rows(session.dialogue()))
    }

    /// The selected row; the newest one unless another was chosen.
    pub fn selected(&self, session: &Session) -> Option<RowId> {
        let total = rows(session.dialogue());
        let newest = || self.shown.len(total).checked_sub(1).and_then(|last| self.shown.row(last));
        self.selected.filter(|row| *row < total).or_else(newest).map(RowId)
    }

    /// True while the newest row is selected whatever comes.
    pub fn follows(&self) -> bool {
        self.selected.is_none()
    }

    /// Selects a row.
    pub fn select(&mut self, row: u32) {
        self.selected = Some(row);
        self.explain_top = 0;
        self.more = false;
    }

    /// Selects the newest row, whatever comes.
    pub fn follow(&mut self) {
        self.selected = None;
        self.scroll.to_end();
        self.explain_top = 0;
        self.more = false;
    }

    /// Selects the row some positions further on; past the end, follows.
    pub fn step(&mut self, session: &Session, by: i64) {
        let count = i64::from(self.count(session));
        let Some(row) = self.selected(session) else { return };
        let at = i64::from(self.shown.position(row.0)) + by;
        if at >= count - 1 && by > 0 {
            return self.follow();
        }
        let position = u32::try_from(at.clamp(0, (count - 1).max(0))).unwrap_or(0);
        if let Some(row) = self.shown.row(position) {
            self.select(row);
        }
    }

    /// Moves a window so that the selected row is in it.
    pub fn reveal<T: Tall>(&self, scroll: &mut Scroll, session: &Session, height: u16, make: impl FnMut(u32) -> T) {
        if let Some(row) = self.selected(session) {
            scroll.reveal(self.shown.position(row.0), self.count(session), height, make);
        }
    }

    /// Chooses another filter.
    pub fn filter_by(&mut self, session: &Session, filter: Filter) {
        self.filter = filter;
        self.choose_again(session);
    }

    /// Folds or opens what the selected row belongs to.
    pub fn fold(&mut self, session: &Session) {
        let exchange = self.selected(session).and_then(|row| session.dialogue().row(row)).and_then(Row::exchange);
        let Some(exchange) = exchange else { return };
        self.folds.turn(exchange);
        self.choose_again(session);
    }

    /// Folds or opens everything of several lines.
    pub fn fold_all(&mut self, session: &Session) {
        self.folds = Folds { all: !self.folds.all, but: BTreeSet::new() };
        self.choose_again(session);
    }

    /// Looks for a text and goes to its first hit; an empty one closes the search.
    pub fn look_for(&mut self, session: &Session, query: &str) -> Landing {
        self.search = (!query.is_empty()).then(|| Search { query: query.to_owned(), hits: Rows::chosen() });
        self.settled = 0;
        self.refresh(session);
        if self.search.is_some() { self.jump(session, true, true) } else { Landing::Nothing }
    }

    /// The next or the previous hit, else the next or the previous problem. `stay` may keep the selected row. A row that
    /// the filter hides is passed over, one that is folded away is unfolded.
    pub fn jump(&mut self, session: &Session, forward: bool, stay: bool) -> Landing {
        let dialogue = session.dialogue();
        let list = self.search.as_ref().map_or(&self.problems, |search| &search.hits);
        let count = list.len(rows(dialogue));
        let mut at = self.selected(session).map_or(0, |row| row.0);
        let mut stays = stay || self.selected(session).is_none();
        for passed in 0..count {
            let found = match (forward, stays.then(|| at.checked_sub(1))) {
                (true, None) => list.after(at),
                (true, Some(Some(before))) => list.after(before),
                (true, Some(None)) => list.row(0),
                (false, _) => list.before(at),
            };
            let Some(row) = found else { break };
            if passes(session, row, self.filter) {
                self.unfold(session, row);
                self.select(row);
                return Landing::Row { passed };
            }
            (at, stays) = (row, false);
        }
        if count == 0 { Landing::Nothing } else { Landing::Hidden }
    }

    /// Opens what hides a row behind its first line.
    fn unfold(&mut self, session: &Session, row: u32) {
        let dialogue = session.dialogue();
        let exchange = dialogue.row(RowId(row)).and_then(Row::exchange);
        if let Some(exchange) = exchange.filter(|_| is_folded(dialogue, row, &self.folds)) {
            self.folds.turn(exchange);
            self.choose_again(session);
        }
    }

    /// The rows that are hidden behind a folded one, up to the next shown row.
    pub fn hidden_behind(&self, session: &Session, position: u32) -> u32 {
        let total = rows(session.dialogue());
        let Some(row) = self.shown.row(position) else { return 0 };
        let exchange = session.dialogue().row(RowId(row)).and_then(Row::exchange);
        let belongs = exchange.is_some_and(|exchange| self.folds.holds(exchange));
        let next =
            if position + 1 < self.shown.len(total) { self.shown.row(position + 1).unwrap_or(total) } else { total };
        if belongs { (next - row).saturating_sub(1) } else { 0 }
    }

    fn choose_again(&mut self, session: &Session) {
        let all = self.filter == Filter::All && !self.folds.all && self.folds.but.is_empty();
        self.shown = if all { Rows::All } else { Rows::chosen() };
        self.settled = 0;
        self.refresh(session);
        if let Some(selected) = self.selected {
            let position = self.shown.position(selected);
            self.selected = self.shown.row(position);
        }
    }
}

/// So many rows back a flaw may still be noted.
const PROBLEM_DELAY: u32 = 256;

fn rows(dialogue: &Dialogue) -> u32 {
    u32::try_from(dialogue.rows().len()).unwrap_or(u32::MAX)
}

fn is_event(dialogue: &Dialogue, row: u32) -> bool {
    dialogue.row(RowId(row)).is_some_and(|row| row.side().is_none())
}

/// A row that shows a problem of the session, one with a flaw that counts, or the last line of a refusal.
fn is_problem(session: &Session, row: u32) -> bool {
    let (id, dialogue) = (RowId(row), session.dialogue());
    if session.problem(id).is_some() || dialogue.flaws_of(id).iter().any(|flaw| flaw.kind.weight() != Weight::Note) {
        return true;
    }
    let Some(What::Reply { exchange, last: true }) = dialogue.row(id).map(|row| row.what) else { return false };
    let code = dialogue.exchange(exchange).and_then(|exchange| exchange.answer).map(|answer| answer.code.get());
    code.is_some_and(|code| code >= 400)
}

fn holds(session: &Session, row: u32, needle: &str) -> bool {
    let Some(span) = session.dialogue().row(RowId(row)).and_then(Row::span) else { return false };
    let bytes = session.tape().bytes(span);
    // What is hidden cannot be looked for.
    session.hidden(span, &bytes).is_empty() && contains(&bytes, needle.as_bytes())
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    !needle.is_empty() && bytes.windows(needle.len()).any(|part| part.eq_ignore_ascii_case(needle))
}

fn passes(session: &Session, row: u32, filter: Filter) -> bool {
    let Some(it) = session.dialogue().row(RowId(row)) else { return false };
    match filter {
        Filter::All => true,
        Filter::Client => it.side() == Some(Side::Client),
        Filter::Server => it.side() == Some(Side::Server),
        Filter::Events => it.side().is_none(),
        Filter::Problems => is_problem(session, row),
        Filter::NoLetter => !matches!(it.what, What::Content { .. } | What::Chunk(_)),
    }
}

/// True if a row stands behind the first one of something folded.
fn is_folded(dialogue: &Dialogue, row: u32, folds: &Folds) -> bool {
    let (Some(it), Some(before)) =
        (dialogue.row(RowId(row)), row.checked_sub(1).and_then(|id| dialogue.row(RowId(id))))
    else {
        return false;
    };
    let Some(exchange) = it.exchange() else { return false };
    let continues = before.exchange() == Some(exchange) && before.side() == it.side() && kind(before) == kind(it);
    continues && folds.holds(exchange)
}

/// What may be folded together.
fn kind(row: &Row) -> u8 {
    match row.what {
        What::Reply { .. } | What::Stray(_) => 1,
        What::Content { .. } => 2,
        What::Chunk(_) => 3,
        _ => 0,
    }
}
