//! What was said: a pure fold over a tape into rows, exchanges, phases, the envelope and flaws.
//!
//! The fold is chunking-invariant: any segmentation of the same bytes in the same order gives the same result. Each
//! octet is scanned once. It never refuses and never drops: what is odd becomes a [`Flaw`] beside what it stands in.
//!
//! Replies are matched to commands by a queue of expectations; in lock-step it holds one entry, with PIPELINING
//! (RFC 2920) more. A reply that nobody asked for makes a [`Desync`]. *Late decision*: client lines behind DATA or AUTH
//! stay [`What::Undecided`] until the 354, the 334 or the refusal tells what they are.

pub mod batch;
pub mod coach;
pub mod envelope;
pub mod exchange;
pub mod forecast;
pub mod login;
pub mod phase;
pub mod repair;
pub mod row;
pub mod secret;
pub mod sequence;
pub mod standing;
pub mod suggest;

mod client;
mod due;
mod fold;
mod mark;
mod pair;
mod server;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::smtp::command::Verb;
use crate::smtp::extension::Extensions;
use crate::smtp::flaw::FlawKind;
use crate::tape::{Moment, Side, Span, Tape};

use envelope::{Envelope, Letter};
use exchange::{Cause, Exchange, ExchangeId};
use phase::Phase;
use row::{Row, RowId, What};

/// What was said on a tape, so far.
#[derive(Debug, Clone)]
pub struct Dialogue {
    rows: Vec<Row>,
    exchanges: Vec<Exchange>,
    flaws: Vec<Flaw>,
    phase: Phase,
    hello: Option<Hello>,
    envelope: Envelope,
    letters: Vec<Letter>,
    /// MAIL commands so far.
    mails: usize,
    /// The domains of all recipients so far, in lower case.
    domains: BTreeSet<Vec<u8>>,
    capabilities: Vec<Capabilities>,
    in_force: Option<usize>,
    secrets: secret::Secrets,
    login: Login,
    /// Every login that succeeded.
    logins: Vec<ExchangeId>,
    tls: bool,
    /// STARTTLS is listed, and it was decided not to use it.
    tls_declined: bool,
    protocol: Protocol,
    desync: Option<Desync>,
    opened: Option<Moment>,
    /// The connection leads to a port where users hand in letters.
    submission: bool,
    due: due::Due,
    /// The user does not wait for the exchanges before this one.
    awaited_from: usize,
    cursor: fold::Cursor,
    client: client::Reader,
    server: server::Reader,
}

/// Something odd, where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flaw {
    /// What is odd; its id, weight and citation are its kind's.
    pub kind: FlawKind,
    /// The octets concerned; empty for a flaw of a mark.
    pub span: Span,
    /// The row it stands in.
    pub row: RowId,
}

/// How the client said hello, once the server took it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hello {
    /// EHLO, or LHLO in LMTP.
    Extended,
    /// HELO: no extensions (RFC 5321 §2.2.1).
    Plain,
}

/// One answer to EHLO. An answer replaces the one before it whole, and TLS voids it (RFC 3207 §4.2).
#[derive(Debug, Clone)]
pub struct Capabilities {
    /// The EHLO.
    pub exchange: ExchangeId,
    /// True if it was said inside TLS.
    pub tls: bool,
    /// What was offered.
    pub extensions: Extensions,
}

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    /// SMTP, as far as is known.
    Smtp,
    /// SMTP, though LMTP was asked for, or the greeting says it.
    LmtpWanted,
    /// LMTP: the client said LHLO (RFC 2033 §4.1).
    Lmtp,
}

/// How far a login has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Login {
    /// Not tried, refused or cancelled.
    #[default]
    Out,
    /// Between AUTH and its verdict.
    Pending,
    /// The server said 235.
    In,
}

/// Replies and commands no longer pair up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Desync {
    /// The reply that nobody asked for, or that came late.
    pub row: RowId,
}

/// So many exchanges are recent.
const RECENT: usize = 256;

impl Default for Dialogue {
    fn default() -> Self {
        Self::new()
    }
}

impl Dialogue {
    /// The dialogue of an empty tape.
    pub fn new() -> Self {
        Self {
            rows: Vec::new(),
            exchanges: Vec::new(),
            flaws: Vec::new(),
            phase: Phase::Opening,
            hello: None,
            envelope: Envelope::default(),
            letters: Vec::new(),
            mails: 0,
            domains: BTreeSet::new(),
            capabilities: Vec::new(),
            in_force: None,
            secrets: secret::Secrets::default(),
            login: Login::Out,
            logins: Vec::new(),
            tls: false,
            tls_declined: false,
            protocol: Protocol::Smtp,
            desync: None,
            opened: None,
            submission: false,
            due: due::Due::default(),
            awaited_from: 0,
            cursor: fold::Cursor::default(),
            client: client::Reader::default(),
            server: server::Reader::default(),
        }
    }

    /// The dialogue of a whole tape.
    pub fn of(tape: &Tape) -> Self {
        let mut dialogue = Self::new();
        dialogue.follow(tape);
        dialogue
    }

    /// Forgets a [`Desync`]: the user says that the replies pair up again.
    pub fn resync(&mut self) {
        self.desync = None;
    }

    /// The rows, in the order in which they began.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// One row.
    pub fn row(&self, id: RowId) -> Option<&Row> {
        self.rows.get(id.index())
    }

    /// The exchanges, in the order in which they were asked.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// The last few hundred exchanges, newest first: what is asked of them costs the same however long a session is.
    pub fn recent(&self) -> impl Iterator<Item = &Exchange> {
        self.exchanges.iter().rev().take(RECENT)
    }

    /// One exchange.
    pub fn exchange(&self, id: ExchangeId) -> Option<&Exchange> {
        self.exchanges.get(id.index())
    }

    /// What is odd, ordered by row.
    pub fn flaws(&self) -> &[Flaw] {
        &self.flaws
    }

    /// What is odd in one row.
    pub fn flaws_of(&self, row: RowId) -> &[Flaw] {
        let start = self.flaws.partition_point(|flaw| flaw.row < row);
        let end = self.flaws.partition_point(|flaw| flaw.row <= row);
        self.flaws.get(start..end).unwrap_or_default()
    }

    /// Where the session stands.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// How the client said hello in this TLS epoch, once the server took it.
    pub fn hello(&self) -> Option<Hello> {
        self.hello
    }

    /// The envelope of the open transaction.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// The letters that were sent whole.
    pub fn letters(&self) -> &[Letter] {
        &self.letters
    }

    /// MAIL commands of the session, failed ones included.
    pub fn mails(&self) -> usize {
        self.mails
    }

    /// The domains of the session's recipients, refused ones included, each once and in lower case.
    pub fn recipient_domains(&self) -> &BTreeSet<Vec<u8>> {
        &self.domains
    }

    /// The extensions in force: those of the latest EHLO of the current TLS epoch (RFC 5321 §2.2.1).
    pub fn extensions(&self) -> Option<&Extensions> {
        self.in_force.and_then(|index| self.capabilities.get(index)).map(|capabilities| &capabilities.extensions)
    }

    /// Every answer to EHLO of the session, in order.
    pub fn capabilities(&self) -> &[Capabilities] {
        &self.capabilities
    }

    /// The exchanges whose reply is due, oldest first.
    pub fn outstanding(&self) -> impl ExactSizeIterator<Item = ExchangeId> {
        self.due.iter()
    }

    /// True while a reply is due that the user waits for.
    pub fn awaits_reply(&self) -> bool {
        self.due.back().is_some_and(|newest| newest.index() >= self.awaited_from)
    }

    /// Set while replies and commands do not pair up.
    pub fn desync(&self) -> Option<Desync> {
        self.desync
    }

    /// True at a port where users hand in letters (RFC 6409 §3.1, RFC 8314 §7.3).
    pub fn is_submission(&self) -> bool {
        self.submission
    }

    /// True inside TLS.
    pub fn is_secured(&self) -> bool {
        self.tls
    }

    /// True inside TLS that came behind an EHLO in plain text; false where TLS came first (RFC 8314 §3.3).
    pub fn is_upgraded(&self) -> bool {
        self.tls && self.capabilities.iter().any(|before| !before.tls)
    }

    /// How far a login has come in this TLS epoch.
    pub fn login(&self) -> Login {
        self.login
    }

    /// Every login that succeeded, in order: what was answered 235.
    pub fn logins(&self) -> &[ExchangeId] {
        &self.logins
    }

    /// True once the session speaks LMTP.
    pub fn is_lmtp(&self) -> bool {
        self.protocol == Protocol::Lmtp
    }

    /// True if LMTP is what the client must speak: it does already, it was asked for, or the greeting says so.
    pub fn wants_lmtp(&self) -> bool {
        self.protocol != Protocol::Smtp
    }

    /// True while the connection stands.
    pub fn is_open(&self) -> bool {
        self.opened.is_some() && self.phase != Phase::Closed
    }

    /// When the connection stood.
    pub fn opened(&self) -> Option<Moment> {
        self.opened
    }

    /// Octets of a BDAT chunk that are still to be sent; 0 outside of one.
    pub fn chunk_left(&self) -> u64 {
        self.client.chunk_left()
    }

    /// True once the open transaction has sent a part of its letter with BDAT.
    pub fn has_chunks(&self) -> bool {
        let since = self.recent().take_while(|exchange| exchange.verb() != Some(Verb::Mail));
        self.envelope.is_open() && since.filter(|exchange| exchange.verb() == Some(Verb::Bdat)).any(Exchange::succeeded)
    }

    /// How far one side's octets are understood: every line before this octet has ended, and what it is is known.
    pub fn settled(&self, side: Side) -> u64 {
        let open = self.open_line(side).map(|open| open.start);
        let undecided = self.client.first_undecided().filter(|_| side == Side::Client);
        let undecided = undecided.and_then(|row| self.row(row)?.span()).map(|span| span.start);
        [open, undecided].into_iter().flatten().min().unwrap_or(self.read_to(side))
    }

    fn push_row(&mut self, row: Row) -> RowId {
        let id = RowId(u32::try_from(self.rows.len()).unwrap_or(u32::MAX));
        self.rows.push(row);
        id
    }

    fn replace_row(&mut self, id: RowId, row: Row) -> RowId {
        if let Some(old) = self.rows.get_mut(id.index()) {
            *old = row;
        }
        id
    }

    fn set_what(&mut self, id: RowId, what: What) {
        if let Some(row) = self.rows.get_mut(id.index()) {
            row.what = what;
        }
    }

    fn expect(&mut self, exchange: Exchange) -> ExchangeId {
        let verb = exchange.verb();
        let id = self.push_exchange(exchange);
        self.due.push_back(id, verb);
        id
    }

    fn push_exchange(&mut self, exchange: Exchange) -> ExchangeId {
        let id = ExchangeId(u32::try_from(self.exchanges.len()).unwrap_or(u32::MAX));
        self.exchanges.push(exchange);
        id
    }

    /// Notes a flaw at its place; flaws are ordered by row, and nearly always the newest row is meant.
    fn flaw(&mut self, row: RowId, span: Span, kind: FlawKind) {
        let place = self.flaws.partition_point(|flaw| flaw.row <= row);
        self.flaws.insert(place, Flaw { kind, span, row });
    }

    fn question(&self, cause: Cause, row: RowId, command: Option<Span>, asked: Moment) -> Exchange {
        Exchange { cause, command, row, asked, answer: None, tls: self.tls, overdue: false, recipient: None }
    }
}
