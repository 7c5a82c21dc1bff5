//! The recording that runs beside sessions, if one does.

use super::record::{Births, Recorder, Stopped};
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

    /// Hears what the model is about to take in.
    pub(super) fn heard(&mut self, signal: &Signal) {
        match (signal, &mut self.recorder) {
            (Signal::Lab(signal), Some(recorder)) => recorder.heard(signal),
            (Signal::Dns(signal), Some(recorder)) => recorder.heard_of_dns(signal),
            _ => {}
        }
    }

    /// Writes what is new. Why a recording stopped comes back once.
    pub(super) fn follow(&mut self, model: &Model) -> Option<Stopped> {
        self.births.note(model);
        let stopped = self.recorder.as_mut()?.follow(model, &self.births).err()?;
        self.recorder = None;
        Some(stopped)
    }

    /// The same for an application to take in; that asks for nothing in the world.
    pub(super) fn tell(&mut self, model: &Model) -> Option<Msg> {
        self.follow(model).map(|stopped| Msg::Recorded(Recording::Stopped(stopped.to_string())))
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

    /// Writes the rest. Why that failed comes back.
    pub(super) fn finish(&mut self, model: &Model) -> Option<Stopped> {
        self.recorder.take().and_then(|recorder| recorder.finish(model, &self.births).err())
    }
}
