//! How it ends where nobody types: the exit code, and what is said about it.

use super::Linear;
use crate::app::App;
use crate::session::{Session, State};
use crate::smtp::code::{Class, Code};
use crate::tape::mark::{Mark, Wait};

impl Linear {
    /// The exit code; a person who leaves has seen what there was to see.
    pub fn exit(&self, app: &App) -> u8 {
        match (self.person, self.refused) {
            (true, _) => 0,
            (false, true) => 7,
            (false, false) => app.room.session(&app.model).map_or(0, exit),
        }
    }

    /// True if nobody is there to decide what has to be decided now.
    pub fn is_stuck(&self, app: &App) -> bool {
        let undecided = |session: &Session| session.awaits_trust() || session.awaits_patience();
        !self.person && app.room.session(&app.model).is_some_and(undecided)
    }
}

/// What a session that nobody watched comes to.
fn exit(session: &Session) -> u8 {
    let marks = || session.tape().marks().iter().rev().map(|(_, mark)| mark);
    let timed_out = |wait| marks().any(|mark| matches!(mark, Mark::TimedOut(it) if *it == wait));
    if matches!(session.state(), State::Failed(_)) {
        return 3;
    }
    if session.awaits_patience() {
        return 6;
    }
    if session.tls_failure().is_some() {
        return if timed_out(Wait::Tls) { 6 } else { 4 };
    }
    let without = session.ended_without_tls();
    if session.awaits_trust() || without.is_some_and(|(_, refused)| refused.is_none()) {
        return 4;
    }
    // A reply that refuses, or none at all before the connection went.
    let exchanges = session.dialogue().exchanges();
    let refused = exchanges.iter().any(|exchange| exchange.code().is_some_and(is_refusal));
    let unanswered = matches!(session.state(), State::Over) && session.dialogue().awaits_reply();
    if refused || unanswered { 5 } else { 0 }
}

fn is_refusal(code: Code) -> bool {
    matches!(code.class(), Class::Transient | Class::Permanent)
}
