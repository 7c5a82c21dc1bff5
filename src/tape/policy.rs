//! The policy of MTA-STS that a domain announces, as it was asked for on its web server (RFC 8461 §3.3).

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Where the policy of a domain lies on its policy host (RFC 8461 §3.2).
pub const PATH: &str = "/.well-known/mta-sts.txt";

/// The host that answers for the policy of a domain (RFC 8461 §3.2).
pub fn host(domain: &str) -> String {
    format!("mta-sts.{domain}")
}

/// A policy that was asked for, and what came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// Whose policy.
    pub domain: String,
    /// The id under which the DNS announces it: letters and digits.
    pub id: String,
    /// The address of the policy host that was spoken to, if one was.
    pub at: Option<IpAddr>,
    /// The text as it came, untrusted; or why there is none.
    pub found: Result<String, Unfetched>,
    /// How long it took.
    #[serde(with = "crate::written::nanoseconds")]
    pub took: Duration,
}

impl Fetched {
    /// What was asked for.
    pub fn url(&self) -> String {
        format!("https://{}{PATH}", host(&self.domain))
    }
}

/// Why there is no text. The texts in it come from the network and are untrusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unfetched {
    /// The name of the policy host leads to no address.
    #[error("its host has no address ({0})")]
    NoAddress(String),
    /// A public name leads into the own network, and nothing is asked there.
    #[error("its host points into your own network ({0}), so nothing was asked")]
    Private(IpAddr),
    /// Nobody answered on port 443.
    #[error("its host did not take the connection: {0}")]
    NotReached(String),
    /// No TLS came about.
    #[error("the TLS handshake with its host failed")]
    NoTls,
    /// The certificate is not valid for the policy host.
    #[error("the certificate of its host is not in order: {0}")]
    NotValid(String),
    /// The answer leads elsewhere, and is not followed.
    #[error("the answer was {0}, and redirects are not followed")]
    Redirected(u16),
    /// The answer is not 200.
    #[error("the answer was {0}, not 200")]
    Refused(u16),
    /// The answer is no plain text.
    #[error("it is {0}, not text/plain")]
    NotPlain(String),
    /// The answer has more octets than are read.
    #[error("it is longer than 64 KiB")]
    TooLong,
    /// The answer took too long.
    #[error("it had not come after {} seconds", .0.as_secs())]
    TimedOut(Duration),
    /// The answer is no UTF-8.
    #[error("it is no text in UTF-8")]
    NotText,
    /// The connection broke, or what came was no HTTP.
    #[error("the answer broke off, or was no HTTP")]
    Broken,
}
