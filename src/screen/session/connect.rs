//! Connecting: to a typed target, to a host of the DNS panel, again. Going live asks once per host.

use crate::app::{App, Effect, Settings};
use crate::dns::Kind;
use crate::dns::submission::Service;
use crate::dns::typed::BadName;
use crate::ports::dns::Source;
use crate::ports::net::{Act, Opening, Request, SessionId, Target};
use crate::session::place::World;
use crate::session::{Model, Session};
use crate::tape::mark::LookUp;

use super::Room;
use super::desk::Desk;
use super::dialog::decide;
use super::layout::Pane;
use super::room::persona_in;
use super::view::View;
use crate::session::target::{NoTarget, Wanted, place_of, source_of, spelled};
use crate::ui::remote;

/// So many targets are remembered.
const RECENT: usize = 16;

/// What came of the wish to connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connecting {
    /// It is under way.
    Begun(SessionId),
    /// The first connection to a real host: the user is asked.
    AskFirst(Box<Target>),
}

impl Room {
    /// Connects to a host, unless the user must be asked first.
    pub fn connect_to(&mut self, target: Target, desk: &mut Desk<'_>) -> Connecting {
        let real = World::of(target.place, &target.host) == World::Live;
        if real && !self.agreed.contains(&target.host.to_ascii_lowercase()) {
            return Connecting::AskFirst(Box::new(target));
        }
        let trail = desk.model.look_ups.trail(&target.host, &target.source);
        Connecting::Begun(self.start(target, trail, desk))
    }

    /// The user agreed to connect to a real host.
    pub fn agree(&mut self, target: Target, desk: &mut Desk<'_>) {
        self.agreed.insert(target.host.to_ascii_lowercase());
        let trail = desk.model.look_ups.trail(&target.host, &target.source);
        self.start(target, trail, desk);
    }

    /// The host of the selected DNS record, with the addresses as they were first heard.
    pub fn selected_host(&self, model: &Model, settings: &Settings) -> Option<Target> {
        let found = self.look_up.target(&model.look_ups)?;
        let host = found.host.relative();
        let place = place_of(&host);
        // What the lab says of a real host is no reason to ask it for more.
        let asked = Some(model.look_ups.source()).filter(|source| **source != Source::Lab);
        let source = source_of(place, asked.unwrap_or(&settings.resolver));
        let (port, opening) = found.way.map_or((25, Opening::Plain), |way| (way.port, opening_of(way.service)));
        Some(Target { source, opening, pinned: found.addresses, ..Target::new(host, port, place) })
    }

    /// Begins the program with a target.
    pub fn begin(app: &mut App, wanted: Wanted) {
        match wanted {
            Wanted::Host(target) => Self::connect(app, *target),
            Wanted::Exchangers(domain, source) => {
                let asked = Self::look_up(app, &domain, source);
                Self::tell(app, asked);
            }
            Wanted::Submission(domain, source) => {
                let asked = Self::look_up_submission(app, &domain, source);
                Self::tell(app, asked);
            }
        }
    }

    fn tell(app: &mut App, asked: Result<(), NoTarget>) {
        if let Err(bad) = asked {
            app.say(format!("{} {}", bad.why, bad.next));
        }
    }

    /// Connects to a host; asks first if it is a real one that was not connected to before.
    pub fn connect(app: &mut App, target: Target) {
        if let Connecting::AskFirst(target) = Self::work(app, |room, desk| room.connect_to(target, desk)) {
            decide::ask_live(app, *target);
        }
    }

    /// Whom the shown session asks; without one, whom the DNS panel asks.
    pub fn source<'a>(&self, model: &'a Model) -> &'a Source {
        self.session(model).map_or_else(|| model.look_ups.source(), |session| &session.target.source)
    }

    /// A look-up: `NAME` opens the DNS panel of a domain, `NAME TYPE` asks one question beside it.
    pub fn look_up(app: &mut App, text: &str, source: Source) -> Result<(), NoTarget> {
        let text = text.trim();
        let kind = text.rsplit_once(' ').and_then(|(name, kind)| Some((name.trim(), Kind::parse(kind)?)));
        let asked = if let Some((name, kind)) = kind {
            app.model.look_ups.ask(name, kind, source)
        } else {
            app.room.look_up.reset();
            app.model.look_ups.open(text, source)
        };
        Self::show_look_up(app, asked)
    }

    /// Opens the DNS panel of a domain's submission servers; Enter on one of them connects as it takes letters.
    pub fn look_up_submission(app: &mut App, domain: &str, source: Source) -> Result<(), NoTarget> {
        app.room.look_up.reset();
        let asked = app.model.look_ups.open_submission(domain, source);
        Self::show_look_up(app, asked)
    }

    fn show_look_up(app: &mut App, asked: Result<(), BadName>) -> Result<(), NoTarget> {
        asked.map_err(|bad| NoTarget { id: "dns/bad-name", why: bad.to_string(), next: bad.next() })?;
        let area = app.area();
        app.room.focus_on(Pane::Dns, area, &app.model);
        Ok(())
    }

    /// Begins a session and shows it. `trail` are the look-ups that led there.
    pub(super) fn start(&mut self, target: Target, trail: Vec<LookUp>, desk: &mut Desk<'_>) -> SessionId {
        self.recent.retain(|known| !known.is_same(&target));
        self.recent.insert(0, Target { pinned: Vec::new(), ..target.clone() });
        self.recent.truncate(RECENT);
        let hello = persona_in(desk.settings, target.place).hello.clone();
        let target = Target { hello, ..target };
        let id = desk.model.begin(target.clone());
        if let Some(session) = desk.model.session_mut(id) {
            session.led_by(trail);
        }
        let mut view = View::default();
        if let Some(session) = desk.model.session(id) {
            view.refresh(session);
        }
        self.views.insert(id, view);
        self.current = Some(id);
        self.focus = Pane::Send;
        self.zoom = None;
        desk.emit(Effect::Net(Request::Open(id, target)));
        id
    }

    /// The sessions that can be shown, oldest first, and where they go.
    pub fn sessions(&self, model: &Model) -> Vec<(SessionId, String)> {
        let Some(replay) = &self.replay else {
            let target = |session: &Session| (session.id, remote::shown(&spelled(&session.target)));
            return model.sessions().iter().map(target).collect();
        };
        replay.sessions().iter().map(|session| (session.id, remote::shown(replay.name(session)))).collect()
    }

    /// Shows the next session.
    pub fn next_session(app: &mut App) {
        let Some(replay) = &app.room.replay else { return Self::work(app, |room, desk| room.switch(false, desk)) };
        let sessions = replay.sessions();
        let at = app.room.current.and_then(|id| replay.rank(id)).map_or(0, |at| at + 1);
        if let Some(next) = sessions.get(at).or(sessions.first()).map(|session| session.id) {
            Self::show_recorded(app, next, false);
        }
    }

    /// Shows the next session, or the one before.
    pub fn switch(&mut self, back: bool, desk: &Desk<'_>) {
        let sessions = desk.model.sessions();
        let at = sessions.iter().position(|session| Some(session.id) == self.current);
        let count = sessions.len().max(1);
        let at = at.map_or(0, |at| if back { (at + count - 1) % count } else { (at + 1) % count });
        self.current = sessions.get(at).map(|session| session.id);
    }

    /// Shows a session.
    pub fn show(&mut self, id: SessionId) {
        self.current = Some(id);
        self.waiting = None;
    }

    /// Shows the conversation of another program; nothing can be sent there, so the transcript has the keys.
    pub fn watch(&mut self, id: SessionId, desk: &Desk<'_>) {
        let Some(session) = desk.model.session(id) else { return };
        self.views.entry(id).or_default().refresh(session);
        self.show(id);
        self.focus = Pane::Transcript;
    }

    /// Closes the shown session: an open connection first, one that is over leaves the list.
    pub fn close(&mut self, desk: &mut Desk<'_>) {
        let Some(session) = self.session(desk.model) else { return };
        let id = session.id;
        if session.is_recorded() {
            return;
        }
        if session.is_watched() {
            self.current = desk.model.sessions().last().map(|session| session.id);
            return;
        }
        if session.is_open() {
            return self.act(Act::Close, desk);
        }
        self.switch(true, desk);
        desk.model.forget(id);
        self.views.remove(&id);
        self.repeats.remove(&id);
        self.going.remove(&id);
        if self.current == Some(id) {
            self.current = desk.model.sessions().last().map(|session| session.id);
        }
    }
}

/// How a connection begins where letters are handed in: never in plain text.
fn opening_of(service: Service) -> Opening {
    match service {
        Service::Submissions => Opening::ImplicitTls,
        Service::Submission => Opening::Require,
    }
}
