//! One session of a relay with one server: our client engine, lock-step, with what the letter asked for carried along
//! where the server offers it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

use crate::engine::client::{Client, Item, Profile, Want};
use crate::lab::queue::{Letter, Outcome, Recipient, Verdict};
use crate::mail::field;
use crate::mail::report::diagnostic;
use crate::ports::net::What;
use crate::smtp::data::{Stuffer, Wire as Filter};
use crate::smtp::extension::{Extensions, Size};
use crate::smtp::params::{self, Param};
use crate::smtp::path::ReversePath;
use crate::smtp::reply::Reply;
use crate::smtp::status::Status;
use crate::tape::mark::{Ending, Mark, Opened};
use crate::tape::tls::TlsFacts;
use crate::tape::{Moment, Side};

use super::demand::{Demand, Unsafe};
use super::log::Log;
use super::{nobody, tls};

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

    /// Ends it; what was said and what happened.
    pub(super) fn end(mut self) -> Vec<(Moment, What)> {
        self.engine.close(Moment::START);
        self.settle();
        self.log.end(What::Ended)
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
        let expected = tls.expected(self.server, self.peer);
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

    async fn transaction(&mut self, letter: &Letter, recipients: &[Recipient]) -> Result<Vec<Outcome>, Ended> {
        let all = |outcome: Outcome| Ok(vec![outcome; recipients.len()]);
        if let Some((status, why)) = self.unfit(letter, recipients) {
            return all(Outcome { remote: Some(self.server.to_owned()), ..Outcome::refused(status, &why) });
        }
        let international = letter.is_international();
        let mail = line(b"MAIL FROM:", &letter.from.encode(), &self.mail_params(letter));
        let reply = self.say(&mail).await?;
        if !reply.code.is_success() {
            return all(outcome(&reply, self.server, Verdict::Later));
        }
        let mut outcomes = Vec::new();
        let with_dsn = self.offers("DSN");
        for recipient in recipients {
            let params: &[Param] = if with_dsn { &recipient.params } else { &[] };
            let reply = self.say(&line(b"RCPT TO:", &recipient.path.encode(), params)).await?;
            outcomes.push(outcome_in(&reply, self.server, Verdict::Handed { with_dsn }, international));
        }
        if outcomes.iter().any(is_handed) {
            let reply = self.content(letter).await?;
            let verdict = outcome_in(&reply, self.server, Verdict::Handed { with_dsn }, international);
            outcomes.iter_mut().filter(|outcome| is_handed(outcome)).for_each(|outcome| *outcome = verdict.clone());
        }
        Ok(outcomes)
    }

    /// The letter, and what is said of it.
    async fn content(&mut self, letter: &Letter) -> Result<Reply, Ended> {
        if is_binary(letter) {
            let chunk = [format!("BDAT {} LAST\r\n", letter.content.len()).as_bytes(), &letter.content].concat();
            return self.write(chunk).await;
        }
        let reply = self.say(b"DATA").await?;
        if reply.code.get() != 354 {
            return Ok(reply);
        }
        // What a relay passes on it does not change (RFC 5321 §2.3.8, §6.4).
        let (mut wire, mut stuffer) = (Vec::new(), Stuffer::new(Filter::Verbatim));
        stuffer.push(&letter.content, &mut wire);
        stuffer.finish(&mut wire);
        self.write(wire).await
    }

    /// Why this server cannot have the letter, before it is asked.
    fn unfit(&self, letter: &Letter, recipients: &[Recipient]) -> Option<(Status, String)> {
        let status = |subject, detail| Status { class: 5, subject, detail };
        let server = self.server;
        let octets = letter.content.len() as u64;
        if params::find(&letter.params, "REQUIRETLS").is_some() && !(self.verified && self.offers("REQUIRETLS")) {
            let why = format!("{server} does not offer REQUIRETLS over TLS with a certificate that is in order.");
            return Some((status(7, 30), why));
        }
        if letter.is_international() && !self.offers("SMTPUTF8") && needs_utf8(letter, recipients) {
            return Some((status(6, 7), format!("{server} does not offer SMTPUTF8, and the letter needs it.")));
        }
        if is_binary(letter) && !(self.offers("CHUNKING") && self.offers("BINARYMIME")) {
            return Some((status(6, 1), format!("{server} does not take binary letters.")));
        }
        if !letter.content.is_ascii() && !self.offers("8BITMIME") {
            return Some((status(6, 3), format!("{server} takes 7-bit letters only, and this one has 8-bit octets.")));
        }
        match self.offers.as_ref().map(Extensions::size) {
            Some(Size::Limit(limit)) if octets > limit => {
                Some((status(3, 4), format!("{server} takes {limit} octets, and the letter has {octets}.")))
            }
            _ => None,
        }
    }

    /// What goes along with MAIL: what the letter came with, as far as the server offers it.
    fn mail_params(&self, letter: &Letter) -> Vec<Param> {
        let mut params = Vec::new();
        if self.offers("SIZE") {
            params.push(Param::new("SIZE", Some(&letter.content.len().to_string())));
        }
        if is_binary(letter) {
            params.push(Param::new("BODY", Some("BINARYMIME")));
        } else if !letter.content.is_ascii() {
            params.push(Param::new("BODY", Some("8BITMIME")));
        }
        let carried = [("SMTPUTF8", "SMTPUTF8"), ("REQUIRETLS", "REQUIRETLS"), ("RET", "DSN"), ("ENVID", "DSN")];
        let offered = carried.into_iter().filter(|(_, extension)| self.offers(extension));
        params.extend(offered.filter_map(|(keyword, _)| params::find(&letter.params, keyword)).cloned());
        params
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

/// A command with a path and parameters.
fn line(command: &[u8], path: &[u8], params: &[Param]) -> Vec<u8> {
    let mut line = [command, path].concat();
    for param in params {
        line.push(b' ');
        line.extend(param.encode());
    }
    line
}

const fn is_handed(outcome: &Outcome) -> bool {
    matches!(outcome.verdict, Verdict::Handed { .. })
}

fn is_binary(letter: &Letter) -> bool {
    params::find(&letter.params, "BODY").is_some_and(|body| body.extension() == Some("BINARYMIME"))
}

/// True if an address or the header goes beyond ASCII: a letter that only might have can go without SMTPUTF8.
fn needs_utf8(letter: &Letter, recipients: &[Recipient]) -> bool {
    let from = letter.from != ReversePath::Null && !letter.from.encode().is_ascii();
    let to = recipients.iter().any(|recipient| !recipient.path.encode().is_ascii());
    from || to || !field::halves(&letter.content).0.is_ascii()
}

fn outcome(reply: &Reply, server: &str, yes: Verdict) -> Outcome {
    outcome_in(reply, server, yes, false)
}

/// What a reply means for a recipient: `yes` if it is one.
fn outcome_in(reply: &Reply, server: &str, yes: Verdict, international: bool) -> Outcome {
    let class = match reply.code.get() / 100 {
        2 => 2,
        5 => 5,
        _ => 4,
    };
    let verdict = match class {
        2 => yes,
        5 => Verdict::Never,
        _ => Verdict::Later,
    };
    let status = reply.status.filter(|status| status.class == class).unwrap_or(Status { class, subject: 0, detail: 0 });
    let (remote, said) = (Some(server.to_owned()), Some(diagnostic(reply, international)));
    Outcome { verdict, status, remote, said, why: None }
}
