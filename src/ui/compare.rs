//! Two sessions side by side: `<` stands before what only the left one has, `>` before what only the right one has, `<>`
//! before what is not the same.
//!
//! ```text
//!              session 1, mx1.harbor.test:25   session 2, mx2.harbor.test:25
//! extensions
//! <> SIZE      SIZE 10485760                   SIZE 20000
//! >  CHUNKING                                  CHUNKING
//! ```

use std::fmt::Write as _;

use crate::session::compare::{Comparison, Line, Relation};

use super::text::{Role, Run, width, wrap_hard, wrap_words};

/// Cells of the mark and the blank behind it.
const MARK: usize = 3;
/// Cells of the label and the blank behind it.
const LABEL: usize = 20;

/// The comparison in lines of a width.
pub fn lines(comparison: &Comparison, room: usize) -> Vec<Vec<Run>> {
    let mut lines = wrap_words(&[Run::new(comparison.first.clone(), Role::Heading)], room);
    lines.push(Vec::new());
    lines.extend(row("", "", &comparison.names, Role::Heading, room));
    for part in comparison.parts.iter().filter(|part| !part.lines.is_empty()) {
        lines.push(Vec::new());
        lines.push(vec![Run::new(part.title, Role::Heading)]);
        for line in &part.lines {
            lines.extend(row(line.relation.mark(), &line.label, &line.sides, role(line), room));
        }
    }
    lines
}

/// The same as plain text, to copy.
pub fn text(comparison: &Comparison) -> String {
    let [left, right] = &comparison.names;
    let mut text = format!("{}\n< {left}\n> {right}\n", comparison.first);
    for part in comparison.parts.iter().filter(|part| !part.lines.is_empty()) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{}", part.title);
        for line in &part.lines {
            let (mark, [left, right]) = (line.relation.mark(), &line.sides);
            let both = if left == right { left.clone() } else { format!("{left} | {right}") };
            let _ = writeln!(text, "{mark:<2} {}: {both}", line.label);
        }
    }
    text
}

fn role(line: &Line) -> Role {
    match line.relation {
        Relation::Same | Relation::Own => Role::Text,
        Relation::Left | Relation::Right | Relation::Differs => Role::Problem,
    }
}

/// One line of the table, or more where a side has no room for its text.
fn row(mark: &str, label: &str, sides: &[String; 2], role: Role, room: usize) -> Vec<Vec<Run>> {
    let column = (room.saturating_sub(MARK + LABEL + 1) / 2).max(8);
    let [left, right] = sides.each_ref().map(|side| wrap_words(&[Run::new(side.clone(), role)], column));
    let label = wrap_hard(&[Run::new(label, Role::Quiet)], LABEL - 1);
    let count = left.len().max(right.len()).max(label.len()).max(1);
    let cells = |runs: Option<&Vec<Run>>| runs.cloned().unwrap_or_default();
    (0..count)
        .map(|index| {
            let mark = if index == 0 { mark } else { "" };
            let mut line = vec![Run::new(format!("{mark:<MARK$}"), role)];
            line.extend(filled(cells(label.get(index)), LABEL));
            line.extend(filled(cells(left.get(index)), column + 1));
            line.extend(cells(right.get(index)));
            line
        })
        .collect()
}

/// Runs with blanks behind them, up to so many cells.
fn filled(mut runs: Vec<Run>, cells: usize) -> Vec<Run> {
    let used: usize = runs.iter().map(|run| width(&run.text)).sum();
    runs.push(Run::new(" ".repeat(cells.saturating_sub(used)), Role::Text));
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::compare::Part;

    fn comparison() -> Comparison {
        let line = |label: &str, left: &str, right: &str, relation| Line {
            label: label.into(),
            sides: [left.into(), right.into()],
            relation,
        };
        let lines = vec![
            line("SIZE", "SIZE 10485760", "SIZE 20000", Relation::Differs),
            line("CHUNKING", "", "CHUNKING", Relation::Right),
            line("PIPELINING", "PIPELINING", "PIPELINING", Relation::Same),
        ];
        let names = ["session 1, mx1".into(), "session 2, mx2".into()];
        Comparison { names, first: "First difference: SIZE.".into(), parts: vec![Part { title: "extensions", lines }] }
    }

    #[test]
    fn differences_are_marked_and_no_line_is_wider_than_the_room() {
        for room in [20, 40, 76, 150] {
            let lines = lines(&comparison(), room);
            let texts: Vec<String> =
                lines.iter().map(|line| line.iter().map(|run| run.text.as_str()).collect()).collect();
            assert!(texts.iter().all(|text| width(text.trim_end()) <= room.max(40)), "{room}: {texts:?}");
            assert!(texts.iter().any(|text| text.starts_with("<> SIZE")));
            assert!(texts.iter().any(|text| text.starts_with(">  CHUNKING")));
            assert!(texts.iter().any(|text| text.starts_with("   PIPELINING")));
        }
    }

    #[test]
    fn the_text_names_both_sides() {
        let text = text(&comparison());
        assert!(text.contains("<> SIZE: SIZE 10485760 | SIZE 20000\n"), "{text}");
        assert!(text.contains("   PIPELINING: PIPELINING\n"), "{text}");
    }
}
