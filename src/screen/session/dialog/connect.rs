//! The connect dialog: host, how the connection begins, whom to ask for names, and the targets of this run.

use ratatui::layout::{Position, Rect};
use tui_input::Input;

use crate::app::App;
use crate::input::{Act, Code, Key, Mouse, Paste};
use crate::layer::{Layer, centred, foot, inside, place_of};
use crate::ports::dns::Source;
use crate::ports::net::{Checks, Opening, Place, Sni, Target, Versions};
use crate::screen::session::Room;
use crate::session::target::{self, NoTarget, Wanted};
use crate::ui::remote;
use crate::ui::text::{Pen, Role, Run, width, wrap_words};

use super::prompt::{edit, insert};
use super::{arrows, place, window};

/// The connect dialog.
pub struct Connect {
    target: Input,
    /// The last target: a grey suggestion while nothing is typed.
    last: Option<Target>,
    /// The target of this run that was taken: its TLS and its route go with it, until another one is typed.
    taken: Option<Target>,
    opening: Option<Opening>,
    resolver: Input,
    field: Field,
    recent: usize,
    wrong: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Target,
    Opening,
    Resolver,
}

const HINT: &str = "host, host:port, [address]:port, tls://host, mx:domain, submit:domain, lmtp://host or unix:/path. Names under \
                    .test are the lab's.";

/// The keys in its last line.
const KEYS: [(&str, &str); 3] = [("Enter", "connect"), ("Tab", "next field"), ("Esc", "leave it")];
/// The line with the targets of this run.
const RECENT: u16 = 9;

impl Connect {
    /// The dialog; the last target is suggested, and whom the shown session asks for real names.
    pub fn new(app: &App) -> Self {
        let last = app.room.recent.first().cloned();
        let live = app.room.session(&app.model).map(|session| &session.target).filter(|it| it.place == Place::Live);
        let resolver = live.map_or(&app.settings.resolver, |target| &target.source).to_string();
        Self {
            target: Input::default(),
            last,
            taken: None,
            opening: None,
            resolver: Input::new(resolver),
            field: Field::Target,
            recent: 0,
            wrong: None,
        }
    }

    fn submit(&mut self, app: &mut App) -> Result<(), String> {
        let resolver = self.source()?;
        let known = self.known().cloned();
        let typed = known.as_ref().map_or_else(|| self.target.value().to_owned(), target::spelled);
        let wanted = target::parse(&typed, &resolver).map_err(|bad| said(&bad))?;
        match wanted {
            Wanted::Host(mut target) => {
                if let Some(known) = known {
                    (target.opening, target.handshake, target.route) = (known.opening, known.handshake, known.route);
                }
                target.opening = self.opening.unwrap_or(target.opening);
                Room::connect(app, *target);
                Ok(())
            }
            Wanted::Exchangers(domain, source) => Room::look_up(app, &domain, source).map_err(|bad| said(&bad)),
            Wanted::Submission(domain, source) => {
                Room::look_up_submission(app, &domain, source).map_err(|bad| said(&bad))
            }
        }
    }

    /// Whom to ask for real names; those of the lab are the lab's in any case.
    fn source(&self) -> Result<Source, String> {
        match self.resolver.value().trim() {
            "" => Ok(Source::System),
            typed => {
                Source::parse(typed).ok_or_else(|| format!("{typed} is no resolver: write system, lab, or an address."))
            }
        }
    }

    /// The last target, while it is suggested.
    fn suggestion(&self) -> Option<&Target> {
        self.last.as_ref().filter(|_| self.target.value().is_empty())
    }

    /// The target of this run that stands here, untouched.
    fn known(&self) -> Option<&Target> {
        let untouched = |known: &&Target| target::spelled(known) == self.target.value();
        self.suggestion().or_else(|| self.taken.as_ref().filter(untouched))
    }

    /// Takes a target of this run.
    fn take(&mut self, known: Option<&Target>) {
        self.target = Input::new(known.map(target::spelled).unwrap_or_default());
        self.taken = known.cloned();
        self.opening = None;
    }

    fn recall(&mut self, app: &App, older: bool) {
        let count = app.room.recent.len();
        if count == 0 {
            return;
        }
        self.recent = if older { (self.recent + 1) % count } else { (self.recent + count - 1) % count };
        self.take(app.room.recent.get(self.recent));
    }

    fn turn(&mut self) {
        self.opening = match self.opening {
            None => Some(Opening::Plain),
            Some(Opening::Plain) => Some(Opening::Require),
            Some(Opening::Require) => Some(Opening::Prefer),
            Some(Opening::Prefer) => Some(Opening::Never),
            Some(Opening::Never) => Some(Opening::ImplicitTls),
            Some(Opening::ImplicitTls) => None,
        };
    }

    fn next(&mut self, back: bool) {
        self.field = match (self.field, back) {
            (Field::Target, false) | (Field::Resolver, true) => Field::Opening,
            (Field::Opening, false) | (Field::Target, true) => Field::Resolver,
            (Field::Resolver, false) | (Field::Opening, true) => Field::Target,
        };
    }

    /// The recent target at a column of its line.
    fn recent_at(app: &App, x: usize) -> Option<usize> {
        let mut begins = 2 + width(arrows(app.settings.ascii));
        recent(app).iter().position(|name| {
            let hit = (begins..begins + width(name)).contains(&x);
            begins += width(name) + 2;
            hit
        })
    }

    fn opening_words(&self) -> &'static str {
        match self.opening.or_else(|| self.known().and_then(own_opening)) {
            None => "as the port says (465 is TLS)",
            Some(Opening::Plain) => "plain text first, STARTTLS may follow",
            Some(Opening::Require) => "EHLO and STARTTLS by themselves; the end without TLS",
            Some(Opening::Prefer) => "EHLO and STARTTLS by themselves; on without TLS",
            Some(Opening::Never) => "plain text throughout, STARTTLS is not suggested",
            Some(Opening::ImplicitTls) => "TLS from the first byte",
        }
    }
}

impl Layer for Connect {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        self.wrong = None;
        match (key.code, self.field) {
            (Code::Esc, _) => return None,
            (Code::Enter, _) => match self.submit(app) {
                Ok(()) => return None,
                Err(why) => self.wrong = Some(why),
            },
            (Code::Tab, _) => self.next(false),
            (Code::BackTab, _) => self.next(true),
            (Code::Down, Field::Target) => self.recall(app, true),
            (Code::Up, Field::Target) => self.recall(app, false),
            (Code::Left | Code::Right | Code::Char(' '), Field::Opening) => self.turn(),
            (Code::Right | Code::End, Field::Target) if self.suggestion().is_some() => {
                self.take(self.last.clone().as_ref());
            }
            (_, Field::Target) => drop(edit(&mut self.target, key)),
            (_, Field::Resolver) => drop(edit(&mut self.resolver, key)),
            (_, Field::Opening) => {}
        }
        Some(self)
    }

    fn paste(&mut self, paste: &Paste, _: &mut App) -> bool {
        let field = if self.field == Field::Resolver { &mut self.resolver } else { &mut self.target };
        self.wrong = insert(field, paste).err();
        true
    }

    /// A click gives a field the keys, a second one turns how the connection begins, one on a target of this run takes
    /// it. One beside the dialog does nothing: what was typed would be lost.
    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        let inner = inside(outer(app.area()));
        let at = place_of(mouse);
        if mouse.act != Act::Press || !inner.contains(at) {
            return None;
        }
        let field = match at.y - inner.y {
            0 => Field::Target,
            1 => Field::Opening,
            2 => Field::Resolver,
            RECENT => {
                let known = Self::recent_at(app, usize::from(at.x - inner.x))?;
                self.recent = known;
                self.take(app.room.recent.get(known));
                Field::Target
            }
            _ => return foot::key_at(mouse, inner, &KEYS),
        };
        let again = self.field == field && field == Field::Opening;
        self.field = field;
        again.then_some(Key::char(' '))
    }

    fn view(&self, app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let inner = window(pen, outer(area), "Connect");
        let mut pen = pen.within(inner);
        let room = pen.width().saturating_sub(2);
        let target = remote::shown(self.target.value());
        let resolver = remote::shown(self.resolver.value());
        let rows = [
            ("to", target.as_str(), Field::Target),
            ("begins", self.opening_words(), Field::Opening),
            ("names from", resolver.as_str(), Field::Resolver),
        ];
        for ((label, value, field), y) in rows.into_iter().zip(0..) {
            pen.put(1, y, label, if field == self.field { Role::Key } else { Role::Quiet });
            pen.put(13, y, value, Role::Text);
        }
        if let Some(last) = self.suggestion() {
            pen.put(13, 0, &remote::shown(&target::spelled(last)), Role::Ghost);
            let accept = if pen.ascii() { "-> accept" } else { "→ accept" };
            pen.put(room.saturating_sub(width(accept)) + 1, 0, accept, Role::Key);
        }
        let (text, role) = match &self.wrong {
            Some(why) => (remote::shown(why), Role::Problem),
            None => match self.known().map(own_settings).filter(|words| !words.is_empty()) {
                Some(words) => (format!("As last time: {words}. Typing another target forgets that."), Role::Quiet),
                None => (HINT.to_owned(), Role::Quiet),
            },
        };
        for (line, y) in wrap_words(&[Run::new(text, role)], room).iter().take(5).zip(4..) {
            pen.runs(1, y, line);
        }
        let known = recent(app);
        if !known.is_empty() {
            let arrows = arrows(pen.ascii());
            let x = pen.put(1, RECENT, arrows, Role::Key);
            pen.put(x + 1, RECENT, &known.join("  "), Role::Quiet);
        }
        foot::draw(&mut pen, &KEYS);
        let (input, y) = if self.field == Field::Resolver { (&self.resolver, 2) } else { (&self.target, 0) };
        let before: String = input.value().chars().take(input.cursor()).collect();
        let column = if self.field == Field::Opening { (13, 1) } else { (13 + width(&remote::shown(&before)), y) };
        place(inner, column.0, column.1)
    }
}

/// What is wrong, and what to do.
fn said(bad: &NoTarget) -> String {
    format!("{} {}", bad.why, bad.next)
}

/// How a target begins, if its words and its port alone do not say it.
fn own_opening(target: &Target) -> Option<Opening> {
    let said = target::parse(&target::spelled(target), &target.source);
    let alone = matches!(said, Ok(Wanted::Host(said)) if said.opening == target.opening);
    (!alone).then_some(target.opening)
}

/// What was set for a target besides how it begins.
fn own_settings(target: &Target) -> String {
    let (handshake, route) = (&target.handshake, &target.route);
    let set = [
        (handshake.sni != Sni::Host, "SNI"),
        (handshake.verify.is_some(), "the name to verify"),
        (handshake.checks != Checks::default(), "what of the certificate is checked"),
        (handshake.versions != Versions::default(), "the versions of TLS"),
        (handshake.identity, "the client certificate"),
        (handshake.keys_logged, "the key log"),
        (route.only.is_some(), "one family of addresses"),
        (route.from.is_some(), "the own address"),
        (route.client.is_some(), "the PROXY line"),
    ];
    set.iter().filter(|(set, _)| *set).map(|(_, words)| *words).collect::<Vec<_>>().join(", ")
}

/// Where the dialog is drawn, with its frame.
fn outer(area: Rect) -> Rect {
    centred(area, 76, 14)
}

/// The targets of this run that have a place in the dialog.
fn recent(app: &App) -> Vec<String> {
    app.room.recent.iter().take(4).map(|target| remote::shown(&target::spelled(target))).collect()
}
