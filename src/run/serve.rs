//! The lab for programs from outside: doors on loopback before hosts that never see a socket, and what happens there as
//! lines of text or JSON.

use std::fmt;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant as Tick, sleep, sleep_until, timeout};

use super::record::{Births, Recorder, Stopped};
use super::services::{name_server, names};
use super::teller::complain;
use crate::events::{Event, Fold};
use crate::lab::changes::NotChanged;
use crate::lab::serving::{NoPlan, Plan, plan};
use crate::lab::{self, Hosts, Lab, NotBuilt, Served};
use crate::net::listen::{Door, Exposed, is_free};
use crate::net::resolver::Resolver;
use crate::ports::lab::{Card, Signal};
use crate::session::look_ups::LookUps;
use crate::session::{self, Model, card};
use crate::tape::Moment;
use crate::term::signals::{self, Asked, Signals};

/// Signals that may wait; then the hosts wait, and TCP makes the programs wait. As many are taken in one turn.
const NEWS: usize = 2048;
/// What happens within so long after something was told is told together: a busy host wakes nobody for each of its steps.
const GATHER: Duration = Duration::from_millis(1);
/// An exposed lab stops after this long: nobody is to forget one.
const EXPOSED: Duration = Duration::from_hours(8);
/// Other places that are tried for a lab whose ports are taken, and how far they lie apart.
const PLACES: u16 = 20;
const STEP: u16 = 1000;

/// The open doors of a lab that is to be served.
pub struct Doors {
    /// What is behind which door.
    pub plan: Plan,
    open: Vec<(SocketAddr, Door)>,
    exposed: bool,
    keep: Option<Keep>,
    /// What the lab is set up for.
    scene: Option<String>,
}

/// Keeps what the user asked for of the card, or says why not.
type Keep = Box<dyn FnOnce(&Card) -> Result<(), String> + Send>;

impl fmt::Debug for Doors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doors").field("plan", &self.plan).field("exposed", &self.exposed).finish_non_exhaustive()
    }
}

/// Why the doors could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// There is no such place.
    #[error(transparent)]
    Plan(#[from] NoPlan),
    /// A port could not be had.
    #[error("port {port} for {whose} cannot be had: {why}")]
    Taken {
        /// The port.
        port: u16,
        /// What was to be served there.
        whose: String,
        /// Why not.
        why: io::Error,
        /// Where the lab would fit instead, if a place was found.
        free: Option<u16>,
    },
}

/// How events are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A line of text each.
    Text,
    /// A line of JSON each.
    Json,
}

/// Why a lab is not served.
#[derive(Debug, thiserror::Error)]
pub enum NotServed {
    /// It could not be built.
    #[error(transparent)]
    Lab(#[from] NotBuilt),
    /// It could not be set up for its scene.
    #[error(transparent)]
    Scene(#[from] NotChanged),
    /// The system refused.
    #[error("the lab cannot be served: {0}")]
    System(#[from] io::Error),
}

impl Doors {
    /// Opens all of them, with mx1's on this port.
    pub fn open(first: u16, exposed: Option<Exposed>) -> Result<Self, NotOpened> {
        match try_to_open(first, exposed) {
            Err(NotOpened::Taken { port, whose, why, .. }) => {
                let others = (1..=PLACES).filter_map(|place| first.checked_add(place * STEP));
                let free = others.into_iter().find(|other| try_to_open(*other, exposed).is_ok());
                Err(NotOpened::Taken { port, whose, why, free })
            }
            opened => opened,
        }
    }

    /// The same, with what is to be done with the card once the lab stands.
    #[must_use]
    pub fn with(self, keep: impl FnOnce(&Card) -> Result<(), String> + Send + 'static) -> Self {
        Self { keep: Some(Box::new(keep)), ..self }
    }

    /// The same, with a scene that the lab is set up for.
    #[must_use]
    pub fn for_scene(self, scene: Option<String>) -> Self {
        Self { scene, ..self }
    }

    /// Sets the lab behind them up for its scene.
    pub(super) fn set_scene(&self, lab: &Lab) -> Result<(), NotChanged> {
        self.scene.as_deref().map_or(Ok(()), |scene| lab.set_scene(scene))
    }

    /// The card of the lab behind them; what the user asked for of it is kept, or it is said why not.
    pub(super) fn card(&mut self, lab: &Lab) -> (Card, Result<(), String>) {
        let card = lab.card(&self.plan, self.exposed);
        let kept = self.keep.take().map_or(Ok(()), |keep| keep(&card));
        (card, kept)
    }

    /// Lets callers in to the hosts for as long as what comes back is kept, and where other machines come not for ever.
    pub(super) fn attend(self, hosts: &Hosts) -> JoinSet<io::Result<()>> {
        let mut tasks = JoinSet::new();
        let most = if self.exposed { EXPOSED } else { Duration::MAX };
        for (lab, door) in self.open {
            let hosts = hosts.clone();
            let attending = door.attend(move |caller| {
                let hosts = hosts.clone();
                // A host that refuses closes the connection, and that is all the caller needs to see.
                tokio::spawn(async move { hosts.receive(lab, caller.from, caller.stream).await });
            });
            tasks.spawn(async move { timeout(most, attending).await.unwrap_or(Ok(())) });
        }
        tasks
    }
}

fn try_to_open(first: u16, exposed: Option<Exposed>) -> Result<Doors, NotOpened> {
    let plan = plan(first)?;
    let taken = |port, whose: &str, why| NotOpened::Taken { port, whose: whose.to_owned(), why, free: None };
    is_free(plan.dns).map_err(|why| taken(plan.dns, "the name server", why))?;
    let mut open = Vec::new();
    for service in &plan.services {
        let door = Door::open(service.port, exposed).map_err(|why| taken(service.port, &service.host, why))?;
        open.push((service.lab, door));
    }
    Ok(Doors { plan, open, exposed: exposed.is_some(), keep: None, scene: None })
}

/// Serves the lab and tells what happens on standard output, until a signal ends it; what comes back is the exit code.
/// Whoever needs the card before anybody comes is given it.
pub fn run(
    doors: Doors,
    seed: u64,
    form: Form,
    recorder: Option<Recorder>,
    ready: impl FnOnce(&Card) -> io::Result<()>,
) -> Result<u8, NotServed> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ended = runtime.block_on(serve(doors, seed, form, recorder, ready));
    runtime.shutdown_background();
    ended
}

async fn serve(
    doors: Doors,
    seed: u64,
    form: Form,
    recorder: Option<Recorder>,
    ready: impl FnOnce(&Card) -> io::Result<()>,
) -> Result<u8, NotServed> {
    let begun = Instant::now();
    let mut signals = Signals::new()?;
    let (told, mut heard) = mpsc::channel(NEWS);
    let mut lab = lab::serve(seed, Served::now(doors.plan.dns), told).await?;
    // Why the name server does not run is told with the card.
    let resolver = Resolver::new(name_server(&lab, &mut Vec::new()));
    lab.relay(names(resolver));
    doors.set_scene(&lab)?;
    let card = lab.card(&doors.plan, doors.exposed);
    ready(&card)?;
    let recording = recorder.map(|recorder| Recording::new(recorder, seed));
    let mut voice = Voice { form, fold: Fold::default(), begun, out: Vec::new(), recording };
    let mut gone = voice.begin(card, &lab).is_err();
    gone |= voice.tell(&mut vec![Signal::Changed(lab.changes())], &lab).is_err();
    let exposed = doors.exposed;
    let open = doors.attend(&lab.hosts());
    let mut news = Vec::new();
    let mut next = Tick::now();
    let code = loop {
        if gone {
            // Whoever read has gone away, and needs no complaint.
            break 0;
        }
        tokio::select! {
            biased;
            asked = signals.next() => match asked {
                Asked::End(code) => break code,
                Asked::Stop => signals::stop(),
                Asked::GoOn => {}
            },
            count = async { sleep_until(next).await; heard.recv_many(&mut news, NEWS).await } => {
                if count == 0 {
                    break 101;
                }
                gone = voice.tell(&mut news, &lab).is_err();
                next = Tick::now() + GATHER;
            },
            () = sleep(EXPOSED.saturating_sub(begun.elapsed())), if exposed => break 0,
        }
    };
    drop(open);
    tokio::select! {
        () = lab.close() => {}
        () = async { while heard.recv_many(&mut news, NEWS).await > 0 { let _ = voice.tell(&mut news, &lab); } } => {}
    }
    while let Ok(signal) = heard.try_recv() {
        news.push(signal);
    }
    let _ = voice.tell(&mut news, &lab);
    if let Some(Err(stopped)) = voice.recording.take().map(Recording::finish) {
        complain(&stopped.to_string());
    }
    Ok(code)
}

/// What is told, and how.
struct Voice {
    form: Form,
    fold: Fold,
    begun: Instant,
    out: Vec<u8>,
    recording: Option<Recording>,
}

/// The recording of a lab that no screen shows.
struct Recording {
    recorder: Recorder,
    model: Model,
    births: Births,
}

impl Recording {
    fn new(recorder: Recorder, seed: u64) -> Self {
        Self { recorder, model: Model::new(LookUps::new(seed)), births: Births::default() }
    }

    fn take(&mut self, signal: &Signal) {
        self.recorder.heard(signal);
        self.model.apply(&session::Signal::Lab(signal.clone()));
        self.births.note(&self.model);
    }

    fn finish(self) -> Result<(), Stopped> {
        self.recorder.finish(&self.model, &self.births)
    }
}

impl Voice {
    /// The card comes first.
    fn begin(&mut self, card: Card, lab: &Lab) -> io::Result<()> {
        if self.form == Form::Text {
            self.out.extend_from_slice(card::text(&card).as_bytes());
            self.out.push(b'\n');
        }
        self.fold.show_clock(lab.clock().now().to_string());
        let event = self.fold.begin(card, self.now());
        self.put(&event);
        self.write()
    }

    /// Tells what was heard, with one write.
    fn tell(&mut self, news: &mut Vec<Signal>, lab: &Lab) -> io::Result<()> {
        self.fold.show_clock(lab.clock().now().to_string());
        let now = self.now();
        for signal in news.drain(..) {
            if let Some(recording) = &mut self.recording {
                recording.take(&signal);
            }
            for event in self.fold.apply(&signal, now) {
                self.put(&event);
            }
        }
        let written = self.recording.as_mut().map(|it| it.recorder.follow(&it.model, &it.births));
        if let Some(Err(stopped)) = written {
            self.recording = None;
            complain(&stopped.to_string());
        }
        self.write()
    }

    fn now(&self) -> Moment {
        Moment::START.after(self.begun.elapsed())
    }

    fn put(&mut self, event: &Event) {
        match self.form {
            Form::Json => event.write_json(&mut self.out),
            Form::Text => self.out.extend_from_slice(event.text().as_bytes()),
        }
    }

    fn write(&mut self) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(&self.out).and_then(|()| stdout.flush());
        self.out.clear();
        written
    }
}
