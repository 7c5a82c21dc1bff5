//! A recording on the screen: at any of its moments, step by step or at the speed at which it was recorded.
//!
//! The file may be far larger than memory. It is read once in the background, to know what stands where; of what was said
//! only what is looked at is held. A step forward plays more of the lines around the place where the recording stands; a
//! step back, or a session that is not held, is read again from the file, and what is shown stays until it is there.
//! Nothing can be sent from a recording: its sessions are watched, and nobody listens.

mod held;
mod making;
mod moving;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::app::{App, Effect};
use crate::command::Availability;
use crate::ports::net::SessionId;
use crate::record::index::{Block, Index, Summary};
use crate::record::kept::{Budget, Kept, Start};
use crate::record::line::{Begun, Line};
use crate::record::slice::{Of, Opened, Slice, Wanted};
use crate::session::Model;
use crate::session::look_ups::LookUps;
use crate::smtp::limits::recording::LETTERS;
use crate::tape::Moment;
use crate::tape::told::Imported;

use super::Room;
use super::layout::Pane;
use held::Held;
use making::Making;

/// Why nothing is sent, connected to or asked.
pub const NOTHING_IS_SENT: &str = "this is a recording, and nothing is sent or asked from one";
/// The ticket of what is read in the background.
const BACKGROUND: u64 = 0;

/// A recording, and how far it is played.
#[derive(Debug)]
pub struct Replay {
    index: Index,
    /// Where it was read from, if it was not recorded here.
    imported: Option<Imported>,
    /// Octets that the file had when it was opened.
    octets: u64,
    budget: Budget,
    held: Held,
    /// So many lines are played.
    position: u32,
    /// When the last of them was.
    now: Moment,
    playing: Option<Playing>,
    wish: Option<Wish>,
    /// It stands behind the last line whenever nothing else is wanted, also behind those that are still to be read.
    follows: bool,
    making: Option<Making>,
    /// Where the lines begin that are being read to be held.
    loading: Option<Block>,
    /// The ticket of what is being read for a wish.
    ticket: u64,
    /// What is kept of the sessions that the model holds.
    kept: BTreeMap<SessionId, Kept>,
    /// From where long sessions that were shown can be shown again.
    starts: BTreeMap<SessionId, (Begun, Vec<Start>)>,
    /// The sessions that were shown, the last one last.
    shown: Vec<SessionId>,
}

/// A recording that plays by itself.
#[derive(Debug, Clone, Copy)]
struct Playing {
    /// Since when, since the program began.
    since: Moment,
    /// From which moment of the recording.
    from: Moment,
}

/// What is wanted and takes reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    /// To stand behind the last line.
    Follow,
    /// To stand behind the next things that happened on a connection, so many.
    Forward(u32),
    /// To stand before the last thing that happened on a connection before this line.
    Back(u32),
    /// To have so many lines played.
    To(u32),
    /// To see a session, and perhaps to compare it with the shown one.
    Show(SessionId, bool),
    /// To have the next lines at hand.
    Next,
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

impl Replay {
    fn new(opened: &Opened, budget: Budget) -> Self {
        Self {
            index: Index::new(opened.at, budget.block).with(&opened.remarks),
            imported: imported(opened),
            octets: opened.octets,
            budget,
            held: Held::default(),
            position: 0,
            now: Moment::START,
            playing: None,
            wish: None,
            follows: true,
            making: None,
            loading: None,
            ticket: BACKGROUND,
            kept: BTreeMap::new(),
            starts: BTreeMap::new(),
            shown: Vec::new(),
        }
    }

    /// So many lines are played.
    pub fn position(&self) -> u32 {
        self.position
    }

    /// Where it stands, in words.
    pub fn standing(&self) -> String {
        if let Some(imported) = self.imported.filter(|imported| !imported.timed) {
            return format!("Line {} of {} of {}", self.position, self.index.lines(), imported.form.words());
        }
        let verb = if self.playing.is_some() { "plays" } else { "stands" };
        let (all, end) = (self.index.lines(), self.index.end());
        let mut told = format!("It {verb} at {} of {end} s, line {} of {all}", self.now, self.position);
        let making = self.making.as_ref().and_then(|making| {
            let id = making.made.as_ref().map(|(session, _)| session.id);
            let begins = id.and_then(|id| self.index.session(id)).map_or(0, |summary| summary.at);
            Some((making.to, making.percent(begins)?))
        });
        // Writing to a string cannot fail.
        let _ = match making {
            Some((to, percent)) => write!(told, "; {percent} % read to go to line {to}"),
            None if !self.index.is_whole() => write!(told, "; {} % read", self.percent()),
            None => Ok(()),
        };
        told
    }

    /// How much of the file was read, in hundredths.
    fn percent(&self) -> u64 {
        self.index.read().saturating_mul(100).checked_div(self.octets).unwrap_or(100).min(99)
    }

    /// The sessions that have begun, oldest first.
    pub fn sessions(&self) -> &[Summary] {
        self.index.begun(self.position)
    }

    /// Where a session goes, as it is typed; a stranger may have written it.
    pub fn name(&self, session: &Summary) -> &str {
        self.index.name(session)
    }

    /// The place of a session among them, from 0.
    pub fn rank(&self, id: SessionId) -> Option<usize> {
        self.index.rank(id)
    }

    /// When the next line is to be played, since the program began.
    pub(super) fn due(&self) -> Option<Moment> {
        let playing = self.playing.filter(|_| self.wished().is_none())?;
        let next = self.held.line(self.position)?;
        Some(playing.since.after(next.time.since(playing.from)))
    }

    /// What is wanted.
    fn wished(&self) -> Option<Wish> {
        self.wish.or(self.follows.then_some(Wish::Follow))
    }

    /// Wants something else; what is being read for the last wish comes too late.
    fn want(&mut self, wish: Wish) {
        self.wish = Some(wish);
        (self.making, self.loading) = (None, None);
        self.ticket += 1;
    }

    /// Where it will stand when what it goes to is made.
    fn aim(&self) -> u32 {
        match (&self.making, self.wish) {
            (Some(making), _) => making.to,
            (None, Some(Wish::To(to))) => to,
            (None, Some(Wish::Back(line))) => line,
            _ => self.position,
        }
    }
}

/// Where the first session of a recording was read from.
fn imported(opened: &Opened) -> Option<Imported> {
    opened.first.lines.iter().find_map(|placed| match &placed.line {
        Ok(Line::Session(begun)) => begun.imported,
        _ => None,
    })
}

impl Room {
    /// Shows a recording, whole: what is still to be read of it is shown as it is read.
    pub fn open_recording(app: &mut App, opened: Opened) {
        Self::open_recording_within(app, opened, Budget::default());
    }

    /// The same with another budget for what is held of it.
    pub fn open_recording_within(app: &mut App, opened: Opened, budget: Budget) {
        app.room.replay = Some(Box::new(Replay::new(&opened, budget)));
        app.model = nothing();
        app.room.focus = Pane::Transcript;
        Self::read_in_background(app, opened.first);
    }

    /// Something of the recording was read, or could not be.
    pub fn read_of_recording(app: &mut App, read: Result<Slice, String>) {
        let Some(replay) = &mut app.room.replay else { return };
        let slice = match read {
            Ok(slice) => slice,
            Err(why) => {
                replay.want(Wish::Next);
                (replay.wish, replay.playing, replay.follows) = (None, None, false);
                return app.say(why);
            }
        };
        if slice.ticket == BACKGROUND {
            return Self::read_in_background(app, slice);
        }
        if slice.ticket != replay.ticket {
            return;
        }
        if let Some(making) = &mut replay.making {
            if making.take(slice) {
                Self::made(app);
            } else {
                Self::read_on(app);
            }
        } else if let Some(begins) = replay.loading.take() {
            let lines = Held::new(begins, slice, &replay.index);
            if lines.first() == lines.end() {
                (replay.wish, replay.playing, replay.follows) = (None, None, false);
                return app
                    .say("The file does not say any more what it said. What is shown was read before. [rec/changed]");
            }
            replay.held = lines;
        }
        Self::turn(app);
    }

    /// The next lines of the file are known; what stands where is kept, and they are played if their end is followed.
    fn read_in_background(app: &mut App, mut slice: Slice) {
        let Some(replay) = &mut app.room.replay else { return };
        let begins = Block { at: replay.index.read(), line: replay.index.lines(), time: replay.index.end() };
        let taken = slice.lines.iter().take_while(|placed| replay.index.take(placed)).count();
        slice.lines.truncate(taken);
        if slice.ended {
            replay.index.ends();
        }
        let wanted = replay.index.wanted(replay.budget.slice);
        let follows = replay.wished() == Some(Wish::Follow) && replay.position == begins.line;
        if follows && replay.loading.is_none() {
            replay.held = Held::new(begins, slice, &replay.index);
        }
        match wanted {
            Some(wanted) => app.emit(Effect::ReadOfRecording(wanted)),
            None => Self::remark(app),
        }
        Self::turn(app);
    }

    /// Says what was left out of the recording.
    fn remark(app: &mut App) {
        let Some(replay) = &app.room.replay else { return };
        let told: Vec<String> = replay.index.remarks().iter().map(ToString::to_string).collect();
        if !told.is_empty() {
            app.say(told.join(" "));
        }
    }

    /// Goes to another moment of the recording, and stops playing.
    pub fn replay(app: &mut App, to: Move) {
        let Some(replay) = &mut app.room.replay else { return };
        replay.playing = None;
        if let (Move::Forward, Some(Wish::Forward(steps))) = (to, &mut replay.wish) {
            *steps += 1;
            return;
        }
        let wish = match to {
            Move::Start => Wish::To(0),
            Move::Back => Wish::Back(replay.aim()),
            Move::Forward => Wish::Forward(1),
            Move::End => Wish::To(replay.index.lines()),
        };
        replay.follows = to == Move::End;
        replay.want(wish);
        Self::turn(app);
    }

    /// Plays at the recorded speed from here, from the beginning if it is at its end; or stops.
    pub fn play_or_stop(app: &mut App) {
        let since = app.now();
        let Some(replay) = &mut app.room.replay else { return };
        if replay.playing.take().is_some() {
            return;
        }
        let ended = replay.position >= replay.index.lines();
        replay.playing = Some(Playing { since, from: if ended { Moment::START } else { replay.now } });
        replay.follows = false;
        replay.want(if ended { Wish::To(0) } else { Wish::Next });
        Self::turn(app);
    }

    /// Plays what is due.
    pub fn play_on(app: &mut App) {
        let now = app.now();
        let Some(replay) = &mut app.room.replay else { return };
        if replay.due().is_none_or(|due| due > now) {
            return;
        }
        let Some(playing) = replay.playing else { return };
        let passed: Duration = now.since(playing.since);
        let due = |line: &u32| replay.held.line(*line).is_some_and(|next| next.time.since(playing.from) <= passed);
        let to = (replay.position..replay.held.end()).take_while(due).last().map_or(replay.position, |last| last + 1);
        Self::play_to(app, to, true);
        let Some(replay) = &mut app.room.replay else { return };
        if replay.position >= replay.index.lines() && replay.index.is_whole() {
            replay.playing = None;
        } else if replay.wish.is_none() && !replay.held.holds(replay.position) {
            replay.want(Wish::Next);
        }
        Self::turn(app);
    }

    /// Shows a session of the recording, as it is at this moment; or what differs between it and the shown one.
    pub fn show_recorded(app: &mut App, id: SessionId, compared: bool) {
        let Some(replay) = &mut app.room.replay else { return };
        replay.want(Wish::Show(id, compared));
        Self::turn(app);
    }

    /// Reads what the wish is waiting for.
    fn read_on(app: &mut App) {
        let Some(replay) = &mut app.room.replay else { return };
        let wanted = match (&replay.making, replay.loading) {
            (Some(making), _) => making.wanted().cloned(),
            (None, Some(begins)) => {
                let (from, until, most) = (begins.at, replay.index.read(), replay.budget.slice);
                Some(Wanted { ticket: 0, from, until, most, of: Of::All })
            }
            (None, None) => None,
        };
        if let Some(wanted) = wanted {
            let ticket = replay.ticket;
            app.emit(Effect::ReadOfRecording(Wanted { ticket, ..wanted }));
        }
    }
}

/// A model in which nothing has happened yet.
fn nothing() -> Model {
    Model::new(LookUps::recorded()).keeping(LETTERS)
}

/// There is a recording.
pub(super) fn recording(app: &App) -> Availability {
    if app.room.replay.is_some() { Availability::Yes } else { Availability::No("no recording is open: ehlo open FILE") }
}

/// There is the world, to be connected to and asked.
pub(super) fn world(app: &App) -> Availability {
    if app.room.replay.is_some() { Availability::No(NOTHING_IS_SENT) } else { Availability::Yes }
}
