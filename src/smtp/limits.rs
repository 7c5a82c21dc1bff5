//! Every limit and every wait, in one place; those of look-ups in [`dns`], of recordings in [`recording`].
//!
//! Limits are soft (a flaw is noted) or hard (storage or reading stops, framing goes on). The RFC's figures are
//! minima that others must be able to take, so going beyond them is noted and never refused.

pub mod dns;
pub mod foreign;
pub mod recording;
pub mod script;

use std::time::Duration;

use super::command::Verb;
use super::extension::Extensions;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Octets of a reply line with CR LF that every client takes (RFC 5321 §4.5.3.1.5).
pub const REPLY_LINE: usize = 512;
/// Octets of a command line with CR LF that every server takes (RFC 5321 §4.5.3.1.4).
pub const COMMAND_LINE: usize = 512;
/// Octets of an AUTH line or response (RFC 4954 §4).
pub const AUTH_LINE: usize = 12_288;
/// Octets of a local part (RFC 5321 §4.5.3.1.1).
pub const LOCAL_PART: usize = 64;
/// Octets of a domain (RFC 5321 §4.5.3.1.2).
pub const DOMAIN: usize = 255;
/// Octets of a path with its brackets and separators (RFC 5321 §4.5.3.1.3).
pub const PATH: usize = 256;
/// Octets of a text line with CR LF (RFC 5321 §4.5.3.1.6).
pub const TEXT_LINE: usize = 1000;
/// Recipients of one letter that every server takes (RFC 5321 §4.5.3.1.8).
pub const RECIPIENTS: usize = 100;

/// L13: recipients of one letter that may leave in one write or by themselves for a host that is neither lab nor
/// loopback. Typing them one by one is free.
pub const BULK: usize = 5;

/// The limits of a session. Sizes are octets unless they say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// L1: a line without an end; reading stops.
    pub line: usize,
    /// L2: lines of one reply; reading stops.
    pub reply_lines: u32,
    /// L2: one reply; reading stops.
    pub reply: usize,
    /// L4: what nobody asked for; reading stops.
    pub unsolicited: usize,
    /// A command line that a form may build.
    pub form_line: usize,
    /// A command line that a hand may send.
    pub hand_line: usize,
    /// L8: what a session keeps in memory; the oldest chunks leave first.
    pub transcript: u64,
    /// L10: a letter that is sent without asking.
    pub letter: u64,
    /// L10: a letter in the editor; a larger one goes from its file.
    pub edited: usize,
    /// Challenges of one login.
    pub challenges: u32,
    /// Addresses tried for one host (L5).
    pub addresses: usize,
    /// L11: what a lab server takes.
    pub lab: LabLimits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line: 64 * KIB,
            reply_lines: 2000,
            reply: MIB,
            unsolicited: 64 * KIB,
            form_line: AUTH_LINE,
            hand_line: 64 * KIB,
            transcript: 256 * MIB as u64,
            letter: 50 * MIB as u64,
            edited: 4 * MIB,
            challenges: 10,
            addresses: 8,
            lab: LabLimits::default(),
        }
    }
}

impl Limits {
    /// Octets of a command line, CR LF included, that a server must take for this verb, given what it offers.
    ///
    /// A limit is a function of the extensions in force, so it cannot grow by asking twice.
    pub fn command_line(&self, verb: Verb, extensions: Option<&Extensions>) -> usize {
        longest_line(verb, |keyword| extensions.is_some_and(|extensions| extensions.has(keyword)))
    }

    /// Limits divided by `by`, at least one each: for tests that must reach them quickly.
    #[must_use]
    pub fn divided(self, by: u32) -> Self {
        let size = |octets: usize| (octets / usize::try_from(by.max(1)).unwrap_or(usize::MAX)).max(1);
        Self {
            line: size(self.line),
            reply_lines: (self.reply_lines / by.max(1)).max(1),
            reply: size(self.reply),
            unsolicited: size(self.unsolicited),
            transcript: (self.transcript / u64::from(by.max(1))).max(1),
            ..self
        }
    }
}

/// Octets of a command line, CR LF included, that a server which offers these keywords takes for this verb.
pub fn longest_line(verb: Verb, offered: impl Fn(&str) -> bool) -> usize {
    if verb == Verb::Auth && offered("AUTH") {
        return AUTH_LINE;
    }
    let longer = LONGER.iter().filter(|(keyword, longer, _)| *longer == verb && offered(keyword));
    COMMAND_LINE + longer.map(|(_, _, octets)| octets).sum::<usize>()
}

/// Octets that an extension adds to the 512 of a command line.
///
/// | keyword | MAIL | RCPT | source |
/// |---|---|---|---|
/// | SIZE | 26 | | RFC 1870 §3 |
/// | BINARYMIME | 16 | | RFC 3030 §3 |
/// | DSN | 107 | 530 | RFC 3885 §2, RFC 3461 §5.4 |
/// | AUTH | 500 | | RFC 4954 §3 |
/// | SMTPUTF8 | 10 | | RFC 6531 §3.1 |
/// | DELIVERBY | 17 | | RFC 2852 §2 |
/// | MT-PRIORITY | 15 | | RFC 6710 §3 |
/// | FUTURERELEASE | 34 | | RFC 4865 §3 |
/// | REQUIRETLS | 11 | | RFC 8689 §2 |
/// | MTRK | 40 | | RFC 3885 §2 |
/// | NO-SOLICITING | 1007 | | RFC 3865 §4.1 |
/// | RRVS | | 33 | RFC 7293 §3.1 |
const LONGER: &[(&str, Verb, usize)] = &[
    ("SIZE", Verb::Mail, 26),
    ("BINARYMIME", Verb::Mail, 16),
    ("DSN", Verb::Mail, 107),
    ("DSN", Verb::Rcpt, 530),
    ("AUTH", Verb::Mail, 500),
    ("SMTPUTF8", Verb::Mail, 10),
    ("DELIVERBY", Verb::Mail, 17),
    ("MT-PRIORITY", Verb::Mail, 15),
    ("FUTURERELEASE", Verb::Mail, 34),
    ("REQUIRETLS", Verb::Mail, 11),
    ("MTRK", Verb::Mail, 40),
    ("NO-SOLICITING", Verb::Mail, 1007),
    ("RRVS", Verb::Rcpt, 33),
];

/// What a lab server takes (L11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabLimits {
    /// Sessions at a time.
    pub sessions: usize,
    /// A command line.
    pub command: usize,
    /// A line without an end, before the session is closed.
    pub endless: usize,
    /// A letter.
    pub message: u64,
    /// Recipients of a letter.
    pub recipients: usize,
    /// Refused commands before 421.
    pub errors: u32,
    /// Received fields before a letter counts as looping (RFC 5321 §6.3).
    pub received: usize,
    /// Letters kept.
    pub letters: usize,
    /// Octets of all letters kept.
    pub store: u64,
    /// Octets of the record of one conversation, rows counted; the rest is not kept.
    pub record: u64,
    /// Octets of all records kept.
    pub records: u64,
    /// Records kept.
    pub visits: usize,
    /// How long a silent client is kept (RFC 5321 §4.5.3.2.7); in virtual time, but for programs from outside.
    pub idle: Duration,
}

impl Default for LabLimits {
    fn default() -> Self {
        Self {
            sessions: 64,
            command: 4 * KIB,
            endless: 64 * KIB,
            message: 10 * MIB as u64,
            recipients: RECIPIENTS,
            errors: 30,
            received: 100,
            letters: 1000,
            store: 256 * MIB as u64,
            record: 32 * MIB as u64,
            records: 256 * MIB as u64,
            visits: 1000,
            idle: minutes(5),
        }
    }
}

/// How long to wait for what. Each is a deadline for the whole thing, never for a single read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timers {
    /// One address.
    pub connect: Duration,
    /// All addresses of a host.
    pub connect_all: Duration,
    /// The greeting.
    pub greeting: Duration,
    /// The reply to a command that has no row of its own.
    pub command: Duration,
    /// The reply to MAIL.
    pub mail: Duration,
    /// The reply to RCPT.
    pub rcpt: Duration,
    /// The 354 after DATA.
    pub data_start: Duration,
    /// One block of the letter to be taken by the peer.
    pub data_block: Duration,
    /// The reply to the end of the letter.
    pub data_end: Duration,
    /// The TLS handshake.
    pub tls: Duration,
    /// How long the server may leave the connection open after its 221.
    pub linger: Duration,
    /// A policy of MTA-STS, from the connection to its last octet (RFC 8461 §3.3).
    pub policy: Duration,
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

impl Timers {
    /// The waits of RFC 5321 §4.5.3.2 (`--rfc-timeouts`).
    pub const RFC: Self = Self {
        greeting: minutes(5),
        command: minutes(5),
        mail: minutes(5),
        rcpt: minutes(5),
        data_start: minutes(2),
        data_block: minutes(3),
        data_end: minutes(10),
        ..Self::INTERACTIVE
    };

    /// The waits of a person at a screen: after them the program asks, it does not give up.
    pub const INTERACTIVE: Self = Self {
        connect: Duration::from_secs(10),
        connect_all: Duration::from_secs(30),
        greeting: minutes(1),
        command: minutes(1),
        mail: minutes(1),
        rcpt: minutes(1),
        data_start: minutes(1),
        data_block: minutes(1),
        data_end: minutes(10),
        tls: Duration::from_secs(10),
        linger: Duration::from_secs(2),
        policy: minutes(1),
    };

    /// The same wait for a connection, a handshake and every reply (`--timeout`).
    pub const fn each(wait: Duration) -> Self {
        Self {
            connect: wait,
            connect_all: wait,
            greeting: wait,
            command: wait,
            mail: wait,
            rcpt: wait,
            data_start: wait,
            data_block: wait,
            data_end: wait,
            tls: wait,
            ..Self::INTERACTIVE
        }
    }

    /// How long to wait for the reply to this verb.
    pub const fn reply(&self, verb: Verb) -> Duration {
        match verb {
            Verb::Mail => self.mail,
            Verb::Rcpt => self.rcpt,
            Verb::Data => self.data_start,
            Verb::Bdat => self.data_end,
            _ => self.command,
        }
    }
}

impl Default for Timers {
    fn default() -> Self {
        Self::INTERACTIVE
    }
}

#[cfg(test)]
mod tests {
    use super::super::reply::Reply;
    use super::*;

    #[test]
    fn a_command_may_be_longer_only_where_an_extension_says_so() {
        let offer = |lines: &str| Extensions::parse(&Reply::parse(lines.as_bytes()).unwrap());
        let limit = |verb, extensions: Option<&Extensions>| Limits::default().command_line(verb, extensions);
        assert_eq!(limit(Verb::Mail, None), 512);
        let size = offer("250-mx\r\n250 SIZE 10\r\n");
        assert_eq!((limit(Verb::Mail, Some(&size)), limit(Verb::Rcpt, Some(&size))), (538, 512));
        let dsn = offer("250-mx\r\n250-DSN\r\n250-DSN\r\n250 AUTH PLAIN\r\n");
        assert_eq!((limit(Verb::Mail, Some(&dsn)), limit(Verb::Rcpt, Some(&dsn))), (1119, 1042));
        assert_eq!((limit(Verb::Auth, Some(&dsn)), limit(Verb::Auth, None)), (12_288, 512));
    }

    #[test]
    fn the_waits_of_the_rfc_are_five_five_five_two_three_ten() {
        let timers = Timers::RFC;
        let minutes =
            [timers.greeting, timers.mail, timers.rcpt, timers.data_start, timers.data_block, timers.data_end]
                .map(|wait| wait.as_secs() / 60);
        assert_eq!(minutes, [5, 5, 5, 2, 3, 10]);
    }

    #[test]
    fn limits_shrink_for_tests_and_never_to_nothing() {
        let small = Limits::default().divided(100);
        assert_eq!((small.line, small.reply_lines), (655, 20));
        assert_eq!(Limits::default().divided(u32::MAX).line, 1);
    }
}
