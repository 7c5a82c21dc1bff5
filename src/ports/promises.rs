//! What a domain promised about the TLS of its hosts, held against what one showed, in words: the same for whoever looks on
//! and for the lab's own senders.

use std::fmt::Display;

use crate::dns::Name;
use crate::dns::policy::covers;
use crate::dns::policy::dane::{Dane, Shown};
use crate::dns::policy::enforce::{Mode, Sts, StsPolicy};
use crate::tape::policy::Fetched;
use crate::tape::promise::{Kept, Promise};
use crate::tape::tls::{Certificate, Judgement, TlsFacts};

/// Hex digits of a TLSA record that stand in a sentence.
const DIGITS: usize = 16;

impl<'a> From<&'a Certificate> for Shown<'a> {
    fn from(certificate: &'a Certificate) -> Self {
        Self {
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
}

/// What DANE says of a host that showed so many certificates, in words; nothing where there are no records.
pub fn dane(dane: &Dane, host: &Name, shown: usize) -> Option<Promise> {
    let host = host.relative();
    let (kept, why) = match dane {
        Dane::None => return None,
        Dane::Kept { record, depth } => {
            let what = if *depth == 0 {
                "the server's certificate".to_owned()
            } else {
                format!("certificate {} of {}, which vouches for the server's", depth + 1, shown)
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

/// What a policy of MTA-STS that was asked for says of the host.
pub fn fetched(fetched: &Fetched, host: &Name, facts: &TlsFacts) -> Promise {
    let domain = &fetched.domain;
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
    match StsPolicy::parse(text) {
        Ok(policy) => sts(&policy, domain, host, Some(facts)),
        Err(why) => unread(&format!("what its host gave is none: {why}")),
    }
}

/// What the policy of a domain says of a host that showed this, or that has no TLS; and what senders that go by it do.
pub fn sts(policy: &StsPolicy, domain: &str, host: &Name, facts: Option<&TlsFacts>) -> Promise {
    let (name, mode) = (host.relative(), policy.mode.word());
    let lack = match policy.judge(host, facts.is_some_and(|facts| is_valid(host, facts))) {
        Sts::Kept => {
            let why =
                format!("the policy of {domain} ({mode}) names {name}, and its certificate is valid; senders deliver");
            return Promise { kept: Kept::Sts, why };
        }
        Sts::Off => {
            let why = format!("the policy of {domain} says mode none; senders act as if there were none");
            return Promise { kept: Kept::StsOff, why };
        }
        Sts::NotNamed(_) => format!("does not name {name}"),
        Sts::NotValid(_) if facts.is_none() => format!("names {name}, with which no TLS came about"),
        Sts::NotValid(_) => format!("names {name}, whose certificate is not valid for it"),
    };
    let (kept, then) = match policy.mode {
        Mode::Enforce => (Kept::StsBroken, "senders that go by it do not deliver here"),
        Mode::Testing | Mode::None => (Kept::StsTesting, "senders deliver all the same, and may report it"),
    };
    Promise { kept, why: format!("the policy of {domain} ({mode}) {lack}; {then}") }
}

/// True if the certificate is valid for the name of the host, as MTA-STS asks for it (RFC 8461 §4.2).
fn is_valid(host: &Name, facts: &TlsFacts) -> bool {
    let names = facts.chain.first().map_or(&[][..], |leaf| &leaf.names);
    names.iter().any(|name| covers(name, host))
        && [&facts.trust, &facts.dates].into_iter().all(|judgement| *judgement == Judgement::Good)
}
