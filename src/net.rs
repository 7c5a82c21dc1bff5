//! The only way out: dialling, the pump of one connection, TLS facts, the resolver.
//!
//! One task keeps the table of sessions; each session is a task of its own, so that none waits for another and none
//! takes another down.

pub mod connect;
pub mod listen;
pub mod resolver;

mod calendar;
mod dial;
pub(crate) mod https;
mod letter;
mod log;
mod login;
mod peer;
mod policy;
mod pump;
pub(crate) mod tls;
mod wicket;
mod wire;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::sync::mpsc;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

pub use calendar::Calendar;
pub use login::Nonces;
pub use tls::{BadCa, BadIdentity, Identity, KeyLog, Keys, Roots, is_server_name};

use crate::engine::client::Profile;
use crate::ports::dns::Source;
use crate::ports::net::{Act, Failure, Place, PolicyOf, Request, SessionId, Shown, Signal, Target, What};
use crate::smtp::limits::{Limits, Timers};
use crate::tape::mark::{Closed, Ending, Mark};
use crate::tape::{Moment, Side};
use connect::Connect;
use dial::Dialler;
use log::Log;
use login::Logins;
use peer::Attendant;
use pump::Pump;
use resolver::Resolver;
use tls::Tls;
use wicket::Wickets;

/// Requests that may wait.
const REQUESTS: usize = 64;
/// Signals that may wait; then the pumps wait, and TCP makes the peers wait.
const SIGNALS: usize = 1024;
/// Acts that may wait for one connection.
const ACTS: usize = 64;

/// What connections are made with.
#[derive(Clone)]
pub struct Config {
    /// Who is asked for addresses.
    pub resolver: Resolver,
    /// The world of live targets.
    pub live: World,
    /// The lab, if it runs.
    pub lab: Option<World>,
    /// How long to wait for what.
    pub timers: Timers,
    /// What is taken from a server before reading stops.
    pub limits: Limits,
    /// What of the user's own goes into handshakes.
    pub keys: Keys,
    /// Makes what we show where we are the server; nothing where we never are.
    pub shows: Option<Shows>,
}

/// Makes TLS as a server speaks it, or says why not.
pub type Shows = Arc<dyn Fn(&Shown) -> Result<Arc<ServerConfig>, String> + Send + Sync>;

impl Config {
    /// The world of a target, if it is there.
    fn world(&self, place: Place) -> Option<&World> {
        match place {
            Place::Live => Some(&self.live),
            Place::Lab => self.lab.as_ref(),
        }
    }
}

/// How one world is reached, whom it trusts, and what day it is there.
#[derive(Clone)]
pub struct World {
    /// Opens its streams.
    pub connector: Arc<dyn Connect>,
    /// Its authorities.
    pub roots: Roots,
    /// Its calendar.
    pub calendar: Calendar,
    /// Its random text for logins.
    pub nonces: Nonces,
}

impl World {
    /// The internet and the sockets of this machine, the system's authorities and those in `extra_ca` (PEM), the computer's calendar.
    pub fn live(extra_ca: Option<&[u8]>) -> Result<Self, BadCa> {
        let roots = Roots::system(extra_ca)?;
        let connector = Arc::new(connect::System);
        Ok(Self { connector, roots, calendar: Calendar::system(), nonces: Nonces::random() })
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("calendar", &self.calendar).finish_non_exhaustive()
    }
}

/// The running service.
#[derive(Debug)]
pub struct Net {
    /// Takes requests; the service ends when it is dropped.
    pub requests: mpsc::Sender<Request>,
    /// What happens on the connections.
    pub signals: mpsc::Receiver<Signal>,
}

/// Starts the service; must be called inside a tokio runtime.
pub fn start(config: Config) -> Net {
    let (requests, asked) = mpsc::channel(REQUESTS);
    let (tell, signals) = mpsc::channel(SIGNALS);
    tokio::spawn(Table::new(config, tell).serve(asked));
    Net { requests, signals }
}

/// The table of sessions.
struct Table {
    config: Arc<Config>,
    signals: mpsc::Sender<Signal>,
    sessions: HashMap<SessionId, mpsc::Sender<Act>>,
    tasks: JoinSet<()>,
    /// Which task leads which session, to tell of its end even if it panicked.
    led: HashMap<Id, (SessionId, Instant)>,
    /// Where clients are waited for.
    wickets: Wickets,
}

impl Table {
    fn new(config: Config, signals: mpsc::Sender<Signal>) -> Self {
        let (sessions, tasks, led, wickets) = (HashMap::new(), JoinSet::new(), HashMap::new(), Wickets::default());
        Self { config: Arc::new(config), signals, sessions, tasks, led, wickets }
    }

    /// Serves until nobody can ask any more.
    async fn serve(mut self, mut requests: mpsc::Receiver<Request>) {
        loop {
            tokio::select! {
                request = requests.recv() => match request {
                    Some(Request::Open(session, target)) => self.open(session, target),
                    Some(Request::Answer(session, target)) => self.answer(session, target),
                    Some(Request::Do(session, act)) => self.act(session, act).await,
                    Some(Request::Policy(session, wanted)) => self.fetch(session, wanted),
                    None => break,
                },
                Some(ended) = self.tasks.join_next_with_id() => {
                    let (task, panicked) = match ended {
                        Ok((task, ())) => (task, false),
                        Err(error) => (error.id(), error.is_panic()),
                    };
                    if let Some((session, started)) = self.led.remove(&task) {
                        self.ended(session, started, panicked).await;
                    }
                }
            }
        }
    }

    fn open(&mut self, session: SessionId, target: Target) {
        let config = Arc::clone(&self.config);
        self.begin(session, |acted, log| lead(config, target, acted, log));
    }

    /// Waits for the next who comes, as the server.
    fn answer(&mut self, session: SessionId, target: Target) {
        let (wicket, config) = (self.wickets.open(&target), Arc::clone(&self.config));
        self.begin(session, |acts, log| async move {
            let (shows, patience) = (config.shows.clone(), config.timers.tls);
            // If the application went away there is nobody left to tell.
            let _ = Attendant { target, acts, log, shows, patience }.run(wicket).await;
        });
    }

    /// Begins the task of a session.
    fn begin<F>(&mut self, session: SessionId, lead: impl FnOnce(mpsc::Receiver<Act>, Log) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (acts, acted) = mpsc::channel(ACTS);
        let started = Instant::now();
        // It is asked which day it is for the session's own clock, not for certificates: the computer's calendar.
        let log = Log::new(session, self.signals.clone(), started, self.config.live.calendar.clone());
        let task = self.tasks.spawn(lead(acted, log));
        self.led.insert(task.id(), (session, started));
        self.sessions.insert(session, acts);
    }

    /// Fetches a policy beside the session that it is about; the session waits for nothing.
    fn fetch(&mut self, session: SessionId, wanted: PolicyOf) {
        let started = self.led.values().find(|(led, _)| *led == session).map(|(_, started)| *started);
        let Some(started) = started else { return };
        let log = Log::new(session, self.signals.clone(), started, self.config.live.calendar.clone());
        let config = Arc::clone(&self.config);
        self.tasks.spawn(async move {
            let Some(world) = config.world(wanted.place) else { return };
            let fetched = policy::fetch(&config, world, wanted).await;
            // If nobody listens any more, nobody misses it.
            let _ = log.mark(Mark::Fetched(Box::new(fetched))).await;
        });
    }

    /// Hands an act to its session. A session that has ended has said so; acts that crossed that news are void.
    async fn act(&mut self, session: SessionId, act: Act) {
        if let Some(acts) = self.sessions.get(&session) {
            let _ = acts.send(act).await;
        }
    }

    /// A session's task ended; if it panicked, the session could not say how.
    async fn ended(&mut self, session: SessionId, started: Instant, panicked: bool) {
        self.sessions.remove(&session);
        let at = Moment::START.after(started.elapsed());
        let broken = What::Mark(Mark::Closed(Closed { by: Side::Client, how: Ending::Failed }));
        for what in panicked.then_some(broken).into_iter().chain([What::Ended]) {
            // If nobody listens any more, nobody misses it.
            let _ = self.signals.send(Signal { session, at, what }).await;
        }
    }
}

/// One session, from the look-up to the end.
async fn lead(config: Arc<Config>, target: Target, acts: mpsc::Receiver<Act>, log: Log) {
    let Some(world) = config.world(target.place) else {
        let why = "the lab does not run, so its hosts cannot be reached".to_owned();
        let _ = log.tell(log.now(), What::Failed(Failure::BadTarget { why })).await;
        return;
    };
    let tls = Tls {
        roots: world.roots.clone(),
        calendar: world.calendar.clone(),
        patience: config.timers.tls,
        keys: config.keys.clone(),
        handshake: target.handshake.clone(),
    };
    let (limits, timers, hello) = (config.limits, config.timers, target.hello.clone());
    let profile = Profile { limits, timers, opening: target.opening, hello, announce: target.route.client };
    let dialler = Dialler {
        resolver: &config.resolver,
        source: if target.place == Place::Lab { Source::Lab } else { target.source.clone() },
        connect: world.connector.as_ref(),
        timers: &config.timers,
        limits: &config.limits,
        log: &log,
    };
    // The application went away: there is nobody left to tell.
    let logins = Logins::new(world.nonces.clone(), &target);
    let _ = Pump::new(&profile, tls, logins, acts, &log).run(dialler, &target).await;
}
