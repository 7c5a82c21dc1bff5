//! The session model: tapes, dialogues, look-ups, letters. Its only writer is [`Model::apply`].
//!
//! Screens, headless faces and tests read the same model, so they cannot disagree. Nothing here waits, draws or asks
//! the time; what happened comes in as [`Signal`]s and leaves as reading.

pub mod about;
pub mod card;
pub mod compare;
pub mod journey;
pub mod lab_mail;
pub mod lab_state;
pub mod login;
pub mod look_ups;
pub mod outcome;
pub mod place;
mod promises;
mod recognise;
pub mod recorded;
pub mod target;
pub mod transcript;
pub mod visits;
pub mod walk;
pub mod words;

#[cfg(test)]
mod tests;

pub use promises::PROMISED;

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;

use lab_mail::LabMail;
use lab_state::LabState;
use look_ups::LookUps;
use secrecy::{ExposeSecret, SecretString};
use visits::{Caller, Visits};

use crate::dialogue::Dialogue;
use crate::dialogue::phase::Phase;
use crate::dialogue::row::RowId;
use crate::dialogue::secret::{self, Secrets};
use crate::knowledge::problems::Watch;
use crate::knowledge::{Problem, Server};
use crate::ports::net::{Place, SessionId, Target, What};
use crate::ports::{dns, lab, net};
use crate::smtp::limits::{LabLimits, Limits};
use crate::tape::mark::{Failure, LookUp, Mark, Opened};
use crate::tape::tls::{TlsDecision, TlsFacts, TlsFailure};
use crate::tape::told::{Imported, Means};
use crate::tape::{Moment, Side, Span, Tape};

/// Something that a service told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// Of a connection.
    Net(net::Signal),
    /// Of the DNS.
    Dns(dns::Signal),
    /// Of the lab.
    Lab(lab::Signal),
}

/// Everything that the application knows.
#[derive(Debug)]
pub struct Model {
    sessions: Vec<Session>,
    /// The number of the last session.
    last: u32,
    /// What others say to the lab, and hear.
    visits: Visits,
    letters: VecDeque<lab::Delivered>,
    /// The lab's mail on its way.
    pub lab_mail: LabMail,
    /// Who lives in the lab, and what is different there.
    pub lab_state: LabState,
    /// The DNS panel.
    pub look_ups: LookUps,
    /// What the network is still to be asked.
    wanted: Vec<net::Request>,
    /// False if nobody reads what sessions mean.
    explains: bool,
    /// Octets of letters that are kept.
    store: u64,
}

/// One connection, from the wish to its end. What was said does not print: a server may have repeated a secret.
pub struct Session {
    /// Its number.
    pub id: SessionId,
    /// Where it goes.
    pub target: Target,
    tape: Tape,
    dialogue: Dialogue,
    /// What is hidden besides the secrets of the dialogue: what was typed into a form, and the holes of a recording.
    kept: Secrets,
    watch: Watch,
    state: State,
    server: Option<&'static Server>,
    greetings: usize,
    /// Who speaks, if somebody else does: nothing can be sent here then.
    caller: Option<Caller>,
    /// The handshake against which the promises of the DNS were held, by the place of its mark.
    held: Option<usize>,
    /// False if nobody reads what it means.
    explained: bool,
    /// Where it was read from, if it was not recorded here.
    imported: Option<Imported>,
}

/// Where a connection stands, seen from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Looking up and dialling.
    Connecting,
    /// It stands.
    Open,
    /// It never stood.
    Failed(Failure),
    /// It is over.
    Over,
}

impl Model {
    /// A model without sessions.
    pub fn new(look_ups: LookUps) -> Self {
        Self {
            sessions: Vec::new(),
            last: 0,
            visits: Visits::default(),
            letters: VecDeque::new(),
            lab_mail: LabMail::default(),
            lab_state: LabState::default(),
            look_ups,
            wanted: Vec::new(),
            explains: true,
            store: LabLimits::default().store,
        }
    }

    /// A model whose sessions are not explained: neither problems nor servers are recognised, and no table of the
    /// knowledge is opened.
    pub fn without_words(look_ups: LookUps) -> Self {
        Self { explains: false, ..Self::new(look_ups) }
    }

    /// Takes in what a service told.
    pub fn apply(&mut self, signal: &Signal) {
        match signal {
            Signal::Net(signal) => {
                let Some(at) = self.sessions.iter().position(|session| session.id == signal.session) else { return };
                let (before, rest) = self.sessions.split_at_mut(at);
                let Some(session) = rest.first_mut() else { return };
                if matches!(&signal.what, What::Mark(Mark::Fetched(_))) && !session.is_open() {
                    // It came too late to be about anything.
                    return;
                }
                session.apply(signal.at, &signal.what);
                if let What::Mark(Mark::TlsReady(facts)) = &signal.what
                    && let Some(changed) = changed(before, &session.target, facts)
                {
                    session.annotate(changed);
                }
                if let What::Mark(Mark::Fetched(fetched)) = &signal.what {
                    session.hold_policy(fetched);
                }
            }
            Signal::Dns(signal) => self.look_ups.apply(signal),
            Signal::Lab(lab::Signal::Delivered(letter)) => {
                self.lab_mail.delivered(letter);
                self.keep(letter.clone());
            }
            Signal::Lab(lab::Signal::Came(visit)) => {
                let id = self.number();
                self.visits.begin(id, visit);
            }
            Signal::Lab(lab::Signal::Called(call)) => {
                let id = self.number();
                self.visits.called(id, call);
            }
            Signal::Lab(signal @ lab::Signal::Heard { .. }) => drop(self.visits.apply(signal)),
            Signal::Lab(lab::Signal::News(news)) => self.lab_mail.heard(news.clone()),
            Signal::Lab(lab::Signal::Queue { host, waiting }) => self.lab_mail.waits(host, waiting),
            Signal::Lab(lab::Signal::Clock { now, next, pace }) => {
                let mail = &mut self.lab_mail;
                (mail.now, mail.next, mail.pace) = (Some(*now), *next, *pace);
            }
            Signal::Lab(lab::Signal::Changed(changes)) => self.lab_state.changes.clone_from(changes),
            // What was wanted is the screen's to show again.
            Signal::Lab(lab::Signal::Unchanged { .. }) => {}
        }
        if !matches!(signal, Signal::Lab(_)) {
            self.hold_promises();
        }
    }

    /// What the network is to be asked besides what the user asks it; each is handed out once.
    pub fn requests(&mut self) -> Vec<net::Request> {
        std::mem::take(&mut self.wanted)
    }

    /// Begins a session; the caller asks the network to open it.
    pub fn begin(&mut self, target: Target) -> SessionId {
        let id = self.number();
        self.sessions.push(Session { explained: self.explains, ..Session::new(id, target) });
        id
    }

    /// A number that no session has had.
    fn number(&mut self) -> SessionId {
        self.last += 1;
        SessionId(self.last)
    }

    /// The number of the newest session, or of the conversation of somebody else; 0 before the first.
    pub fn newest(&self) -> u32 {
        self.last
    }

    /// Forgets a session that is over.
    pub fn forget(&mut self, id: SessionId) {
        self.sessions.retain(|session| session.id != id);
    }

    /// The sessions, oldest first.
    pub fn sessions(&self) -> &[Session] {
        &self.sessions
    }

    /// One session, or the conversation of somebody else.
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        // Most questions are about one that began late.
        self.sessions.iter().rfind(|session| session.id == id).or_else(|| self.visits.session(id))
    }

    /// The conversations of others with the lab.
    pub fn visits(&self) -> &Visits {
        &self.visits
    }

    /// One session, to forget a desync or the like.
    pub fn session_mut(&mut self, id: SessionId) -> Option<&mut Session> {
        self.sessions.iter_mut().rfind(|session| session.id == id)
    }

    /// Letters that lie in the lab's mailboxes, oldest first.
    pub fn letters(&self) -> &VecDeque<lab::Delivered> {
        &self.letters
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.dialogue.rows().len();
        write!(f, "Session({} {:?}, {:?}, {rows} rows)", self.id.0, self.target, self.state)
    }
}

impl Session {
    /// A session that has not begun to connect.
    pub fn new(id: SessionId, target: Target) -> Self {
        let tape = Tape::new(Limits::default().transcript);
        let (dialogue, kept, watch) = (Dialogue::new(), Secrets::default(), Watch::default());
        let state = State::Connecting;
        let (server, greetings, caller, held) = (None, 0, None, None);
        let (explained, imported) = (true, None);
        Self { id, target, tape, dialogue, kept, watch, state, server, greetings, caller, held, explained, imported }
    }

    /// Takes in what happened on the connection.
    pub fn apply(&mut self, at: Moment, what: &What) {
        match what {
            What::Bytes(side, bytes) => self.tape.push(*side, at, bytes),
            What::Elided(side, octets) => self.tape.elide(*side, at, *octets),
            What::Mark(mark) => self.mark(at, mark.clone()),
            What::Failed(failure) => self.mark(at, Mark::GaveUp(failure.clone())),
            What::Listening(at) => self.target.port = at.port().unwrap_or(self.target.port),
            What::Ended => self.state = self.ended(),
        }
        self.follow();
        if self.explained {
            self.recognise();
        }
    }

    /// Puts the look-ups that led here on the tape, before anything else.
    pub fn led_by(&mut self, look_ups: impl IntoIterator<Item = LookUp>) {
        for look_up in look_ups {
            self.annotate(Mark::LookedUp(look_up));
        }
    }

    /// Notes something that the user did, as showing a secret.
    pub fn annotate(&mut self, mark: Mark) {
        self.mark(self.tape.end(), mark);
        self.follow();
    }

    /// Hides a secret that was typed into a form wherever a server repeats it.
    pub fn keep_secret(&mut self, secret: &SecretString) {
        if self.hides_secrets() {
            self.kept.keep(secret.expose_secret().as_bytes());
        }
    }

    /// Forgets a desync: the user says that replies and commands pair up again.
    pub fn resync(&mut self) {
        self.dialogue.resync();
    }

    /// The record.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// What was said.
    pub fn dialogue(&self) -> &Dialogue {
        &self.dialogue
    }

    /// The problems that the session shows, in the order of the rows that show them.
    pub fn problems(&self) -> &[Problem] {
        self.watch.problems()
    }

    /// The problem that a row shows; one whose words would repeat a secret is not told.
    pub fn problem(&self, row: RowId) -> Option<&Problem> {
        let secret = |text: &str| self.hides_secrets() && self.repeats_secret(text.as_bytes());
        let typed = |it: &&Problem| [it.line(), it.with()].into_iter().flatten().any(|text| secret(&text));
        self.watch.at(row).filter(|it| !secret(&it.say()) && !typed(it))
    }

    /// Where the connection stands.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The parts of some bytes on the tape that must not be shown.
    pub fn hidden(&self, span: Span, bytes: &[u8]) -> Vec<Range<usize>> {
        secret::merge(self.secrets().flat_map(|secrets| secrets.hidden(span, bytes)).collect())
    }

    /// Bytes that stand in no row, with what repeats a secret hidden; what remains goes through `show`.
    pub fn masked(&self, bytes: &[u8], show: impl Fn(&[u8]) -> String) -> String {
        let repeated = secret::merge(self.secrets().flat_map(|secrets| secrets.repeated(bytes)).collect());
        transcript::hide(bytes, &repeated, show)
    }

    /// True if the bytes repeat a secret.
    pub fn repeats_secret(&self, bytes: &[u8]) -> bool {
        self.secrets().any(|secrets| secrets.repeats(bytes))
    }

    fn secrets(&self) -> impl Iterator<Item = &Secrets> {
        let said = self.hides_secrets().then(|| self.dialogue.secrets());
        said.into_iter().chain([&self.kept])
    }

    /// Lab secrets are public and shown in full; all others are not.
    pub fn hides_secrets(&self) -> bool {
        self.target.place == Place::Live
    }

    /// The connection as it was opened.
    pub fn opened(&self) -> Option<&Opened> {
        self.tape.marks().iter().find_map(|(_, mark)| match mark {
            Mark::Opened(opened) => Some(opened),
            _ => None,
        })
    }

    /// What the TLS handshake showed, inside TLS.
    pub fn tls(&self) -> Option<&TlsFacts> {
        self.tape.marks().iter().rev().find_map(|(_, mark)| match mark {
            Mark::TlsReady(facts) => Some(facts.as_ref()),
            _ => None,
        })
    }

    /// Why the TLS handshake failed.
    pub fn tls_failure(&self) -> Option<&TlsFailure> {
        self.tape.marks().iter().rev().find_map(|(_, mark)| match mark {
            Mark::TlsFailed(failure) => Some(failure),
            _ => None,
        })
    }

    /// True in plain text after TLS was preferred and did not come about.
    pub fn missed_tls(&self) -> bool {
        let missed = |mark: &Mark| matches!(mark, Mark::TlsDecided(TlsDecision::Without { .. }));
        !self.dialogue.is_secured() && self.tape.marks().iter().any(|(_, mark)| missed(mark))
    }

    /// True while a certificate that is not in order waits for the user's word.
    pub fn awaits_trust(&self) -> bool {
        let went_on = self.tape.marks().iter().any(|(_, mark)| *mark == Mark::WentOn);
        self.is_open() && !went_on && self.tls().is_some_and(|facts| !facts.accepted())
    }

    /// True while a time-out waits for the user's word.
    pub fn awaits_patience(&self) -> bool {
        let last = self.tape.marks().iter().rposition(|(_, mark)| matches!(mark, Mark::TimedOut(_)));
        let Some(last) = last else { return false };
        let kept = self.tape.marks().get(last..).unwrap_or_default().iter().any(|(_, mark)| *mark == Mark::KeptWaiting);
        self.is_open() && !kept && self.dialogue.awaits_reply()
    }

    /// True for the conversation of somebody else with the lab.
    pub fn is_watched(&self) -> bool {
        self.caller.is_some()
    }

    /// Who speaks in a conversation that is only watched.
    pub fn caller(&self) -> Option<&Caller> {
        self.caller.as_ref()
    }

    /// True while the connection stands.
    pub fn is_open(&self) -> bool {
        self.state == State::Open && self.dialogue.phase() != Phase::Closed
    }

    /// The server's name: as it greeted, or as the target says.
    pub fn peer(&self) -> &str {
        &self.target.host
    }

    /// The octets that went in one direction.
    pub fn octets(&self, side: Side) -> u64 {
        self.tape.lane(side).len()
    }

    /// What the server looks like; lab servers are nobody else's.
    pub fn server(&self) -> Option<&'static Server> {
        self.server
    }

    fn follow(&mut self) {
        self.dialogue.follow(&self.tape);
        if self.explained {
            self.watch.follow(&self.tape, &self.dialogue);
        }
    }

    fn mark(&mut self, at: Moment, mark: Mark) {
        match &mark {
            // What is over stays so, whatever a record says behind it.
            Mark::Opened(_) if self.state == State::Connecting => self.state = State::Open,
            Mark::GaveUp(failure) => self.state = State::Failed(failure.clone()),
            Mark::Closed(_) => self.state = State::Over,
            Mark::Told(told) => match told.means {
                Means::Opened { .. } if self.state == State::Connecting => self.state = State::Open,
                Means::Closed { .. } => self.state = State::Over,
                _ => {}
            },
            _ => {}
        }
        self.tape.mark(at, mark);
    }

    fn ended(&self) -> State {
        match &self.state {
            State::Failed(failure) => State::Failed(failure.clone()),
            _ => State::Over,
        }
    }
}

/// The mark for a certificate that is not that of the last session before with the same host and port.
fn changed(before: &[Session], target: &Target, facts: &TlsFacts) -> Option<Mark> {
    let last = before.iter().rev().filter(|other| other.target.is_same(target)).find_map(Session::tls)?;
    let (then, now) = (last.chain.first()?, facts.chain.first()?);
    (then.sha256 != now.sha256)
        .then(|| Mark::CertificateChanged { before: then.sha256.clone(), now: now.sha256.clone() })
}
