//! The session screen's state: which session is shown, which pane has the keys, what is typed and how things are looked
//! at.

use std::collections::{BTreeMap, BTreeSet};

use ratatui::layout::Rect;

use crate::app::{App, Settings};
use crate::command::{self, Command};
use crate::dialogue::suggest::Persona;
use crate::knowledge::Explanation;
use crate::ports::net::{Place, SessionId, Target};
use crate::session::{Model, Session};
use crate::tape::Moment;
use crate::ui::explain::{self, Sheet, Subject};
use crate::ui::reader::{Reader, Times};

use super::choices::filled;
use super::composer::Composer;
use super::dialog::map::Visited;
use super::file::{Choice, Going};
use super::layout::{Layout, Pane, Wish};
use super::login::{Handed, Known};
use super::lookup::LookUpView;
use super::message::Form;
use super::panes;
use super::repeat::Repeat;
use super::replay::Replay;
use super::view::View;

/// The state of the session screen.
#[derive(Debug)]
pub struct Room {
    /// The session that is shown.
    pub current: Option<SessionId>,
    /// The pane that has the keys.
    pub focus: Pane,
    /// The tab beside the transcript, where not all panes have a place.
    pub side: Pane,
    /// The pane that fills the place of the others.
    pub zoom: Option<Pane>,
    /// The octets of the selected line are shown.
    pub bytes: bool,
    /// Which times the transcript shows.
    pub times: Times,
    /// The Send pane.
    pub composer: Composer,
    /// How the DNS panel is looked at.
    pub look_up: LookUpView,
    /// A letter was read in its mailbox.
    pub read: bool,
    /// Targets of this run, newest first.
    pub recent: Vec<Target>,
    /// Real hosts that the user agreed to connect to.
    pub agreed: BTreeSet<String>,
    /// What was logged in with, by host in lower case; never the secret.
    pub logins: BTreeMap<String, Known>,
    /// What was handed over for the login form of one host.
    pub handed: Option<Handed>,
    /// Until when a secret in the Send pane is shown, since the program began.
    pub revealed: Option<Moment>,
    /// The selected step of the explanation.
    pub step: usize,
    /// Since when a reply is due, since the program began.
    pub waiting: Option<Moment>,
    /// The row where the mouse went down.
    pub(super) pressed: Option<u32>,
    /// The session whose certificate was asked about.
    pub(super) asked_about: Option<SessionId>,
    /// When Ctrl-C was pressed last on an empty line.
    pub(super) interrupted: Option<Moment>,
    tops: [usize; 2],
    pub(super) views: BTreeMap<SessionId, View>,
    pub(super) repeats: BTreeMap<SessionId, Repeat>,
    /// Sessions on which a batch was sent in groups, until its letter begins or something else is sent.
    pub(super) grouped: BTreeSet<SessionId>,
    /// The file that was chosen for the letter.
    pub choice: Option<Choice>,
    /// What is filled into the message form.
    pub message: Form,
    /// Files that go as letters.
    pub(super) going: BTreeMap<SessionId, Going>,
    /// The conversation that was opened from the map.
    pub(super) visited: Option<Visited>,
    /// The file to which the sessions are recorded.
    pub recording: Option<String>,
    /// The recording that is shown instead of the world.
    pub replay: Option<Box<Replay>>,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            current: None,
            focus: Pane::Send,
            side: Pane::Explain,
            zoom: None,
            bytes: false,
            times: Times::default(),
            composer: Composer::default(),
            look_up: LookUpView::default(),
            read: false,
            recent: Vec::new(),
            agreed: BTreeSet::new(),
            logins: BTreeMap::new(),
            handed: None,
            revealed: None,
            step: 0,
            waiting: None,
            pressed: None,
            asked_about: None,
            interrupted: None,
            tops: [0; 2],
            views: BTreeMap::new(),
            repeats: BTreeMap::new(),
            grouped: BTreeSet::new(),
            choice: None,
            message: Form::default(),
            going: BTreeMap::new(),
            visited: None,
            recording: None,
            replay: None,
        }
    }
}

/// For whom the suggestions speak in a session.
pub fn persona<'a>(settings: &'a Settings, session: Option<&Session>) -> &'a Persona {
    persona_in(settings, session.map_or(Place::Lab, |session| session.target.place))
}

/// For whom one speaks in a world.
pub(super) fn persona_in(settings: &Settings, place: Place) -> &Persona {
    match place {
        Place::Live => &settings.live_persona,
        Place::Lab => &settings.lab_persona,
    }
}

impl Room {
    /// The session that is shown.
    pub fn session<'a>(&self, model: &'a Model) -> Option<&'a Session> {
        self.current.and_then(|id| model.session(id))
    }

    /// How a session is looked at.
    pub fn view_of(&self, id: SessionId) -> Option<&View> {
        self.views.get(&id)
    }

    /// Changes how the shown session is looked at.
    pub fn look<T>(&mut self, model: &Model, how: impl FnOnce(&mut View, &Session) -> T) -> Option<T> {
        let session = self.session(model)?;
        let found = how(self.views.entry(session.id).or_default(), session);
        self.step = 0;
        Some(found)
    }

    /// Selects a row of a session.
    pub fn select(&mut self, id: SessionId, row: u32) {
        self.views.entry(id).or_default().select(row);
        self.step = 0;
    }

    /// Forgets where the mouse went down: what it does now is meant for a layer.
    pub fn let_go(&mut self) {
        self.pressed = None;
    }

    /// Takes in what was added to the shown session by the user's own hand.
    pub(super) fn refresh(&mut self, model: &Model) {
        if let Some(session) = self.session(model) {
            self.views.entry(session.id).or_default().refresh(session);
        }
    }

    /// The geometry of the screen.
    pub fn layout(&self, area: Rect, model: &Model) -> Option<Layout> {
        let letter = self.writes_letter(model) || self.composer.batch.on;
        Layout::of(area, Wish { zoom: self.zoom, side: self.side, letter })
    }

    /// True if keys in the Send pane go to a letter.
    pub fn writes_letter(&self, model: &Model) -> bool {
        let own = self.session(model).filter(|session| !session.is_watched());
        !self.file_goes(model) && self.composer.writes_letter(own.map(Session::dialogue))
    }

    /// Keeps the selected row in its window. Called after everything that may move it.
    pub(super) fn settle(app: &mut App) {
        let area = app.area();
        let ascii = app.settings.ascii;
        let (room, model) = (&app.room, &app.model);
        let Some(place) = room.layout(area, model).and_then(|layout| layout.place(Pane::Transcript)) else { return };
        let Some(session) = room.session(model) else { return };
        let Some(view) = room.views.get(&session.id) else { return };
        let mut scroll = view.scroll;
        if view.follows() {
            scroll.to_end();
        } else {
            let rows = panes::Rows::new(room, &app.settings, session, view, place.inner.width.into(), ascii);
            let height = place.inner.height.saturating_sub(panes::bytes_height(room, session, view, place.inner));
            view.reveal(&mut scroll, session, height, |position| rows.entry(position));
        }
        let id = session.id;
        if let Some(view) = app.room.views.get_mut(&id) {
            view.scroll = scroll;
        }
    }

    /// The first line that a pane of plain lines shows.
    pub fn top(&self, pane: Pane) -> usize {
        let [stage, capabilities] = self.tops;
        if pane == Pane::Stage { stage } else { capabilities }
    }

    /// Moves a pane of plain lines.
    pub(super) fn scroll_top(&mut self, pane: Pane, by: isize) {
        let [stage, capabilities] = &mut self.tops;
        let top = if pane == Pane::Stage { stage } else { capabilities };
        *top = top.saturating_add_signed(by).min(200);
    }

    /// Gives the keys to a pane; one without a place takes the tab beside the transcript.
    pub fn focus_on(&mut self, pane: Pane, area: Rect, model: &Model) {
        let placed = self.layout(area, model).is_none_or(|layout| layout.place(pane).is_some());
        if self.zoom.is_some() && pane != Pane::Send {
            self.zoom = Some(pane);
        } else if !placed && pane.is_side() {
            self.side = pane;
        }
        self.focus = pane;
    }

    /// Gives the keys to the next pane that has a place, or the one before.
    pub fn focus_next(&mut self, area: Rect, model: &Model, back: bool) {
        let placed = |pane: &Pane| self.layout(area, model).is_none_or(|layout| layout.place(*pane).is_some());
        let panes: Vec<Pane> = Pane::ALL.into_iter().filter(placed).collect();
        let at = panes.iter().position(|pane| *pane == self.focus).unwrap_or(0);
        let count = panes.len().max(1);
        let next = if back { (at + count - 1) % count } else { (at + 1) % count };
        if let Some(pane) = panes.get(next) {
            self.focus = *pane;
        }
    }

    /// The explanation of the selected row; its lines to type are the user's own.
    pub fn explanation(&self, settings: &Settings, session: &Session) -> Option<Explanation> {
        let row = self.view_of(session.id)?.selected(session)?;
        let mut explanation = session.explain(row)?;
        let persona = persona(settings, Some(session));
        for command in explanation.next.iter_mut().filter_map(|step| step.command.as_mut()) {
            *command = filled(command, persona);
        }
        for step in &mut explanation.next {
            if let Some(command) = step.run.and_then(command::find) {
                step.text = format!("{} ({})", step.text.trim_end_matches('.'), called(command, settings));
            }
        }
        Some(explanation)
    }

    /// The explanation of the selected row, laid out.
    pub fn sheet(&self, settings: &Settings, session: &Session, room: usize) -> Option<Sheet> {
        let ascii = settings.ascii;
        let view = self.view_of(session.id)?;
        let id = view.selected(session)?;
        let row = session.dialogue().row(id)?;
        let reader = Reader { session, times: self.times, cells: 9, notes: true, ascii };
        let subject = Subject { text: reader.text(row), facts: reader.facts(id), odd: reader.oddities(id) };
        Some(explain::sheet(&subject, &self.explanation(settings, session)?, room, view.more))
    }
}

/// How a command is called: by its key, else by its name in the palette.
fn called(command: &Command, settings: &Settings) -> String {
    let key = settings.keymap.key(command, &[]);
    let name = key.map(|key| if settings.ascii { key.ascii_name() } else { key.to_string() });
    name.unwrap_or_else(|| format!(":{}", command.title))
}
