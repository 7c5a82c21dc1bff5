//! What a script may do to a host that is neither in the lab nor on this machine (PRODUCT, safety rules 3 to 5).
//!
//! Everything is counted and judged before it leaves. Whoever says that the server is their own lifts the counts; bytes
//! that break the protocol, and secrets in clear, go to lab and loopback only, whatever is said.

use std::collections::{BTreeMap, BTreeSet};

use crate::dialogue::Dialogue;
use crate::dialogue::batch::{Judged, Piece, judge, recipients};
use crate::dialogue::envelope::domain_part;
use crate::ports::net::Target;
use crate::session::place::World;
use crate::smtp::command::{Command, Verb};
use crate::smtp::data::{END, Wire};
use crate::smtp::limits::BULK;
use crate::smtp::limits::script::{
    BETWEEN_CONNECTIONS, BETWEEN_MAILBOXES, COMMANDS, DOMAINS, HOSTS, LOGINS, MAILBOXES, TRANSACTIONS,
};
use crate::tape::Moment;

/// What a script has done to real hosts.
#[derive(Debug, Default)]
pub struct Policy {
    /// The user says that these servers are their own.
    owned: bool,
    /// The hosts, and when each was connected to last.
    hosts: BTreeMap<String, Moment>,
    logins: usize,
    counts: Counts,
}

/// What was said to them.
#[derive(Debug, Clone, Default)]
struct Counts {
    commands: usize,
    transactions: usize,
    /// The domains of recipients.
    domains: BTreeSet<Vec<u8>>,
    /// Mailboxes that were asked about.
    asked: BTreeSet<Vec<u8>>,
    asked_at: Option<Moment>,
    /// Recipients of the open transaction.
    named: BTreeSet<Vec<u8>>,
}

/// What the rules say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// It may be done now.
    Go,
    /// It may be done at this moment.
    Later(Moment),
    /// It may not be done.
    No(&'static str, String),
}

impl Policy {
    /// Nothing is done yet; `owned` if the user runs the servers.
    pub fn new(owned: bool) -> Self {
        Self { owned, ..Self::default() }
    }

    /// Whether to connect.
    pub fn connects(&mut self, target: &Target, now: Moment) -> Ruling {
        if world(target) != World::Live || self.owned {
            return Ruling::Go;
        }
        let host = target.host.to_ascii_lowercase();
        let again = self.hosts.get(&host).map(|last| last.after(BETWEEN_CONNECTIONS));
        match again {
            Some(again) if again > now => return Ruling::Later(again),
            None if self.hosts.len() >= HOSTS => return too_many("policy/script", HOSTS, "hosts", "real servers"),
            _ => drop(self.hosts.insert(host, now)),
        }
        Ruling::Go
    }

    /// Whether to send these octets, which are lines or parts of lines.
    pub fn sends(&mut self, world: World, dialogue: &Dialogue, octets: &[u8], now: Moment) -> Ruling {
        if world != World::Live {
            return Ruling::Go;
        }
        let lines: Vec<&[u8]> = octets.split_inclusive(|octet| *octet == b'\n').collect();
        let judged = judge(dialogue, &lines);
        let both = || judged.iter().zip(&lines);
        if let Some(why) = malformed(&judged, &lines) {
            return Ruling::No("policy/malformed", format!("{why} goes from a script to lab and loopback only"));
        }
        if both().any(|(judged, line)| is_secret(judged, line)) {
            let why =
                "a login goes to a real server by a step of its own: auth MECHANISM USER, with the secret from outside";
            return Ruling::No("policy/secret", why.into());
        }
        if self.owned {
            return Ruling::Go;
        }
        if recipients(dialogue, &lines) > BULK {
            return too_many("policy/bulk", BULK, "recipients of a letter", "a real server");
        }
        let commands: Vec<_> =
            both().filter(|(judged, _)| judged.piece == Piece::Command).map(|(_, line)| *line).collect();
        // Nothing is counted of a write that may not leave.
        let mut counts = self.counts.clone();
        for line in commands {
            match counts.command(&Command::parse(line), now) {
                Ruling::Go => {}
                other => return other,
            }
        }
        self.counts = counts;
        Ruling::Go
    }

    /// Whether to send this letter.
    pub fn posts(world: World, letter: &[u8], wire: Wire) -> Ruling {
        let early = letter.starts_with(END) || memchr::memmem::find(letter, b"\r\n.\r\n").is_some();
        let why = match wire {
            _ if world != World::Live => return Ruling::Go,
            _ if letter.contains(&0) => "a letter with a NUL",
            Wire::Raw | Wire::Verbatim if has_lone_ends(letter) => "a letter with a lone CR or LF",
            Wire::Raw if early => "a letter with an end inside it",
            _ => return Ruling::Go,
        };
        Ruling::No("policy/malformed", format!("{why} goes from a script to lab and loopback only"))
    }

    /// Whether to log in. `guarded` if nobody else can read the secret: TLS whose certificate is in order, or a mechanism
    /// that does not show it.
    pub fn logs_in(&mut self, world: World, guarded: bool) -> Ruling {
        match world {
            World::Lab | World::Loopback => Ruling::Go,
            World::Live if !guarded => {
                let why = "the secret would be readable on the way: no script sends one without TLS in order";
                Ruling::No("policy/secret", why.into())
            }
            World::Live if self.logins >= LOGINS && !self.owned => {
                too_many("policy/script", LOGINS, "login", "real servers")
            }
            World::Live => {
                self.logins += 1;
                Ruling::Go
            }
        }
    }
}

impl Counts {
    fn command(&mut self, command: &Command<'_>, now: Moment) -> Ruling {
        self.commands += 1;
        if self.commands > COMMANDS {
            return too_many("policy/script", COMMANDS, "commands", "real servers");
        }
        match command.verb {
            Verb::Mail => {
                self.transactions += 1;
                self.asked.append(&mut self.named);
                if self.transactions > TRANSACTIONS {
                    return too_many("policy/script", TRANSACTIONS, "transactions", "real servers");
                }
            }
            Verb::Rset | Verb::Ehlo | Verb::Helo | Verb::Lhlo | Verb::Quit => self.asked.append(&mut self.named),
            Verb::Data | Verb::Bdat => self.named.clear(),
            Verb::Rcpt => {
                let mailbox = mailbox(command);
                let domain = domain_part(&mailbox);
                if !domain.is_empty() {
                    self.domains.insert(domain.to_vec());
                }
                if self.domains.len() > DOMAINS {
                    return too_many("policy/bulk", DOMAINS, "domain of recipients", "real servers");
                }
                if self.asked.len() >= MAILBOXES && !self.asked.contains(&mailbox) {
                    return enumeration();
                }
                self.named.insert(mailbox);
            }
            Verb::Vrfy | Verb::Expn => return self.asks(mailbox(command), now),
            _ => {}
        }
        Ruling::Go
    }

    fn asks(&mut self, mailbox: Vec<u8>, now: Moment) -> Ruling {
        self.asked.insert(mailbox);
        if self.asked.len() > MAILBOXES {
            return enumeration();
        }
        match self.asked_at.map(|last| last.after(BETWEEN_MAILBOXES)) {
            Some(again) if again > now => Ruling::Later(again),
            _ => {
                self.asked_at = Some(now);
                Ruling::Go
            }
        }
    }
}

/// Where a target is, before it is connected to.
pub fn world(target: &Target) -> World {
    let here = !target.pinned.is_empty() && target.pinned.iter().all(std::net::IpAddr::is_loopback);
    match World::of(target.place, &target.host) {
        World::Live if here => World::Loopback,
        world => world,
    }
}

fn too_many(id: &'static str, most: usize, what: &str, whom: &str) -> Ruling {
    Ruling::No(
        id,
        format!("Script stopped: more than {most} {what} to {whom}. If you run them, say --i-run-this-server"),
    )
}

fn enumeration() -> Ruling {
    let why = "Testing lists of addresses on servers that are not yours is not supported";
    Ruling::No("policy/enumeration", why.into())
}

/// The mailbox that a command names, as far as case makes no difference.
fn mailbox(command: &Command<'_>) -> Vec<u8> {
    let argument = command.argument;
    let path = argument.iter().position(|octet| *octet == b'<').and_then(|at| argument.get(at..));
    let path = path.and_then(|path| path.split(|octet| *octet == b'>').next()).unwrap_or(argument);
    path.to_ascii_lowercase()
}

/// What is wrong with octets that are to leave in one write.
fn malformed(judged: &[Judged], lines: &[&[u8]]) -> Option<&'static str> {
    let last = lines.len().saturating_sub(1);
    judged.iter().zip(lines).enumerate().find_map(|(index, (judged, line))| match judged.piece {
        Piece::Chunk => None,
        _ if line.contains(&0) => Some("a NUL"),
        _ if has_lone_ends(line) => Some("a lone CR or LF"),
        Piece::Command if index < last && Command::parse(line).verb == Verb::StartTls => {
            Some("what stands behind STARTTLS in one write")
        }
        _ => None,
    })
}

/// True if a CR stands without its LF, or a LF without its CR; a CR at the end may still get its LF.
fn has_lone_ends(octets: &[u8]) -> bool {
    let lone_cr = octets.windows(2).any(|pair| matches!(pair, [b'\r', next] if *next != b'\n'));
    let lone_lf = octets.first() == Some(&b'\n')
        || octets.windows(2).any(|pair| matches!(pair, [before, b'\n'] if *before != b'\r'));
    lone_cr || lone_lf
}

fn is_secret(judged: &Judged, line: &[u8]) -> bool {
    match judged.piece {
        Piece::Answer => line.trim_ascii() != b"*",
        Piece::Command => Command::parse(line).initial_response().is_some(),
        Piece::Letter | Piece::Chunk => false,
    }
}

#[cfg(test)]
mod tests;
