//! Moving in a recording: one step of what is wanted after the other, as far as what was read of the file goes.

use crate::app::App;
use crate::ports::net::SessionId;
use crate::record::index::{Block, is_small};
use crate::record::kept::Kept;
use crate::record::line::Line;
use crate::record::player::play;
use crate::screen::session::Room;
use crate::screen::session::dialog::compare;
use crate::session::Session;
use crate::tape::Moment;

use super::held::Shown;
use super::making::Making;
use super::{Replay, Wish, nothing};

/// Octets of the file that are played to go to the end of a recording; what lies farther away is made anew.
const NEAR: u64 = 4 << 20;

/// What the next step of a wish is.
enum Step {
    /// It is fulfilled.
    Done,
    /// It waits for the file.
    Wait,
    /// The lines around this one are to be read.
    Load(u32),
    /// The held lines up to this one are to be played; true to look at what happened last in them.
    Play(u32, bool),
    /// Something else is wanted first.
    Rather(Wish),
    /// Nothing is to be played any more.
    Nothing,
    /// This session is to be made as it is at this line; true if all else is too.
    Make(SessionId, u32, bool),
    /// This session is held, and to be looked at.
    Look(SessionId, bool),
}

impl Replay {
    fn step(&self, wish: Wish, held: impl Fn(SessionId) -> bool) -> Step {
        let lines = self.index.lines();
        match wish {
            Wish::Follow if self.position < lines => {
                if self.held.holds(self.position) {
                    Step::Play(self.held.end(), false)
                } else {
                    Step::Load(self.position)
                }
            }
            Wish::Follow if self.index.is_whole() => Step::Done,
            Wish::Next if self.held.holds(self.position) || (self.position >= lines && self.index.is_whole()) => {
                Step::Done
            }
            Wish::Next if self.position < lines => Step::Load(self.position),
            Wish::Follow | Wish::Next => Step::Wait,
            Wish::Forward(_) => self.forward(),
            Wish::Back(0) | Wish::To(0) => Step::Nothing,
            Wish::Back(before) if !self.held.holds(before - 1) => Step::Load(before - 1),
            Wish::Back(before) => match self.held.back(before) {
                Some(line) => Step::Rather(Wish::To(line)),
                None => Step::Rather(Wish::Back(self.held.first())),
            },
            Wish::To(to) if self.position == to => Step::Done,
            Wish::To(to) if self.is_near(to) => {
                let last = self.held.end().min(to);
                if self.held.holds(self.position) { Step::Play(last, last == to) } else { Step::Load(self.position) }
            }
            Wish::To(to) if !self.held.holds(to - 1) => Step::Load(to - 1),
            Wish::To(to) => self.session_at(to).map_or(Step::Nothing, |id| Step::Make(id, to, true)),
            Wish::Show(id, compared) if held(id) => Step::Look(id, compared),
            Wish::Show(..) if self.position == 0 => Step::Done,
            Wish::Show(..) if !self.held.holds(self.position - 1) => Step::Load(self.position - 1),
            Wish::Show(id, _) => Step::Make(id, self.position, false),
        }
    }

    fn forward(&self) -> Step {
        let lines = self.index.lines();
        if !self.held.holds(self.position) && self.position < lines {
            return Step::Load(self.position);
        }
        match self.held.forward(self.position) {
            Some(line) => Step::Play(line + 1, true),
            None if self.position < self.held.end() => Step::Play(self.held.end(), true),
            None if self.index.is_whole() => Step::Done,
            None => Step::Wait,
        }
    }

    fn is_near(&self, to: u32) -> bool {
        to > self.position && self.index.read().saturating_sub(self.index.block(self.position).at) <= NEAR
    }

    /// The session that is shown when so many lines are played: where something happened last, else the first one.
    fn session_at(&self, to: u32) -> Option<SessionId> {
        let last = self.held.back(to).and_then(|line| self.held.line(line)).and_then(|shown| shown.line.session());
        let begun = self.index.begun(to);
        let known = |id: &SessionId| self.index.session(*id).is_some_and(|session| session.line < to);
        last.or(self.shown.last().copied()).filter(known).or(begun.first().map(|first| first.id))
    }

    /// Where the lines are read from that hold this one.
    fn before(&self, line: u32) -> Block {
        let (behind, block) = (self.held.behind(), self.index.block(line));
        if behind.line == line && behind.at >= block.at { behind } else { block }
    }
}

impl Room {
    /// Goes as far towards what is wanted as what was read goes.
    pub(super) fn turn(app: &mut App) {
        loop {
            let model = &app.model;
            let Some(replay) = &mut app.room.replay else { return };
            let Some(wish) = replay.wished().filter(|_| replay.making.is_none() && replay.loading.is_none()) else {
                return;
            };
            match replay.step(wish, |id| model.session(id).is_some()) {
                Step::Done if replay.wish.is_none() => replay.follows = false,
                Step::Done => replay.wish = None,
                Step::Wait => return,
                Step::Load(line) => {
                    replay.loading = Some(replay.before(line));
                    return Self::read_on(app);
                }
                Step::Play(line, look) => {
                    match wish {
                        Wish::Forward(steps) if steps > 1 => replay.wish = Some(Wish::Forward(steps - 1)),
                        _ if look => replay.wish = None,
                        _ => {}
                    }
                    Self::play_to(app, line, look);
                }
                Step::Rather(wish) => replay.wish = Some(wish),
                Step::Nothing => Self::nothing_played(app),
                Step::Make(id, to, all) => return Self::make(app, id, to, all),
                Step::Look(id, compared) => {
                    replay.wish = None;
                    if compared {
                        return compare::show(app, id);
                    }
                    Self::look_at_session(app, id);
                }
            }
        }
    }

    /// Stands before everything.
    fn nothing_played(app: &mut App) {
        let Some(replay) = &mut app.room.replay else { return };
        replay.put_away();
        (replay.position, replay.now) = (0, Moment::START);
        replay.wish = replay.playing.map(|_| Wish::Next);
        app.model = nothing();
        app.room.views.clear();
        app.room.current = None;
        Self::settle(app);
    }

    fn make(app: &mut App, id: SessionId, to: u32, all: bool) {
        let Some(replay) = &mut app.room.replay else { return };
        let Some(until) = replay.held.octet(to) else { return };
        if let Some(kept) = replay.kept.get(&id).filter(|kept| kept.is_long()) {
            replay.starts.insert(id, kept.starts());
        }
        let known = replay.starts.get(&id).cloned();
        let making = Making::new(id, (to, until), &replay.index, known, replay.budget);
        replay.making = Some(if all { making.with_all(nothing(), &replay.index) } else { making });
        Self::read_on(app);
    }

    /// What was to be made is there: it is shown.
    pub(super) fn made(app: &mut App) {
        let Some(replay) = &mut app.room.replay else { return };
        let Some(Making { to, made, model, .. }) = replay.making.take() else { return };
        let Some((session, kept)) = made else {
            replay.wish = None;
            return;
        };
        let id = session.id;
        if let Some(model) = model {
            replay.put_away();
            (replay.position, replay.now) =
                (to, to.checked_sub(1).and_then(|last| replay.held.line(last)).map_or(replay.now, |line| line.time));
            app.model = model;
            app.room.views.clear();
            replay.wish = replay.playing.map(|_| Wish::Next);
            app.room.current = Some(id);
        }
        app.model.hold(session, |id| replay.index.rank(id));
        replay.kept.insert(id, kept);
        replay.saw(id);
        Self::refresh_recorded(app, id);
        Self::let_go_of_sessions(app);
    }

    /// Plays held lines up to, not including, this one; `look`: where something happened last is looked at.
    pub(super) fn play_to(app: &mut App, to: u32, look: bool) {
        let Some(replay) = &mut app.room.replay else { return };
        let (mut last, mut anew) = (None, Vec::new());
        let mut room = replay.budget.all.saturating_sub(app.model.sessions().iter().map(Session::weight).sum());
        for number in replay.position..to {
            let Some(Shown { line, time, octets, end }) = replay.held.line(number) else { break };
            (replay.position, replay.now) = (number.saturating_add(1), *time);
            match line {
                Line::Session(begun) => {
                    let first = replay.index.session(begun.s).is_some_and(|session| session.line == number);
                    if first && (room > 0 || app.room.current.is_none()) {
                        let (session, kept) = Kept::new(begun.as_ref().clone(), replay.budget, *end);
                        room = room.saturating_sub(session.weight());
                        app.model.hold(session, |id| replay.index.rank(id));
                        replay.kept.insert(begun.s, kept);
                        app.room.current.get_or_insert(begun.s);
                    }
                }
                line if line.is_shared() && is_small(line, *octets) => play(line, &mut app.model),
                line => {
                    let Some(id) = line.session() else { continue };
                    last = line.at().map(|_| id).or(last);
                    // Most lines of a day's recording are of sessions that nobody looks at: these are not searched for.
                    let Some(kept) = replay.kept.get_mut(&id) else { continue };
                    let Some(session) = app.model.session_mut(id) else { continue };
                    let before = session.weight();
                    if kept.play(session, *octets, *end, line) {
                        anew.push(id);
                    }
                    room = room.saturating_sub(session.weight().saturating_sub(before));
                }
            }
        }
        for id in anew {
            app.room.views.remove(&id);
        }
        if let Some(id) = last.filter(|_| look) {
            if app.model.session(id).is_some() {
                Self::look_at_session(app, id);
            } else if let Some(replay) = &mut app.room.replay {
                replay.wish = Some(Wish::Show(id, false));
            }
        }
        Self::let_go_of_sessions(app);
        if let Some(id) = app.room.current {
            Self::refresh_recorded(app, id);
        }
        Self::settle(app);
    }

    fn look_at_session(app: &mut App, id: SessionId) {
        let Some(replay) = &mut app.room.replay else { return };
        replay.saw(id);
        app.room.show(id);
        Self::refresh_recorded(app, id);
        Self::let_go_of_sessions(app);
    }

    fn refresh_recorded(app: &mut App, id: SessionId) {
        if let Some(session) = app.model.session(id) {
            app.room.views.entry(id).or_default().refresh(session);
        }
        Self::settle(app);
    }

    /// Lets the sessions go that were not looked at for longest, while all that are held cost too much.
    fn let_go_of_sessions(app: &mut App) {
        let Some(replay) = &mut app.room.replay else { return };
        let weigh = |session: &Session| session.weight() + replay.kept.get(&session.id).map_or(0, Kept::weight);
        let weights: Vec<_> = app.model.sessions().iter().map(|session| (session.id, weigh(session))).collect();
        let mut all: u64 = weights.iter().map(|(_, weight)| weight).sum();
        if all <= replay.budget.all {
            return;
        }
        let seen = |id: SessionId| replay.shown.iter().rposition(|shown| *shown == id);
        let stays = |id: SessionId| [app.room.current, replay.shown.last().copied()].contains(&Some(id));
        let mut oldest: Vec<_> = weights.into_iter().filter(|(id, _)| !stays(*id)).collect();
        oldest.sort_by_key(|(id, _)| (seen(*id), std::cmp::Reverse(id.0)));
        for (id, weight) in oldest {
            if all <= replay.budget.all {
                break;
            }
            all = all.saturating_sub(weight);
            app.model.forget(id);
            app.room.views.remove(&id);
            replay.put(id);
        }
    }
}

impl Replay {
    /// This session is the last one that was looked at.
    fn saw(&mut self, id: SessionId) {
        self.shown.retain(|shown| *shown != id);
        self.shown.push(id);
    }

    /// Puts a session away; from where a long one can be shown again is kept.
    fn put(&mut self, id: SessionId) {
        if let Some(kept) = self.kept.remove(&id).filter(Kept::is_long) {
            self.starts.insert(id, kept.starts());
        }
    }

    fn put_away(&mut self) {
        let held: Vec<SessionId> = self.kept.keys().copied().collect();
        for id in held {
            self.put(id);
        }
    }
}
