//! The file of the recording that is shown: read again and again, a stretch at a time.
//!
//! It stays open, so it can be read on when its name is gone. What was read and shown stays when it changes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Seek};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::files;
use crate::record::line::Line;
use crate::record::reader::{self, NotRead};
use crate::record::slice::{Opened, Slice, Wanted, open, slice};
use crate::smtp::limits::recording::SLICE;

/// Octets that the system is asked for at a time.
const PIECE: usize = 64 * 1024;

/// The file, and how it was when it was opened; or what was made of the log of another program, in memory.
#[derive(Debug)]
pub enum Recording {
    /// A file.
    File {
        /// The open file.
        file: Mutex<BufReader<File>>,
        /// Octets that it had.
        octets: u64,
        /// When it was written last.
        changed: Option<SystemTime>,
    },
    /// A recording in memory.
    Memory(Vec<u8>),
}

impl Recording {
    /// Opens the recording at a path: a regular file that begins with a header.
    pub fn open(path: &Path) -> io::Result<Result<(Self, Opened), NotRead>> {
        let file = files::regular(path)?;
        let about = file.metadata()?;
        let mut file = BufReader::with_capacity(PIECE, file);
        let opened = open(&mut file, about.len(), SLICE)?;
        let (octets, changed) = (about.len(), about.modified().ok());
        Ok(opened.map(|opened| (Self::File { file: Mutex::new(file), octets, changed }, opened)))
    }

    /// A recording that was made of something else.
    pub fn made(recording: &reader::Recording) -> io::Result<Result<(Self, Opened), NotRead>> {
        let lines = recording.lines.iter().map(Line::json);
        let text = std::iter::once(recording.header.json()).chain(lines).collect::<String>().into_bytes();
        let opened = open(&mut Cursor::new(&text), text.len() as u64, SLICE)?;
        let remarks = recording.remarks.clone();
        Ok(opened.map(|opened| (Self::Memory(text), Opened { remarks, ..opened })))
    }

    /// Reads what is wanted; an error says why not.
    pub(super) fn read(&self, wanted: &Wanted) -> Result<Slice, String> {
        match self {
            Self::Memory(text) => read(&mut Cursor::new(text), wanted),
            Self::File { file, octets, changed } => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                if is_another(file.get_ref(), *octets, *changed) {
                    let why = "The file was changed after it was opened. What is shown was read before. [rec/changed]";
                    return Err(why.into());
                }
                read(&mut *file, wanted)
            }
        }
    }
}

fn read<R: BufRead + Seek>(file: &mut R, wanted: &Wanted) -> Result<Slice, String> {
    slice(file, wanted).map_err(|why| format!("The recording cannot be read on: {why}. [rec/changed]"))
}

/// True if a file was written over. One that only grows is still being recorded.
fn is_another(file: &File, octets: u64, changed: Option<SystemTime>) -> bool {
    let Ok(about) = file.metadata() else { return false };
    about.len() < octets || (about.len() == octets && about.modified().ok() != changed)
}
