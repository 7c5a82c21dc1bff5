//! Marks in the fold: opening, TLS, time-outs, limits and the end.

use crate::safe::{Finding, find};
use crate::smtp::command::Verb;
use crate::smtp::flaw::FlawKind;
use crate::tape::mark::{Closed, Ending, Failure, Limit, Mark, Unreached, Wait};
use crate::tape::tls::{Certificate, Judgement, NoTls, TlsDecision, TlsFacts, TlsTrouble};
use crate::tape::told::{Means, Told};
use crate::tape::{Moment, Side, Span, Tape};

use super::exchange::Cause;
use super::phase::Phase;
use super::row::{Row, RowId, What};
use super::{Dialogue, Protocol};

impl Dialogue {
    pub(super) fn read_mark(&mut self, tape: &Tape, index: usize) {
        let Some((at, mark)) = tape.marks().get(index) else { return };
        let row = self.push_row(Row::mark(*at, index));
        match mark {
            Mark::Opened(opened) => {
                self.is_at(opened.peer.port());
                self.begin(*at, row, opened.lmtp);
            }
            Mark::Told(told) => self.hear(*at, row, told),
            Mark::Announced { .. } => self.announce(),
            Mark::Refused(attempt) => self.note(row, unreached(attempt.why)),
            Mark::GaveUp(failure) => {
                match failure {
                    Failure::BadTarget { .. } => self.note(row, FlawKind::Target),
                    Failure::NoAddress { .. } | Failure::AllFailed { .. } => self.note(row, FlawKind::AllFailed),
                    Failure::NotTaken => {}
                }
                self.phase = Phase::Closed;
            }
            Mark::TlsDecided(decision) => self.decide_tls(row, *decision),
            Mark::TlsReady(facts) => self.secure(row, facts),
            Mark::TlsFailed(failure) => self.note(row, tls_trouble(&failure.why)),
            Mark::LoginStopped { id, .. } => {
                if let Some(kind) = FlawKind::from_id(id) {
                    self.note(row, kind);
                }
            }
            Mark::CertificateChanged { .. } => self.note(row, FlawKind::CertChanged),
            Mark::TimedOut(wait) => self.overdue(row, *wait),
            Mark::StoppedWaiting => self.awaited_from = self.exchanges.len(),
            Mark::Limit(limit) => self.note(row, limit_flaw(*limit)),
            Mark::HalfClosed { by: Side::Server } => self.note(row, FlawKind::HalfClosed),
            Mark::Held { why: crate::tape::mark::Hold::Greeting, .. } => self.note(row, FlawKind::EarlyTalker),
            Mark::Suspended(gap) if gap.as_secs() >= 60 => self.note(row, FlawKind::Stale),
            Mark::Closed(closed) => self.end(row, *closed),
            _ => {}
        }
    }

    /// What a log tells in words.
    fn hear(&mut self, at: Moment, row: RowId, told: &Told) {
        match told.means {
            Means::Nothing => {}
            Means::Opened { port, whole: true, lmtp, .. } => {
                self.is_at(port);
                self.begin(at, row, lmtp);
            }
            Means::Opened { port, .. } => {
                self.is_at(port);
                (self.opened, self.phase, self.server.partial) = (Some(at), Phase::Ready, true);
            }
            Means::Secured { .. } => self.encrypt(),
            Means::Letter => self.end_unseen_letter(at, row),
            Means::Closed { by } => self.end(row, Closed { by, how: Ending::Clean }),
        }
        let odd = told.odd.iter().filter_map(|id| FlawKind::from_id(id));
        for kind in odd.collect::<Vec<_>>() {
            if !self.flaws_of(row).iter().any(|flaw| flaw.kind == kind) {
                self.note(row, kind);
            }
        }
    }

    /// Where users hand in letters, what counts is another.
    fn is_at(&mut self, port: Option<u16>) {
        self.submission = matches!(port, Some(465 | 587));
    }

    /// A flaw of a mark has no octets of its own.
    fn note(&mut self, row: RowId, kind: FlawKind) {
        self.flaw(row, Span::new(Side::Server, 0, 0), kind);
    }

    fn begin(&mut self, at: Moment, row: RowId, lmtp: bool) {
        self.opened = Some(at);
        if lmtp {
            self.protocol = Protocol::LmtpWanted;
        }
        let greeting = self.question(Cause::Greeting, row, None, at);
        self.expect(greeting);
    }

    fn decide_tls(&mut self, row: RowId, decision: TlsDecision) {
        let (why, goes_on) = match decision {
            TlsDecision::First | TlsDecision::Upgrade { .. } => return,
            TlsDecision::Declined => {
                self.tls_declined = true;
                return;
            }
            TlsDecision::Without { why, goes_on } => (why, goes_on),
        };
        match why {
            NoTls::NotOffered | NoTls::Hello(_) => self.note(row, FlawKind::TlsNotOffered),
            NoTls::Refused(_) => self.note(row, FlawKind::TlsRefused),
            NoTls::Greeting(_) | NoTls::Goodbye | NoTls::NotAwaited => {}
        }
        if !goes_on {
            self.note(row, FlawKind::TlsNoDowngrade);
        }
    }

    /// All that the plain-text epoch taught is void (RFC 3207 §4.2).
    fn encrypt(&mut self) {
        self.tls = true;
        self.forget_session();
        self.reset_client();
        if self.phase == Phase::Upgrading {
            self.phase = Phase::Ready;
        }
        if let Some(greeting) = self.exchanges.first_mut().filter(|exchange| exchange.answer.is_none()) {
            greeting.tls = true;
        }
    }

    fn secure(&mut self, row: RowId, facts: &TlsFacts) {
        self.encrypt();
        for judgement in [&facts.trust, &facts.name, &facts.dates] {
            if let Judgement::Bad { id, .. } = judgement
                && let Some(kind) = FlawKind::from_id(id)
            {
                self.note(row, kind);
            }
        }
        if facts.chain.iter().any(|certificate| !certificate.readable) {
            self.note(row, FlawKind::CertUnparsable);
        }
        for kind in odd_texts(facts) {
            self.note(row, kind);
        }
        if facts.accepted() && facts.in_doubt() {
            self.note(row, FlawKind::CertInsecure);
        }
    }

    fn overdue(&mut self, row: RowId, wait: Wait) {
        if let Some(exchange) = self.due.front().and_then(|id| self.exchanges.get_mut(id.index())) {
            exchange.overdue = true;
        }
        match wait {
            Wait::Greeting => self.note(row, FlawKind::GreetingTimeout),
            Wait::Tls => self.note(row, FlawKind::TlsTimeout),
            Wait::DataEnd => self.note(row, FlawKind::UnknownOutcome),
            Wait::Reply | Wait::DataStart | Wait::DataBlock => self.note(row, FlawKind::ReplyTimeout),
        }
        if self.server.unfinished.is_some() {
            self.note(row, FlawKind::UnfinishedReply);
        }
    }

    fn end(&mut self, row: RowId, closed: Closed) {
        // Behind a whole goodbye there is nothing that could be cut.
        let whole = self.phase == Phase::Closing && self.server.unfinished.is_none() && self.server.open.is_none();
        if let Some(kind) = closing_flaw(closed.how).filter(|kind| !(whole && *kind == FlawKind::NoCloseNotify)) {
            self.note(row, kind);
        }
        self.close_open_line();
        if closed.by == Side::Server {
            self.note_losses(row);
        }
        self.phase = Phase::Closed;
    }

    /// A line that began and will never end.
    fn close_open_line(&mut self) {
        let open = self.open_line(Side::Server);
        let cut = open.map(|open| open.row).or_else(|| {
            let unfinished = self.server.unfinished.take()?;
            self.last_row_of(unfinished)
        });
        let Some(row) = cut else { return };
        let span = self.row(row).and_then(Row::span);
        let opening = self.phase == Phase::Foreign;
        if let (Some(span), false) = (span, opening) {
            if open.is_some() {
                self.set_what(row, What::Stray(self.server.unfinished));
            }
            self.flaw(row, span, FlawKind::TruncatedReply);
        }
    }

    fn last_row_of(&self, exchange: super::ExchangeId) -> Option<RowId> {
        let index = self.rows.iter().rposition(|row| row.exchange() == Some(exchange))?;
        u32::try_from(index).ok().map(RowId)
    }

    /// True if the client itself ended the session: an envelope that was open is given up then, not lost.
    fn has_quit(&self) -> bool {
        self.exchanges.last().is_some_and(|last| last.verb() == Some(Verb::Quit) && last.succeeded())
    }

    fn note_losses(&mut self, row: RowId) {
        if self.in_letter() {
            self.note(row, FlawKind::DataAborted);
        } else if self.phase == Phase::Verdict {
            self.note(row, FlawKind::UnknownOutcome);
        }
        if self.due.front().is_some() || (self.envelope.is_open() && !self.has_quit()) {
            self.note(row, FlawKind::ConnectionClosed);
        }
    }
}

/// What the texts of certificates would do to a terminal, each kind once.
fn odd_texts(facts: &TlsFacts) -> Vec<FlawKind> {
    let mut kinds = Vec::new();
    for (finding, _) in facts.chain.iter().flat_map(Certificate::texts).flat_map(|text| find(text.as_bytes())) {
        let kind = match finding {
            Finding::Escape | Finding::Control | Finding::LoneCr => FlawKind::Escape,
            Finding::Bidi => FlawKind::Bidi,
            _ => continue,
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

fn unreached(why: Unreached) -> FlawKind {
    match why {
        Unreached::Refused => FlawKind::Refused,
        Unreached::TimedOut => FlawKind::ConnectTimeout,
        Unreached::Unreachable => FlawKind::Unreachable,
        Unreached::Reset => FlawKind::Reset,
        Unreached::Local => FlawKind::LocalNetwork,
        Unreached::Source => FlawKind::OwnAddress,
    }
}

fn tls_trouble(why: &TlsTrouble) -> FlawKind {
    match why {
        TlsTrouble::InjectedPlaintext => FlawKind::InjectedPlaintext,
        TlsTrouble::NotTls(_) => FlawKind::NotTls,
        TlsTrouble::PlainPort(_) => FlawKind::PlainPort,
        TlsTrouble::Version => FlawKind::TlsVersion,
        TlsTrouble::Closed | TlsTrouble::Reset => FlawKind::TlsClosed,
        TlsTrouble::TimedOut => FlawKind::TlsTimeout,
        TlsTrouble::Alert(_) | TlsTrouble::Signature | TlsTrouble::Other => FlawKind::TlsHandshake,
    }
}

fn limit_flaw(limit: Limit) -> FlawKind {
    match limit {
        Limit::Line => FlawKind::LineLimit,
        Limit::Reply => FlawKind::ReplyLimit,
        Limit::Unsolicited => FlawKind::UnsolicitedLimit,
    }
}

fn closing_flaw(how: Ending) -> Option<FlawKind> {
    match how {
        Ending::NoCloseNotify => Some(FlawKind::NoCloseNotify),
        Ending::Reset => Some(FlawKind::Reset),
        Ending::Lingered => Some(FlawKind::Linger),
        Ending::Clean | Ending::Injected | Ending::EarlyReply | Ending::Limit | Ending::Tls | Ending::Failed => None,
    }
}
