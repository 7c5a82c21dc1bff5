//! A conversation that somebody gives: what was said with what it means, then the problems that it shows and the last refusal,
//! in the words of the screen.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::time::Instant;

use super::{NotExplained, paragraph};
use crate::dialogue::exchange::ExchangeId;
use crate::dialogue::row::{RowId, What};
use crate::events::Fold;
use crate::export::page::Page;
use crate::export::{json, text};
use crate::knowledge::given::Given;
use crate::record::reader::Recording;
use crate::run::serve::Form;
use crate::session::Session;
use crate::session::transcript::HIDDEN;
use crate::tape::Moment;

/// Tells it on standard output; what its reader should know of it on standard error, unless `quiet`.
pub(super) fn tell(recording: &Recording, form: Form, quiet: bool, begun: Instant) -> Result<(), NotExplained> {
    for remark in recording.remarks.iter().filter(|_| !quiet) {
        // Whoever cannot hear it gets the rest all the same.
        let _ = writeln!(io::stderr(), "ehlo: {remark}");
    }
    let page = Page::of(recording);
    let found: Vec<Given> = page.model.sessions().iter().flat_map(explained).collect();
    let mut stdout = io::stdout().lock();
    match form {
        Form::Text => {
            stdout.write_all(text::print(&page).as_bytes())?;
            if found.is_empty() {
                writeln!(stdout, "\nNothing was refused, and no problem shows.")?;
            }
            for given in &found {
                // Each stands behind something.
                stdout.write_all(paragraph(1, given).as_bytes())?;
            }
        }
        Form::Json => {
            let mut fold = Fold::default();
            stdout.write_all(json::tell(recording, &mut fold).as_bytes())?;
            for given in &found {
                let event = fold.explained(given, None, Moment::START.after(begun.elapsed()));
                stdout.write_all(event.json().as_bytes())?;
            }
        }
    }
    stdout.flush()?;
    Ok(())
}

/// The rows of a session that ask for an explanation: those that show a problem, and the last refusal.
fn explained(session: &Session) -> Vec<Given> {
    let mut rows: BTreeSet<RowId> = session.problems().iter().map(|problem| problem.row).collect();
    rows.extend(last_refusal(session));
    rows.into_iter().filter_map(|row| given(session, row)).collect()
}

/// The last line of the last reply that refused something.
fn last_refusal(session: &Session) -> Option<RowId> {
    let dialogue = session.dialogue();
    let refused = dialogue.exchanges().iter().rposition(|it| it.code().is_some_and(|code| code.get() >= 400))?;
    let exchange = ExchangeId(u32::try_from(refused).ok()?);
    let ends = |what: What| what == What::Reply { exchange, last: true };
    let row = dialogue.rows().iter().rposition(|row| ends(row.what))?;
    u32::try_from(row).ok().map(RowId)
}

fn given(session: &Session, row: RowId) -> Option<Given> {
    let it = session.explain(row)?;
    let what = if session.problem(row).is_some() { "problem" } else { "reply" };
    Some(Given { what, about: shown(session, row), it })
}

/// The octets of a row without its line end, and something else in place of secrets; the words of a mark.
fn shown(session: &Session, row: RowId) -> Vec<u8> {
    let Some(row) = session.dialogue().row(row) else { return Vec::new() };
    let Some(span) = row.span() else { return session.matter(row).into_bytes() };
    let bytes = session.tape().bytes(span);
    let text = bytes.trim_ascii_end();
    let (mut shown, mut from) = (Vec::new(), 0);
    for range in session.hidden(span, &bytes) {
        shown.extend_from_slice(text.get(from..range.start).unwrap_or_default());
        shown.extend_from_slice(HIDDEN.as_bytes());
        from = range.end;
    }
    shown.extend_from_slice(text.get(from..).unwrap_or_default());
    shown
}
