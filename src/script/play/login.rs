//! Logins: whose secret goes, whether it may, and whether the verdict can be believed.

use secrecy::SecretString;

use super::super::policy::Ruling;
use super::deed::{Deed, Flow};
use super::perform::Result;
use super::{Next, Player};
use crate::dialogue::exchange::Exchange;
use crate::knowledge::login::is_readable;
use crate::ports::net::{Act, Authenticate, Place};
use crate::session::outcome::Outcome;
use crate::session::{Model, Session};
use crate::smtp::code::Code;
use crate::smtp::extension::Extensions;
use crate::smtp::flaw::FlawKind;
use crate::smtp::sasl::client::{Login, Mechanism};
use crate::smtp::stage::Stage;
use crate::tape::mark::Mark;
use crate::tape::tls::TlsFacts;

/// A login without its secret, which is looked for when its turn comes.
pub(super) fn wanted(mechanism: Mechanism, user: String) -> Authenticate {
    let login = Login { user, ..Login::default() };
    Authenticate { mechanism, login, initial: true, plus_listed: false }
}

impl Player {
    /// Logs in with the secret of the user.
    pub(super) fn login(&mut self, session: &Session, model: &Model, mut wanted: Authenticate) -> Result {
        self.stage = Stage::Auth;
        let listed = session.dialogue().extensions().map(Extensions::auth).unwrap_or_default();
        let mut listed = listed.iter().filter_map(|listed| Mechanism::from_name(listed.name.as_bytes()));
        wanted.plus_listed = listed.any(Mechanism::binds);
        let guarded = session.tls().is_some_and(TlsFacts::verified) || !is_readable(wanted.mechanism);
        if let Ruling::No(id, why) = self.policy.logs_in(session.world(), guarded) {
            return Err(self.stopped(7, id, &why));
        }
        if !matches!(wanted.mechanism, Mechanism::External | Mechanism::Anonymous) {
            match self.secret(session, model, &wanted.login.user) {
                Some(secret) => wanted.login.secret = secret,
                None if self.wishes.asks => return Ok(Flow::Then(vec![Deed::Ask(Box::new(wanted))])),
                None => return Err(self.no_secret(&wanted.login.user, "")),
            }
        }
        self.begin_login(session, wanted)
    }

    /// Somebody is to say the secret.
    pub(super) fn ask(&mut self, session: &Session, wanted: Box<Authenticate>) -> Flow {
        let (user, host) = (wanted.login.user.clone(), session.target.host.clone());
        self.deeds.push_front(Deed::Answered(wanted));
        Flow::Ask(Next::Secret { user, host })
    }

    /// Logs in with the secret that was said.
    pub(super) fn log_in(&mut self, session: &Session, mut wanted: Authenticate) -> Result {
        match self.answer.take() {
            Some(Ok(secret)) => wanted.login.secret = secret,
            none => {
                let why = none.and_then(std::result::Result::err).unwrap_or_default();
                return Err(self.no_secret(&wanted.login.user, why));
            }
        }
        self.begin_login(session, wanted)
    }

    fn no_secret(&self, user: &str, why: &str) -> Outcome {
        let say = format!("no secret for {user}: give --password-file, --password-command or --password-stdin{why}");
        self.stopped(2, "cli/secret", &say)
    }

    fn begin_login(&self, session: &Session, wanted: Authenticate) -> Result {
        self.unbroken(session)?;
        let (exchanges, marks) = (session.dialogue().exchanges().len(), session.tape().marks().len());
        Ok(Flow::Then(vec![Deed::Act(Act::Authenticate(wanted)), Deed::LoggedIn { exchanges, marks }]))
    }

    /// The secret that came from outside; in the lab, where passwords are public, that of the user without one.
    fn secret(&self, session: &Session, model: &Model, user: &str) -> Option<SecretString> {
        let cast = model.lab_state.cast.as_ref().filter(|_| session.target.place == Place::Lab);
        let mut users = cast.into_iter().flat_map(|cast| &cast.users);
        let public = || users.find(|(name, _)| name == user).map(|(_, password)| password.as_str().into());
        self.wishes.secret.clone().or_else(public)
    }

    /// The verdict on a login is for the next step to judge, unless it may not be believed.
    pub(super) fn logged_in(&mut self, session: &Session, exchanges: usize, marks: usize) -> Result {
        let dialogue = session.dialogue();
        let stopped = session.tape().marks().iter().skip(marks).find_map(|(_, mark)| match mark {
            Mark::LoginStopped { id, why } => {
                let id = FlawKind::from_id(id).map_or("script/login", FlawKind::id);
                Some((id, why.trim_end_matches('.')))
            }
            _ => None,
        });
        let last = dialogue.exchanges().len().saturating_sub(1);
        let begun = dialogue.exchanges().len() > exchanges;
        let code = dialogue.exchanges().last().filter(|_| begun).and_then(Exchange::code).map(Code::get);
        match (code, stopped) {
            (None, Some((id, why))) if !begun => Err(self.stopped(2, id, why)),
            (Some(code), Some((id, why))) if code < 400 && code != 334 => Err(self.stopped(5, id, why)),
            (Some(code), _) if code != 334 => {
                self.taken = last;
                Ok(Flow::On)
            }
            _ => self.wait(session, Deed::LoggedIn { exchanges, marks }),
        }
    }
}
