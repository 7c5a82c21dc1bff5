//! `--record`: the file that a recording is written to.

use std::io::ErrorKind;
use std::path::Path;

use super::complaint::Complaint;
use super::usage;
use crate::run::record::Recorder;

/// Makes the file of a recording: a new one.
pub(super) fn recorder(path: &Path) -> Result<Recorder, Complaint> {
    Recorder::create(path).map_err(|error| {
        let what = format!("Cannot record to {}: {error}.", usage::shown(path));
        let next = match error.kind() {
            ErrorKind::AlreadyExists => "Name a file that does not exist yet: a recording is never written over one.",
            _ => "Name a new file in a folder that you may write to.",
        };
        Complaint::new("file/open", 2, what, next)
    })
}
