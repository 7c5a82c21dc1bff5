//! Whether the DNS leads from an address to a name and back (RFC 8601 §3).

use std::net::IpAddr;

use super::Answers;
use crate::dns::{Data, Kind, Name, Question};

/// Names of one address that are looked at.
const NAMES: usize = 10;

/// What came of it (RFC 8601 §2.7.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reverse {
    /// This name leads back to the address.
    Pass(Name),
    /// There are names, and none leads back; the first of them.
    Fail(Name),
    /// The DNS failed for now.
    TempError,
    /// The address has no name.
    PermError,
}

impl Reverse {
    /// The word of RFC 8601 §2.7.3.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Pass(_) => "pass",
            Self::Fail(_) => "fail",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        }
    }
}

/// Looks for a name of the address that leads back to it; `Err` is the question whose answer is missing.
pub fn reverse(address: IpAddr, answers: &Answers) -> Result<Reverse, Question> {
    let address = address.to_canonical();
    let kind = if address.is_ipv4() { Kind::A } else { Kind::AAAA };
    let answer = answers.of(Question::new(Name::reverse(address), Kind::PTR))?;
    let names = answer.of(Kind::PTR).filter_map(|record| match &record.data {
        Data::Ptr(name) => Some(name),
        _ => None,
    });
    let (mut failed, mut first) = (answer.outcome.is_temporary(), None);
    for name in names.take(NAMES) {
        let forward = answers.of(Question::new(name.clone(), kind))?;
        if forward.of(kind).any(|record| record.address() == Some(address)) {
            return Ok(Reverse::Pass(name.clone()));
        }
        failed |= forward.outcome.is_temporary();
        first.get_or_insert(name);
    }
    Ok(match first {
        _ if failed => Reverse::TempError,
        Some(name) => Reverse::Fail(name.clone()),
        None => Reverse::PermError,
    })
}
