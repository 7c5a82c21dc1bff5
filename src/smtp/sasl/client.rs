//! The client's side of a login (RFC 4954 §4): no octet is read or written here, no random text is drawn.
//!
//! ```text
//! Setup ──begin──▶ Exchange ──command──▶ AUTH … ──▶ server
//!                     │ ◀──challenge── text of a 334
//!                     ├─▶ Answer   a line for the wire
//!                     ├─▶ Derive   slow work for another thread ──derived──▶ a line for the wire
//!                     ├─▶ GiveUp   a line that lets the server end it, and why
//!                     └─ concluded(code) ─▶ logged in, refused, or not to be believed
//! ```
//!
//! A line comes as a [`Said`]: what goes to the wire, and what it means part by part. Neither prints itself.

mod begin;
mod meaning;
mod mechanism;
mod prepare;
mod scram;
mod trouble;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

pub use super::hash::SaltedPassword;
pub use begin::{Binding, Login, Service, Setup};
pub use meaning::{Fact, Meaning, Part, Piece, Reader, What};
pub use mechanism::Mechanism;
pub use prepare::Unprepared;
pub use scram::Derivation;
pub use trouble::{Cell, Malformed, Trouble};

use super::super::limits::AUTH_LINE;
use super::{Prompt, decode, encode, hash, refusal_field};
use scram::Scram;

/// A line of the client and what it means.
#[derive(Debug)]
pub struct Said {
    line: SecretString,
    meaning: Meaning,
}

impl Said {
    /// The line for the wire, without its CR LF. It is secret whatever it holds.
    pub const fn line(&self) -> &SecretString {
        &self.line
    }

    /// What it says once decoded; nothing for `*` and for AUTH without an initial response.
    pub const fn meaning(&self) -> &Meaning {
        &self.meaning
    }

    /// `*` (RFC 4954 §4).
    fn cancel() -> Self {
        Self { line: "*".into(), meaning: Meaning::none() }
    }
}

/// A challenge that came, and what is to be done about it.
#[derive(Debug)]
pub struct Turn {
    /// What the server said.
    pub heard: Meaning,
    /// What comes next.
    pub reaction: Reaction,
}

/// What comes next in a login.
#[derive(Debug)]
pub enum Reaction {
    /// Send this.
    Answer(Said),
    /// Work this out, on a thread that may be busy for a while, and hand it to [`Exchange::derived`].
    Derive(Derivation),
    /// The login has failed; sending this line lets the server say so too.
    GiveUp {
        /// `*`, or the empty or dummy response that ends the refusal of a token.
        line: Said,
        /// Why.
        why: Trouble,
    },
}

/// How a login ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Logged in.
    In,
    /// Refused by the server; another try is allowed (RFC 4954 §4).
    Refused,
}

/// A login under way.
#[derive(Debug)]
pub struct Exchange {
    mechanism: Mechanism,
    /// The first message of a client that speaks first, until it is sent.
    opening: Option<SecretSlice<u8>>,
    script: Script,
    given_up: bool,
}

/// What the mechanism still has to say.
#[derive(Debug)]
enum Script {
    /// Nothing.
    Said,
    /// The password of LOGIN.
    Password(SecretString),
    /// One digest.
    Cram { user: String, secret: SecretString },
    /// Two messages, and a server that has to prove itself.
    Scram(Box<Scram>),
}

impl Exchange {
    /// Checks what is to be sent and refuses what the mechanism cannot carry, before anything is on the wire.
    pub fn begin(setup: &Setup) -> Result<Self, Trouble> {
        let (opening, script) = begin::begin(setup)?;
        let exchange = Self {
            mechanism: setup.mechanism,
            opening: opening.map(|octets| octets.to_vec().into()),
            script,
            given_up: false,
        };
        let password = match &exchange.script {
            Script::Password(password) => password.expose_secret().len(),
            _ => 0,
        };
        let longest = exchange.opening().map_or(0, <[u8]>::len).max(password);
        fits(longest.div_ceil(3) * 4)?;
        Ok(exchange)
    }

    /// The mechanism.
    pub const fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// The AUTH command, with an initial response if that is wanted, if the mechanism has one, and if the line with its
    /// CR LF is no longer than `room` octets (RFC 4954 §4). An initial response of no octets is written `=`.
    pub fn command(&mut self, initial: bool, room: usize) -> Said {
        let name = self.mechanism.name();
        let plain = Said { line: format!("AUTH {name}").into(), meaning: Meaning::none() };
        let Some(opening) = self.opening().filter(|_| initial && !self.mechanism.server_first()) else { return plain };
        let coded = Zeroizing::new(if opening.is_empty() { "=".to_owned() } else { encode(opening) });
        let line = Zeroizing::new(format!("AUTH {name} {}", *coded));
        if line.len() + 2 > room {
            return plain;
        }
        let meaning = Meaning::of_response(self.mechanism, Prompt::Username, opening.to_vec());
        self.opening = None;
        Said { line: line.as_str().into(), meaning }
    }

    /// Takes the text behind `334 `.
    pub fn challenge(&mut self, text: &[u8]) -> Turn {
        match decode(text) {
            Ok(octets) => {
                let reaction = self.react(&octets);
                Turn { heard: Meaning::of_challenge(self.mechanism, octets), reaction }
            }
            Err(why) => Turn { heard: Meaning::raw(text), reaction: self.give_up(Trouble::NotBase64(why)) },
        }
    }

    /// Takes what a [`Derivation`] worked out; `None` if nobody waits for it, as after giving up.
    pub fn derived(&mut self, salted: &SaltedPassword) -> Option<Reaction> {
        let Script::Scram(scram) = &mut self.script else { return None };
        let message = scram.derived(salted).filter(|_| !self.given_up)?;
        Some(self.answer(Prompt::Other, message))
    }

    /// `*`: the client calls it off. The server answers 501.
    pub fn cancel(&mut self) -> Said {
        self.given_up = true;
        Said::cancel()
    }

    /// Takes the code of the reply that ends the login. Only 235 at the right time is a success (RFC 4954 §6), and with
    /// SCRAM only after the server's signature did fit (RFC 5802 §5).
    pub fn concluded(&self, code: u16) -> Result<Outcome, Trouble> {
        match code {
            235 if self.is_complete() => Ok(Outcome::In),
            235 if matches!(self.script, Script::Scram(_)) => Err(Trouble::Unproven),
            235 => Err(Trouble::Early),
            200..300 => Err(Trouble::NotSuccess(code)),
            400..600 => Ok(Outcome::Refused),
            _ => Err(Trouble::Code(code)),
        }
    }

    /// True once the server has proved that it knows the password, which SCRAM alone makes it do.
    pub fn server_is_proven(&self) -> bool {
        matches!(&self.script, Script::Scram(scram) if scram.is_proven())
    }

    fn is_complete(&self) -> bool {
        let said = match &self.script {
            Script::Said => true,
            Script::Password(_) | Script::Cram { .. } => false,
            Script::Scram(scram) => scram.is_proven(),
        };
        said && self.opening.is_none() && !self.given_up
    }

    fn opening(&self) -> Option<&[u8]> {
        self.opening.as_ref().map(ExposeSecret::expose_secret)
    }

    fn react(&mut self, challenge: &[u8]) -> Reaction {
        if self.given_up {
            return self.give_up(Trouble::Surplus(self.mechanism));
        }
        if self.mechanism == Mechanism::Login {
            return self.prompted(Prompt::of(challenge));
        }
        if let Some(opening) = self.opening.take() {
            // RFC 4954 §4: without an initial response the server asks for it with an empty challenge.
            return match challenge {
                b"" => self.answer(Prompt::Other, opening.expose_secret().to_vec()),
                _ => self.give_up(Trouble::Surplus(self.mechanism)),
            };
        }
        match &mut self.script {
            Script::Cram { user, secret } => {
                let digest = hash::cram(secret.expose_secret().as_bytes(), challenge);
                let message = format!("{user} {digest}").into_bytes();
                self.script = Script::Said;
                self.answer(Prompt::Other, message)
            }
            Script::Scram(scram) if scram.awaits_first() => match scram.server_first(challenge) {
                Ok(derivation) => Reaction::Derive(derivation),
                Err(why) => self.give_up(why),
            },
            Script::Scram(scram) if scram.is_proven() => self.give_up(Trouble::Surplus(self.mechanism)),
            Script::Scram(scram) => match scram.server_final(challenge) {
                Ok(()) => self.answer(Prompt::Other, Vec::new()),
                Err(why) => self.give_up(why),
            },
            _ => self.refused_token(challenge),
        }
    }

    /// LOGIN answers by position, and only if the words of the prompt do not contradict it.
    fn prompted(&mut self, asked: Prompt) -> Reaction {
        let expected = match (&self.opening, &self.script) {
            (Some(_), _) => Prompt::Username,
            (None, Script::Password(_)) => Prompt::Password,
            _ => return self.give_up(Trouble::Surplus(self.mechanism)),
        };
        if asked != Prompt::Other && asked != expected {
            return self.give_up(Trouble::Prompt { expected, asked });
        }
        let message = match (self.opening.take(), &self.script) {
            (Some(user), _) => user.expose_secret().to_vec(),
            (None, Script::Password(password)) => {
                let password = password.expose_secret().as_bytes().to_vec();
                self.script = Script::Said;
                password
            }
            (None, _) => Vec::new(),
        };
        self.answer(expected, message)
    }

    /// A token is refused in a last challenge, which wants an answer: a single 01 (RFC 7628 §3.2.3), in XOAUTH2 nothing.
    fn refused_token(&mut self, challenge: &[u8]) -> Reaction {
        let dummy: &[u8] = match self.mechanism {
            Mechanism::OauthBearer => b"\x01",
            Mechanism::XOauth2 => b"",
            other => return self.give_up(Trouble::Surplus(other)),
        };
        let status = refusal_field(challenge, "status").unwrap_or("no reason was given");
        let status: String = status.chars().take(60).collect();
        let status = crate::safe::screen(status.as_bytes()).into_string();
        self.given_up = true;
        let meaning = Meaning::of_response(self.mechanism, Prompt::Other, dummy.to_vec());
        let line = Said { line: encode(dummy).into(), meaning };
        Reaction::GiveUp { line, why: Trouble::TokenRefused(status) }
    }

    fn answer(&mut self, asked: Prompt, message: Vec<u8>) -> Reaction {
        let line = Zeroizing::new(encode(&message));
        match fits(line.len()) {
            Ok(()) => {
                let meaning = Meaning::of_response(self.mechanism, asked, message);
                Reaction::Answer(Said { line: line.as_str().into(), meaning })
            }
            Err(why) => self.give_up(why),
        }
    }

    fn give_up(&mut self, why: Trouble) -> Reaction {
        Reaction::GiveUp { line: self.cancel(), why }
    }
}

/// A line of so many letters, with CR LF, is one that servers are known to take.
const fn fits(letters: usize) -> Result<(), Trouble> {
    if letters + 2 > AUTH_LINE { Err(Trouble::TooLong(letters + 2)) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
