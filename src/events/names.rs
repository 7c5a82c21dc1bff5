//! What the DNS says, as events.

use super::fields::millis;
use super::{Finding, Way, What};
use crate::dns::Validation;
use crate::dns::panel::Panel;
use crate::ports::dns::Signal;
use crate::safe;

/// An answer.
pub(super) fn heard(signal: &Signal) -> What {
    let plain = |text: &str| safe::plain(text.as_bytes()).into_string();
    let answer = &signal.answer;
    What::Dns {
        name: signal.question.name.to_string(),
        kind: signal.question.kind.to_string(),
        rcode: plain(&answer.outcome.word()),
        answers: answer.records.iter().map(|record| record.data.text()).collect(),
        ttl: answer.lifetime(),
        secure: secure(answer.validation),
        source: plain(&signal.from),
        ms: millis(signal.took),
    }
}

/// Where mail for a domain goes.
pub(super) fn route(panel: &Panel) -> Option<What> {
    panel.plan()?;
    let hops = panel.attempts().and_then(Result::ok).unwrap_or_default();
    let way = |(exchanger, ip): (crate::dns::plan::Exchanger, std::net::IpAddr)| Way {
        host: exchanger.host.to_string(),
        preference: exchanger.preference,
        ip: ip.to_string(),
    };
    let findings = panel.findings();
    Some(What::Route {
        domain: panel.domain().to_string(),
        hops: hops.into_iter().map(way).collect(),
        why: panel.why(None),
        findings: findings.into_iter().map(|it| Finding { id: it.id, say: it.text.into_owned() }).collect(),
    })
}

const fn secure(validation: Validation) -> &'static str {
    match validation {
        Validation::Secure => "secure",
        Validation::Insecure => "insecure",
        Validation::Bogus => "bogus",
        Validation::Disputed => "disputed",
        Validation::NotChecked => "not-checked",
        Validation::Indeterminate => "unknown",
    }
}
