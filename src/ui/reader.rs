//! A row of the dialogue as the transcript shows it. Everything is looked up when the row is drawn; nothing is kept.
//!
//! Remote bytes pass the gate here, and secrets are replaced before they do.

use crate::dialogue::exchange::Exchange;
use crate::dialogue::row::{Place, Row, RowId, What};
use crate::knowledge::{Note, Sign};
use crate::session::words::milliseconds;
use crate::session::{Session, words};
use crate::smtp::code::{Class, Code};
use crate::smtp::flaw::Weight;
use crate::tape::{Moment, Side, Span};

use super::remote;
use super::text::{Role, Run};
use super::transcript::{Bracket, Remark, RowView, Speaker};

/// What times a transcript shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Times {
    /// Since the session began.
    #[default]
    SinceStart,
    /// Since the row before.
    SinceLast,
}

impl Times {
    /// The other one.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::SinceStart => Self::SinceLast,
            Self::SinceLast => Self::SinceStart,
        }
    }
}

/// How rows are read.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// The session.
    pub session: &'a Session,
    /// Which times.
    pub times: Times,
    /// Cells for a time: 4 or 7.
    pub cells: usize,
    /// Notes and what is odd.
    pub notes: bool,
    /// ASCII signs only.
    pub ascii: bool,
}

/// Where a row stands in what is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Standing {
    /// Its number, counting lines from 1; nothing for events.
    pub number: Option<u32>,
    /// True for the selected row.
    pub selected: bool,
    /// Rows that are folded away behind it.
    pub hidden: u32,
    /// The number of the line that answers this one, or that this one answers, where the two do not stand together.
    pub partner: Option<u32>,
}

impl Reader<'_> {
    /// The row as the transcript shows it.
    pub fn view(&self, id: RowId, standing: Standing) -> Option<RowView> {
        let row = self.session.dialogue().row(id)?;
        let before = id.0.checked_sub(1).and_then(|before| self.session.dialogue().row(RowId(before)));
        let bracket = if standing.hidden > 0 { Bracket::None } else { self.bracket(row, before, id) };
        let together = matches!(bracket, Bracket::Inside | Bracket::Close) && before.is_some_and(|it| it.at == row.at);
        let mut text = self.text(row);
        if standing.hidden > 0 {
            text.push(Run::new(format!("  (+{} lines)", standing.hidden), Role::Quiet));
        }
        Some(RowView {
            number: standing.number,
            time: if together || !self.session.tells_times() {
                String::new()
            } else {
                self.time(row.at, before.map(|before| before.at))
            },
            speaker: match row.side() {
                Some(Side::Client) => Speaker::Client,
                Some(Side::Server) => Speaker::Server,
                None => Speaker::Nobody,
            },
            tls: row
                .exchange()
                .and_then(|id| self.session.dialogue().exchange(id))
                .is_some_and(|exchange| exchange.tls),
            bracket,
            text,
            note: if self.notes { self.paired(id, row, standing.partner) } else { None },
            odd: if self.notes { self.odd(id) } else { Vec::new() },
            selected: standing.selected,
        })
    }

    /// The text of a row, safe and with secrets hidden.
    pub fn text(&self, row: &Row) -> Vec<Run> {
        match row.place() {
            Place::Mark(index) => {
                let mark = self.session.tape().marks().get(index).map(|(_, mark)| words::of(mark)).unwrap_or_default();
                {
                    let words = if self.ascii { mark.replace('→', "->") } else { mark };
                    remote::runs(words.as_bytes(), Role::Event, self.ascii)
                }
            }
            Place::Bytes(span) => self.bytes(row, span),
        }
    }

    fn bytes(&self, row: &Row, span: Span) -> Vec<Run> {
        if row.what == What::Elided {
            return vec![Run::new(format!("({} bytes, counted and not kept)", span.len()), Role::Quiet)];
        }
        let bytes = self.session.tape().bytes(span);
        let text = bytes.strip_suffix(b"\r\n").unwrap_or(&bytes);
        let part = |from: usize, to: usize| text.get(from..to.min(text.len())).unwrap_or_default();
        let mut runs = Vec::new();
        let mut from = 0;
        for range in self.session.hidden(span, &bytes) {
            self.coded(part(from, range.start), row, from == 0, &mut runs);
            runs.push(Run::new("********", Role::Secret));
            from = range.end;
        }
        self.coded(part(from, usize::MAX), row, from == 0, &mut runs);
        runs
    }

    /// A part of a line; the code of a reply stands out.
    fn coded(&self, part: &[u8], row: &Row, first: bool, runs: &mut Vec<Run>) {
        let (code, rest) = match (row.what, part.split_at_checked(3)) {
            (What::Reply { .. }, Some((code, rest))) if first => (code, rest),
            _ => (&[][..], part),
        };
        let role = match code.first() {
            Some(b'2') => Role::Good,
            Some(b'3' | b'4') => Role::Wait,
            Some(b'5') => Role::Bad,
            _ => Role::Text,
        };
        runs.extend(remote::runs(code, role, self.ascii));
        runs.extend(remote::runs(rest, Role::Text, self.ascii));
    }

    fn time(&self, at: Moment, before: Option<Moment>) -> String {
        let micros = match self.times {
            Times::SinceStart => at.micros(),
            Times::SinceLast => at.micros().saturating_sub(before.unwrap_or_default().micros()),
        };
        let sign = if self.times == Times::SinceLast { "+" } else { "" };
        let (seconds, thousandths) = (micros / 1_000_000, micros / 1000 % 1000);
        let long = format!("{sign}{seconds}.{thousandths:03}");
        let fits = |text: &String| text.len() <= self.cells;
        [long, format!("{sign}{seconds}.{:02}", thousandths / 10), format!("{sign}{seconds}.{}", thousandths / 100)]
            .into_iter()
            .find(fits)
            .unwrap_or_else(|| format!("{sign}{seconds}"))
    }

    fn note(&self, id: RowId) -> Option<Remark> {
        let Note { text, sign } = self.session.note(id);
        let (mark, role) = match (sign, self.ascii) {
            (Sign::Ok, false) => ("✓", Role::Good),
            (Sign::Ok, true) => ("ok", Role::Good),
            (Sign::Refused, false) => ("✗", Role::Bad),
            (Sign::Refused, true) => ("no", Role::Bad),
            (Sign::Problem, _) => ("!", Role::Problem),
            (Sign::Plain, _) => ("", Role::Note),
        };
        (!text.is_empty()).then(|| Remark { sign: mark, role, text: text.into_owned() })
    }

    /// The note, led by the line that this one belongs to: in a batch a reply does not stand below its command.
    fn paired(&self, id: RowId, row: &Row, partner: Option<u32>) -> Option<Remark> {
        let note = self.note(id).map(|note| self.for_recipient(row, note));
        let Some(number) = partner else { return note };
        let exchange = row.exchange().and_then(|id| self.session.dialogue().exchange(id));
        let text = note.as_ref().map(|note| note.text.as_str()).unwrap_or_default();
        let (sign, role, head) = match (row.what, exchange) {
            (What::Reply { .. }, exchange) => {
                let verb =
                    exchange.and_then(Exchange::verb).map_or(" .".to_owned(), |verb| format!(" {}", verb.name()));
                let (sign, role) = note.as_ref().map_or(("", Role::Note), |note| (note.sign, note.role));
                (sign, role, format!("to {number}{}", verb.trim_end()))
            }
            (_, exchange) => {
                let code = exchange.and_then(|exchange| exchange.answer).map(|answer| answer.code);
                let (sign, role) = match (code.map(Code::is_success), self.ascii) {
                    (Some(true), false) => ("✓", Role::Good),
                    (Some(true), true) => ("ok", Role::Good),
                    (_, false) if code.is_some_and(is_refusal) => ("✗", Role::Bad),
                    (_, true) if code.is_some_and(is_refusal) => ("no", Role::Bad),
                    _ => ("", Role::Note),
                };
                let code = code.map(Code::get).unwrap_or_default();
                (sign, role, format!("{code} in line {number}"))
            }
        };
        let text = if text.is_empty() { head } else { format!("{head}: {text}") };
        Some(Remark { sign, role, text })
    }

    /// The note on a verdict of LMTP, led by whom it is for: there are as many as recipients.
    fn for_recipient(&self, row: &Row, note: Remark) -> Remark {
        let What::Reply { exchange, .. } = row.what else { return note };
        let Some(recipient) = self.session.dialogue().verdict_for(exchange) else { return note };
        Remark { text: format!("for {}: {}", remote::text(&recipient.path), note.text), ..note }
    }

    fn odd(&self, id: RowId) -> Vec<Remark> {
        let flaws = self.session.dialogue().flaws_of(id).iter().filter(|flaw| flaw.kind.weight() != Weight::Note);
        let mut remarks: Vec<Remark> = Vec::new();
        for flaw in flaws.take(MOST_FLAWS) {
            let text = format!("{}: {}", flaw.kind.id(), flaw.kind.title());
            if !remarks.iter().any(|remark| remark.text == text) {
                remarks.push(Remark { sign: "!", role: Role::Problem, text });
            }
        }
        remarks
    }

    /// Facts about a row: when it came, how long after the row before, how many octets, encrypted or not.
    pub fn facts(&self, id: RowId) -> String {
        let Some(row) = self.session.dialogue().row(id) else { return String::new() };
        let mut facts = Vec::new();
        if self.session.tells_times() {
            facts.push(format!("{} s after the start", row.at));
            if let Some(before) = id.0.checked_sub(1).and_then(|before| self.session.dialogue().row(RowId(before))) {
                facts.push(format!("{} after the line before", milliseconds(row.at.since(before.at))));
            }
        }
        if let Some(span) = row.span() {
            facts.push(format!("{} bytes", span.len()));
            let tls = row.exchange().and_then(|id| self.session.dialogue().exchange(id)).is_some_and(|it| it.tls);
            facts.push(if tls { "encrypted".into() } else { "in plain text".into() });
        }
        facts.join(", ")
    }

    /// Everything odd about a row, with where the rule stands.
    pub fn oddities(&self, id: RowId) -> Vec<String> {
        let flaws = self.session.dialogue().flaws_of(id).iter();
        let mut found = Vec::new();
        for flaw in flaws {
            let text = format!("{}: {} ({})", flaw.kind.id(), flaw.kind.title(), flaw.kind.cite());
            if !found.contains(&text) {
                found.push(text);
            }
        }
        found
    }

    fn bracket(&self, row: &Row, before: Option<&Row>, id: RowId) -> Bracket {
        let What::Reply { exchange, .. } = row.what else { return Bracket::None };
        let after = self.session.dialogue().row(RowId(id.0.saturating_add(1)));
        let same = |other: &Row| match other.what {
            What::Reply { exchange: of, .. } | What::Stray(Some(of)) => of == exchange,
            _ => false,
        };
        match (before.is_some_and(same), after.is_some_and(same)) {
            (false, false) => Bracket::None,
            (false, true) => Bracket::Open,
            (true, true) => Bracket::Inside,
            (true, false) => Bracket::Close,
        }
    }
}

fn is_refusal(code: Code) -> bool {
    matches!(code.class(), Class::Transient | Class::Permanent)
}

/// So many flaws are shown with one row; the rest stand in Explain.
const MOST_FLAWS: usize = 3;
