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
pub mod config;
pub mod reply;
pub mod saying;

mod envelope;
mod input;
mod letter;
mod login;

#[cfg(test)]
mod tests;

use crate::smtp::command::{Arguments, Command, Verb};
use crate::smtp::limits::{AUTH_LINE, Limits};
use crate::smtp::line::Ending;
use crate::smtp::path::ReversePath;
use crate::tape::Moment;

use ask::{Ask, Decision, Protocol, Transaction};
use config::{BareLf, Config, Extension, Greeting};
use input::{Input, Taken};
use letter::Incoming;
use login::Exchange;
use reply::Reply;
use saying::Saying;

/// A server's side of one session.
pub struct Server {
    config: Config,
    input: Input,
    outgoing: Vec<u8>,
    state: State,
    transaction: Option<Transaction>,
    question: Question,
    mode: Mode,
    errors: u32,
    heard: Moment,
}

/// What the session has come to.
#[derive(Debug, Default)]
struct State {
    /// How the client named itself, and whether by EHLO.
    hello: Option<(Vec<u8>, bool)>,
    secure: bool,
    user: Option<Vec<u8>>,
    /// EHLO or HELO is being answered: no answer to them carries a status code (RFC 2034 §4).
    greeting: bool,
    closing: bool,
}

/// What the next octets are.
#[derive(Debug)]
enum Mode {
    Commands,
    Letter(Incoming),
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
            state: State::default(),
            transaction: None,
            question: Question::None,
            mode: Mode::Commands,
            errors: 0,
            heard: now,
        };
        match server.config.greeting {
            Greeting::Welcome => server.say(Saying::Welcome, ""),
            Greeting::NoService => server.say(Saying::NoService, ""),
            Greeting::Busy => server.close_with(Saying::Busy),
        }
        server
    }

    /// Takes octets from the client.
    pub fn receive(&mut self, octets: &[u8], now: Moment) {
        self.heard = now;
        if !self.state.closing {
            self.input.push(octets);
        }
    }

    /// What is to be written now, with one write; empty if nothing is.
    pub fn outgoing(&self) -> &[u8] {
        &self.outgoing
    }

    /// So many octets of it are written.
    pub fn wrote(&mut self, octets: usize) {
        self.outgoing.drain(..octets.min(self.outgoing.len()));
    }

    /// What the host is to decide or to do; it must be answered (or done) before anything goes on. What is
    /// [`outgoing`](Self::outgoing) is written first.
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
            self.decided(ask, decision);
            self.state.greeting = false;
        }
    }

    /// TLS stands. All that was said in plain text is forgotten (RFC 3207 §4.2).
    pub fn tls_ready(&mut self) {
        self.input.clear();
        self.state = State { secure: true, ..State::default() };
        self.transaction = None;
        self.mode = Mode::Commands;
    }

    /// The host goes down: 421, then close (RFC 5321 §3.8).
    pub fn shutdown(&mut self) {
        self.close_with(Saying::ShuttingDown);
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
            let went_on = match &mut self.mode {
                Mode::Letter(_) => self.take_letter(),
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

    fn command_line(&mut self, line: &[u8]) {
        let command = Command::parse(line);
        self.state.greeting = matches!(command.verb, Verb::Ehlo | Verb::Helo);
        if let Some(saying) = self.line_fault(&command) {
            return self.refuse(saying, "");
        }
        if command.line.len() > Limits::default().command_line(command.verb, None).max(self.longest(command.verb)) {
            return self.refuse(Saying::LineTooLong, "");
        }
        if self.config.greeting == Greeting::NoService && command.verb != Verb::Quit {
            return self.refuse(Saying::OnlyQuit, "");
        }
        match self.gate(command.verb) {
            Some(saying) => self.refuse(saying, command.verb.name()),
            None => self.obey(&command),
        }
    }

    /// Octets that this host takes on a command line, its extensions included.
    fn longest(&self, verb: Verb) -> usize {
        match verb {
            Verb::Mail if self.offers(Extension::Size) => crate::smtp::limits::COMMAND_LINE + 26,
            Verb::Auth => AUTH_LINE,
            _ => crate::smtp::limits::COMMAND_LINE,
        }
    }

    /// What is wrong with the line itself.
    fn line_fault(&self, command: &Command<'_>) -> Option<Saying> {
        let text = command.line.text;
        if command.line.ending == Ending::Lf && self.config.bare_lf == BareLf::Refuse {
            Some(Saying::BareLf)
        } else if text.iter().any(|octet| matches!(octet, b'\r' | 0)) || command.line.ending == Ending::CrCrLf {
            Some(Saying::LineControl)
        } else if command.verb_span.start > 0 {
            Some(Saying::Indented)
        } else if !text.is_ascii() {
            Some(Saying::LineEightBit)
        } else {
            None
        }
    }

    /// What must come before this verb is done.
    fn gate(&self, verb: Verb) -> Option<Saying> {
        let free = matches!(verb, Verb::Ehlo | Verb::Helo | Verb::Noop | Verb::Quit | Verb::StartTls);
        if self.config.tls_required && !self.state.secure && !free {
            return Some(Saying::TlsFirst);
        }
        let open = free || matches!(verb, Verb::Auth | Verb::Rset | Verb::Help);
        (self.config.auth_required && self.state.user.is_none() && !open).then_some(Saying::AuthFirst)
    }

    fn obey(&mut self, command: &Command<'_>) {
        match command.verb {
            Verb::Ehlo if self.config.ehlo => self.hello(command, true),
            Verb::Helo => self.hello(command, false),
            Verb::Mail => self.mail(command),
            Verb::Rcpt => self.rcpt(command),
            Verb::Data => self.data(command),
            Verb::Rset => self.bare(command, |server| {
                server.transaction = None;
                server.say(Saying::ResetOk, "");
            }),
            Verb::Quit => self.bare(command, |server| server.close_with(Saying::Goodbye)),
            Verb::Noop => self.say(Saying::NoopOk, ""),
            Verb::Vrfy => self.ask_about(command, Ask::Verify),
            Verb::Expn if self.offers(Extension::Expn) => self.ask_about(command, Ask::Expand),
            Verb::Help => self.say(Saying::Help, &self.commands()),
            Verb::StartTls if self.config.ever_offers(Extension::StartTls) => self.start_tls(command),
            Verb::Auth if self.config.ever_offers(Extension::Auth) => self.begin_login(command),
            Verb::Other => self.unknown(command),
            verb if self.config.ehlo || is_of_1982(verb) => self.refuse(Saying::NotImplemented, verb.name()),
            _ => self.refuse(Saying::Unknown, ""),
        }
    }

    /// A web browser that was sent here must not find a server that obeys the lines of its form.
    fn unknown(&mut self, command: &Command<'_>) {
        const HTTP: [&[u8]; 5] = [b"GET", b"POST", b"PUT", b"CONNECT", b"HEAD"];
        if HTTP.contains(&command.word()) && command.argument.windows(5).any(|word| word == b"HTTP/") {
            self.close_with(Saying::WebClient);
        } else {
            self.refuse(Saying::Unknown, "");
        }
    }

    fn commands(&self) -> String {
        let optional = [
            (Verb::Ehlo, self.config.ehlo),
            (Verb::StartTls, self.offers(Extension::StartTls)),
            (Verb::Auth, self.offers(Extension::Auth)),
            (Verb::Expn, self.offers(Extension::Expn)),
        ];
        let always = [
            Verb::Helo,
            Verb::Mail,
            Verb::Rcpt,
            Verb::Data,
            Verb::Rset,
            Verb::Noop,
            Verb::Vrfy,
            Verb::Help,
            Verb::Quit,
        ];
        let offered = optional.into_iter().filter(|(_, offered)| *offered).map(|(verb, _)| verb);
        offered.chain(always).map(Verb::name).collect::<Vec<_>>().join(" ")
    }

    fn hello(&mut self, command: &Command<'_>, extended: bool) {
        let Arguments::Hello(_) = command.parsed() else {
            return self.refuse(Saying::BadHello, command.verb.name());
        };
        if !command.hello_name().is_some_and(is_name) {
            return self.refuse(Saying::BadHello, command.verb.name());
        }
        self.ask(Ask::Hello { name: command.argument.to_vec(), extended });
    }

    /// A command that takes no argument.
    fn bare(&mut self, command: &Command<'_>, act: fn(&mut Self)) {
        if command.argument.is_empty() {
            act(self);
        } else {
            self.refuse(Saying::NoArgument, command.verb.name());
        }
    }

    fn ask_about(&mut self, command: &Command<'_>, ask: fn(Vec<u8>) -> Ask) {
        if command.argument.is_empty() {
            self.refuse(Saying::WantsArgument, command.verb.name());
        } else {
            self.ask(ask(command.argument.to_vec()));
        }
    }

    fn start_tls(&mut self, command: &Command<'_>) {
        if !command.argument.is_empty() {
            self.refuse(Saying::NoArgument, "STARTTLS");
        } else if self.state.secure {
            self.refuse(Saying::TlsAlready, "");
        } else if self.state.hello.is_none() {
            self.refuse(Saying::NeedHello, "");
        } else {
            // What a client sent behind STARTTLS in plain text could pose as encrypted later (RFC 3207 §4.2).
            self.input.clear();
            self.transaction = None;
            self.say(Saying::TlsGo, "");
            self.ask(Ask::StartTls);
        }
    }

    fn decided(&mut self, ask: Ask, decision: &Decision) {
        match ask {
            Ask::Hello { name, extended } => self.greeted(name, extended, decision),
            Ask::Mail { path, params } => self.mail_decided(path, params, decision),
            Ask::Rcpt(path) => self.rcpt_decided(path, decision),
            Ask::Login(login) => self.login_decided(&login, decision),
            Ask::Letter(_) => self.letter_decided(decision),
            Ask::Verify(_) | Ask::Expand(_) => self.answer_with(decision, Saying::CannotVerify, ""),
            Ask::StartTls | Ask::Close => {}
        }
    }

    /// The hello is taken: the transaction is dropped as by RSET (RFC 5321 §4.1.4).
    fn greeted(&mut self, name: Vec<u8>, extended: bool, decision: &Decision) {
        if !decision.is_yes() {
            return self.answer_with(decision, Saying::BadHello, "");
        }
        let client = String::from_utf8(name.clone()).unwrap_or_default();
        self.state.hello = Some((name, extended));
        self.transaction = None;
        let mut reply = match decision {
            Decision::Accept => self.reply(Saying::Hello, &client),
            Decision::Say(reply) => reply.clone(),
        };
        let offers = if extended { self.config.offers(self.state.secure) } else { &[] };
        for extension in offers {
            reply = reply.and(&self.config.offer(*extension));
        }
        self.send(&reply);
    }

    fn offers(&self, extension: Extension) -> bool {
        self.config.offers(self.state.secure).contains(&extension)
    }

    fn protocol(&self) -> Protocol {
        let extended = self.state.hello.as_ref().is_some_and(|(_, extended)| *extended);
        Protocol { extended, secure: self.state.secure, authenticated: self.state.user.is_some() }
    }

    fn ask(&mut self, ask: Ask) {
        self.question = Question::Ready(ask);
    }

    /// Says no, and closes when it has been said too often.
    fn refuse(&mut self, saying: Saying, it: &str) {
        self.errors += 1;
        if self.errors > self.config.limits.errors {
            self.close_with(Saying::TooManyErrors);
        } else {
            self.say(saying, it);
        }
    }

    /// Says the last thing. What the host was asked meanwhile has no answer any more.
    fn close_with(&mut self, saying: Saying) {
        if !self.state.closing {
            self.say(saying, "");
            self.state.closing = true;
            self.question = Question::None;
        }
    }

    /// The host's reply, or the engine's own words for a plain yes.
    fn answer_with(&mut self, decision: &Decision, yes: Saying, it: &str) {
        match decision {
            Decision::Accept => self.say(yes, it),
            Decision::Say(reply) => {
                if reply.code().is_failure() {
                    self.errors += 1;
                }
                self.send(reply);
            }
        }
    }

    fn say(&mut self, saying: Saying, it: &str) {
        let reply = self.reply(saying, it);
        self.send(&reply);
    }

    fn send(&mut self, reply: &Reply) {
        let with_status = self.offers(Extension::EnhancedStatusCodes) && !self.state.greeting;
        self.outgoing.extend(reply.encode(with_status));
    }

    fn reply(&self, saying: Saying, it: &str) -> Reply {
        let client = self.state.hello.as_ref().map(|(name, _)| name.as_slice()).unwrap_or_default();
        let client = if saying == Saying::Hello { it.to_owned() } else { reply::printable(client) };
        let text = self
            .config
            .words(saying)
            .replace("{host}", &self.config.host)
            .replace("{client}", &client)
            .replace("{it}", it);
        Reply::new(saying.code(), saying.status(), &text)
    }
}

/// The verbs of RFC 821 §4.1 that a host need not have.
const fn is_of_1982(verb: Verb) -> bool {
    matches!(verb, Verb::Expn | Verb::Help | Verb::Send | Verb::Soml | Verb::Saml | Verb::Turn)
}

/// A domain or an address literal, and nothing behind it.
fn is_name(name: &[u8]) -> bool {
    !name.contains(&b' ')
        && (crate::smtp::path::is_hello_name(name) || name.iter().all(|octet| is_domain_octet(*octet)))
}

/// Servers must not refuse a client for a name without a dot (RFC 5321 §4.1.4); what is no name at all is a syntax error.
fn is_domain_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_')
}

/// The reverse path as it stands between angle brackets.
pub fn sender(path: &ReversePath) -> String {
    String::from_utf8(path.encode()).unwrap_or_default().trim_matches(['<', '>']).to_owned()
}
