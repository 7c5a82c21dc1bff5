//! `ehlo open`: a recording in the explorer.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _};
use std::path::Path;

use super::complaint::Complaint;
use super::options::Common;
use super::options::reach::Reach;
use super::{configuration, usage};
use crate::app::App;
use crate::files;
use crate::ports::net::SessionId;
use crate::record;
use crate::record::line::Line;
use crate::record::reader::{NotRead, Reader, Recording};
use crate::record::slice::Opened;
use crate::run::reread::Recording as Shown;
use crate::run::services::Setup;
use crate::screen::session::Room;
use crate::session::Model;
use crate::session::look_ups::LookUps;
use crate::smtp::limits::foreign;
use crate::smtp::limits::recording::{LINE, OCTETS};
use crate::term;

/// Opens the explorer on a recording; what comes back is the exit code. The file may be large: its beginning is read now,
/// the rest behind the screen.
pub(super) fn show(path: &Path, common: &Common) -> Result<u8, Complaint> {
    let unreadable = |error: io::Error| unreadable(path, &error);
    let (recording, opened) = match Shown::open(path).map_err(unreadable)? {
        Err(NotRead::Foreign) => {
            let made = Shown::made(&log(path, files::regular(path).map_err(unreadable)?)?).map_err(unreadable)?;
            made.map_err(|why| refused(path, &why))?
        }
        opened => opened.map_err(|why| refused(path, &why))?,
    };
    explore(recording, opened, common, None)
}

/// Opens the explorer on two recordings; if each has one session, with what differs.
pub(super) fn beside(left: &Path, right: &Path, common: &Common) -> Result<u8, Complaint> {
    let both = read(left)?.beside(read(right)?);
    let mut sessions = both.lines.iter().filter(|line| matches!(line, Line::Session(_))).filter_map(Line::session);
    let pair = match (sessions.next(), sessions.next(), sessions.next()) {
        (Some(_), Some(second), None) => Some(second),
        _ => None,
    };
    let made = Shown::made(&both).map_err(|error| unreadable(left, &error))?;
    let (recording, opened) = made.map_err(|why| refused(left, &why))?;
    explore(recording, opened, common, pair)
}

/// Runs the explorer on a recording, and lays a session beside the first one.
fn explore(recording: Shown, opened: Opened, common: &Common, compared: Option<SessionId>) -> Result<u8, Complaint> {
    let next = "Without a screen, ehlo export FILE prints a recording as text, and ehlo diff compares two.";
    term::check().map_err(|why| Complaint::new(why.id(), 2, why.to_string(), next))?;
    let configuration = configuration::read(common, None)?;
    let setup = Setup { lab: false, recording: Some(recording), ..super::setup(&Reach::default(), &configuration)? };
    let mut app = App::new(Model::new(LookUps::new(setup.seed)), Room::default(), configuration.settings());
    Room::open_recording(&mut app, opened);
    if let Some(other) = compared {
        Room::show_recorded(&mut app, other, true);
    }
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
    let mut reader = match Reader::begin(first) {
        Err(NotRead::Foreign) => return log(path, lines.file.into_inner()),
        begun => begun.map_err(|why| refused(path, &why))?,
    };
    loop {
        let line = lines.next().map_err(unreadable)?;
        if line.is_empty() || !reader.take(line) {
            return Ok(reader.end());
        }
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Complaint {
    Complaint::new("file/open", 2, format!("Cannot read {}: {error}.", usage::shown(path)), FORMS)
}

/// Reads the log of another program as a recording.
fn log(path: &Path, mut file: File) -> Result<Recording, Complaint> {
    let unreadable = |error: io::Error| unreadable(path, &error);
    let octets = file.metadata().map_err(unreadable)?.len();
    if octets > foreign::OCTETS {
        return Err(refused(path, &NotRead::TooLargeLog(octets)));
    }
    let mut text = Vec::new();
    file.rewind().map_err(unreadable)?;
    file.take(foreign::OCTETS + 1).read_to_end(&mut text).map_err(unreadable)?;
    record::foreign::read(&text).map_err(|why| refused(path, &why))
}

/// What is read.
const FORMS: &str = "Name a recording, as ehlo --record FILE or Alt-o makes one; its text or Markdown; a log of swaks, curl -v or \
     openssl s_client; a transcript of Postfix, or one with S: and C: before its lines; or what was copied from telnet or nc.";

fn refused(path: &Path, why: &NotRead) -> Complaint {
    let what = format!("{} is not shown: {why}.", usage::shown(path));
    let next = match why {
        NotRead::Newer(_) => "Open it with that version.",
        NotRead::Foreign | NotRead::TooLarge(_) => FORMS,
        NotRead::Script => "Play it: ehlo run FILE --record NEW; what it says and hears is a recording then.",
        NotRead::TooLargeLog(_) => "Cut out the part that it is about.",
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
