//! What the application asks of connections, and what they tell.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::dns::Source;
use super::lab::change::Doubt;
use crate::smtp::data::Wire;
use crate::smtp::sasl::client::{Login, Mechanism};
pub use crate::tape::mark::Failure;
use crate::tape::mark::Mark;
use crate::tape::peer::Peer;
pub use crate::tape::tls::{Checks, Opening};
use crate::tape::{Moment, Side};

/// A session's number: counts up from 1 and is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SessionId(pub u32);

/// Where to connect and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The host name or address literal as the user gave it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The path of a Unix socket of this machine, which is connected to instead of a host and port.
    pub socket: Option<String>,
    /// True to speak LMTP, which is greeted with LHLO (RFC 2033 §4.1).
    pub lmtp: bool,
    /// How TLS comes about.
    pub opening: Opening,
    /// How to name oneself in an EHLO that nobody types, where `opening` asks for one.
    pub hello: String,
    /// What a handshake asks for, where the host alone does not say it.
    pub handshake: Handshake,
    /// Inside the lab, or a real host.
    pub place: Place,
    /// Whom to ask for its addresses. The hosts of the lab are asked of the lab alone, whatever stands here.
    pub source: Source,
    /// Addresses to use instead of asking the DNS (`--resolve NAME:IP`, or chosen in the panel).
    pub pinned: Vec<IpAddr>,
    /// Which of its addresses are tried, and from where.
    pub route: Route,
}

impl Target {
    /// A host of a world that begins in plain text; the world's own names are asked for.
    pub fn new(host: impl Into<String>, port: u16, place: Place) -> Self {
        let source = if place == Place::Lab { Source::Lab } else { Source::System };
        let (opening, hello, handshake) = (Opening::Plain, String::new(), Handshake::default());
        let (host, pinned, route) = (host.into(), Vec::new(), Route::default());
        let (socket, lmtp) = (None, false);
        Self { host, port, socket, lmtp, opening, hello, handshake, place, source, pinned, route }
    }

    /// True if both lead to the same server.
    pub fn is_same(&self, other: &Self) -> bool {
        let place = |target: &Self| (target.host.to_ascii_lowercase(), target.port, target.socket.clone());
        place(self) == place(other)
    }
}

/// Which addresses of a host are tried, from where, and for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Route {
    /// Those of one family only.
    pub only: Option<Family>,
    /// Our own address, and port; port 0 leaves the port to the system. It takes addresses of its own family only.
    pub from: Option<SocketAddr>,
    /// The client that the server is told of in a line before all else (PROXY protocol, version 1).
    pub client: Option<SocketAddr>,
}

impl Route {
    /// The family that is left, if it is one.
    pub fn family(&self) -> Option<Family> {
        self.only.or_else(|| self.from.map(|from| Family::of(from.ip())))
    }

    /// True for an address that is tried.
    pub fn takes(&self, address: IpAddr) -> bool {
        self.family().is_none_or(|family| family == Family::of(address))
    }
}

/// A family of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl Family {
    /// That of an address.
    pub const fn of(address: IpAddr) -> Self {
        if address.is_ipv4() { Self::V4 } else { Self::V6 }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::V4 { "IPv4" } else { "IPv6" })
    }
}

/// What a TLS handshake asks for, where the host alone does not say it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Handshake {
    /// The name in SNI.
    pub sni: Sni,
    /// The name or address that the certificate must carry, instead of the host's.
    pub verify: Option<String>,
    /// What of the certificate has to be in order.
    pub checks: Checks,
    /// The versions that are offered.
    pub versions: Versions,
    /// True to show the client certificate that the program was started with, if the server asks for one.
    pub identity: bool,
    /// True to write the keys to the key log that the program was started with.
    pub keys_logged: bool,
}

/// The name in SNI (RFC 6066 §3).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sni {
    /// The host's, if it has one.
    #[default]
    Host,
    /// This one.
    Name(String),
    /// None is sent.
    None,
}

/// A version of TLS that is spoken here; older ones are withdrawn (RFC 8996).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Version {
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// The lowest and the highest version that is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Versions {
    /// The lowest.
    pub lowest: Version,
    /// The highest.
    pub highest: Version,
}

impl Default for Versions {
    fn default() -> Self {
        Self { lowest: Version::Tls12, highest: Version::Tls13 }
    }
}

/// Which world a target belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// The internet in a box.
    Lab,
    /// A real socket.
    Live,
}

/// What the application asks of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Look up, dial and keep a connection.
    Open(SessionId, Target),
    /// Listen where the target says, on this machine alone, and be the server of the next who comes.
    Answer(SessionId, Target),
    /// Do something on a connection that exists.
    Do(SessionId, Act),
    /// Fetch the policy of MTA-STS of the domain whose mail the other end of a connection takes.
    Policy(SessionId, PolicyOf),
}

/// A policy of MTA-STS that the DNS announces (RFC 8461 §3.1). Fetching it is one GET of HTTPS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyOf {
    /// Whose policy, without a dot at the end.
    pub domain: String,
    /// The id under which it is announced.
    pub id: String,
    /// The world of the session.
    pub place: Place,
    /// Whom to ask for the addresses of the policy host.
    pub source: Source,
    /// True if the session itself is with the own network, so that the policy host may lie there too.
    pub is_near: bool,
}

/// An act on an existing connection. What is to be written does not print: it may be a login.
#[derive(Clone, PartialEq, Eq)]
pub enum Act {
    /// Write these bytes, with one write, when the server is ready for a command.
    Send(Arc<[u8]>),
    /// Write these bytes now, whatever the server has answered so far.
    SendNow(Arc<[u8]>),
    /// Write this letter after the 354, block by block. The dot that ends it is a line of its own.
    Letter(Letter),
    /// The same, and the dot that ends it; neither goes without the other.
    Post(Letter),
    /// Log in when the server is ready for it: each challenge is answered as the mechanism asks.
    Authenticate(Authenticate),
    /// Let go what is held back, now.
    Release,
    /// Wait on after a time-out.
    KeepWaiting,
    /// No longer wait for the replies that are due: what is held is dropped, and the next line does not wait for them.
    StopWaiting,
    /// Go on although the certificate is not in order.
    GoOn,
    /// Finish sending and close.
    Close,
    /// Something that only a server does.
    Serve(Serve),
}

/// What this end does where it is the server. What it sends goes by [`Act::SendNow`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Serve {
    /// Read on until so many octets of the client have come, counted from the first; no further.
    Hear(u64),
    /// Take up TLS.
    Secure(Shown),
    /// Finish sending; the client may still speak.
    HalfClose,
    /// Drop the connection as it is.
    Reset,
}

/// What a server shows in TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its certificate.
    pub certificate: Certificate,
    /// The host that it is for.
    pub name: String,
}

/// The certificate that a server shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// One that is in order.
    Good,
    /// One with a doubt about it.
    Doubtful(Doubt),
    /// None: every handshake ends with an alert.
    None,
}

impl Certificate {
    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Doubtful(doubt) => doubt.name(),
            Self::None => "none",
        }
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        // A new key says nothing to a client that no TLSA record told of the old one.
        let doubts = Doubt::ALL.iter().copied().filter(|doubt| *doubt != Doubt::NewKey);
        [Self::Good, Self::None].into_iter().chain(doubts.map(Self::Doubtful))
    }
}

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(octets) => write!(f, "Send({} octets)", octets.len()),
            Self::SendNow(octets) => write!(f, "SendNow({} octets)", octets.len()),
            Self::Letter(letter) => f.debug_tuple("Letter").field(letter).finish(),
            Self::Post(letter) => f.debug_tuple("Post").field(letter).finish(),
            Self::Authenticate(login) => f.debug_tuple("Authenticate").field(login).finish(),
            Self::Release => f.write_str("Release"),
            Self::KeepWaiting => f.write_str("KeepWaiting"),
            Self::StopWaiting => f.write_str("StopWaiting"),
            Self::GoOn => f.write_str("GoOn"),
            Self::Close => f.write_str("Close"),
            Self::Serve(serve) => f.debug_tuple("Serve").field(serve).finish(),
        }
    }
}

/// A login to be led. What it needs besides, a nonce and what ties it to TLS, is added where that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticate {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// Who, and the secret, which does not print.
    pub login: Login,
    /// True to send the first message behind AUTH, if there is room for it.
    pub initial: bool,
    /// True if the server lists a mechanism that ties the login to TLS.
    pub plus_listed: bool,
}

/// A letter of any size, taken in blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Where it comes from.
    pub body: Body,
    /// What is done to it on its way: dots, line ends.
    pub wire: Wire,
    /// Octets that it had when it was looked at: if it has more or fewer by now, it is not ended.
    pub octets: Option<u64>,
}

/// Where a letter comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A regular file.
    File(PathBuf),
    /// Memory.
    Octets(Arc<[u8]>),
}

/// What happened on a connection: what a tape takes, and where one is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// Which session.
    pub session: SessionId,
    /// When, on the session's own tape; taken at the socket.
    pub at: Moment,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Bytes came (server) or went (client).
    Bytes(Side, Arc<[u8]>),
    /// Bytes went that are only counted.
    Elided(Side, u64),
    /// Something else.
    Mark(Mark),
    /// Here a client is waited for.
    Listening(Peer),
    /// Connecting failed for good; the marks before say why.
    Failed(Failure),
    /// No more signals will come of this session.
    Ended,
}
