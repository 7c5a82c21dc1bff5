//! Marks: what happened on a connection that is not bytes.

use std::borrow::Cow;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Side;
use super::peer::Peer;
use super::policy::Fetched;
use super::promise::Promise;
use super::tls::{TlsDecision, TlsFacts, TlsFailure};
use super::told::Told;

/// Something that happened and is not bytes. Texts in marks come from the network and are untrusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// A DNS look-up that led to this connection.
    LookedUp(LookUp),
    /// One address was tried and did not answer.
    Refused(Attempt),
    /// No address gave a connection; the marks before say why.
    GaveUp(Failure),
    /// The connection stands.
    Opened(Opened),
    /// The line that follows is no command: it tells the server whom this connection is made for (PROXY protocol,
    /// version 1).
    Announced {
        /// The client that is told.
        client: SocketAddr,
    },
    /// Whether to ask for TLS was decided without being typed.
    TlsDecided(TlsDecision),
    /// The TLS handshake began, with this name in SNI.
    TlsStarted {
        /// The server name sent in the `ClientHello`, if any.
        sni: Option<String>,
    },
    /// The TLS handshake is done; all bytes that follow are encrypted on the wire.
    TlsReady(Box<TlsFacts>),
    /// The server's certificate is not that of the last session with the same host and port.
    CertificateChanged {
        /// SHA-256 of the certificate of that time, in hex.
        before: String,
        /// The same of the one that was shown now.
        now: String,
    },
    /// The policy of MTA-STS that the domain of this host announces was asked for.
    Fetched(Box<Fetched>),
    /// What the DNS promised about the TLS of this host, held against what the host showed.
    Promised(Promise),
    /// The TLS handshake failed.
    TlsFailed(TlsFailure),
    /// The user went on although the certificate was not in order (PRODUCT, principle 15).
    WentOn,
    /// A line is held back until the server is ready for it.
    Held {
        /// Octets of the line, with its end.
        octets: u64,
        /// Why it waits.
        why: Hold,
    },
    /// Held lines were dropped because the connection ended, turned to TLS, or the user stopped waiting.
    Dropped {
        /// How many lines.
        lines: usize,
    },
    /// The file of a letter could not be read to its end, so the letter was not ended.
    Unread {
        /// The file.
        name: String,
        /// The operating system's words.
        why: String,
    },
    /// A login that was led did not begin, was called off, or ended in a success that may not be believed.
    LoginStopped {
        /// The diagnostic id, as `auth/server-not-proven`.
        id: Cow<'static, str>,
        /// Why, in one or two sentences without a secret.
        why: String,
    },
    /// In a login that was led the server has proved that it knows the password too (RFC 5802 §3).
    ServerProved {
        /// The mechanism's name.
        mechanism: Cow<'static, str>,
    },
    /// The user let go a held line before its time, on purpose.
    SentEarly,
    /// Nothing came in time.
    TimedOut(Wait),
    /// The user keeps waiting after a time-out.
    KeptWaiting,
    /// The user no longer waits for the replies that are due; they are still matched if they come.
    StoppedWaiting,
    /// So much was recorded that the rest is not kept; the conversation goes on.
    RecordFull {
        /// Octets of both sides that were recorded.
        octets: u64,
    },
    /// A limit of ours was reached and reading stopped.
    Limit(Limit),
    /// One side finished sending; the other may still speak.
    HalfClosed {
        /// Who finished.
        by: Side,
    },
    /// The connection is over.
    Closed(Closed),
    /// What the log says from which the session was read.
    Told(Box<Told>),
    /// A secret was shown on screen for a while.
    Revealed,
    /// The program was stopped and came back.
    Suspended(#[serde(with = "crate::written::nanoseconds")] Duration),
}

/// A DNS question and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookUp {
    /// The name asked, with the final dot.
    pub name: String,
    /// The record type asked, as `MX`.
    pub kind: String,
    /// The records, in presentation form; or nothing.
    pub answers: Vec<String>,
    /// The response code or error, as `NOERROR`, `NXDOMAIN`, `timeout`.
    pub outcome: String,
    /// Who answered: `lab`, `system 192.0.2.53`, …
    pub source: String,
    /// Time to live of the answer in seconds.
    pub ttl: Option<u32>,
    /// How long it took.
    #[serde(with = "crate::written::nanoseconds")]
    pub took: Duration,
}

/// An address that was tried in vain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The host name that led to the address.
    pub host: String,
    /// The address.
    pub peer: Peer,
    /// Why there is no connection.
    pub why: Unreached,
    /// How long it took to know.
    #[serde(with = "crate::written::nanoseconds")]
    pub took: Duration,
}

/// Why an address gave no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unreached {
    /// The host answered with a reset: nothing listens there.
    Refused,
    /// No answer in time.
    TimedOut,
    /// No route to the network or host.
    Unreachable,
    /// The connection was reset while it was opened.
    Reset,
    /// The operating system would not even try.
    Local,
    /// The own address that was chosen is none of this machine's, or its port cannot be had.
    Source,
}

impl Unreached {
    /// What an operating system's error means for the user.
    pub fn of(error: io::ErrorKind) -> Self {
        match error {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::TimedOut => Self::TimedOut,
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Self::Unreachable,
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
                Self::Reset
            }
            _ => Self::Local,
        }
    }
}

/// A connection that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The host name the user asked for.
    pub host: String,
    /// The peer's address.
    pub peer: Peer,
    /// Our own address.
    pub local: Option<SocketAddr>,
    /// True if LMTP is to be spoken: it was asked for with the target.
    pub lmtp: bool,
    /// How long the connection took: one round trip.
    #[serde(with = "crate::written::nanoseconds")]
    pub took: Duration,
}

/// Why a line is held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hold {
    /// The greeting is not complete (early talk gets clients blocked).
    Greeting,
    /// The reply to the command before is not complete.
    Reply,
    /// The certificate waits for a decision.
    Certificate,
    /// TLS is being brought about, and nothing may pass it.
    Upgrade,
    /// The connection is not open yet.
    Opening,
}

/// What was waited for in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wait {
    /// The greeting.
    Greeting,
    /// The reply to a command, or the rest of it.
    Reply,
    /// The 354 after DATA.
    DataStart,
    /// The next block of the letter to be taken by the peer.
    DataBlock,
    /// The reply to the end of the letter.
    DataEnd,
    /// The TLS handshake.
    Tls,
}

/// Which of our limits was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// A line without an end (L1).
    Line,
    /// A reply without an end (L2).
    Reply,
    /// Bytes that nobody asked for (L4).
    Unsolicited,
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Closed {
    /// Who ended it.
    pub by: Side,
    /// In what way.
    pub how: Ending,
}

/// In what way a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// An orderly end of the stream; inside TLS, with a `close_notify`.
    Clean,
    /// The stream ended inside TLS without a `close_notify`: what came last may be cut.
    NoCloseNotify,
    /// A reset.
    Reset,
    /// We closed because the server lingered after its goodbye.
    Lingered,
    /// We closed because bytes followed the 220 of STARTTLS in plain text.
    Injected,
    /// We closed because the server answered before the letter was finished.
    EarlyReply,
    /// We closed because a limit was reached.
    Limit,
    /// A TLS error ended the stream.
    Tls,
    /// The stream failed in another way.
    Failed,
}

/// Why a session never opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Failure {
    /// The name gave no address.
    NoAddress {
        /// The response code or error of the look-up.
        outcome: String,
    },
    /// Every address that was tried failed.
    AllFailed {
        /// How many were tried.
        tried: usize,
        /// How many there were.
        known: usize,
    },
    /// The target is no destination, as `0.0.0.0`.
    BadTarget {
        /// Why not.
        why: String,
    },
    /// The network did not take the request to connect.
    NotTaken,
}
