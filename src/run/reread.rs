//! The file of the recording that is shown: read again and again, a stretch at a time.
//!
//! It stays open, so it can be read on when its name is gone. What was read and shown stays when it changes.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::files;
use crate::record::reader::NotRead;
use crate::record::slice::{Opened, Slice, Wanted, open, slice};
use crate::smtp::limits::recording::SLICE;

/// Octets that the system is asked for at a time.
const PIECE: usize = 64 * 1024;

/// The file, and how it was when it was opened.
#[derive(Debug)]
pub struct Recording {
    file: Mutex<BufReader<File>>,
    octets: u64,
    changed: Option<SystemTime>,
}

impl Recording {
    /// Opens the recording at a path: a regular file that begins with a header.
    pub fn open(path: &Path) -> io::Result<Result<(Self, Opened), NotRead>> {
        let file = files::regular(path)?;
        let about = file.metadata()?;
        let mut file = BufReader::with_capacity(PIECE, file);
        let opened = open(&mut file, about.len(), SLICE)?;
        let (octets, changed) = (about.len(), about.modified().ok());
        Ok(opened.map(|opened| (Self { file: Mutex::new(file), octets, changed }, opened)))
    }

    /// Reads what is wanted; an error says why not.
    pub(super) fn read(&self, wanted: &Wanted) -> Result<Slice, String> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_another(file.get_ref()) {
            return Err("The file was changed after it was opened. What is shown was read before. [rec/changed]".into());
        }
        slice(&mut *file, wanted).map_err(|why| format!("The recording cannot be read on: {why}. [rec/changed]"))
    }

    /// True if it was written over. One that only grows is still being recorded.
    fn is_another(&self, file: &File) -> bool {
        let Ok(about) = file.metadata() else { return false };
        about.len() < self.octets || (about.len() == self.octets && about.modified().ok() != self.changed)
    }
}
