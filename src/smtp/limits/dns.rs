//! The limits of look-ups (L6): a hostile name server costs a bounded time and a bounded number of questions.

use std::time::Duration;

/// Longest wait for one server to answer one query.
pub const QUERY: Duration = Duration::from_secs(5);
/// Longest wait for the answer to one question, other servers, TCP and aliases included.
pub const QUESTION: Duration = Duration::from_secs(10);
/// Aliases followed in one look-up.
pub const ALIASES: usize = 8;
/// MX records kept of one answer.
pub const EXCHANGES: usize = 64;
/// Records of any other type kept of one answer.
pub const RECORDS: usize = 256;
/// Octets of one label (RFC 1035 §2.3.4).
pub const LABEL: usize = 63;
/// Octets of a name on the wire, the length octets and the root included (RFC 1035 §2.3.4).
pub const NAME: usize = 255;
/// Look-ups an SPF check may cost (RFC 7208 §4.6.4).
pub const SPF_LOOK_UPS: usize = 10;
/// Look-ups of an SPF check that may come back empty (RFC 7208 §4.6.4).
pub const SPF_VOID: usize = 2;
/// Addresses of one host whose reverse name the panel asks for.
pub const REVERSED: usize = 8;
/// Questions the panel asks about one domain.
pub const QUESTIONS: usize = 256;
