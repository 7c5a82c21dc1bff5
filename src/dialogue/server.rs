//! The server's lines: replies matched to what asked for them, and what is no reply.

use crate::smtp::command::{Command, Verb};
use crate::smtp::extension::Extensions;
use crate::smtp::flaw::{self, FlawKind};
use crate::smtp::line::Line;
use crate::smtp::reply::{self, Part, Reply, Shape};
use crate::smtp::status::Status;
use crate::tape::{Side, Span, Tape};

use super::envelope::{Declared, Envelope, Recipient, domain_part, path_of};
use super::exchange::{Answer, Cause, Exchange, ExchangeId};
use super::fold::{Closed, OpenLine};
use super::phase::Phase;
use super::row::{Row, RowId, What};
use super::{Capabilities, Desync, Dialogue, Hello, Login, Protocol};

/// How the server's lane is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Reader {
    /// It was told that enhanced codes come although the list in force lacks them.
    status_noted: bool,
    pub(super) open: Option<OpenLine>,
    /// The exchange whose reply promised more lines.
    pub(super) unfinished: Option<ExchangeId>,
    /// The record begins in the middle, or has one side alone: what is not there was not seen.
    pub(super) partial: bool,
}

impl Dialogue {
    pub(super) fn server_line(&mut self, tape: &Tape, line: &Closed<'_>) {
        if self.phase == Phase::Upgrading {
            // Whatever follows the 220 in plain text could pose as encrypted later (RFC 3207 §4.2).
            self.set_what(line.row, What::Stray(None));
            self.flaw(line.row, line.span, FlawKind::InjectedPlaintext);
            return;
        }
        self.note_echo(tape, line);
        match reply::shape(Line::of(line.bytes)) {
            Shape::Part(part) => self.reply_line(tape, line, part),
            Shape::Malformed(_) => self.stray_line(line),
        }
    }

    /// Some peers never end their first line: TLS alerts, for one.
    pub(super) fn peek_server(&mut self, tape: &Tape, row: RowId, span: Span) {
        if self.phase == Phase::Opening && span.len() >= 3 {
            let head = tape.bytes(Span::new(Side::Server, span.start, span.start + 3));
            self.recognise_tls(row, span, &head);
        }
    }

    fn recognise_tls(&mut self, row: RowId, span: Span, bytes: &[u8]) -> bool {
        let tls = reply::looks_like_tls(bytes);
        if tls && self.phase == Phase::Opening {
            self.phase = Phase::Foreign;
            self.flaw(row, Span { end: span.start + 3, ..span }, FlawKind::TlsPort);
        }
        tls
    }

    fn stray_line(&mut self, line: &Closed<'_>) {
        let inside = self.server.unfinished;
        self.set_what(line.row, What::Stray(inside));
        if self.phase == Phase::Foreign || self.recognise_tls(line.row, line.span, line.bytes) {
            return;
        }
        let mut flaws = reply::flaws(Line::of(line.bytes));
        if inside.is_some() {
            // Inside a reply the line is garbage among good lines, not a failed reply of its own.
            flaws.retain(|flaw| !matches!(flaw.kind, FlawKind::Malformed(_)));
            self.flaw(line.row, line.span, FlawKind::GarbageLine);
        }
        self.lift(line.row, line.span, &flaws);
        if let (Phase::Opening, Some(service)) = (self.phase, reply::other_service(line.bytes)) {
            self.phase = Phase::Foreign;
            self.flaw(line.row, line.span, FlawKind::NotSmtp(service));
        }
    }

    fn reply_line(&mut self, tape: &Tape, line: &Closed<'_>, part: Part<'_>) {
        let id = self.server.unfinished.unwrap_or_else(|| self.begin_reply(line));
        self.set_what(line.row, What::Reply { exchange: id, last: !part.more });
        self.lift(line.row, line.span, &reply::flaws(Line::of(line.bytes)));
        let status = Status::find(part.text).map(|found| found.status);
        let before = self.exchange(id).and_then(|exchange| exchange.answer?.status);
        if status.is_some() && before.is_some() && status != before {
            self.flaw(line.row, line.span, FlawKind::StatusDiffers);
        }
        let differs = self.grow_answer(id, line, part, status.or(before));
        if differs {
            self.flaw(line.row, line.span, FlawKind::MixedCodes);
        }
        if part.more {
            self.server.unfinished = Some(id);
        } else {
            self.server.unfinished = None;
            self.complete(tape, id, line);
        }
    }

    /// The exchange that a new reply belongs to.
    fn begin_reply(&mut self, line: &Closed<'_>) -> ExchangeId {
        if let Some(id) = self.due.front() {
            let late = self.due.iter().len() > 1 && self.exchange(id).is_some_and(|exchange| exchange.overdue);
            if late {
                self.flaw(line.row, line.span, FlawKind::LateReply);
                self.desync = Some(Desync { row: line.row });
            }
            return id;
        }
        let question = self.question(Cause::Unasked, line.row, None, line.first);
        self.push_exchange(question)
    }

    /// Adds a line to the answer of an exchange; true if its code differs from the lines before.
    fn grow_answer(&mut self, id: ExchangeId, line: &Closed<'_>, part: Part<'_>, status: Option<Status>) -> bool {
        let Some(exchange) = self.exchanges.get_mut(id.index()) else { return false };
        let Some(answer) = &mut exchange.answer else {
            exchange.answer = Some(Answer {
                code: part.code,
                span: line.span,
                lines: 1,
                first: line.first,
                last: line.last,
                complete: !part.more,
                status,
                mixed: false,
            });
            return false;
        };
        let differs = answer.code != part.code;
        answer.code = part.code;
        answer.status = status;
        answer.span.end = line.span.end;
        answer.lines += 1;
        answer.last = line.last;
        answer.complete = !part.more;
        answer.mixed |= differs;
        differs
    }

    /// A reply is whole: what it means for the session.
    fn complete(&mut self, tape: &Tape, id: ExchangeId, line: &Closed<'_>) {
        if self.due.front() == Some(id) {
            self.due.pop_front();
        }
        let Some(exchange) = self.exchange(id) else { return };
        let (cause, command, ok) = (exchange.cause, exchange.command, exchange.succeeded());
        let Some(code) = exchange.code() else { return };
        match cause {
            Cause::Greeting => self.greeted(line, code.get(), ok),
            Cause::Command(verb) => self.commanded(tape, id, verb, command, code.get(), ok),
            Cause::EndOfData => self.judged(id),
            Cause::Sasl => self.sasl_answered(line, id, code.get()),
            Cause::Unasked => self.unasked(line, code.get()),
        }
        if code.get() == 421 {
            self.phase = Phase::Closing;
        }
        self.note_status(id, line);
        if super::sequence::is_wrong_kind(cause, code) {
            self.flaw(line.row, line.span, FlawKind::UnexpectedCode);
        }
        self.await_verdicts();
        self.decide(tape, id, code.get());
    }

    /// An enhanced code is read wherever it stands; where the list in force lacks it, that is told once.
    fn note_status(&mut self, id: ExchangeId, line: &Closed<'_>) {
        let carries = self.exchange(id).and_then(|exchange| exchange.answer?.status).is_some();
        let lacks = self.extensions().is_some_and(|extensions| !extensions.has("ENHANCEDSTATUSCODES"));
        if carries && lacks && !std::mem::replace(&mut self.server.status_noted, true) {
            self.flaw(line.row, line.span, FlawKind::StatusUnadvertised);
        }
    }

    fn greeted(&mut self, line: &Closed<'_>, code: u16, ok: bool) {
        let lines = self.exchanges.first().and_then(|exchange| exchange.answer).map_or(0, |answer| answer.lines);
        if lines > 1 {
            self.flaw(line.row, line.span, FlawKind::MultilineGreeting);
        }
        self.phase = if ok { Phase::Ready } else { Phase::Refused };
        if self.protocol == Protocol::Smtp && reply::says_lmtp(line.bytes) {
            self.protocol = Protocol::LmtpWanted;
        }
        match code {
            421 => self.flaw(line.row, line.span, FlawKind::Greeting421),
            _ if !ok => self.flaw(line.row, line.span, FlawKind::GreetingRefused),
            _ => {}
        }
    }

    fn commanded(&mut self, tape: &Tape, id: ExchangeId, verb: Verb, command: Option<Span>, code: u16, ok: bool) {
        match verb {
            Verb::Ehlo | Verb::Lhlo if ok => self.take_extensions(tape, id),
            Verb::Ehlo if (500..600).contains(&code) => {
                let row = self.last_row();
                self.flaw(row, Span::new(Side::Server, 0, 0), FlawKind::NoEhlo);
            }
            Verb::Helo if ok => {
                self.hello = Some(Hello::Plain);
                self.in_force = None;
                self.reset_transaction();
            }
            Verb::Mail if ok => self.open_envelope(tape, command),
            Verb::Rcpt => self.add_recipient(tape, id, command),
            Verb::Data if code == 354 => self.phase = Phase::Content,
            Verb::Bdat => self.judged(id),
            Verb::Rset if ok => self.reset_transaction(),
            Verb::StartTls if code == 220 => self.phase = Phase::Upgrading,
            Verb::Auth => self.auth_answered(id, code),
            Verb::Xclient if code == 220 => self.greeted_anew(tape, id),
            Verb::Quit if ok => self.phase = Phase::Closing,
            _ => {}
        }
    }

    /// Postfix took what it was told about the client and greets that one: it knows nothing of what was said before but
    /// TLS (Postfix `XCLIENT_README`).
    fn greeted_anew(&mut self, tape: &Tape, id: ExchangeId) {
        self.forget_session();
        self.phase = Phase::Ready;
        let answer = self.exchange(id).and_then(|exchange| exchange.answer);
        if answer.is_some_and(|answer| reply::says_lmtp(&tape.bytes(answer.span))) {
            self.protocol = Protocol::LmtpWanted;
        }
    }

    /// Names, extensions, logins and the open transaction are void.
    pub(super) fn forget_session(&mut self) {
        self.hello = None;
        self.in_force = None;
        self.login = Login::Out;
        self.envelope = Envelope::default();
    }

    fn take_extensions(&mut self, tape: &Tape, id: ExchangeId) {
        let Some(answer) = self.exchange(id).and_then(|exchange| exchange.answer) else { return };
        let bytes = tape.bytes(answer.span);
        let Some(reply) = Reply::parse(&bytes) else { return };
        let extensions = Extensions::parse(&reply);
        self.lift_in_lane(answer.span, extensions.flaws());
        if self.tls {
            self.compare_with_plain_text(&extensions, answer.span);
        }
        self.hello = Some(Hello::Extended);
        self.server.status_noted = false;
        self.in_force = Some(self.capabilities.len());
        self.capabilities.push(Capabilities { exchange: id, tls: self.tls, extensions });
        self.reset_transaction();
    }

    fn compare_with_plain_text(&mut self, now: &Extensions, span: Span) {
        let row = self.row_at(span.side, span.start);
        if now.has("STARTTLS") {
            self.flaw(row, span, FlawKind::StartTlsInTls);
        }
        let before = self.capabilities.iter().rev().find(|capabilities| !capabilities.tls);
        if before.is_some_and(|before| before.extensions.differs(now)) {
            self.flaw(row, span, FlawKind::CapabilitiesChanged);
        }
    }

    fn reset_transaction(&mut self) {
        self.envelope = Envelope::default();
        if matches!(self.phase, Phase::Envelope | Phase::Verdict | Phase::Content | Phase::Sasl) {
            self.phase = Phase::Ready;
        }
    }

    fn open_envelope(&mut self, tape: &Tape, command: Option<Span>) {
        let bytes = command.map(|span| tape.bytes(span)).unwrap_or_default();
        let command = Command::parse(&bytes);
        self.envelope = Envelope {
            reverse_path: Some(path_of(&bytes)),
            size: command.declared_size(),
            declared: Declared::of(&command),
            recipients: Vec::new(),
        };
        self.phase = Phase::Envelope;
    }

    fn add_recipient(&mut self, tape: &Tape, id: ExchangeId, command: Option<Span>) {
        let bytes = command.map(|span| tape.bytes(span)).unwrap_or_default();
        let verdict = self.exchange(id).and_then(Exchange::code);
        let path = path_of(&bytes);
        let domain = domain_part(&path);
        // Recipients of one session often share a domain, written alike.
        if !self.domains.contains(domain) {
            self.domains.insert(domain.to_ascii_lowercase());
        }
        self.envelope.recipients.push(Recipient { path, exchange: id, verdict });
    }

    /// A verdict on a letter; the reply to a chunk that is not the last is none.
    fn judged(&mut self, id: ExchangeId) {
        let Some(code) = self.exchange(id).and_then(Exchange::code) else { return };
        let Some(whole) = self.letters.last().map(|letter| letter.exchange) else { return };
        if !self.is_same_question(whole, id) {
            return;
        }
        if let Some(letter) = self.letters.last_mut() {
            letter.verdict = Some(letter.verdict.map_or(code, |before| before.max(code)));
        }
        // A store without CHUNKING does not take the command, and says so once.
        let not_taken =
            matches!(code.get(), 500 | 502) && self.exchange(id).and_then(Exchange::verb) == Some(Verb::Bdat);
        while not_taken && self.due.front().is_some_and(|other| self.is_same_question(whole, other)) {
            self.due.pop_front();
        }
        if !self.due.front().is_some_and(|other| self.is_same_question(whole, other)) {
            self.phase = Phase::Ready;
        }
    }

    /// Whom a verdict on a letter is for, where each recipient gets one of its own (RFC 2033 §4.2).
    pub fn verdict_for(&self, id: ExchangeId) -> Option<&Recipient> {
        let index = usize::try_from(self.exchange(id)?.recipient?).ok()?;
        let letter = self.letters.iter().rev().find(|letter| self.is_same_question(letter.exchange, id))?;
        letter.envelope.recipients.get(index)
    }

    /// True if both ask with the same line of the client, as the verdicts on one letter do.
    pub(super) fn is_same_question(&self, one: ExchangeId, other: ExchangeId) -> bool {
        let command = |id| self.exchange(id).and_then(|exchange| exchange.command);
        command(one).is_some_and(|span| command(other) == Some(span))
    }

    fn auth_answered(&mut self, id: ExchangeId, code: u16) {
        match code {
            235 => {
                self.logins.push(id);
                self.log_in(true);
            }
            334 => self.phase = Phase::Sasl,
            // A second AUTH is refused, and takes nothing away from the first (RFC 4954 §4).
            _ => self.log_in(self.login == Login::In),
        }
    }

    fn sasl_answered(&mut self, line: &Closed<'_>, id: ExchangeId, code: u16) {
        if (200..300).contains(&code) && code != 235 {
            self.flaw(line.row, line.span, FlawKind::UnexpectedSuccess);
        }
        self.auth_answered(id, code);
    }

    fn log_in(&mut self, ok: bool) {
        self.login = if ok { Login::In } else { Login::Out };
        if self.phase == Phase::Sasl {
            self.phase = Phase::Ready;
        }
    }

    fn unasked(&mut self, line: &Closed<'_>, code: u16) {
        if code == 421 {
            return self.flaw(line.row, line.span, FlawKind::Unsolicited421);
        }
        // What asked for it stands before the beginning of the record, or on the side that it lacks.
        if self.server.partial {
            if code == 334 {
                self.await_answer();
            }
            return;
        }
        if self.in_letter() {
            self.flaw(line.row, line.span, FlawKind::EarlyReply);
        }
        self.flaw(line.row, line.span, FlawKind::SurplusReply);
        self.desync = Some(Desync { row: line.row });
    }

    /// True while the greeting has not come whole.
    pub(super) fn awaits_greeting(&self) -> bool {
        self.due.front().and_then(|id| self.exchange(id)).is_some_and(|exchange| exchange.cause == Cause::Greeting)
    }

    pub(super) fn last_row(&self) -> RowId {
        RowId(u32::try_from(self.rows.len().saturating_sub(1)).unwrap_or(u32::MAX))
    }

    /// The row that holds an octet; looked for from the end, where it nearly always is.
    fn row_at(&self, side: Side, octet: u64) -> RowId {
        let holds =
            |row: &Row| row.span().is_some_and(|span| span.side == side && (span.start..span.end).contains(&octet));
        let index = self.rows.iter().rposition(holds).unwrap_or_default();
        RowId(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Lifts the flaws of one parsed line to the tape.
    pub(super) fn lift(&mut self, row: RowId, line: Span, flaws: &[flaw::Flaw]) {
        for flaw in flaws {
            let span = Span::new(line.side, line.start + flaw.span.start as u64, line.start + flaw.span.end as u64);
            self.flaw(row, span, flaw.kind);
        }
    }

    /// Lifts the flaws of several lines that were parsed together.
    fn lift_in_lane(&mut self, lines: Span, flaws: &[flaw::Flaw]) {
        for flaw in flaws {
            let row = self.row_at(lines.side, lines.start + flaw.span.start as u64);
            self.lift(row, lines, std::slice::from_ref(flaw));
        }
    }
}
