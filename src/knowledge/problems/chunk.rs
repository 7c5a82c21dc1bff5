//! P26: BDAT counted wrong.

use crate::dialogue::exchange::Exchange;
use crate::smtp::command::{Command, Verb};
use crate::tape::mark::{Closed, Mark};
use crate::tape::{Side, Span};

use super::Finding;
use super::happening::Happening;
use super::scene::Scene;

/// P26: what follows a chunk is no command: the chunk was longer than announced.
pub(super) fn too_few(scene: &Scene<'_>) -> Option<Finding> {
    let previous = scene.previous()?;
    let refused = matches!(scene.code, 500..=502) && scene.verb() == Some(Verb::Other);
    if !refused || previous.verb() != Some(Verb::Bdat) {
        return None;
    }
    let announced = Command::parse(&scene.line_of(previous)).chunk()?.size;
    let found = Finding::of("P26", "too-few").count("announced", announced).count("octets", scene.line.len());
    Some(found.shown_by([previous.row, scene.exchange.row]))
}

/// P26: the server waits for octets that nobody sends.
pub(super) fn too_many(it: &Happening<'_>) -> Option<Finding> {
    if !matches!(it.mark, Mark::TimedOut(_) | Mark::Closed(Closed { by: Side::Server, .. })) {
        return None;
    }
    let due = it.due().filter(|due| due.verb() == Some(Verb::Bdat))?;
    let line = it.tape.bytes(due.command?);
    let announced = Command::parse(&line).chunk()?.size;
    let sent = sent_behind(it, due);
    let missing = announced.checked_sub(sent).filter(|missing| *missing > 0)?;
    let found = Finding::of("P26", "too-many").count("announced", announced);
    Some(found.count("sent", sent).count("missing", missing).shown_by([due.row]))
}

/// Octets of the client behind a command line, up to the mark.
fn sent_behind(it: &Happening<'_>, due: &Exchange) -> u64 {
    let last = it.client_rows(due).filter_map(|(_, row)| row.span()).map(|span: Span| span.end).max();
    let from = due.command.map_or(0, |command| command.end);
    last.map_or(0, |end| end.saturating_sub(from))
}
