//! The client's lines: commands, the letter, SASL answers, BDAT chunks, and what is undecided yet.

use std::collections::VecDeque;
use std::ops::Range;

use memchr::memchr;

use crate::smtp::command::{Command, Verb};
use crate::smtp::flaw::FlawKind;
use crate::tape::{Moment, Side, Span, Tape};

use super::envelope::Letter;
use super::exchange::{Cause, Exchange, ExchangeId};
use super::fold::{Closed, OpenLine};
use super::phase::Phase;
use super::row::{Part, Row, RowId, What};
use super::{Dialogue, Login, Protocol};

/// What the client's octets are at this point.
#[derive(Debug, Clone, Copy, Default)]
enum Mode {
    /// Commands, a line each.
    #[default]
    Commands,
    /// A line for what stands before the server: no command, and nothing answers it.
    Preface,
    /// Whatever the reply to this exchange makes of them.
    Undecided(ExchangeId),
    /// The letter that this DATA began.
    Content(ExchangeId),
    /// An answer to a 334.
    Sasl,
    /// So many octets of a BDAT chunk.
    Chunk { exchange: ExchangeId, left: u64 },
}

/// How the client's lane is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Reader {
    mode: Mode,
    pub(super) open: Option<OpenLine>,
    undecided: Vec<RowId>,
    /// Lone dots and last chunks that are not the next to be answered yet.
    endings: VecDeque<ExchangeId>,
    /// True if the letter's next line stands behind a CR LF, as the lone dot must.
    behind_crlf: bool,
    /// Where in the letter the last line stood.
    part: Part,
}

impl Reader {
    /// How many of `octets` belong to the present mode.
    pub(super) fn octets_left(&self, octets: usize) -> usize {
        match self.mode {
            Mode::Chunk { left, .. } => octets.min(usize::try_from(left).unwrap_or(usize::MAX)),
            _ => octets,
        }
    }

    /// Octets of a chunk that are still to come.
    pub(super) fn chunk_left(&self) -> u64 {
        match self.mode {
            Mode::Chunk { left, .. } => left,
            _ => 0,
        }
    }

    /// Counts octets of a chunk; true if they end it.
    pub(super) fn chunk_ends(&mut self, octets: usize) -> bool {
        match &mut self.mode {
            Mode::Chunk { left, .. } => {
                *left = left.saturating_sub(octets as u64);
                *left == 0
            }
            _ => false,
        }
    }

    /// The first row whose meaning an answer will decide.
    pub(super) fn first_undecided(&self) -> Option<RowId> {
        self.undecided.first().copied()
    }

    /// Octets of a letter were elided, up to a line's end.
    pub(super) fn skip(&mut self) {
        self.behind_crlf = true;
        self.part = Part::Body;
    }
}

impl Dialogue {
    pub(super) fn client_line(&mut self, line: &Closed<'_>) {
        match self.client.mode {
            Mode::Commands => self.command_line(line),
            Mode::Preface => {
                self.set_what(line.row, What::Preface);
                self.client.mode = Mode::Commands;
            }
            Mode::Undecided(by) => self.undecided_line(by, line),
            Mode::Content(letter) => self.content_line(letter, line),
            Mode::Sasl => self.sasl_line(line),
            Mode::Chunk { exchange, left } => self.chunk_line(exchange, left, line),
        }
    }

    /// A secret must be known as one before its line is complete.
    pub(super) fn peek_client(&mut self, row: RowId, span: Span) {
        let secret = match self.client.mode {
            Mode::Sasl => true,
            Mode::Undecided(by) => self.exchange(by).is_some_and(|exchange| is_login(exchange.cause)),
            _ => false,
        };
        if secret {
            self.keep_secret(row, span);
        }
    }

    fn command_line(&mut self, line: &Closed<'_>) {
        let command = Command::parse(line.bytes);
        let verb = command.verb;
        if self.awaits_greeting() {
            self.flaw(line.row, line.span, FlawKind::EarlyTalker);
        }
        self.lift(line.row, line.span, &command.flaws());
        self.check_order(line, verb);
        let question = self.question(Cause::Command(verb), line.row, Some(line.span), line.last);
        let exchange = self.expect(question);
        self.set_what(line.row, What::Command(exchange));
        match verb {
            Verb::Data => self.client.mode = Mode::Undecided(exchange),
            Verb::Auth => self.begin_login(exchange, line, &command),
            Verb::Bdat => self.begin_chunk(exchange, &command),
            Verb::Lhlo => self.protocol = Protocol::Lmtp,
            Verb::Mail => self.mails += 1,
            _ => {}
        }
        self.await_verdicts();
    }

    /// Notes what the order of commands makes wrong (RFC 5321 §4.1.4); it is sent and recorded all the same.
    fn check_order(&mut self, line: &Closed<'_>, verb: Verb) {
        let due = |wanted| self.due.has(wanted);
        let greeted = self.hello.is_some() || [Verb::Ehlo, Verb::Helo, Verb::Lhlo].into_iter().any(due);
        let mail = self.envelope.is_open() || due(Verb::Mail);
        let rcpt = self.envelope.accepted().next().is_some() || due(Verb::Rcpt);
        let starts_tls = due(Verb::StartTls);
        let out_of_order = match verb {
            Verb::Mail => !greeted || mail,
            Verb::Rcpt => !mail,
            Verb::Data | Verb::Bdat => !rcpt,
            Verb::Auth => self.login == Login::In || mail,
            // RFC 3207 §4.2: not a second time.
            Verb::StartTls => self.tls,
            _ => false,
        };
        if out_of_order && !self.server.partial {
            self.flaw(line.row, line.span, FlawKind::Order);
        }
        let lists_chunks = self.extensions().map_or(self.server.partial, |extensions| extensions.has("CHUNKING"));
        if verb == Verb::Bdat && !lists_chunks {
            self.flaw(line.row, line.span, FlawKind::BdatUse);
        }
        if starts_tls {
            self.flaw(line.row, line.span, FlawKind::PipelinedStartTls);
        }
    }

    fn begin_login(&mut self, exchange: ExchangeId, line: &Closed<'_>, command: &Command<'_>) {
        // Whoever is logged in stays so while a second login is tried.
        if self.login != Login::In {
            self.login = Login::Pending;
        }
        self.client.mode = Mode::Undecided(exchange);
        // `=` says that the response is empty (RFC 4954 §4): nothing in it is secret.
        let is_empty = |initial: &Range<usize>| line.bytes.get(initial.clone()) == Some(b"=");
        if let Some(initial) = command.initial_response().filter(|initial| !is_empty(initial)) {
            let start = line.span.start + initial.start as u64;
            self.keep_secret(line.row, Span::new(Side::Client, start, line.span.start + initial.end as u64));
        }
    }

    fn begin_chunk(&mut self, exchange: ExchangeId, command: &Command<'_>) {
        let Some(chunk) = command.chunk() else { return };
        if chunk.size > 0 {
            self.client.mode = Mode::Chunk { exchange, left: chunk.size };
        }
        if chunk.last {
            self.client.endings.push_back(exchange);
        }
    }

    fn chunk_line(&mut self, id: ExchangeId, left: u64, line: &Closed<'_>) {
        self.set_what(line.row, What::Chunk(id));
        let Some(exchange) = self.exchanges.get_mut(id.index()) else { return };
        exchange.asked = line.last;
        if left > 0 {
            return;
        }
        let command = exchange.command;
        // Its verdicts, if they are due already, stand before all others.
        for verdict in self.due.iter() {
            match self.exchanges.get_mut(verdict.index()).filter(|other| other.command == command) {
                Some(exchange) => exchange.asked = line.last,
                None => break,
            }
        }
        self.client.mode = Mode::Commands;
        self.enter_verdict(id);
    }

    fn undecided_line(&mut self, by: ExchangeId, line: &Closed<'_>) {
        self.set_what(line.row, What::Undecided);
        self.client.undecided.push(line.row);
        if self.exchange(by).is_some_and(|exchange| is_login(exchange.cause)) {
            self.keep_secret(line.row, line.span);
        }
    }

    fn content_line(&mut self, letter: ExchangeId, line: &Closed<'_>) {
        let behind_crlf = std::mem::replace(&mut self.client.behind_crlf, line.bytes.ends_with(b"\r\n"));
        if line.bytes == b".\r\n" && behind_crlf {
            return self.end_letter(line);
        }
        self.client.part = match self.client.part {
            Part::Header if line.bytes.trim_ascii_end().is_empty() => Part::Separator,
            Part::Header => Part::Header,
            Part::Separator | Part::Body => Part::Body,
        };
        self.set_what(line.row, What::Content { letter, part: self.client.part });
        if could_end_elsewhere(line.bytes, behind_crlf) {
            self.flaw(line.row, line.span, FlawKind::Smuggling);
        }
    }

    fn end_letter(&mut self, line: &Closed<'_>) {
        self.client.mode = Mode::Commands;
        let question = self.question(Cause::EndOfData, line.row, Some(line.span), line.last);
        let exchange = self.expect(question);
        self.set_what(line.row, What::EndOfData(exchange));
        self.client.endings.push_back(exchange);
        self.await_verdicts();
    }

    /// The letter ended, and nobody wrote it down.
    pub(super) fn end_unseen_letter(&mut self, at: Moment, row: RowId) {
        if !self.in_letter() {
            return;
        }
        self.client.mode = Mode::Commands;
        let nowhere = Span::new(Side::Client, self.read_to(Side::Client), self.read_to(Side::Client));
        let question = self.question(Cause::EndOfData, row, Some(nowhere), at);
        let exchange = self.expect(question);
        self.client.endings.push_back(exchange);
        self.await_verdicts();
    }

    /// The end of a letter gets its verdicts when all before it is answered: only then are its recipients known.
    pub(super) fn await_verdicts(&mut self) {
        while let Some(id) = self.client.endings.front().copied().filter(|id| self.due.front() == Some(*id)) {
            self.client.endings.pop_front();
            self.expect_verdicts(id);
            // Whatever the verdict, the transaction is over (RFC 5321 §4.1.1.4).
            let envelope = std::mem::take(&mut self.envelope);
            self.letters.push(Letter { envelope, exchange: id, verdict: None });
            self.enter_verdict(id);
        }
    }

    /// In LMTP every accepted recipient gets a verdict of its own; if there is none, a lone dot gets one answer all the
    /// same and a last chunk none (RFC 2033 §4.2, §4.3).
    fn expect_verdicts(&mut self, id: ExchangeId) {
        let Some(question) = self.exchange(id).filter(|_| self.is_lmtp()).cloned() else { return };
        let accepted = self.envelope.recipients.iter().enumerate().filter(|(_, recipient)| recipient.accepted());
        let accepted: Vec<_> = accepted.map(|(index, _)| u32::try_from(index).ok()).collect();
        let Some((first, others)) = accepted.split_first() else {
            // Out of order, without a MAIL that was taken, it is refused like any command.
            if question.cause != Cause::EndOfData && self.envelope.is_open() {
                self.due.pop_front();
            }
            return;
        };
        if let Some(exchange) = self.exchanges.get_mut(id.index()) {
            exchange.recipient = *first;
        }
        for (place, recipient) in (1..).zip(others) {
            let other = self.push_exchange(Exchange { recipient: *recipient, ..question.clone() });
            self.due.insert(place, other, question.verb());
        }
    }

    /// The letter is written whole and all before it is answered: now its verdicts are due, if it gets any.
    fn enter_verdict(&mut self, id: ExchangeId) {
        let half = matches!(self.client.mode, Mode::Chunk { exchange, .. } if exchange == id);
        if half || self.letters.last().is_none_or(|letter| letter.exchange != id) {
            return;
        }
        let due = self.due.front().is_some_and(|first| self.is_same_question(id, first));
        self.phase = if due { Phase::Verdict } else { Phase::Ready };
    }

    fn sasl_line(&mut self, line: &Closed<'_>) {
        let question = self.question(Cause::Sasl, line.row, Some(line.span), line.last);
        let exchange = self.expect(question);
        self.set_what(line.row, What::Sasl(exchange));
        // "*" cancels and says nothing about the secret (RFC 4954 §4).
        if line.bytes.trim_ascii_end() == b"*" {
            self.forget_secrets(line.row, line.span.start);
        } else {
            self.keep_secret(line.row, line.span);
        }
        self.client.mode = Mode::Undecided(exchange);
    }

    /// The reply to `by` is complete: what was undecided is letter, login or commands now.
    pub(super) fn decide(&mut self, tape: &Tape, by: ExchangeId, code: u16) {
        let Mode::Undecided(waiting) = self.client.mode else { return };
        if waiting != by {
            return;
        }
        let cause = self.exchange(by).map(|exchange| exchange.cause);
        self.client.mode = match (cause, code) {
            (Some(Cause::Command(Verb::Data)), 354) => Mode::Content(by),
            (Some(Cause::Command(Verb::Auth) | Cause::Sasl), 334) => Mode::Sasl,
            _ => Mode::Commands,
        };
        self.client.behind_crlf = true;
        self.client.part = Part::Header;
        self.cut_again(tape);
    }

    /// Reads what was undecided as what it is now. A chunk may end inside a line, so the rows that stand there take the
    /// new lines in their order, and what is left over gets rows of its own.
    fn cut_again(&mut self, tape: &Tape) {
        let open = self.client.open.take();
        let rows: Vec<_> =
            std::mem::take(&mut self.client.undecided).into_iter().chain(open.map(|open| open.row)).collect();
        let lines: Vec<_> =
            rows.iter().filter_map(|row| self.row(*row)).filter_map(|row| Some((row.span()?, row.at))).collect();
        if let (Some(row), Some((span, _))) = (rows.first(), lines.first()) {
            self.forget_secrets(*row, span.start);
        }
        let mut rows = rows.into_iter();
        for (mut rest, at) in lines {
            while !rest.is_empty() {
                let bytes = tape.bytes(rest);
                let taken = self.client.octets_left(bytes.len());
                let Some(bytes) = bytes.get(..taken).filter(|bytes| !bytes.is_empty()) else {
                    rows.next();
                    break;
                };
                let span = Span { end: rest.start + taken as u64, ..rest };
                let new = Row::bytes(at, span, What::Open);
                let row = match rows.next() {
                    Some(row) => self.replace_row(row, new),
                    None => self.push_row(new),
                };
                if self.client.chunk_ends(taken) || bytes.ends_with(b"\n") {
                    self.client_line(&Closed { row, span, bytes, first: at, last: at });
                } else {
                    self.client.open = Some(OpenLine { row, start: span.start });
                    self.peek_client(row, span);
                }
                rest.start = span.end;
            }
        }
    }

    /// The next line tells the server whom this connection is made for.
    pub(super) fn announce(&mut self) {
        self.client.mode = Mode::Preface;
    }

    /// A challenge whose AUTH was not seen: what answers it is a secret.
    pub(super) fn await_answer(&mut self) {
        if matches!(self.client.mode, Mode::Commands) {
            self.client.mode = Mode::Sasl;
        }
    }

    /// TLS begins: nothing of the plain-text epoch decides what comes.
    pub(super) fn reset_client(&mut self) {
        self.client.mode = Mode::Commands;
        self.client.undecided.clear();
    }

    /// True while the client writes a letter.
    pub(super) fn in_letter(&self) -> bool {
        matches!(self.client.mode, Mode::Content(_))
    }
}

/// True if the client's line is part of a login.
fn is_login(cause: Cause) -> bool {
    matches!(cause, Cause::Command(Verb::Auth) | Cause::Sasl)
}

/// True if a faulty server could take this line of a letter for its end: a dot alone, but not between two CR LF. A CR by
/// itself counts as a line end.
fn could_end_elsewhere(line: &[u8], behind_crlf: bool) -> bool {
    let is_dot = |text: &[u8]| matches!(text, b"." | b"\0." | b"\r." | b".\r" | b"\r.\r" | b"\0.\r");
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    (is_dot(text) && !(text == b"." && behind_crlf && line.ends_with(b"\r\n")))
        || memchr(b'\r', text).is_some_and(|_| text.split(|octet| *octet == b'\r').any(is_dot))
}
