//! The explorer line by line: `ehlo talk`, and whatever would open a screen where lines are wanted.

use std::io;

use super::complaint::Complaint;
use super::configuration::Configuration;
use crate::app::{App, Effect};
use crate::run::services::Setup;
use crate::run::talk::{Manner, run};
use crate::session::place::World;
use crate::session::target::Wanted;
use crate::term;

/// True if lines are wanted where a screen would open.
pub(super) fn is_wanted(configuration: &Configuration) -> bool {
    configuration.config.linear.unwrap_or_else(term::wants_lines)
}

/// Sees to it that nobody needs to be asked where nobody types.
pub(super) fn prepare(app: &mut App, wanted: &Wanted) -> Result<(), Complaint> {
    if term::lines::is_typed() {
        return Ok(());
    }
    match wanted {
        // Who names a host in a script has agreed to it.
        Wanted::Host(target) if World::of(target.place, &target.host) == World::Live => {
            app.room.agreed.insert(target.host.to_ascii_lowercase());
        }
        Wanted::Host(_) => {}
        Wanted::Exchangers(..) | Wanted::Submission(..) => {
            let what = "Which of its hosts to talk to is a choice, and standard input is no terminal.";
            return Err(Complaint::new("cli/host", 2, what, "Name the host itself; ehlo dns lists them."));
        }
    }
    Ok(())
}

/// Runs it; what comes back is the exit code.
pub(super) fn tell(
    app: App,
    first: Vec<Effect>,
    setup: Setup,
    configuration: &Configuration,
    json: bool,
) -> Result<u8, Complaint> {
    let width = configuration.config.width.map(usize::from).or_else(term::columns).unwrap_or(usize::MAX);
    match run(app, first, setup, Manner { width, person: term::lines::is_typed(), json }) {
        // Whoever read has gone away, and needs no complaint.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(0),
        told => told.map_err(|error| {
            let what = format!("Standard input or output failed: {error}.");
            Complaint::new("tty/failed", 2, what, "Try again in another terminal.")
        }),
    }
}
