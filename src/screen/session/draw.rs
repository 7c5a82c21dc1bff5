//! Draws the session screen: a pure function of the screen's state and the model.

use std::fmt::Write as _;

use ratatui::layout::{Position, Rect};

use crate::app::App;
use crate::command::{self, Command};
use crate::dialogue::coach::{Advice, advise};
use crate::dialogue::phase::Phase;
use crate::ports::net::SessionId;
use crate::session::place::World;
use crate::session::target;
use crate::session::visits::Caller;
use crate::session::walk::{STEPS, Walk};
use crate::session::{Session, State};
use crate::tape::tls::KeyLogging;
use crate::ui::file::Progress;
use crate::ui::pane::Frame;
use crate::ui::text::{Pen, Role, Run, width, wrap_words};
use crate::ui::title::{Coach, Title};
use crate::ui::{rail, remote};

use super::dialog::map::is_from_map;
use super::layout::{Layout, MIN_HEIGHT, MIN_WIDTH, Pane, Placed};
use super::line::LineEnd;
use super::room::{Room, persona};
use super::{offers, steps};

/// What a drawing needs to know.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The application: what happened, and what the person has set.
    pub app: &'a App,
    /// The screen.
    pub room: &'a Room,
}

impl Scene<'_> {
    /// Draws the screen; says where the terminal's cursor belongs.
    pub fn draw(&self, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let mut pen = pen.within(area);
        pen.clear();
        let Some(layout) = self.room.layout(pen.area(), &self.app.model) else {
            return too_small(&mut pen, self.app.way_out());
        };
        self.title().draw(&mut pen.within(layout.title));
        let rail = self.session().map(steps::rail).unwrap_or_default();
        if let Some(line) = layout.rail {
            rail.line(&mut pen.within(line));
        }
        let mut cursor = None;
        for placed in &layout.panes {
            let at = self.pane(&mut pen, &layout, *placed, &rail);
            if placed.pane == self.room.focus {
                cursor = at.or(Some(Position::new(placed.inner.x, placed.inner.y)));
            }
        }
        if let Some(line) = layout.coach {
            self.coach().draw(&mut pen.within(line));
        }
        self.footer(&mut pen.within(layout.footer));
        cursor
    }
}

impl<'a> Scene<'a> {
    pub(super) fn session(&self) -> Option<&'a Session> {
        self.room.current.and_then(|id| self.app.model.session(id))
    }

    fn title(&self) -> Title {
        let Some(session) = self.session() else {
            return Title { world: World::Lab.words(), target: "no session".into(), keys: KEYS, ..Title::default() };
        };
        let (place, sessions) = self.place(session.id);
        let (link, link_role, subject) = link(session, self.app.settings.ascii);
        Title {
            world: if session.is_recorded() { "REPLAY" } else { session.world().words() },
            live: session.world() != World::Lab && !session.is_recorded(),
            session: if sessions > 1 { format!("session {place} of {sessions}") } else { format!("session {place}") },
            client: match session.imported() {
                Some(_) => String::new(),
                None => remote::shown(&persona(&self.app.settings, Some(session)).hello),
            },
            target: target_of(session),
            link,
            link_role,
            subject,
            recorded: self.room.recording.is_some(),
            state: state(session),
            keys: if is_from_map(self.app) { KEYS_FROM_MAP } else { KEYS },
        }
    }

    /// The place of a session, from 1, and how many there are.
    fn place(&self, id: SessionId) -> (usize, usize) {
        if let Some(replay) = &self.room.replay {
            return (replay.rank(id).map_or(1, |place| place + 1), replay.sessions().len());
        }
        let sessions = self.app.model.sessions();
        (sessions.iter().position(|it| it.id == id).map_or(1, |place| place + 1), sessions.len())
    }

    fn coach(&self) -> Coach {
        if self.room.replay.is_some() {
            return Coach { walk: None, now: "Read along".into(), why: "nothing is sent from a recording".into() };
        }
        let Some(session) = self.session() else {
            return Coach { walk: None, now: "Connect to a host".into(), why: "there is no session".into() };
        };
        if session.is_watched() {
            let now = if is_from_map(self.app) { "Read along; Esc leads back to the map" } else { "Read along" };
            return Coach { walk: None, now: now.into(), why: "somebody else speaks here".into() };
        }
        // The first walk is one through the lab.
        let walk = (session.world() == World::Lab).then(|| Walk::of(session, self.room.read));
        let resting = matches!(session.dialogue().phase(), Phase::Ready | Phase::Closing | Phase::Closed);
        let advice = if let Some(going) = self.room.going(session) {
            going.advice(session)
        } else if resting && walk.is_some_and(Walk::ends_in_the_mailbox) {
            if matches!(session.target.port, 465 | 587) {
                Advice { now: "Follow the letter with Alt-M", why: "it goes on from server to server" }
            } else {
                Advice { now: "Read the letter with Alt-m", why: "it lies in the mailbox that RCPT named" }
            }
        } else {
            advise(session.dialogue())
        };
        Coach {
            walk: walk.map(Walk::count).filter(|done| *done < STEPS).map(|done| (done, STEPS)),
            now: advice.now.into(),
            why: advice.why.into(),
        }
    }

    fn pane(&self, pen: &mut Pen<'_>, layout: &Layout, placed: Placed, rail: &rail::Rail) -> Option<Position> {
        let (title, more, right) = self.heading(layout, placed);
        let focus = self.room.focus == placed.pane;
        let frame = Frame { title: &title, more: &more, right: &right, focus, framed: layout.framed };
        frame.draw(pen, placed.outer, placed.inner);
        let mut inside = pen.within(placed.inner);
        let origin = Position::new(placed.inner.x, placed.inner.y);
        let (room, ascii) = (inside.width(), inside.ascii());
        match placed.pane {
            Pane::Send => Some(self.send(&mut inside)),
            Pane::Transcript => self.transcript(&mut inside),
            Pane::Explain => self.explain(&mut inside),
            Pane::Dns => self.dns(&mut inside),
            Pane::Stage => Some(scrolled(&mut inside, &rail.column(room, ascii), self.room.top(Pane::Stage))),
            Pane::Capabilities => {
                let offers = self.session().map(offers::capabilities).unwrap_or_default();
                Some(scrolled(&mut inside, &offers.lines(room, ascii), self.room.top(Pane::Capabilities)))
            }
        }
        .map(|(x, y)| Position::new(origin.x + x, origin.y + y))
    }

    fn heading(&self, layout: &Layout, placed: Placed) -> (String, String, String) {
        let pane = placed.pane;
        let tabs = layout.tabs(pane);
        let title = format!("{} {}", pane.number(), if tabs.is_empty() { pane.title() } else { pane.name() });
        let wide = usize::from(placed.outer.width);
        let tabs = spelled(&tabs, wide.saturating_sub(title.len() + 9));
        let session = self.session();
        let (more, right) = match pane {
            Pane::Send => self.send_heading(),
            Pane::Transcript => (
                String::new(),
                session.map(|session| self.counts(session, wide.saturating_sub(title.len() + 9))).unwrap_or_default(),
            ),
            Pane::Dns => {
                let domain = self.app.model.look_ups.panel().map(|panel| panel.domain().relative()).unwrap_or_default();
                (domain, String::new())
            }
            Pane::Explain | Pane::Stage | Pane::Capabilities => (String::new(), String::new()),
        };
        (title, if tabs.is_empty() { more } else { tabs }, right)
    }

    /// Lines, problems, filter and search, as the heading of the transcript says them; the latter stay if room is short.
    fn counts(&self, session: &Session, room: usize) -> String {
        let Some(view) = self.room.view_of(session.id) else { return String::new() };
        let plural = |count: u32, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        let mut parts = vec![plural(view.lines(session), "line")];
        match (&view.search, view.problems(session)) {
            (Some(search), _) => {
                let hits = search.hits.len(u32::MAX);
                parts.push(format!("{} of \"{}\"", plural(hits, "hit"), remote::shown(&search.query)));
            }
            (None, 0) => {}
            (None, problems) => parts.push(plural(problems, "problem")),
        }
        if let Some(going) = self.room.going(session).filter(|going| !going.is_broken(session)) {
            parts.push(format!("{} sent", Progress::so_far(going.gone(session), going.octets)));
        }
        if view.filter != super::view::Filter::All {
            parts.push(format!("filter: {}", view.filter.name()));
        }
        if !view.follows() {
            parts.push("paused".into());
        }
        while parts.len() > 1 && parts.iter().map(|part| width(part) + 2).sum::<usize>() > room + 2 {
            parts.remove(0);
        }
        parts.join(", ")
    }

    /// The keys of the place where the person is, as many as fit.
    fn footer(&self, pen: &mut Pen<'_>) {
        for (x, key, command) in self.footer_items(pen.width()) {
            let x = pen.put(x, 0, &key, Role::Key);
            pen.put(x + 1, 0, command.title, Role::Text);
        }
    }

    /// The commands of the last line: where each begins, its key, and itself.
    fn footer_items(&self, room: usize) -> Vec<(usize, String, &'static Command)> {
        let mut items = Vec::new();
        let mut x = 1;
        for command in self.footer_commands().iter().filter_map(|id| command::find(id)) {
            let key = self.key_of(command.id);
            if key.is_empty() {
                continue;
            }
            let end = x + width(&key) + 1 + width(command.title);
            if end > room {
                break;
            }
            items.push((x, key, command));
            x = end + 2;
        }
        items
    }

    /// The command that a click calls: one of the last line, or one that the title names.
    pub(super) fn command_at(&self, layout: &Layout, at: Position) -> Option<&'static Command> {
        if layout.footer.contains(at) {
            let x = usize::from(at.x - layout.footer.x);
            let items = self.footer_items(layout.footer.width.into());
            return items.into_iter().rev().find(|(begins, ..)| *begins <= x).map(|(.., command)| command);
        }
        let right = layout.title.right().saturating_sub(18);
        let esc = if is_from_map(self.app) { "map.open" } else { "menu.open" };
        (layout.title.contains(at) && at.x >= right).then(|| command::find(esc)).flatten()
    }

    fn footer_commands(&self) -> &'static [&'static str] {
        match self.room.focus {
            Pane::Send if self.room.file_goes(&self.app.model) => {
                &["session.close", "pane.transcript", "menu.open", "help.open"]
            }
            Pane::Send if self.room.writes_letter(&self.app.model) => {
                &["letter.send", "letter.editor", "letter.insert", "letter.lines", "menu.open", "help.open"]
            }
            Pane::Send if self.room.composer.batch.on => {
                &["send.line", "batch.groups", "batch.toggle", "suggest.next", "menu.open", "palette.open"]
            }
            Pane::Send | Pane::Transcript if self.room.replay.is_some() => OF_REPLAY,
            Pane::Send => &[
                "send.line",
                "suggest.accept",
                "suggest.next",
                "menu.open",
                "pane.explain",
                "pane.dns",
                "mailbox.open",
                "line.bytes",
                "palette.open",
            ],
            Pane::Transcript => &[
                "list.down",
                "list.open",
                "transcript.search",
                "transcript.next",
                "transcript.filter",
                "transcript.fold",
                "line.bytes",
                "copy.line",
                "session.repeat",
                "pane.send",
            ],
            Pane::Dns if self.room.replay.is_some() => &["list.down", "dns.all", "pane.transcript", "menu.open"],
            Pane::Dns => &["list.down", "list.open", "dns.look-up", "dns.refresh", "dns.key", "dns.all", "pane.send"],
            Pane::Explain => &["list.down", "list.open", "explain.more", "explain.term", "pane.send"],
            Pane::Stage | Pane::Capabilities => &["list.down", "pane.next", "pane.zoom", "pane.send"],
        }
    }

    fn send_heading(&self) -> (String, String) {
        let recording = || ("a recording: nothing is sent from here".to_owned(), String::new());
        let Some(session) = self.session() else {
            return if self.room.replay.is_some() { recording() } else { (String::new(), String::new()) };
        };
        match session.caller() {
            Some(Caller::Guest) => return ("another program speaks here, you watch".to_owned(), String::new()),
            Some(Caller::Relay(host)) => return (format!("{host} speaks here, you watch"), String::new()),
            Some(Caller::Recorded) => return recording(),
            None => {}
        }
        let dialogue = session.dialogue();
        let mut stage = match dialogue.phase() {
            phase @ (Phase::Opening | Phase::Refused | Phase::Foreign | Phase::Closing | Phase::Closed) => {
                phase.name().to_owned()
            }
            phase => format!("{} stage", phase.name()),
        };
        let recipients = &dialogue.envelope().recipients;
        if dialogue.phase() == Phase::Envelope && !recipients.is_empty() {
            let accepted = dialogue.envelope().accepted().count();
            let _ = write!(stage, ", {accepted} of {} accepted", recipients.len());
        }
        let left = dialogue.chunk_left();
        if left > 0 {
            stage = format!("chunk, {left} byte{} due", if left == 1 { "" } else { "s" });
        }
        let waited = self.room.waiting.map_or(0, |since| self.app.now().since(since).as_secs());
        let right = match self.room.composer.line.ending {
            _ if waited >= 2 => format!("waiting {waited} s"),
            LineEnd::CrLf if self.room.composer.batch.on => "batch".to_owned(),
            LineEnd::CrLf => String::new(),
            other => format!("line ending {}", other.name()),
        };
        (stage, right)
    }
}

/// The keys that the title names, longest first.
const KEYS: [&str; 3] = ["Esc menu  F1 help  F2 commands", "Esc menu  F1 help", "Esc menu"];

/// The commands that the last line names where a recording is shown.
const OF_REPLAY: &[&str] = &[
    "replay.play",
    "replay.forward",
    "replay.back",
    "replay.start",
    "replay.end",
    "list.open",
    "transcript.search",
    "line.bytes",
    "session.save",
    "menu.open",
];

/// The same where Esc leads back to the map.
const KEYS_FROM_MAP: [&str; 3] = ["Esc map  F1 help  F2 commands", "Esc map  F1 help", "Esc map"];

/// Where it goes. A log may not tell.
fn target_of(session: &Session) -> String {
    if session.target.host.is_empty() && session.target.socket.is_none() {
        return session.place();
    }
    remote::shown(&target::spelled(&session.target))
}

/// How the link is called, how that is drawn, and whose certificate it shows.
fn link(session: &Session, ascii: bool) -> (String, Role, String) {
    if session.dialogue().opened().is_none() {
        return (String::new(), Role::Text, String::new());
    }
    if !session.dialogue().is_secured() {
        return ("plain text".into(), Role::Text, String::new());
    }
    let Some(facts) = session.tls() else { return ("TLS".into(), Role::Text, String::new()) };
    let subject = facts.chain.first().map(|leaf| remote::shown(&leaf.subject)).unwrap_or_default();
    let (text, role) = if facts.is_own() {
        (remote::shown(&facts.version), Role::Good)
    } else if facts.verified() {
        (format!("{} {}", remote::shown(&facts.version), if ascii { "ok" } else { "✓" }), Role::Good)
    } else {
        ("TLS not verified".into(), Role::Bad)
    };
    if facts.terms.keys == KeyLogging::Off {
        return (text, role, subject);
    }
    (format!("KEYLOG {text}"), Role::Bad, subject)
}

fn state(session: &Session) -> &'static str {
    match session.state() {
        _ if session.is_recorded() => "",
        State::Open if session.is_watched() && session.is_open() => "guest",
        State::Connecting => "connecting",
        State::Open if session.awaits_trust() => "waits for you",
        State::Open if session.awaits_patience() => "no answer in time",
        State::Open if session.dialogue().phase() == Phase::Closed => "closed",
        State::Open => "",
        State::Failed(_) => "no connection",
        State::Over => "closed",
    }
}

/// The tabs of a pane in `room` cells: with their names, all but Stage, or the numbers alone.
fn spelled(tabs: &[Pane], room: usize) -> String {
    let named = |tab: &Pane| format!("{} {}", tab.number(), tab.name());
    let all: Vec<String> = tabs.iter().map(named).collect();
    let most: Vec<String> = tabs.iter().filter(|tab| **tab != Pane::Stage).map(named).collect();
    let numbers: Vec<String> = tabs.iter().map(|tab| tab.number().to_string()).collect();
    let fitting = [all, most, numbers].into_iter().map(|names| names.join(" ")).find(|text| text.len() <= room);
    fitting.unwrap_or_default()
}

/// Lines from some first one on; the top is kept so that the last line stays in sight.
fn scrolled(pen: &mut Pen<'_>, lines: &[Vec<Run>], top: usize) -> (u16, u16) {
    let height = usize::from(pen.height());
    let top = top.min(lines.len().saturating_sub(height));
    let fits = lines.len() - top <= height;
    let shown = if fits { pen.height() } else { pen.height().saturating_sub(1) };
    for (line, y) in lines.iter().skip(top).zip(0..shown) {
        pen.runs(0, y, line);
    }
    if !fits {
        pen.right(shown, &format!("{} more lines", lines.len() - top - usize::from(shown)), Role::Quiet);
    }
    (0, 0)
}

/// The screen is too small to show anything but that, and how to get out of it: that last, whatever has room.
fn too_small(pen: &mut Pen<'_>, way_out: &str) -> Option<Position> {
    let area = pen.area();
    let said = format!("Too small: {}×{}.", area.width, area.height);
    let needed = format!("Needs {MIN_WIDTH}×{MIN_HEIGHT}.");
    let lines: Vec<_> = [said.as_str(), &needed, way_out]
        .into_iter()
        .flat_map(|text| wrap_words(&[Run::new(text, Role::Text)], area.width.into()))
        .collect();
    let over = lines.len().saturating_sub(area.height.into());
    for (line, y) in lines.iter().skip(over).zip(0..area.height) {
        pen.runs(0, y, line);
    }
    None
}
