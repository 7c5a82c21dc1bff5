//! What a domain promises in the DNS about the TLS of its mail servers, held against what a server showed.

use serde::{Deserialize, Serialize};

/// A promise and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// What came of it.
    pub kept: Kept,
    /// The same in one sentence, with what was promised and by whom; names in it come from the DNS.
    pub why: String,
}

/// What came of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// DANE: a TLSA record matches what the server showed (RFC 7672 §3).
    Dane,
    /// DANE: no TLSA record matches it.
    DaneBroken,
    /// DANE: none of the records is one that SMTP uses (RFC 7672 §2.2).
    DaneUnusable,
    /// DANE: there are records that nobody counts, because what leads to them is not signed.
    DaneNotSigned,
    /// DANE: whether the records count could not be judged here.
    DaneNotJudged,
    /// DANE: a look-up failed or is bogus, so a sender waits (RFC 7672 §2.1).
    DaneWait,
    /// MTA-STS: the policy names the host, and the certificate is valid for its name (RFC 8461 §4).
    Sts,
    /// MTA-STS: the host does not keep the policy, and the policy is to be enforced (RFC 8461 §5).
    StsBroken,
    /// MTA-STS: the host does not keep the policy, which is being tested.
    StsTesting,
    /// MTA-STS: the policy asks for nothing.
    StsOff,
    /// MTA-STS: a policy is announced (RFC 8461 §3.1), and none could be fetched.
    StsUnread,
}

impl Kept {
    /// By what it was promised.
    pub fn by(self) -> &'static str {
        match self {
            Self::Sts | Self::StsBroken | Self::StsTesting | Self::StsOff | Self::StsUnread => "MTA-STS",
            _ => "DANE",
        }
    }

    /// Whether it was kept; nothing where that is not known or does not matter.
    pub fn is_good(self) -> Option<bool> {
        match self {
            Self::Dane | Self::Sts => Some(true),
            Self::DaneBroken | Self::DaneWait | Self::StsBroken => Some(false),
            Self::DaneUnusable
            | Self::DaneNotSigned
            | Self::DaneNotJudged
            | Self::StsTesting
            | Self::StsOff
            | Self::StsUnread => None,
        }
    }
}
