//! The loop of the linear explorer: lines in, lines out. Nothing is written while nothing happens.
//!
//! A line that is piped in waits until the one before is answered; one that is typed does not. The prompt stands alone
//! at the beginning of a line; what comes while somebody types begins a new one. Where a program drives it, events are
//! told on standard output, and all else on standard error.

use std::io::{self, Write as _};
use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::perform::Performed;
use super::scribe::Scribe;
use super::services::{Services, Setup};
use super::teller::complain;
use crate::app::linear::Linear;
use crate::app::{App, Effect, Msg};
use crate::events::{Event, Fold};
use crate::ports::net::Request;
use crate::safe;
use crate::session::Session;
use crate::session::outcome::Outcome;
use crate::smtp::limits::Limits;
use crate::smtp::stage::Stage;
use crate::tape::Moment;
use crate::term::editor;
use crate::term::lines::Lines;
use crate::term::signals::{self, Asked, Signals};

/// News taken in one turn.
const NEWS: usize = 256;

/// How it is talked.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// Columns of a line.
    pub width: usize,
    /// Somebody types.
    pub person: bool,
    /// Events are told, as JSON, in the place of what the sessions say; all else goes to standard error.
    pub json: bool,
}

/// Runs the explorer until it is left; what comes back is the exit code.
pub fn run(app: App, first: Vec<Effect>, mut setup: Setup, manner: Manner) -> io::Result<u8> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ended = runtime.block_on(async {
        let mut talk = Talk::new(app, manner, Scribe::new(setup.recorder.take()))?;
        let mut services = Services::start(setup).await;
        let ended = talk.turns(first, &mut services).await;
        services.close().await;
        if let Some(stopped) = talk.scribe.finish(&talk.app.model) {
            complain(&stopped.to_string());
        }
        ended
    });
    // A service that does not end must not keep the program.
    runtime.shutdown_background();
    ended
}

struct Talk {
    app: App,
    linear: Linear,
    lines: Lines,
    signals: Signals,
    begun: Instant,
    person: bool,
    /// What happens, where it is told as events, and what of it is still to be told.
    events: Option<(Fold, String)>,
    /// The prompt stands at the end of what was written.
    prompted: bool,
    /// No more lines will come.
    ended: bool,
    exit: Option<u8>,
    scribe: Scribe,
    looking: mpsc::Sender<Msg>,
    looked: mpsc::Receiver<Msg>,
}

impl Talk {
    fn new(mut app: App, Manner { width, person, json }: Manner, scribe: Scribe) -> io::Result<Self> {
        let linear = Linear::new(&mut app, width, person);
        let linear = if json { linear.without_rows() } else { linear };
        let (looking, looked) = mpsc::channel(1);
        Ok(Self {
            app,
            linear,
            lines: Lines::start()?,
            signals: Signals::new()?,
            begun: Instant::now(),
            person,
            events: json.then(Default::default),
            prompted: false,
            ended: false,
            exit: None,
            scribe,
            looking,
            looked,
        })
    }

    async fn turns(&mut self, first: Vec<Effect>, services: &mut Services) -> io::Result<u8> {
        self.app.settings.lab_day = services.lab_day;
        self.app.model.lab_state = std::mem::take(&mut services.lab_state);
        self.app.settings.born = u64::try_from(Timestamp::now().as_second()).unwrap_or_default();
        if let Some(complaint) = services.complaint.take() {
            self.app.say(complaint);
        }
        self.perform(first, services).await;
        let mut news = Vec::new();
        while self.exit.is_none() {
            if let Some(told) = self.scribe.tell(&self.app.model) {
                self.take(told, services).await;
            }
            self.tell()?;
            self.ask()?;
            if self.exit.is_some() {
                break;
            }
            let asked = self.lines.is_asked();
            tokio::select! {
                biased;
                asked = self.signals.next() => match asked {
                    Asked::End(code) => self.exit = Some(code),
                    Asked::Stop => signals::stop(),
                    Asked::GoOn => {}
                },
                count = services.signals.recv_many(&mut news, NEWS) => {
                    if count == 0 {
                        self.exit = Some(101);
                    }
                    for signal in news.drain(..) {
                        self.take(Msg::Signal(signal), services).await;
                    }
                },
                line = self.lines.next(), if asked => match line? {
                    Some(line) => self.heard(&line, services).await?,
                    None => self.ended = true,
                },
                Some(read) = self.looked.recv() => self.take(read, services).await,
            }
        }
        if self.prompted {
            self.say("\n")?;
        }
        self.tell_end()?;
        Ok(self.exit.unwrap_or_default())
    }

    /// Asks for the next line, or ends where none will come.
    fn ask(&mut self) -> io::Result<()> {
        if self.linear.is_stuck(&self.app) || self.ended && (self.person || !self.linear.is_busy(&self.app)) {
            self.exit = Some(self.linear.exit(&self.app));
            return Ok(());
        }
        let busy = self.linear.is_busy(&self.app);
        if !self.ended && (self.person || !busy) {
            self.lines.ask();
        }
        if self.person && !busy && !self.prompted {
            let prompt = self.linear.prompt(&self.app);
            self.lines.hide(prompt.secret);
            self.say(prompt.words)?;
            self.prompted = true;
        }
        Ok(())
    }

    /// A line was typed or piped in.
    async fn heard(&mut self, line: &[u8], services: &mut Services) -> io::Result<()> {
        if self.person && self.linear.prompt(&self.app).secret && self.prompted {
            // The end of a hidden line is not seen either.
            self.say("\n")?;
        }
        self.lines.hide(false);
        self.prompted = false;
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Ok(line) = std::str::from_utf8(line) else {
            let shown = safe::screen(line);
            return self.say(&format!("problem: this line is not UTF-8 and was not taken: {}\n", shown.as_str()));
        };
        let now = self.now();
        let effects = self.linear.line(&mut self.app, line, now);
        self.perform(effects, services).await;
        Ok(())
    }

    async fn take(&mut self, msg: Msg, services: &mut Services) {
        let mut signal = None;
        if let Msg::Signal(heard) = &msg {
            self.scribe.heard(heard);
            signal = self.events.is_some().then(|| heard.clone());
        }
        let now = self.now();
        let effects = self.app.update(msg, now);
        if let (Some((fold, told)), Some(signal)) = (&mut self.events, signal) {
            if let Some(lab) = services.lab() {
                fold.show_clock(lab.clock().now().to_string());
            }
            told.extend(fold.take(&signal, self.app.model.sessions(), now).iter().map(Event::json));
        }
        self.perform(effects, services).await;
    }

    async fn perform(&mut self, effects: Vec<Effect>, services: &mut Services) {
        for effect in effects {
            if let (Some((fold, _)), Effect::Net(Request::Open(id, _))) = (&mut self.events, &effect) {
                fold.open(*id, Moment::START.after(self.begun.elapsed()));
            }
            match services.perform(effect, &self.looking) {
                Performed::Begun => {}
                Performed::Told(msg) => Box::pin(self.take(msg, services)).await,
                Performed::Left(effect) => Box::pin(self.perform_here(effect, services)).await,
            }
        }
    }

    /// What a terminal does otherwise, as far as it makes sense here.
    async fn perform_here(&mut self, effect: Effect, services: &mut Services) {
        match effect {
            Effect::Quit => self.exit = Some(self.linear.exit(&self.app)),
            Effect::Copy(text) => self.linear.say_text("There is no clipboard here. This is the text:", &text),
            Effect::Edit(text) if self.person => {
                let edited = tokio::task::spawn_blocking(move || editor::edit(&text, Limits::default().letter)).await;
                let text = edited.unwrap_or_else(|bug| Err(io::Error::other(bug))).map_err(|error| error.to_string());
                let text = text.and_then(|text| String::from_utf8(text).map_err(|_| "it is not UTF-8".into()));
                let told = "The letter stays as it was.";
                let text = text.map_err(|why| format!("No text came back from the editor: {why}. {told}"));
                self.take(Msg::Edited(text), services).await;
            }
            Effect::Record(path) => {
                let told = self.scribe.begin(path, &self.app.model);
                self.take(told, services).await;
            }
            Effect::Edit(_) => self.app.say("An editor needs somebody who types."),
            // The mouse and the rest of a screen: there is none.
            _ => {}
        }
    }

    /// Writes what is new.
    fn tell(&mut self) -> io::Result<()> {
        self.linear.look(&mut self.app);
        if let Some((_, told)) = &mut self.events {
            write(&std::mem::take(told))?;
        }
        let lines = self.linear.take();
        if lines.is_empty() {
            return Ok(());
        }
        // What is typed just now stays in the line above.
        let begin = if std::mem::take(&mut self.prompted) { "\n" } else { "" };
        self.say(&format!("{begin}{}\n", lines.join("\n")))
    }

    /// Tells how it came out, where events are told.
    fn tell_end(&mut self) -> io::Result<()> {
        let now = self.now();
        let Some((fold, told)) = &mut self.events else { return Ok(()) };
        let stage = self.app.room.session(&self.app.model).map_or(Stage::Dns, Session::stage);
        let outcome = Outcome { exit: self.exit.unwrap_or_default(), ..Outcome::fine(stage) };
        told.push_str(&fold.ended(&outcome, now).json());
        write(told)
    }

    /// Says what is no event.
    fn say(&self, text: &str) -> io::Result<()> {
        if self.events.is_none() {
            return write(text);
        }
        // Nobody is left to be told of a terminal that is gone.
        let _ = io::stderr().write_all(text.as_bytes());
        Ok(())
    }

    fn now(&self) -> Moment {
        Moment::START.after(self.begun.elapsed())
    }
}

fn write(text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}
