//! TLS that comes about without being typed: EHLO, STARTTLS, the handshake, EHLO again; then the hand takes over.
//!
//! ```text
//! Greeting ──220──▶ Hello ──STARTTLS listed──▶ Asked ──220──▶ Shaking ──certificate in order──▶ EHLO, over
//!     └─────────────────┴── any other reply ─────┴──▶ required: QUIT, end; preferred: over, in plain text
//! ```
//!
//! Meanwhile nothing else is written, and what was typed for TLS is dropped if there is none: it never falls back in
//! silence (RFC 3207 §6). Each decision is a mark with its reason.

use std::sync::Arc;

use crate::dialogue::exchange::Cause;
use crate::smtp::command::Verb;
use crate::smtp::extension::Extensions;
use crate::smtp::reply::{Reply, says_lmtp};
use crate::tape::mark::{Ending, Mark};
use crate::tape::tls::{NoTls, Opening, TlsDecision};
use crate::tape::{Moment, Side};

use super::replies::Whole;
use super::{Client, Layer, State};

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// TLS is not wanted: only what is offered and not used is told.
    Watching,
    /// The greeting is due.
    Greeting,
    /// The answer to EHLO is due.
    Hello,
    /// The answer to STARTTLS is due.
    Asked,
    /// The handshake is due, or the decision about its certificate.
    Shaking,
    /// There is no TLS, and the answer to QUIT is due.
    Quitting,
}

/// A session that is led to TLS.
#[derive(Debug)]
pub(super) struct Lead {
    stage: Stage,
    required: bool,
    /// LMTP is spoken: EHLO is LHLO there (RFC 2033 §4.1).
    lmtp: bool,
    /// What came since the last whole reply.
    heard: Vec<u8>,
}

impl Lead {
    /// What such a connection needs.
    pub(super) fn of(opening: Opening) -> Option<Self> {
        let (stage, required) = match opening {
            Opening::Plain | Opening::ImplicitTls => return None,
            Opening::Never => (Stage::Watching, false),
            Opening::Prefer => (Stage::Greeting, false),
            Opening::Require => (Stage::Greeting, true),
        };
        Some(Self { stage, required, lmtp: false, heard: Vec::new() })
    }

    /// LMTP was asked for.
    pub(super) fn speak_lmtp(&mut self) {
        self.lmtp = true;
    }

    /// True while nothing else may be written.
    pub(super) fn bars(&self) -> bool {
        self.stage != Stage::Watching
    }

    /// Takes octets of the server; a reply has a limit, so they have.
    pub(super) fn hear(&mut self, octets: &[u8]) {
        self.heard.extend_from_slice(octets);
    }
}

impl Client {
    /// A reply is complete.
    pub(super) fn lead_replied(&mut self, cause: Cause, reply: Whole, now: Moment) {
        let Some(lead) = &mut self.lead else { return };
        let heard = std::mem::take(&mut lead.heard);
        let good = reply.is_success() && !reply.mixed;
        match (lead.stage, cause) {
            (Stage::Quitting, Cause::Command(Verb::Quit)) => self.end(Side::Client, Ending::Clean),
            (Stage::Watching, Cause::Command(Verb::Ehlo | Verb::Lhlo))
                if good && self.layer == Layer::Plain && lists(&heard) =>
            {
                self.lead = None;
                self.mark(Mark::TlsDecided(TlsDecision::Declined));
            }
            (Stage::Quitting | Stage::Watching, _) => {}
            // A limit of the server, or its end: no word about STARTTLS.
            _ if reply.code == 421 => self.without_tls(NoTls::Goodbye, now),
            (Stage::Greeting, Cause::Greeting) if good => {
                lead.stage = Stage::Hello;
                lead.lmtp |= says_lmtp(&heard);
                let lmtp = lead.lmtp;
                self.lead_greets(lmtp, now);
            }
            (Stage::Greeting, Cause::Greeting) => self.without_tls(NoTls::Greeting(reply.code), now),
            (Stage::Hello, Cause::Command(Verb::Ehlo | Verb::Lhlo)) if good && lists(&heard) => {
                lead.stage = Stage::Asked;
                let required = lead.required;
                self.mark(Mark::TlsDecided(TlsDecision::Upgrade { required }));
                self.lead_says("STARTTLS", now);
            }
            (Stage::Hello, Cause::Command(Verb::Ehlo | Verb::Lhlo)) => {
                self.without_tls(if good { NoTls::NotOffered } else { NoTls::Hello(reply.code) }, now);
            }
            (Stage::Asked, Cause::Command(Verb::StartTls)) if self.state == State::Handshake => {
                lead.stage = Stage::Shaking;
            }
            (Stage::Asked, Cause::Command(Verb::StartTls)) => self.without_tls(NoTls::Refused(reply.code), now),
            _ => {}
        }
    }

    /// TLS stands and nothing is doubtful about it: EHLO goes again (RFC 3207 §4.2), and the hand takes over.
    pub(super) fn lead_secured(&mut self, now: Moment) {
        if self.layer != Layer::Encrypted {
            return;
        }
        if let Some(lead) = self.lead.take_if(|lead| lead.stage == Stage::Shaking) {
            self.lead_greets(lead.lmtp, now);
        }
    }

    /// True while nothing but what leads to TLS may be written.
    pub(super) fn leads(&self) -> bool {
        self.lead.as_ref().is_some_and(Lead::bars)
    }

    /// There will be no TLS. What was typed meanwhile was meant for TLS, so it is dropped.
    pub(super) fn without_tls(&mut self, why: NoTls, now: Moment) {
        let Some(lead) = self.lead.as_mut().filter(|lead| lead.bars()) else { return };
        let goes_on = !lead.required;
        lead.stage = Stage::Quitting;
        if why != NoTls::Goodbye || !goes_on {
            self.mark(Mark::TlsDecided(TlsDecision::Without { why, goes_on }));
        }
        self.drop_held();
        match why {
            _ if goes_on => self.lead = None,
            NoTls::Goodbye | NoTls::NotAwaited => self.end(Side::Client, Ending::Clean),
            _ => self.lead_says("QUIT", now),
        }
    }

    fn lead_greets(&mut self, lmtp: bool, now: Moment) {
        let verb = if lmtp { Verb::Lhlo } else { Verb::Ehlo };
        self.lead_says(&format!("{verb} {}", self.profile.hello), now);
    }

    fn lead_says(&mut self, line: &str, now: Moment) {
        self.write(Arc::from(format!("{line}\r\n").into_bytes()), now);
    }
}

/// True if this answer to EHLO lists STARTTLS.
fn lists(answer: &[u8]) -> bool {
    Reply::parse(answer).is_some_and(|reply| Extensions::parse(&reply).has("STARTTLS"))
}
