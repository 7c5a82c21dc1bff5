//! What the application tells the session screen: keys that no command has, text, the mouse, news, and the time.

use std::time::Duration;

use ratatui::layout::{Position, Rect};
use ratatui_textarea::CursorMove;
use tui_input::InputRequest;

use crate::app::App;
use crate::command::Context;
use crate::dialogue::phase::Phase;
use crate::input::{Act, Code, Key, Mouse, NOTCH, Paste};
use crate::ports::lab;
use crate::ports::net::{self, Failure, Request, What};
use crate::session::{Session, Signal};
use crate::tape::Moment;
use crate::tape::mark::Mark;
use crate::ui::text::Pen;

use super::Room;
use super::dialog::login::LogIn;
use super::dialog::map::is_from_map;
use super::dialog::{decide, lab_state, pasted};
use super::draw::Scene;
use super::file::ONE_LETTER;
use super::layout::{Layout, Pane};
use super::letter::{Letter, Step};
use super::replay::{NOTHING_IS_SENT, Replay};

/// A wait is shown from this long on, and then every second.
const SHOWN_WAIT: Duration = Duration::from_secs(2);

impl Room {
    /// The contexts in which a key means something now, the nearest first.
    pub fn contexts(&self, app: &App) -> Vec<Context> {
        let mut contexts = self.contexts_of_pane(app);
        if is_from_map(app) {
            contexts.insert(0, Context::FromMap);
        }
        if self.replay.is_some() {
            contexts.insert(0, Context::Replay);
        }
        contexts
    }

    fn contexts_of_pane(&self, app: &App) -> Vec<Context> {
        match self.focus {
            // While a file goes, nothing is typed.
            Pane::Send if self.file_goes(&app.model) => Vec::new(),
            Pane::Send if self.writes_letter(&app.model) => vec![Context::Letter],
            Pane::Send => {
                let phase = self.session(&app.model).map(|session| session.dialogue().phase());
                let text = matches!(phase, Some(Phase::Content | Phase::Sasl));
                if self.composer.line.is_empty() && !text {
                    vec![Context::SendEmpty, Context::Send]
                } else {
                    vec![Context::Send]
                }
            }
            Pane::Transcript => vec![Context::Transcript, Context::List],
            Pane::Dns => vec![Context::Dns, Context::List],
            Pane::Explain | Pane::Stage | Pane::Capabilities => vec![Context::List],
        }
    }

    /// When something on the screen changes by itself: a wait gets longer, a secret is hidden again, a recording plays.
    pub fn wake(&self, app: &App) -> Option<Moment> {
        let waiting = self.waiting.map(|since| {
            let waited = app.now().since(since);
            if waited < SHOWN_WAIT {
                since.after(SHOWN_WAIT)
            } else {
                since.after(Duration::from_secs(waited.as_secs() + 1))
            }
        });
        let playing = self.replay.as_deref().and_then(Replay::due);
        [waiting, self.revealed.filter(|until| *until > app.now()), playing].into_iter().flatten().min()
    }

    /// Draws the screen; says where the terminal's cursor belongs.
    pub fn view(&self, app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        Scene { app, room: self }.draw(area, pen)
    }

    /// A service told something; the model has it already.
    pub fn heard(app: &mut App, signal: &Signal) {
        if let Signal::Lab(signal) = signal {
            Self::heard_of_lab(app, signal);
        }
        if let Signal::Net(signal) = signal {
            let id = signal.session;
            Self::work(app, |room, desk| {
                if let Some(session) = desk.model.session(id) {
                    room.views.entry(id).or_default().refresh(session);
                }
                if desk.model.session(id).is_none_or(|session| room.going(session).is_none()) {
                    room.going.remove(&id);
                }
                room.go_on(id, desk);
                room.end_empty_letter(id, desk);
            });
            let due = app.room.session(&app.model).is_some_and(is_waiting);
            app.room.waiting = if due { app.room.waiting.or(Some(app.now())) } else { None };
            decide::on_certificate(app, id);
        }
    }

    /// Another program came, or said or heard something.
    fn heard_of_lab(app: &mut App, signal: &lab::Signal) {
        if let lab::Signal::Came(visit) = signal {
            app.say(format!("{} came to {}: Alt-g lists the guests.", visit.from, visit.host));
        }
        lab_state::heard(app, signal);
        let Some(session) = app.room.session(&app.model).filter(|session| session.is_watched()) else { return };
        let id = session.id;
        app.room.views.entry(id).or_default().refresh(session);
        Self::settle(app);
    }

    /// A key that no command has.
    pub fn key(app: &mut App, key: Key) {
        if app.room.focus != Pane::Send {
            return;
        }
        if app.room.replay.is_some() {
            return app.say(format!("Nothing was typed: {NOTHING_IS_SENT}."));
        }
        if app.room.file_goes(&app.model) {
            return app.say(ONE_LETTER);
        }
        if app.room.writes_letter(&app.model) {
            if let Some(step) = letter_step(key) {
                app.room.composer.letter.edit(step);
            }
            return;
        }
        if key.code == Code::Backspace && app.room.composer.take_from_batch() {
            return;
        }
        if let Some(request) = line_request(key) {
            app.room.composer.line.edit(request);
            app.room.composer.touched();
        }
    }

    /// A pasted text: one line goes into the line, several are shown first. Nothing is sent.
    pub fn paste(app: &mut App, paste: Paste) {
        if app.room.replay.is_some() {
            return app.say(format!("Nothing was taken: {NOTHING_IS_SENT}."));
        }
        if app.room.file_goes(&app.model) {
            return app.say(ONE_LETTER);
        }
        if app.room.writes_letter(&app.model) && app.room.focus == Pane::Send {
            if !app.room.composer.letter.insert(&paste.text) {
                app.say("The text is too large for the editor; send it from a file instead.");
            }
        } else if let Some(line) = paste.line() {
            app.room.focus = Pane::Send;
            app.room.composer.line.insert(line);
            app.room.composer.touched();
        } else {
            app.open(Box::new(pasted::Pasted::new(paste)));
        }
    }

    /// The mouse did something: a click gives a pane the keys and selects, a drag copies rows, the wheel moves.
    pub fn mouse(app: &mut App, mouse: Mouse) {
        let Some(layout) = app.room.layout(app.area(), &app.model) else { return };
        let at = Position::new(mouse.column, mouse.line);
        if mouse.act == Act::Press
            && let Some(command) = (Scene { app, room: &app.room }).command_at(&layout, at)
        {
            return app.call(command);
        }
        let Some(pane) = layout.pane_at(at) else { return };
        match mouse.act {
            Act::Wheel(notches) => Self::wheel(app, pane, notches),
            Act::Press => {
                let focused = app.room.focus == pane;
                app.room.focus = pane;
                app.room.pressed = Self::row_under(app, at);
                Self::select_under(app, at);
                Self::press_in(app, &layout, pane, at, focused);
            }
            // What was not begun here is not ours.
            Act::Drag if app.room.pressed.is_some() => Self::select_under(app, at),
            Act::Drag => {}
            Act::Release => {
                let first = app.room.pressed.take();
                let last = Self::row_under(app, at);
                if let (Some(first), Some(last)) = (first, last)
                    && first != last
                {
                    Self::work(app, |room, desk| room.copy_rows(first.min(last)..=first.max(last), desk));
                }
            }
        }
    }

    /// The editor came back: its text is the letter now.
    pub fn edited(app: &mut App, text: Result<String, String>) {
        match text {
            Ok(text) => app.room.composer.letter = Letter::of(text.strip_suffix('\n').unwrap_or(&text)),
            Err(why) => app.say(why),
        }
    }

    /// The network did not take a request. What was to be sent is a draft again, a login is a filled form again, a repeat
    /// stops, a session that could not begin has failed, and a decision about a certificate is asked for again.
    pub fn unsent(app: &mut App, request: &Request, why: &str) {
        match request {
            Request::Open(id, _) | Request::Answer(id, _) => {
                app.room.repeats.remove(id);
                for what in [What::Failed(Failure::NotTaken), What::Ended] {
                    let signal = Signal::Net(net::Signal { session: *id, at: Moment::START, what });
                    app.model.apply(&signal);
                    Self::heard(app, &signal);
                }
            }
            Request::Do(id, net::Act::Post(_)) => drop(app.room.going.remove(id)),
            Request::Do(id, net::Act::Send(octets) | net::Act::SendNow(octets)) => {
                let repeated = app.room.repeats.remove(id).is_some();
                if app.room.current == Some(*id) {
                    let letter = app.room.writes_letter(&app.model);
                    app.room.composer.take_back(octets, letter, repeated);
                }
                if repeated {
                    return app.say(format!("{why} Repeating stopped."));
                }
            }
            Request::Do(id, net::Act::GoOn) => {
                app.room.asked_about = None;
                decide::on_certificate(app, *id);
            }
            Request::Do(id, net::Act::Authenticate(wanted)) => LogIn::show_again(app, *id, wanted),
            Request::Do(..) | Request::Policy(..) => {}
        }
        app.say(why);
    }

    /// The program was stopped for a while: the sessions note it, because servers time out meanwhile.
    pub fn resumed(app: &mut App, gap: Duration) {
        let open: Vec<_> = app.model.sessions().iter().filter(|it| it.is_open()).map(|it| it.id).collect();
        for id in open {
            if let Some(session) = app.model.session_mut(id) {
                session.annotate(Mark::Suspended(gap));
            }
            if let Some(session) = app.model.session(id) {
                app.room.views.entry(id).or_default().refresh(session);
            }
        }
        Self::settle(app);
    }

    fn wheel(app: &mut App, pane: Pane, notches: i32) {
        let lines = notches.saturating_mul(NOTCH);
        Self::move_pane(app, pane, lines);
    }

    /// A click on a heading with tabs opens the next tab; a click on a step or on a record selects it, a second one on
    /// the same opens it.
    fn press_in(app: &mut App, layout: &Layout, pane: Pane, at: Position, focused: bool) {
        let Some(place) = layout.place(pane) else { return };
        if at.y == place.outer.y {
            if let Some(tab) = next_tab(layout, pane) {
                app.room.side = tab;
                app.room.focus = tab;
            }
            return;
        }
        let scene = Scene { app, room: &app.room };
        let y = at.y.saturating_sub(place.inner.y);
        let found = match (pane, scene.app.room.session(&app.model)) {
            (Pane::Explain, Some(session)) => scene.step_at(session, place.inner, y),
            (Pane::Dns, _) => scene.record_at(place.inner, y),
            _ => None,
        };
        let Some(found) = found else { return };
        let selected = if pane == Pane::Dns { &mut app.room.look_up.selected } else { &mut app.room.step };
        let again = focused && *selected == found;
        *selected = found;
        if again {
            Self::open_selected(app);
        }
    }

    fn select_under(app: &mut App, at: Position) {
        if let Some(row) = Self::row_under(app, at) {
            let Some(id) = app.room.current else { return };
            if let Some(view) = app.room.views.get_mut(&id) {
                view.select(row);
            }
            app.room.step = 0;
            Self::settle(app);
        }
    }

    /// The row of the transcript at a position of the screen.
    fn row_under(app: &App, at: Position) -> Option<u32> {
        let place = app.room.layout(app.area(), &app.model)?.place(Pane::Transcript)?;
        place.inner.contains(at).then_some(())?;
        let session = app.room.session(&app.model)?;
        Scene { app, room: &app.room }.row_at(session, place.inner, at.y - place.inner.y)
    }
}

/// The tab behind the open one, in the order of the panes' numbers.
fn next_tab(layout: &Layout, pane: Pane) -> Option<Pane> {
    let tabs = layout.tabs(pane);
    tabs.iter().find(|tab| **tab > pane).or(tabs.first()).copied()
}

/// True while a reply is due that the user waits for.
pub(super) fn is_waiting(session: &Session) -> bool {
    let own = session.is_open() && !session.is_watched();
    own && session.dialogue().awaits_reply() && !session.awaits_trust()
}

/// What a key does to the line.
fn line_request(key: Key) -> Option<InputRequest> {
    if let Some(character) = key.typed() {
        return Some(InputRequest::InsertChar(character));
    }
    Some(match (key.code, key.ctrl, key.alt) {
        (Code::Left, false, false) | (Code::Char('b'), true, false) => InputRequest::GoToPrevChar,
        (Code::Right, false, false) => InputRequest::GoToNextChar,
        (Code::Left, true, false) => InputRequest::GoToPrevWord,
        (Code::Right, true, false) => InputRequest::GoToNextWord,
        (Code::Home, ..) | (Code::Char('a'), true, false) => InputRequest::GoToStart,
        (Code::End, ..) | (Code::Char('e'), true, false) => InputRequest::GoToEnd,
        (Code::Backspace, _, true) | (Code::Char('w'), true, false) => InputRequest::DeletePrevWord,
        (Code::Backspace, ..) | (Code::Char('h'), true, false) => InputRequest::DeletePrevChar,
        (Code::Delete, ..) => InputRequest::DeleteNextChar,
        (Code::Char('u'), true, false) => InputRequest::DeleteLine,
        (Code::Char('k'), true, false) => InputRequest::DeleteTillEnd,
        (Code::Char('y'), true, false) => InputRequest::Yank,
        _ => return None,
    })
}

/// What a key does to the letter.
pub(super) fn letter_step(key: Key) -> Option<Step> {
    if let Some(character) = key.typed() {
        return Some(Step::Insert(character));
    }
    Some(match (key.code, key.ctrl, key.alt) {
        (Code::Tab, ..) => Step::Insert('\t'),
        (Code::Left, false, false) => Step::Move(CursorMove::Back),
        (Code::Right, false, false) => Step::Move(CursorMove::Forward),
        (Code::Left, true, false) => Step::Move(CursorMove::WordBack),
        (Code::Right, true, false) => Step::Move(CursorMove::WordForward),
        (Code::Up, ..) => Step::Move(CursorMove::Up),
        (Code::Down, ..) => Step::Move(CursorMove::Down),
        (Code::Home, ..) | (Code::Char('a'), true, false) => Step::Move(CursorMove::Head),
        (Code::End, ..) | (Code::Char('e'), true, false) => Step::Move(CursorMove::End),
        (Code::Backspace, _, true) | (Code::Char('w'), true, false) => Step::DeleteWord,
        (Code::Backspace, ..) | (Code::Char('h'), true, false) => Step::Backspace,
        (Code::Delete, ..) => Step::Delete,
        (Code::Char('u'), true, false) => Step::DeleteToStart,
        (Code::Char('k'), true, false) => Step::DeleteToEnd,
        (Code::Char('y'), true, false) => Step::Redo,
        _ => return None,
    })
}
