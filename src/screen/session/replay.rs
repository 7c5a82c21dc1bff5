//! A recording on the screen: at any of its moments, step by step or at the speed at which it was recorded.
//!
//! What is shown is a model made of the first lines of the recording. A step forward plays more of them; a step back makes
//! the model anew. Nothing can be sent from a recording: its sessions are watched, and nobody listens.

use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::command::Availability;
use crate::ports::net::SessionId;
use crate::record::line::Line;
use crate::record::player::{Clock, play};
use crate::record::reader::Recording;
use crate::session::Model;
use crate::session::look_ups::LookUps;
use crate::tape::Moment;

use super::Room;
use super::layout::Pane;

/// Why nothing is sent, connected to or asked.
pub const NOTHING_IS_SENT: &str = "this is a recording, and nothing is sent or asked from one";

/// A recording, and how far it is played.
#[derive(Debug, Clone)]
pub struct Replay {
    recording: Arc<Recording>,
    /// When each line was, since the recording began.
    times: Arc<[Moment]>,
    /// So many lines are played.
    position: usize,
    playing: Option<Playing>,
}

/// A recording that plays by itself.
#[derive(Debug, Clone, Copy)]
struct Playing {
    /// Since when, since the program began.
    since: Moment,
    /// From which moment of the recording.
    from: Moment,
}

impl Replay {
    /// A recording of which nothing is played.
    pub fn new(recording: Recording) -> Self {
        let mut clock = Clock::default();
        let times = recording.lines.iter().map(|line| clock.time(line)).collect();
        Self { recording: Arc::new(recording), times, position: 0, playing: None }
    }

    /// Where it stands, in words.
    pub fn standing(&self) -> String {
        let all = self.recording.lines.len();
        let verb = if self.playing.is_some() { "plays" } else { "stands" };
        format!("It {verb} at {} of {} s, line {} of {all}", self.now(), self.end(), self.position)
    }

    /// The moment at which it stands.
    fn now(&self) -> Moment {
        self.position.checked_sub(1).and_then(|last| self.times.get(last)).copied().unwrap_or_default()
    }

    fn end(&self) -> Moment {
        self.times.last().copied().unwrap_or_default()
    }

    fn is_at_end(&self) -> bool {
        self.position >= self.recording.lines.len()
    }

    /// When the next line is to be played, since the program began.
    pub(super) fn due(&self) -> Option<Moment> {
        let playing = self.playing?;
        let next = self.times.get(self.position)?;
        Some(playing.since.after(next.since(playing.from)))
    }

    /// The place behind the next thing that happened on a connection.
    fn forward(&self) -> usize {
        let lines = self.recording.lines.get(self.position..).unwrap_or_default();
        let next = lines.iter().position(|line| line.at().is_some());
        next.map_or(self.recording.lines.len(), |next| self.position + next + 1)
    }

    /// The place before the last thing that happened on a connection.
    fn back(&self) -> usize {
        let lines = self.recording.lines.get(..self.position).unwrap_or_default();
        lines.iter().rposition(|line| line.at().is_some()).unwrap_or(0)
    }
}

/// Where to go in a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Before everything.
    Start,
    /// One step back.
    Back,
    /// One step on.
    Forward,
    /// Behind everything.
    End,
}

impl Room {
    /// Shows a recording, whole.
    pub fn open_recording(app: &mut App, recording: Recording) {
        let told: Vec<String> = recording.remarks.iter().map(ToString::to_string).collect();
        app.room.replay = Some(Replay::new(recording));
        Self::replay(app, Move::End);
        app.room.current = app.model.sessions().first().map(|session| session.id);
        app.room.focus = Pane::Transcript;
        Self::settle(app);
        if !told.is_empty() {
            app.say(told.join(" "));
        }
    }

    /// Goes to another moment of the recording, and stops playing.
    pub fn replay(app: &mut App, to: Move) {
        let Some(replay) = &mut app.room.replay else { return };
        replay.playing = None;
        let place = match to {
            Move::Start => 0,
            Move::Back => replay.back(),
            Move::Forward => replay.forward(),
            Move::End => replay.recording.lines.len(),
        };
        Self::replay_to(app, place);
    }

    /// Plays at the recorded speed from here, from the beginning if it is at its end; or stops.
    pub fn play_or_stop(app: &mut App) {
        let Some(replay) = &mut app.room.replay else { return };
        if replay.playing.take().is_some() {
            return;
        }
        if replay.is_at_end() {
            Self::replay_to(app, 0);
        }
        let since = app.now();
        if let Some(replay) = &mut app.room.replay {
            replay.playing = Some(Playing { since, from: replay.now() });
        }
    }

    /// Plays what is due.
    pub fn play_on(app: &mut App) {
        let now = app.now();
        let Some(replay) = &app.room.replay else { return };
        let Some(playing) = replay.playing else { return };
        let passed: Duration = now.since(playing.since);
        let due = |time: &Moment| time.since(playing.from) <= passed;
        let next = replay.times.get(replay.position..).unwrap_or_default();
        let place = replay.position + next.iter().take_while(|time| due(time)).count();
        Self::replay_to(app, place);
        if let Some(replay) = app.room.replay.as_mut().filter(|replay| replay.is_at_end()) {
            replay.playing = None;
        }
    }

    /// Plays up to, not including, this line; what lies behind it is taken back.
    fn replay_to(app: &mut App, place: usize) {
        let Some(replay) = &mut app.room.replay else { return };
        if place < replay.position {
            app.model = Model::new(LookUps::new(1));
            app.room.views.clear();
            replay.position = 0;
        }
        let recording = Arc::clone(&replay.recording);
        let lines = recording.lines.get(replay.position..place).unwrap_or_default();
        replay.position = place.max(replay.position);
        for line in lines {
            play(line, &mut app.model);
        }
        let shown = lines.iter().rev().find(|line| line.at().is_some()).and_then(Line::session);
        app.room.show_of(shown, &app.model);
        Self::settle(app);
    }

    /// Shows the session where something happened last.
    fn show_of(&mut self, last: Option<SessionId>, model: &Model) {
        for session in model.sessions() {
            self.views.entry(session.id).or_default().refresh(session);
        }
        let known = |id: &SessionId| model.session(*id).is_some();
        let first = || model.sessions().first().map(|session| session.id);
        self.current = last.or(self.current).filter(known).or_else(first);
    }
}

/// There is a recording.
pub(super) fn recording(app: &App) -> Availability {
    if app.room.replay.is_some() { Availability::Yes } else { Availability::No("no recording is open: ehlo open FILE") }
}

/// There is the world, to be connected to and asked.
pub(super) fn world(app: &App) -> Availability {
    if app.room.replay.is_some() { Availability::No(NOTHING_IS_SENT) } else { Availability::Yes }
}
