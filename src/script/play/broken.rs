//! What stands in the way of everything that a script may still want of a connection.

use super::Player;
use super::perform::Result;
use super::reply::{asked, refusal};
use crate::dialogue::exchange::Cause;
use crate::safe;
use crate::session::outcome::Outcome;
use crate::session::{Session, State, words};
use crate::smtp::stage::Stage;
use crate::tape::mark::{Failure, Mark};
use crate::tape::tls::{TlsFacts, TlsTrouble};

impl Player {
    /// How the script ends if what it waits for can no longer come.
    pub(super) fn unbroken(&self, session: &Session) -> Result<()> {
        let mut marks = session.tape().marks().iter().rev().map(|(_, mark)| mark);
        if let State::Failed(failure) = session.state() {
            let end = self.stopped(3, "script/connection", &told(&Mark::GaveUp(failure.clone())));
            let stage = if matches!(failure, Failure::NoAddress { .. }) { Stage::Dns } else { Stage::Connect };
            return Err(Outcome { stage, ..end });
        }
        if let Some(failure) = session.tls_failure() {
            let exit = if failure.why == TlsTrouble::TimedOut { 6 } else { 4 };
            return Err(self.at_tls(exit, &words::of(&Mark::TlsFailed(failure.clone()))));
        }
        match session.ended_without_tls() {
            Some((_, Some((stage, refused)))) => {
                let end = self.stopped(5, "script/refused", &refusal(session, refused));
                return Err(Outcome { stage, ..end });
            }
            Some((decided, None)) => return Err(self.at_tls(4, &words::of(decided))),
            None => {}
        }
        if session.awaits_trust() {
            let doubt = session.tls().and_then(TlsFacts::doubt).unwrap_or("the certificate is not in order");
            return Err(self.at_tls(4, doubt));
        }
        if session.awaits_patience() {
            let waited = marks.find(|mark| matches!(mark, Mark::TimedOut(_))).map(told).unwrap_or_default();
            return Err(self.stopped_over(self.taken, 6, "script/time-out", &waited));
        }
        if !session.is_open() && *session.state() != State::Connecting {
            let how = marks.find(|mark| matches!(mark, Mark::Closed(_))).map(told).unwrap_or_default();
            let due = session.dialogue().exchanges().get(self.taken);
            let due = due.filter(|due| due.code().is_none() && self.serving.is_none());
            let Some(due) = due else {
                return Err(self.stopped(5, "script/closed", &format!("the script goes on, but: {how}")));
            };
            let say = match due.cause {
                Cause::Greeting => format!("no greeting came: {how}"),
                _ => format!("{} was not answered: {how}", asked(session, due)),
            };
            return Err(self.stopped_over(self.taken, 5, "script/closed", &say));
        }
        Ok(())
    }

    /// TLS is what it ends with.
    pub(super) fn at_tls(&self, exit: u8, say: &str) -> Outcome {
        let say = safe::plain(say.trim_end_matches('.').as_bytes());
        Outcome { stage: Stage::StartTls, ..self.stopped(exit, "script/tls", say.as_str()) }
    }
}

/// A mark in words that are safe to print.
pub(super) fn told(mark: &Mark) -> String {
    safe::plain(words::of(mark).trim_end_matches('.').as_bytes()).into_string()
}
