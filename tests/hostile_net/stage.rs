//! The stage: a connector that plays peers, and a session that is followed to its end.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ehlo::dialogue::Dialogue;
use ehlo::dialogue::phase::Phase;
use ehlo::net::connect::{Connect, Connecting, Stream};
use ehlo::net::resolver::Resolver;
use ehlo::net::{self, Calendar, Config, Keys, Net, Nonces, Roots, World};
use ehlo::ports::net::{Act, Place, Request, SessionId, Target, What};
use ehlo::smtp::limits::{Limits, Timers};
use ehlo::tape::mark::{Closed, Ending, Mark};
use ehlo::tape::tls::TlsFailure;
use ehlo::tape::{Side, Span, Tape};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// The number of the one session.
pub(crate) const SESSION: SessionId = SessionId(1);

type Playing = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What an address does.
pub(crate) enum Peer {
    /// Plays a part.
    Plays(Box<dyn Fn(DuplexStream) -> Playing + Send + Sync>),
    /// Fails like this.
    Fails(io::ErrorKind),
    /// Never answers.
    Silent,
}

impl Peer {
    pub(crate) fn plays<F: Future<Output = ()> + Send + 'static>(
        part: impl Fn(DuplexStream) -> F + Send + Sync + 'static,
    ) -> Self {
        Self::Plays(Box::new(move |stream| Box::pin(part(stream))))
    }
}

/// Answers each address as `peer` says.
pub(crate) struct Stage<F>(pub(crate) F);

impl<F: Fn(SocketAddr) -> Peer + Send + Sync> Connect for Stage<F> {
    fn connect<'a>(&'a self, _: &'a str, addr: SocketAddr, _: Option<SocketAddr>) -> Connecting<'a> {
        let peer = (self.0)(addr);
        Box::pin(async move {
            match peer {
                Peer::Plays(part) => {
                    let (ours, theirs) = tokio::io::duplex(64 * 1024);
                    tokio::spawn(part(theirs));
                    Ok(Box::new(ours) as Box<dyn Stream>)
                }
                Peer::Fails(kind) => Err(io::Error::from(kind)),
                Peer::Silent => std::future::pending().await,
            }
        })
    }
}

/// 24 November 2026, noon.
pub(crate) const NOON: u64 = 1_795_521_600;

/// A world with this connector and these authorities.
pub(crate) fn world(connector: impl Connect + 'static, authorities: &[&[u8]]) -> World {
    World {
        connector: Arc::new(connector),
        roots: Roots::only(authorities.iter().copied()).unwrap(),
        calendar: Calendar::new(|| NOON),
        nonces: Nonces::seeded(1),
    }
}

pub(crate) fn config(live: World) -> Config {
    let (timers, limits, keys) = (Timers::INTERACTIVE, Limits::default(), Keys::default());
    Config { resolver: Resolver::new(None), live, lab: None, timers, limits, keys, shows: None }
}

/// `mx1.harbor.test` at these addresses.
pub(crate) fn target(pinned: &[&str]) -> Target {
    let pinned = pinned.iter().map(|address| address.parse().unwrap()).collect();
    Target { hello: "laptop.you.test".into(), pinned, ..Target::new("mx1.harbor.test", 25, Place::Live) }
}

/// A session that is followed.
pub(crate) struct Play {
    net: Net,
    pub(crate) tape: Tape,
    pub(crate) ended: bool,
}

impl Play {
    pub(crate) async fn open(config: Config, target: Target) -> Self {
        let net = net::start(config);
        net.requests.send(Request::Open(SESSION, target)).await.unwrap();
        Self { net, tape: Tape::new(1 << 24), ended: false }
    }

    /// Opens a session with a peer that plays this part.
    pub(crate) async fn with<F: Future<Output = ()> + Send + 'static>(
        part: impl Fn(DuplexStream) -> F + Clone + Send + Sync + 'static,
    ) -> Self {
        let connector = Stage(move |_| Peer::plays(part.clone()));
        Self::open(config(world(connector, &[])), target(&["192.0.2.10"])).await
    }

    pub(crate) async fn act(&self, act: Act) {
        self.net.requests.send(Request::Do(SESSION, act)).await.unwrap();
    }

    pub(crate) async fn say(&self, line: &str) {
        self.act(Act::Send(format!("{line}\r\n").into_bytes().into())).await;
    }

    /// Follows the signals until `done` or the end.
    pub(crate) async fn until(&mut self, done: impl Fn(&Tape) -> bool) {
        while !self.ended && !done(&self.tape) {
            let waiting = tokio::time::timeout(Duration::from_secs(100_000), self.net.signals.recv());
            let signal = waiting.await.expect("something happens").expect("the service runs");
            match signal.what {
                What::Bytes(side, bytes) => self.tape.push(side, signal.at, &bytes),
                What::Elided(side, octets) => self.tape.elide(side, signal.at, octets),
                What::Mark(mark) => self.tape.mark(signal.at, mark),
                What::Failed(failure) => self.tape.mark(signal.at, Mark::GaveUp(failure)),
                What::Listening(_) => {}
                What::Ended => self.ended = true,
            }
        }
    }

    pub(crate) async fn until_heard(&mut self, text: &str) {
        self.until(|tape| said(tape, Side::Server).ends_with(text)).await;
    }

    pub(crate) async fn until_marked(&mut self, wanted: impl Fn(&Mark) -> bool) {
        self.until(|tape| tape.marks().iter().any(|(_, mark)| wanted(mark))).await;
    }

    pub(crate) async fn until_its_end(&mut self) {
        self.until(|_| false).await;
    }

    /// What the server said, exactly.
    pub(crate) fn server(&self) -> String {
        said(&self.tape, Side::Server)
    }

    /// What we said, exactly.
    pub(crate) fn client(&self) -> String {
        said(&self.tape, Side::Client)
    }

    /// The diagnostic ids, in order.
    pub(crate) fn ids(&self) -> Vec<&'static str> {
        Dialogue::of(&self.tape).flaws().iter().map(|flaw| flaw.kind.id()).collect()
    }

    pub(crate) fn phase(&self) -> Phase {
        Dialogue::of(&self.tape).phase()
    }

    pub(crate) fn marks(&self) -> impl Iterator<Item = &Mark> {
        self.tape.marks().iter().map(|(_, mark)| mark)
    }

    pub(crate) fn closed(&self) -> Option<(Side, Ending)> {
        self.marks().find_map(|mark| match mark {
            Mark::Closed(Closed { by, how }) => Some((*by, *how)),
            _ => None,
        })
    }

    pub(crate) fn tls_failure(&self) -> Option<&TlsFailure> {
        self.marks().find_map(|mark| match mark {
            Mark::TlsFailed(failure) => Some(failure),
            _ => None,
        })
    }
}

fn said(tape: &Tape, side: Side) -> String {
    String::from_utf8(tape.bytes(Span::new(side, 0, tape.lane(side).len())).into_owned()).unwrap()
}

/// Writes a line or more.
pub(crate) async fn tell(stream: &mut (impl AsyncWriteExt + Unpin), text: &str) {
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
}

/// Reads up to the end of a line; empty if there is none.
pub(crate) async fn hear(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut line = Vec::new();
    while !line.ends_with(b"\n") {
        match stream.read_u8().await {
            Ok(octet) => line.push(octet),
            Err(_) => break,
        }
    }
    String::from_utf8(line).unwrap()
}

/// The connector's calls, for those who count them.
#[derive(Clone, Default)]
pub(crate) struct Calls(Arc<Mutex<Vec<SocketAddr>>>);

impl Calls {
    pub(crate) fn note(&self, addr: SocketAddr) {
        self.0.lock().unwrap().push(addr);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}
