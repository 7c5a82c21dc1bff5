//! Sessions without a screen: the services, the model that hears them, and the events that the model makes.
//!
//! Whoever directs a session looks at the [`Model`], asks for the next act, and waits to hear what came of it:
//!
//! ```text
//! director ──open, act──▶ Drive ──Request──▶ services ──Signal──▶ model ──▶ fold ──Event──▶ director
//! ```

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use tokio::time::{Instant as Deadline, timeout_at};

use super::scribe::Scribe;
use super::services::{Services, Setup};
use super::teller::complain;
use crate::dns::typed::BadName;
use crate::events::{Event, Fold};
use crate::ports::dns::Source;
use crate::ports::net::{self, Act, Request, SessionId, Target, What};
use crate::session::look_ups::LookUps;
use crate::session::outcome::Outcome;
use crate::session::{Model, Session, Signal};
use crate::tape::Moment;
use crate::tape::mark::LookUp;
use crate::tape::peer::Peer;

/// Signals taken in one turn.
const TURN: usize = 256;

/// The services and the model that hears them.
pub struct Drive {
    services: Services,
    model: Model,
    fold: Fold,
    scribe: Scribe,
    begun: Instant,
    news: Vec<Signal>,
    sockets: Sockets,
}

/// Unix sockets where clients were waited for; they go with this.
#[derive(Debug, Default)]
struct Sockets(BTreeSet<String>);

impl Drop for Sockets {
    fn drop(&mut self) {
        for path in &self.0 {
            // Somebody may have taken it away already.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// What came of waiting.
#[derive(Debug)]
pub enum Heard {
    /// Something happened; there may be no event of it yet.
    News(Vec<Event>),
    /// Nothing happened until the moment that was named.
    Late,
    /// The services have ended: nothing will happen any more.
    Gone,
}

impl Drive {
    /// Starts the services. What cannot be started is told, and the rest works.
    pub async fn start(mut setup: Setup) -> (Self, Option<String>) {
        let begun = Instant::now();
        let look_ups = LookUps::new(setup.seed);
        let mut model = if setup.explains { Model::new(look_ups) } else { Model::without_words(look_ups) };
        let scribe = Scribe::new(setup.recorder.take());
        let mut services = Services::start(setup).await;
        model.lab_state = std::mem::take(&mut services.lab_state);
        let complaint = services.complaint.take();
        let (fold, news, sockets) = (Fold::default(), Vec::new(), Sockets::default());
        let mut drive = Self { services, model, fold, scribe, begun, news, sockets };
        drive.look_at_the_clock();
        (drive, complaint)
    }

    /// What is known.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The same, to note something that the user did.
    pub fn model_mut(&mut self) -> &mut Model {
        &mut self.model
    }

    /// A session that was opened.
    pub fn session(&self, id: SessionId) -> Option<&Session> {
        self.model.session(id)
    }

    /// The services, to ask the lab for a change.
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// The time since the start.
    pub fn now(&self) -> Moment {
        Moment::START.after(self.begun.elapsed())
    }

    /// The moment after this time of waiting.
    pub fn after(&self, wait: Duration) -> Deadline {
        Deadline::now() + wait
    }

    /// Begins a session. Whether it comes to stand is heard later; an error says why the network was not even asked.
    /// `trail` are the look-ups that led there.
    pub fn open(&mut self, target: Target, trail: Vec<LookUp>) -> Result<SessionId, &'static str> {
        let id = self.model.begin(target.clone());
        if let Some(session) = self.model.session_mut(id) {
            session.led_by(trail);
        }
        self.fold.open(id, self.now());
        self.ask(Request::Open(id, target)).map(|()| id)
    }

    /// Begins a session to which this end is the server: whoever comes next where the target says. Otherwise as
    /// [`Drive::open`].
    pub fn answer(&mut self, target: Target) -> Result<SessionId, &'static str> {
        let id = self.model.begin(target.clone());
        self.fold.open(id, self.now());
        self.ask(Request::Answer(id, target)).map(|()| id)
    }

    /// Has something done on a session; an error says why it will not be.
    pub fn act(&mut self, id: SessionId, act: Act) -> Result<(), &'static str> {
        self.ask(Request::Do(id, act))
    }

    /// Asks the DNS where mail for a domain goes; the answers come as news.
    pub fn look_up(&mut self, domain: &str, source: Source) -> Result<(), BadName> {
        self.model.look_ups.open(domain, source)?;
        self.forward();
        Ok(())
    }

    /// The same for where a domain's users hand in letters.
    pub fn look_up_submission(&mut self, domain: &str, source: Source) -> Result<(), BadName> {
        self.model.look_ups.open_submission(domain, source)?;
        self.forward();
        Ok(())
    }

    /// The day of the lab, in seconds since 1970, if there is a lab.
    pub fn lab_day(&self) -> Option<u64> {
        self.services.lab().map(|lab| lab.clock().seconds())
    }

    /// Waits until something happens, or until `until`.
    pub async fn heard(&mut self, until: Option<Deadline>) -> Heard {
        let receiving = self.services.signals.recv_many(&mut self.news, TURN);
        let count = match until {
            None => receiving.await,
            Some(until) => match timeout_at(until, receiving).await {
                Ok(count) => count,
                Err(_) => return Heard::Late,
            },
        };
        if count == 0 {
            return Heard::Gone;
        }
        self.look_at_the_clock();
        let mut events = Vec::new();
        for signal in std::mem::take(&mut self.news) {
            self.take(&signal, &mut events);
        }
        if let Some(stopped) = self.scribe.follow(&self.model) {
            complain(&stopped.to_string());
        }
        Heard::News(events)
    }

    /// The event that tells how it came out.
    pub fn ended(&mut self, outcome: &Outcome) -> Event {
        let now = self.now();
        self.fold.ended(outcome, now)
    }

    /// Lets the services end, and ends the recording.
    pub async fn close(mut self) {
        self.services.close().await;
        if let Some(stopped) = self.scribe.finish(&self.model) {
            complain(&stopped.to_string());
        }
    }

    fn take(&mut self, signal: &Signal, events: &mut Vec<Event>) {
        let now = self.now();
        self.scribe.heard(signal);
        if let Signal::Net(net::Signal { what: What::Listening(Peer::Unix(path)), .. }) = signal {
            self.sockets.0.insert(path.clone());
        }
        self.model.apply(signal);
        events.extend(self.fold.take(signal, self.model.sessions(), now));
        self.forward();
    }

    /// Hands on what the model itself wants to know.
    fn forward(&mut self) {
        for question in self.model.look_ups.requests() {
            // A question that is not taken stays unanswered, and the panel says so.
            let _ = self.services.dns(question);
        }
        for request in self.model.requests() {
            // It would only have made the picture richer.
            let _ = self.services.net(request);
        }
    }

    fn ask(&self, request: Request) -> Result<(), &'static str> {
        self.services.net(request).map_err(|refused| refused.1)
    }

    fn look_at_the_clock(&mut self) {
        if let Some(lab) = self.services.lab() {
            self.fold.show_clock(lab.clock().now().to_string());
        }
    }
}
