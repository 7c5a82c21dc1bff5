//! The recording that runs beside an application, if one does.

use super::record::{Births, Recorder};
use crate::app::Msg;
use crate::screen::session::recording::Recording;
use crate::session::{Model, Signal};

/// Writes what happens to a recording, while there is one.
#[derive(Debug, Default)]
pub(super) struct Scribe {
    births: Births,
    recorder: Option<Recorder>,
}

impl Scribe {
    /// One that begins with this recording.
    pub(super) fn new(recorder: Option<Recorder>) -> Self {
        Self { births: Births::default(), recorder }
    }

    /// Hears what the application is about to take in.
    pub(super) fn heard(&mut self, msg: &Msg) {
        if let (Msg::Signal(Signal::Lab(signal)), Some(recorder)) = (msg, &mut self.recorder) {
            recorder.heard(signal);
        }
    }

    /// Writes what is new. A recording that stops is told, once; that asks for nothing in the world.
    pub(super) fn follow(&mut self, model: &Model) -> Option<Msg> {
        self.births.note(model);
        let stopped = self.recorder.as_mut()?.follow(model, &self.births).err()?;
        self.recorder = None;
        Some(Msg::Recorded(Recording::Stopped(stopped.to_string())))
    }

    /// Begins to record; what came of it is for the application to take in.
    pub(super) fn begin(&mut self, path: String, model: &Model) -> Msg {
        Msg::Recorded(match Recorder::create(path.as_ref()) {
            Ok(mut recorder) => {
                recorder.catch_up(model);
                self.recorder = Some(recorder);
                Recording::Began(path)
            }
            Err(error) => Recording::Stopped(format!(
                "Cannot record to {path}: {error}. Name a file that does not exist yet. [file/open]"
            )),
        })
    }

    /// Writes the rest.
    pub(super) fn finish(&mut self, model: &Model) {
        if let Some(recorder) = self.recorder.take() {
            // Nobody is there any more to be told.
            let _ = recorder.finish(model, &self.births);
        }
    }
}
