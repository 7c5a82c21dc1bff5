//! The coach line: the next sensible move and why, from the dialogue's state.

use crate::smtp::command::Verb;

use super::exchange::{Cause, Exchange};
use super::forecast::{Legal, legal};
use super::phase::Phase;
use super::{Dialogue, Login};

/// What to do now, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Advice {
    /// The move, as an order.
    pub now: &'static str,
    /// The reason.
    pub why: &'static str,
}

/// The next sensible move.
pub fn advise(dialogue: &Dialogue) -> Advice {
    let advice = |now, why| Advice { now, why };
    if dialogue.desync().is_some() && dialogue.is_open() {
        return advice("Say NOOP to find out which reply is whose", "one came unasked");
    }
    if dialogue.chunk_left() > 0 && dialogue.is_open() {
        return advice("Send the octets of the chunk", "BDAT has promised them; until then nothing is a command");
    }
    match dialogue.phase() {
        Phase::Opening if dialogue.opened().is_none() => {
            advice("Wait for the connection", "first the names, then each address in turn")
        }
        Phase::Opening => advice("Wait for the greeting", "in SMTP the server speaks first"),
        Phase::Refused => advice("Say QUIT", "the greeting was a refusal, and the server waits for QUIT"),
        Phase::Foreign => advice("Check the port", "whatever answers here does not speak SMTP"),
        Phase::Ready => between(dialogue),
        Phase::Envelope => in_envelope(dialogue),
        Phase::Content if dialogue.envelope().accepted().next().is_none() => {
            advice("Send a lone dot", "nobody was accepted, so the letter is for nobody")
        }
        Phase::Content => advice("Write the letter, then a lone dot", "it says where the letter ends"),
        Phase::Verdict => advice("Wait for the verdict", "the reply to the dot decides about the letter"),
        Phase::Sasl => advice("Answer the challenge, or send *", "each 334 wants one line of base64"),
        Phase::Upgrading => advice("Wait for the handshake", "after the 220 all must be TLS"),
        Phase::Closing => advice("Nothing more to send", "the server has said goodbye"),
        Phase::Closed if dialogue.opened().is_none() => {
            advice("Check host and port, then connect again", "no connection came about")
        }
        Phase::Closed => advice("Connect again", "the connection is over; the record stays"),
    }
}

fn between(dialogue: &Dialogue) -> Advice {
    let advice = |now, why| Advice { now, why };
    match dialogue.recent().next().filter(|newest| newest.cause == Cause::Command(Verb::Mail)).and_then(Exchange::code)
    {
        Some(code) if code.get() == 552 => {
            return advice("Say QUIT, or MAIL for a smaller letter", "this server never takes so large a one");
        }
        Some(code) if code.get() == 452 => {
            return advice("Say QUIT and try again later", "the server has no room for the letter now");
        }
        _ => {}
    }
    if dialogue.hello().is_none() && dialogue.wants_lmtp() {
        return advice("Say LHLO with your name", "this is LMTP, which has no EHLO");
    }
    if dialogue.hello().is_none() {
        return match last_code(dialogue, Verb::Ehlo) {
            Some(500..=599) => advice("Say HELO", "the server refused EHLO; HELO works, without extensions"),
            _ if dialogue.is_upgraded() => advice("Say EHLO again", "TLS voids the old list; the new one may differ"),
            _ => advice("Say EHLO with your name", "the answer lists what the server can do"),
        };
    }
    match dialogue.letters().last().map(|letter| letter.verdict.map(crate::smtp::code::Code::is_success)) {
        Some(Some(true)) => advice("Read the letter, or say QUIT", "the server is responsible for it now"),
        Some(_) => advice("Read the refusal, then try again or QUIT", "the letter was not taken"),
        None if dialogue.login() == Login::Out
            && dialogue.is_secured()
            && legal(dialogue, Verb::Auth) == Legal::Now =>
        {
            advice("Log in with AUTH, or go on with MAIL", "under TLS nobody else can read it")
        }
        None if legal(dialogue, Verb::StartTls) == Legal::Now && !dialogue.tls_declined => {
            advice("Open the envelope with MAIL, or STARTTLS first", "all is in plain text")
        }
        None => advice("Open the envelope with MAIL", "it says where bounces go"),
    }
}

fn in_envelope(dialogue: &Dialogue) -> Advice {
    let advice = |now, why| Advice { now, why };
    let envelope = dialogue.envelope();
    match (envelope.recipients.is_empty(), envelope.accepted().next()) {
        (true, _) => advice("Name a recipient with RCPT", "each recipient gets a verdict of its own"),
        (false, None) => advice("Name another recipient, or RSET", "no DATA without one"),
        (false, Some(_)) => advice("Name more recipients, or say DATA", "one accepted is enough"),
    }
}

fn last_code(dialogue: &Dialogue, verb: Verb) -> Option<u16> {
    let exchange = dialogue.recent().find(|exchange| exchange.cause == Cause::Command(verb))?;
    exchange.code().map(crate::smtp::code::Code::get)
}
