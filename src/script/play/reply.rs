//! Replies: which are taken, which are refusals, and what values come out of them.

use super::super::pattern::{Expected, Pattern};
use super::super::read::no_pattern;
use super::Player;
use super::deed::{Deed, Flow};
use super::perform::Result;
use crate::dialogue::exchange::{Cause, Exchange, ExchangeId};
use crate::dialogue::phase::Phase;
use crate::dialogue::row::{Row, What};
use crate::safe;
use crate::session::{Session, State};
use crate::smtp::command::Command;
use crate::smtp::line::Line;
use crate::smtp::reply::Reply;
use crate::tape::{Moment, Side};

/// Characters of a reply that are quoted at most.
const QUOTED: usize = 200;

impl Player {
    /// Takes all replies once none is due any more; a refusal ends the script.
    pub(super) fn settle(&mut self, session: &Session) -> Result {
        self.take(session)?;
        let dialogue = session.dialogue();
        let begun = *session.state() != State::Connecting && dialogue.phase() != Phase::Opening;
        let due = dialogue.exchanges().len() > self.taken;
        if begun && !due { Ok(Flow::On) } else { self.wait(session, Deed::Settle) }
    }

    /// Takes the replies that are there.
    pub(super) fn take(&mut self, session: &Session) -> Result<()> {
        while let Some((id, exchange)) = self.first(session) {
            self.mark_taken(id, exchange);
            let refused = exchange.answer.is_some_and(|answer| answer.mixed || answer.code.get() >= 400);
            if refused {
                return Err(self.stopped_over(id.index(), 5, "script/refused", &refusal(session, exchange)));
            }
        }
        Ok(())
    }

    /// Takes the next reply, which has to be this.
    pub(super) fn expect(
        &mut self,
        session: &Session,
        expected: Expected,
        until: Option<Moment>,
        now: Moment,
    ) -> Result {
        let Some((id, exchange)) = self.first(session) else {
            return self.wait_for(session, until, now, |until| Deed::Reply(expected, until));
        };
        self.mark_taken(id, exchange);
        if self.fits(session, exchange, &expected)? {
            return Ok(Flow::On);
        }
        let say = format!("expected {expected}; got {}", said(session, exchange));
        Err(self.stopped(1, "script/expected", &say))
    }

    fn fits(&self, session: &Session, exchange: &Exchange, expected: &Expected) -> Result<bool> {
        let Some(answer) = exchange.answer else { return Ok(false) };
        let code = expected.codes.is_empty() || expected.codes.iter().any(|digits| digits.fits(answer.code));
        let status = expected.status.is_none_or(|numbers| answer.status.is_some_and(|status| numbers.fits(status)));
        if answer.mixed || !code || !status {
            return Ok(false);
        }
        let text = text(session, exchange);
        for pattern in &expected.texts {
            if !self.compiled(pattern)?.is_match(&text) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Skips lines of the server up to one that matches.
    pub(super) fn read_until(
        &mut self,
        session: &Session,
        pattern: Pattern,
        until: Option<Moment>,
        now: Moment,
    ) -> Result {
        let regex = self.compiled(&pattern)?;
        while let Some(row) = session.dialogue().rows().get(self.read).filter(|row| row.what != What::Open) {
            self.read += 1;
            let left = row.exchange().is_none_or(|id| id.index() >= self.taken);
            if row.side() == Some(Side::Server) && left && regex.is_match(&line(session, row)) {
                self.heard = row.span().map_or(self.heard, |span| span.end);
                if let Some(id) = row.exchange() {
                    (self.taken, self.reply) = (id.index() + 1, Some(id));
                }
                return Ok(Flow::On);
            }
        }
        self.wait_for(session, until, now, |until| Deed::ReadUntil(pattern, until))
    }

    /// Takes a value from the last reply.
    pub(super) fn set(&mut self, session: &Session, name: String, pattern: &Pattern, of: Option<&str>) -> Result {
        if let Some(serving) = &self.serving {
            let (text, shown) = serving.last(of);
            let (text, shown) = (text.to_vec(), shown.to_owned());
            return self.take_value(name, pattern, &text, &shown);
        }
        let Some(exchange) = self.reply.and_then(|id| session.dialogue().exchange(id)) else {
            return Err(self.stopped(2, "script/order", "there is no reply yet to take a value from"));
        };
        self.take_value(name, pattern, &text(session, exchange), &said(session, exchange))
    }

    /// The value that a pattern finds in a text, which is shown like this.
    fn take_value(&mut self, name: String, pattern: &Pattern, text: &[u8], shown: &str) -> Result {
        let found = self.compiled(pattern)?.captures(text).and_then(|found| found.get(1).or_else(|| found.get(0)));
        let Some(value) = found.and_then(|found| std::str::from_utf8(found.as_bytes()).ok()) else {
            let say = format!("expected {pattern} for {{{name}}}; got {shown}");
            return Err(self.stopped(1, "script/expected", &say));
        };
        self.wishes.variables.set(name, value);
        Ok(Flow::On)
    }

    /// Waits for a reply. If none is due, no timer of the protocol ends the wait.
    fn wait_for(
        &mut self,
        session: &Session,
        until: Option<Moment>,
        now: Moment,
        deed: impl FnOnce(Option<Moment>) -> Deed,
    ) -> Result {
        self.look_ahead(session);
        self.unbroken(session)?;
        if session.dialogue().outstanding().len() > 0 || *session.state() == State::Connecting {
            return Ok(Flow::Wait(deed(None), None));
        }
        let until = until.unwrap_or_else(|| now.after(self.wishes.patience));
        if now < until {
            return Ok(Flow::Wait(deed(Some(until)), Some(until)));
        }
        Err(self.stopped(6, "script/time-out", "expected a reply; nothing came, and nothing had asked for one"))
    }

    pub(super) fn compiled(&self, pattern: &Pattern) -> Result<regex::bytes::Regex> {
        pattern.compile(&self.wishes.variables).map_err(|why| self.stopped(2, "script/regex", &no_pattern(&why)))
    }

    /// The first reply that is whole and not taken.
    pub(super) fn first<'s>(&self, session: &'s Session) -> Option<(ExchangeId, &'s Exchange)> {
        let id = ExchangeId(u32::try_from(self.taken).unwrap_or(u32::MAX));
        session.dialogue().exchange(id).filter(|exchange| exchange.code().is_some()).map(|exchange| (id, exchange))
    }

    fn mark_taken(&mut self, id: ExchangeId, exchange: &Exchange) {
        (self.taken, self.reply) = (id.index() + 1, Some(id));
        self.heard = exchange.answer.map_or(self.heard, |answer| answer.span.end);
        self.stage = exchange.stage().unwrap_or(self.stage);
    }

    /// Where the conversation is, is where the reply is missing that comes next.
    pub(super) fn look_ahead(&mut self, session: &Session) {
        let next = session.dialogue().exchanges().get(self.taken).and_then(Exchange::stage);
        self.stage = next.unwrap_or(self.stage);
    }
}

/// A refusal in words.
pub(super) fn refusal(session: &Session, exchange: &Exchange) -> String {
    format!("{} was refused: {}", asked(session, exchange), said(session, exchange))
}

/// What a reply answers, in words.
pub(super) fn asked(session: &Session, exchange: &Exchange) -> String {
    match exchange.cause {
        Cause::Greeting => "the connection".into(),
        Cause::EndOfData => "the letter".into(),
        Cause::Sasl => "the login".into(),
        Cause::Unasked => "what nobody asked".into(),
        Cause::Command(_) => {
            let line = exchange.command.map(|span| session.tape().bytes(span).into_owned()).unwrap_or_default();
            safe::plain(&Command::parse(&line).word().to_ascii_uppercase()).into_string()
        }
    }
}

/// A reply as it is quoted: not too long.
pub(super) fn said(session: &Session, exchange: &Exchange) -> String {
    let text = session.said(exchange);
    shortened(text)
}

/// A text as it is quoted: not too long.
pub(super) fn shortened(text: String) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// What stands behind the codes of a reply, lines joined by LF.
fn text(session: &Session, exchange: &Exchange) -> Vec<u8> {
    let reply = exchange.answer.and_then(|answer| Reply::parse(&session.tape().bytes(answer.span)));
    reply.map(|reply| reply.texts().collect::<Vec<_>>().join(&b'\n')).unwrap_or_default()
}

fn line(session: &Session, row: &Row) -> Vec<u8> {
    let octets = row.span().map(|span| session.tape().bytes(span).into_owned()).unwrap_or_default();
    Line::of(&octets).text.to_vec()
}
