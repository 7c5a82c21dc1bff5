//! What a row is to the knowledge: the bridge from the dialogue to notes and explanations.
//!
//! Nothing of this is stored. A row is asked about when it is drawn or exported.

use std::borrow::Cow;

use crate::dialogue::exchange::{Cause, Exchange, ExchangeId};
use crate::dialogue::row::{Part, Place, Row, RowId, What};
use crate::knowledge::login::{self, LoginLine};
use crate::knowledge::{self, About, CommandLine, Explanation, Note, ReplyLine, SaslLine, To};
use crate::smtp::command::{Command, Verb};
use crate::tape::Span;

use super::Session;

impl Session {
    /// The few words beside a row: those of the problem that it shows, if it shows one.
    pub fn note(&self, row: RowId) -> Note {
        let own = self.about(row, knowledge::note).unwrap_or_default();
        let own = self.with_login(row, own, login::note);
        match self.problem(row) {
            Some(problem) => problem.note(own),
            None => own,
        }
    }

    /// The text of the Explain pane for a row: the problem that it shows comes first.
    pub fn explain(&self, row: RowId) -> Option<Explanation> {
        let own = self.about(row, knowledge::explain)?;
        let own = self.with_login(row, own, login::explain);
        let Some(problem) = self.problem(row) else { return Some(own) };
        let others = problem.evidence.iter().filter(|id| **id != row);
        let lines = others.filter_map(|id| self.dialogue().row(*id)).map(|row| self.matter(row));
        Some(problem.explain(own, lines))
    }

    /// Why the last letter that was taken may not have arrived: what its 250 means, then what is odd about it. Nothing if
    /// none was taken, or if the words would repeat a secret.
    pub fn arrival(&self) -> Option<Explanation> {
        let problem = knowledge::problems::asked(self.tape(), self.dialogue())?;
        let told = [Some(problem.say()), problem.line()].into_iter().flatten().collect::<String>();
        let secret = self.hides_secrets() && self.repeats_secret(told.as_bytes());
        let own = self.explain(problem.row)?;
        let row = self.dialogue().row(problem.row)?;
        (!secret).then(|| problem.explain(own, [self.matter(row)]))
    }

    /// Calls `ask` with what a row is to the knowledge.
    pub fn about<T>(&self, id: RowId, ask: impl FnOnce(&About<'_>) -> T) -> Option<T> {
        let row = self.dialogue().row(id)?;
        let span = match row.place() {
            Place::Mark(index) => return self.tape().marks().get(index).map(|(_, mark)| ask(&About::Mark(mark))),
            Place::Bytes(span) => span,
        };
        let line = self.tape().bytes(span);
        Some(match row.what {
            What::Reply { exchange, last } => self.about_reply(row, exchange, last, &line, ask),
            What::Command(exchange) => ask(&About::Command(CommandLine {
                line: &line,
                tls: self.tls_of(exchange),
                greeted: self.greeted_before(exchange),
                utf8: self.names_utf8(exchange),
            })),
            What::Preface => ask(&About::Command(CommandLine { line: &line, tls: false, greeted: true, utf8: false })),
            What::Content { part, .. } => ask(&About::Content { line: &line, part: part.into() }),
            What::Sasl(exchange) => self.about_sasl(exchange, &line, ask),
            What::EndOfData(_) => ask(&About::EndOfData),
            What::Chunk(_) => ask(&About::Chunk),
            What::Undecided => ask(&About::Undecided),
            What::Elided => ask(&About::Elided(span.len())),
            What::Stray(_) | What::Open | What::Mark => ask(&About::Stray(&line)),
        })
    }

    fn about_reply<T>(
        &self,
        row: &Row,
        id: ExchangeId,
        last: bool,
        line: &[u8],
        ask: impl FnOnce(&About<'_>) -> T,
    ) -> T {
        let exchange = self.dialogue().exchange(id);
        let answer = exchange.and_then(|exchange| exchange.answer);
        let whole = answer.map_or(Cow::Borrowed(line), |answer| self.tape().bytes(answer.span));
        let first = answer.is_some_and(|answer| row.span().is_some_and(|span| span.start == answer.span.start));
        let to = exchange.map_or(To::Unasked, |exchange| self.to(exchange));
        let tls = exchange.is_some_and(|exchange| exchange.tls);
        ask(&About::Reply(ReplyLine { to, line, whole: &whole, first, last, tls, server: self.server() }))
    }

    fn to(&self, exchange: &Exchange) -> To {
        match exchange.cause {
            Cause::Greeting => To::Greeting,
            Cause::Command(Verb::Bdat) if self.is_last_chunk(exchange) => To::LastChunk,
            Cause::Command(verb) => To::Verb(verb.name()),
            Cause::EndOfData => To::EndOfData,
            Cause::Sasl => To::Sasl,
            Cause::Unasked => To::Unasked,
        }
    }

    fn is_last_chunk(&self, exchange: &Exchange) -> bool {
        let line = exchange.command.map(|span| self.tape().bytes(span)).unwrap_or_default();
        Command::parse(&line).chunk().is_some_and(|chunk| chunk.last)
    }

    fn about_sasl<T>(&self, id: ExchangeId, line: &[u8], ask: impl FnOnce(&About<'_>) -> T) -> T {
        let place = self.dialogue().place_in_login(self.tape(), id);
        let (mechanism, step) = place.map(|place| (place.mechanism, place.step)).unwrap_or_default();
        ask(&About::Sasl(SaslLine { mechanism: &mechanism, step, line }))
    }

    /// Calls `ask` with a line of a login, if the row is one and can be read; else nothing changes.
    fn with_login<T>(&self, id: RowId, own: T, ask: impl FnOnce(T, &LoginLine<'_>) -> T) -> T {
        let Some(decoded) = self.dialogue().decoded(self.tape(), id) else { return own };
        let Some(row) = self.dialogue().row(id) else { return own };
        let (Some(side), reveal) = (row.side(), !self.hides_secrets()) else { return own };
        let tls = row.exchange().is_some_and(|exchange| self.tls_of(exchange));
        ask(own, &LoginLine { mechanism: decoded.mechanism, meaning: &decoded.meaning, side, tls, reveal })
    }

    fn tls_of(&self, id: ExchangeId) -> bool {
        self.dialogue().exchange(id).is_some_and(|exchange| exchange.tls)
    }

    fn greeted_before(&self, id: ExchangeId) -> bool {
        self.dialogue().capabilities().first().is_some_and(|first| first.exchange < id)
    }

    /// Whether a command may hold UTF-8: SMTPUTF8 stands on it, and for RCPT on its MAIL (RFC 6531 §3.4).
    fn names_utf8(&self, id: ExchangeId) -> bool {
        let before = self.dialogue().exchanges().get(..=id.index()).unwrap_or_default();
        let opens = |exchange: &&Exchange| exchange.verb() != Some(Verb::Rcpt);
        let line = before.iter().rev().find(opens).and_then(|exchange| exchange.command);
        let line = line.map(|span| self.tape().bytes(span)).unwrap_or_default();
        line.to_ascii_uppercase().windows(9).any(|word| word == b" SMTPUTF8")
    }

    /// The parts of a row's bytes that must not be shown.
    pub fn hidden_in(&self, span: Span) -> Vec<std::ops::Range<usize>> {
        self.hidden(span, &self.tape().bytes(span))
    }
}

impl From<Part> for knowledge::Part {
    fn from(part: Part) -> Self {
        match part {
            Part::Header => Self::Header,
            Part::Separator => Self::Separator,
            Part::Body => Self::Body,
        }
    }
}
