//! What an event says happened: one variant a kind, with the fields of its line of JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::ports::lab::Card;

/// What happened. Every text has gone through the gate for remote bytes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum What {
    /// The lab is served; how it is reached.
    Lab(Card),
    /// A question was answered by the DNS, or not.
    Dns {
        /// The name that was asked for.
        name: String,
        /// The record type.
        #[serde(rename = "type")]
        kind: String,
        /// How it ended, as `NOERROR`.
        rcode: String,
        /// The records, as a zone file has them.
        answers: Vec<String>,
        /// Seconds for which they may be kept.
        #[serde(skip_serializing_if = "Option::is_none")]
        ttl: Option<u32>,
        /// What DNSSEC says, judged here: `secure`, `insecure`, `bogus`, `disputed`, `not-checked`, `unknown`.
        secure: &'static str,
        /// Who answered.
        source: String,
        /// Milliseconds.
        ms: f64,
    },
    /// Where mail for a domain goes, once all questions are answered.
    Route {
        /// The domain.
        domain: String,
        /// The addresses in the order in which they are tried.
        hops: Vec<Way>,
        /// Why it goes there, or nowhere.
        why: String,
        /// What is odd about the domain: id and words.
        findings: Vec<Finding>,
    },
    /// A script that is a server waits for a client.
    Listen {
        /// Its address, or the path of its Unix socket.
        ip: String,
        /// Its port; a Unix socket has none.
        #[serde(skip_serializing_if = "Option::is_none")]
        port: Option<u16>,
    },
    /// A connection stands.
    Open {
        /// The host.
        host: String,
        /// Its address, or the path of its Unix socket.
        ip: String,
        /// Its port; a Unix socket has none.
        #[serde(skip_serializing_if = "Option::is_none")]
        port: Option<u16>,
        /// `plain`, or `tls` from the first octet.
        mode: &'static str,
        /// Where the client came from.
        client: String,
    },
    /// An address, or the whole attempt, did not lead to a connection.
    OpenFail {
        /// The host.
        host: String,
        /// What was tried; empty for the attempt as a whole.
        #[serde(skip_serializing_if = "String::is_empty")]
        ip: String,
        /// `timeout`, `refused`, `unreach`, `reset`, `dns`, `other`.
        why: &'static str,
        /// The same in words.
        say: String,
    },
    /// A connection is over.
    Close {
        /// True for an orderly end.
        clean: bool,
        /// In what way, in words.
        how: String,
    },
    /// The greeting.
    Greet {
        /// The code.
        code: u16,
        /// The host.
        host: String,
        /// How many lines.
        lines: u32,
        /// True if it says ESMTP.
        esmtp: bool,
        /// Milliseconds since the connection stood, if times are known.
        #[serde(skip_serializing_if = "Option::is_none")]
        ms: Option<f64>,
        /// What it says.
        text: String,
    },
    /// A command.
    Cmd {
        /// Where the conversation is.
        stage: &'static str,
        /// The verb in capitals; `END` for the final dot.
        verb: String,
        /// What follows it.
        arg: String,
        /// The parameters of MAIL and RCPT.
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        params: BTreeMap<String, String>,
        /// The exact bytes, in Base64.
        raw: String,
        /// How many.
        bytes: u64,
        /// How the line ended: `CRLF`, `LF`, `CRCRLF`.
        ending: &'static str,
        /// Milliseconds since the line before it, if times are known.
        #[serde(skip_serializing_if = "Option::is_none")]
        gap: Option<f64>,
        /// True if the reply before it had not come whole.
        early: bool,
        /// True inside TLS.
        tls: bool,
    },
    /// A reply.
    Reply {
        /// Where the conversation is.
        stage: &'static str,
        /// The verb that it answers; empty if nothing asked for it.
        to: String,
        /// The code.
        code: u16,
        /// Its first digit.
        class: u16,
        /// The enhanced code.
        #[serde(skip_serializing_if = "Option::is_none")]
        enh: Option<String>,
        /// How many lines.
        lines: u32,
        /// What they say.
        text: String,
        /// Milliseconds since it was asked for, if times are known.
        #[serde(skip_serializing_if = "Option::is_none")]
        ms: Option<f64>,
        /// True for more than one line.
        multi: bool,
        /// True inside TLS.
        tls: bool,
    },
    /// What the server offers.
    Caps {
        /// Keywords and what stands behind them.
        list: BTreeMap<String, String>,
        /// True inside TLS.
        tls: bool,
        /// What changed since the offer before.
        #[serde(skip_serializing_if = "Option::is_none")]
        diff: Option<Diff>,
    },
    /// TLS stands.
    Tls {
        /// The version.
        version: String,
        /// The cipher suite.
        suite: String,
        /// The key exchange group.
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<String>,
        /// The name that the client asked for.
        #[serde(skip_serializing_if = "Option::is_none")]
        sni: Option<String>,
        /// What came of verifying the certificate: `none` on the side that showed it, `unknown` where a log does not tell.
        verify: &'static str,
    },
    /// TLS did not come about.
    TlsFail {
        /// The alert, or what else it was.
        alert: String,
    },
    /// A line of a login.
    Sasl {
        /// The mechanism.
        mech: String,
        /// Which line of the client, from 1.
        step: u32,
        /// The line, with what is secret masked.
        fields: String,
    },
    /// The verdict on a login.
    Auth {
        /// The mechanism.
        mech: String,
        /// True if it was let in.
        ok: bool,
    },
    /// A letter has come whole, as far as the wire goes.
    Body(Body),
    /// The server has taken responsibility for a letter.
    Accept {
        /// The server.
        server: String,
        /// Its id for the letter, where its reply names one.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// The reverse path.
        from: String,
        /// The recipients that it took.
        rcpts: Vec<String>,
    },
    /// A letter lies in a mailbox.
    Deliver {
        /// The server.
        server: String,
        /// The mailbox.
        mailbox: String,
        /// The server's id for the letter.
        id: String,
        /// The reverse path.
        from: String,
        /// Octets of the letter as it was stored.
        bytes: u64,
    },
    /// A host of the lab spoke with another one about a letter.
    Hop {
        /// The host that has the letter.
        server: String,
        /// Its id for the letter.
        id: String,
        /// The other host.
        to: String,
        /// Its address.
        ip: String,
        /// Its port.
        port: u16,
        /// True inside TLS.
        tls: bool,
        /// The reply that decided.
        said: String,
        /// Those whom the other is responsible for now.
        rcpts: Vec<String>,
    },
    /// A letter waits for a recipient.
    Defer {
        /// The host that has it.
        server: String,
        /// Its id for the letter.
        id: String,
        /// The recipient.
        rcpt: String,
        /// Why.
        why: String,
        /// When it is tried again, in seconds since 1970.
        next: u64,
    },
    /// A letter is given up for a recipient, and a report goes back.
    Bounce {
        /// The host that had it.
        server: String,
        /// Its id for the letter.
        id: String,
        /// The recipient.
        rcpt: String,
        /// The enhanced status code.
        status: String,
        /// Why.
        why: String,
        /// Who is told.
        to: String,
    },
    /// A letter is given up for a recipient, and nobody is told.
    Drop {
        /// The host that had it.
        server: String,
        /// Its id for the letter.
        id: String,
        /// The recipient.
        rcpt: String,
        /// By which rule.
        why: String,
    },
    /// A letter went in circles, and was refused.
    Loop {
        /// The host that refused it.
        server: String,
        /// The id, if it has one there.
        id: String,
        /// Its Received fields.
        received: usize,
        /// How many are too many.
        limit: usize,
    },
    /// A host judged who stands behind a letter.
    Policy {
        /// The host.
        server: String,
        /// What was checked: `spf`, `dkim`, `dmarc`, `grey`.
        check: String,
        /// The domain concerned.
        who: String,
        /// The result.
        result: String,
        /// Why.
        why: String,
    },
    /// Something is different in the lab from now on, or as it was again.
    Fault {
        /// The host or the name that it is about.
        host: String,
        /// What was switched: `way`, `certificate`, `fault`, `names`, `record`.
        setting: &'static str,
        /// What is different, in the words of the lab's data.
        name: String,
        /// False if it is as it was.
        on: bool,
    },
    /// A problem that the session shows.
    Problem {
        /// Its id, as `P10`.
        id: String,
        /// How sure it is.
        confidence: &'static str,
        /// What happened and what it means.
        say: String,
    },
    /// A session that nobody leads by hand is over; it is the last event of a run.
    End {
        /// The stage at which it stopped, or the last one that was taken.
        stage: &'static str,
        /// What the program ends with.
        exit: u8,
        /// The diagnostic id, if something stopped it.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'static str>,
        /// What happened, in words.
        say: String,
    },
    /// Something that was given is explained.
    Explain {
        /// What it is: `problem`, `code`, `status`, `reply`, `keyword`, `command`, `mechanism`, `term`, `header`, `record`,
        /// `text`, `report`, `bounce`, `recipient`, `received`, `check`.
        what: &'static str,
        /// The text that is explained, with what is secret in it masked.
        about: String,
        /// A heading.
        title: String,
        /// What it means.
        meaning: String,
        /// What to do, the most useful first.
        next: Vec<Advice>,
        /// The rest.
        more: Vec<String>,
        /// Where it stands, the most special first.
        refs: Vec<String>,
        /// How sure it is: `certain`, `likely`, `possible`.
        confidence: &'static str,
        /// How often a log tells of it.
        #[serde(flatten, skip_serializing_if = "Option::is_none")]
        seen: Option<Seen>,
    },
}

/// How often something stands in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Lines.
    pub count: u64,
    /// The first of them, from 1.
    pub line: u64,
}

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// What, and why.
    pub say: String,
    /// The line to type for it; words in `<…>` are to be replaced.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}

/// An address that takes mail for a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Way {
    /// The host.
    pub host: String,
    /// Lower is tried first.
    pub preference: u16,
    /// One of its addresses.
    pub ip: String,
}

/// Something odd about a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its diagnostic id.
    pub id: &'static str,
    /// What it is, in words.
    pub say: String,
}

/// What changed from one offer to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// New keywords.
    #[serde(rename = "+")]
    pub new: Vec<String>,
    /// Keywords that are gone.
    #[serde(rename = "-")]
    pub gone: Vec<String>,
}

/// A letter as it went over the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Body {
    /// `data` or `bdat`.
    pub form: &'static str,
    /// Octets, without the final dot.
    pub bytes: u64,
    /// Lines.
    pub lines: u64,
    /// Lines that begin with a dot.
    pub dots: u64,
    /// Line ends that are LF alone.
    pub barelf: u64,
    /// CR that no LF follows.
    pub barecr: u64,
    /// Octets of the longest line, without its end.
    pub maxline: u64,
    /// How the end stood on the wire: `CRLF.CRLF`.
    pub eod: String,
    /// The first field of each name, in lower case.
    pub headers: BTreeMap<String, String>,
    /// True if an empty line ends the header.
    pub blankline: bool,
    /// True for octets above 127.
    #[serde(rename = "8bit")]
    pub eight_bit: bool,
}

impl What {
    /// The word of its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Lab(_) => "lab",
            Self::Dns { .. } => "dns",
            Self::Route { .. } => "route",
            Self::Listen { .. } => "listen",
            Self::Open { .. } => "open",
            Self::OpenFail { .. } => "openfail",
            Self::Close { .. } => "close",
            Self::Greet { .. } => "greet",
            Self::Cmd { .. } => "cmd",
            Self::Reply { .. } => "reply",
            Self::Caps { .. } => "caps",
            Self::Tls { .. } => "tls",
            Self::TlsFail { .. } => "tlsfail",
            Self::Sasl { .. } => "sasl",
            Self::Auth { .. } => "auth",
            Self::Body(_) => "body",
            Self::Accept { .. } => "accept",
            Self::Deliver { .. } => "deliver",
            Self::Hop { .. } => "hop",
            Self::Defer { .. } => "defer",
            Self::Bounce { .. } => "bounce",
            Self::Drop { .. } => "drop",
            Self::Loop { .. } => "loop",
            Self::Policy { .. } => "policy",
            Self::Fault { .. } => "fault",
            Self::Problem { .. } => "problem",
            Self::End { .. } => "end",
            Self::Explain { .. } => "explain",
        }
    }
}
