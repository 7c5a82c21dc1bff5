//! What the DNS promised about the TLS of a host, held against what the host showed: marks for its tape.

use crate::dns::Name;
use crate::dns::panel::Panel;
use crate::dns::policy::covers;
use crate::dns::policy::dane::{Dane, Shown};
use crate::tape::promise::{Kept, Promise};
use crate::tape::tls::{Certificate, Judgement, TlsFacts};

/// Hex digits of a TLSA record that stand in a sentence.
const DIGITS: usize = 16;

/// The promises about `host`; nothing until the panel has heard all that decides.
pub(super) fn of(panel: &Panel, host: &Name, facts: &TlsFacts) -> Option<Vec<Promise>> {
    let dane = panel.dane(host, facts.chain.iter().map(shown).collect())?;
    Some(told(&dane, host, facts).into_iter().chain(announced(panel, host, facts)).collect())
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

/// A policy of MTA-STS that was announced. What it says is not known here; what it would ask of the certificate is.
fn announced(panel: &Panel, host: &Name, facts: &TlsFacts) -> Option<Promise> {
    let record = panel.sts()?;
    // The id is letters and digits, else the record would not count.
    let id = std::str::from_utf8(record.value("id")?).ok()?;
    let domain = panel.domain().relative();
    let names = facts.chain.first().map_or(&[][..], |leaf| &leaf.names);
    let valid = names.iter().any(|name| covers(name, host))
        && [&facts.trust, &facts.dates].into_iter().all(|judgement| *judgement == Judgement::Good);
    let certificate = if valid {
        "the certificate is valid for this host, as a policy would ask"
    } else {
        "the certificate is not valid for this host, so senders stay away if the policy says enforce"
    };
    let why = format!("{domain} announces a policy (id {id}), which was not fetched; {certificate}");
    Some(Promise { kept: Kept::StsUnread, why })
}
