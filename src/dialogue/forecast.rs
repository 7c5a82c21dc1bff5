//! Before Enter: what may be sent now, and what a line that rules forbid is likely to get.
//!
//! The composer and the rail ask here. Nothing is ever blocked here: a hand tool must be able to send anything; it is
//! told what to expect.

mod envelope;

use crate::smtp::command::{Command, Verb};
use crate::smtp::flaw::FlawKind;
use crate::smtp::limits::Limits;
use crate::smtp::xclient;

use super::phase::Phase;
use super::standing::{Standing, Transaction};
use super::{Dialogue, Hello, Login};

/// Whether a command fits the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Legal {
    /// It does.
    Now,
    /// It does, and costs something.
    Careful(&'static str),
    /// It does not; a server will say this code.
    Not {
        /// The reply to expect.
        code: u16,
        /// Why.
        why: &'static str,
    },
}

/// One warning about a line that is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The diagnostic id, as `fsm/order`.
    pub id: &'static str,
    /// What is wrong and what will come of it, in one sentence.
    pub text: String,
    /// The reply to expect, where one can be told.
    pub expect: Option<u16>,
}

impl Warning {
    fn new(kind: FlawKind, expect: Option<u16>, text: impl Into<String>) -> Self {
        Self { id: kind.id(), text: text.into(), expect }
    }
}

/// Whether `verb` fits the state of the dialogue (RFC 5321 §4.1.4, RFC 3207 §4, RFC 4954 §4).
pub fn legal(dialogue: &Dialogue, verb: Verb) -> Legal {
    legal_at(&Standing::of(dialogue), verb)
}

/// Whether `verb` fits where a session stands.
pub fn legal_at(at: &Standing<'_>, verb: Verb) -> Legal {
    match at.phase {
        Phase::Opening => Legal::Careful("the greeting has not come; many servers hang up on early talkers"),
        Phase::Refused if verb == Verb::Quit => Legal::Now,
        Phase::Refused => not(503, "the greeting was a refusal: only QUIT is left"),
        Phase::Foreign => not(500, "the peer does not speak SMTP"),
        Phase::Content => not(354, "everything is letter until a line with only a dot"),
        Phase::Sasl => not(501, "a login is under way: answer the challenge, or cancel with *"),
        Phase::Upgrading => not(503, "the TLS handshake is due"),
        Phase::Closing | Phase::Closed => not(421, "the session is over"),
        Phase::Verdict => Legal::Careful("the verdict on the letter is still due"),
        Phase::Ready | Phase::Envelope => in_session(at, verb),
    }
}

fn not(code: u16, why: &'static str) -> Legal {
    Legal::Not { code, why }
}

fn in_session(at: &Standing<'_>, verb: Verb) -> Legal {
    match verb {
        Verb::Ehlo | Verb::Helo if at.lmtp => not(500, "LMTP is greeted with LHLO (RFC 2033 §4.1)"),
        Verb::Ehlo | Verb::Helo | Verb::Lhlo | Verb::Rset if at.is_open() => Legal::Careful("forgets the envelope"),
        Verb::Ehlo | Verb::Helo | Verb::Lhlo if at.hello.is_some() => Legal::Careful("begins afresh"),
        Verb::Mail if at.is_open() => not(503, "one transaction at a time: RSET first"),
        Verb::Mail if at.hello.is_none() => not(503, "say EHLO first"),
        Verb::Rcpt | Verb::Data | Verb::Bdat if !at.is_open() => not(503, "no MAIL yet"),
        Verb::Data | Verb::Bdat if at.transaction < Transaction::Addressed => not(503, "no recipient was accepted"),
        Verb::Data if at.declared.binary => not(503, "a letter of BINARYMIME goes with BDAT (RFC 3030 §3)"),
        Verb::Data if at.transaction == Transaction::Chunked => {
            not(503, "the letter goes in chunks: BDAT with LAST ends it")
        }
        Verb::Bdat if !at.offers("CHUNKING") => not(502, "CHUNKING is not offered"),
        Verb::Etrn if !at.offers("ETRN") => not(502, "ETRN is not offered"),
        Verb::Xclient if at.is_open() => not(503, "a transaction is open: RSET first"),
        Verb::Xclient if !at.offers("XCLIENT") => not(502, "XCLIENT is not offered"),
        Verb::Xclient => Legal::Careful("a 220 greets anew: EHLO and AUTH are forgotten, TLS stays"),
        Verb::StartTls => start_tls(at),
        Verb::Auth => auth(at),
        Verb::Turn | Verb::Send | Verb::Soml | Verb::Saml => not(502, "obsolete (RFC 5321 §F)"),
        Verb::Other => not(500, "no server knows this verb"),
        _ => Legal::Now,
    }
}

fn start_tls(at: &Standing<'_>) -> Legal {
    if at.secured {
        not(503, "already encrypted")
    } else if at.hello != Some(Hello::Extended) {
        not(503, "say EHLO first")
    } else if !at.offers("STARTTLS") {
        not(502, "STARTTLS is not offered")
    } else if at.is_open() {
        Legal::Careful("forgets the envelope")
    } else {
        Legal::Now
    }
}

fn auth(at: &Standing<'_>) -> Legal {
    if at.login == Login::In {
        not(503, "already logged in")
    } else if at.hello != Some(Hello::Extended) {
        not(503, "say EHLO first")
    } else if at.is_open() {
        not(503, "not inside a transaction: RSET first")
    } else if !at.offers("AUTH") {
        not(502, "AUTH is not offered here")
    } else if !at.secured {
        Legal::Careful("not encrypted: anybody on the way can read the password")
    } else {
        Legal::Now
    }
}

/// The warnings that a line deserves before it is sent, the gravest first.
pub fn forecast(at: &Standing<'_>, command: &Command<'_>) -> Vec<Warning> {
    let mut warnings = by_xclient(at, command);
    warnings.extend(by_state(at, command.verb));
    warnings.extend(by_hello(command));
    warnings.extend(by_syntax(command));
    warnings.extend(envelope::warnings(at, command));
    warnings.extend(by_length(at, command));
    warnings
}

fn by_state(at: &Standing<'_>, verb: Verb) -> Option<Warning> {
    match legal_at(at, verb) {
        Legal::Now => None,
        Legal::Careful(why) => Some(Warning::new(careful_kind(at, verb), None, format!("Careful: {why}."))),
        Legal::Not { code: 354, why } => {
            Some(Warning::new(FlawKind::Order, None, format!("Not a command now: {why}.")))
        }
        Legal::Not { code, why } => {
            Some(Warning::new(order_kind(verb, code), Some(code), format!("{code} expected: {why}.")))
        }
    }
}

fn careful_kind(at: &Standing<'_>, verb: Verb) -> FlawKind {
    match verb {
        Verb::Auth => FlawKind::AuthInPlainText,
        _ if at.phase == Phase::Opening => FlawKind::EarlyTalker,
        _ => FlawKind::Order,
    }
}

fn order_kind(verb: Verb, code: u16) -> FlawKind {
    match verb {
        Verb::Bdat => FlawKind::BdatUse,
        Verb::Auth if code == 502 => FlawKind::AuthNotOffered,
        _ => FlawKind::Order,
    }
}

fn by_syntax(command: &Command<'_>) -> impl Iterator<Item = Warning> {
    // What is wrong with parameters is told one by one, with the rule, and so is an address that is not ASCII.
    let told = |kind| matches!(kind, FlawKind::ParameterInvalid | FlawKind::AddressUtf8);
    let flaws = command.flaws().into_iter().filter(move |flaw| !told(flaw.kind));
    flaws.map(|flaw| Warning::new(flaw.kind, Some(501), format!("{}.", flaw.kind.title())))
}

/// What XCLIENT tells, and whether the server takes it.
fn by_xclient(at: &Standing<'_>, command: &Command<'_>) -> Vec<Warning> {
    let offered = at.extensions.filter(|_| command.verb == Verb::Xclient && at.offers("XCLIENT")).map(xclient::offered);
    let faults = offered.map(|offered| xclient::faults(command.argument, &offered)).unwrap_or_default();
    let warning = |fault| Warning::new(FlawKind::ParameterInvalid, Some(501), format!("501 expected: {fault}."));
    faults.into_iter().map(warning).collect()
}

/// RFC 5321 §2.3.5: the client names itself by a domain name or, failing that, an address literal.
fn by_hello(command: &Command<'_>) -> Option<Warning> {
    let named = matches!(command.verb, Verb::Ehlo | Verb::Helo | Verb::Lhlo);
    let good = command.hello_name().is_some_and(crate::smtp::path::is_hello_name);
    (named && !good).then(|| {
        let text = if command.raw.is_ascii() {
            "The name should be a full domain name, or an address in brackets: laptop.you.test, [192.0.2.7]."
        } else {
            "The name goes in ASCII: a name in other letters as its xn-- form (RFC 6531 §3.7.1)."
        };
        Warning::new(FlawKind::HelloName, Some(501), text)
    })
}

fn by_length(at: &Standing<'_>, command: &Command<'_>) -> Option<Warning> {
    let limit = Limits::default().command_line(command.verb, at.extensions);
    let octets = command.raw.trim_ascii_end().len() + 2;
    (octets > limit).then(|| {
        let text = format!("500 expected: {octets} octets with CR LF; a server need only take {limit}.");
        Warning::new(FlawKind::LongCommand, Some(500), text)
    })
}
