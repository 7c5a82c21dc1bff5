//! What ends a letter's way from outside: no connection, no TLS, a certificate that is not in order, silence, a close.

use crate::dialogue::exchange::Exchange;
use crate::dialogue::phase::Phase;
use crate::ports::net::Act;
use crate::safe;
use crate::session::outcome::Outcome;
use crate::session::{Session, State, words};
use crate::smtp::stage::Stage;
use crate::tape::mark::{Failure, Mark, Wait};
use crate::tape::tls::Judgement;

use super::{Next, Sending, Step};

impl Sending {
    /// What is to be done because of it; none while all is as it should be.
    pub(super) fn broken(&mut self, session: &Session) -> Option<Next> {
        if let State::Failed(failure) = session.state() {
            return Some(Next::Done(failed(session, failure)));
        }
        let over = matches!(session.state(), State::Over);
        if over {
            return Some(Next::Done(self.end(session)));
        }
        if self.outcome.is_some() {
            // What came of it is known: a goodbye that nobody answers is not waited for any longer.
            let unheard = self.step == Step::Bye && session.awaits_patience();
            return unheard.then(|| {
                self.step = Step::Left;
                Next::Do(Act::Close)
            });
        }
        let outcome = self.trouble(session)?;
        self.outcome = Some(outcome);
        self.step = Step::Left;
        Some(Next::Do(Act::Close))
    }

    /// What cannot go on, on a connection that stands.
    fn trouble(&self, session: &Session) -> Option<Outcome> {
        if session.awaits_trust() {
            return Some(Outcome::stopped(4, Stage::StartTls, "send/certificate", certificate(session)));
        }
        if session.awaits_patience() {
            let last = session.tape().marks().iter().rev().find(|(_, mark)| matches!(mark, Mark::TimedOut(_)));
            let say = last.map_or_else(String::new, |(_, mark)| sentence(mark));
            return Some(Outcome::stopped(6, self.stage(session), "send/time-out", say));
        }
        let foreign = session.is_open() && session.dialogue().phase() == Phase::Foreign;
        foreign.then(|| {
            let say = "What came first is no greeting: this is no mail server, or it speaks TLS from the first octet.";
            Outcome::stopped(5, Stage::Greeting, "send/not-smtp", say)
        })
    }

    /// The connection is over: the outcome that was decided, or what the end itself means.
    fn end(&mut self, session: &Session) -> Outcome {
        if let Some(outcome) = self.outcome.take() {
            return match outcome.exit {
                0 => Outcome { stage: outcome.stage.max(self.said_goodbye(session, outcome.stage)), ..outcome },
                _ => outcome,
            };
        }
        let marks = || session.tape().marks().iter().rev().map(|(_, mark)| mark);
        if let Some(failure) = session.tls_failure() {
            let exit = if marks().any(|mark| matches!(mark, Mark::TimedOut(Wait::Tls))) { 6 } else { 4 };
            return Outcome::stopped(exit, Stage::StartTls, "send/tls", sentence(&Mark::TlsFailed(failure.clone())));
        }
        match session.ended_without_tls() {
            Some((_, Some((stage, refused)))) => {
                return Outcome::stopped(5, stage, "send/refused", session.said(refused));
            }
            Some((mark, None)) => return Outcome::stopped(4, Stage::StartTls, "send/no-tls", sentence(mark)),
            None => {}
        }
        let refused = session.dialogue().exchanges().last().filter(|last| last.code().is_some() && !last.succeeded());
        if let Some(refused) = refused {
            return Outcome::stopped(5, self.stage(session), "send/refused", session.said(refused));
        }
        let closed = marks().find(|mark| matches!(mark, Mark::Closed(_)));
        let say = closed.map_or_else(String::new, sentence);
        Outcome::stopped(5, self.stage(session), "send/closed", say)
    }

    /// The last stage, if the server was told goodbye and all behind it is well.
    fn said_goodbye(&self, session: &Session, stage: Stage) -> Stage {
        let said = session.dialogue().phase() == Phase::Closed && self.step == Step::Bye;
        if said { Stage::Quit } else { stage }
    }

    /// Where the session stands.
    fn stage(&self, session: &Session) -> Stage {
        match self.step {
            Step::Greeting if session.opened().is_none() => Stage::Connect,
            // The network itself may have gone on to EHLO and STARTTLS.
            Step::Greeting => {
                session.dialogue().exchanges().last().and_then(Exchange::stage).unwrap_or(Stage::Greeting)
            }
            Step::Hello { .. } => Stage::Hello,
            Step::Login | Step::LoggedIn => Stage::Auth,
            Step::Mail | Step::Sender => Stage::Mail,
            Step::Recipients(_) | Step::Envelope { .. } => Stage::Rcpt,
            Step::Data | Step::Asked | Step::Chunks(_) => Stage::Data,
            Step::Verdict => Stage::Final,
            Step::Quit | Step::Bye | Step::Left => Stage::Quit,
        }
    }
}

/// No connection came to stand.
fn failed(session: &Session, failure: &Failure) -> Outcome {
    let (stage, id) = match failure {
        Failure::NoAddress { .. } => (Stage::Dns, "send/no-address"),
        Failure::AllFailed { .. } | Failure::BadTarget { .. } | Failure::NotTaken => {
            (Stage::Connect, "send/no-connection")
        }
    };
    let refused =
        session.tape().marks().iter().rev().map(|(_, mark)| mark).find(|mark| matches!(mark, Mark::Refused(_)));
    let say = refused.map_or_else(|| sentence(&Mark::GaveUp(failure.clone())), sentence);
    Outcome::stopped(3, stage, id, say)
}

/// What is wrong with the certificate, in words.
fn certificate(session: &Session) -> String {
    let facts = session.tls();
    let judged = facts.into_iter().flat_map(|facts| [&facts.trust, &facts.name, &facts.dates]);
    let doubts: Vec<_> = judged
        .filter_map(|judgement| match judgement {
            Judgement::Bad { why, .. } => Some(safe::plain(why.as_bytes()).into_string()),
            Judgement::Good | Judgement::Theirs => None,
        })
        .collect();
    format!("{} --tls-verify off goes on all the same, for this call.", doubts.join(" "))
}

/// A mark as a sentence.
fn sentence(mark: &Mark) -> String {
    format!("{}.", safe::plain(words::of(mark).as_bytes()))
}
