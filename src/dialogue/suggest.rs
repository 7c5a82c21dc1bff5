//! The usual next line: what the composer offers in grey, and the other moves.
//!
//! A suggestion is made *by form*: it is legal in the present state and uses only what the server offers.

use crate::smtp::command::Verb;

use super::envelope::{Letter, Recipient};
use super::exchange::Cause;
use super::forecast::{Legal, legal};
use super::phase::Phase;
use super::{Dialogue, Hello, Login};

/// Whom the suggestions speak for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Persona {
    /// How the client names itself.
    pub hello: String,
    /// The sender's address, without angle brackets.
    pub sender: String,
    /// The recipients to propose, in order.
    pub recipients: Vec<String>,
    /// True if STARTTLS is proposed before the envelope.
    pub secure_first: bool,
}

/// The usual next line, without its end; nothing where the server's answer or the user's letter is due.
pub fn suggest(dialogue: &Dialogue, persona: &Persona) -> Option<String> {
    match dialogue.phase() {
        // The octets of a chunk are the user's, whatever they are.
        _ if dialogue.chunk_left() > 0 => None,
        Phase::Refused => Some("QUIT".into()),
        Phase::Ready => Some(between(dialogue, persona)),
        Phase::Envelope => Some(in_envelope(dialogue, persona)),
        Phase::Opening
        | Phase::Foreign
        | Phase::Content
        | Phase::Verdict
        | Phase::Sasl
        | Phase::Upgrading
        | Phase::Closing
        | Phase::Closed => None,
    }
}

fn between(dialogue: &Dialogue, persona: &Persona) -> String {
    let Some(hello) = dialogue.hello() else { return greet(dialogue, persona) };
    if persona.secure_first
        && !dialogue.tls_declined
        && hello == Hello::Extended
        && legal(dialogue, Verb::StartTls) == Legal::Now
        && !tried(dialogue, Verb::StartTls)
    {
        return "STARTTLS".into();
    }
    if dialogue.is_secured()
        && dialogue.login() == Login::Out
        && legal(dialogue, Verb::Auth) == Legal::Now
        && !tried(dialogue, Verb::Auth)
    {
        return "AUTH LOGIN".into();
    }
    // The size is refused, for good or for now: this letter goes nowhere on this connection (RFC 1870 §6.2).
    if matches!(last_mail(dialogue), Some(452 | 552)) {
        return "QUIT".into();
    }
    match dialogue.letters().last() {
        Some(letter) if deferred(letter).next().is_none() => "QUIT".into(),
        Some(letter) => mail_from(same_sender(letter).unwrap_or(&persona.sender)),
        None => mail_from(&persona.sender),
    }
}

fn same_sender(letter: &Letter) -> Option<&str> {
    std::str::from_utf8(letter.envelope.reverse_path.as_deref()?).ok()
}

/// EHLO, in LMTP LHLO (RFC 2033 §4.1); HELO after the server has refused EHLO for good (RFC 5321 §3.2).
fn greet(dialogue: &Dialogue, persona: &Persona) -> String {
    if dialogue.wants_lmtp() {
        return format!("LHLO {}", persona.hello);
    }
    let refused = dialogue.recent().find(|exchange| exchange.cause == Cause::Command(Verb::Ehlo));
    let refused =
        refused.and_then(super::Exchange::code).is_some_and(|code| code.class() == crate::smtp::code::Class::Permanent);
    format!("{} {}", if refused { "HELO" } else { "EHLO" }, persona.hello)
}

fn mail_from(path: &str) -> String {
    format!("MAIL FROM:<{path}>")
}

/// The code of the newest exchange, if that was a MAIL.
fn last_mail(dialogue: &Dialogue) -> Option<u16> {
    let last = dialogue.recent().next().filter(|exchange| exchange.cause == Cause::Command(Verb::Mail))?;
    last.code().map(crate::smtp::code::Code::get)
}

/// A chunk was refused: what was sent of the letter is of no use any more (RFC 3030 §2).
fn chunk_failed(dialogue: &Dialogue) -> bool {
    let last = dialogue.recent().next().filter(|exchange| exchange.cause == Cause::Command(Verb::Bdat));
    last.and_then(super::Exchange::code).is_some_and(crate::smtp::code::Code::is_failure)
}

fn in_envelope(dialogue: &Dialogue, persona: &Persona) -> String {
    if chunk_failed(dialogue) {
        return "RSET".into();
    }
    next_recipient(dialogue, persona).map_or_else(|| "DATA".into(), |path| format!("RCPT TO:<{path}>"))
}

/// Recipients that the last transaction put off come first, all of them (RFC 5321 §4.5.3.1.10: the next batch);
/// otherwise one recipient is enough.
fn next_recipient(dialogue: &Dialogue, persona: &Persona) -> Option<String> {
    let envelope = dialogue.envelope();
    let full = envelope.recipients.last().is_some_and(Recipient::deferred) && envelope.accepted().next().is_some();
    if full {
        return None;
    }
    let named = |path: &[u8]| envelope.recipients.iter().any(|recipient| recipient.path == path);
    let put_off = dialogue.letters().last().into_iter().flat_map(deferred).map(|recipient| recipient.path.as_slice());
    if let Some(path) = put_off.into_iter().find(|path| !named(path)) {
        return std::str::from_utf8(path).ok().map(Into::into);
    }
    if envelope.accepted().next().is_some() {
        return None;
    }
    persona.recipients.iter().find(|path| !named(path.as_bytes())).cloned()
}

fn deferred(letter: &Letter) -> impl Iterator<Item = &Recipient> {
    letter.envelope.recipients.iter().filter(|recipient| recipient.deferred())
}

fn tried(dialogue: &Dialogue, verb: Verb) -> bool {
    dialogue.recent().any(|exchange| exchange.cause == Cause::Command(verb) && exchange.tls == dialogue.is_secured())
}

/// The verbs that a person may want now, the usual ones first; none inside a chunk.
pub fn moves(dialogue: &Dialogue) -> Vec<Verb> {
    use Verb::{Auth, Bdat, Data, Ehlo, Etrn, Expn, Helo, Help, Mail, Noop, Quit, Rcpt, Rset, StartTls, Vrfy};
    const ALL: [Verb; 15] =
        [Ehlo, StartTls, Auth, Mail, Rcpt, Data, Bdat, Helo, Vrfy, Expn, Etrn, Rset, Noop, Help, Quit];
    // The octets of a chunk are the user's: no verb is one before the last of them.
    if dialogue.chunk_left() > 0 {
        return Vec::new();
    }
    ALL.into_iter().filter(|verb| matches!(legal(dialogue, *verb), Legal::Now | Legal::Careful(_))).collect()
}
