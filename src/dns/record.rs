//! Records: owner, time to live, data; and how they are written (RFC 1035 §5.1, RFC 3597 §5).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::{Kind, Name, Validation};
use crate::safe::{Profile, SafeText, Untrusted};

/// One resource record (RFC 1035 §3.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The name the record belongs to.
    pub owner: Name,
    /// Time to live in seconds, as it came. See [`Record::lifetime`].
    pub ttl: u32,
    /// The type's own data.
    pub data: Data,
    /// What our own validation says of this record.
    pub proof: Validation,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Data {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// A mail exchanger.
    Mx {
        /// Lower is tried first.
        preference: u16,
        /// The host; the root means "no mail" (RFC 7505).
        exchange: Name,
    },
    /// A reverse name.
    Ptr(Name),
    /// An alias.
    Cname(Name),
    /// A name server.
    Ns(Name),
    /// Character-strings, each at most 255 octets.
    Txt(#[serde(with = "super::written::texts")] Vec<Vec<u8>>),
    /// A certificate or key pin.
    Tlsa {
        /// Certificate usage (RFC 6698 §2.1.1).
        usage: u8,
        /// Which part of the certificate (§2.1.2).
        selector: u8,
        /// How it is compared (§2.1.3).
        matching: u8,
        /// The certificate association data.
        #[serde(with = "super::written::octets")]
        association: Vec<u8>,
    },
    /// The start of a zone.
    Soa {
        /// The primary server.
        primary: Name,
        /// The responsible mailbox, its first dot standing for `@`.
        mailbox: Name,
        /// The serial number.
        serial: u32,
        /// Seconds for which a negative answer may be kept (RFC 2308 §4).
        minimum: u32,
    },
    /// The location of a service.
    Srv {
        /// Lower is tried first.
        priority: u16,
        /// Share among equals.
        weight: u16,
        /// The port.
        port: u16,
        /// The host; the root means "not offered".
        target: Name,
    },
    /// A rule for certification authorities.
    Caa {
        /// 128 is "critical".
        flags: u8,
        /// `issue`, `issuewild`, `iodef`, …
        #[serde(with = "super::written::octets")]
        tag: Vec<u8>,
        /// The value.
        #[serde(with = "super::written::octets")]
        value: Vec<u8>,
    },
    /// Any other type, its data as octets.
    Other {
        /// The type.
        kind: Kind,
        /// RDATA, uncompressed.
        #[serde(with = "super::written::octets")]
        octets: Vec<u8>,
    },
}

impl Record {
    /// The record type.
    pub fn kind(&self) -> Kind {
        self.data.kind()
    }

    /// Seconds the record may be kept: a time to live with the top bit set counts as 0 (RFC 2181 §8).
    pub fn lifetime(&self) -> u32 {
        if self.ttl > i32::MAX.unsigned_abs() { 0 } else { self.ttl }
    }

    /// The address in an A or AAAA record.
    pub fn address(&self) -> Option<IpAddr> {
        match self.data {
            Data::A(address) => Some(address.into()),
            Data::Aaaa(address) => Some(address.into()),
            _ => None,
        }
    }
}

impl Data {
    /// The record type.
    pub fn kind(&self) -> Kind {
        match self {
            Self::A(_) => Kind::A,
            Self::Aaaa(_) => Kind::AAAA,
            Self::Mx { .. } => Kind::MX,
            Self::Ptr(_) => Kind::PTR,
            Self::Cname(_) => Kind::CNAME,
            Self::Ns(_) => Kind::NS,
            Self::Txt(_) => Kind::TXT,
            Self::Tlsa { .. } => Kind::TLSA,
            Self::Soa { .. } => Kind::SOA,
            Self::Srv { .. } => Kind::SRV,
            Self::Caa { .. } => Kind::CAA,
            Self::Other { kind, .. } => *kind,
        }
    }

    /// The data in presentation form, pure ASCII: octets of texts that cannot be printed are `\DDD`.
    pub fn text(&self) -> String {
        match self {
            Self::A(address) => address.to_string(),
            Self::Aaaa(address) => address.to_string(),
            Self::Mx { preference, exchange } => format!("{preference} {exchange}"),
            Self::Ptr(name) | Self::Cname(name) | Self::Ns(name) => name.to_string(),
            Self::Txt(strings) => strings.iter().map(|string| quoted(string)).collect::<Vec<_>>().join(" "),
            Self::Tlsa { usage, selector, matching, association } => {
                format!("{usage} {selector} {matching} {}", hex(association))
            }
            Self::Soa { primary, mailbox, serial, minimum } => {
                format!("{primary} {mailbox} {serial} (negative {minimum} s)")
            }
            Self::Srv { priority, weight, port, target } => format!("{priority} {weight} {port} {target}"),
            Self::Caa { flags, tag, value } => format!("{flags} {} {}", escaped(tag), quoted(value)),
            Self::Other { octets, .. } => format!("\\# {} {}", octets.len(), hex(octets)),
        }
    }

    /// The data as a screen or a file may show it: as [`text`](Self::text), but the strings of a TXT record go through
    /// the gate, so that what is UTF-8 stays readable and what is not is seen.
    pub fn safe(&self, profile: Profile) -> SafeText {
        match self {
            Self::Txt(strings) => {
                let quoted = strings.iter().map(|string| [b"\"", string.as_slice(), b"\""].concat());
                Untrusted::new(&quoted.collect::<Vec<_>>().join(&b' ')).safe(profile)
            }
            _ => Untrusted::from(self.text().as_str()).safe(profile),
        }
    }

    /// The names that the data points to.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        let name = match self {
            Self::Mx { exchange: name, .. }
            | Self::Ptr(name)
            | Self::Cname(name)
            | Self::Ns(name)
            | Self::Srv { target: name, .. } => Some(name),
            _ => None,
        };
        name.into_iter()
    }

    /// The strings of a TXT record joined without a gap, as every policy reader does (RFC 7208 §3.3).
    pub fn joined(&self) -> Option<Vec<u8>> {
        match self {
            Self::Txt(strings) => Some(strings.concat()),
            _ => None,
        }
    }
}

/// Lower-case hexadecimal.
pub fn hex(octets: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or('?');
    octets.iter().flat_map(|octet| [digit(octet >> 4), digit(octet & 15)]).collect()
}

/// A character-string between quotes (RFC 1035 §5.1).
pub fn quoted(string: &[u8]) -> String {
    format!("\"{}\"", escaped(string))
}

pub(super) fn escaped(string: &[u8]) -> String {
    let mut text = String::with_capacity(string.len());
    for octet in string {
        match octet {
            b'"' | b'\\' => {
                text.push('\\');
                text.push(char::from(*octet));
            }
            0x20..=0x7e => text.push(char::from(*octet)),
            _ => super::name::push_decimal(&mut text, *octet),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_written_as_zone_files_write_it() {
        let mx = Data::Mx { preference: 10, exchange: Name::ascii("mx1.harbor.test") };
        assert_eq!((mx.kind(), mx.text()), (Kind::MX, "10 mx1.harbor.test.".into()));
        let txt = Data::Txt(vec![b"v=spf1 \x1b]0;pwn\x07 -all".to_vec(), b"say \"hi\"".to_vec()]);
        assert_eq!(txt.text(), r#""v=spf1 \027]0;pwn\007 -all" "say \"hi\"""#);
        assert_eq!(txt.safe(Profile::Screen).as_str(), r#""v=spf1 ^[]0;pwn^G -all" "say "hi"""#);
        assert_eq!(Data::Txt(vec!["Grüße".into()]).safe(Profile::Screen).as_str(), "\"Grüße\"");
        assert_eq!(txt.joined().unwrap(), b"v=spf1 \x1b]0;pwn\x07 -allsay \"hi\"");
        let tlsa = Data::Tlsa { usage: 3, selector: 1, matching: 1, association: vec![0x9f, 0x86] };
        assert_eq!(tlsa.text(), "3 1 1 9f86");
        assert_eq!(Data::Other { kind: Kind(65), octets: vec![0, 1] }.text(), "\\# 2 0001");
    }

    #[test]
    fn q206_a_time_to_live_with_the_top_bit_counts_as_nothing() {
        let mut record = Record {
            owner: Name::root(),
            ttl: 1 << 31,
            data: Data::A([192, 0, 2, 1].into()),
            proof: Validation::NotChecked,
        };
        assert_eq!(record.lifetime(), 0);
        record.ttl = 300;
        assert_eq!(record.lifetime(), 300);
        record.ttl = 0;
        assert_eq!(record.lifetime(), 0);
    }
}
