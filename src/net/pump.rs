//! The pump of one connection: octets, acts and the timer in one place. All progress lives in the engine.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::{Duration, sleep_until, timeout};

use super::dial::{Dialled, Dialler, Missed};
use super::letter::{Block, Blocks, Cut};
use super::log::{Gone, Log};
use super::login::Logins;
use super::tls::{Expected, Tls, surplus};
use super::wire::{Step, Wire};
use crate::engine::client::{Client, Item, Profile, Want};
use crate::ports::net::{Act, Letter, Opening, Target, What};
use crate::smtp::data::END;
use crate::tape::mark::{Ending, Mark};
use crate::tape::tls::TlsFailure;
use crate::tape::{Moment, Side};

/// Octets read at a time.
const BLOCK: usize = 64 * 1024;
/// How long saying goodbye may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// One connection from the look-up to the end.
pub(super) struct Pump<'a> {
    engine: Client,
    acts: mpsc::Receiver<Act>,
    log: &'a Log,
    tls: Tls,
    logins: Logins,
    tls_first: bool,
    /// The letter that is held or on its way.
    letter: Option<Blocks>,
    /// The block being written is too much for the tape.
    elided: bool,
}

impl<'a> Pump<'a> {
    pub(super) fn new(profile: &Profile, tls: Tls, logins: Logins, acts: mpsc::Receiver<Act>, log: &'a Log) -> Self {
        let engine = Client::new(profile);
        Self {
            engine,
            acts,
            log,
            tls,
            logins,
            tls_first: profile.opening == Opening::ImplicitTls,
            letter: None,
            elided: false,
        }
    }

    /// Looks up, dials, and leads the connection to its end.
    pub(super) async fn run(mut self, dialler: Dialler<'_>, target: &Target) -> Result<(), Gone> {
        let Some(Dialled { stream, opened }) = self.dial(dialler, target).await? else { return Ok(()) };
        let expected = Expected::of(&target.host, &opened.peer, &target.handshake);
        self.engine.opened(opened, self.log.now());
        self.lead(Wire::plain(stream), &expected).await
    }

    /// Dials while acts are taken: lines typed before the connection stands are held.
    async fn dial(&mut self, dialler: Dialler<'_>, target: &Target) -> Result<Option<Dialled>, Gone> {
        let dialling = dialler.dial(target);
        tokio::pin!(dialling);
        loop {
            let next = tokio::select! {
                done = &mut dialling => return match done {
                    Ok(stands) => Ok(Some(stands)),
                    Err(Missed::Gone) => Err(Gone),
                    Err(Missed::Failed(failure)) => {
                        self.log.tell(self.log.now(), What::Failed(failure)).await?;
                        Ok(None)
                    }
                },
                act = self.acts.recv() => act.ok_or(Gone)?,
            };
            self.act(next);
            while let Some(want) = self.engine.poll() {
                match want {
                    Want::Mark(mark) => self.log.mark(mark).await?,
                    Want::Close => return Ok(None),
                    Want::Preface(_) | Want::StartTls | Want::Derive => {}
                }
            }
        }
    }

    async fn lead(&mut self, mut wire: Wire, expected: &Expected) -> Result<(), Gone> {
        let mut buffer = vec![0; BLOCK];
        let mut watch = self.log.watch();
        loop {
            while let Some(want) = self.engine.poll() {
                match want {
                    Want::Mark(mark) => self.log.mark(mark).await?,
                    Want::Preface(line) => self.preface(&mut wire, &line).await?,
                    Want::StartTls => match self.start_tls(wire, expected).await? {
                        Some(encrypted) => wire = encrypted,
                        None => return self.finish().await,
                    },
                    Want::Derive => {
                        if let Some(derivation) = self.engine.derivation() {
                            self.logins.work(derivation);
                        }
                    }
                    Want::Close => return self.close(wire).await,
                }
            }
            let block = self.engine.wants_block();
            let (reads, due) = (self.engine.reads(), self.engine.deadline().map(|due| self.log.instant(due)));
            let step = tokio::select! {
                step = wire.step(reads, &mut buffer, self.engine.outgoing()) => Some(step),
                act = self.acts.recv() => {
                    self.act(act.unwrap_or(Act::Close));
                    None
                }
                block = next(&mut self.letter), if block => {
                    self.block(block);
                    None
                }
                salted = self.logins.worked() => {
                    if let Some(salted) = salted {
                        self.engine.derived(&salted, self.log.now());
                    }
                    None
                }
                () = async { sleep_until(due.unwrap_or_else(tokio::time::Instant::now)).await }, if due.is_some() => {
                    self.engine.tick(self.log.now());
                    None
                }
            };
            if let Some(slept) = self.log.slept(&mut watch) {
                self.log.mark(Mark::Suspended(slept)).await?;
            }
            if let Some(step) = step {
                self.take(step, &buffer).await?;
            }
        }
    }

    /// Writes the line that stands before all else. If the stream breaks, reading will tell.
    async fn preface(&mut self, wire: &mut Wire, line: &[u8]) -> Result<(), Gone> {
        let mut left = line;
        while !left.is_empty() {
            match timeout(FAREWELL, wire.step(false, &mut [], left)).await {
                Ok(Step::Wrote(wrote)) => left = left.get(wrote..).unwrap_or_default(),
                _ => break,
            }
        }
        let gone = line.get(..line.len() - left.len()).unwrap_or_default();
        self.log.bytes(Side::Client, self.log.now(), gone).await
    }

    fn act(&mut self, act: Act) {
        let now = self.log.now();
        match act {
            Act::Send(octets) => self.engine.send(Item::Line(octets), now),
            Act::SendNow(octets) => self.engine.send(Item::Now(octets), now),
            Act::Letter(letter) => drop(self.post(letter, now)),
            Act::Post(letter) => {
                // Without its letter the dot would end another one.
                if self.post(letter, now) {
                    self.engine.send(Item::Line(Arc::from(END)), now);
                }
            }
            Act::Authenticate(wanted) => match self.logins.begin(&wanted) {
                Ok(exchange) => self.engine.authenticate(exchange, wanted.initial, now),
                Err(why) => self.engine.login_refused(&why),
            },
            Act::Release => self.engine.let_go(now),
            Act::KeepWaiting => self.engine.keep_waiting(now),
            Act::StopWaiting => self.engine.stop_waiting(now),
            Act::GoOn => self.engine.go_on(now),
            Act::Close => self.engine.close(now),
            // Here the server is at the other end.
            Act::Serve(_) => {}
        }
    }

    /// Hands a letter to the engine; false if it took none.
    fn post(&mut self, letter: Letter, now: Moment) -> bool {
        let another = self.engine.has_letter();
        self.engine.send(Item::Letter, now);
        let taken = !another && self.engine.has_letter();
        if taken {
            self.letter = Some(Blocks::of(letter));
        }
        taken
    }

    fn block(&mut self, block: Result<Block, Cut>) {
        let now = self.log.now();
        let last = match block {
            Ok(block) => {
                self.elided = block.elided;
                self.engine.block(block.octets, block.last, now);
                block.last
            }
            Err(cut) => {
                self.engine.letter_failed(cut.name, cut.why);
                true
            }
        };
        if last {
            self.letter = None;
        }
    }

    async fn take(&mut self, step: Step, buffer: &[u8]) -> Result<(), Gone> {
        let now = self.log.now();
        match step {
            Step::Read(0) => self.engine.closed(Ending::Clean),
            Step::Read(read) => {
                let octets = buffer.get(..read).unwrap_or_default();
                let taken = self.engine.receive(octets, now);
                self.log.bytes(Side::Server, now, octets.get(..taken).unwrap_or_default()).await?;
            }
            Step::Wrote(wrote) => {
                let octets = self.engine.outgoing().get(..wrote).unwrap_or_default();
                let what = if self.elided && self.engine.is_block() {
                    What::Elided(Side::Client, octets.len() as u64)
                } else {
                    What::Bytes(Side::Client, Arc::from(octets))
                };
                self.engine.wrote(wrote, now);
                self.log.tell(now, what).await?;
            }
            Step::Broke(how) => self.engine.closed(how),
        }
        Ok(())
    }

    /// Makes sure that nothing stands between the 220 and the handshake, and shakes hands.
    async fn start_tls(&mut self, wire: Wire, expected: &Expected) -> Result<Option<Wire>, Gone> {
        let Some(mut stream) = wire.into_plain() else { return Ok(None) };
        if !self.tls_first {
            match surplus(stream.as_mut()).await {
                Ok(octets) if octets.is_empty() => {}
                Ok(octets) => {
                    self.log.bytes(Side::Server, self.log.now(), &octets).await?;
                    self.engine.injected();
                    return Ok(Some(Wire::plain(stream)));
                }
                Err(why) => {
                    self.engine.tls(Err(TlsFailure::at_once(why)), self.log.now());
                    return Ok(Some(Wire::plain(stream)));
                }
            }
        }
        self.log.mark(Mark::TlsStarted { sni: expected.sni() }).await?;
        let shaken = {
            let tls = self.tls.clone();
            let shaking = tls.shake(stream, expected, self.tls_first);
            tokio::pin!(shaking);
            loop {
                tokio::select! {
                    shaken = &mut shaking => break Some(shaken),
                    act = self.acts.recv() => self.act(act.unwrap_or(Act::Close)),
                }
                if self.engine.is_over() {
                    break None;
                }
            }
        };
        match shaken {
            Some(Ok((stream, facts))) => {
                self.logins.secured(stream.get_ref().1);
                self.engine.tls(Ok(facts), self.log.now());
                Ok(Some(Wire::tls(stream)))
            }
            Some(Err(failure)) => {
                self.engine.tls(Err(failure), self.log.now());
                Ok(None)
            }
            None => Ok(None),
        }
    }

    /// The stream is gone: what the engine still has to say.
    async fn finish(&mut self) -> Result<(), Gone> {
        while let Some(want) = self.engine.poll() {
            if let Want::Mark(mark) = want {
                self.log.mark(mark).await?;
            }
        }
        Ok(())
    }

    async fn close(&mut self, mut wire: Wire) -> Result<(), Gone> {
        // The connection is over for us either way; a peer that takes no goodbye must not keep us.
        let _ = timeout(FAREWELL, wire.shutdown()).await;
        self.finish().await
    }
}

/// The next block of the letter that is on its way.
async fn next(letter: &mut Option<Blocks>) -> Result<Block, Cut> {
    match letter {
        Some(letter) => letter.next().await,
        None => std::future::pending().await,
    }
}
