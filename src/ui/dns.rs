//! The DNS and MX panel as entries: records, what is odd about them, and why mail goes where it goes.
//!
//! ```text
//! harbor.test.  MX   10 mx1.harbor.test.          300 s
//! mx1           A    192.0.2.10              validated here
//! ```

pub mod report;

use crate::dns::panel::{Confirmed, Content, Panel, Row, Section, Target};
use crate::dns::submission::{Service, Way};
use crate::dns::{Data, Name, Validation, Weight};
use crate::knowledge::about::About;
use crate::knowledge::note::note;
use crate::session::words::milliseconds;

use super::text::{Role, Run, clip, runs_width, width, wrap_hard, wrap_words};
use super::viewport::Tall;

/// One entry of the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its lines.
    pub lines: Vec<Vec<Run>>,
    /// The index of its record in [`Panel::rows`]; nothing for remarks.
    pub row: Option<usize>,
}

impl Tall for Entry {
    fn lines(&self) -> u16 {
        u16::try_from(self.lines.len()).unwrap_or(u16::MAX)
    }
}

/// How the panel is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Cells of a line.
    pub room: usize,
    /// The selected entry; a record opens then: times, DNSSEC, tags.
    pub selected: Option<usize>,
    /// Enter connects to a host.
    pub reachable: bool,
    /// ASCII signs only.
    pub ascii: bool,
}

/// The records that a small panel shows: all but those that only say that something is missing.
pub fn rows(panel: &Panel, all: bool) -> Vec<Row> {
    panel.rows().into_iter().filter(|row| all || !row.minor).collect()
}

/// The entries of a panel: where mail goes and why, the records, and what is worth saying about them.
pub fn entries(panel: &Panel, rows: &[Row], host: Option<&Name>, layout: Layout) -> Vec<Entry> {
    let mut entries = Vec::with_capacity(rows.len() + 4);
    let why = vec![Run::new(panel.why(host), Role::Note)];
    entries.push(Entry { lines: wrap_words(&why, layout.room), row: None });
    let mut before: Option<(&Name, Section)> = None;
    for (index, row) in rows.iter().enumerate() {
        let repeated = before == Some((&row.owner, row.section));
        before = Some((&row.owner, row.section));
        let opened = layout.selected == Some(index + 1);
        entries.push(Entry { lines: layout.row(panel.domain(), row, repeated, opened), row: Some(index) });
    }
    if let Some(cost) = panel.spf_cost() {
        entries.push(Entry { lines: wrap_words(&[Run::new(cost, Role::Note)], layout.room), row: None });
    }
    for finding in panel.findings() {
        let (sign, role) = weight(finding.weight);
        let mut runs = vec![Run::new(format!("{sign} "), role), Run::new(finding.text.into_owned(), Role::Text)];
        if !finding.cite.is_empty() {
            runs.push(Run::new(format!(" ({})", finding.cite), Role::Quiet));
        }
        entries.push(Entry { lines: wrap_words(&runs, layout.room), row: None });
    }
    entries
}

fn weight(weight: Weight) -> (&'static str, Role) {
    match weight {
        Weight::Note => ("-", Role::Quiet),
        Weight::Warning => ("!", Role::Problem),
        Weight::Error => ("x", Role::Bad),
    }
}

impl Layout {
    fn row(self, domain: &Name, row: &Row, repeated: bool, opened: bool) -> Vec<Vec<Run>> {
        let owner = if repeated { String::new() } else { short(&row.owner, domain) };
        // Where there is no room for a column, the owner stands in a line of its own.
        let (column, above) =
            if self.room >= 44 { ((self.room / 4).clamp(14, 30), String::new()) } else { (1, owner.clone()) };
        let cut = column > 1 && width(&owner) >= column;
        let owner = if column > 1 { clip(&owner, column - 1, self.ascii) } else { String::new() };
        let kind = row.kind.to_string();
        let head =
            vec![Run::new(format!("{owner:<column$}"), Role::Quiet), Run::new(format!("{kind:<5}"), Role::Heading)];
        let aside = self.aside(row);
        let indent = column + 5;
        let room = self.room.saturating_sub(indent).max(8);
        let (text, role) = content(row);
        let mut parts = wrap_hard(&[Run::new(text, role)], room);
        if !opened && parts.len() > 1 {
            // Long records open when they are selected.
            parts = vec![vec![Run::new(clip(&row.content.text(), room, self.ascii), role)]];
        }
        let mut lines = Vec::with_capacity(parts.len());
        for (index, part) in parts.into_iter().enumerate() {
            let mut line = if index == 0 { head.clone() } else { vec![Run::new(" ".repeat(indent), Role::Text)] };
            line.extend(part);
            lines.push(line);
        }
        if let Some(first) = lines.first_mut() {
            let left = self.room.saturating_sub(runs_width(first));
            if width(&aside) + 1 < left {
                first.push(Run::new(format!("{aside:>left$}"), Role::Quiet));
            }
        }
        if opened {
            if cut {
                self.below(&row.owner.to_string(), Role::Quiet, indent.min(6), &mut lines);
            }
            self.open(row, indent.min(6), &mut lines);
        }
        if !above.is_empty() {
            lines.insert(0, vec![Run::new(clip(&above, self.room, self.ascii), Role::Quiet)]);
        }
        lines
    }

    /// What stands at the right end of a record.
    fn aside(self, row: &Row) -> String {
        let yes = if self.ascii { "ok" } else { "✓" };
        let no = if self.ascii { "no" } else { "✗" };
        match (row.confirmed, row.validation) {
            (Some(Confirmed::Yes), _) => format!("forward {yes}"),
            (Some(Confirmed::No), _) => format!("forward {no}"),
            (_, Validation::Secure) => format!("DNSSEC {yes}"),
            (_, Validation::Bogus) => format!("DNSSEC {no}"),
            _ if row.stale => "old".into(),
            _ => row.ttl.map(|ttl| format!("{ttl} s")).unwrap_or_default(),
        }
    }

    /// What a selected record says beyond its text.
    fn open(self, row: &Row, indent: usize, lines: &mut Vec<Vec<Run>>) {
        let mut facts = Vec::new();
        if let Some(ttl) = row.ttl {
            facts.push(format!("TTL {ttl} s"));
        }
        if let Some(took) = row.took {
            facts.push(milliseconds(took));
        }
        if !row.from.is_empty() {
            facts.push(format!("from {}", row.from));
        }
        facts.push(format!("DNSSEC: {}", row.dnssec()));
        self.below(&facts.join(", "), Role::Quiet, indent, lines);
        let text = row.content.text();
        let kind = row.kind.to_string();
        let words = note(&About::Record { kind: &kind, text: &text }).text;
        self.below(&words, Role::Note, indent, lines);
        self.tags(row, indent, lines);
        if let Some(target) = row.target.as_ref().filter(|_| self.reachable) {
            self.below(&connects(target), Role::Key, indent, lines);
        }
    }

    fn tags(self, row: &Row, indent: usize, lines: &mut Vec<Vec<Run>>) {
        let Some(parsed) = &row.policy else { return };
        for tag in &parsed.tags {
            let text = parsed.text.get(tag.span.clone()).unwrap_or_default().escape_ascii().to_string();
            let key = tag.key.unwrap_or(&text);
            let words = note(&About::Tag { policy: parsed.policy.id(), tag: key }).text;
            let sign = if tag.flaw.is_some() { "! " } else { "" };
            self.below(&format!("{sign}{text}  {words}"), Role::Note, indent, lines);
        }
    }

    fn below(self, text: &str, role: Role, indent: usize, lines: &mut Vec<Vec<Run>>) {
        if text.is_empty() {
            return;
        }
        for part in wrap_words(&[Run::new(text, role)], self.room.saturating_sub(indent)) {
            let mut line = vec![Run::new(" ".repeat(indent), Role::Text)];
            line.extend(part);
            lines.push(line);
        }
    }
}

/// What Enter does on a record.
fn connects(target: &Target) -> String {
    let Some(Way { port, service, .. }) = &target.way else { return "Enter connects to this host".into() };
    match service {
        Service::Submissions => format!("Enter connects to port {port}, TLS from the first byte"),
        Service::Submission => format!("Enter connects to port {port} and says STARTTLS; without TLS it ends"),
    }
}

fn content(row: &Row) -> (String, Role) {
    let role = match &row.content {
        Content::Waiting => Role::Wait,
        Content::Nothing(_) => Role::Quiet,
        Content::Data(Data::Mx { .. } | Data::Srv { .. } | Data::A(_) | Data::Aaaa(_)) if row.target.is_some() => {
            Role::Link
        }
        Content::Data(_) => Role::Text,
    };
    (row.content.text(), role)
}

/// A name as the panel writes it: without the domain it stands under.
fn short(owner: &Name, domain: &Name) -> String {
    let text = owner.to_string();
    if owner == domain {
        return text;
    }
    match text.strip_suffix(&domain.to_string()) {
        Some(prefix) if !domain.is_root() && prefix.ends_with('.') => prefix.trim_end_matches('.').to_owned(),
        _ => text.replace(".in-addr.arpa.", "").replace(".ip6.arpa.", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Answer, Heard, Kind, Outcome, Record, typed};
    use proptest::prelude::*;
    use std::time::Duration;

    fn name(text: &str) -> Name {
        typed::name(text).unwrap().name
    }

    fn answered() -> Panel {
        let mut panel = Panel::new(typed::name("harbor.test").unwrap(), Vec::new(), 1);
        for question in panel.questions() {
            let mut answer = Answer::empty(Outcome::NoData);
            if question.kind == Kind::MX {
                let data = Data::Mx { preference: 10, exchange: name("mx1.harbor.test") };
                let proof = Validation::NotChecked;
                answer = Answer::empty(Outcome::Found);
                answer.records.push(Record { owner: question.name.clone(), ttl: 300, data, proof });
            }
            panel.apply(Heard { question, answer, from: "lab".into(), took: Duration::from_millis(3) });
        }
        panel
    }

    fn text(entries: &[Entry]) -> Vec<String> {
        let lines = entries.iter().flat_map(|entry| &entry.lines);
        lines.map(|line| line.iter().map(|run| run.text.as_str()).collect()).collect()
    }

    #[test]
    fn records_stand_in_columns_and_the_selected_one_opens() {
        let panel = answered();
        let rows = rows(&panel, false);
        let layout = Layout { room: 52, selected: None, reachable: true, ascii: false };
        let lines = text(&entries(&panel, &rows, None, layout));
        let records = lines.iter().position(|line| line.starts_with("harbor.test.")).unwrap();
        assert_eq!(lines[records], format!("{:<14}MX   {:<28}300 s", "harbor.test.", "10 mx1.harbor.test."));
        let opened = text(&entries(&panel, &rows, None, Layout { selected: Some(1), ..layout }));
        assert!(opened.len() > lines.len());
        assert!(opened.iter().any(|line| line.contains("from lab")), "{opened:?}");
    }

    #[test]
    fn a_name_that_was_cut_short_stands_whole_in_the_opened_record() {
        let mut panel = answered();
        panel.ask_key("a-long-selector").unwrap();
        let rows = rows(&panel, true);
        let row = rows.iter().position(|row| row.owner.to_string().starts_with("a-long")).unwrap();
        let layout = Layout { room: 52, selected: None, reachable: true, ascii: false };
        let name = "a-long-selector._domainkey.harbor.test.";
        let shown = |layout| text(&entries(&panel, &rows, None, layout)).iter().any(|line| line.trim() == name);
        assert!(!shown(layout));
        assert!(shown(Layout { selected: Some(row + 1), ..layout }));
    }

    #[test]
    fn names_lose_the_domain_they_stand_under() {
        let domain = name("harbor.test");
        assert_eq!(short(&name("mx1.harbor.test"), &domain), "mx1");
        assert_eq!(short(&domain, &domain), "harbor.test.");
        assert_eq!(short(&name("10.2.0.192.in-addr.arpa"), &domain), "10.2.0.192");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_room(room in 20usize..120, selected in proptest::option::of(0usize..8)) {
            let panel = answered();
            let rows = rows(&panel, true);
            for line in entries(&panel, &rows, None, Layout { room, selected, reachable: true, ascii: true }).iter().flat_map(|it| &it.lines) {
                prop_assert!(runs_width(line) <= room.max(22), "{line:?}");
            }
        }
    }
}
