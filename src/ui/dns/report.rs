//! The panel as plain text: where mail goes and why, the records with their facts, what is odd.
//!
//! ```text
//! harbor.test.  MX    10 mx1.harbor.test.
//!                     TTL 300 s, 0.8 ms, validated here
//! ```

use std::fmt::Write as _;

use crate::dns::panel::{Confirmed, Panel, Row};
use crate::session::words::milliseconds;

use super::super::text::{Role, Run, wrap_words};
use super::weight;

/// Cells of a line.
const ROOM: usize = 100;
/// The widest column of names.
const NAMES: usize = 40;

/// The panel as text; each line ends with LF.
pub fn report(panel: &Panel) -> String {
    let mut text = String::new();
    if panel.plan().is_some() {
        paragraph("", &panel.why(None), &mut text);
        text.push('\n');
    }
    let rows = panel.rows();
    let owner = |row: &Row| row.owner.to_string();
    let column = rows.iter().map(|row| owner(row).len()).filter(|len| *len <= NAMES).max().unwrap_or(0) + 2;
    let kinds = rows.iter().map(|row| row.kind.to_string().len() + 1).fold(6, usize::max);
    let mut before = None;
    for row in &rows {
        let name = owner(row);
        let shown = if before.as_ref() == Some(&name) { "" } else { &name };
        if shown.len() >= column {
            let _ = writeln!(text, "{shown}");
        }
        let shown = if shown.len() >= column { "" } else { shown };
        let _ = writeln!(text, "{shown:<column$}{:<kinds$}{}", row.kind.to_string(), row.content.text());
        let facts = facts(row);
        if !facts.is_empty() {
            let _ = writeln!(text, "{:<column$}{:<kinds$}{facts}", "", "");
        }
        before = Some(name);
    }
    if let Some(cost) = panel.spf_cost() {
        text.push('\n');
        paragraph("", &cost, &mut text);
    }
    let findings = panel.findings();
    if !findings.is_empty() {
        text.push('\n');
    }
    for finding in findings {
        let cite = if finding.cite.is_empty() { String::new() } else { format!(" ({})", finding.cite) };
        paragraph(
            &format!("{} ", weight(finding.weight).0),
            &format!("{}{cite} [{}]", finding.text, finding.id),
            &mut text,
        );
    }
    text
}

fn facts(row: &Row) -> String {
    let ttl = row.ttl.map(|ttl| format!("TTL {ttl} s"));
    let took = row.took.map(milliseconds);
    let confirmed = row.confirmed.and_then(|confirmed| match confirmed {
        Confirmed::Yes => Some("leads back to the address".to_owned()),
        Confirmed::No => Some("does not lead back to the address".to_owned()),
        Confirmed::Waiting => None,
    });
    let from = (!row.from.is_empty()).then(|| format!("from {}", row.from));
    let dnssec = Some(format!("DNSSEC: {}", row.dnssec()));
    [ttl, took, from, dnssec, confirmed].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn paragraph(sign: &str, words: &str, text: &mut String) {
    for (index, line) in wrap_words(&[Run::new(words, Role::Text)], ROOM - sign.len()).iter().enumerate() {
        let line: String = line.iter().map(|run| run.text.as_str()).collect();
        let sign = if index == 0 { sign.to_owned() } else { " ".repeat(sign.len()) };
        let _ = writeln!(text, "{sign}{}", line.trim_end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::{Answer, Data, Heard, Kind, Name, Outcome, Question, Record, Validation, typed};
    use std::time::Duration;

    #[test]
    fn a_name_that_is_too_long_for_its_column_has_a_line_of_its_own_and_texts_are_shown_not_performed() {
        let long = format!("{}.test.", "a".repeat(60));
        let question = Question::new(typed::name(&long).unwrap().name, Kind::TXT);
        let mut panel = Panel::single(question.clone());
        assert_eq!(panel.questions(), std::slice::from_ref(&question));
        let mut answer = Answer::empty(Outcome::Found);
        let data = Data::Txt(vec![b"\x1b[31mred".to_vec()]);
        answer.records.push(Record { owner: Name::ascii(&long), ttl: 60, data, proof: Validation::NotChecked });
        let took = Duration::from_millis(2);
        assert!(panel.apply(Heard { question, answer, from: "192.0.2.53".into(), took }));
        let text = report(&panel);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], long);
        assert_eq!(lines[1], "  TXT   \"\\027[31mred\"", "{text}");
        assert!(lines[2].starts_with("        TTL 60 s, 2.0 ms, from 192.0.2.53, DNSSEC: "), "{text}");
        assert!(panel.is_answered());
    }

    #[test]
    fn a_long_type_has_room_and_no_line_ends_with_blanks() {
        let question = Question::new(typed::name("a.test").unwrap().name, Kind::parse("TYPE65280").unwrap());
        let mut panel = Panel::single(question.clone());
        let took = Duration::from_secs(5);
        let answer = Answer::empty(Outcome::TimedOut);
        assert_eq!(panel.questions(), std::slice::from_ref(&question));
        assert!(panel.apply(Heard { question, answer, from: "192.0.2.53".into(), took }));
        let text = report(&panel);
        assert!(text.starts_with("a.test.  TYPE65280 timeout\n                   5.0 s, from"), "{text}");
        assert!(text.lines().all(|line| line.trim_end() == line), "{text}");
    }
}
