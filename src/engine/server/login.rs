//! AUTH from the server's side (RFC 4954): PLAIN, LOGIN, CRAM-MD5 and SCRAM.

use crate::smtp::command::Command;
use crate::smtp::sasl::server::{Scram, cram_parts};
use crate::smtp::sasl::{Plain, Response, decode, encode, response};

use super::ask::{Ask, Decision, Dialect, Login, Proof};
use super::config::{Extension, Mechanism};
use super::saying::Saying;
use super::{Mode, Server};

/// A login under way: which response comes next.
#[derive(Debug)]
pub(super) enum Exchange {
    /// The one response of PLAIN.
    Plain,
    /// The user name of LOGIN.
    User,
    /// The password of LOGIN, for this user.
    Password(Vec<u8>),
    /// The digest of this challenge (CRAM-MD5).
    Digest(String),
    /// The first message of SCRAM.
    First(Mechanism),
    /// Its last message.
    Last(Box<Scram>),
    /// The empty response to the server's own proof; then this user is signed in.
    Proven(Vec<u8>),
}

impl Server {
    /// Logins can be tied to the TLS connection by these octets (RFC 9266); until TLS begins anew.
    pub fn tie_logins(&mut self, exported: [u8; 32]) {
        self.state.exported = Some(exported);
    }

    pub(super) fn begin_login(&mut self, command: &Command<'_>) {
        if let Some(saying) = self.login_fault() {
            return self.refuse(saying, "");
        }
        let Some(name) = command.mechanism() else {
            return self.refuse(Saying::WantsArgument, "AUTH");
        };
        let mechanism = Mechanism::from_name(name).filter(|mechanism| self.config.mechanisms.contains(mechanism));
        let Some(first) = mechanism.and_then(|mechanism| self.first(mechanism)) else {
            return self.refuse(Saying::AuthMechanism, &super::reply::printable(name));
        };
        let initial = command.initial_response().and_then(|span| command.raw.get(span));
        match (initial, &first) {
            // RFC 4954 §4: where the server speaks first, an initial response is refused.
            (Some(_), Exchange::Digest(_)) => self.refuse(Saying::AuthSyntax, ""),
            (Some(initial), _) => self.login_response(first, response(initial, true)),
            (None, _) => self.prompt(first),
        }
    }

    /// What a login begins with; nothing for mechanisms that this engine does not speak.
    fn first(&self, mechanism: Mechanism) -> Option<Exchange> {
        match mechanism {
            Mechanism::Plain => Some(Exchange::Plain),
            Mechanism::Login => Some(Exchange::User),
            Mechanism::CramMd5 => Some(Exchange::Digest(format!("<{}@{}>", self.config.nonce, self.config.host))),
            Mechanism::ScramSha1 | Mechanism::ScramSha1Plus | Mechanism::ScramSha256 | Mechanism::ScramSha256Plus => {
                Some(Exchange::First(mechanism))
            }
            _ => None,
        }
    }

    fn login_fault(&self) -> Option<Saying> {
        if self.state.user.is_some() {
            Some(Saying::AuthAlready)
        } else if self.transaction.is_some() {
            Some(Saying::AuthInTransaction)
        } else if self.protocol().dialect == Dialect::Smtp {
            Some(Saying::AuthNeedsEhlo)
        } else if !self.offers(Extension::Auth) {
            Some(Saying::AuthNeedsTls)
        } else {
            None
        }
    }

    fn prompt(&mut self, next: Exchange) {
        let challenge = match &next {
            Exchange::Plain | Exchange::First(_) | Exchange::Proven(_) => String::new(),
            Exchange::User => encode(b"Username:"),
            Exchange::Password(_) => encode(b"Password:"),
            Exchange::Digest(challenge) => encode(challenge.as_bytes()),
            Exchange::Last(scram) => encode(scram.challenge().as_bytes()),
        };
        self.say(Saying::AuthPrompt, &challenge);
        self.mode = Mode::Login(next);
    }

    pub(super) fn login_line(&mut self, line: &[u8]) {
        let Mode::Login(exchange) = std::mem::replace(&mut self.mode, Mode::Commands) else { return };
        self.login_response(exchange, response(line.trim_ascii_end(), false));
    }

    fn login_response(&mut self, exchange: Exchange, response: Response<'_>) {
        let decoded = match response {
            Response::Cancel => return self.refuse(Saying::AuthCancelled, ""),
            Response::Empty => Ok(Vec::new()),
            Response::Encoded(text) => decode(text),
        };
        let Ok(decoded) = decoded else {
            return self.refuse(Saying::AuthSyntax, "");
        };
        match exchange {
            Exchange::Plain => self.ask_login(plain(&decoded)),
            Exchange::User => self.prompt(Exchange::Password(decoded)),
            Exchange::Password(user) => self.ask_login(Some(Login::of(user, Proof::Password(decoded)))),
            Exchange::Digest(challenge) => self.ask_login(cram_parts(&decoded).map(|(user, digest)| {
                let (challenge, digest) = (challenge.into_bytes(), digest.to_vec());
                Login::of(user.to_vec(), Proof::Digest { challenge, digest })
            })),
            Exchange::First(mechanism) => match self.scram(mechanism, &decoded) {
                Some(scram) => self.prompt(Exchange::Last(Box::new(scram))),
                None => self.refuse(Saying::AuthSyntax, ""),
            },
            Exchange::Last(scram) => self.ask_login(Some(Login {
                user: scram.user().as_bytes().to_vec(),
                acts_as: scram.act_as().as_bytes().to_vec(),
                proof: Proof::Scram { exchange: *scram, message: decoded },
            })),
            Exchange::Proven(user) if decoded.is_empty() => self.signed_in(user),
            Exchange::Proven(_) => self.refuse(Saying::AuthSyntax, ""),
        }
    }

    fn scram(&self, mechanism: Mechanism, first: &[u8]) -> Option<Scram> {
        let plus = self.config.mechanisms.iter().any(|mechanism| mechanism.binds());
        Scram::begin(mechanism, first, self.state.exported.as_ref(), plus, &self.config.nonce)
    }

    /// Asks the host about a login; one that could not be read is refused.
    fn ask_login(&mut self, login: Option<Login>) {
        match login {
            Some(login) => self.ask(Ask::Login(login)),
            None => self.refuse(Saying::AuthSyntax, ""),
        }
    }

    pub(super) fn login_decided(&mut self, login: &Login, decision: &Decision) {
        match decision {
            Decision::Prove(message) => {
                self.say(Saying::AuthPrompt, &encode(message.as_bytes()));
                self.mode = Mode::Login(Exchange::Proven(login.user.clone()));
            }
            decision if decision.is_yes() => {
                self.state.user = Some(login.user.clone());
                self.answer_with(decision, Saying::AuthOk, &super::reply::printable(&login.user));
            }
            decision => self.answer_with(decision, Saying::AuthOk, ""),
        }
    }

    fn signed_in(&mut self, user: Vec<u8>) {
        self.say(Saying::AuthOk, &super::reply::printable(&user));
        self.state.user = Some(user);
    }
}

impl Login {
    /// Of a user who acts as nobody else.
    fn of(user: Vec<u8>, proof: Proof) -> Self {
        Self { user, acts_as: Vec::new(), proof }
    }
}

fn plain(decoded: &[u8]) -> Option<Login> {
    let parts = Plain::parse(decoded);
    if memchr::memchr_iter(0, decoded).count() != 2 {
        return None;
    }
    let part = |range| decoded.get(range).map(<[u8]>::to_vec);
    Some(Login {
        user: part(parts.authcid)?,
        acts_as: part(parts.authzid)?,
        proof: Proof::Password(part(parts.password)?),
    })
}
