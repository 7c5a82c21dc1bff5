//! What is known on the screen of the recording that is being written.

use crate::app::{App, Effect};

use super::Room;
use super::saving::new_file;

/// News of the recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recording {
    /// It is written to this file.
    Began(String),
    /// It is not begun, or not any more: why.
    Stopped(String),
}

impl Room {
    /// What came of the recording.
    pub fn recorded(app: &mut App, news: Recording) {
        match news {
            Recording::Began(path) => {
                app.say(format!(
                    "The sessions are recorded from their beginning to {path}, secrets of live ones masked."
                ));
                app.room.recording = Some(path);
            }
            Recording::Stopped(why) => {
                app.room.recording = None;
                app.say(why);
            }
        }
    }
}

/// Begins to record to a file as it is typed.
pub(super) fn record(app: &mut App, path: &str) -> Result<(), String> {
    let path = new_file(path)?;
    app.emit(Effect::Record(path));
    Ok(())
}
