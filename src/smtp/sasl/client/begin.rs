//! What a login needs, and the first message made of it.

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use super::super::MAX_ROUNDS;
use super::scram::{Scram, is_printable, saslname};
use super::trouble::{Cell, Trouble};
use super::{Mechanism, Script, prepare};

/// Who logs in.
#[derive(Debug, Clone, Default)]
pub struct Login {
    /// Whom to act for; mostly empty, which is "for oneself".
    pub act_as: String,
    /// Who logs in. For ANONYMOUS the text to leave, which may be empty; not used by EXTERNAL.
    pub user: String,
    /// The password or the token; not used by EXTERNAL and ANONYMOUS.
    pub secret: SecretString,
}

/// Two logins are the same if all their parts are.
impl PartialEq for Login {
    fn eq(&self, other: &Self) -> bool {
        (&self.act_as, &self.user) == (&other.act_as, &other.user)
            && self.secret.expose_secret() == other.secret.expose_secret()
    }
}

impl Eq for Login {}

/// The server as the client reached it: OAUTHBEARER says it again (RFC 7628 §3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// What can tie a login to the TLS connection (RFC 5802 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Binding {
    /// This side cannot do it: there is no TLS, or it is older than 1.3. Flag `n`.
    #[default]
    Unable,
    /// This side could, but the server lists no -PLUS mechanism. Flag `y`: if that list was shortened on the way, the
    /// server notices.
    NotOffered,
    /// `tls-exporter`: 32 octets exported from the TLS connection with the label `EXPORTER-Channel-Binding` and an empty
    /// context (RFC 9266 §2). Flag `p` with a -PLUS mechanism, else `n`.
    TlsExporter([u8; 32]),
}

/// Everything that a login needs.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// Who.
    pub login: Login,
    /// The server, for OAUTHBEARER; `None` leaves it out.
    pub service: Option<Service>,
    /// What ties SCRAM to TLS.
    pub binding: Binding,
    /// Fresh random text for SCRAM: printable ASCII without a comma, 18 octets of randomness or more.
    pub nonce: String,
    /// Rounds of hashing that SCRAM does at most.
    pub most_rounds: u32,
}

impl Setup {
    /// A login without a nonce and without anything that ties it to TLS.
    pub fn new(mechanism: Mechanism, login: Login) -> Self {
        let most_rounds = u32::try_from(MAX_ROUNDS).unwrap_or(u32::MAX);
        Self { mechanism, login, service: None, binding: Binding::Unable, nonce: String::new(), most_rounds }
    }

    fn needs(&self, cell: Cell, text: &str) -> Result<(), Trouble> {
        if text.is_empty() { Err(Trouble::Missing(self.mechanism, cell)) } else { Ok(()) }
    }

    /// User and secret are there and can be sent.
    fn needs_both(&self) -> Result<(&str, &str), Trouble> {
        let (user, secret) = (self.login.user.as_str(), self.login.secret.expose_secret());
        self.needs(Cell::User, user)?;
        self.needs(Cell::Secret, secret)?;
        // NUL parts the fields of PLAIN (RFC 4616 §2), and no server keeps a password with a line end in it.
        refuse(Cell::User, user, |point| matches!(point, '\0' | '\r' | '\n'))?;
        refuse(Cell::Secret, secret, |point| matches!(point, '\0' | '\r' | '\n'))?;
        Ok((user, secret))
    }

    /// The identity to act for as RFC 4954 §4 wants it: prepared by SASLprep.
    fn act_as(&self) -> Result<Zeroizing<String>, Trouble> {
        prepared(Cell::ActAs, &self.login.act_as)
    }

    fn acts_for_itself(&self) -> Result<(), Trouble> {
        if self.login.act_as.is_empty() { Ok(()) } else { Err(Trouble::NoPlace(self.mechanism, Cell::ActAs)) }
    }
}

/// The first message of a client that speaks first.
type Opening = Option<Zeroizing<Vec<u8>>>;

/// The first message, and what comes behind it.
pub(super) fn begin(setup: &Setup) -> Result<(Opening, Script), Trouble> {
    let opening = |octets: Vec<u8>| Some(Zeroizing::new(octets));
    match setup.mechanism {
        Mechanism::Plain => {
            let (user, secret) = setup.needs_both()?;
            let message = [setup.act_as()?.as_str(), user, secret].join("\0");
            Ok((opening(message.into_bytes()), Script::Said))
        }
        Mechanism::Login => {
            let (user, secret) = setup.needs_both()?;
            setup.acts_for_itself()?;
            Ok((opening(user.as_bytes().to_vec()), Script::Password(secret.into())))
        }
        Mechanism::CramMd5 => {
            let (user, secret) = setup.needs_both()?;
            setup.acts_for_itself()?;
            Ok((None, Script::Cram { user: user.to_owned(), secret: secret.into() }))
        }
        Mechanism::XOauth2 => Ok((opening(xoauth2(setup)?), Script::Said)),
        Mechanism::OauthBearer => Ok((opening(oauth_bearer(setup)?), Script::Said)),
        Mechanism::External => Ok((opening(setup.act_as()?.as_bytes().to_vec()), Script::Said)),
        Mechanism::Anonymous => {
            setup.acts_for_itself()?;
            Ok((opening(anonymous(setup)?), Script::Said))
        }
        Mechanism::ScramSha1 | Mechanism::ScramSha1Plus | Mechanism::ScramSha256 | Mechanism::ScramSha256Plus => {
            let scram = scram(setup)?;
            Ok((opening(scram.first()), Script::Scram(Box::new(scram))))
        }
    }
}

/// `user=… ^A auth=Bearer … ^A ^A`: the form that Google described and others took over.
fn xoauth2(setup: &Setup) -> Result<Vec<u8>, Trouble> {
    setup.needs(Cell::User, &setup.login.user)?;
    setup.acts_for_itself()?;
    refuse(Cell::User, &setup.login.user, char::is_control)?;
    Ok(format!("user={}\x01auth=Bearer {}\x01\x01", setup.login.user, token(setup)?).into_bytes())
}

/// `n,a=…,^A host=…^A port=…^A auth=Bearer …^A ^A` (RFC 7628 §3.1). The one name is the identity to act for.
fn oauth_bearer(setup: &Setup) -> Result<Vec<u8>, Trouble> {
    let login = &setup.login;
    let (cell, name) = if login.act_as.is_empty() { (Cell::User, &login.user) } else { (Cell::ActAs, &login.act_as) };
    let name = prepared(cell, name)?;
    let name = if name.is_empty() { String::new() } else { format!("a={}", saslname(&name)) };
    let service = match &setup.service {
        Some(Service { host, port }) => {
            // The value of a pair is ASCII; a name with other letters is written with A-labels.
            refuse(Cell::Host, host, |point| !point.is_ascii_graphic())?;
            format!("host={host}\x01port={port}\x01")
        }
        None => String::new(),
    };
    Ok(format!("n,{name},\x01{service}auth=Bearer {}\x01\x01", token(setup)?).into_bytes())
}

/// A token is one word of visible ASCII, so that it can neither end its pair nor begin another.
fn token(setup: &Setup) -> Result<&str, Trouble> {
    let token = setup.login.secret.expose_secret();
    setup.needs(Cell::Secret, token)?;
    refuse(Cell::Secret, token, |point| !point.is_ascii_graphic())?;
    Ok(token)
}

/// `message = [ email / token ]`, the token being at most 255 characters without `@` (RFC 4505 §2). An address has its
/// own limits and is not checked any further: it proves nothing.
fn anonymous(setup: &Setup) -> Result<Vec<u8>, Trouble> {
    let trace = &setup.login.user;
    prepare::trace(trace).map_err(|why| Trouble::Unprepared(Cell::User, why))?;
    let points = trace.chars().count();
    if !trace.contains('@') && points > 255 {
        Err(Trouble::TooLong(trace.len()))
    } else {
        Ok(trace.as_bytes().to_vec())
    }
}

fn scram(setup: &Setup) -> Result<Scram, Trouble> {
    let mechanism = setup.mechanism;
    let (flag, binding): (_, &[u8]) = match (mechanism.binds(), &setup.binding) {
        (true, Binding::TlsExporter(octets)) => ("p=tls-exporter", octets),
        (true, _) => return Err(Trouble::NoBinding(mechanism)),
        (false, Binding::NotOffered) => ("y", &[]),
        (false, _) => ("n", &[]),
    };
    setup.needs(Cell::User, &setup.login.user)?;
    setup.needs(Cell::Secret, setup.login.secret.expose_secret())?;
    setup.needs(Cell::Nonce, &setup.nonce)?;
    refuse(Cell::Nonce, &setup.nonce, |point| !u8::try_from(point).is_ok_and(is_printable))?;
    let (act_as, user) = (setup.act_as()?, prepared(Cell::User, &setup.login.user)?);
    let password = prepared(Cell::Secret, setup.login.secret.expose_secret())?;
    // The caller has a digest if it has SCRAM at all.
    let Some(hash) = mechanism.hash() else { return Err(Trouble::Surplus(mechanism)) };
    let scram = Scram::new(hash, flag, (&act_as, &user), &setup.nonce, password.as_str().into());
    Ok(scram.bound(binding).at_most(setup.most_rounds))
}

fn prepared(cell: Cell, text: &str) -> Result<Zeroizing<String>, Trouble> {
    prepare::saslprep(text).map_err(|why| Trouble::Unprepared(cell, why))
}

fn refuse(cell: Cell, text: &str, bad: impl Fn(char) -> bool) -> Result<(), Trouble> {
    match text.chars().find(|point| bad(*point)) {
        Some(point) => Err(Trouble::Character(cell, point)),
        None => Ok(()),
    }
}
