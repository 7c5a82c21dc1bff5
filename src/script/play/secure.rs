//! TLS as a script that is a server takes it up: begun, judged, or expected to fail.

use super::super::step::Secures;
use super::Player;
use super::deed::{Deed, Flow};
use super::perform::Result;
use crate::ports::net::{Act, Serve};
use crate::session::{Session, words};
use crate::smtp::stage::Stage;
use crate::tape::mark::Mark;
use crate::tape::tls::TlsTrouble;
use crate::tape::{Moment, Side};

impl Player {
    pub(super) fn secure(&mut self, session: &Session, secures: Secures) -> Result {
        if session.dialogue().is_secured() {
            return Err(self.stopped(2, "script/order", "there is TLS already"));
        }
        self.stage = Stage::StartTls;
        self.unbroken(session)?;
        let secure = Deed::Act(Act::Serve(Serve::Secure(secures.shown.clone())));
        let further = self.reads(0);
        Ok(Flow::Then(further.into_iter().chain([secure, Deed::Shaken(secures, None)]).collect()))
    }

    /// Waits for the handshake and judges it.
    pub(super) fn shaken(&mut self, session: &Session, secures: Secures, until: Option<Moment>, now: Moment) -> Result {
        if let Some(failure) = session.tls_failure() {
            let why = words::of(&Mark::TlsFailed(failure.clone()));
            if !secures.fails {
                return Err(self.at_tls(if failure.why == TlsTrouble::TimedOut { 6 } else { 4 }, &why));
            }
            return match &secures.why {
                Some(pattern) if !self.compiled(pattern)?.is_match(why.as_bytes()) => {
                    Err(self.at_tls(1, &format!("expected TLS to fail otherwise; {why}")))
                }
                _ => Ok(Flow::On),
            };
        }
        if session.dialogue().is_secured() {
            if secures.fails {
                return Err(self.at_tls(1, "expected TLS to fail; it stands"));
            }
            // What was said before it is void (RFC 3207 §4.2).
            self.heard = session.octets(Side::Client);
            return Ok(Flow::On);
        }
        self.unbroken(session)?;
        let until = until.unwrap_or_else(|| now.after(self.wishes.patience));
        if now < until {
            return Ok(Flow::Wait(Deed::Shaken(secures, Some(until)), Some(until)));
        }
        Err(self.late("a handshake", "none came about"))
    }
}
