//! What a login has to know of a session: which mechanisms the server lists, which of them can be used, and whether AUTH
//! is in order now. The form of the screen and the faces without one choose by it.

use crate::dialogue::forecast::{Legal, legal};
use crate::knowledge::{login, mechanisms};
use crate::ports::net::Place;
use crate::smtp::command::Verb;
use crate::smtp::extension::Extensions;
use crate::smtp::sasl::client::Mechanism;
use crate::tape::tls::TlsFacts;

use super::Session;
use super::place::World;

/// What a login has to know of the connection.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone)]
pub struct Ground {
    /// The mechanisms that the server lists and a client of ours speaks.
    pub offered: Vec<Mechanism>,
    /// Inside TLS.
    pub secured: bool,
    /// What the certificate was found to be, or there is none.
    pub verified: bool,
    /// TLS was preferred and did not come about.
    pub missed: bool,
    /// The login can be tied to the TLS connection.
    pub binds: bool,
    /// Whether AUTH is in order now.
    pub legal: Legal,
    /// Where the server is.
    pub world: World,
    /// What is suggested where nothing is typed: a user of the lab and the password, which is public.
    pub suggested: Option<(String, String)>,
}

/// A line of the list of mechanisms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// The server lists it.
    pub offered: bool,
    /// What it is, or why it cannot be taken or should not.
    pub why: &'static str,
    /// True if that is a reason against it.
    pub doubtful: bool,
}

impl Ground {
    /// Of a session; `suggested` is for lab hosts only.
    pub fn of(session: &Session, suggested: &(String, String)) -> Self {
        let dialogue = session.dialogue();
        let listed = dialogue.extensions().map(Extensions::auth).unwrap_or_default();
        let facts = session.tls();
        Self {
            offered: listed.iter().filter_map(|listed| Mechanism::from_name(listed.name.as_bytes())).collect(),
            secured: dialogue.is_secured(),
            verified: facts.is_none_or(TlsFacts::verified),
            missed: session.missed_tls(),
            binds: dialogue.is_secured() && facts.is_some_and(|facts| facts.version == "TLS 1.3"),
            legal: legal(dialogue, Verb::Auth),
            world: session.world(),
            suggested: (session.target.place == Place::Lab).then(|| suggested.clone()),
        }
    }

    /// The mechanisms: those that the server lists and that can be used here first, the best of each first.
    pub fn choices(&self) -> Vec<Choice> {
        let mut choices: Vec<_> = Mechanism::ALL.iter().map(|mechanism| self.choice(*mechanism)).collect();
        choices.sort_by_key(|choice| (!choice.offered, choice.mechanism.binds() && !self.binds));
        choices
    }

    fn choice(&self, mechanism: Mechanism) -> Choice {
        let offered = self.offered.contains(&mechanism);
        let choice = |why, doubtful| Choice { mechanism, offered, why, doubtful };
        if mechanism.binds() && !self.binds {
            return choice("tied to TLS 1.3, which is not there", true);
        }
        if !self.secured && login::is_readable(mechanism) {
            return choice("readable for all on the way: no TLS", true);
        }
        let entry = mechanisms::mechanism(mechanism.name().as_bytes());
        choice(entry.map_or("", |entry| entry.why.as_str()), false)
    }
}
