//! One session of a relay with one server, by our client engine: greeting, EHLO, STARTTLS, promises, the letter, QUIT.

mod transaction;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

use crate::engine::client::{Client, Item, Profile, Want};
use crate::lab::queue::{Letter, Outcome, Recipient, Verdict};
use crate::mail::report::diagnostic;
use crate::ports::net::What;
use crate::smtp::extension::Extensions;
use crate::smtp::reply::Reply;
use crate::tape::mark::{Ending, Mark, Opened};
use crate::tape::tls::TlsFacts;
use crate::tape::{Moment, Side};

use super::demand::{Demand, Unsafe};
use super::log::Log;
use super::{nobody, tls};

use transaction::outcome;

/// Octets read at a time.
const READ: usize = 4096;

/// The stream of a session.
enum Wire {
    Plain(DuplexStream),
    Tls(Box<tls::Stream>),
    /// The handshake has it, or has broken it.
    Gone,
}

/// Why a session ended before the server had said what becomes of the letter.
pub(super) enum Ended {
    /// The connection broke or was closed.
    Closed,
    /// Nothing came for too long.
    Silent,
    /// No TLS came of the 220.
    Tls,
    /// The server does not talk to us: its words.
    Said(Box<Reply>),
    /// What it shows is not what its domain promised.
    Unsafe(Unsafe),
}

impl Ended {
    /// What it means for the letter, where no other server can be tried.
    pub(super) fn outcome(self, server: &str) -> Outcome {
        match self {
            Self::Closed => nobody(server, "The connection ended in the middle."),
            Self::Silent => nobody(server, "The server fell silent."),
            Self::Tls => nobody(server, "The TLS handshake failed."),
            Self::Unsafe(doubt) => doubt.outcome(server),
            Self::Said(reply) => outcome(&reply, server, Verdict::Later),
        }
    }
}

/// One session.
pub(super) struct Session<'a> {
    wire: Wire,
    engine: Client,
    peer: SocketAddr,
    /// How we name ourselves.
    hello: &'a str,
    server: &'a str,
    tls: Option<tls::Client>,
    heard: Vec<u8>,
    offers: Option<Extensions>,
    secure: bool,
    verified: bool,
    said: String,
    log: Log,
    demand: &'a Demand,
    /// What the handshake showed.
    facts: Option<Box<TlsFacts>>,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        stream: DuplexStream,
        peer: SocketAddr,
        hello: &'a str,
        server: &'a str,
        tls: Option<tls::Client>,
        log: Log,
        demand: &'a Demand,
    ) -> Self {
        Self {
            wire: Wire::Plain(stream),
            engine: Client::new(&Profile::default()),
            peer,
            hello,
            server,
            tls,
            heard: Vec::new(),
            offers: None,
            secure: false,
            verified: false,
            said: String::new(),
            log,
            demand,
            facts: None,
        }
    }

    /// True if the letter went inside TLS.
    pub(super) const fn is_secure(&self) -> bool {
        self.secure
    }

    /// The reply that decided.
    pub(super) fn last_said(&self) -> String {
        self.said.clone()
    }

    /// Nothing came for too long.
    pub(super) fn fell_silent(&mut self) {
        // However long the waits of a patient client are, this one is over.
        self.engine.tick(Moment::from_micros(u64::MAX));
    }

    /// Ends it.
    pub(super) async fn end(mut self) {
        self.engine.close(Moment::START);
        self.settle();
        self.log.end(What::Ended).await;
    }

    /// From the greeting to QUIT; what became of each recipient.
    pub(super) async fn lead(&mut self, letter: &Letter, recipients: &[Recipient]) -> Result<Vec<Outcome>, Ended> {
        let (host, took) = (self.server.to_owned(), Duration::ZERO);
        self.engine.opened(Opened { host, peer: self.peer.into(), local: None, lmtp: false, took }, Moment::START);
        let greeting = self.reply().await?;
        if greeting.code.get() != 220 {
            return Err(Ended::Said(Box::new(greeting)));
        }
        self.hello().await?;
        if self.tls.is_some() && self.offers("STARTTLS") {
            self.start_tls().await?;
        }
        self.hold_promises().await?;
        let outcomes = self.transaction(letter, recipients).await?;
        let verdict = self.said.clone();
        // The verdicts stand, however the goodbye goes.
        let _ = self.say(b"QUIT").await;
        self.said = verdict;
        Ok(outcomes)
    }

    /// Holds what the domain promised against what the server showed, before it hears of the letter.
    async fn hold_promises(&mut self) -> Result<(), Ended> {
        let held = self.demand.hold(self.facts.as_deref());
        held.marks.into_iter().for_each(|mark| self.log.mark(mark));
        self.verified |= held.by_dane;
        match held.doubt {
            None => Ok(()),
            Some(doubt) => {
                let _ = self.say(b"QUIT").await;
                Err(Ended::Unsafe(doubt))
            }
        }
    }

    /// EHLO, and HELO where that is not known (RFC 5321 §3.2).
    async fn hello(&mut self) -> Result<(), Ended> {
        let reply = self.say(format!("EHLO {}", self.hello).as_bytes()).await?;
        if reply.code.is_success() {
            self.offers = Some(Extensions::parse(&reply));
            return Ok(());
        }
        self.offers = None;
        let reply =
            if reply.code.get() >= 500 { self.say(format!("HELO {}", self.hello).as_bytes()).await? } else { reply };
        if reply.code.is_success() { Ok(()) } else { Err(Ended::Said(Box::new(reply))) }
    }

    async fn start_tls(&mut self) -> Result<(), Ended> {
        if self.say(b"STARTTLS").await?.code.get() != 220 {
            return Ok(());
        }
        // What stood behind the 220 in plain text is no part of what comes inside TLS (RFC 3207 §4.2).
        if self.engine.is_over() {
            return Err(self.no_tls());
        }
        let (Wire::Plain(stream), Some(tls)) = (std::mem::replace(&mut self.wire, Wire::Gone), &self.tls) else {
            return Err(Ended::Tls);
        };
        let named = self.demand.name();
        let expected = tls.expected(named.as_deref().unwrap_or(self.server), self.peer);
        self.log.mark(Mark::TlsStarted { sni: expected.sni() });
        match tls.shake(stream, &expected).await {
            Ok((stream, facts)) => {
                self.wire = Wire::Tls(Box::new(stream));
                (self.secure, self.verified) = (true, facts.verified());
                self.facts = Some(facts.clone());
                self.engine.tls(Ok(facts), Moment::START);
            }
            Err(failure) => {
                self.engine.tls(Err(failure), Moment::START);
                return Err(self.no_tls());
            }
        }
        self.hello().await
    }

    /// No TLS came of the 220.
    fn no_tls(&mut self) -> Ended {
        self.settle();
        let Some(doubt) = self.demand.hold(None).doubt else { return Ended::Tls };
        self.log.mark(doubt.mark());
        Ended::Unsafe(doubt)
    }

    fn offers(&self, keyword: &str) -> bool {
        self.offers.as_ref().is_some_and(|offers| offers.has(keyword))
    }

    /// Sends a line and hears the answer.
    async fn say(&mut self, line: &[u8]) -> Result<Reply, Ended> {
        self.engine.send(Item::Line([line, b"\r\n"].concat().into()), Moment::START);
        self.reply().await
    }

    /// Sends octets as they are and hears the answer.
    async fn write(&mut self, octets: Vec<u8>) -> Result<Reply, Ended> {
        self.engine.send(Item::Now(octets.into()), Moment::START);
        self.reply().await
    }

    async fn reply(&mut self) -> Result<Reply, Ended> {
        let mut buffer = vec![0; READ];
        loop {
            let open = self.flush().await?;
            self.log.told().await;
            if let Some(reply) = Reply::parse(&self.heard).filter(|reply| reply.complete) {
                self.heard.drain(..reply.bytes().len().min(self.heard.len()));
                self.said = diagnostic(&reply, true);
                return Ok(reply);
            }
            if !open {
                return Err(Ended::Closed);
            }
            let octets = match self.wire.read(&mut buffer).await {
                Ok(0) | Err(_) => {
                    self.engine.closed(Ending::Clean);
                    return Err(Ended::Closed);
                }
                Ok(read) => buffer.get(..read).unwrap_or_default(),
            };
            self.engine.receive(octets, Moment::START);
            self.log.bytes(Side::Server, octets);
            self.heard.extend_from_slice(octets);
        }
    }

    /// Writes what the engine has to say; false once it wants to close.
    async fn flush(&mut self) -> Result<bool, Ended> {
        let mut open = true;
        loop {
            open &= self.settle();
            let octets = self.engine.outgoing().to_vec();
            if octets.is_empty() {
                return Ok(open);
            }
            if self.wire.write(&octets).await.is_err() {
                self.engine.closed(Ending::Reset);
                return Err(Ended::Closed);
            }
            self.engine.wrote(octets.len(), Moment::START);
            self.log.bytes(Side::Client, &octets);
        }
    }

    /// Keeps what the engine found worth a mark; false once it wants to close.
    fn settle(&mut self) -> bool {
        let mut open = true;
        while let Some(want) = self.engine.poll() {
            match want {
                Want::Mark(mark) => self.log.mark(mark),
                Want::Close => open = false,
                Want::Preface(_) | Want::StartTls | Want::Derive => {}
            }
        }
        open
    }
}

impl Wire {
    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer).await,
            Self::Tls(stream) => stream.read(buffer).await,
            Self::Gone => Ok(0),
        }
    }

    async fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(octets).await,
            Self::Tls(stream) => {
                stream.write_all(octets).await?;
                stream.flush().await
            }
            Self::Gone => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}
