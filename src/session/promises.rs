//! What a domain promised about the TLS of its hosts, in the DNS and in its policy, held against what a host showed: marks
//! for its tape.

use std::fmt::Display;

use super::{Model, Session};
use crate::dns::judge::is_private;
use crate::dns::panel::Panel;
use crate::dns::policy::dane::{Dane, Shown};
use crate::dns::policy::enforce::{Mode, Sts, StsPolicy};
use crate::dns::policy::{Parsed, covers};
use crate::dns::{Name, typed};
use crate::ports::net::{self, PolicyOf};
use crate::tape::mark::Mark;
use crate::tape::policy::Fetched;
use crate::tape::promise::{Kept, Promise};
use crate::tape::tls::{Certificate, Judgement, TlsFacts};

/// Hex digits of a TLSA record that stand in a sentence.
const DIGITS: usize = 16;

/// The port that the promises of the DNS are about: mail servers among each other.
pub const PROMISED: u16 = 25;

impl Model {
    /// Holds what the DNS promised about a host against what the host showed, once for each handshake. A policy that it
    /// announces is asked for.
    pub(super) fn hold_promises(&mut self) {
        for session in &mut self.sessions {
            if session.target.port != PROMISED || !session.is_open() || session.held == session.shaken() {
                continue;
            }
            let Some(facts) = session.tls() else { continue };
            let Some((panel, host)) = self.look_ups.about(&session.target.host, &session.target.source) else {
                continue;
            };
            let Some(Promises { dane, sts }) = of(panel, &host, facts) else { continue };
            session.held = session.shaken();
            if let Some(promise) = dane {
                session.annotate(Mark::Promised(promise));
            }
            if let Some(id) = sts {
                let domain = panel.domain().relative().trim_end_matches('.').to_owned();
                self.wanted.push(session.policy_of(domain, id));
            }
        }
    }
}

impl Session {
    /// What the DNS promised about the TLS of this host and what came of it, as far as it is known.
    pub fn promises(&self) -> impl Iterator<Item = &Promise> {
        let marks = self.shaken().and_then(|since| self.tape.marks().get(since..)).unwrap_or_default();
        marks.iter().filter_map(|(_, mark)| match mark {
            Mark::Promised(promise) => Some(promise),
            _ => None,
        })
    }

    /// The place of the last handshake among the marks.
    fn shaken(&self) -> Option<usize> {
        self.tape.marks().iter().rposition(|(_, mark)| matches!(mark, Mark::TlsReady(_)))
    }

    /// The wish for a policy of the domain whose mail this host takes.
    fn policy_of(&self, domain: String, id: String) -> net::Request {
        let is_near = self.opened().and_then(|opened| opened.peer.ip()).is_some_and(is_private);
        let (place, source) = (self.target.place, self.target.source.clone());
        net::Request::Policy(self.id, PolicyOf { domain, id, place, source, is_near })
    }

    /// Holds a policy that was asked for against what the host showed.
    pub(super) fn hold_policy(&mut self, fetched: &Fetched) {
        let host = typed::name(&self.target.host).ok().map(|typed| typed.name);
        if let (Some(host), Some(facts)) = (host, self.tls()) {
            let promise = asked(fetched, &host, facts);
            self.annotate(Mark::Promised(promise));
        }
    }
}

/// What was promised about `host`.
struct Promises {
    /// What came of what DANE promises, if it promises anything.
    dane: Option<Promise>,
    /// The id of a policy of MTA-STS that is announced: what it says is still to be asked for.
    sts: Option<String>,
}

/// The promises about `host`; nothing until the panel has heard all that decides.
fn of(panel: &Panel, host: &Name, facts: &TlsFacts) -> Option<Promises> {
    let dane = panel.dane(host, facts.chain.iter().map(shown).collect()).filter(|_| panel.has_heard_of_sts())?;
    // The id is letters and digits, else the record would not count.
    let id = |record: Parsed| String::from_utf8(record.value("id")?.to_vec()).ok();
    Some(Promises { dane: told(&dane, host, facts), sts: panel.sts().and_then(id) })
}

fn shown(certificate: &Certificate) -> Shown<'_> {
    Shown {
        whole: certificate.der.as_slice().into(),
        whole_256: certificate.sha256.as_str().into(),
        whole_512: certificate.sha512.as_str().into(),
        key: certificate.spki.as_slice().into(),
        key_256: certificate.spki_sha256.as_str().into(),
        key_512: certificate.spki_sha512.as_str().into(),
        names: &certificate.names,
        vouches: certificate.vouches,
    }
}

/// What DANE says, in words; nothing where there are no records.
fn told(dane: &Dane, host: &Name, facts: &TlsFacts) -> Option<Promise> {
    let host = host.relative();
    let (kept, why) = match dane {
        Dane::None => return None,
        Dane::Kept { record, depth } => {
            let what = if *depth == 0 {
                "the server's certificate".to_owned()
            } else {
                format!("certificate {} of {}, which vouches for the server's", depth + 1, facts.chain.len())
            };
            (Kept::Dane, format!("the TLSA record {} of {host} matches {what}", shortened(record)))
        }
        Dane::Broken => (
            Kept::DaneBroken,
            format!("no TLSA record of {host} matches what it showed; senders that go by DANE do not deliver"),
        ),
        Dane::Unusable => (
            Kept::DaneUnusable,
            format!("no TLSA record of {host} is one that SMTP uses; TLS is wanted, with any certificate"),
        ),
        Dane::NotSigned(what) => (
            Kept::DaneNotSigned,
            format!("{host} has TLSA records, but the {what} are not signed, so nobody counts them"),
        ),
        Dane::NotJudged(what) => (
            Kept::DaneNotJudged,
            format!("{host} has TLSA records, but the signatures of the {what} could not be judged here"),
        ),
        Dane::Wait(what) => (
            Kept::DaneWait,
            format!("the look-up of the {what} failed or does not validate; senders that go by DANE wait"),
        ),
    };
    Some(Promise { kept, why })
}

/// The numbers of a record and the beginning of what follows.
fn shortened(record: &str) -> String {
    match record.rsplit_once(' ') {
        Some((numbers, data)) if data.len() > DIGITS => {
            format!("{numbers} {}…", data.chars().take(DIGITS).collect::<String>())
        }
        _ => record.to_owned(),
    }
}

/// What a policy of MTA-STS that was asked for says of the host, and what senders that go by it do.
fn asked(fetched: &Fetched, host: &Name, facts: &TlsFacts) -> Promise {
    let (domain, name) = (&fetched.domain, host.relative());
    let unread = |why: &dyn Display| {
        let why = format!(
            "{domain} announces a policy (id {}), but {why}; senders without an older one go on as if there were none",
            fetched.id
        );
        Promise { kept: Kept::StsUnread, why }
    };
    let text = match &fetched.found {
        Ok(text) => text,
        Err(why) => return unread(why),
    };
    let policy = match StsPolicy::parse(text) {
        Ok(policy) => policy,
        Err(why) => return unread(&format!("what its host gave is none: {why}")),
    };
    let (mode, lack) = match policy.judge(host, is_valid(host, facts)) {
        Sts::Kept => {
            let mode = policy.mode.word();
            let why =
                format!("the policy of {domain} ({mode}) names {name}, and its certificate is valid; senders deliver");
            return Promise { kept: Kept::Sts, why };
        }
        Sts::Off => {
            let why = format!("the policy of {domain} says mode none; senders act as if there were none");
            return Promise { kept: Kept::StsOff, why };
        }
        Sts::NotNamed(mode) => (mode, format!("does not name {name}")),
        Sts::NotValid(mode) => (mode, format!("names {name}, whose certificate is not valid for it")),
    };
    let (kept, then) = match mode {
        Mode::Enforce => (Kept::StsBroken, "senders that go by it do not deliver here"),
        Mode::Testing | Mode::None => (Kept::StsTesting, "senders deliver all the same, and may report it"),
    };
    Promise { kept, why: format!("the policy of {domain} ({}) {lack}; {then}", mode.word()) }
}

/// True if the certificate is valid for the name of the host, as MTA-STS asks for it (RFC 8461 §4.2).
fn is_valid(host: &Name, facts: &TlsFacts) -> bool {
    let names = facts.chain.first().map_or(&[][..], |leaf| &leaf.names);
    names.iter().any(|name| covers(name, host))
        && [&facts.trust, &facts.dates].into_iter().all(|judgement| *judgement == Judgement::Good)
}
