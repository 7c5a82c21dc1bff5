//! What each deed does.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::super::check::Check;
use super::super::policy::{Policy, Ruling};
use super::super::step::Parting;
use super::deed::{Deed, Flow, Turns};
use super::reply::said;
use super::serve::parts;
use super::{Next, Player};
use crate::dialogue::exchange::{Cause, Exchange};
use crate::dialogue::phase::Phase;
use crate::ports::net::{Act, Body, Letter, Opening, Target};
use crate::session::outcome::Outcome;
use crate::session::{Model, Session, State};
use crate::smtp::command::Verb;
use crate::smtp::data::Wire;
use crate::smtp::stage::Stage;
use crate::tape::mark::{Closed, Ending, Mark};
use crate::tape::tls::TlsDecision;
use crate::tape::{Moment, Side};

/// How long a goodbye may take at the end of a run.
pub(super) const FAREWELL: Duration = Duration::from_secs(2);

/// How long what is asserted may take to come about: the lab delivers behind the reply.
const SOON: Duration = Duration::from_secs(2);

/// What a deed comes to, or how the script ends.
pub(super) type Result<T = Flow> = std::result::Result<T, Outcome>;

impl Player {
    pub(super) fn perform(&mut self, deed: Deed, model: &Model, now: Moment) -> Result {
        match deed {
            Deed::Find(wanted) => Ok(Flow::Ask(Next::Find(wanted))),
            Deed::Connect(targets) => self.connects(targets, now),
            Deed::Sleep(wait, until) => {
                let until = until.unwrap_or_else(|| now.after(wait));
                let asleep = Deed::Sleep(wait, Some(until));
                Ok(if now < until { Flow::Wait(asleep, Some(until)) } else { Flow::On })
            }
            Deed::Assert(check, until) => self.assert(check, until, now),
            Deed::Turn(turn) => Ok(Flow::Ask(Next::Turn(turn))),
            Deed::Answer => Ok(self.answer()),
            // All others are about the connection; where there is none, nothing is left to do.
            deed => match self.session(model) {
                Some(session) => self.perform_on(session, deed, model, now),
                None => Ok(Flow::On),
            },
        }
    }

    fn perform_on(&mut self, session: &Session, deed: Deed, model: &Model, now: Moment) -> Result {
        match deed {
            Deed::Stands(others) => self.stands(session, others),
            Deed::Led => self.led(session),
            Deed::Settle => self.settle(session),
            Deed::Send(octets, turns) => self.send(session, octets, turns, now),
            Deed::Written(upto) if session.octets(Side::Client) >= upto => Ok(Flow::On),
            Deed::Act(act) => Ok(Flow::Ask(Next::Do(session.id, act))),
            Deed::Data(letter, wire) => Ok(self.data(session, letter, wire)),
            Deed::Go(letter, wire) => self.go(session, letter, wire),
            Deed::Asked if answered(session) => Ok(Flow::On),
            Deed::Exchanges(count) if session.dialogue().exchanges().len() > count => Ok(Flow::On),
            waiting @ (Deed::Written(_) | Deed::Asked | Deed::Exchanges(_)) => self.wait(session, waiting),
            Deed::Chunks(chunks) => self.chunks(session, chunks, now),
            Deed::Tls(tls) => self.tls(session, tls),
            Deed::Secured(tls) => self.secured(session, tls),
            Deed::Login(wanted) => self.login(session, model, *wanted),
            Deed::Ask(wanted) => Ok(self.ask(session, wanted)),
            Deed::Answered(wanted) => self.log_in(session, *wanted),
            Deed::LoggedIn { exchanges, marks } => self.logged_in(session, exchanges, marks),
            Deed::Reply(expected, until) => self.expect(session, expected, until, now),
            Deed::Closes(until) => self.closes(session, until, now),
            Deed::Silence(wait, until) => self.silence(session, wait, until, now),
            Deed::ReadUntil(pattern, until) => self.read_until(session, pattern, until, now),
            Deed::Set(name, pattern, of) => self.set(session, name, &pattern, of.as_deref()),
            Deed::Came(until) => self.came(session, until, now),
            Deed::Say(octets) => self.say(session, octets),
            Deed::Said(upto, until) => self.has_said(session, upto, until, now),
            Deed::Hears(spoken, until) => self.hears(session, spoken, until, now),
            Deed::HearsUntil(pattern, until) => self.hears_until(session, pattern, until, now),
            Deed::Takes(octets, until) => self.takes(session, octets, until, now),
            Deed::Letter(into, texts, until) => self.letter(session, into, texts, until, now),
            Deed::Leaves(until) => self.leaves(session, until, now),
            Deed::Quiet(wait, until) => self.quiet(session, wait, until, now),
            Deed::Secure(secures) => self.secure(session, secures),
            Deed::Shaken(secures, until) => self.shaken(session, secures, until, now),
            Deed::Parts(parting) => Ok(parts(session, parting, now)),
            Deed::Drop if self.serving.is_some() && session.is_open() => Ok(parts(session, Parting::Close, now)),
            Deed::Quit(until) => Ok(quit(session, until, now)),
            Deed::Drop if session.dialogue().phase() == Phase::Closing => {
                Ok(Flow::Then(vec![Deed::Gone(now.after(FAREWELL))]))
            }
            Deed::Drop if session.is_open() || *session.state() == State::Connecting => {
                Ok(Flow::Then(vec![Deed::Act(Act::Close), Deed::Gone(now.after(FAREWELL))]))
            }
            Deed::Forget => {
                self.taken = session.dialogue().exchanges().len();
                Ok(Flow::On)
            }
            Deed::Gone(until) if session.is_open() && now < until => Ok(Flow::Wait(Deed::Gone(until), Some(until))),
            _ => Ok(Flow::On),
        }
    }

    fn assert(&mut self, check: Check, until: Option<Moment>, now: Moment) -> Result {
        if check.holds(&self.events) {
            return Ok(Flow::On);
        }
        let until = until.unwrap_or_else(|| now.after(SOON));
        if now < until {
            return Ok(Flow::Wait(Deed::Assert(check, Some(until)), Some(until)));
        }
        Err(self.stopped(1, "script/expected", &format!("expected {check}; it did not come about")))
    }

    fn connects(&mut self, mut targets: VecDeque<Target>, now: Moment) -> Result {
        let Some(target) = targets.pop_front() else {
            return Err(self.stopped(3, "script/connection", "there is no host to try"));
        };
        self.stage = Stage::Connect;
        match self.policy.connects(&target, now) {
            Ruling::Go => {}
            Ruling::Later(at) => {
                targets.push_front(target);
                return Ok(Flow::Wait(Deed::Connect(targets), Some(at)));
            }
            Ruling::No(id, why) => return Err(self.stopped(7, id, &why)),
        }
        if matches!(target.opening, Opening::Require | Opening::Prefer) {
            self.deeds.push_front(Deed::Led);
        }
        self.deeds.push_front(Deed::Stands(targets));
        Ok(Flow::Ask(Next::Open(Box::new(target))))
    }

    fn stands(&mut self, session: &Session, others: VecDeque<Target>) -> Result {
        match session.state() {
            State::Connecting => self.wait(session, Deed::Stands(others)),
            State::Failed(_) if !others.is_empty() => {
                // What was to follow this connection follows the next one.
                self.deeds.pop_front_if(|deed| matches!(deed, Deed::Led));
                Ok(Flow::Then(vec![Deed::Connect(others)]))
            }
            State::Failed(_) => self.unbroken(session).map(|()| Flow::On),
            State::Open | State::Over => Ok(Flow::On),
        }
    }

    /// TLS that comes about by itself ends with an EHLO inside it, or with a decision to do without.
    fn led(&mut self, session: &Session) -> Result {
        let dialogue = session.dialogue();
        let goes_on = |mark: &Mark| matches!(mark, Mark::TlsDecided(TlsDecision::Without { goes_on: true, .. }));
        let without = session.tape().marks().iter().any(|(_, mark)| goes_on(mark));
        let greeted = dialogue.exchanges().last().is_some_and(|last| {
            last.tls && matches!(last.verb(), Some(Verb::Ehlo | Verb::Lhlo)) && last.code().is_some()
        });
        if greeted || (without && dialogue.outstanding().len() == 0) {
            return self.settle(session);
        }
        self.stage = Stage::StartTls;
        self.wait(session, Deed::Led)
    }

    fn send(&mut self, session: &Session, octets: Arc<[u8]>, turns: Turns, now: Moment) -> Result {
        if octets.is_empty() {
            return Ok(Flow::On);
        }
        match self.policy.sends(session.world(), session.dialogue(), &octets, now) {
            Ruling::Go => {}
            Ruling::Later(at) => return Ok(Flow::Wait(Deed::Send(octets, turns), Some(at))),
            Ruling::No(id, why) => return Err(self.stopped(7, id, &why)),
        }
        self.unbroken(session)?;
        let upto = session.octets(Side::Client) + octets.len() as u64;
        let act = if turns == Turns::AtOnce { Act::SendNow(octets) } else { Act::Send(octets) };
        Ok(Flow::Then(vec![Deed::Act(act), Deed::Written(upto)]))
    }

    fn data(&self, session: &Session, letter: Arc<[u8]>, wire: Wire) -> Flow {
        let data = Deed::Send(Arc::from(&b"DATA\r\n"[..]), Turns::Waits);
        Flow::Then(match session.dialogue().phase() {
            Phase::Content if self.stops_at_data() => Vec::new(),
            _ if self.stops_at_data() => vec![data, Deed::Asked],
            Phase::Content => vec![Deed::Go(letter, wire)],
            _ => vec![data, Deed::Go(letter, wire)],
        })
    }

    fn go(&mut self, session: &Session, letter: Arc<[u8]>, wire: Wire) -> Result {
        let dialogue = session.dialogue();
        if dialogue.outstanding().len() > 0 {
            return self.wait(session, Deed::Go(letter, wire));
        }
        if dialogue.phase() != Phase::Content {
            // The refusal is for the next step to judge.
            return Ok(Flow::On);
        }
        if let Ruling::No(id, why) = Policy::posts(session.world(), &letter, wire) {
            return Err(self.stopped(7, id, &why));
        }
        self.take(session)?;
        let count = dialogue.exchanges().len();
        let letter = Letter { body: Body::Octets(letter), wire, octets: None };
        Ok(Flow::Then(vec![Deed::Act(Act::Post(letter)), Deed::Exchanges(count)]))
    }

    fn chunks(&mut self, session: &Session, mut chunks: VecDeque<Arc<[u8]>>, now: Moment) -> Result {
        if session.dialogue().outstanding().len() > 0 {
            return self.wait(session, Deed::Chunks(chunks));
        }
        let refused = |exchange: &Exchange| exchange.verb() == Some(Verb::Bdat) && !exchange.succeeded();
        if session.dialogue().exchanges().iter().skip(self.taken).any(refused) {
            // As in DATA: the refusal is for the next step to judge.
            return Ok(Flow::On);
        }
        self.take(session)?;
        let Some(chunk) = chunks.pop_front() else { return Ok(Flow::On) };
        Ok(match self.send(session, chunk, Turns::Waits, now)? {
            Flow::Then(mut deeds) if !chunks.is_empty() => {
                deeds.push(Deed::Chunks(chunks));
                Flow::Then(deeds)
            }
            Flow::Wait(Deed::Send(chunk, _), until) => {
                chunks.push_front(chunk);
                Flow::Wait(Deed::Chunks(chunks), until)
            }
            other => other,
        })
    }

    fn closes(&mut self, session: &Session, until: Option<Moment>, now: Moment) -> Result {
        let until = until.unwrap_or_else(|| now.after(self.wishes.patience));
        let ended = session.tape().marks().iter().rev().find_map(|(_, mark)| match mark {
            Mark::Closed(closed) => Some(*closed),
            Mark::HalfClosed { by: Side::Server } => Some(Closed { by: Side::Server, how: Ending::Clean }),
            _ => None,
        });
        match ended {
            Some(Closed { by: Side::Server, .. }) => {
                // Whatever it said before, it closed as it was expected to.
                self.taken = session.dialogue().exchanges().len();
                Ok(Flow::On)
            }
            Some(_) => Err(self.stopped(1, "script/expected", "expected the server to close; the client had to")),
            None if now < until => Ok(Flow::Wait(Deed::Closes(Some(until)), Some(until))),
            None => {
                Err(self.stopped(6, "script/time-out", "expected the server to close; the connection still stands"))
            }
        }
    }

    fn silence(&mut self, session: &Session, wait: Duration, until: Option<Moment>, now: Moment) -> Result {
        self.look_ahead(session);
        if session.octets(Side::Server) > self.heard {
            let got = self
                .first(session)
                .map_or_else(|| "the server spoke".into(), |(_, it)| format!("got {}", said(session, it)));
            return Err(self.stopped(1, "script/expected", &format!("expected silence; {got}")));
        }
        if !session.is_open() {
            return Err(self.stopped(1, "script/expected", "expected silence; the connection ended"));
        }
        let until = until.unwrap_or_else(|| now.after(wait));
        Ok(if now < until { Flow::Wait(Deed::Silence(wait, Some(until)), Some(until)) } else { Flow::On })
    }

    /// Waits for news, unless there can be none that help.
    pub(super) fn wait(&mut self, session: &Session, deed: Deed) -> Result {
        self.look_ahead(session);
        self.unbroken(session).map(|()| Flow::Wait(deed, None))
    }
}

/// True once what was asked last is answered.
fn answered(session: &Session) -> bool {
    session.dialogue().exchanges().last().is_some_and(|last| last.code().is_some())
}

/// Says QUIT where it is a command, once.
fn quit(session: &Session, until: Option<Moment>, now: Moment) -> Flow {
    let dialogue = session.dialogue();
    if let Some(until) = until {
        let waits = session.is_open() && now < until;
        return if waits { Flow::Wait(Deed::Quit(Some(until)), Some(until)) } else { Flow::On };
    }
    let hears = session.is_open() && dialogue.outstanding().len() == 0 && !session.awaits_trust();
    let said = dialogue.exchanges().last().is_some_and(|last| last.cause == Cause::Command(Verb::Quit));
    if !hears || said || !matches!(dialogue.phase(), Phase::Ready | Phase::Envelope | Phase::Refused) {
        return Flow::On;
    }
    let quit = Act::Send(Arc::from(&b"QUIT\r\n"[..]));
    Flow::Then(vec![Deed::Act(quit), Deed::Quit(Some(now.after(FAREWELL)))])
}
