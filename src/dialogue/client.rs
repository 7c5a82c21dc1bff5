//! The client's lines: commands, the letter, SASL answers, BDAT chunks, and what is undecided yet.

use crate::smtp::command::{Command, Verb};
use crate::smtp::flaw::FlawKind;
use crate::tape::{Side, Span, Tape};

use super::envelope::Letter;
use super::exchange::{Cause, ExchangeId};
use super::fold::{Closed, OpenLine};
use super::phase::Phase;
use super::row::{Part, RowId, What};
use super::{Dialogue, Login};

/// What the client's octets are at this point.
#[derive(Debug, Clone, Copy, Default)]
enum Mode {
    /// Commands, a line each.
    #[default]
    Commands,
    /// Whatever the reply to this exchange makes of them.
    Undecided(ExchangeId),
    /// The letter that this DATA began.
    Content(ExchangeId),
    /// An answer to a 334.
    Sasl,
    /// So many octets of a BDAT chunk.
    Chunk { exchange: ExchangeId, left: u64, last: bool },
}

/// How the client's lane is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Reader {
    mode: Mode,
    pub(super) open: Option<OpenLine>,
    undecided: Vec<RowId>,
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
            Mode::Undecided(by) => self.undecided_line(by, line),
            Mode::Content(letter) => self.content_line(letter, line),
            Mode::Sasl => self.sasl_line(line),
            Mode::Chunk { exchange, left, last } => self.chunk_line(exchange, left, last, line),
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
            Verb::Lhlo => self.lmtp = true,
            _ => {}
        }
    }

    /// Notes what the order of commands makes wrong (RFC 5321 §4.1.4); it is sent and recorded all the same.
    fn check_order(&mut self, line: &Closed<'_>, verb: Verb) {
        let due = |dialogue: &Self, wanted: Verb| {
            dialogue
                .expected
                .iter()
                .any(|id| dialogue.exchange(*id).is_some_and(|exchange| exchange.verb() == Some(wanted)))
        };
        let greeted = self.hello.is_some() || due(self, Verb::Ehlo) || due(self, Verb::Helo) || due(self, Verb::Lhlo);
        let mail = self.envelope.is_open() || due(self, Verb::Mail);
        let rcpt = self.envelope.accepted().next().is_some() || due(self, Verb::Rcpt);
        let out_of_order = match verb {
            Verb::Mail => !greeted || mail,
            Verb::Rcpt => !mail,
            Verb::Data | Verb::Bdat => !rcpt,
            Verb::Auth => self.login == Login::In || mail,
            _ => false,
        };
        if out_of_order {
            self.flaw(line.row, line.span, FlawKind::Order);
        }
        if verb == Verb::Bdat && !self.extensions().is_some_and(|extensions| extensions.has("CHUNKING")) {
            self.flaw(line.row, line.span, FlawKind::BdatUse);
        }
        if due(self, Verb::StartTls) {
            self.flaw(line.row, line.span, FlawKind::PipelinedStartTls);
        }
    }

    fn begin_login(&mut self, exchange: ExchangeId, line: &Closed<'_>, command: &Command<'_>) {
        self.login = Login::Pending;
        self.client.mode = Mode::Undecided(exchange);
        if let Some(initial) = command.initial_response() {
            let start = line.span.start + initial.start as u64;
            self.keep_secret(line.row, Span::new(Side::Client, start, line.span.start + initial.end as u64));
        }
    }

    fn begin_chunk(&mut self, exchange: ExchangeId, command: &Command<'_>) {
        let Some(chunk) = command.chunk() else { return };
        if chunk.size == 0 {
            self.end_chunk(exchange, chunk.last);
        } else {
            self.client.mode = Mode::Chunk { exchange, left: chunk.size, last: chunk.last };
        }
    }

    fn chunk_line(&mut self, exchange: ExchangeId, left: u64, last: bool, line: &Closed<'_>) {
        self.set_what(line.row, What::Chunk(exchange));
        if left == 0 {
            self.client.mode = Mode::Commands;
            self.end_chunk(exchange, last);
        }
        if let Some(exchange) = self.exchanges.get_mut(exchange.index()) {
            exchange.asked = line.last;
        }
    }

    fn end_chunk(&mut self, exchange: ExchangeId, last: bool) {
        if last {
            self.finish_letter(exchange);
        }
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
        let exchange = if self.lmtp { self.expect_verdicts(&question) } else { self.expect(question) };
        self.set_what(line.row, What::EndOfData(exchange));
        self.finish_letter(exchange);
    }

    /// In LMTP every accepted recipient gets a verdict of its own (RFC 2033 §4.2).
    fn expect_verdicts(&mut self, question: &super::Exchange) -> ExchangeId {
        let accepted = self.envelope.recipients.iter().enumerate().filter(|(_, recipient)| recipient.accepted());
        let accepted: Vec<_> = accepted.map(|(index, _)| u32::try_from(index).ok()).collect();
        let mut first = None;
        for recipient in accepted {
            let id = self.expect(super::Exchange { recipient, ..question.clone() });
            first.get_or_insert(id);
        }
        first.unwrap_or_else(|| self.expect(question.clone()))
    }

    fn finish_letter(&mut self, exchange: ExchangeId) {
        // Whatever the verdict, the transaction is over (RFC 5321 §4.1.1.4).
        self.letters.push(Letter { envelope: std::mem::take(&mut self.envelope), exchange, verdict: None });
        self.phase = Phase::Verdict;
    }

    fn sasl_line(&mut self, line: &Closed<'_>) {
        let question = self.question(Cause::Sasl, line.row, Some(line.span), line.last);
        let exchange = self.expect(question);
        self.set_what(line.row, What::Sasl(exchange));
        // "*" cancels and says nothing about the secret (RFC 4954 §4).
        if line.bytes.trim_ascii_end() == b"*" {
            self.forget_secrets(line.span);
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
        for row in std::mem::take(&mut self.client.undecided) {
            let Some((span, at)) = self.row(row).and_then(|row| Some((row.span()?, row.at))) else { continue };
            let bytes = tape.bytes(span);
            if matches!(self.client.mode, Mode::Commands) {
                self.forget_secrets(span);
            }
            self.client_line(&Closed { row, span, bytes: &bytes, first: at, last: at });
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

    fn keep_secret(&mut self, row: RowId, span: Span) {
        self.forget_secrets(span);
        self.secrets.push(span);
        self.flaw(row, span, FlawKind::RedactedAuth);
    }

    /// What stands here was taken for a secret while it was not decided, or was not whole.
    fn forget_secrets(&mut self, span: Span) {
        self.secrets.retain(|secret| !span.contains(*secret));
        self.flaws.retain(|flaw| flaw.kind != FlawKind::RedactedAuth || !span.contains(flaw.span));
    }
}

/// True if the client's line is part of a login.
fn is_login(cause: Cause) -> bool {
    matches!(cause, Cause::Command(Verb::Auth) | Cause::Sasl)
}

/// True if a faulty server could take this line of a letter for its end: a dot alone, but not between two CR LF.
fn could_end_elsewhere(line: &[u8], behind_crlf: bool) -> bool {
    let is_dot = |text: &[u8]| matches!(text, b"." | b"\0." | b"\r." | b".\r" | b"\r.\r" | b"\0.\r");
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    (is_dot(text) && !(text == b"." && behind_crlf && line.ends_with(b"\r\n")))
        || text.windows(3).any(|w| w == b"\r.\r")
}
