//! Three judgements on a certificate, each on its own: chain, name, dates.
//!
//! webpki stops at the first thing that is wrong, and that is often the date. So the chain is judged at a moment at
//! which the certificates were valid, the name without the chain, and the dates from the certificates themselves.

use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error, RootCertStore};
use std::time::Duration;
use time::OffsetDateTime;

use super::certificate::{self, RSA_BITS};
use crate::ports::lab::AUTHORITY;
use crate::tape::tls::{Certificate, Judgement};

const DAY: u64 = 24 * 60 * 60;

/// What is judged, and by what.
pub(super) struct Case<'a> {
    /// The chain as presented, leaf first.
    pub(super) chain: &'a [CertificateDer<'static>],
    /// The same, read.
    pub(super) certificates: &'a [Certificate],
    pub(super) expected: &'a ServerName<'static>,
    pub(super) roots: &'a RootCertStore,
    /// Seconds since 1970.
    pub(super) now: u64,
    pub(super) algorithms: WebPkiSupportedAlgorithms,
}

impl Case<'_> {
    /// Whether the chain leads to an authority we trust, dates aside.
    pub(super) fn trust(&self) -> Judgement {
        let moments = [self.certificates.get(..1), Some(self.certificates)];
        let mut judged = moments.into_iter().flatten().map(|valid| self.chain_at(within(valid, self.now)));
        let first = judged.next().unwrap_or(Err(Error::NoCertificatesPresented));
        match first {
            Err(error) if is_about_dates(&error) => judged.next().unwrap_or(Err(error)),
            other => other,
        }
        .map_or_else(|error| self.untrusted(&error), |()| Judgement::Good)
    }

    /// Whether the leaf names the host.
    pub(super) fn name(&self) -> Judgement {
        let leaf = self.chain.first().and_then(|leaf| ParsedCertificate::try_from(leaf).ok());
        if leaf.is_some_and(|leaf| verify_server_name(&leaf, self.expected).is_ok()) {
            return Judgement::Good;
        }
        let expected = self.expected.to_str();
        let names = self.certificates.first().map_or(&[][..], |leaf| &leaf.names);
        let presented = match names {
            [] => self.certificates.first().map_or_else(
                || "there is none".to_owned(),
                |leaf| format!("the certificate has no subject alternative name, only the subject {}", leaf.subject),
            ),
            [one] => format!("the certificate is for {one}"),
            many => format!("the certificate is for {}", listed(many)),
        };
        Judgement::Bad { id: "cert/name".into(), why: format!("Expected a certificate for {expected}; {presented}.") }
    }

    /// Whether now lies between the dates of every certificate that counts.
    pub(super) fn dates(&self) -> Judgement {
        let Some((leaf, others)) = self.certificates.split_first() else { return Judgement::Good };
        if let Some(bad) = self.out_of_date(leaf, "The certificate") {
            return bad;
        }
        // Servers send certificates that no chain needs; only those that break the chain today count.
        if !self.chain_at(self.now).is_err_and(|error| is_about_dates(&error)) {
            return Judgement::Good;
        }
        let named = |other: &Certificate| self.out_of_date(other, &format!("The intermediate {}", other.subject));
        others.iter().find_map(named).unwrap_or(Judgement::Good)
    }

    /// Whether the chain from the leaf up to the certificate at this depth holds today when that one alone is trusted, as
    /// DANE asks with usage 2 (RFC 7672 §3.1.2).
    pub(super) fn vouches(&self, depth: usize) -> bool {
        let (Some(leaf), Some(anchor), Some(between)) =
            (self.chain.first(), self.chain.get(depth).filter(|_| depth > 0), self.chain.get(1..depth))
        else {
            return false;
        };
        let mut roots = RootCertStore::empty();
        let now = UnixTime::since_unix_epoch(Duration::from_secs(self.now));
        roots.add(anchor.clone()).is_ok()
            && ParsedCertificate::try_from(leaf).is_ok_and(|leaf| {
                verify_server_cert_signed_by_trust_anchor(&leaf, &roots, between, now, self.algorithms.all).is_ok()
            })
    }

    fn chain_at(&self, seconds: u64) -> Result<(), Error> {
        let (leaf, others) = self.chain.split_first().ok_or(Error::NoCertificatesPresented)?;
        let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let leaf = ParsedCertificate::try_from(leaf)?;
        verify_server_cert_signed_by_trust_anchor(&leaf, self.roots, others, now, self.algorithms.all)
    }

    fn untrusted(&self, error: &Error) -> Judgement {
        let leaf = self.certificates.first();
        let why = match leaf {
            Some(leaf) if certificate::is_self_issued(leaf) => {
                format!("The certificate is self-signed: {} vouches for itself and no authority does.", leaf.subject)
            }
            Some(leaf) if !leaf.readable => "The certificate cannot be read, so nothing is known of its issuer.".into(),
            Some(leaf) if is_unknown_issuer(error) => {
                let top = self.certificates.last().unwrap_or(leaf);
                if top.issuer.contains(AUTHORITY) {
                    return Judgement::Bad { id: "cert/unknown-ca".into(), why: of_the_lab(&top.issuer) };
                }
                format!("The chain ends at {}, which is no authority that is trusted here (unknown CA).", top.issuer)
            }
            Some(leaf) => self.broken(leaf, error),
            None => "The server showed no certificate.".into(),
        };
        Judgement::Bad { id: "cert/unknown-ca".into(), why }
    }

    /// Why a chain does not hold although its authority may be known, and what the server needs.
    fn broken(&self, leaf: &Certificate, error: &Error) -> String {
        use CertificateError::{
            BadEncoding, BadSignature, InvalidPurpose, InvalidPurposeContext, UnsupportedSignatureAlgorithmContext,
            UnsupportedSignatureAlgorithmForPublicKeyContext,
        };
        let subject = &leaf.subject;
        if self.chain.first().is_some_and(|leaf| certificate::is_version_1(leaf)) {
            return format!(
                "The certificate of {subject} is X.509 version 1, which cannot say what it is for, so no chain is built on \
                 it. The server needs one of version 3."
            );
        }
        let Error::InvalidCertificate(why) = error else { return library(subject, error) };
        match (why, self.weak_issuer()) {
            (BadSignature, Some((issuer, bits))) => format!(
                "The RSA key of {issuer} has {bits} bits; what is signed with less than {RSA_BITS} counts for nothing. The \
                 server needs a certificate from an authority with a longer key."
            ),
            (BadSignature, None) => format!(
                "A signature in the chain of {subject} does not fit the key of its issuer, or that is an RSA key of less \
                 than {RSA_BITS} bits. The server needs a certificate from an authority with a longer key, and the chain \
                 that belongs to it."
            ),
            (
                UnsupportedSignatureAlgorithmContext { .. } | UnsupportedSignatureAlgorithmForPublicKeyContext { .. },
                _,
            ) => {
                let ways: Vec<String> = self.certificates.iter().map(|one| one.signature.clone()).collect();
                format!(
                    "The chain of {subject} is signed in a way that is not verified here: {}. The server needs a \
                     certificate that is signed with SHA-256 or better.",
                    listed(&ways)
                )
            }
            (InvalidPurpose | InvalidPurposeContext { .. }, _) => format!(
                "The certificate of {subject}, or one that vouches for it, is not meant for servers (extended key usage). \
                 The server needs one that is."
            ),
            (BadEncoding, _) => format!(
                "A certificate in the chain of {subject} is not encoded as X.509 wants it. The server needs a new one."
            ),
            _ => library(subject, error),
        }
    }

    /// An authority among those shown that has signed one of them with a key too weak to count, and the bits of that.
    fn weak_issuer(&self) -> Option<(&str, usize)> {
        let mut shown = self.certificates.iter().zip(self.chain).skip(1);
        shown.find_map(|(issuer, der)| {
            let has_signed = self.certificates.iter().any(|other| other.issuer == issuer.subject);
            let bits = certificate::rsa_bits(der).filter(|bits| has_signed && *bits < RSA_BITS)?;
            Some((issuer.subject.as_str(), bits))
        })
    }

    fn out_of_date(&self, certificate: &Certificate, what: &str) -> Option<Judgement> {
        if !certificate.readable {
            return None;
        }
        let now = i64::try_from(self.now).unwrap_or(i64::MAX);
        let today = date(now);
        if now > certificate.not_after {
            let (end, ago) = (date(certificate.not_after), days(now - certificate.not_after));
            let why = format!("{what} was valid until {end}; today is {today}, {ago} later.");
            return Some(Judgement::Bad { id: "cert/expired".into(), why });
        }
        let (begin, ahead) = (date(certificate.not_before), days(certificate.not_before - now));
        (now < certificate.not_before).then(|| Judgement::Bad {
            id: "cert/not-yet".into(),
            why: format!("{what} is valid from {begin}; today is {today}, {ahead} earlier. Is a clock wrong?"),
        })
    }
}

fn of_the_lab(issuer: &str) -> String {
    format!(
        "The chain ends at {issuer}, which calls itself the authority of a lab; it counts only inside the lab that made it \
         (unknown CA)."
    )
}

/// Seconds from `now` to `moment`, both in seconds since 1970; below zero once it is past.
pub(super) fn seconds_until(moment: i64, now: u64) -> i64 {
    moment.saturating_sub(i64::try_from(now).unwrap_or(i64::MAX))
}

/// What is too rare for words of its own.
fn library(subject: &str, error: &Error) -> String {
    format!("The chain of {subject} is not in order. The TLS library says: {error}.")
}

/// `now`, moved as little as needed to lie within the dates of all these certificates.
fn within(certificates: &[Certificate], now: u64) -> u64 {
    let readable = || certificates.iter().filter(|certificate| certificate.readable);
    let latest = readable().map(|certificate| certificate.not_after).min();
    let earliest = readable().map(|certificate| certificate.not_before).max();
    let seconds = |moment: Option<i64>, none| moment.map_or(none, |moment| u64::try_from(moment).unwrap_or(0));
    now.min(seconds(latest, u64::MAX)).max(seconds(earliest, 0))
}

fn is_about_dates(error: &Error) -> bool {
    use CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
    matches!(
        error,
        Error::InvalidCertificate(Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. })
    )
}

fn is_unknown_issuer(error: &Error) -> bool {
    matches!(error, Error::InvalidCertificate(CertificateError::UnknownIssuer))
}

/// The first names of a list, and how many there are besides.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `14 March 2026`.
fn date(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).map_or_else(
        |_| format!("second {seconds} since 1970"),
        |moment| format!("{} {} {}", moment.day(), moment.month(), moment.year()),
    )
}

fn days(seconds: i64) -> String {
    match seconds.unsigned_abs() / DAY {
        0 => "less than a day".into(),
        1 => "one day".into(),
        days => format!("{days} days"),
    }
}
