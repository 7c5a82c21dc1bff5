//! The login form: which mechanism, who, with which secret, and where. It builds what is legal and refuses the rest.
//!
//! The dialog draws it; what the lines will say is a [`preview`].

pub mod preview;
pub mod typed;

use secrecy::SecretString;
use tui_input::Input;

use crate::dialogue::forecast::{Legal, legal};
use crate::knowledge::{login, mechanisms};
use crate::ports::net::{Authenticate, Place};
use crate::session::Session;
use crate::session::place::World;
use crate::smtp::command::Verb;
use crate::smtp::sasl::client::{Binding, Exchange, Login, Mechanism, Setup, Trouble};

use typed::Typed;

/// A cell of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// The mechanism.
    Mechanism,
    /// Whom to act for.
    ActAs,
    /// Who logs in.
    User,
    /// The password or token.
    Secret,
    /// Where the first message stands.
    First,
}

impl Cell {
    /// All, from top to bottom.
    pub const ALL: [Self; 5] = [Self::Mechanism, Self::ActAs, Self::User, Self::Secret, Self::First];

    /// The one after or before it, round and round.
    #[must_use]
    pub fn next(self, back: bool) -> Self {
        let at = Self::ALL.iter().position(|cell| *cell == self).unwrap_or_default();
        let step = if back { Self::ALL.len() - 1 } else { 1 };
        Self::ALL.get((at + step) % Self::ALL.len()).copied().unwrap_or(self)
    }
}

/// What was logged in with before: all but the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// Whom to act for.
    pub act_as: String,
    /// Who.
    pub user: String,
}

/// What the command line hands to the form of one host.
#[derive(Debug, Clone)]
pub struct Handed {
    /// The host, in lower case: no other one's form is filled in.
    pub host: String,
    /// Who logs in; empty if that is left open.
    pub user: String,
    /// The secret.
    pub secret: Option<SecretString>,
}

/// What is filled in.
#[derive(Debug)]
pub struct Form {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// Whom to act for.
    pub act_as: Input,
    /// Who logs in.
    pub user: Input,
    /// The password or token.
    pub secret: Typed,
    /// True to send the first message behind AUTH.
    pub initial: bool,
}

/// What the form has to know of the connection.
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
        let listed = dialogue.extensions().map(crate::smtp::extension::Extensions::auth).unwrap_or_default();
        let facts = session.tls();
        Self {
            offered: listed.iter().filter_map(|listed| Mechanism::from_name(listed.name.as_bytes())).collect(),
            secured: dialogue.is_secured(),
            verified: facts.is_none_or(crate::tape::tls::TlsFacts::verified),
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

impl Form {
    /// A form with the best mechanism of the ground, or with what was used before.
    pub fn new(ground: &Ground, known: Option<&Known>) -> Self {
        let best = ground.choices().first().map_or(Mechanism::Plain, |choice| choice.mechanism);
        let text = |part: fn(&Known) -> &String| Input::new(known.map(part).cloned().unwrap_or_default());
        Self {
            mechanism: known.map_or(best, |known| known.mechanism),
            act_as: text(|known| &known.act_as),
            user: text(|known| &known.user),
            secret: Typed::default(),
            initial: true,
        }
    }

    /// The form that a login came from; what was suggested counts as typed.
    pub fn of(wanted: &Authenticate) -> Self {
        let text = |text: &String| Input::new(text.clone());
        Self {
            mechanism: wanted.mechanism,
            act_as: text(&wanted.login.act_as),
            user: text(&wanted.login.user),
            secret: Typed::of(&wanted.login.secret),
            initial: wanted.initial,
        }
    }

    /// Takes over what was handed to it; a user who was typed before stays.
    pub fn take(&mut self, handed: &Handed) {
        if self.user.value().is_empty() {
            self.user = Input::new(handed.user.clone());
        }
        let his = handed.user.is_empty() || self.user.value() == handed.user;
        if let Some(secret) = handed.secret.as_ref().filter(|_| his) {
            self.secret = Typed::of(secret);
        }
    }

    /// All but the secret, for the next time.
    pub fn known(&self) -> Known {
        let text = |input: &Input| input.value().to_owned();
        Known { mechanism: self.mechanism, act_as: text(&self.act_as), user: text(&self.user) }
    }

    /// Takes the mechanism after or before this one in the list.
    pub fn turn(&mut self, ground: &Ground, back: bool) {
        let choices = ground.choices();
        let at = choices.iter().position(|choice| choice.mechanism == self.mechanism).unwrap_or_default();
        let step = if back { choices.len() - 1 } else { 1 };
        if let Some(choice) = choices.get((at + step) % choices.len().max(1)) {
            self.mechanism = choice.mechanism;
        }
    }

    /// True if the mechanism has a place for what a cell holds.
    pub fn uses(&self, cell: Cell) -> bool {
        use Mechanism::{Anonymous, CramMd5, External, Login, XOauth2};
        match cell {
            Cell::Mechanism => true,
            Cell::ActAs => !matches!(self.mechanism, Login | CramMd5 | XOauth2 | Anonymous),
            Cell::User => self.mechanism != External,
            Cell::Secret => !matches!(self.mechanism, External | Anonymous),
            Cell::First => !self.mechanism.server_first(),
        }
    }

    /// The user that is suggested, while none is typed.
    pub fn suggested_user<'a>(&self, ground: &'a Ground) -> Option<&'a str> {
        let (user, _) = ground.suggested.as_ref()?;
        (self.user.value().is_empty() && self.uses(Cell::Secret)).then_some(user)
    }

    /// The password that is suggested with that user, while none is typed.
    pub fn suggested_secret<'a>(&self, ground: &'a Ground) -> Option<&'a str> {
        let (user, secret) = ground.suggested.as_ref()?;
        let his = self.user.value().is_empty() || self.user.value() == user;
        (his && self.secret.is_empty() && self.uses(Cell::Secret)).then_some(secret)
    }

    /// Who logs in, suggestions taken.
    fn login(&self, ground: &Ground) -> Login {
        let user = self.suggested_user(ground).unwrap_or(self.user.value());
        let secret = self.suggested_secret(ground).map_or_else(|| self.secret.secret(), Into::into);
        Login { act_as: self.act_as.value().to_owned(), user: user.to_owned(), secret }
    }

    /// The exchange that this would be, but for the nonce and what ties it to TLS.
    fn exchange(&self, ground: &Ground) -> Result<Exchange, Trouble> {
        let binding = if ground.binds { Binding::TlsExporter([0; 32]) } else { Binding::Unable };
        let setup = Setup::new(self.mechanism, self.login(ground));
        Exchange::begin(&Setup { binding, nonce: "nonce".to_owned(), ..setup })
    }

    /// What goes to the network, or why nothing does.
    pub fn plan(&self, ground: &Ground) -> Result<Authenticate, String> {
        if let Some(why) = self.obstacle(ground) {
            return Err(why);
        }
        self.exchange(ground).map_err(|trouble| trouble.to_string())?;
        let plus_listed = ground.offered.iter().any(|mechanism| mechanism.binds());
        let (mechanism, login) = (self.mechanism, self.login(ground));
        Ok(Authenticate { mechanism, login, initial: self.initial, plus_listed })
    }

    /// What a form does not do (PRODUCT, "Two hands"): AUTH out of order, a secret under a certificate in doubt.
    fn obstacle(&self, ground: &Ground) -> Option<String> {
        match ground.legal {
            // That AUTH is not offered is only warned of.
            Legal::Not { code, why } if code != 502 => return Some(format!("AUTH cannot be sent now: {why}.")),
            _ => {}
        }
        let why = match ground {
            _ if !self.uses(Cell::Secret) => return None,
            Ground { verified: false, .. } => "The certificate is not in order",
            Ground { missed: true, .. } => "TLS was preferred and there is none",
            _ => return None,
        };
        Some(format!("{why}, so the form sends no secret here. By hand you can: type AUTH."))
    }

    /// What Enter asks before it sends: a real host would get a secret in clear.
    pub fn question(&self, ground: &Ground) -> Option<String> {
        let clear = ground.world == World::Live && !ground.secured && login::is_readable(self.mechanism);
        clear.then(|| {
            let secret =
                if matches!(self.mechanism, Mechanism::Plain | Mechanism::Login) { "password" } else { "token" };
            format!("No TLS: everybody on the way can read the {secret}. Enter again sends it.")
        })
    }

    /// The gravest doubt about it, in one line.
    pub fn warning(&self, ground: &Ground) -> Option<String> {
        let mechanism = self.mechanism;
        let readable = !ground.secured && login::is_readable(mechanism);
        match ground.legal {
            Legal::Not { code: 502, .. } => Some("502 expected: the server does not offer AUTH here.".into()),
            _ if readable && ground.world == World::Lab => {
                Some("No TLS: outside the lab everybody on the way could read this.".into())
            }
            _ if readable => Some("No TLS: everybody on the way can read this. STARTTLS comes first.".into()),
            _ if !ground.offered.contains(&mechanism) => {
                Some(format!("504 expected: the server does not list {mechanism}."))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
