//! The internet in a box: servers, zones, certificates and mailboxes that live inside the process.
//!
//! It is data (`assets/lab`) and small engines. Its servers speak over streams in memory; only its name server uses
//! sockets, on loopback. There is no code here that could reach a real host, not even for the sake of an open relay.

pub mod authority;
pub mod clock;
mod desk;
pub mod nameserver;
mod node;
mod post;
pub mod world;
pub mod zones;

#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use time::OffsetDateTime;
use tokio::io::DuplexStream;
use tokio::sync::{Semaphore, mpsc};

use crate::engine::server::config::Greeting;
use crate::ports::lab::Signal;
use crate::smtp::limits::LabLimits;

use authority::identities::Identities;
use authority::{Authority, NotCertified};
use clock::Clock;
use nameserver::Nameserver;
use node::Node;
use post::Post;
use world::{Client, Host, World};

/// Octets that one side of a stream in memory may be ahead of the other.
const STREAM: usize = 64 * 1024;

/// The running lab. Dropping it ends it.
pub struct Lab {
    /// Its name server, if a loopback socket could be had.
    pub nameserver: Result<Nameserver, nameserver::NotStarted>,
    /// Its certificate authority's certificate.
    pub root: CertificateDer<'static>,
    inner: Arc<Inner>,
}

/// The hosts, as a connection sees them. Cheap to clone.
#[derive(Clone)]
pub struct Hosts {
    inner: Arc<Inner>,
}

struct Inner {
    world: Arc<World>,
    clock: Clock,
    identities: Identities,
    post: Arc<Post>,
    sessions: Arc<Semaphore>,
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

/// Builds the lab and starts its name server. Letters that arrive are told to `told`.
pub async fn start(seed: u64, told: mpsc::Sender<Signal>) -> Result<Lab, NotBuilt> {
    let world = World::load()?;
    let today = OffsetDateTime::from_unix_timestamp(world.clock.as_second()).map_err(|_| NotBuilt::Date)?;
    let authority = Authority::new(seed, today)?;
    let root = authority.certificate();
    let (identities, pins) = Identities::new(authority, world.host.iter().map(|host| host.name.as_str()))?;
    let nameserver = nameserver::start(seed, &pins).await;
    let sessions = Arc::new(Semaphore::new(LabLimits::default().sessions));
    let (clock, post) = (Clock::new(world.clock), Arc::new(Post::new(told)));
    let inner = Inner { world: Arc::new(world), clock, identities, post, sessions };
    Ok(Lab { nameserver, root, inner: Arc::new(inner) })
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

    /// Connects `client` to a lab host. An address that no host has is unreachable, a port where none listens refuses; a real
    /// socket is never opened. With all places taken the host says 421 and closes, or refuses where TLS comes first.
    pub fn connect(&self, address: SocketAddr, client: &Client) -> io::Result<DuplexStream> {
        let host = self.inner.world.host_at(address.ip()).ok_or(io::ErrorKind::HostUnreachable)?;
        let port = host.port(address.port()).ok_or(io::ErrorKind::ConnectionRefused)?;
        let place = Arc::clone(&self.inner.sessions).try_acquire_owned();
        let mut config = host.config(port);
        if place.is_err() {
            if port.tls {
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            config.greeting = Greeting::Busy;
        }
        let tls = self.tls_of(host)?;
        let node = Node {
            world: Arc::clone(&self.inner.world),
            clock: self.inner.clock.clone(),
            host: host.clone(),
            client: client.clone(),
            tls,
            post: Arc::clone(&self.inner.post),
        };
        let (client, server) = tokio::io::duplex(STREAM);
        tokio::spawn(async move {
            // How a session ends is on the client's tape; here it frees its place.
            let _ = node.serve(config, port.tls, server).await;
            drop(place);
        });
        Ok(client)
    }

    fn tls_of(&self, host: &Host) -> io::Result<Arc<ServerConfig>> {
        self.inner.identities.tls(&host.name).ok_or_else(|| io::ErrorKind::ConnectionRefused.into())
    }
}
