//! The loop that ties terminal, application and services together.
//!
//! Each turn takes what is there, in this order: signals, input, news of the services, the moment of waking; then does
//! what the application asks for, then draws. Input goes before news, and both are bounded, so that a flood starves
//! neither keys nor network. The first change after a rest is drawn at once, floods at most every 16 ms. At rest the
//! loop sleeps: nothing ticks.

pub mod drive;
pub mod names;
mod perform;
pub mod record;
mod report;
pub mod reread;
mod scribe;
pub mod script;
pub mod secret;
pub mod send;
pub mod serve;
pub mod services;
pub mod talk;
pub mod teller;
pub mod way;

mod chosen;
pub mod explain;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant as Deadline, sleep_until, timeout};

use crate::app::{App, Effect, Msg};
use crate::input::Input;
use crate::session::card;
use crate::smtp::limits::Limits;
use crate::tape::Moment;
use crate::term::editor;
use crate::term::frame::Frames;
use crate::term::guard::{self, Guard};
use crate::term::input::Events;
use crate::term::panic::Bugs;
use crate::term::signals::{self, Asked, Signals};
use crate::term::{clipboard, panic, watch};
use perform::Performed;
use scribe::Scribe;
use services::{Services, Setup};

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(16);
/// How long after a failure of the terminal the watch may take to say that it is gone.
const VANISHING: Duration = Duration::from_millis(500);
/// News taken in one turn.
const NEWS: usize = 256;

/// Runs the explorer until it is left; what comes back is the exit code.
pub fn run(app: App, first: Vec<Effect>, setup: Setup) -> io::Result<u8> {
    let bugs = panic::install();
    let last_bug = bugs.last();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ended =
        catch_unwind(AssertUnwindSafe(|| runtime.block_on(async { Loop::new(app, bugs)?.run(first, setup).await })));
    if ended.is_err()
        && let Some(bug) = last_bug.take()
    {
        // One of a service that the screen cannot do without.
        if !bug.is_told() {
            bug.tell();
        }
        runtime.block_on(report::offer(&bug));
    }
    // A service that does not end must not keep the program, not even after a bug.
    runtime.shutdown_background();
    ended.unwrap_or_else(|bug| resume_unwind(bug))
}

struct Loop {
    app: App,
    frames: Frames,
    /// Gone while somebody else has the terminal.
    events: Option<Events>,
    signals: Signals,
    gone: oneshot::Receiver<()>,
    bugs: Bugs,
    begun: Instant,
    /// The SIGCONT that ended our own stop is still to come.
    woken: bool,
    last_frame: Option<Instant>,
    dirty: bool,
    exit: Option<u8>,
    /// Where those who look at files tell what they found.
    looking: mpsc::Sender<Msg>,
    looked: mpsc::Receiver<Msg>,
    scribe: Scribe,
    /// The terminal is given back when the loop ends, however it ends.
    _guard: Guard,
}

impl Loop {
    fn new(app: App, bugs: Bugs) -> io::Result<Self> {
        let begun = Instant::now();
        // Signals first: from the moment the terminal is ours, each must find the way that gives it back.
        let signals = Signals::new()?;
        let gone = watch::start()?;
        let guard = Guard::new(app.settings.mouse)?;
        let (looking, looked) = mpsc::channel(1);
        Ok(Self {
            app,
            frames: Frames::new()?,
            events: Some(Events::new()),
            signals,
            gone,
            bugs,
            begun,
            woken: false,
            last_frame: None,
            dirty: true,
            exit: None,
            looking,
            looked,
            scribe: Scribe::default(),
            _guard: guard,
        })
    }

    /// Runs to the end; what comes back is the exit code.
    async fn run(mut self, first: Vec<Effect>, setup: Setup) -> io::Result<u8> {
        match (self.turns(first, setup).await, self.exit) {
            // The end is decided; that the terminal fails on the way out changes nothing.
            (Err(_), Some(code)) => Ok(code),
            // A terminal that vanishes fails whatever is being done with it; the watch says so a moment later.
            (Err(_), None) if self.vanishes().await => Ok(watch::GONE),
            (ended, _) => ended,
        }
    }

    /// True if the watch tells within a moment that the terminal is gone.
    async fn vanishes(&mut self) -> bool {
        matches!(timeout(VANISHING, &mut self.gone).await, Ok(Ok(())))
    }

    async fn turns(&mut self, mut first: Vec<Effect>, mut setup: Setup) -> io::Result<u8> {
        self.scribe = Scribe::new(setup.recorder.take());
        let (columns, lines) = self.frames.size()?;
        first.extend(self.app.update(Msg::Input(Input::Resize(columns, lines)), self.now()));
        self.draw()?;
        // The services come after the first frame: a person sees the screen while the lab is built.
        let Some(mut services) = self.start(setup).await else { return Ok(self.exit.unwrap_or_default()) };
        self.app.settings.lab_day = services.lab_day;
        self.app.settings.card.clone_from(&services.card);
        self.app.model.lab_state = std::mem::take(&mut services.lab_state);
        self.app.settings.born = u64::try_from(Timestamp::now().as_second()).unwrap_or_default();
        let served = services.card.as_ref().and_then(card::first);
        if let Some(told) = services.complaint.take().or(served) {
            self.take(Msg::Told(told), &mut services).await?;
        }
        self.perform(first, &mut services).await?;
        let mut news = Vec::new();
        while self.exit.is_none() {
            let wake = self.app.wake();
            let (begun, frame_due) = (self.begun, self.frame_due());
            tokio::select! {
                biased;
                _ = &mut self.gone => self.exit = Some(watch::GONE),
                asked = self.signals.next() => self.asked(asked, &mut services).await?,
                inputs = next(&mut self.events) => match inputs {
                    Some(inputs) => for input in inputs {
                        if let Input::Resize(..) = input {
                            // What a terminal keeps of the old picture is its own choice, even if the size is the same again.
                            self.frames.repaint()?;
                        }
                        self.take(Msg::Input(input), &mut services).await?;
                    },
                    None => self.exit = Some(watch::GONE),
                },
                Some(place) = self.bugs.elsewhere.recv() => {
                    let told = format!("A part of ehlo stopped: a bug at {place}. The rest goes on. [bug/panic]");
                    self.take(Msg::Told(told), &mut services).await?;
                },
                count = services.signals.recv_many(&mut news, NEWS) => {
                    if count == 0 {
                        self.exit = Some(101);
                    }
                    for signal in news.drain(..) {
                        self.take(Msg::Signal(signal), &mut services).await?;
                    }
                },
                Some(read) = self.looked.recv() => self.take(read, &mut services).await?,
                () = sleep_until(moment(begun, wake.unwrap_or_default())), if wake.is_some() => {
                    self.take(Msg::Tick, &mut services).await?;
                },
                () = sleep_until(frame_due), if self.dirty && self.frames.is_ready() => {},
                () = self.frames.written(), if self.dirty && !self.frames.is_ready() => {},
            }
            self.record();
            if self.dirty && self.frames.is_ready() && Instant::now() >= self.frame_due().into_std() {
                self.draw()?;
            }
        }
        services.close().await;
        // The screen on which it would be told that the end of a recording is missing is gone.
        let _ = self.scribe.finish(&self.app.model);
        Ok(self.exit.unwrap_or_default())
    }

    /// Starts the services; `None` if the program is to end before they stand.
    async fn start(&mut self, setup: Setup) -> Option<Services> {
        // On a worker: keys and signals are heeded however long the lab takes to build.
        let mut starting = tokio::spawn(Services::start(setup));
        loop {
            tokio::select! {
                biased;
                _ = &mut self.gone => {
                    self.exit = Some(watch::GONE);
                    return None;
                }
                asked = self.signals.next() => if let Asked::End(code) = asked {
                    self.exit = Some(code);
                    return None;
                },
                started = &mut starting => {
                    return started.map_err(|error| if error.is_panic() { resume_unwind(error.into_panic()) }).ok();
                }
            }
        }
    }

    /// Does what a signal asks for.
    async fn asked(&mut self, asked: Asked, services: &mut Services) -> io::Result<()> {
        match asked {
            Asked::End(code) => self.exit = Some(code),
            Asked::Stop => self.suspend(services).await?,
            Asked::GoOn if self.woken => self.woken = false,
            // Stopped by SIGSTOP, which nobody can hear: what the terminal shows and how it is set is unknown.
            Asked::GoOn => {
                self.step_out();
                self.step_in()?;
            }
        }
        Ok(())
    }

    /// Writes what is new to the recording, if there is one.
    fn record(&mut self) {
        if let Some(told) = self.scribe.tell(&self.app.model) {
            self.app.update(told, self.now());
            self.dirty = true;
        }
    }

    /// Lets the application take something in and does what it asks for.
    async fn take(&mut self, msg: Msg, services: &mut Services) -> io::Result<()> {
        if let Msg::Signal(signal) = &msg {
            self.scribe.heard(signal);
        }
        let effects = self.app.update(msg, self.now());
        self.dirty = true;
        self.perform(effects, services).await
    }

    async fn perform(&mut self, effects: Vec<Effect>, services: &mut Services) -> io::Result<()> {
        for effect in effects {
            let effect = match services.perform(effect, &self.looking) {
                Performed::Begun => continue,
                Performed::Told(msg) => {
                    Box::pin(self.take(msg, services)).await?;
                    continue;
                }
                Performed::Left(effect) => effect,
            };
            match effect {
                Effect::Copy(text) => self.copy(&text),
                Effect::Record(path) => {
                    let told = self.scribe.begin(path, &self.app.model);
                    Box::pin(self.take(told, services)).await?;
                }
                Effect::Edit(text) => {
                    let text = self.edit(text).await?;
                    Box::pin(self.take(Msg::Edited(text), services)).await?;
                }
                Effect::Mouse(on) => self.frames.also(&guard::mouse(on)),
                Effect::Suspend => Box::pin(self.suspend(services)).await?,
                Effect::Quit => self.exit = Some(0),
                // The services did it.
                Effect::Net(_)
                | Effect::Dns(_)
                | Effect::Lab(_)
                | Effect::Save { .. }
                | Effect::Export { .. }
                | Effect::Read { .. }
                | Effect::Attach { .. }
                | Effect::ReadOfRecording(_) => {}
                #[cfg(debug_assertions)]
                Effect::Fail => drop(tokio::spawn(async { fail() })),
            }
        }
        Ok(())
    }

    /// Puts a text on the clipboard of the terminal (OSC 52), which never says whether it took it.
    fn copy(&mut self, text: &str) {
        match clipboard::osc52(text) {
            Ok(bytes) => self.frames.also(&bytes),
            Err(too_long) => self.app.say(format!("{too_long} Save it to a file instead.")),
        }
    }

    /// Has a text edited while the editor has the terminal; signals are heeded all the same.
    async fn edit(&mut self, text: String) -> io::Result<Result<String, String>> {
        self.step_out();
        let mut editing = tokio::task::spawn_blocking(move || editor::edit(&text, Limits::default().letter));
        let edited = loop {
            tokio::select! {
                biased;
                _ = &mut self.gone => {
                    self.exit = Some(watch::GONE);
                    break Err(io::ErrorKind::Interrupted.into());
                }
                asked = self.signals.next() => match asked {
                    Asked::End(code) => {
                        self.exit = Some(code);
                        break Err(io::ErrorKind::Interrupted.into());
                    }
                    // The editor has stopped itself and the group: the shell waits for us to follow.
                    Asked::Stop => signals::stop(),
                    Asked::GoOn => {}
                },
                edited = &mut editing => break edited.unwrap_or_else(|bug| Err(io::Error::other(bug))),
            }
        };
        if self.exit.is_none() {
            self.step_in()?;
        }
        Ok(match edited {
            Ok(bytes) => {
                String::from_utf8(bytes).map_err(|_| "The edited text is not UTF-8; the letter stays as it was.".into())
            }
            Err(error) => Err(format!("No text came back from the editor: {error}. The letter stays as it was.")),
        })
    }

    /// Stops until the shell brings the program back.
    async fn suspend(&mut self, services: &mut Services) -> io::Result<()> {
        if !signals::could_go_on() {
            let text = "Not suspended: no shell started this program, so nothing could bring it back.";
            return self.take(Msg::Told(text.into()), services).await;
        }
        let stopped = Instant::now();
        self.step_out();
        self.woken = true;
        signals::stop();
        self.step_in()?;
        self.take(Msg::Resumed(stopped.elapsed()), services).await
    }

    /// Gives the terminal to somebody else. Two readers of one terminal would take each other's keys.
    fn step_out(&mut self) {
        self.events = None;
        guard::leave();
    }

    /// Takes the terminal again and draws everything anew.
    fn step_in(&mut self) -> io::Result<()> {
        guard::enter(self.app.settings.mouse)?;
        self.events.insert(Events::new()).discard();
        let (columns, lines) = self.frames.size()?;
        // A new size asks for nothing in the world.
        self.app.update(Msg::Input(Input::Resize(columns, lines)), self.now());
        self.frames.repaint()?;
        self.dirty = true;
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        let app = &self.app;
        self.frames.draw(|buffer| app.view(buffer))?;
        self.last_frame = Some(Instant::now());
        self.dirty = false;
        Ok(())
    }

    /// When the next frame may be drawn.
    fn frame_due(&self) -> Deadline {
        let due = self.last_frame.map_or(self.begun, |last| last + FRAME);
        Deadline::from_std(due)
    }

    fn now(&self) -> Moment {
        Moment::START.after(self.begun.elapsed())
    }
}

/// A bug on purpose, in a task of its own.
#[cfg(debug_assertions)]
#[expect(clippy::panic, reason = "that is what it is for: a test sees the rest go on")]
fn fail() {
    panic!("a bug on purpose");
}

async fn next(events: &mut Option<Events>) -> Option<Vec<Input>> {
    match events {
        Some(events) => events.next().await,
        None => std::future::pending().await,
    }
}

fn moment(begun: Instant, at: Moment) -> Deadline {
    Deadline::from_std(begun + Duration::from_micros(at.micros()))
}
