//! The application: a pure function of what happened. `update` takes a message and returns effects; `view` draws.
//!
//! Nothing here waits, reads a clock or touches a terminal: time comes with each message, and what is to be done in the
//! world leaves as an [`Effect`]. [`App::wake`] says when something on the screen changes by itself; while it says
//! `None` the program sleeps.

pub mod effect;
pub mod linear;
pub mod settings;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

pub use effect::Effect;
pub use settings::Settings;

use crate::command::{Availability, Command, Context};
use crate::input::{Code, Input, Key, Mouse, Paste};
use crate::layer::Layer;
use crate::layer::ask::Ask;
use crate::ports::net;
use crate::record::slice::Slice;
use crate::screen::session::Room;
use crate::screen::session::file::Chosen;
use crate::screen::session::layout::is_too_small;
use crate::screen::session::recording::Recording;
use crate::session::{Model, Signal};
use crate::tape::Moment;
use crate::ui::text::{Pen, Role, Run, wrap_words};

/// How long a message stays at the bottom, in milliseconds.
const TOAST_MS: u64 = 4000;
/// The most lines of the screen that it takes.
const TOAST_LINES: usize = 3;

/// The whole application.
pub struct App {
    /// What is known.
    pub model: Model,
    /// The session screen.
    pub room: Room,
    /// What the person has set.
    pub settings: Settings,
    layers: Vec<Box<dyn Layer>>,
    effects: Vec<Effect>,
    toast: Option<Toast>,
    size: (u16, u16),
    now: Moment,
}

/// A message at the bottom that goes away by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Toast {
    text: String,
    until: Moment,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Msg {
    /// A person did something.
    Input(Input),
    /// A service told something.
    Signal(Signal),
    /// The editor came back with a text, or could not be run.
    Edited(Result<String, String>),
    /// A file was looked at, or could not be.
    Read {
        /// Its path, as it was asked for.
        path: String,
        /// What was found there.
        found: Result<Chosen, String>,
    },
    /// A file that goes with a letter was read, or could not be.
    Attached {
        /// Its path, as it was asked for.
        path: String,
        /// What it holds.
        found: Result<Vec<u8>, String>,
    },
    /// A file was written, or could not be: what to tell.
    Told(String),
    /// Lines of the recording that is shown were read, or could not be: why.
    ReadOfRecording(Result<Slice, String>),
    /// The recording began or stopped.
    Recorded(Recording),
    /// The network did not take a request, and why.
    Unsent(net::Request, &'static str),
    /// The program was stopped and came back.
    Resumed(std::time::Duration),
    /// The moment of [`App::wake`] has come.
    Tick,
}

impl App {
    /// An application; `room` is its first screen.
    pub fn new(model: Model, room: Room, settings: Settings) -> Self {
        Self {
            model,
            room,
            settings,
            layers: Vec::new(),
            effects: Vec::new(),
            toast: None,
            size: (80, 24),
            now: Moment::START,
        }
    }

    /// Takes in what happened at `now`; what is to be done in the world comes back.
    pub fn update(&mut self, msg: Msg, now: Moment) -> Vec<Effect> {
        self.now = now;
        if self.toast.as_ref().is_some_and(|toast| toast.until <= now) {
            self.toast = None;
        }
        match msg {
            Msg::Input(input) => self.input(input),
            Msg::Signal(signal) => {
                self.model.apply(&signal);
                self.settings.lab_day = self.model.lab_mail.now.unwrap_or(self.settings.lab_day);
                Room::heard(self, &signal);
            }
            Msg::Edited(text) => Room::edited(self, text),
            Msg::Read { path, found } => Room::read(self, &path, found),
            Msg::Attached { path, found } => Room::attached(self, &path, found),
            Msg::Told(text) => self.say(text),
            Msg::ReadOfRecording(read) => Room::read_of_recording(self, read),
            Msg::Recorded(news) => Room::recorded(self, news),
            Msg::Unsent(request, why) => Room::unsent(self, &request, why),
            Msg::Resumed(gap) => Room::resumed(self, gap),
            Msg::Tick => Room::play_on(self),
        }
        let layers = std::mem::take(&mut self.layers);
        self.layers = layers.into_iter().filter(|layer| !layer.is_over(self)).collect();
        let questions = self.model.look_ups.requests();
        self.effects.extend(questions.into_iter().map(Effect::Dns));
        let requests = self.model.requests();
        self.effects.extend(requests.into_iter().map(Effect::Net));
        std::mem::take(&mut self.effects)
    }

    /// When something on the screen will change by itself; `None` while nothing does.
    pub fn wake(&self) -> Option<Moment> {
        let toast = self.toast.as_ref().map(|toast| toast.until);
        let layers = self.layers.iter().filter_map(|layer| layer.wake()).filter(|moment| *moment > self.now);
        [toast, self.room.wake(self)].into_iter().flatten().chain(layers).min()
    }

    /// Draws everything; says where the terminal's cursor belongs.
    pub fn view(&self, buffer: &mut Buffer) -> Option<Position> {
        let area = buffer.area;
        let look = self.settings.look();
        let mut pen = Pen::new(buffer, area, &look);
        let mut cursor = self.room.view(self, area, &mut pen);
        if is_too_small(area) {
            return None;
        }
        for layer in &self.layers {
            cursor = layer.view(self, area, &mut pen).or(cursor);
        }
        self.view_toast(area, &mut pen);
        cursor.filter(|at| area.contains(*at))
    }

    /// Has something done in the world.
    pub fn emit(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// What is to be done in the world before anything has happened.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Says something at the bottom for a few seconds.
    pub fn say(&mut self, text: impl Into<String>) {
        let until = Moment::from_micros(self.now.micros() + TOAST_MS * 1000);
        self.toast = Some(Toast { text: text.into(), until });
    }

    /// What is being said at the bottom.
    pub fn said(&self) -> Option<&str> {
        self.toast.as_ref().map(|toast| toast.text.as_str())
    }

    /// Puts a layer on top.
    pub fn open(&mut self, layer: Box<dyn Layer>) {
        self.layers.push(layer);
    }

    /// True while a layer lies on the screen.
    pub fn is_covered(&self) -> bool {
        !self.layers.is_empty()
    }

    /// The moment of the message that is being taken in, since the program began.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// Columns and lines of the screen.
    pub fn size(&self) -> (u16, u16) {
        self.size
    }

    /// The whole screen.
    pub fn area(&self) -> Rect {
        let (width, height) = self.size;
        Rect { x: 0, y: 0, width, height }
    }

    /// The contexts in which a key means something now, the nearest first.
    pub fn contexts(&self) -> Vec<Context> {
        let mut contexts = self.room.contexts(self);
        contexts.push(Context::Anywhere);
        contexts
    }

    /// Calls a command, or says why it cannot be called.
    pub fn call(&mut self, command: &'static Command) {
        match (command.when)(self) {
            Availability::Yes => (command.run)(self),
            Availability::No(why) => self.say(format!("{}: {why}", command.title)),
        }
    }

    /// Calls a command; the dialog that it opens begins with `text`.
    pub fn call_with(&mut self, command: &'static Command, text: &str) {
        let before = self.layers.len();
        self.call(command);
        if self.layers.len() > before {
            self.paste_into(before, &Paste::new(text));
        }
    }

    /// Gives a text to a layer; false if it has no place for one.
    fn paste_into(&mut self, layer: usize, paste: &Paste) -> bool {
        let mut taken = self.layers.remove(layer);
        let has_place = taken.paste(paste, self);
        self.layers.insert(layer, taken);
        has_place
    }

    /// Leaves the program; asks first while a connection to a real server stands.
    pub fn quit(&mut self) {
        let real =
            |session: &crate::session::Session| session.is_open() && session.hides_secrets() && !session.is_watched();
        if self.model.sessions().iter().any(real) {
            let question = "A connection to a real server stands. Close it and leave?";
            let ask = Ask::new("Leave", question, "leave", |app| app.emit(Effect::Quit));
            self.open(Box::new(ask.small("A connection to a real server stands: q leaves, Esc stays.")));
        } else {
            self.emit(Effect::Quit);
        }
    }

    fn input(&mut self, input: Input) {
        match input {
            Input::Key(key) => self.key(key),
            Input::Paste(paste) => self.paste(paste),
            Input::Mouse(mouse) => self.mouse(mouse),
            Input::Resize(columns, lines) => self.size = (columns, lines),
        }
    }

    fn key(&mut self, key: Key) {
        if let Some(command) = self.settings.keymap.resolve(&[Context::AboveLayers], key) {
            return self.call(command);
        }
        let Some(key) = self.heeded(key) else { return };
        if let Some(layer) = self.layers.pop() {
            let depth = self.layers.len();
            if let Some(layer) = layer.key(key, self) {
                self.layers.insert(depth.min(self.layers.len()), layer);
            }
            return;
        }
        match self.settings.keymap.resolve(&self.contexts(), key) {
            Some(command) => self.call(command),
            None => Room::key(self, key),
        }
    }

    /// What a key that was pressed is now. On a screen that is too small nobody sees what it does: there it closes what is
    /// open or leaves, and nothing is answered, typed or sent.
    fn heeded(&self, key: Key) -> Option<Key> {
        if !is_too_small(self.area()) {
            return Some(key);
        }
        match (key, self.layers.last()) {
            (Key { code: Code::Esc, .. }, _) => Some(Key::plain(Code::Esc)),
            (Key { code: Code::Char('q'), ctrl: false, .. }, Some(layer)) => Some(Key::plain(layer.unseen().1)),
            (Key { code: Code::Char('q'), ctrl: false, alt: true, .. }, None) => Some(key),
            _ => None,
        }
    }

    /// How one gets out of a screen that is too small.
    pub fn way_out(&self) -> &'static str {
        self.layers.last().map_or("Alt-q or Esc q leaves.", |layer| layer.unseen().0)
    }

    fn mouse(&mut self, mouse: Mouse) {
        let Some(mut layer) = self.layers.pop() else { return Room::mouse(self, mouse) };
        self.room.let_go();
        let key = if is_too_small(self.area()) { None } else { layer.mouse(mouse, self) };
        self.layers.push(layer);
        if let Some(key) = key {
            self.key(key);
        }
    }

    fn paste(&mut self, paste: Paste) {
        if is_too_small(self.area()) {
            return self.say("The screen was too small to show the paste: nothing was taken.");
        }
        let odd = paste.removed > 0 || paste.joined;
        match self.layers.len().checked_sub(1) {
            Some(top) if self.paste_into(top, &paste) => {}
            Some(_) => {
                return self.say("Nothing here takes a text, so the paste was not taken: close this, paste again.");
            }
            None => Room::paste(self, paste),
        }
        if odd {
            self.say("Terminal codes or keys came with the paste: nothing was run. [paste/escape]");
        }
    }

    fn view_toast(&self, area: Rect, pen: &mut Pen<'_>) {
        let Some(toast) = &self.toast else { return };
        let room = usize::from(area.width).saturating_sub(2);
        let lines = wrap_words(&[Run::new(toast.text.as_str(), Role::Heading)], room);
        let height = u16::try_from(lines.len().min(TOAST_LINES)).unwrap_or(1).min(area.height);
        let place = Rect { y: area.bottom().saturating_sub(height), height, ..area };
        let mut pen = pen.within(place);
        for (y, line) in (0..height).zip(&lines) {
            pen.put(0, y, &" ".repeat(pen.width()), Role::Text);
            pen.runs(1, y, line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Act;
    use crate::session::look_ups::LookUps;

    fn app() -> App {
        App::new(Model::new(LookUps::new(1)), Room::default(), Settings::default())
    }

    fn press(app: &mut App, name: &str, millis: u64) -> Vec<Effect> {
        let key = name.parse().expect("the name of a key");
        app.update(Msg::Input(Input::Key(key)), Moment::from_millis(millis))
    }

    fn screen(app: &App) -> String {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 80, 24));
        app.view(&mut buffer);
        buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn an_idle_application_never_wakes() {
        let mut app = app();
        assert_eq!(app.wake(), None);
        app.say("something");
        assert_eq!(app.wake(), Some(Moment::from_millis(TOAST_MS)));
        app.update(Msg::Tick, Moment::from_millis(TOAST_MS));
        assert_eq!((app.wake(), app.said()), (None, None));
    }

    #[test]
    fn the_menu_waits_for_the_letter_and_stays_until_it_comes() {
        let mut app = app();
        press(&mut app, "Esc", 1000);
        assert!(!screen(&app).contains("─ Menu"), "a fast hand is not shown it");
        assert_eq!(app.wake(), Some(Moment::from_millis(1300)));
        app.update(Msg::Tick, Moment::from_millis(1300));
        assert!(screen(&app).contains("─ Menu"));
        assert_eq!(app.wake(), None, "it never goes away by itself");
        press(&mut app, "c", 99_000);
        assert!(screen(&app).contains("─ Connect"), "{}", screen(&app));
    }

    #[test]
    fn a_second_esc_shows_the_menu_at_once_and_a_third_closes_it() {
        let mut app = app();
        press(&mut app, "Esc", 1000);
        press(&mut app, "Esc", 1010);
        assert!(screen(&app).contains("─ Menu"));
        press(&mut app, "Esc", 1020);
        assert!(!app.is_covered());
    }

    #[test]
    fn a_key_of_the_persons_own_calls_its_command_and_is_shown() {
        let mut app = app();
        let form = crate::command::find("letter.form").expect("a command");
        let own = ["F7", "Alt-j"].map(|name| name.parse().expect("a key"));
        app.settings.keymap.bind(form, &own).expect("no text");
        press(&mut app, "Alt-l", 0);
        assert!(!app.is_covered(), "its key of before calls nothing");
        press(&mut app, "F7", 1);
        assert!(screen(&app).contains("─ Write a letter"), "{}", screen(&app));
        press(&mut app, "Esc", 2);
        press(&mut app, "Esc", 3);
        press(&mut app, "Esc", 4);
        assert!(screen(&app).contains("j letter form"), "the menu: {}", screen(&app));
        press(&mut app, "Esc", 5);
        app.open(Box::new(crate::layer::palette::Palette::default()));
        for letter in "letter form".chars() {
            app.update(Msg::Input(Input::Key(Key::char(letter))), Moment::from_millis(6));
        }
        assert!(screen(&app).contains("F7"), "the palette: {}", screen(&app));
    }

    #[test]
    fn suspending_works_above_every_layer() {
        let mut app = app();
        press(&mut app, "F1", 0);
        assert_eq!(press(&mut app, "Ctrl-Z", 1), [Effect::Suspend]);
        assert!(app.is_covered(), "the layer is still there");
    }

    #[test]
    fn a_click_in_a_layer_is_a_key_of_the_layer() {
        let mut app = app();
        press(&mut app, "F1", 0);
        let click = |app: &mut App, column, line| {
            let mouse = Mouse { act: Act::Press, column, line };
            app.update(Msg::Input(Input::Mouse(mouse)), Moment::from_millis(1));
        };
        click(&mut app, 40, 12);
        assert!(app.is_covered(), "a text is no button");
        click(&mut app, 0, 0);
        assert!(!app.is_covered());
    }

    #[test]
    fn a_layer_that_is_too_large_for_the_screen_is_not_drawn_and_not_answered() {
        let mut app = app();
        app.open(Box::new(Ask::new("Leave", "Leave?", "leave", |app| app.emit(Effect::Quit))));
        app.update(Msg::Input(Input::Resize(59, 15)), Moment::START);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 59, 15));
        assert_eq!(app.view(&mut buffer), None);
        let drawn: String = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert!(drawn.contains("Too small: 59×15.") && !drawn.contains("Leave"), "{drawn}");
        assert_eq!(press(&mut app, "Enter", 1), [], "nobody has seen the question");
        assert!(app.is_covered());
        press(&mut app, "Esc", 2);
        assert!(!app.is_covered());
    }

    #[test]
    fn a_long_message_takes_more_lines_instead_of_losing_its_end() {
        let mut app = app();
        app.say(format!("Cannot read /home/pat/{}/letter.eml: no such file. [file/open]", "long".repeat(20)));
        assert!(screen(&app).contains("[file/open]"), "{}", screen(&app));
    }
}
