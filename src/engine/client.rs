//! The client's end of a connection: what was asked and not answered, what is held back, how long to wait.
//!
//! Every command line, every end of a letter and every answer to a challenge asks for one reply (in LMTP the end of a
//! letter for one a recipient); replies are matched in that order. A line that is sent the usual way waits until nothing
//! is outstanding (RFC 5321 §4.3.1); a line that is sent at once does not. Nothing here decides for the user: a time-out
//! is marked and the wait goes on when the user says so, a refused certificate holds all lines back until the user goes
//! on. Two things end a connection by themselves: octets behind the 220 of STARTTLS, and an answer inside a letter.
//!
//! ```text
//! new ──opened──▶ Open ──220 to STARTTLS──▶ Handshake ──tls(Ok)──▶ Open ──closed, close, a limit──▶ Over
//!         └────────────TLS first──────────────▲  └──tls(Err)──▶ Over
//! ```

mod expected;
mod lane;
mod lead;
mod login;
mod profile;
mod queue;
mod recipients;
mod replies;
#[cfg(test)]
mod tests;
mod tls;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::dialogue::exchange::Cause;
use crate::smtp::command::Verb;
use crate::smtp::proxy;
use crate::tape::mark::{Closed, Ending, Hold, Mark, Opened, Wait};
use crate::tape::tls::{NoTls, Opening, TlsDecision};
use crate::tape::{Moment, Side};
pub use profile::Profile;

use expected::Expected;
use lane::Lane;
use lead::Lead;
use login::Led;
use queue::{Held, Outgoing, Piece};
use replies::{Read, Replies, Whole};

/// Something to write. One item is one write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// When the server is ready for it.
    Line(Arc<[u8]>),
    /// Now, whatever the server has answered so far.
    Now(Arc<[u8]>),
    /// A letter, when the server is ready for it, one at a time; its octets come block by block through [`Client::block`].
    Letter,
}

/// What the engine wants done by its driver, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Want {
    /// Something for the tape.
    Mark(Mark),
    /// Write this line before all else. It is none of SMTP, and nothing answers it.
    Preface(Arc<[u8]>),
    /// Begin the TLS handshake, after making sure that no octet waits to be read.
    StartTls,
    /// Do the slow part of a login, which [`Client::derivation`] hands out, without keeping the connection waiting.
    Derive,
    /// Close the connection; nothing more will be wanted.
    Close,
}

/// Where the connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not there yet.
    Dialling,
    /// The TLS handshake is under way.
    Handshake,
    /// Octets go both ways.
    Open,
    /// The end is decided and how it will be told; what is being written is written first.
    Leaving(Ending),
    /// Nothing goes any more.
    Over,
}

/// What carries the octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    /// Nothing but the connection.
    Plain,
    /// TLS, but the certificate is not in order and nobody has decided about it.
    Undecided,
    /// TLS.
    Encrypted,
}

/// The client's end of a connection.
#[derive(Debug)]
pub struct Client {
    profile: Profile,
    state: State,
    layer: Layer,
    /// The server finished sending.
    server_done: bool,
    lane: Lane,
    replies: Replies,
    expected: Expected,
    held: VecDeque<Held>,
    outgoing: VecDeque<Outgoing>,
    /// Octets of the first outgoing item that are written.
    written: usize,
    /// A letter is on its way and more of it will come.
    letter: bool,
    /// A login is led.
    login: Option<Led>,
    /// The session is led to TLS.
    lead: Option<Lead>,
    /// Since when the present wait lasts.
    since: Moment,
    /// The present wait ran out and nobody said to go on.
    overdue: bool,
    /// The server said goodbye at this moment.
    goodbye: Option<Moment>,
    wants: VecDeque<Want>,
}

impl Client {
    /// A client whose connection is still to be opened.
    pub fn new(profile: &Profile) -> Self {
        Self {
            profile: profile.clone(),
            state: State::Dialling,
            layer: Layer::Plain,
            server_done: false,
            lane: Lane::new(profile.limits.hand_line),
            replies: Replies::default(),
            expected: Expected::default(),
            held: VecDeque::new(),
            outgoing: VecDeque::new(),
            written: 0,
            letter: false,
            login: None,
            lead: Lead::of(profile.opening),
            since: Moment::START,
            overdue: false,
            goodbye: None,
            wants: VecDeque::new(),
        }
    }

    /// The connection stands.
    pub fn opened(&mut self, opened: Opened, now: Moment) {
        let preface = self.profile.announce.zip(opened.peer.inet());
        if let Some(lead) = self.lead.as_mut().filter(|_| opened.lmtp) {
            lead.speak_lmtp();
        }
        self.mark(Mark::Opened(opened));
        if let Some((client, server)) = preface {
            self.mark(Mark::Announced { client });
            self.wants.push_back(Want::Preface(Arc::from(proxy::line(client, server).as_bytes())));
        }
        self.expected.ask(Cause::Greeting);
        self.restart(now);
        if self.profile.opening == Opening::ImplicitTls {
            self.mark(Mark::TlsDecided(TlsDecision::First));
            self.state = State::Handshake;
            self.wants.push_back(Want::StartTls);
        } else {
            self.state = State::Open;
            self.release(now);
        }
    }

    /// Takes octets from the server; says how many were taken. Fewer than all means that reading is over.
    pub fn receive(&mut self, octets: &[u8], now: Moment) -> usize {
        let mut taken = 0;
        while self.reads() {
            let Some(rest) = octets.get(taken..).filter(|rest| !rest.is_empty()) else { break };
            let (len, read) = self.replies.read(rest, !self.expected.is_empty(), &self.profile.limits);
            taken += len;
            if let Some(lead) = &mut self.lead {
                lead.hear(rest.get(..len).unwrap_or_default());
            }
            match read {
                Some(Read::Reply(reply)) => self.replied(reply, now),
                Some(Read::Limit(limit)) => {
                    self.mark(Mark::Limit(limit));
                    self.end(Side::Client, Ending::Limit);
                }
                Some(Read::Line) | None => {}
            }
            if self.state == State::Handshake && taken < octets.len() {
                self.injected();
                return octets.len();
            }
        }
        self.release(now);
        taken
    }

    /// Sends an item, or holds it back and says so.
    pub fn send(&mut self, item: Item, now: Moment) {
        // A hand that answers has taken the login, be it with `*`.
        self.login = None;
        match item {
            Item::Now(octets) if self.writes() && self.barred().is_none() => self.write(octets, now),
            Item::Now(octets) => self.plan(Piece::Octets(octets), true, now),
            Item::Line(octets) => self.plan(Piece::Octets(octets), false, now),
            Item::Letter if self.has_letter() => self.mark(Mark::Dropped { lines: 1 }),
            Item::Letter => self.plan(Piece::Letter, false, now),
        }
    }

    /// Takes something to write when its time has come.
    fn plan(&mut self, piece: Piece, urgent: bool, now: Moment) {
        if !self.writes() {
            return self.mark(Mark::Dropped { lines: 1 });
        }
        self.held.push_back(Held { piece, urgent, marked: false });
        self.release(now);
    }

    /// The user waits on after a time-out.
    pub fn keep_waiting(&mut self, now: Moment) {
        if self.overdue {
            self.mark(Mark::KeptWaiting);
            self.restart(now);
        }
    }

    /// The user no longer waits for the replies that are due: what is held is dropped, and the next line does not wait
    /// for them. A letter that is on its way goes on: cut short, it would stand for the whole.
    pub fn stop_waiting(&mut self, now: Moment) {
        if self.state == State::Open && self.expected.awaited().is_some() && !self.letter {
            self.expected.stop_waiting();
            // A secret must not leave behind the back of who gave up.
            self.login = None;
            self.mark(Mark::StoppedWaiting);
            self.drop_held();
            self.restart(now);
            self.without_tls(NoTls::NotAwaited, now);
        }
    }

    /// The user wants to close: a line that is being written is written, what is held is dropped. A letter stops where it
    /// is: without its end it counts for nothing.
    pub fn close(&mut self, now: Moment) {
        match self.state {
            State::Over => {}
            State::Open if !self.outgoing.is_empty() && !self.is_block() && !self.server_done => {
                self.drop_held();
                self.state = State::Leaving(Ending::Clean);
                self.restart(now);
            }
            // RFC 3207 §4.1: who finds the certificate wanting says QUIT right after the handshake.
            State::Open if self.layer == Layer::Undecided && self.is_idle() => {
                self.drop_held();
                self.state = State::Leaving(Ending::Clean);
                self.write(Arc::from(&b"QUIT\r\n"[..]), now);
            }
            // A server that has finished sending closed first.
            _ if self.server_done => self.end(Side::Server, Ending::Clean),
            _ => self.end(Side::Client, Ending::Clean),
        }
    }

    /// What is to be written now, with one write; empty if there is nothing.
    pub fn outgoing(&self) -> &[u8] {
        let first = self.outgoing.front().filter(|_| matches!(self.state, State::Open | State::Leaving(_)));
        first.and_then(|first| first.octets.get(self.written..)).unwrap_or_default()
    }

    /// So many octets of [`Client::outgoing`] were written.
    pub fn wrote(&mut self, octets: usize, now: Moment) {
        let Some(first) = self.outgoing.front().map(|first| Arc::clone(&first.octets)) else { return };
        let end = self.written.saturating_add(octets).min(first.len());
        let idle = self.expected.awaited().is_none();
        self.lane.wrote(first.get(self.written..end).unwrap_or_default(), &mut self.expected);
        self.asked(idle, now);
        self.written = end;
        if end == first.len() {
            self.outgoing.pop_front();
            self.written = 0;
        }
        let block = self.expected.awaited().is_none() || self.lane.in_content() || self.lane.in_chunk();
        if self.goodbye.take().is_some() || block {
            self.restart(now);
        }
        if let (State::Leaving(how), true) = (self.state, self.outgoing.is_empty()) {
            self.end(Side::Client, how);
        }
        self.release(now);
    }

    /// The stream ended or broke: what the socket says.
    pub fn closed(&mut self, how: Ending) {
        if self.state == State::Over || (how == Ending::Clean && self.server_done) {
            return;
        }
        // With nothing outstanding, the end of the server's octets is all that is known: it may still listen.
        let idle = self.expected.is_empty() && self.outgoing.is_empty() && !self.lane.in_content();
        if how == Ending::Clean && idle && self.goodbye.is_none() && self.state == State::Open {
            self.server_done = true;
            return self.mark(Mark::HalfClosed { by: Side::Server });
        }
        self.end(Side::Server, how);
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Moment) {
        let Some((wait, _)) = self.due().filter(|(_, due)| *due <= now) else { return };
        match wait {
            Some(wait) => {
                self.overdue = true;
                self.mark(Mark::TimedOut(wait));
            }
            None => self.end(Side::Client, Ending::Lingered),
        }
    }

    /// When [`Client::tick`] has something to do.
    pub fn deadline(&self) -> Option<Moment> {
        self.due().map(|(_, due)| due)
    }

    /// What is to be done next.
    pub fn poll(&mut self) -> Option<Want> {
        self.wants.pop_front()
    }

    /// True once the connection is over.
    pub fn is_over(&self) -> bool {
        self.state == State::Over
    }

    /// True if nothing is under way and the server still listens.
    fn is_idle(&self) -> bool {
        self.expected.is_empty() && self.outgoing.is_empty() && !self.server_done && self.goodbye.is_none()
    }

    /// True until the end has come or is wanted.
    fn writes(&self) -> bool {
        !matches!(self.state, State::Over | State::Leaving(_))
    }

    /// True while octets of the server are wanted.
    pub fn reads(&self) -> bool {
        matches!(self.state, State::Open | State::Leaving(_)) && !self.server_done
    }

    /// What is awaited now and until when: nothing for the end of a server that said goodbye.
    fn due(&self) -> Option<(Option<Wait>, Moment)> {
        if !matches!(self.state, State::Open | State::Leaving(_)) {
            return None;
        }
        if let Some(goodbye) = self.goodbye {
            return Some((None, goodbye.after(self.profile.timers.linger)));
        }
        let (wait, patience) = self.awaited().filter(|_| !self.overdue)?;
        Some((Some(wait), self.since.after(patience)))
    }

    fn awaited(&self) -> Option<(Wait, Duration)> {
        let timers = &self.profile.timers;
        if !self.outgoing.is_empty() && self.lane.in_content() {
            return Some((Wait::DataBlock, timers.data_block));
        }
        match self.expected.awaited() {
            Some(Cause::Greeting) => Some((Wait::Greeting, timers.greeting)),
            Some(Cause::Command(Verb::Data)) => Some((Wait::DataStart, timers.data_start)),
            Some(Cause::Command(verb)) => Some((Wait::Reply, timers.reply(verb))),
            Some(Cause::EndOfData) => Some((Wait::DataEnd, timers.data_end)),
            Some(Cause::Sasl | Cause::Unasked) => Some((Wait::Reply, timers.command)),
            None => (!self.outgoing.is_empty()).then_some((Wait::Reply, timers.command)),
        }
    }

    /// A reply is complete.
    fn replied(&mut self, reply: Whole, now: Moment) {
        let code = reply.code;
        let cause = self.expected.answered(code).unwrap_or(Cause::Unasked);
        self.restart(now);
        let idle = self.expected.awaited().is_none();
        self.lane.answered(cause, reply, &mut self.expected);
        self.asked(idle, now);
        match cause {
            // What was typed for a letter or a login must not become commands.
            Cause::Command(Verb::Data) if code != 354 => self.drop_held(),
            Cause::Command(Verb::Auth) | Cause::Sasl if code >= 400 => self.drop_held(),
            Cause::Command(Verb::StartTls) if code == 220 && self.layer == Layer::Plain => self.start_tls(),
            // A 421 says goodbye, and is waited out like one.
            Cause::Unasked if code != 421 && self.lane.in_content() => self.answered_early(now),
            _ => {}
        }
        self.login_replied(cause, code, now);
        let farewell = cause == Cause::Command(Verb::Quit) && reply.is_success();
        if farewell || code == 221 || code == 421 {
            self.drop_held();
            self.goodbye = Some(now);
        }
        self.lead_replied(cause, reply, now);
    }

    /// Nothing was waited for before, and now something may be.
    fn asked(&mut self, idle: bool, now: Moment) {
        if idle && self.expected.awaited().is_some() {
            self.replies.asked();
            self.restart(now);
        }
    }

    /// Why nothing at all may be written.
    fn barred(&self) -> Option<Hold> {
        match self.state {
            State::Handshake if self.expected.is_empty() => Some(Hold::Reply),
            State::Dialling | State::Handshake => Some(Hold::Opening),
            _ if self.layer == Layer::Undecided => Some(Hold::Certificate),
            _ => self.leads().then_some(Hold::Upgrade),
        }
    }

    /// Why the next line has to wait its turn.
    fn busy(&self) -> Option<Hold> {
        match self.expected.awaited() {
            _ if self.lane.in_chunk() || self.lane.in_content() => None,
            Some(Cause::Greeting) => Some(Hold::Greeting),
            Some(_) => Some(Hold::Reply),
            None => self.derives().then_some(Hold::Reply),
        }
    }

    fn restart(&mut self, now: Moment) {
        self.since = now;
        self.overdue = false;
    }

    fn drop_held(&mut self) {
        self.dropped(self.held.len());
    }

    fn dropped(&mut self, lines: usize) {
        self.held.clear();
        self.letter = false;
        if lines > 0 {
            self.mark(Mark::Dropped { lines });
        }
    }

    fn end(&mut self, by: Side, how: Ending) {
        if self.state == State::Over {
            return;
        }
        self.drop_held();
        (self.login, self.lead) = (None, None);
        self.state = State::Over;
        self.mark(Mark::Closed(Closed { by, how }));
        self.wants.push_back(Want::Close);
    }

    fn mark(&mut self, mark: Mark) {
        self.wants.push_back(Want::Mark(mark));
    }
}
