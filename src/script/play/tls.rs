//! TLS as a script asks for it: begun if it is not there yet, judged, or expected to fail.

use std::sync::Arc;

use super::super::step::Tls;
use super::Player;
use super::deed::{Deed, Flow, Turns};
use super::perform::Result;
use crate::ports::net::Opening;
use crate::session::{Session, words};
use crate::smtp::command::Verb;
use crate::tape::mark::Mark;

impl Player {
    /// Begins TLS unless it is there or under way.
    pub(super) fn tls(&mut self, session: &Session, tls: Tls) -> Result {
        let dialogue = session.dialogue();
        if session.target.opening == Opening::ImplicitTls || dialogue.is_secured() || session.tls_failure().is_some() {
            return Ok(Flow::Then(vec![Deed::Secured(tls)]));
        }
        let greeted = dialogue.exchanges().first().is_some_and(|greeting| greeting.code().is_some());
        if !greeted || dialogue.outstanding().len() > 0 {
            return self.wait(session, Deed::Tls(tls));
        }
        let asked = dialogue.exchanges().last().is_some_and(|last| last.verb() == Some(Verb::StartTls));
        if asked {
            return Ok(Flow::Then(vec![Deed::Secured(tls)]));
        }
        let starttls = Deed::Send(Arc::from(&b"STARTTLS\r\n"[..]), Turns::Waits);
        Ok(Flow::Then(vec![Deed::Settle, starttls, Deed::Secured(tls)]))
    }

    /// Waits for the handshake and judges it.
    pub(super) fn secured(&mut self, session: &Session, tls: Tls) -> Result {
        if let Some(why) = failed(session) {
            return if tls.fails { self.failed_as(&tls, &why) } else { Err(self.at_tls(4, &why)) };
        }
        match session.tls() {
            Some(_) if tls.fails => Err(self.at_tls(1, "expected TLS to fail; it stands")),
            Some(_) => {
                // What was said before it is void (RFC 3207 §4.2); what was said inside it is for the next step.
                let exchanges = session.dialogue().exchanges();
                let asked = exchanges.iter().rposition(|exchange| exchange.verb() == Some(Verb::StartTls));
                self.taken = self.taken.max(asked.map_or(0, |asked| asked + 1));
                Ok(Flow::On)
            }
            None => self.wait(session, Deed::Secured(tls)),
        }
    }

    /// It failed, as it was expected to; for the reason that was expected too?
    fn failed_as(&mut self, tls: &Tls, why: &str) -> Result {
        if let Some(pattern) = &tls.why
            && !self.compiled(pattern)?.is_match(why.as_bytes())
        {
            return Err(self.at_tls(1, &format!("expected TLS to fail otherwise; {why}")));
        }
        // What is left of the connection is of no use.
        Ok(Flow::Then(vec![Deed::Drop, Deed::Forget]))
    }
}

/// Why there is no TLS that will do, in words.
fn failed(session: &Session) -> Option<String> {
    if let Some(failure) = session.tls_failure() {
        return Some(words::of(&Mark::TlsFailed(failure.clone())));
    }
    if let Some(facts) = session.tls() {
        return (!facts.accepted()).then(|| facts.doubt().unwrap_or("the certificate is not in order").to_owned());
    }
    let asked = session.dialogue().recent().find(|exchange| exchange.verb() == Some(Verb::StartTls))?;
    let code = asked.code()?.get();
    (code != 220).then(|| format!("no TLS: STARTTLS was refused with {code}"))
}
