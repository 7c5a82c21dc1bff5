//! The services behind the application: the lab, the resolver and the network.

use std::io;
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::task::JoinSet;

use super::record::Recorder;
use super::reread::Recording;
use super::serve::Doors;
use crate::knowledge;
use crate::lab::peers::Showing;
use crate::lab::relay::Names;
use crate::lab::{self, Lab, Served};
use crate::net::connect::{Connect, Connecting, Stream};
use crate::net::resolver::{LabServer, Resolver};
use crate::net::{Calendar, Config, Keys, Nonces, Roots, Shows, World};
use crate::ports::dns::Source;
use crate::ports::lab::{self as lab_port, Card, Request};
use crate::ports::net::Shown;
use crate::ports::{dns, net};
use crate::session::Signal;
use crate::session::lab_state::LabState;
use crate::smtp::limits::{Limits, Timers};

/// Questions that may wait for the resolver: all that one panel can ask.
const QUESTIONS: usize = crate::smtp::limits::dns::QUESTIONS;
/// News that may wait for the application; then the network waits, and TCP makes the peer wait.
const NEWS: usize = 1024;

/// What the services need to know.
#[derive(Debug)]
pub struct Setup {
    /// Everything in the lab follows from it.
    pub seed: u64,
    /// False if nobody reads what replies mean: the knowledge stays closed then.
    pub explains: bool,
    /// False if nothing of the lab will be asked for: it is not built then.
    pub lab: bool,
    /// Certificates to trust besides those of the system, in PEM.
    pub ca: Option<Vec<u8>>,
    /// How long to wait for what.
    pub timers: Timers,
    /// What of the user's own goes into handshakes.
    pub keys: Keys,
    /// The doors through which other programs come to the lab, if it is served.
    pub doors: Option<Doors>,
    /// The recording that is to be written.
    pub recorder: Option<Recorder>,
    /// The recording that is shown.
    pub recording: Option<Recording>,
    /// The certificates of a script that is a server.
    pub showing: Option<Showing>,
}

impl Setup {
    /// The lab of a seed, the system's authorities, and the patience of a person.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            explains: true,
            lab: true,
            ca: None,
            timers: Timers::INTERACTIVE,
            keys: Keys::default(),
            doors: None,
            recorder: None,
            recording: None,
            showing: None,
        }
    }
}

/// The running services.
pub struct Services {
    /// What they tell.
    pub signals: mpsc::Receiver<Signal>,
    /// Why a part of them could not be started.
    pub complaint: Option<String>,
    net: Option<mpsc::Sender<net::Request>>,
    dns: mpsc::Sender<dns::Request>,
    /// The day of the lab, in seconds since 1970.
    pub lab_day: u64,
    /// How other programs reach the lab, if it is served.
    pub card: Option<Card>,
    /// Who lives in the lab, and what is different there.
    pub lab_state: LabState,
    /// Ends with the services.
    lab: Option<Lab>,
    /// The recording that is shown.
    pub(super) recording: Option<Arc<Recording>>,
    /// Through them other programs come.
    doors: JoinSet<io::Result<()>>,
}

impl Services {
    /// Starts them all. What cannot be started is told and missing; the rest works.
    pub async fn start(setup: Setup) -> Self {
        let mut complaints = Vec::new();
        let (news, signals) = mpsc::channel(NEWS);
        // The first refusal is explained at once, and nobody waited for it.
        if setup.explains {
            tokio::task::spawn_blocking(knowledge::warm);
        }
        // The system's authorities are many, and the first session is with the lab: they are read beside it.
        let ca = setup.ca.clone();
        let live = tokio::task::spawn_blocking(move || World::live(ca.as_deref()));
        let (told, letters) = mpsc::channel(NEWS);
        let lab = match &setup.doors {
            None if !setup.lab => None,
            None => Some(lab::start(setup.seed, told).await),
            Some(doors) => Some(lab::serve(setup.seed, Served::now(doors.plan.dns), told).await),
        };
        let mut lab = lab.and_then(|lab| kept(lab, &mut complaints));
        forward(letters, news.clone(), Signal::Lab);
        let resolver = Resolver::new(lab.as_ref().and_then(|lab| name_server(lab, &mut complaints)));
        if let Some(lab) = &mut lab {
            lab.relay(names(resolver.clone()));
        }
        let recording = setup.recording.map(Arc::new);
        let (mut card, mut open) = (None, JoinSet::new());
        if let (Some(lab), Some(mut doors)) = (&lab, setup.doors) {
            complaints.extend(doors.set_scene(lab).err().map(|why| format!("{why}.")));
            let (shown, kept) = doors.card(lab);
            card = Some(shown);
            complaints.extend(kept.err());
            open = doors.attend(&lab.hosts());
        }
        let (dns, questions) = mpsc::channel(QUESTIONS);
        let (answers, answered) = mpsc::channel(QUESTIONS);
        resolver.clone().start(questions, answers);
        forward(answered, news.clone(), Signal::Dns);
        let live = match live.await {
            Ok(live) => kept(live, &mut complaints),
            Err(bug) if bug.is_panic() => resume_unwind(bug.into_panic()),
            // The program is being left.
            Err(_) => None,
        };
        let net = live.map(|live| {
            let lab = lab.as_ref().and_then(|lab| lab_world(lab, setup.seed));
            let (timers, limits, keys) = (setup.timers, Limits::default(), setup.keys);
            let shows = setup.showing.map(|showing| Arc::new(move |shown: &Shown| showing.tls(shown)) as Shows);
            let net = crate::net::start(Config { resolver, live, lab, timers, limits, keys, shows });
            forward(net.signals, news, Signal::Net);
            net.requests
        });
        let complaint = (!complaints.is_empty()).then(|| complaints.join(" "));
        let lab_day = lab.as_ref().map_or(0, |lab| lab.clock().seconds());
        let changes = lab.as_ref().map(Lab::changes).unwrap_or_default();
        let lab_state = LabState { cast: lab.as_ref().map(Lab::cast), changes };
        Self { signals, complaint, net, dns, lab_day, card, lab_state, lab, recording, doors: open }
    }

    /// Lets nobody in any more; programs that are still in the lab hear 421.
    pub async fn close(&mut self) {
        self.doors.abort_all();
        let Self { lab: Some(lab), card: Some(_), signals, .. } = self else { return };
        let mut rest = Vec::new();
        tokio::select! {
            () = lab.close() => {}
            // Nobody looks any more, and no host is to wait for being heard.
            () = async { while signals.recv_many(&mut rest, NEWS).await > 0 { rest.clear() } } => {}
        }
    }

    /// The lab, to change what happens in it; none if it could not be started.
    pub fn lab(&self) -> Option<&Lab> {
        self.lab.as_ref()
    }

    /// Asks the network. What it does not take comes back, with the reason.
    pub fn net(&self, request: net::Request) -> Result<(), Box<(net::Request, &'static str)>> {
        let refuse = |request, why| Err(Box::new((request, why)));
        let Some(net) = &self.net else { return refuse(request, "The network could not be started.") };
        match net.try_send(request) {
            Ok(()) => Ok(()),
            Err(TrySendError::Full(request)) => {
                refuse(request, "The network is still busy writing; nothing was sent. Try again in a moment.")
            }
            Err(TrySendError::Closed(request)) => {
                refuse(request, "The network has stopped; nothing was sent. Start ehlo again.")
            }
        }
    }

    /// Asks the lab. What it has to say of it at once comes back.
    pub fn ask_lab(&self, request: Request) -> Option<lab_port::Signal> {
        self.lab.as_ref().and_then(|lab| ask(lab, request))
    }

    /// Asks the DNS.
    pub fn dns(&self, request: dns::Request) -> Result<(), String> {
        self.dns
            .try_send(request)
            .map_err(|_| "The resolver is still busy with other questions; ask again in a moment.".into())
    }
}

/// Asks a lab.
pub(super) fn ask(lab: &Lab, request: Request) -> Option<lab_port::Signal> {
    let changed = match &request {
        Request::Pass(time) => {
            lab.hosts().pass(*time);
            return None;
        }
        Request::Skip => {
            lab.hosts().skip();
            return None;
        }
        Request::Run(pace) => {
            lab.hosts().run_at(*pace);
            return None;
        }
        Request::Change(change) => lab.change(change),
        Request::Undo(change) => lab.undo(change),
        Request::Scene(name) => lab.set_scene(name),
        Request::Reset => lab.reset(),
    };
    Some(match changed {
        Ok(()) => lab_port::Signal::Changed(lab.changes()),
        Err(why) => lab_port::Signal::Unchanged { wanted: request, why: format!("{}.", sentence(&why.to_string())) },
    })
}

/// With a capital at its beginning.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn kept<T, E: std::fmt::Display>(result: Result<T, E>, complaints: &mut Vec<String>) -> Option<T> {
    result.map_err(|error| complaints.push(format!("{error}."))).ok()
}

pub(super) fn name_server(lab: &Lab, complaints: &mut Vec<String>) -> Option<LabServer> {
    match &lab.nameserver {
        Ok(server) => Some(LabServer { addr: server.addr, trust_anchor: server.trust_anchor.clone() }),
        Err(error) => {
            complaints.push(format!("The lab has no DNS: {error}."));
            None
        }
    }
}

/// The lab as the network sees it: streams in memory, its own authority, its own clock, nothing random.
fn lab_world(lab: &Lab, seed: u64) -> Option<World> {
    let roots = Roots::only([lab.root.as_ref()]).ok()?;
    let clock = lab.clock();
    let connector = Arc::new(Inside(lab.hosts()));
    Some(World { connector, roots, calendar: Calendar::new(move || clock.seconds()), nonces: Nonces::seeded(seed) })
}

/// How the lab's own senders ask for the way: like everybody in the lab, over the wire.
pub(super) fn names(resolver: Resolver) -> Names {
    Arc::new(move |question| {
        let resolver = resolver.clone();
        Box::pin(async move { resolver.look_up(0, question, &Source::Lab).await.answer })
    })
}

/// Connects the learner's machine to lab hosts.
struct Inside(lab::Hosts);

impl Connect for Inside {
    fn connect<'a>(&'a self, _: &'a str, addr: SocketAddr, _: Option<SocketAddr>) -> Connecting<'a> {
        Box::pin(async move {
            let stream = self.0.connect_slowly(addr, self.0.laptop()).await;
            if stream.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::TimedOut) {
                // Silence is as long as the patience of who listens to it.
                std::future::pending::<()>().await;
            }
            stream.map(|stream| Box::new(stream) as Box<dyn Stream>)
        })
    }
}

/// Hands on what one service tells.
fn forward<T: Send + 'static>(mut from: mpsc::Receiver<T>, to: mpsc::Sender<Signal>, wrap: fn(T) -> Signal) {
    tokio::spawn(async move {
        while let Some(told) = from.recv().await {
            if to.send(wrap(told)).await.is_err() {
                break;
            }
        }
    });
}
