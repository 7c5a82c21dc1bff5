//! What lies between a scene and its peer: the real network service, with a dialler of our own.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ehlo::net::resolver::Resolver;
use ehlo::net::{self, Calendar, Config, Net, Nonces, Roots, World};
use ehlo::ports::net::{Act, Opening, Place, Request, SessionId, Signal, Target};
use ehlo::smtp::limits::{Limits, Timers};
use tokio::time::sleep;

use crate::peer::{Attempt, Identity, MOMENT, Peer, Script, line};

/// The peer's name.
pub(crate) const HOST: &str = "mx.example.test";
const SESSION: SessionId = SessionId(1);

/// A connection whose other end is a test.
pub(crate) struct Wire {
    net: Net,
    peer: Peer,
    identity: Identity,
    /// Seconds that the calendar has run ahead of the clock.
    slept: Arc<AtomicU64>,
}

/// A real host, so that secrets are hidden; the addresses are known, so that no DNS is asked.
pub(crate) fn target(opening: Opening, addresses: u8) -> Target {
    let pinned = (1..=addresses).map(|last| IpAddr::from(Ipv4Addr::new(192, 0, 2, last))).collect();
    let hello = "laptop.you.test".to_owned();
    Target { opening, hello, pinned, ..Target::new(HOST, 25, Place::Live) }
}

impl Wire {
    /// Dials the target: these attempts fail, the one after them stands.
    pub(crate) async fn dial(target: Target, failures: Vec<Attempt>) -> Self {
        let identity = Identity::of(HOST);
        let (ours, peer) = line();
        let mut attempts = VecDeque::from(failures);
        attempts.push_back(Attempt::Stands(ours));
        let slept = Arc::new(AtomicU64::new(0));
        let (began, ahead) = (tokio::time::Instant::now(), Arc::clone(&slept));
        let today = Calendar::system().now();
        let world = World {
            connector: Arc::new(Script { attempts: Mutex::new(attempts) }),
            roots: Roots::only([identity.certificate.as_slice()]).unwrap(),
            calendar: Calendar::new(move || today + began.elapsed().as_secs() + ahead.load(Ordering::Relaxed)),
            nonces: Nonces::seeded(1),
        };
        let net = net::start(Config {
            resolver: Resolver::with_servers(None, Vec::new()),
            live: world,
            lab: None,
            keys: net::Keys::default(),
            shows: None,
            timers: Timers::INTERACTIVE,
            limits: Limits::default(),
        });
        net.requests.send(Request::Open(SESSION, target)).await.unwrap();
        sleep(MOMENT).await;
        Self { net, peer, identity, slept }
    }

    /// The other end.
    pub(crate) fn peer(&mut self) -> &mut Peer {
        &mut self.peer
    }

    /// The user does something.
    pub(crate) async fn act(&mut self, act: Act) {
        self.net.requests.send(Request::Do(SESSION, act)).await.unwrap();
        sleep(MOMENT).await;
    }

    /// The peer takes the TLS handshake.
    pub(crate) async fn secured(&mut self) {
        self.peer.secure(&self.identity).await;
    }

    /// The computer sleeps.
    pub(crate) fn sleeps(&mut self, time: Duration) {
        self.slept.fetch_add(time.as_secs(), Ordering::Relaxed);
    }

    /// What has happened since the last call.
    pub(crate) async fn listen(&mut self) -> Vec<Signal> {
        let mut heard = Vec::new();
        loop {
            sleep(MOMENT).await;
            let before = heard.len();
            while let Ok(signal) = self.net.signals.try_recv() {
                heard.push(signal);
            }
            if heard.len() == before {
                return heard;
            }
        }
    }
}
