//! Record types: the number of RFC 1035 §3.2.2 and its successors, with the name people use.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A record type; any number may come from the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Kind(pub u16);

/// Every type with a name of its own here. Others are written `TYPE65280` (RFC 3597 §5).
const NAMES: [(u16, &str); 21] = [
    (1, "A"),
    (2, "NS"),
    (5, "CNAME"),
    (6, "SOA"),
    (12, "PTR"),
    (13, "HINFO"),
    (15, "MX"),
    (16, "TXT"),
    (28, "AAAA"),
    (33, "SRV"),
    (39, "DNAME"),
    (43, "DS"),
    (46, "RRSIG"),
    (47, "NSEC"),
    (48, "DNSKEY"),
    (50, "NSEC3"),
    (52, "TLSA"),
    (64, "SVCB"),
    (65, "HTTPS"),
    (99, "SPF"),
    (257, "CAA"),
];

impl Kind {
    /// An IPv4 address (RFC 1035 §3.4.1).
    pub const A: Self = Self(1);
    /// A name server (RFC 1035 §3.3.11).
    pub const NS: Self = Self(2);
    /// An alias (RFC 1035 §3.3.1).
    pub const CNAME: Self = Self(5);
    /// The start of a zone (RFC 1035 §3.3.13).
    pub const SOA: Self = Self(6);
    /// A reverse name (RFC 1035 §3.3.12).
    pub const PTR: Self = Self(12);
    /// A mail exchanger (RFC 1035 §3.3.9).
    pub const MX: Self = Self(15);
    /// Text (RFC 1035 §3.3.14).
    pub const TXT: Self = Self(16);
    /// An IPv6 address (RFC 3596).
    pub const AAAA: Self = Self(28);
    /// The location of a service (RFC 2782).
    pub const SRV: Self = Self(33);
    /// The digest of a child zone's key (RFC 4034 §5).
    pub const DS: Self = Self(43);
    /// A signature (RFC 4034 §3).
    pub const RRSIG: Self = Self(46);
    /// A zone's public key (RFC 4034 §2).
    pub const DNSKEY: Self = Self(48);
    /// A certificate or key pin (RFC 6698).
    pub const TLSA: Self = Self(52);
    /// The certification authorities a domain allows (RFC 8659).
    pub const CAA: Self = Self(257);

    /// The types a form offers first, most useful for mail first.
    pub const OFFERED: [Self; 12] = [
        Self::MX,
        Self::A,
        Self::AAAA,
        Self::TXT,
        Self::PTR,
        Self::CNAME,
        Self::TLSA,
        Self::NS,
        Self::SOA,
        Self::SRV,
        Self::CAA,
        Self::DNSKEY,
    ];

    /// Reads `mx`, `MX` or `TYPE15`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let named = NAMES.iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
        named.map(|(number, _)| Self(*number)).or_else(|| {
            let upper = text.to_ascii_uppercase();
            upper.strip_prefix("TYPE")?.parse().ok().map(Self)
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(number, _)| *number == self.0) {
            Some((_, name)) => f.pad(name),
            None => f.pad(&format!("TYPE{}", self.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_read_by_name_or_number_and_printed_by_name() {
        assert_eq!(Kind::parse("mx"), Some(Kind::MX));
        assert_eq!(Kind::parse(" TYPE52 "), Some(Kind::TLSA));
        assert_eq!(Kind::parse("type65280"), Some(Kind(65280)));
        assert_eq!(Kind::parse("MXX"), None);
        assert_eq!(Kind::parse("TYPE70000"), None);
        assert_eq!(Kind(65280).to_string(), "TYPE65280");
        assert_eq!(format!("{:<5}|", Kind::A), "A    |");
    }
}
