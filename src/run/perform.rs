//! What the application wants done, as far as it needs no terminal: questions to the services, and the user's files.

use std::io;
use std::path::Path;

use tokio::sync::mpsc;

use super::chosen;
use super::services::Services;
use crate::app::{Effect, Msg};
use crate::files;
use crate::record::slice::Wanted;
use crate::session::Signal;

/// What came of it.
#[derive(Debug)]
pub enum Performed {
    /// It is under way, or done.
    Begun,
    /// It is done, and this is for the application to take in.
    Told(Msg),
    /// It needs a terminal.
    Left(Effect),
}

impl Services {
    /// Does it. What is read from files is told through `looking`.
    pub fn perform(&self, effect: Effect, looking: &mpsc::Sender<Msg>) -> Performed {
        let told = match effect {
            Effect::Net(request) => self.net(request).err().map(|refused| {
                let (request, why) = *refused;
                Msg::Unsent(request, why)
            }),
            Effect::Dns(request) => self.dns(request).err().map(Msg::Told),
            Effect::Lab(request) => self.ask_lab(request).map(|told| Msg::Signal(Signal::Lab(told))),
            Effect::Save { path, text } => Some(save(&path, text.as_bytes())),
            Effect::Export { path, octets } => Some(save(&path, &octets)),
            Effect::Read { path, most } => {
                read(looking, path, move |path| chosen::look(path, most), |path, found| Msg::Read { path, found });
                None
            }
            Effect::Attach { path, most } => {
                read(looking, path, move |path| files::read(path, most), |path, found| Msg::Attached { path, found });
                None
            }
            Effect::ReadOfRecording(wanted) => {
                self.reread(wanted, looking);
                None
            }
            effect => return Performed::Left(effect),
        };
        told.map_or(Performed::Begun, Performed::Told)
    }
}

impl Services {
    /// Reads lines of the recording that is shown. Keys are heeded meanwhile.
    fn reread(&self, wanted: Wanted, looking: &mpsc::Sender<Msg>) {
        let Some(recording) = self.recording.clone() else { return };
        let looking = looking.clone();
        tokio::task::spawn_blocking(move || {
            // Nobody listens once the program is being left.
            let _ = looking.blocking_send(Msg::ReadOfRecording(recording.read(&wanted)));
        });
    }
}

/// Writes a new file of the user's and tells what came of it.
fn save(path: &str, octets: &[u8]) -> Msg {
    Msg::Told(match files::save(path.as_ref(), octets) {
        Ok(()) => format!("saved as {path}"),
        Err(error) => format!("Cannot write {path}: {error}. Choose another name. [file/open]"),
    })
}

/// Reads a file of the user's and tells what came of it. Keys are heeded meanwhile, however large it is.
fn read<T, R>(looking: &mpsc::Sender<Msg>, path: String, read: R, tell: fn(String, Result<T, String>) -> Msg)
where
    R: FnOnce(&Path) -> io::Result<T> + Send + 'static,
    T: 'static,
{
    let looking = looking.clone();
    tokio::task::spawn_blocking(move || {
        let found = read(path.as_ref()).map_err(|error| format!("Cannot read {path}: {error}. [file/open]"));
        // Nobody listens once the program is being left.
        let _ = looking.blocking_send(tell(path, found));
    });
}
