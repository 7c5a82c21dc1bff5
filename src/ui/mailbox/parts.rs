//! The parts of a letter as a tree, and what a delivery report says.

use crate::knowledge::fields;
use crate::mail::mime::{Closed, Part, tree};
use crate::mail::report::Report;
use crate::ui::text::{Role, Run, wrap_words};

/// The parts, each in a line or two, and below them what the letter reports if it is a report.
pub(super) fn lines(letter: &[u8], room: usize, shown: fn(&[u8]) -> String) -> Vec<Vec<Run>> {
    let mut lines = Vec::new();
    for part in tree(letter) {
        self::part(&part, room, shown, &mut lines);
    }
    if let Some(found) = Report::read(letter) {
        report(&found.report, room, shown, &mut lines);
    }
    lines
}

fn part(part: &Part<'_>, room: usize, shown: fn(&[u8]) -> String, lines: &mut Vec<Vec<Run>>) {
    let shown = |text: &str| shown(text.as_bytes());
    let indent = "  ".repeat(part.number.matches('.').count());
    let mut facts = vec![format!("{} bytes", part.body.len()), shown(&part.encoding)];
    facts.extend(part.charset.as_deref().map(shown));
    facts.extend(part.disposition.as_deref().map(shown));
    facts.extend(part.name.as_deref().map(|name| format!("\"{}\"", shown(name))));
    let mut runs = vec![
        Run::new(format!("{indent}{}  ", part.number), Role::Quiet),
        Run::new(shown(&part.kind), Role::Heading),
        Run::new(format!("  {}", facts.join(", ")), Role::Text),
    ];
    runs.extend(part.closed.map(|closed| {
        let words = match closed {
            Closed::NoBoundary => "  (nothing says where its parts end)",
            Closed::TooMany => "  (too many parts, or too deep: the rest is not listed)",
        };
        Run::new(words, Role::Problem)
    }));
    let mut wrapped = wrap_words(&runs, room.saturating_sub(indent.len() + 4));
    for line in wrapped.iter_mut().skip(1) {
        line.insert(0, Run::new(format!("{indent}    "), Role::Text));
    }
    lines.append(&mut wrapped);
    if let Some(meaning) = meaning(&part.kind) {
        for mut line in wrap_words(&[Run::new(meaning, Role::Note)], room.saturating_sub(indent.len() + 4)) {
            line.insert(0, Run::new(format!("{indent}    "), Role::Text));
            lines.push(line);
        }
    }
}

/// What the part of a report holds. Plain text is in every letter and needs no word.
fn meaning(kind: &str) -> Option<&'static str> {
    let parts = &fields::table().dsn_part;
    let found = parts.iter().filter(|part| part.part > 1).find(|part| part.media.split(" or ").any(|it| it == kind));
    found.map(|part| part.meaning.as_str())
}

fn report(report: &Report, room: usize, shown: fn(&[u8]) -> String, lines: &mut Vec<Vec<Run>>) {
    let shown = |text: &str| shown(text.as_bytes());
    let mut say = |text: String, role: Role| lines.extend(wrap_words(&[Run::new(text, role)], room));
    say(String::new(), Role::Text);
    say(format!("What {} reports", shown(&report.reporting)), Role::Heading);
    for recipient in &report.recipients {
        let action = recipient.action.name();
        let meaning = fields::table().dsn_action.iter().find(|it| it.value == action).map(|it| it.meaning.as_str());
        let role = if recipient.status.class == 5 { Role::Bad } else { Role::Text };
        say(format!("{}: {action}, {}", shown(&recipient.address), recipient.status), role);
        say(meaning.map(|meaning| format!("  {meaning}")).unwrap_or_default(), Role::Note);
        let remote = recipient.remote.as_deref().map_or_else(|| "a server".to_owned(), shown);
        if let Some(said) = &recipient.diagnostic {
            say(format!("  {remote} said: {}", shown(said)), Role::Quiet);
        } else if let Some(why) = &recipient.why {
            say(format!("  {}", shown(why)), Role::Quiet);
        }
    }
}
