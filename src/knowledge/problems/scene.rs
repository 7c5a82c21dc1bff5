//! A session up to one whole reply: what a detector may look at. Nothing that came later is seen from here.

use std::borrow::Cow;

use crate::dialogue::Dialogue;
use crate::dialogue::envelope::domain_part;
use crate::dialogue::exchange::{Cause, Exchange, ExchangeId};
use crate::dialogue::row::{Part, Row, RowId, What};
use crate::knowledge::line::normal;
use crate::smtp::command::{Command, Verb};
use crate::smtp::extension::Extensions;
use crate::smtp::status::Status;
use crate::tape::mark::{Mark, Opened};
use crate::tape::{Moment, Tape};

use super::topic::{Topic, Topics};

/// So many exchanges back an envelope is followed.
const FAR: usize = 2048;

/// A session up to one whole reply.
pub(super) struct Scene<'a> {
    pub(super) tape: &'a Tape,
    pub(super) dialogue: &'a Dialogue,
    /// What the reply answers.
    pub(super) exchange: &'a Exchange,
    /// The code of the reply.
    pub(super) code: u16,
    /// Its enhanced code.
    pub(super) status: Option<Status>,
    /// Its words without codes, lines joined by a space.
    pub(super) text: Vec<u8>,
    /// The client's line; empty if there is none.
    pub(super) line: Cow<'a, [u8]>,
    id: ExchangeId,
    topics: Topics,
}

/// The envelope that was open when a reply came.
#[derive(Debug, Default)]
pub(super) struct Open<'a> {
    /// The accepted MAIL.
    pub(super) mail: Option<&'a Exchange>,
    /// Every RCPT, the last one first.
    pub(super) recipients: Vec<&'a Exchange>,
}

impl<'a> Scene<'a> {
    /// The session up to the reply to this; nothing while the reply is not whole.
    pub(super) fn of(tape: &'a Tape, dialogue: &'a Dialogue, id: ExchangeId) -> Option<Self> {
        let exchange = dialogue.exchange(id)?;
        let answer = exchange.answer.filter(|answer| answer.complete)?;
        let reply = normal(&tape.bytes(answer.span));
        let code = answer.code.get();
        let topics = if code >= 400 { Topics::of(&reply.text) } else { Topics::default() };
        let line = exchange.command.map(|span| tape.bytes(span)).unwrap_or_default();
        Some(Self { tape, dialogue, exchange, code, status: reply.status, text: reply.text, line, id, topics })
    }

    /// The verb that is answered.
    pub(super) fn verb(&self) -> Option<Verb> {
        self.exchange.verb()
    }

    /// True if one of these verbs is answered.
    pub(super) fn answers(&self, verbs: &[Verb]) -> bool {
        self.verb().is_some_and(|verb| verbs.contains(&verb))
    }

    /// True if the reply is a verdict on a whole letter.
    pub(super) fn is_verdict(&self) -> bool {
        self.exchange.cause == Cause::EndOfData
    }

    /// True if the reply answers a line of a login.
    pub(super) fn answers_login(&self) -> bool {
        matches!(self.exchange.cause, Cause::Command(Verb::Auth) | Cause::Sasl)
    }

    /// True for a refusal, for now or for good.
    pub(super) fn refuses(&self) -> bool {
        self.code >= 400
    }

    /// True if the refusal speaks of this.
    pub(super) fn speaks_of(&self, topic: Topic) -> bool {
        self.topics.has(topic)
    }

    /// True if the enhanced code is this one, whatever its class.
    pub(super) fn says(&self, subject: u16, detail: u16) -> bool {
        self.status.is_some_and(|status| (status.subject, status.detail) == (subject, detail))
    }

    /// The marks before the reply, newest first.
    pub(super) fn marks(&self) -> impl Iterator<Item = &'a Mark> {
        let answered = self.exchange.answer.map_or(Moment::START, |answer| answer.first);
        let marks = self.tape.marks();
        let before = marks.partition_point(|(at, _)| *at < answered);
        marks.get(..before).unwrap_or_default().iter().rev().map(|(_, mark)| mark)
    }

    /// The connection that the reply came over.
    pub(super) fn opened(&self) -> Option<&'a Opened> {
        self.marks().find_map(|mark| match mark {
            Mark::Opened(opened) => Some(opened),
            _ => None,
        })
    }

    /// The exchanges before this one.
    pub(super) fn before(&self) -> &'a [Exchange] {
        self.dialogue.exchanges().get(..self.id.index()).unwrap_or_default()
    }

    /// The exchanges where a session's state is decided, newest first: the last ones before this, then those that it
    /// began with. What is asked of them costs the same however long a session is.
    fn near(&self) -> impl Iterator<Item = &'a Exchange> {
        let before = self.before();
        let (first, last) = before.split_at_checked(before.len().saturating_sub(FAR)).unwrap_or_default();
        last.iter().rev().chain(first.get(..FAR.min(first.len())).unwrap_or_default().iter().rev())
    }

    /// The exchange before this one.
    pub(super) fn previous(&self) -> Option<&'a Exchange> {
        self.before().last()
    }

    /// The client's line of an exchange; empty if there is none.
    pub(super) fn line_of(&self, exchange: &Exchange) -> Cow<'a, [u8]> {
        exchange.command.map(|span| self.tape.bytes(span)).unwrap_or_default()
    }

    /// The last command with one of these verbs before this reply, or this one.
    pub(super) fn last(&self, verbs: &[Verb]) -> Option<&'a Exchange> {
        let till = self.dialogue.exchanges().get(..=self.id.index()).unwrap_or_default();
        till.iter().rev().take(FAR).find(|exchange| exchange.verb().is_some_and(|verb| verbs.contains(&verb)))
    }

    /// The extensions in force when the reply came.
    pub(super) fn extensions(&self) -> Option<&'a Extensions> {
        let hello = self.hello()?;
        let offers = self.dialogue.capabilities().iter().rev();
        let mut mine = offers.filter(|offer| offer.exchange < self.id && offer.tls == self.exchange.tls);
        let plain = hello.verb() == Some(Verb::Helo);
        mine.next().filter(|_| !plain).map(|offer| &offer.extensions)
    }

    /// True if this extension was offered.
    pub(super) fn offers(&self, keyword: &str) -> bool {
        self.extensions().is_some_and(|offer| offer.has(keyword))
    }

    /// The hello that counts: the last one that was taken in this TLS epoch.
    pub(super) fn hello(&self) -> Option<&'a Exchange> {
        let taken = |exchange: &&Exchange| is_hello(exchange) && exchange.succeeded();
        self.near().find(taken).filter(|hello| hello.tls == self.exchange.tls)
    }

    /// True if a hello was taken, and TLS has voided it.
    pub(super) fn hello_is_void(&self) -> bool {
        self.hello().is_none() && self.near().any(|exchange| is_hello(exchange) && exchange.succeeded())
    }

    /// True if a login succeeded in this TLS epoch.
    pub(super) fn is_logged_in(&self) -> bool {
        let logins = self.dialogue.logins();
        let before = logins.partition_point(|login| *login < self.id);
        let last = logins.get(..before).unwrap_or_default().last().and_then(|login| self.dialogue.exchange(*login));
        last.is_some_and(|login| login.tls == self.exchange.tls)
    }

    /// The envelope that was open before this reply; that of the letter for a verdict.
    pub(super) fn envelope(&self) -> Open<'a> {
        let mut open = Open::default();
        let own = |exchange: &&Exchange| exchange.cause == Cause::EndOfData && exchange.row == self.exchange.row;
        for exchange in self.before().iter().rev().skip_while(own).take(FAR) {
            match exchange.cause {
                Cause::Command(Verb::Rcpt) => open.recipients.push(exchange),
                Cause::Command(Verb::Mail) if exchange.succeeded() => {
                    open.mail = Some(exchange);
                    return open;
                }
                Cause::EndOfData => break,
                _ if closes(exchange) => break,
                _ => {}
            }
        }
        Open::default()
    }

    /// The MAIL line of the envelope, without its end.
    pub(super) fn mail_line(&self) -> Option<Cow<'a, [u8]>> {
        let mail = self.envelope().mail.or_else(|| self.last(&[Verb::Mail]))?;
        Some(without_end(self.line_of(mail)))
    }

    /// The lines of the letter that this verdict is about, with where in the letter they stand.
    pub(super) fn letter(&self) -> impl Iterator<Item = (RowId, &'a Row, Part)> {
        let data = self.before().iter().rev().find(|exchange| exchange.verb() == Some(Verb::Data));
        let from = data.filter(|_| self.is_verdict()).map_or(self.exchange.row, |data| data.row);
        rows_between(self.dialogue, from, self.exchange.row).filter_map(|(id, row)| match row.what {
            What::Content { part, .. } => Some((id, row, part)),
            _ => None,
        })
    }

    /// The bytes of a row.
    pub(super) fn bytes(&self, row: &Row) -> Cow<'a, [u8]> {
        row.span().map(|span| self.tape.bytes(span)).unwrap_or_default()
    }
}

impl Open<'_> {
    /// Recipients that were accepted.
    pub(super) fn accepted(&self) -> usize {
        self.recipients.iter().filter(|recipient| recipient.succeeded()).count()
    }
}

fn is_hello(exchange: &Exchange) -> bool {
    matches!(exchange.verb(), Some(Verb::Ehlo | Verb::Helo | Verb::Lhlo))
}

/// True if the exchange leaves no envelope open (RFC 5321 §4.1.4).
fn closes(exchange: &Exchange) -> bool {
    let fresh = is_hello(exchange) || matches!(exchange.verb(), Some(Verb::Rset | Verb::StartTls));
    fresh && exchange.succeeded()
}

/// The rows from the one after `from` up to, not including, `to`.
pub(super) fn rows_between(
    dialogue: &Dialogue,
    from: RowId,
    to: RowId,
) -> impl DoubleEndedIterator<Item = (RowId, &Row)> {
    let first = from.0.saturating_add(1);
    let rows = dialogue.rows().get(first as usize..to.index()).unwrap_or_default();
    (first..to.0).map(RowId).zip(rows)
}

/// A line without its end and the white space before it.
pub(super) fn without_end(line: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    match line {
        Cow::Borrowed(line) => Cow::Borrowed(line.trim_ascii_end()),
        Cow::Owned(line) => Cow::Owned(line.trim_ascii_end().to_vec()),
    }
}

/// The domain of a path, lower case; empty if it has none.
pub(super) fn domain_of(path: &[u8]) -> Vec<u8> {
    domain_part(path).to_ascii_lowercase()
}

/// The name behind EHLO or HELO.
pub(super) fn hello_name(line: &[u8]) -> Option<Vec<u8>> {
    Command::parse(line).hello_name().map(<[u8]>::to_vec)
}
