//! `ehlo open`: a recording in the explorer.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::Path;

use super::complaint::Complaint;
use super::options::Common;
use super::options::reach::Reach;
use super::{configuration, usage};
use crate::app::App;
use crate::files;
use crate::record::reader::{NotRead, Reader, Recording};
use crate::run::reread::Recording as Shown;
use crate::run::services::Setup;
use crate::screen::session::Room;
use crate::session::Model;
use crate::session::look_ups::LookUps;
use crate::smtp::limits::recording::{LINE, OCTETS};
use crate::term;

/// Opens the explorer on a recording; what comes back is the exit code. The file may be large: its beginning is read now,
/// the rest behind the screen.
pub(super) fn show(path: &Path, common: &Common) -> Result<u8, Complaint> {
    let opened = Shown::open(path).map_err(|error| unreadable(path, &error))?;
    let (recording, opened) = opened.map_err(|why| refused(path, &why))?;
    term::check().map_err(|why| Complaint::new(why.id(), 2, why.to_string(), why.next()))?;
    let configuration = configuration::read(common, None)?;
    let setup = Setup { lab: false, recording: Some(recording), ..super::setup(&Reach::default(), &configuration)? };
    let mut app = App::new(Model::new(LookUps::new(setup.seed)), Room::default(), configuration.settings());
    Room::open_recording(&mut app, opened);
    let first = app.take_effects();
    super::explore(app, first, setup)
}

/// Reads a recording, line by line.
pub(super) fn read(path: &Path) -> Result<Recording, Complaint> {
    let unreadable = |error: io::Error| unreadable(path, &error);
    let file = files::regular(path).map_err(unreadable)?;
    let octets = file.metadata().map_err(unreadable)?.len();
    if octets > OCTETS {
        return Err(refused(path, &NotRead::TooLarge(octets)));
    }
    let mut lines = Lines { file: BufReader::new(file), line: Vec::new() };
    let first = lines.next().map_err(unreadable)?;
    let mut reader = Reader::begin(first).map_err(|why| refused(path, &why))?;
    loop {
        let line = lines.next().map_err(unreadable)?;
        if line.is_empty() || !reader.take(line) {
            return Ok(reader.end());
        }
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Complaint {
    let what = format!("Cannot read {}: {error}.", usage::shown(path));
    Complaint::new("file/open", 2, what, "Name a recording, as ehlo --record FILE or Alt-o makes one.")
}

fn refused(path: &Path, why: &NotRead) -> Complaint {
    let what = format!("{} is not shown: {why}.", usage::shown(path));
    let next = match why {
        NotRead::Newer(_) => "Open it with that version.",
        NotRead::Foreign | NotRead::TooLarge(_) => "Name a recording, as ehlo --record FILE or Alt-o makes one.",
    };
    Complaint::new(why.id(), 2, what, next)
}

/// The lines of a file. Of one that is longer than any may be, no more than that is kept.
struct Lines {
    file: BufReader<File>,
    line: Vec<u8>,
}

impl Lines {
    /// The next line with its end; empty behind the last one.
    fn next(&mut self) -> io::Result<&[u8]> {
        self.line.clear();
        (&mut self.file).take(LINE as u64 + 2).read_until(b'\n', &mut self.line)?;
        if self.line.len() > LINE && !self.line.ends_with(b"\n") {
            self.file.skip_until(b'\n')?;
            self.line.push(b'\n');
        }
        Ok(&self.line)
    }
}
