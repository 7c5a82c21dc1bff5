//! The receiving end of an SMTP connection: a strict and complete RFC 5321 receiver.
//!
//! ```text
//!          receive ─▶ input ─▶ one command at a time ─▶ reply ─▶ outgoing
//!                                       │    ▲
//!                                  poll ▼    │ answer
//!                                  the host decides
//! ```
//!
//! Commands are taken in order. What only the host can decide (is this a mailbox? is this letter taken?) is an [`Ask`],
//! and until it is answered nothing more is read: with PIPELINING the client's next commands wait in the input. Every
//! command gets exactly one reply, and every reply is one write.

pub mod ask;
mod chunk;
pub mod config;
pub mod reply;
pub mod saying;

mod dispatch;
mod envelope;
mod input;
mod letter;
mod login;
mod speak;

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, VecDeque};

use crate::smtp::limits::AUTH_LINE;
use crate::smtp::path::ReversePath;
use crate::smtp::stage::Stage;
use crate::tape::Moment;

use ask::{Ask, Decision, Dialect, Protocol, Transaction};
use chunk::{Chunks, Coming};
use config::{Config, Extension, Greeting, Upgrade};
use input::{Input, Taken};
use letter::Incoming;
use login::Exchange;
use saying::Saying;

/// A reply as it is to be written, and what it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The step that it answers; none for commands that may come at any time.
    pub stage: Option<Stage>,
    /// Its octets.
    pub octets: Vec<u8>,
}

/// A server's side of one session.
pub struct Server {
    config: Config,
    input: Input,
    outgoing: Vec<u8>,
    /// The replies in it: what each answers, and its octets that are not written.
    replies: VecDeque<(Option<Stage>, usize)>,
    stage: Option<Stage>,
    state: State,
    transaction: Option<Transaction>,
    /// What has come by BDAT in this transaction.
    chunks: Option<Chunks>,
    /// What LIMITS counts.
    counts: Counts,
    question: Question,
    mode: Mode,
    errors: u32,
    heard: Moment,
    /// Octets of the greeting that are not written.
    greeting: usize,
}

/// What the session has come to.
#[expect(clippy::struct_excessive_bools, reason = "each becomes true by itself")]
#[derive(Debug, Default)]
struct State {
    /// How the client named itself, and in which dialect.
    hello: Option<(Vec<u8>, Dialect)>,
    secure: bool,
    user: Option<Vec<u8>>,
    /// What ties logins to the TLS connection (RFC 9266).
    exported: Option<[u8; 32]>,
    /// What every command but QUIT gets, if nothing is done for this client.
    barred: Option<Saying>,
    /// The client spoke before the greeting was out.
    early: bool,
    /// EHLO or HELO is being answered: no answer to them carries a status code (RFC 2034 §4).
    greeting: bool,
    /// The client asked for an answer beyond ASCII (RFC 6531 §3.7.4.2).
    utf8: bool,
    closing: bool,
}

/// What LIMITS counts in a connection, whatever becomes of its TLS and its transactions (RFC 9422 §4).
#[derive(Debug, Default)]
struct Counts {
    /// MAIL commands.
    mails: u32,
    /// Domains of accepted recipients, in lower case.
    domains: BTreeSet<Vec<u8>>,
}

/// What the next octets are.
#[derive(Debug)]
enum Mode {
    Commands,
    Letter(Incoming),
    Chunk(Coming),
    Login(Exchange),
}

/// A question to the host.
#[derive(Debug)]
enum Question {
    None,
    /// To be handed out.
    Ready(Ask),
    /// Handed out; the answer is due.
    Asked(Ask),
}

impl Server {
    /// A session that begins at `now`; the greeting goes out first.
    pub fn new(config: Config, now: Moment) -> Self {
        let mut server = Self {
            config,
            input: Input::default(),
            outgoing: Vec::new(),
            replies: VecDeque::new(),
            stage: Some(Stage::Greeting),
            state: State::default(),
            transaction: None,
            chunks: None,
            counts: Counts::default(),
            question: Question::None,
            mode: Mode::Commands,
            errors: 0,
            heard: now,
            greeting: 0,
        };
        match server.config.greeting {
            Greeting::Welcome => server.say(Saying::Welcome, ""),
            Greeting::NoService => {
                server.state.barred = Some(Saying::OnlyQuit);
                server.say(Saying::NoService, "");
            }
            Greeting::NoMail => {
                server.state.barred = Some(Saying::NeverMail);
                server.say(Saying::NoMail, "");
            }
            Greeting::Busy => server.close_with(Saying::Busy),
        }
        server.greeting = server.outgoing.len();
        server
    }

    /// Takes octets from the client.
    pub fn receive(&mut self, octets: &[u8], now: Moment) {
        self.heard = now;
        if !self.state.closing {
            self.state.early |= self.greeting > 0 && !octets.is_empty();
            self.input.push(octets);
        }
    }

    /// What is to be written, with one write, before the host takes up TLS or closes, and when [`poll`](Self::poll) has
    /// nothing: until then the replies of a group gather (RFC 2920 §3.2). Empty if nothing is.
    pub fn outgoing(&self) -> &[u8] {
        &self.outgoing
    }

    /// So many octets of it are written.
    pub fn wrote(&mut self, octets: usize) {
        self.outgoing.drain(..octets.min(self.outgoing.len()));
        self.greeting = self.greeting.saturating_sub(octets);
        let mut rest = octets;
        while let Some((_, left)) = self.replies.front_mut()
            && rest > 0
        {
            let done = rest.min(*left);
            (*left, rest) = (*left - done, rest - done);
            if *left == 0 {
                self.replies.pop_front();
            }
        }
    }

    /// The replies that are to be written, one by one; they count as written.
    pub fn said(&mut self) -> Vec<Said> {
        self.greeting = 0;
        let mut octets = std::mem::take(&mut self.outgoing);
        let mut said = Vec::new();
        for (stage, length) in self.replies.drain(..) {
            let rest = octets.split_off(length.min(octets.len()));
            said.push(Said { stage, octets: std::mem::replace(&mut octets, rest) });
        }
        said
    }

    /// What the host is to decide or to do; it must be answered (or done) before anything goes on.
    pub fn poll(&mut self) -> Option<Ask> {
        self.go_on();
        match std::mem::replace(&mut self.question, Question::None) {
            Question::Ready(ask) => {
                self.question = match &ask {
                    // These are done, not answered.
                    Ask::Close | Ask::StartTls => Question::None,
                    ask => Question::Asked(ask.clone()),
                };
                Some(ask)
            }
            asked => {
                self.question = asked;
                None
            }
        }
    }

    /// The host's answer to what [`poll`](Self::poll) gave out.
    pub fn answer(&mut self, decision: &Decision) {
        if let Question::Asked(ask) = std::mem::replace(&mut self.question, Question::None) {
            match decision {
                Decision::Drop => self.state.closing = true,
                decision => self.decided(ask, decision),
            }
            self.state.greeting = false;
        }
    }

    /// TLS stands. All that was said in plain text is forgotten (RFC 3207 §4.2).
    pub fn tls_ready(&mut self) {
        let mut kept = State { barred: self.state.barred, ..State::default() };
        if self.config.upgrade == Upgrade::Vulnerable {
            kept.hello = self.state.hello.take();
        } else {
            self.input.clear();
        }
        self.state = State { secure: true, ..kept };
        self.forget();
        self.mode = Mode::Commands;
    }

    /// TLS stands, and it is weaker than the host wants: 554 to all but QUIT (RFC 3207 §4.1).
    pub fn tls_too_weak(&mut self) {
        self.state.barred = Some(Saying::TlsWeak);
    }

    /// The host goes down: 421, then close (RFC 5321 §3.8).
    pub fn shutdown(&mut self) {
        self.close_with(Saying::ShuttingDown);
    }

    /// An extension is not to be had any more.
    pub fn withdraw(&mut self, extension: Extension) {
        for list in [&mut self.config.offers, &mut self.config.offers_in_tls] {
            list.retain(|offered| *offered != extension);
        }
    }

    /// The time is `now`: a client that has been silent for too long gets 421.
    pub fn tick(&mut self, now: Moment) {
        if !self.state.closing && now >= self.deadline() {
            self.close_with(Saying::Idle);
        }
    }

    /// When a silent client has been silent for too long.
    pub fn deadline(&self) -> Moment {
        self.heard.after(self.config.limits.idle)
    }

    /// Takes commands until one needs the host, or until there is none.
    fn go_on(&mut self) {
        while matches!(self.question, Question::None) {
            if self.state.closing {
                self.question = Question::Ready(Ask::Close);
                return;
            }
            if let Some(saying) = self.config.early_talk.filter(|_| self.state.early) {
                // A client that does not wait for the greeting hears of that, and of nothing else.
                self.outgoing.clear();
                self.replies.clear();
                self.too_early(saying);
                continue;
            }
            let went_on = match &mut self.mode {
                Mode::Letter(_) => self.take_letter(),
                Mode::Chunk(_) => self.take_chunk(),
                Mode::Login(_) => self.take_line(AUTH_LINE, Self::login_line, Saying::AuthTooLong),
                Mode::Commands => self.take_command(),
            };
            if !went_on {
                return;
            }
            self.state.greeting &= matches!(self.question, Question::Ready(_));
        }
    }

    fn take_command(&mut self) -> bool {
        let auth = self.offers(Extension::Auth);
        let limit = if auth { AUTH_LINE } else { self.config.limits.command };
        self.take_line(limit, Self::command_line, Saying::LineTooLong)
    }

    /// Takes one line, if it is there. A line that is too long gets `too_long`, and the next one is read as if nothing
    /// had happened (RFC 5321 §4.5.3.1.4).
    fn take_line(&mut self, limit: usize, take: fn(&mut Self, &[u8]), too_long: Saying) -> bool {
        match self.input.line(limit, self.config.limits.endless) {
            None => false,
            Some(Taken::Endless) => {
                self.close_with(Saying::EndlessLine);
                true
            }
            Some(Taken::TooLong) => {
                self.mode = Mode::Commands;
                self.refuse(too_long, "");
                true
            }
            Some(Taken::Line(line)) => {
                take(self, &line);
                true
            }
        }
    }

    /// Drops the transaction and what came of its letter.
    fn forget(&mut self) {
        (self.transaction, self.chunks) = (None, None);
    }

    fn offers(&self, extension: Extension) -> bool {
        self.config.offers(self.state.secure).any(|offered| offered == extension)
    }

    fn offers_keyword(&self, keyword: &str) -> bool {
        Extension::from_keyword(keyword).is_some_and(|extension| self.offers(extension))
    }

    fn protocol(&self) -> Protocol {
        let dialect = self.state.hello.as_ref().map_or(Dialect::Smtp, |(_, dialect)| *dialect);
        Protocol { dialect, utf8: false, secure: self.state.secure, authenticated: self.state.user.is_some() }
    }

    fn ask(&mut self, ask: Ask) {
        self.question = Question::Ready(ask);
    }
}

/// The reverse path as it stands between angle brackets.
pub fn sender(path: &ReversePath) -> String {
    String::from_utf8(path.encode()).unwrap_or_default().trim_matches(['<', '>']).to_owned()
}
