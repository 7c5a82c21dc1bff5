//! AUTH PLAIN and AUTH LOGIN from the server's side (RFC 4954, RFC 4616).

use crate::smtp::command::Command;
use crate::smtp::sasl::{Plain, Response, decode, encode, response};

use super::ask::{Ask, Decision, Login};
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
}

impl Server {
    pub(super) fn begin_login(&mut self, command: &Command<'_>) {
        if let Some(saying) = self.login_fault() {
            return self.refuse(saying, "");
        }
        let Some(name) = command.mechanism() else {
            return self.refuse(Saying::WantsArgument, "AUTH");
        };
        let mechanism = Mechanism::from_name(name).filter(|mechanism| self.config.mechanisms.contains(mechanism));
        let first = match mechanism {
            Some(Mechanism::Plain) => Exchange::Plain,
            Some(Mechanism::Login) => Exchange::User,
            None => return self.refuse(Saying::AuthMechanism, &super::reply::printable(name)),
        };
        let initial = command.initial_response().and_then(|span| command.raw.get(span));
        match initial {
            Some(initial) => self.login_response(first, response(initial, true)),
            None => self.prompt(first),
        }
    }

    fn login_fault(&self) -> Option<Saying> {
        if self.state.user.is_some() {
            Some(Saying::AuthAlready)
        } else if self.transaction.is_some() {
            Some(Saying::AuthInTransaction)
        } else if !self.protocol().extended {
            Some(Saying::AuthNeedsEhlo)
        } else if !self.offers(Extension::Auth) {
            Some(Saying::AuthNeedsTls)
        } else {
            None
        }
    }

    fn prompt(&mut self, next: Exchange) {
        let challenge = match &next {
            Exchange::Plain => String::new(),
            Exchange::User => encode(b"Username:"),
            Exchange::Password(_) => encode(b"Password:"),
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
            Exchange::Plain => match plain(&decoded) {
                Some(login) => self.ask(Ask::Login(login)),
                None => self.refuse(Saying::AuthSyntax, ""),
            },
            Exchange::User => self.prompt(Exchange::Password(decoded)),
            Exchange::Password(user) => self.ask(Ask::Login(Login { user, acts_as: Vec::new(), password: decoded })),
        }
    }

    pub(super) fn login_decided(&mut self, login: &Login, decision: &Decision) {
        if decision.is_yes() {
            self.state.user = Some(login.user.clone());
        }
        let it = super::reply::printable(&login.user);
        self.answer_with(decision, Saying::AuthOk, &it);
    }
}

fn plain(decoded: &[u8]) -> Option<Login> {
    let parts = Plain::parse(decoded);
    if memchr::memchr_iter(0, decoded).count() != 2 {
        return None;
    }
    let part = |range| decoded.get(range).map(<[u8]>::to_vec);
    Some(Login { user: part(parts.authcid)?, acts_as: part(parts.authzid)?, password: part(parts.password)? })
}
