//! Reports that a queue makes of its letters.

use jiff::Timestamp;

use crate::lab::clock::date;
use crate::mail::report::{Action, Cover, Recipient as Told, Report};
use crate::smtp::params::{self, decode_xtext};
use crate::smtp::status::Status;

use super::{Letter, Outcome, Recipient, Verdict};

/// A report that is to be sent to whoever wrote a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The letter.
    pub letter: Letter,
    /// What is told of it.
    pub report: Report,
}

impl Notice {
    /// News of one kind; none if there is nobody to tell of.
    pub(super) fn of(
        host: &str,
        letter: &Letter,
        action: Action,
        told: &[(&Recipient, &Outcome)],
        now: Timestamp,
    ) -> Option<Self> {
        let recipients: Vec<_> =
            told.iter().map(|(recipient, outcome)| tell(letter, recipient, outcome, action, now)).collect();
        Self::build(host, letter, recipients)
    }

    /// A delay, with the time until which the letter is tried.
    pub(super) fn of_delay(
        host: &str,
        letter: &Letter,
        late: &[(&Recipient, &Outcome)],
        until: Timestamp,
        now: Timestamp,
    ) -> Option<Self> {
        let recipients = late.iter().map(|(recipient, outcome)| Told {
            retry_until: Some(date(until)),
            ..tell(letter, recipient, outcome, Action::Delayed, now)
        });
        Self::build(host, letter, recipients.collect())
    }

    fn build(host: &str, letter: &Letter, recipients: Vec<Told>) -> Option<Self> {
        if recipients.is_empty() {
            return None;
        }
        let value = params::find(&letter.params, "ENVID").and_then(|param| param.value.as_deref());
        let report = Report {
            reporting: host.to_owned(),
            envelope_id: value.and_then(decode_xtext).and_then(|octets| String::from_utf8(octets).ok()),
            arrival: Some(date(letter.arrived)),
            recipients,
        };
        Some(Self { letter: letter.clone(), report })
    }

    /// The report as a letter of its own, from the postmaster `from`, called `id`.
    pub fn octets(&self, from: &str, id: &str, now: Timestamp) -> Vec<u8> {
        let letter = &self.letter;
        let param = |name| params::find(&letter.params, name);
        let headers_only =
            param("RET").and_then(|ret| ret.value.as_deref()).is_some_and(|ret| ret.eq_ignore_ascii_case(b"HDRS"));
        self.report.octets(&Cover {
            from,
            to: &address(&letter.from.encode()),
            date: &date(now),
            id,
            letter: &letter.content,
            // Who asked for TLS all the way does not want the text on a way that may have none (RFC 8689 §5).
            whole: !headers_only && param("REQUIRETLS").is_none(),
            international: letter.is_international(),
        })
    }
}

fn tell(letter: &Letter, recipient: &Recipient, outcome: &Outcome, action: Action, now: Timestamp) -> Told {
    let value = params::find(&recipient.params, "ORCPT").and_then(|param| param.value.as_deref());
    let failed = action == Action::Failed;
    // Time is up: the class stays 4, for it was never a refusal (RFC 3464 §2.3.3).
    let expired = failed && matches!(outcome.verdict, Verdict::Later | Verdict::Nobody);
    Told {
        original: value.and_then(original),
        address: address(&recipient.path.encode()),
        action,
        status: if expired { Status { class: 4, subject: 4, detail: 7 } } else { outcome.status },
        why: outcome.why.clone(),
        remote: outcome.remote.clone(),
        // What a server said about success is no diagnosis (RFC 3464 §2.3.6).
        diagnostic: outcome.said.clone().filter(|_| matches!(action, Action::Failed | Action::Delayed)),
        last_attempt: Some(date(now)),
        log_id: Some(letter.id.clone()),
        retry_until: None,
    }
}

/// `rfc822;pat+40harbor.test` decoded.
fn original(value: &[u8]) -> Option<String> {
    let at = value.iter().position(|octet| *octet == b';')?;
    let (kind, rest) = value.split_at_checked(at + 1)?;
    String::from_utf8([kind, &decode_xtext(rest)?].concat()).ok()
}

/// What stands between the brackets of a path.
pub(in crate::lab) fn address(path: &[u8]) -> String {
    let inner = path.strip_prefix(b"<").and_then(|path| path.strip_suffix(b">")).unwrap_or(path);
    crate::safe::plain(inner).into_string()
}
