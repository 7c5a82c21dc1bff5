//! The journey as a table: a row for each thing that happened.

use crate::ports::lab::{Step, Written};
use crate::session::journey::{Journey, Row};
use crate::ui::lab_mail::spelled;
use crate::ui::remote;
use crate::ui::text::{Pen, Role, Run, clip, width};

use super::words::{client, said, secured, took};
use super::{Map, short};

/// Cells of the columns that do not grow: number, time, security, what was said, how long it took.
const FIXED: [usize; 5] = [4, 9, 13, 12, 8];

/// Draws the table with the selected row in sight; gives the line of that one.
pub(super) fn draw(map: &Map<'_>, journey: &Journey<'_>, pen: &mut Pen<'_>) -> u16 {
    let ascii = pen.ascii();
    let room = pen.width().saturating_sub(2);
    let begins = headings(pen.height());
    if begins > 0 {
        pen.put(1, 0, &head(room), Role::Quiet);
    }
    let page = usize::from(pen.height().saturating_sub(begins)).max(1);
    let first = map.row.saturating_sub(page / 2).min(journey.rows.len().saturating_sub(page));
    let mut cursor = 0;
    for ((at, _), y) in journey.rows.iter().enumerate().skip(first).take(page).zip(begins..) {
        let selected = at == map.row;
        let mark = if ascii { ">" } else { "▸" };
        pen.put(0, y, if selected { mark } else { " " }, Role::Text);
        pen.runs(1, y, &line(map, journey, at, room, ascii));
        if selected {
            pen.select(y);
            cursor = y;
        }
    }
    cursor
}

/// Lines that the names of the columns take on a page of so many lines.
pub(super) const fn headings(height: u16) -> u16 {
    if height < 5 { 0 } else { 1 }
}

/// The table as text.
pub(super) fn text(map: &Map<'_>, journey: &Journey<'_>) -> String {
    const ROOM: usize = 160;
    let line = |at| line(map, journey, at, ROOM, false).into_iter().map(|run| run.text).collect::<String>();
    let lines = (0..journey.rows.len()).map(line);
    [head(ROOM)].into_iter().chain(lines).fold(String::new(), |all, line| all + line.trim_end() + "\n")
}

fn hop(room: usize) -> usize {
    room.saturating_sub(FIXED.iter().sum()).max(12)
}

fn head(room: usize) -> String {
    let [number, time, security, said, spent] = FIXED;
    let hop = hop(room);
    format!(
        "{:<number$}{:<time$}{:<hop$}{:<security$}{:<said$}{:>spent$}",
        "#", "at time", "hop", "security", "said", "took"
    )
}

fn line(map: &Map<'_>, journey: &Journey<'_>, at: usize, room: usize, ascii: bool) -> Vec<Run> {
    let Some(row) = journey.rows.get(at) else { return Vec::new() };
    let [number, time, security, answer, spent] = FIXED;
    let legs = journey.rows.iter().take(at + 1).filter(|row| row.leads_to().is_some()).count();
    let is_leg = row.leads_to().is_some();
    let count = if is_leg { legs.to_string() } else { String::new() };
    let mut runs = vec![
        Run::new(format!("{count:<number$}"), Role::Quiet),
        Run::new(format!("{:<time$}", spelled(row.news.at, "%H:%M:%S")), Role::Quiet),
    ];
    if !is_leg {
        let (text, role) = happened(row, ascii);
        runs.push(Run::new(clip(&text, room.saturating_sub(number + time), ascii), role));
        return runs;
    }
    let wide = hop(room);
    let arrow = if ascii { "->" } else { "→" };
    let from = if row.enters() { client(map, journey, row).0 } else { row.news.host.clone() };
    let way = format!("{} {arrow} {}", short(&from), short(row.leads_to().unwrap_or_default()));
    let mut cell = |text: &str, room: usize, role: Role| {
        let text = clip(text, room.saturating_sub(1), ascii);
        let blank = room.saturating_sub(width(&text));
        runs.push(Run::new(format!("{text}{}", " ".repeat(blank)), role));
    };
    cell(&remote::shown(&way), wide, Role::Text);
    let (words, _, role) = secured(map, journey, row).words();
    cell(words, security, role);
    let (said, role) = said(row, ascii);
    cell(&remote::shown(&said), answer, role);
    let took = took(map, row);
    runs.push(Run::new(format!("{took:>spent$}"), Role::Quiet));
    runs
}

/// What happened at a host by itself.
fn happened(row: &Row<'_>, ascii: bool) -> (String, Role) {
    let arrow = if ascii { "->" } else { "→" };
    match &row.news.step {
        Step::Deferred { to, next, .. } => {
            let due = spelled(*next, "%d %b %H:%M:%S");
            let until = |waits: &crate::ports::lab::Waits| {
                let (tries, most) = (waits.tries.saturating_add(1), waits.most);
                let until = spelled(waits.until, "%d %b %H:%M");
                format!("waits: try {tries} of at most {most} at {due}, gives up {until}")
            };
            let text = row.waits.map_or_else(|| format!("waited until {due}"), until);
            (format!("{text} ({})", remote::shown(to)), if row.waits.is_some() { Role::Wait } else { Role::Quiet })
        }
        Step::Delivered { to } => {
            (format!("in the mailbox {} at {}", remote::shown(to), short(&row.news.host)), Role::Good)
        }
        Step::Bounced { to, status, told, .. } => {
            (format!("given up for {} ({status}): {} is told", remote::shown(to), remote::shown(told)), Role::Bad)
        }
        Step::Dropped { to, .. } => (format!("given up for {}, nobody is told", remote::shown(to)), Role::Bad),
        Step::Wrote { id, kind, to, .. } => {
            let what = match kind {
                Written::Report => "writes a report",
                Written::ListCopy => "writes to the members of the list",
            };
            (format!("{} {what}: {id} {arrow} {}", short(&row.news.host), remote::shown(&to.join(", "))), Role::Text)
        }
        Step::Looped { received, limit } => {
            (format!("refused as a loop: {received} Received lines, {limit} are too many"), Role::Problem)
        }
        Step::Judged { check, result, about, .. } => {
            (format!("{check} says {result} for {}", remote::shown(about)), Role::Text)
        }
        Step::Accepted { .. } | Step::Calls { .. } | Step::Hop { .. } | Step::Tried { .. } => {
            (String::new(), Role::Text)
        }
    }
}
