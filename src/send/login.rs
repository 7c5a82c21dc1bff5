//! The login of one call: the best mechanism that the server lists, and what a login by itself does not do.

use crate::dialogue::forecast::Legal;
use crate::knowledge::login::is_readable;
use crate::ports::net::{Act, Authenticate};
use crate::session::Session;
use crate::session::login::Ground;
use crate::session::outcome::Outcome;
use crate::session::place::World;
use crate::smtp::sasl::client::{self, Mechanism};
use crate::smtp::stage::Stage;

use super::{Login, Sending, Step, Turn};

impl Sending {
    /// AUTH, if somebody logs in.
    pub(super) fn log_in(&self, session: &Session) -> Turn {
        let Some(login) = &self.wish.login else { return self.behind(Stage::Auth, Step::Mail) };
        match authenticate(login, &Ground::of(session, &(String::new(), String::new()))) {
            Ok(login) => Turn::Do(Act::Authenticate(login), Step::LoggedIn),
            Err(outcome) => Turn::Stop(outcome),
        }
    }
}

/// What goes to the network, or why nothing does.
fn authenticate(login: &Login, ground: &Ground) -> Result<Authenticate, Outcome> {
    let stop = |exit, id, say: String| Err(Outcome::stopped(exit, Stage::Auth, id, say));
    if let Legal::Not { code, why } = ground.legal {
        let say =
            if code == 502 { "The server does not offer AUTH here.".into() } else { format!("No AUTH now: {why}.") };
        return stop(5, "send/not-offered", say);
    }
    let usable = |mechanism: Mechanism| ground.binds || !mechanism.binds();
    let best = || ground.choices().into_iter().find(|choice| choice.offered && usable(choice.mechanism));
    let Some(mechanism) = login.mechanism.or_else(|| best().map(|choice| choice.mechanism)) else {
        return stop(5, "send/not-offered", "The server lists no mechanism that is spoken here.".into());
    };
    if !ground.offered.contains(&mechanism) {
        let listed: Vec<_> = ground.offered.iter().map(|mechanism| mechanism.name()).collect();
        return stop(
            5,
            "send/not-offered",
            format!("The server does not list {mechanism}, but {}.", listed.join(", ")),
        );
    }
    let has_secret = !matches!(mechanism, Mechanism::External | Mechanism::Anonymous);
    if ground.world == World::Live && has_secret && !ground.secured && is_readable(mechanism) {
        let say = "Without TLS everybody on the way could read the secret, so it does not leave by itself. \
                   Use --tls require, or a mechanism that does not show it.";
        return stop(7, "auth/plaintext", say.into());
    }
    if ground.world == World::Live && has_secret && !ground.verified {
        let say = "The certificate is not in order, so no secret leaves by itself: somebody else may listen.";
        return stop(7, "policy/unverified-secret", say.into());
    }
    let secret = match &login.secret {
        Some(secret) => secret.clone(),
        None if !has_secret => "".into(),
        None => {
            let say =
                format!("{mechanism} needs a secret: give --password-file, --password-command or --password-stdin.");
            return stop(2, "send/no-secret", say);
        }
    };
    let plus_listed = ground.offered.iter().any(|mechanism| mechanism.binds());
    let login = client::Login { act_as: String::new(), user: login.user.clone(), secret };
    Ok(Authenticate { mechanism, login, initial: true, plus_listed })
}
