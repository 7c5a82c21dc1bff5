//! The internet in a box: servers, zones, certificates and mailboxes that live inside the process.
//!
//! It is data (`assets/lab`) and small engines. Its servers speak over streams in memory; only its name server uses
//! sockets, on loopback. There is no code here that could reach a real host, not even for the sake of an open relay.

pub mod authority;
pub mod changes;
pub mod clock;
mod desk;
pub mod fault;
pub mod links;
mod magic;
pub mod nameserver;
mod node;
pub mod peers;
mod post;
pub mod queue;
mod record;
pub mod relay;
pub mod serving;
mod settings;
pub mod site;
pub mod world;
pub mod zones;

#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::rand;
use jiff::Timestamp;
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use time::OffsetDateTime;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::engine::server::config::{Config, Greeting};
use crate::ports::lab::change::Scene;
use crate::ports::lab::{Card, Signal, Visit, VisitId};
use crate::ports::pem;
use crate::smtp::limits::LabLimits;
use crate::smtp::sasl;

use authority::identities::Identities;
use authority::{Authority, NotCertified};
use changes::Changes;
use clock::Clock;
use desk::memory::Memory;
use fault::Fault;
use links::Links;
use nameserver::Nameserver;
use node::{Node, Seat};
use post::Post;
use record::Record;
use relay::policies::Policies;
use serving::Plan;
use settings::Settings;
use site::Sites;
use world::{Client, Host, Port, User, World};

/// Octets that one side of a stream in memory may be ahead of the other.
const STREAM: usize = 64 * 1024;

/// How long the lab waits for its sessions to end.
const CLOSING: Duration = Duration::from_secs(2);

/// The running lab. Dropping it ends it.
pub struct Lab {
    /// Its name server, if a loopback socket could be had.
    pub nameserver: Result<Nameserver, nameserver::NotStarted>,
    /// Its certificate authority's certificate.
    pub root: CertificateDer<'static>,
    inner: Arc<Inner>,
    /// What runs on its own; ends with the lab.
    tasks: JoinSet<()>,
}

/// The hosts, as a connection sees them. Cheap to clone.
#[derive(Clone)]
pub struct Hosts {
    inner: Arc<Inner>,
}

struct Inner {
    world: Arc<World>,
    scenes: Vec<Scene>,
    changes: Changes,
    seed: u64,
    root: CertificateDer<'static>,
    clock: Clock,
    identities: Arc<Identities>,
    links: Links,
    /// Whom hosts ask in the DNS, once they relay.
    names: OnceLock<relay::Names>,
    post: Arc<Post>,
    memory: Arc<Memory>,
    settings: Settings,
    sites: Sites,
    /// The policies of other domains that its senders keep.
    policies: Policies,
    sessions: Arc<Semaphore>,
    told: mpsc::Sender<Signal>,
    /// Programs from outside that came so far.
    visits: AtomicU32,
    closing: CancellationToken,
    /// True for a lab that programs from outside reach on this machine.
    served: bool,
}

/// Why the lab could not be built: always a mistake in the lab itself.
#[derive(Debug, thiserror::Error)]
pub enum NotBuilt {
    /// Its data is wrong.
    #[error("the lab's world is wrong: {0}")]
    World(#[from] toml::de::Error),
    /// Its certificates could not be made.
    #[error(transparent)]
    Certificates(#[from] NotCertified),
    /// The scene's date cannot be told.
    #[error("the lab's date is out of range")]
    Date,
}

/// What is different in a lab that is served to programs from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// When its clock begins.
    pub now: Timestamp,
    /// The port of its name server on 127.0.0.1.
    pub dns: u16,
}

impl Served {
    /// From now on.
    pub fn now(dns: u16) -> Self {
        Self { now: Timestamp::now(), dns }
    }
}

/// Builds the lab and starts its name server. What happens in it is told to `told`: letters that arrive, and what
/// programs from outside say and hear.
pub async fn start(seed: u64, told: mpsc::Sender<Signal>) -> Result<Lab, NotBuilt> {
    build(seed, None, told).await
}

/// The same for programs from outside: the clock shows the real time, certificates are valid for a month and name this
/// machine too.
pub async fn serve(seed: u64, served: Served, told: mpsc::Sender<Signal>) -> Result<Lab, NotBuilt> {
    build(seed, Some(served), told).await
}

/// A seed that nobody knows.
pub fn fresh_seed() -> io::Result<u64> {
    random().map(u64::from_be_bytes)
}

/// Octets that nobody can guess.
fn random<const OCTETS: usize>() -> io::Result<[u8; OCTETS]> {
    let mut octets = [0; OCTETS];
    rand::fill(&mut octets).map_err(|_| io::Error::other("the system has no random numbers"))?;
    Ok(octets)
}

async fn build(seed: u64, served: Option<Served>, told: mpsc::Sender<Signal>) -> Result<Lab, NotBuilt> {
    let world = World::load()?;
    let (scenes, changes) = (changes::scenes()?, Changes::default());
    let begins = served.map_or(world.clock, |served| served.now);
    let today = OffsetDateTime::from_unix_timestamp(begins.as_second()).map_err(|_| NotBuilt::Date)?;
    let authority = if served.is_some() { Authority::served(seed, today) } else { Authority::new(seed, today) }?;
    let root = authority.certificate();
    let (identities, pins) = Identities::new(authority, world.certified())?;
    let nameserver = nameserver::start(seed, &pins, served.map_or(0, |served| served.dns)).await;
    let sessions = Arc::new(Semaphore::new(LabLimits::default().sessions));
    let (clock, sites, settings) = (Clock::new(begins), Sites::new(&world.site), Settings::new(&world));
    let world = Arc::new(world);
    let post = Arc::new(Post::new(Arc::clone(&world), clock.clone(), seed, told.clone()));
    let (visits, closing) = (AtomicU32::new(1), CancellationToken::new());
    let (identities, links, memory) = (Arc::new(identities), Links::default(), Arc::default());
    let names = OnceLock::new();
    let inner = Inner {
        world,
        scenes,
        changes,
        seed,
        root: root.clone(),
        clock,
        identities,
        links,
        names,
        post,
        memory,
        settings,
        sites,
        policies: Policies::default(),
        sessions,
        told,
        visits,
        closing,
        served: served.is_some(),
    };
    Ok(Lab { nameserver, root, inner: Arc::new(inner), tasks: JoinSet::new() })
}

impl Lab {
    /// The hosts, for whoever connects to them.
    pub fn hosts(&self) -> Hosts {
        Hosts { inner: Arc::clone(&self.inner) }
    }

    /// What each host shows in TLS.
    pub fn identities(&self) -> &Identities {
        &self.inner.identities
    }

    /// What whoever connects from outside needs to know.
    pub fn card(&self, plan: &Plan, exposed: bool) -> Card {
        let user = |user: &User| (user.name.clone(), user.password.clone());
        Card {
            services: plan.services.clone(),
            dns: self.nameserver.as_ref().ok().map(|server| server.addr.port()),
            users: self.inner.world.user.iter().map(user).collect(),
            authority: pem::certificate(&self.root),
            anchor: self.nameserver.as_ref().ok().map(|server| server.anchor_file.clone()),
            exposed,
        }
    }

    /// Ends its sessions: whoever is still there hears 421. Waits until all are gone, but not for ever.
    pub async fn close(&self) {
        self.inner.closing.cancel();
        let all = u32::try_from(LabLimits::default().sessions).unwrap_or(u32::MAX);
        let _ = timeout(CLOSING, self.inner.sessions.acquire_many(all)).await;
    }

    /// Lets its hosts send on what they have taken. They ask `names` for the way.
    pub fn relay(&mut self, names: relay::Names) {
        // Whoever was named first stays.
        let _ = self.inner.names.set(Arc::clone(&names));
        self.tasks.spawn(relay::run(self.hosts(), names));
    }

    /// The ways to its hosts.
    pub fn links(&self) -> &Links {
        &self.inner.links
    }

    /// Its clock, which begins at the scene's date: certificates are judged at its time too.
    pub fn clock(&self) -> Clock {
        self.inner.clock.clone()
    }
}

impl Hosts {
    /// The learner's machine, as the servers see it.
    pub fn laptop(&self) -> &Client {
        &self.inner.world.client
    }

    /// Lets time pass in the lab; whatever is due on the way happens at its time. Needs [`Lab::relay`].
    pub fn pass(&self, time: Duration) {
        self.inner.post.pass(time);
    }

    /// Turns the clock to the next thing that is due. Needs [`Lab::relay`].
    pub fn skip(&self) {
        self.inner.post.skip();
    }

    /// Lets the clock run, so many seconds of the lab in one of ours; with 0 it stands still. Needs [`Lab::relay`].
    pub fn run_at(&self, pace: u32) {
        self.inner.post.run_at(pace);
    }

    /// The same after the time that a connection to this address takes on its way, which passes in the lab too.
    pub async fn connect_slowly(&self, address: SocketAddr, client: &Client) -> io::Result<DuplexStream> {
        self.travel(address).await;
        self.connect(address, client)
    }

    /// Waits as long as a connection to this address takes.
    async fn travel(&self, address: SocketAddr) {
        let delay = self.inner.links.delay(address.ip());
        if !delay.is_zero() {
            sleep(delay).await;
            self.inner.post.catch_up_by(delay);
        }
    }

    /// Connects `client` to a lab host. An address that no host has is unreachable, a port where none listens refuses; a real
    /// socket is never opened. With all places taken the host says 421 and closes, or refuses where TLS comes first.
    pub fn connect(&self, address: SocketAddr, client: &Client) -> io::Result<DuplexStream> {
        if let Some(site) = self.inner.world.site_at(address.ip()) {
            return self.browse(site, address);
        }
        let service = self.service(address, client)?;
        let (client, server) = tokio::io::duplex(STREAM);
        let closing = self.inner.closing.clone();
        tokio::spawn(async move {
            // Whoever connects from here keeps a tape of its own.
            let seat = Seat { record: Record::none(), outside: false, closing };
            service.serve(server, seat).await;
        });
        Ok(client)
    }

    /// Serves a program from outside that came from `from` to the lab's address `to`, until either side has had enough.
    /// What is said is told as it happens, on the host's side. It is refused as in [`connect`](Self::connect).
    pub async fn receive<S>(&self, to: SocketAddr, from: SocketAddr, stream: S) -> io::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = from.ip().is_loopback().then(|| "localhost".to_owned());
        let client = Client { name, address: from.ip() };
        self.travel(to).await;
        if let Some(site) = self.inner.world.site_at(to.ip()) {
            self.visit(site, to)?.serve(stream).await;
            return Ok(());
        }
        let mut service = self.service(to, &client)?;
        service.config.nonce = sasl::encode(&random::<16>()?);
        let id = VisitId(self.inner.visits.fetch_add(1, Ordering::Relaxed));
        let visit = Visit { id, host: service.node.host.name.clone(), to, tls: service.port.tls, from };
        let record = Record::begin(visit, self.inner.told.clone()).await;
        service.serve(stream, Seat { record, outside: true, closing: self.inner.closing.clone() }).await;
        Ok(())
    }

    /// What serves at an address, if a place is free or it can say that none is.
    fn service(&self, address: SocketAddr, client: &Client) -> io::Result<Service> {
        self.inner.links.check(address.ip())?;
        let host = self.inner.world.host_at(address.ip()).ok_or(io::ErrorKind::HostUnreachable)?;
        let host = self.inner.settings.of(host);
        let port = host.port(address.port()).ok_or(io::ErrorKind::ConnectionRefused)?;
        let place = Arc::clone(&self.inner.sessions).try_acquire_owned().ok();
        let mut config = host.config(port, self.inner.world.style(&host));
        if place.is_none() {
            if port.tls {
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            config.greeting = Greeting::Busy;
        }
        let node = Node {
            world: Arc::clone(&self.inner.world),
            clock: self.inner.clock.clone(),
            client: client.clone(),
            tls: self.tls_of(&host)?,
            identities: Arc::clone(&self.inner.identities),
            faults: self.faults_of(&host),
            host,
            seed: self.inner.seed.wrapping_add(self.inner.memory.session()),
            post: Arc::clone(&self.inner.post),
            memory: Arc::clone(&self.inner.memory),
            names: self.inner.names.get().cloned(),
            keys: self.inner.seed,
        };
        Ok(Service { node, config, port, place })
    }

    /// What goes wrong at a host now.
    fn faults_of(&self, host: &Host) -> Vec<Fault> {
        let is_on =
            |fault: &&Fault| host.faults.contains(&fault.name) || self.inner.memory.is_on(&host.name, &fault.name);
        self.inner.world.fault.iter().filter(is_on).cloned().collect()
    }

    fn tls_of(&self, host: &Host) -> io::Result<Arc<ServerConfig>> {
        self.inner.identities.tls(&host.name).map_err(io::Error::other)
    }
}

/// A host on one of its ports, ready for one client.
struct Service {
    node: Node,
    config: Config,
    port: Port,
    /// Held as long as the session lasts; none if all were taken.
    place: Option<OwnedSemaphorePermit>,
}

impl Service {
    async fn serve<S>(self, stream: S, seat: Seat)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        self.node.serve(self.config, self.port.tls, stream, seat).await;
        drop(self.place);
    }
}
