//! The services behind the application: the lab, its name server, the resolver and the network.

use tokio::sync::mpsc;

use crate::lab::nameserver::{self, Nameserver};
use crate::net::resolver::{LabServer, Resolver};
use crate::ports::{dns, net};
use crate::session::Signal;
use crate::smtp::limits::Timers;

/// Requests that may wait for the network.
const REQUESTS: usize = 64;
/// Questions that may wait for the resolver: all that one panel can ask.
const QUESTIONS: usize = crate::dns::limits::QUESTIONS;
/// News that may wait for the application; then the network waits, and TCP makes the peer wait.
const NEWS: usize = 1024;

/// What the services need to know.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Everything in the lab follows from it.
    pub seed: u64,
    /// Certificates to trust besides those of the system, in PEM.
    pub ca: Option<Vec<u8>>,
    /// How long to wait for what.
    pub timers: Timers,
}

/// The running services.
pub struct Services {
    /// What they tell.
    pub signals: mpsc::Receiver<Signal>,
    /// Why a part of them could not be started.
    pub complaint: Option<String>,
    dns: mpsc::Sender<dns::Request>,
    /// Ends with the services.
    _nameserver: Option<Nameserver>,
}

impl Services {
    /// Starts them all. What cannot be started is told and missing; the rest works.
    pub async fn start(setup: Setup) -> Self {
        let (news, signals) = mpsc::channel(NEWS);
        let (nameserver, complaint) = match nameserver::start(setup.seed, &[]).await {
            Ok(nameserver) => (Some(nameserver), None),
            Err(error) => (None, Some(format!("The lab has no DNS: {error}."))),
        };
        let lab = nameserver
            .as_ref()
            .map(|server| LabServer { addr: server.addr, trust_anchor: server.trust_anchor.clone() });
        let resolver = Resolver::new(lab);
        let (dns, requests) = mpsc::channel(QUESTIONS);
        let (answers, answered) = mpsc::channel(QUESTIONS);
        resolver.start(requests, answers);
        forward(answered, news, Signal::Dns);
        Self { signals, complaint, dns, _nameserver: nameserver }
    }

    /// Asks the network.
    pub fn net(&mut self, _: net::Request) -> Result<(), String> {
        Err("no network yet".into())
    }

    /// Asks the DNS.
    pub fn dns(&self, request: dns::Request) -> Result<(), String> {
        self.dns
            .try_send(request)
            .map_err(|_| "The resolver is still busy with other questions; ask again in a moment.".into())
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
