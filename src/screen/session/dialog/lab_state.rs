//! The lab as it is, and what can be different there: a list of its hosts, and a card for each.

use ratatui::layout::{Position, Rect};

use crate::app::{App, Effect};
use crate::input::{Code, Key, Mouse};
use crate::layer::list::Choice;
use crate::layer::{Layer, beside, foot, inside};
use crate::ports::lab::change::{Change, Doubt, Gift, Loss, Member, NameFault, Spot};
use crate::ports::lab::setting::Setting;
use crate::ports::lab::{Request, Signal};
use crate::ui::lab_mail;
use crate::ui::lab_state::{all, value, words};
use crate::ui::text::{Pen, Role, clip};

use super::picker::{Item, Picker};
use super::prompt::Prompt;
use super::reader::Reader;
use super::{arrows, item, page, place, window};

/// Where what is said of a line begins.
const COLUMN: usize = 25;

/// The list of hosts, or the card of one of them.
#[derive(Debug, Default)]
pub struct LabState {
    host: Option<Member>,
    choice: Choice,
}

/// A line that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Line {
    Scenes,
    AddRecord,
    Reset,
    /// Something that is different and has no host: Enter takes it back.
    Undo(Change),
    Host(Member),
    Way,
    Certificate,
    Names(String),
    Site(String),
    Log,
    /// A setting, and the value that the host has by itself.
    Setting(Setting, String),
    Fault {
        name: String,
        about: String,
    },
}

/// Opens the card of a host; nothing if nobody is called that.
pub fn of_host(app: &mut App, host: &str) {
    let known = app.model.lab_state.cast.iter().flat_map(|cast| &cast.hosts).find(|member| member.host == host);
    let Some(member) = known.cloned() else {
        return app.say("That is no host of the lab: nothing can be changed about it.");
    };
    app.open(Box::new(LabState { host: Some(member), choice: Choice::default() }));
}

/// Offers the scenes.
pub fn pick_scene(app: &mut App) {
    let Some(cast) = &app.model.lab_state.cast else { return };
    let ask = |name: String| move |app: &mut App| app.emit(Effect::Lab(Request::Scene(name)));
    let line = |name: &str, about: &str| format!("{name:<13} {about}");
    let first = Item::new(line("as it was", "Nothing is different."), reset);
    let scenes = cast.scenes.iter().map(|scene| {
        let about = scene.about.split_inclusive(". ").next().unwrap_or_default();
        Item::new(line(&scene.name, about.trim_end()), ask(scene.name.clone()))
    });
    app.open(Box::new(Picker::new("Set up a scene", std::iter::once(first).chain(scenes).collect())));
}

/// Asks for a record to add.
pub fn add_record(app: &mut App) {
    app.open(Box::new(record()));
}

/// Lets everything be as it was.
pub fn reset(app: &mut App) {
    app.emit(Effect::Lab(Request::Reset));
}

/// What the lab said to a change: a record that it does not take is asked for again, with the reason.
pub fn heard(app: &mut App, signal: &Signal) {
    match signal {
        Signal::Changed(changes) => {
            let about = app.model.lab_state.scene().map(|scene| scene.about.clone());
            app.say(match (about, changes.len()) {
                (Some(about), _) => about,
                (None, 0) => "The lab is as it was.".to_owned(),
                (None, 1) => "One thing is different in the lab, from the next connection or question on.".to_owned(),
                (None, count) => {
                    format!("{count} things are different in the lab, from the next connection or question on.")
                }
            });
        }
        Signal::Unchanged { wanted: Request::Change(Change::Record { line }), why } => {
            let again = record().with(line.clone()).wrong(why.clone());
            app.open(Box::new(again));
        }
        Signal::Unchanged { wanted: Request::Change(Change::Setting { host, name, value }), why } => {
            app.open(Box::new(number(host.clone(), *name).with(value.clone()).wrong(why.clone())));
        }
        Signal::Unchanged { why, .. } => app.say(why.clone()),
        _ => {}
    }
}

fn record() -> Prompt {
    let hint = "One line of a zone file with the whole name: new.harbor.test. TXT \"hello\". A, AAAA, CNAME, MX, PTR, SRV, TLSA or TXT; the zone is signed anew.";
    Prompt::new("Add a record to the lab's DNS", hint, "add it", |app, line| {
        let line = line.trim().to_owned();
        app.emit(Effect::Lab(Request::Change(Change::Record { line })));
        Ok(())
    })
}

impl LabState {
    fn lines(&self, app: &App) -> Vec<Line> {
        let state = &app.model.lab_state;
        let Some(cast) = &state.cast else { return Vec::new() };
        match &self.host {
            None => {
                let loose = |change: &&Change| match change {
                    Change::Record { .. } => true,
                    Change::Names(spot) => cast.hosts.iter().all(|host| !host.domains.contains(&spot.at)),
                    _ => false,
                };
                let undo = state.changes.iter().filter(loose).cloned().map(Line::Undo);
                let hosts = cast.hosts.iter().cloned().map(Line::Host);
                [Line::Scenes, Line::AddRecord, Line::Reset].into_iter().chain(undo).chain(hosts).collect()
            }
            Some(host) => {
                let names = host.domains.iter().cloned().map(Line::Names);
                let fault = |(name, about): &(String, String)| Line::Fault { name: name.clone(), about: about.clone() };
                let faults = cast.faults.iter().map(fault);
                let sites = host.sites.iter().cloned().map(Line::Site);
                let settings = host.settings.iter().map(|(name, own)| Line::Setting(*name, own.clone()));
                let first = [Line::Log, Line::Way, Line::Certificate];
                first.into_iter().chain(names).chain(sites).chain(settings).chain(faults).collect()
            }
        }
    }

    /// The line, and what is said of it.
    fn words(&self, line: &Line, app: &App) -> (String, String, Role) {
        let state = &app.model.lab_state;
        let now = || match self.is(app, line) {
            Some(change) => (value(&change), Role::Wait),
            None => ("in order".to_owned(), Role::Quiet),
        };
        let (name, (said, role)) = match line {
            Line::Scenes => {
                let scene = state.scene().map(|scene| scene.name.clone());
                ("Set up a scene".to_owned(), scene.map_or((String::new(), Role::Quiet), |name| (name, Role::Wait)))
            }
            Line::AddRecord => ("Add a DNS record".to_owned(), (String::new(), Role::Quiet)),
            Line::Reset => {
                let said = match state.changes.len() {
                    0 => ("nothing is different".to_owned(), Role::Quiet),
                    1 => ("one thing is different".to_owned(), Role::Wait),
                    count => (format!("{count} things are different"), Role::Wait),
                };
                ("Everything as it was".to_owned(), said)
            }
            Line::Undo(change) => ("Take back".to_owned(), (words(change), Role::Wait)),
            Line::Host(member) => {
                let different = all(state.of(&member.host));
                let said =
                    if different.is_empty() { (member.about.clone(), Role::Quiet) } else { (different, Role::Wait) };
                (member.host.clone(), said)
            }
            Line::Way => ("the way to it".to_owned(), now()),
            Line::Certificate => ("its certificate".to_owned(), now()),
            Line::Names(domain) => (format!("DNS of {domain}"), now()),
            Line::Site(site) => (site.clone(), now()),
            Line::Log => ("its log".to_owned(), ("what it has done, the newest first".to_owned(), Role::Quiet)),
            Line::Setting(name, own) => {
                let set = self.is(app, line).map(|change| (change.value().to_owned(), Role::Wait));
                let (value, role) = set.unwrap_or_else(|| (own.clone(), Role::Quiet));
                (name.name().to_owned(), (format!("{}: {}", name.words(), name.means(&value)), role))
            }
            Line::Fault { name, about } => {
                let on = self.is(app, line).is_some();
                let mark = if on { "[x]" } else { "[ ]" };
                (format!("{mark} {name}"), (about.clone(), if on { Role::Wait } else { Role::Quiet }))
            }
        };
        (name, said, role)
    }

    /// What is different in what a line is about.
    fn is(&self, app: &App, line: &Line) -> Option<Change> {
        let host = &self.host.as_ref()?.host;
        let meant = |change: &&Change| match (change, line) {
            (Change::Way { host: at, .. }, Line::Way) | (Change::Certificate { host: at, .. }, Line::Certificate) => {
                at == host
            }
            (Change::Names(spot), Line::Names(domain)) => spot.at == *domain,
            (Change::Site { host: at, .. }, Line::Site(site)) => at == site,
            (Change::Fault { host: at, name }, Line::Fault { name: known, .. }) => at == host && name == known,
            (Change::Setting { host: at, name, .. }, Line::Setting(known, _)) => at == host && name == known,
            _ => false,
        };
        app.model.lab_state.changes.iter().find(meant).cloned()
    }

    /// Enter on a line.
    fn act(&mut self, line: &Line, app: &mut App) {
        let is = self.is(app, line);
        let host = self.host.as_ref().map(|member| member.host.clone()).unwrap_or_default();
        match line {
            Line::Scenes => pick_scene(app),
            Line::AddRecord => add_record(app),
            Line::Reset => reset(app),
            Line::Undo(change) => app.emit(Effect::Lab(Request::Undo(change.clone()))),
            Line::Host(member) => *self = Self { host: Some(member.clone()), choice: Choice::default() },
            Line::Fault { name, .. } => {
                let change = Change::Fault { host, name: name.clone() };
                let ask = if is.is_some() { Request::Undo(change) } else { Request::Change(change) };
                app.emit(Effect::Lab(ask));
            }
            Line::Log => log(&host, app),
            Line::Setting(name, own) => set(host, *name, own, is.as_ref(), app),
            Line::Way => {
                let change = |loss: &Loss| Change::Way { host: host.clone(), loss: *loss };
                let values = Loss::ALL.iter().map(|loss| (loss.words(), change(loss)));
                app.open(Box::new(choose("The way to it", is.as_ref(), values)));
            }
            Line::Certificate => {
                let change = |doubt: &Doubt| Change::Certificate { host: host.clone(), doubt: *doubt };
                let values = Doubt::ALL.iter().map(|doubt| (doubt.words(), change(doubt)));
                app.open(Box::new(choose("Its certificate", is.as_ref(), values)));
            }
            Line::Site(site) => {
                let change = |gives: &Gift| Change::Site { host: site.clone(), gives: *gives };
                let values = Gift::ALL.iter().map(|gives| (gives.words(), change(gives)));
                app.open(Box::new(choose("What it gives instead of its policy", is.as_ref(), values)));
            }
            Line::Names(domain) => {
                let spot = |fault: &NameFault| Spot { at: domain.clone(), below: true, fault: *fault };
                let values = NameFault::ALL.iter().map(|fault| (fault.words(), Change::Names(spot(fault))));
                app.open(Box::new(choose("The DNS of its domain", is.as_ref(), values)));
            }
        }
    }

    /// Where the lines are drawn, inside the frame.
    fn list(area: Rect) -> Rect {
        let inner = inside(page(area));
        Rect { height: inner.height.saturating_sub(2), ..inner }
    }

    fn keys(&self, ascii: bool) -> [(&'static str, &'static str); 3] {
        let back = if self.host.is_some() { "all hosts" } else { "close" };
        [(arrows(ascii), "choose"), ("Enter", "change"), ("Esc", back)]
    }
}

/// What a host has done, to be read.
fn log(host: &str, app: &mut App) {
    let mail = app.model.lab_mail.clone();
    let (name, copy) = (host.to_owned(), lab_mail::log_text(&mail, host));
    let lines = move |room: usize, ascii: bool| lab_mail::log(&mail, &name, room, ascii);
    app.open(Box::new(Reader::new(format!("Log of {host}"), copy, lines)));
}

/// Offers the values of a setting of a host, and any other number where it is one.
fn set(host: String, name: Setting, own: &str, is: Option<&Change>, app: &mut App) {
    let change = {
        let host = host.clone();
        move |value: &str| Change::Setting { host: host.clone(), name, value: value.to_owned() }
    };
    let values = name.choices().iter().map(|(value, words)| (*words, change(value)));
    let mut picker = choose(name.words(), is, values).first(format!("as it is by itself: {}", name.means(own)));
    if name.unit().is_some() {
        picker = picker.and(Item::new("another number", move |app| app.open(Box::new(number(host, name)))));
    }
    app.open(Box::new(picker));
}

/// Asks for the number that a setting is set to.
fn number(host: String, name: Setting) -> Prompt {
    let hint = "A number; what the lab does not take is asked for again. Seconds are those of the lab's clock.";
    Prompt::new(name.words(), hint, "set it", move |app, value| {
        let (host, value) = (host.clone(), value.trim().to_owned());
        app.emit(Effect::Lab(Request::Change(Change::Setting { host, name, value })));
        Ok(())
    })
}

/// The values of a setting, and first of all that it is in order.
fn choose(title: &'static str, is: Option<&Change>, values: impl Iterator<Item = (&'static str, Change)>) -> Picker {
    let mut at = 0;
    let undo = is.cloned();
    let mut items = vec![Item::new("in order", move |app| {
        if let Some(change) = undo {
            app.emit(Effect::Lab(Request::Undo(change)));
        }
    })];
    for (words, change) in values {
        if is == Some(&change) {
            at = items.len();
        }
        items.push(Item::new(words, move |app| app.emit(Effect::Lab(Request::Change(change)))));
    }
    Picker::new(title, items).at(at)
}

impl Layer for LabState {
    fn key(mut self: Box<Self>, key: Key, app: &mut App) -> Option<Box<dyn Layer>> {
        let lines = self.lines(app);
        match (key.code, &self.host) {
            (Code::Esc, Some(host)) => {
                let back = Self { host: None, ..Self::default() };
                let at = back.lines(app).iter().position(|line| matches!(line, Line::Host(it) if it == host));
                *self = Self { choice: Choice::at(at.unwrap_or_default()), ..back };
            }
            (Code::Esc | Code::Char('q'), _) => return None,
            (Code::Enter | Code::Char(' '), _) => {
                if let Some(line) = lines.get(self.choice.selected) {
                    self.act(line, app);
                }
            }
            _ => drop(self.choice.key(key, lines.len(), usize::from(Self::list(app.area()).height))),
        }
        Some(self)
    }

    fn mouse(&mut self, mouse: Mouse, app: &App) -> Option<Key> {
        let outer = page(app.area());
        let key = foot::key_at(mouse, inside(outer), &self.keys(app.settings.ascii));
        key.or_else(|| self.choice.mouse(mouse, Self::list(app.area()), self.lines(app).len()))
            .or_else(|| beside(mouse, outer))
    }

    fn view(&self, app: &App, area: Rect, pen: &mut Pen<'_>) -> Option<Position> {
        let title = self.host.as_ref().map_or("What is different in the lab", |member| member.host.as_str());
        let inner = window(pen, page(area), title);
        let list = Self::list(area);
        let mut pen = pen.within(inner);
        let lines = self.lines(app);
        let page = usize::from(list.height);
        let first = self.choice.first(lines.len(), page);
        let mut cursor = place(inner, 0, 0);
        for ((index, line), y) in lines.iter().enumerate().skip(first).take(page).zip(0..) {
            let (name, said, role) = self.words(line, app);
            let said = clip(&said, pen.width().saturating_sub(COLUMN + 1), pen.ascii());
            pen.put(COLUMN, y, &said, role);
            if item(&mut pen, y, &name, index == self.choice.selected) {
                cursor = place(inner, 0, y);
            }
        }
        let keys = self.keys(pen.ascii());
        foot::draw(&mut pen, &keys);
        cursor
    }
}
