//! The login form: which mechanism, who, with which secret, and where. It builds what is legal and refuses the rest.
//!
//! The dialog draws it; what the lines will say is a [`preview`].

pub mod preview;
pub mod typed;

use secrecy::SecretString;
use tui_input::Input;

use crate::dialogue::forecast::Legal;
use crate::knowledge::login;
use crate::ports::net::Authenticate;
use crate::session::login::Ground;
use crate::session::place::World;
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
