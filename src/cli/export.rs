//! `ehlo export` and `ehlo diff`: a recording in another form, and two recordings side by side.

use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::complaint::Complaint;
use super::options::{Diff, Export};
use super::{open, usage};
use crate::export::page::Page;
use crate::export::{NotExported, Piece, export};
use crate::files;
use crate::record::reader::Recording;
use crate::session::compare::{Comparison, compare};
use crate::ui::compare::text;

/// Exports a recording; what comes back is the exit code.
pub(super) fn tell(wanted: &Export, quiet: bool) -> Result<u8, Complaint> {
    let recording = open::read(&wanted.file)?;
    remark(&recording, "", quiet);
    let pieces = export(&recording, wanted.format.0).map_err(|why| nothing(&wanted.file, &why))?;
    for piece in pieces.iter().filter(|piece| piece.masked && !quiet) {
        let _ = writeln!(std::io::stderr(), "ehlo: A secret in {} is hidden: * stands for each octet.", piece.name);
    }
    match (&wanted.output, pieces.as_slice()) {
        (None, [only]) => print(&only.octets),
        (None, several) => {
            let what =
                format!("{} holds {} letters, and only one can be printed.", usage::shown(&wanted.file), several.len());
            Err(Complaint::new("cli/option", 2, what, "Name a folder for them: -o FOLDER"))
        }
        (Some(path), pieces) => write(path, pieces, quiet),
    }
}

/// Compares two recordings: 0 if nothing that matters differs, 1 if something does.
pub(super) fn differ(wanted: &Diff, quiet: bool) -> Result<u8, Complaint> {
    let played = |path: &Path, side: &str| {
        let recording = open::read(path)?;
        remark(&recording, side, quiet);
        let page = Page::of(&recording);
        // 1 would say that something differs.
        let empty = || Complaint { exit: 2, ..nothing(path, &NotExported::Empty) };
        if page.model.sessions().is_empty() { Err(empty()) } else { Ok(page) }
    };
    let (left, right) = (played(&wanted.left, "On the left: ")?, played(&wanted.right, "On the right: ")?);
    let pairs = left.model.sessions().iter().zip(right.model.sessions());
    let found: Vec<Comparison> = pairs.map(|(left, right)| compare(left, right)).collect();
    let many = left.model.sessions().len() != right.model.sessions().len();
    let mut told: String = found.iter().map(|it| text(it) + "\n").collect();
    if many {
        let [left, right] = [&left, &right].map(|page| page.model.sessions().len());
        // Writing to a string cannot fail.
        let sessions = if left == 1 { "session" } else { "sessions" };
        let _ = writeln!(told, "The left recording has {left} {sessions}, the right one {right}.");
    }
    print(told.as_bytes())?;
    Ok(u8::from(many || found.iter().any(Comparison::differs)))
}

/// What its reader should know of a recording.
fn remark(recording: &Recording, side: &str, quiet: bool) {
    for remark in recording.remarks.iter().filter(|_| !quiet) {
        // Whoever cannot hear it gets the rest all the same.
        let _ = writeln!(std::io::stderr(), "ehlo: {side}{remark}");
    }
}

fn nothing(path: &Path, why: &NotExported) -> Complaint {
    let what = format!("Nothing is made of {}: {why}.", usage::shown(path));
    Complaint::new(why.id(), 1, what, "ehlo open shows what is in it.")
}

/// A reader that has gone away needs no complaint.
fn print(octets: &[u8]) -> Result<u8, Complaint> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(octets).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let what = format!("Standard output failed: {error}.");
            Err(Complaint::new("file/open", 2, what, "Write to a file instead: -o FILE"))
        }
        _ => Ok(0),
    }
}

/// Writes new files: the one that is named, or several into the folder that is.
fn write(path: &Path, pieces: &[Piece], quiet: bool) -> Result<u8, Complaint> {
    if pieces.len() > 1 && !path.is_dir() {
        let what = format!("There are {} letters, and {} is no folder.", pieces.len(), usage::shown(path));
        return Err(Complaint::new("cli/option", 2, what, "Make the folder first, and name it: -o FOLDER"));
    }
    for piece in pieces {
        let path: PathBuf = if path.is_dir() { path.join(&piece.name) } else { path.to_owned() };
        files::save(&path, &piece.octets).map_err(|error| {
            let what = format!("Cannot write {}: {error}.", usage::shown(&path));
            let next = match error.kind() {
                ErrorKind::AlreadyExists => {
                    "Name a file that does not exist yet, or a folder: nothing is written over."
                }
                _ => "Name another place for it.",
            };
            Complaint::new("file/open", 2, what, next)
        })?;
        if !quiet {
            let _ = writeln!(std::io::stderr(), "ehlo: wrote {}", usage::shown(&path));
        }
    }
    Ok(0)
}
