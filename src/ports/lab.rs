//! What the lab tells the application, and what it is asked for.

pub mod change;
pub mod setting;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use self::change::Change;
use super::net::What;
use crate::tape::Moment;

/// How the lab's certificate authority calls its house (O= in its name).
pub const AUTHORITY: &str = "ehlo lab, worth nothing outside";

/// A letter lies in a mailbox of the lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// When, in seconds since 1970 on the lab's clock.
    pub at: u64,
    /// The host that took it.
    pub host: String,
    /// The mailbox, as `pat@harbor.test`.
    pub mailbox: String,
    /// The server's own id for the letter.
    pub id: String,
    /// The reverse-path of the envelope, without angle brackets; empty for the null sender.
    pub from: String,
    /// The letter as it was stored, trace lines and all.
    #[serde(with = "crate::written::octets")]
    pub letter: Arc<[u8]>,
    /// Octets at the start of the letter that the server added (Return-Path, Received).
    pub added: usize,
}

/// The number of a conversation with a host of the lab: counts up from 1 and is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VisitId(pub u32);

/// Somebody came to a host of the lab whose own side of the conversation is not seen: a program from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// Its number.
    pub id: VisitId,
    /// The host that was come to.
    pub host: String,
    /// Its address and port in the lab.
    pub to: SocketAddr,
    /// True if TLS comes before the first line there.
    pub tls: bool,
    /// Where the client came from.
    pub from: SocketAddr,
}

/// A conversation of one host of the lab with another about a letter begins; what is told of it is what the tape of the one
/// that calls takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its number.
    pub id: VisitId,
    /// The host that calls.
    pub from: String,
    /// The host that is called.
    pub host: String,
    /// Its address and port in the lab.
    pub to: SocketAddr,
}

/// A service of the lab, and the port of this machine where programs from outside reach it.
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the card as JSON has it")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// The host.
    pub host: String,
    /// The domains whose mail it takes.
    pub domains: Vec<String>,
    /// Its address and port in the lab.
    pub lab: SocketAddr,
    /// The port of this machine.
    pub port: u16,
    /// True if TLS comes before the first line.
    pub tls: bool,
    /// True if nothing is taken from anybody who has not logged in.
    pub users_only: bool,
    /// True if it speaks LMTP.
    pub lmtp: bool,
    /// True if it is a web server, which holds the MTA-STS policy of its domain.
    pub web: bool,
}

/// What a program from outside, or whoever sets it up, needs to know of a served lab.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Card {
    /// The services, mx1's first.
    pub services: Vec<Service>,
    /// The port of the name server on 127.0.0.1, UDP and TCP, if it runs.
    pub dns: Option<u16>,
    /// Users and passwords, which are public.
    pub users: Vec<(String, String)>,
    /// The certificate of the lab's authority, in PEM.
    pub authority: String,
    /// The key of its root zone, as `delv -a FILE` reads it.
    pub anchor: Option<String>,
    /// True if machines of the private network come in too.
    pub exposed: bool,
}

/// Something happened to a letter at a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// When, in seconds since 1970 on the lab's clock.
    pub at: u64,
    /// The host.
    pub host: String,
    /// The host's id for the letter; empty for one that it did not take.
    pub id: String,
    /// What.
    pub step: Step,
}

/// A step of a letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The host took it.
    Accepted {
        /// The reverse path, without brackets.
        from: String,
        /// The recipients.
        to: Vec<String>,
        /// The header of the letter as the host keeps it, with what it added on top; the beginning of a very long one.
        header: Arc<[u8]>,
    },
    /// The host speaks with another one about it: how it ends is told as [`Hop`](Self::Hop) or [`Tried`](Self::Tried).
    Calls {
        /// The name of the other.
        server: String,
        /// Its address.
        address: IpAddr,
        /// Its port.
        port: u16,
        /// What is said there.
        call: VisitId,
    },
    /// The host spoke with another one about it.
    Hop {
        /// The name of the other.
        server: String,
        /// Its address.
        address: IpAddr,
        /// Its port.
        port: u16,
        /// The letter went inside TLS.
        tls: bool,
        /// The reply that decided.
        said: String,
        /// Those whom the other is responsible for now.
        to: Vec<String>,
        /// What was said there.
        call: VisitId,
    },
    /// The host tried to speak with another one about it, which did not say what becomes of it.
    Tried {
        /// The name of the other.
        server: String,
        /// Its address.
        address: IpAddr,
        /// Its port.
        port: u16,
        /// Why nothing came of it.
        why: String,
        /// What was said there, as far as it went.
        call: VisitId,
    },
    /// The host has written a letter of its own because of it.
    Wrote {
        /// Its id for that one.
        id: String,
        /// What it is.
        kind: Written,
        /// The reverse path, without brackets; empty for a report.
        from: String,
        /// The recipients.
        to: Vec<String>,
    },
    /// It lies in a mailbox, as [`Signal::Delivered`] says.
    Delivered {
        /// The mailbox.
        to: String,
    },
    /// It waits.
    Deferred {
        /// For whom.
        to: String,
        /// Why.
        why: String,
        /// Until when, in seconds since 1970.
        next: u64,
    },
    /// It is given up, and a report goes back.
    Bounced {
        /// For whom.
        to: String,
        /// The enhanced status code.
        status: String,
        /// Why.
        why: String,
        /// Who is told.
        told: String,
    },
    /// It is given up or thrown away, and nobody is told.
    Dropped {
        /// For whom.
        to: String,
        /// By which rule.
        why: String,
    },
    /// The host judged who stands behind it.
    Judged {
        /// What was checked: `spf`, `dkim`, `dmarc`, `arc`, `grey`.
        check: String,
        /// The domain concerned.
        about: String,
        /// The word of RFC 8601 for the result.
        result: String,
        /// Why; empty if there is nothing to say.
        why: String,
    },
    /// It went in circles, and was refused.
    Looped {
        /// Its Received fields.
        received: usize,
        /// How many are too many.
        limit: usize,
    },
}

/// What a host writes because of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Written {
    /// A report of what became of it (RFC 3464).
    Report,
    /// The letter again, in the name of a list (RFC 5321 §3.9.2).
    ListCopy,
}

/// A letter that waits in a queue, for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    /// The host's id for it.
    pub id: String,
    /// The reverse path, without brackets.
    pub from: String,
    /// The recipient.
    pub to: String,
    /// How often it was tried.
    pub tries: u32,
    /// How often it is tried at most.
    pub most: u32,
    /// When it is tried next, in seconds since 1970.
    pub next: u64,
    /// When it is given up, in seconds since 1970.
    pub until: u64,
    /// Why it waits, if it was tried.
    pub why: Option<String>,
}

/// What the lab is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Let this much time pass.
    Pass(Duration),
    /// Turn the clock to the next thing that is due.
    Skip,
    /// Let the clock run: so many seconds of the lab in one of ours. With 0 it stands still again.
    Run(u32),
    /// Let something be different, in the place of what it excludes.
    Change(Change),
    /// Let it be as it was.
    Undo(Change),
    /// Let everything be as it was, and then what this scene wants.
    Scene(String),
    /// Let everything be as it was, and servers forget whom they have seen.
    Reset,
}

/// What happened in the lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// A letter was delivered.
    Delivered(Delivered),
    /// A conversation began.
    Came(Visit),
    /// Something was said in it, or happened to it: what a tape takes.
    Heard {
        /// In which conversation.
        visit: VisitId,
        /// When, since it began.
        at: Moment,
        /// What.
        what: What,
    },
    /// A host calls another one about a letter.
    Called(Call),
    /// Something else happened to one.
    News(News),
    /// What waits at a host now.
    Queue {
        /// The host.
        host: String,
        /// The oldest letter first.
        waiting: Vec<Waits>,
    },
    /// The lab's clock, and when the next thing is due: seconds since 1970.
    Clock {
        /// The time.
        now: u64,
        /// When something is due next.
        next: Option<u64>,
        /// Seconds of the lab in one of ours while it runs by itself; 0 while it stands still.
        pace: u32,
    },
    /// What is different in the lab now, all of it.
    Changed(Vec<Change>),
    /// It cannot be changed like that.
    Unchanged {
        /// What was wanted.
        wanted: Request,
        /// Why not, in a sentence.
        why: String,
    },
}
